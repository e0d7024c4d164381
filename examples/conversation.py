"""A conversation: a follow-up is made to stand alone before it is searched."""

import ragkit
from ragkit.rag.memory import Conversation

index = ragkit.Index("example-talk")
prices = {"Borel 5": {"tyre change": 80, "service": 240}, "Astra 3": {"tyre change": 60, "service": 190}}
index.add(
    [
        {"id": f"{car}, {work}", "text": f"The {work} for the {car} costs {euros} euros."}
        for car, works in prices.items()
        for work, euros in works.items()
    ]
)
rag = ragkit.RAG(index)
talk = Conversation(rag)
for question in ("How much is a tyre change for the Borel 5?", "What about a service?"):
    answer = talk.ask(question)
    print(question, f"(understood: {answer.understood})" if answer.understood else "")
    print("  ", answer.text)
rag.close()
