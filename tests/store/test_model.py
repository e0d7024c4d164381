"""The store against a plain dictionary, under any order of puts, replacements, deletions and replays."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ragkit.store import Store

from .samples import passages_of, put

NAMES = st.sampled_from(["a", "b", "ц", "d d"])
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=45)


class Machine(RuleBasedStateMachine):
    """`model` maps a document id to its text; `view` follows the log as a view does."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(self.url or f"sqlite:///{Path(self.folder.name) / 'r.db'}")
        self.name = f"i{len(self.store.indexes())}"
        self.index = self.store.create_index(self.name, encoder="e", fingerprint="f", dim=4, chunker="1").id
        self.model: dict[str, str] = {}
        self.view: dict[int, str] = {}
        self.stands = self.numbers = 0
        self.ids: list[int] = []

    @rule(name=NAMES, text=TEXTS)
    def put(self, name: str, text: str) -> None:
        before = [c.id for c in self.store.document_chunks(self.index, name)]
        done = put(self.store, self.index, name, text)
        assert list(done.removed) == before
        self.numbers += 1
        assert done.sequence == self.numbers
        self.ids += done.chunk_ids
        self.model[name] = text

    @rule(names=st.lists(NAMES))
    def delete(self, names: list[str]) -> None:
        gone = set(names) & set(self.model)
        done = self.store.delete(self.index, names)
        assert done.documents == len(gone)
        self.numbers += bool(gone)
        assert done.sequence == self.numbers
        for name in gone:
            del self.model[name]

    @rule(batch=st.integers(1, 7))
    def follow(self, batch: int) -> None:
        for changes in self.store.changes(self.index, self.stands, batch=batch):
            assert changes.sequence > self.stands
            self.view.update(zip(changes.ids.tolist(), changes.texts, strict=True))
            for chunk_id in changes.deleted.tolist():
                self.view.pop(chunk_id, None)
            self.stands = changes.sequence
        assert self.stands == self.numbers
        assert sorted(self.view.values()) == sorted(p.text for t in self.model.values() for p in passages_of(t))

    @rule()
    def check(self) -> None:
        assert self.store.check(self.index) == []

    @invariant()
    def agrees(self) -> None:
        assert {row.id for row in self.store.documents(self.index)} == set(self.model)
        assert all(self.store.document(self.index, name).text == text for name, text in self.model.items())
        assert self.store.sequence(self.index) == self.numbers
        assert self.ids == sorted(set(self.ids))

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_store_behaves_like_a_dictionary(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("new_postgres") if kind == "postgresql" else ""
    run_state_machine_as_test(
        type("OnThis", (Machine,), {"url": url}),
        settings=settings(
            max_examples=10, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
