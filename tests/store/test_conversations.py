"""Conversations keep their turns in order, also when two writers speak at once."""

from __future__ import annotations

import threading

import pytest

from ragkit.errors import NotFoundError, UsageError
from ragkit.store import IndexRecord, Store, Turn


def turn(text: str) -> Turn:
    return Turn(text, f"{text} (travel)", f"answer to {text}", "answered", details={"cited": ["a", 1]})


def test_turns_come_back_in_order(store: Store, index: IndexRecord) -> None:
    talk = store.conversations.create(index_id=index.id)
    assert store.conversations.turns(talk.id) == []
    for text in ("one", "two", "three"):
        store.conversations.append(talk.id, turn(text))
    turns = store.conversations.turns(talk.id)
    assert [(t.ordinal, t.asked, t.answer) for t in turns] == [
        (1, "one", "answer to one"),
        (2, "two", "answer to two"),
        (3, "three", "answer to three"),
    ]
    assert turns[0].details == {"cited": ["a", 1]}
    assert [t.asked for t in store.conversations.turns(talk.id, last=2)] == ["two", "three"]
    with pytest.raises(UsageError, match="last=0"):
        store.conversations.turns(talk.id, last=0)


def test_first_question_is_the_title_unless_one_was_given(store: Store) -> None:
    plain, named = store.conversations.create(), store.conversations.create(title="Travel\n rules")
    store.conversations.append(plain.id, turn("Who\0 approves " + "x" * 200))
    store.conversations.append(named.id, turn("Who?"))
    title = store.conversations.get(plain.id).title
    assert title.startswith("Who\ufffd approves xx")
    assert len(title) == 120
    assert store.conversations.get(named.id).title == "Travel rules"
    store.conversations.rename(named.id, "Trains")
    assert next((c.title, c.turns) for c in store.conversations.newest()) == ("Trains", 1)


def test_what_is_gone_is_not_found(store: Store, index: IndexRecord) -> None:
    talk, other = store.conversations.create(index_id=index.id), store.conversations.create()
    store.conversations.append(talk.id, turn("one"))
    assert [c.id for c in store.conversations.newest(index_id=index.id)] == [talk.id]
    store.drop_index(index.name)
    store.conversations.delete(other.id)
    for gone in (talk.id, other.id):
        for call in (
            lambda i: store.conversations.get(i),
            lambda i: store.conversations.turns(i),
            lambda i: store.conversations.append(i, turn("x")),
            lambda i: store.conversations.rename(i, "x"),
            lambda i: store.conversations.delete(i),
        ):
            with pytest.raises(NotFoundError, match="no conversation"):
                call(gone)


def test_writers_at_once_lose_no_turn(store: Store) -> None:
    talk = store.conversations.create()

    def speak(name: str) -> None:
        for n in range(5):
            store.conversations.append(talk.id, turn(f"{name}{n}"))

    threads = [threading.Thread(target=speak, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    turns = store.conversations.turns(talk.id)
    assert [t.ordinal for t in turns] == list(range(1, 11))
    assert sorted(t.asked for t in turns) == sorted(f"{name}{n}" for name in "ab" for n in range(5))
