"""What is taken away is gone from every search and every opened document, with its copies; the rest moves up."""

from __future__ import annotations

from dataclasses import replace

from ragkit.index import Index
from ragkit.rag import RAG
from ragkit.reasoning.without import without
from ragkit.types import Chunk
from tests.fakes import WordEncoder, make_hits, make_task

TEXTS = ("Orm has a mayor.", "orm  has a MAYOR.", "Lind has none.", "Orm has a mayor.", "Rask sings.")


async def test_searches_stay_full_while_there_is_enough_left() -> None:
    hits = make_hits(*TEXTS)
    task = without(make_task("q", hits, None), [hits[0].chunk])
    assert [h.chunk.id for h in await task.search("q", 2)] == [3, 5]
    assert [h.chunk.id for h in await task.search("q", 4)] == [3, 5]
    assert [h.chunk.id for h in await task.search("q", 1)] == [3]


async def test_documents_open_without_it() -> None:
    chunks = [hit.chunk for hit in make_hits(*TEXTS)]

    async def whole(document_id: str) -> list[Chunk]:
        return chunks

    task = without(replace(make_task("q", make_hits(*TEXTS), None), chunks=whole), [chunks[2]])
    assert task.chunks is not None
    assert [c.id for c in await task.chunks("d")] == [1, 2, 4, 5]


def test_a_pipeline_asked_without_a_chunk_answers_from_the_others_and_says_so() -> None:
    index = Index("towns", encoder=WordEncoder())
    index.add(
        [{"id": f"d{i}", "text": t} for i, t in enumerate(("Orm has a mayor named Bo.", "Orm had a mayor once."))]
    )
    with RAG(index, model="extractive", k=1) as rag:
        first = rag.ask("Who is the mayor of Orm?")
        chunk = first.hits[0].chunk
        second = rag.ask("Who is the mayor of Orm?", without=(chunk,))
    assert [h.chunk.id for h in second.hits] != [chunk.id] and len(second.hits) == 1
    assert "asked without 1 chunks and their copies" in second.notes and not first.notes.count(second.notes[-1])
