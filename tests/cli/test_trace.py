"""`ragkit trace`: what was answered can be listed, shown, given again, compared and deleted."""

from __future__ import annotations

import pytest

from ragkit import Index
from ragkit.rag import RAG, flush_traces

from .conftest import Run

QUESTION = "Who approves travel over 2,000 euros?"


@pytest.fixture
def asked(ragkit: Run, rules: Index) -> str:
    """The id of the trace of one answer."""
    answer = ragkit("ask", QUESTION, "-i", "rules", "--json").data
    flush_traces()
    return str(answer["trace_id"])


def test_listed_and_shown(ragkit: Run, asked: str) -> None:
    (row,) = ragkit("trace", "ls", "--json").data
    assert (row["id"], row["question"], "record" in row) == (asked, QUESTION, False)
    assert ragkit("trace", "ls", "-i", "rules").out.split("\t")[0] == asked[:12]
    assert ragkit("trace", "ls", "-i", "other").code == 3
    whole = ragkit("trace", "show", asked[:8], "--json").data
    assert whole["record"]["answer"]["trace_id"] == asked
    text = ragkit("trace", "show", asked[:8]).out
    for part in (QUESTION, "finance director", "rules at change", "search 1", "versions"):
        assert part in text


def test_replayed_and_compared(ragkit: Run, rules: Index, asked: str) -> None:
    same = ragkit("trace", "replay", asked[:8])
    assert (same.code, same.out.strip()) == (0, "no difference but time")
    rules.add({"id": "rail", "title": "Rail", "text": "Travel by rail over 2,000 euros is approved by the chief."})
    found = ragkit("trace", "replay", asked[:8], "--json").data
    what = [d["what"] for d in found["differences"]]
    assert what[:2] == ["index.sequence", "passages"]
    again = ragkit("trace", "diff", found["before"][:8], found["after"][:8], "--json").data
    assert again == found
    assert "index.sequence" in ragkit("trace", "diff", found["before"][:8], found["after"][:8]).out
    assert ragkit("trace", "replay", asked[:8], "--exact").code == 2


def test_replay_asks_with_the_settings_of_the_pipeline_that_answered(ragkit: Run, rules: Index) -> None:
    with RAG(rules, temperature=0.3, shots=1) as rag:
        told = rag.ask(QUESTION)
    flush_traces()
    again = ragkit("trace", "replay", told.trace_id[:8])
    assert (again.code, again.out.strip()) == (0, "no difference but time")


def test_deleted(ragkit: Run, asked: str) -> None:
    assert ragkit("trace", "rm").code == 2
    assert ragkit("trace", "rm", "--older-than", 1, "--json").data == {"deleted": 0}
    assert "days" in ragkit("trace", "rm", "--help").out
    assert ragkit("trace", "rm", asked[:8], "--json").data == {"deleted": 1}
    gone = ragkit("trace", "show", asked[:8])
    assert (gone.code, gone.err.startswith("error: no trace begins with")) == (3, True)
    assert ragkit("trace", "show", "xyz").code == 2
    assert "no answer is stored" in ragkit("trace", "ls").err
