"""Traces and votes: what is stored comes back whole, is found by the beginning of its id, and goes with its index."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ragkit.errors import NotFoundError, UsageError
from ragkit.store import IndexRecord, Store, TraceRecord


def trace(index: IndexRecord | None = None, **fields: Any) -> TraceRecord:
    values: dict[str, Any] = {
        "id": uuid.uuid4().hex,
        "index_id": index.id if index else None,
        "created_at": datetime.now(UTC),
        "question": "Who approves travel?",
        "status": "answered",
        "model": "nano",
        "strategy": "direct",
        "thinking_tokens": 12,
        "seconds": 0.5,
        "record": {"calls": [{"ids": [1, 2, 3]}], "answer": {"text": "The director [1]."}},
    }
    return TraceRecord(**values | fields)


def test_stored_trace_comes_back_whole(store: Store, index: IndexRecord) -> None:
    one = trace(index)
    store.traces.put([one])
    assert store.traces.get(one.id) == one


def test_record_keeps_what_no_database_holds(store: Store) -> None:
    one = trace(question="a\0b\ud800c", record={"text": "a\0b\ud800c"})
    store.traces.put([one])
    found = store.traces.get(one.id)
    assert found.record == {"text": "a\0b\ud800c"}
    assert found.question == "a\ufffdb?c"


def test_beginning_of_an_id_finds_it_unless_two_share_it(store: Store) -> None:
    store.traces.put([trace(id="abcd" + "0" * 28), trace(id="abcd" + "f" * 28), trace(id="12345678" + "0" * 24)])
    assert store.traces.get("1234").id.startswith("12345678")
    with pytest.raises(UsageError, match="more digits"):
        store.traces.get("abcd")
    assert store.traces.get("ABCDf").id.endswith("f")
    with pytest.raises(NotFoundError, match="trace ls"):
        store.traces.get("9999")
    for wrong in ("abc", "", "%%%%", "../etc"):
        with pytest.raises(UsageError, match="not a trace id"):
            store.traces.get(wrong)


def test_newest_come_first_without_their_records(store: Store, index: IndexRecord) -> None:
    now = datetime.now(UTC)
    store.traces.put([trace(index if n else None, created_at=now + timedelta(seconds=n)) for n in range(4)])
    listed = store.traces.newest(limit=3)
    assert [t.created_at - now for t in listed] == [timedelta(seconds=n) for n in (3, 2, 1)]
    assert all(t.record == {} for t in listed)
    assert len(store.traces.newest(index_id=index.id)) == 3


def test_delete_by_age_and_by_id(store: Store) -> None:
    now = datetime.now(UTC)
    rows = [trace(created_at=now - timedelta(days=n)) for n in range(4)]
    store.traces.put(rows)
    assert store.traces.delete(before=now - timedelta(days=1, hours=12)) == 2
    assert store.traces.delete(ids=[rows[0].id]) == 1
    assert [t.id for t in store.traces.newest()] == [rows[1].id]
    assert store.traces.delete() == 1


def test_traces_go_with_their_index_and_come_too_late_for_a_dropped_one(store: Store, index: IndexRecord) -> None:
    early, late, free = trace(index), trace(index), trace()
    store.traces.put([early])
    store.votes.cast(early.id, 1)
    store.drop_index(index.name)
    store.traces.put([late, free])
    assert [t.id for t in store.traces.newest()] == [free.id]
    assert store.votes.all() == []


def test_second_vote_replaces_the_first(store: Store) -> None:
    one = trace()
    store.traces.put([one])
    assert store.votes.get(one.id) is None
    store.votes.cast(one.id, 1)
    store.votes.cast(one.id, -1, comment="wrong\0 page", voter="ann")
    (vote,) = store.votes.all()
    assert (vote.value, vote.comment, vote.voter) == (-1, "wrong\ufffd page", "ann")
    with pytest.raises(NotFoundError, match="vote on"):
        store.votes.cast("0" * 32, 1)
    with pytest.raises(UsageError, match="neither"):
        store.votes.cast(one.id, 0)
