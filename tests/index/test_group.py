"""Several indexes asked as one: one order of what they find, places that name the index, clear errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ragkit
from ragkit import RAG
from ragkit.errors import NotFoundError, UsageError
from ragkit.index import Group, Index, open_index
from ragkit.rag import flush_traces
from ragkit.types import Answer
from tests.fakes import WordEncoder

LAWS = {
    "travel": "The finance director approves travel over 2,000 euros.",
    "leave": "Every employee has thirty days of paid leave a year.",
}
SEAS = {
    "travel": "Ships travel from Kiel to Oslo in twenty hours.",
    "tides": "Tides follow the moon, with two floods a day.",
}


@pytest.fixture
def two(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[Index]]:
    """Two indexes of the same ids, by one encoder or by two whose vectors have nothing in common."""
    monkeypatch.setattr("ragkit.index.held.encoder_named", lambda name: WordEncoder(name, 48 if "48" in name else 32))

    def make(second: str) -> list[Index]:
        made = [
            Index("laws", encoder=WordEncoder("words-32")),
            Index("seas", encoder=WordEncoder(second, int(second[-2:]))),
        ]
        for index, texts in zip(made, (LAWS, SEAS), strict=True):
            index.add([{"id": name, "title": name.title(), "text": text} for name, text in texts.items()])
        return made

    return make


@pytest.mark.parametrize("second", ["words-32", "words-48"])
@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_the_best_of_either_index_comes_first(two: Callable[[str], list[Index]], second: str, mode: Any) -> None:
    group = Group(two(second))
    for question, wanted in (
        ("Who approves travel over 2,000 euros?", "laws:travel"),
        ("How long do ships travel from Kiel to Oslo?", "seas:travel"),
        ("How many floods a day do tides bring with the moon?", "seas:tides"),
    ):
        hits = group.search(question, k=3, mode=mode)
        if mode != "dense" or second == "words-32":
            assert hits[0].document_id == wanted
        assert wanted in {hit.document_id for hit in hits[:2]}
        scores = [hit.score for hit in hits]
        assert len(hits) <= 3 and scores == sorted(scores, reverse=True)


def test_a_hit_says_its_index_and_its_document_is_found_by_the_id_it_has(two: Callable[[str], list[Index]]) -> None:
    group = Group(two("words-48"))
    for hit in group.search("travel", k=4):
        document = group.document(hit.document_id)
        assert document.id == hit.document_id == f"{hit.chunk.index}:{hit.document_id.partition(':')[2]}"
        assert document.text[hit.chunk.start : hit.chunk.end] == hit.chunk.text
        assert hit.chunk in group.chunks(hit.document_id)
    with pytest.raises(NotFoundError, match="begins with its index"):
        group.document("travel")
    assert len(group) == 4


def test_a_filter_on_what_one_of_them_has_leaves_the_other_out(two: Callable[[str], list[Index]]) -> None:
    laws, seas = two("words-32")
    seas.add({"id": "dated", "text": "Ships travel at night.", "metadata": {"year": 2026}})
    group = Group([laws, seas])
    assert [hit.document_id for hit in group.search("travel", k=5, where={"year": 2026})] == ["seas:dated"]
    with pytest.raises(UsageError, match="no document of this index has metadata 'month'"):
        group.search("travel", where={"month": 1})


def test_answers_cite_documents_of_both_and_name_the_index(two: Callable[[str], list[Index]]) -> None:
    two("words-48")
    answer = ragkit.ask("Who approves travel over 2,000 euros?", index=["laws", "seas"], model="extractive")
    assert [(c.index, c.document_id, c.document) for c in answer.citations] == [("laws", "laws:travel", "Travel")]
    assert "[1] laws: Travel (" in str(answer)
    rag = RAG("laws+seas", model="extractive")
    found: Answer = rag.ask("How long do ships travel from Kiel to Oslo?")
    assert found.citations[0].index == "seas"
    assert rag.index.name == "laws+seas"
    flush_traces()
    trace = rag.store.traces.get(found.trace_id)
    assert trace.record["index"]["name"] == "laws+seas"
    rag.close()


def test_one_that_is_missing_is_one_clear_line(two: Callable[[str], list[Index]]) -> None:
    two("words-32")
    with pytest.raises(NotFoundError, match=r"no index named 'lakes'.*there are: laws, seas"):
        open_index(["laws", "lakes"])
    with pytest.raises(NotFoundError, match="lakes"):
        RAG("laws+lakes")
    assert isinstance(open_index("laws+laws"), Index)
    with pytest.raises(UsageError, match="different names"):
        Group([Index("laws"), Index("laws")])
    assert json.dumps(open_index("laws+seas").name) == '"laws+seas"'
