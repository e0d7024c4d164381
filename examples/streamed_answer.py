"""Watch an answer being made: what was found, what is said, what is cited."""

import asyncio

import ragkit
from ragkit.types import Cited, Done, Retrieved, Token


async def main() -> None:
    index = ragkit.Index("example-stream")
    index.add([{"id": "tower", "text": "The tower was built in 1889. It is 330 metres tall."}])
    rag = ragkit.RAG(index)
    async for event in rag.stream("How tall is the tower?"):
        match event:
            case Retrieved(query=query, hits=hits):
                print(f"searched {query!r}: {len(hits)} passages")
            case Token(text=text):
                print(text, end="", flush=True)
            case Cited(citation=citation):
                print(f"\n  rests on: {citation.quote}")
            case Done(answer=answer):
                print(f"\n{answer.status} in {answer.ledger.seconds:.2f} s")
    rag.close()


asyncio.run(main())
