"""One `Index` in many threads: closed is closed, dropped is gone, first writers all write or are told who does."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ragkit.errors import IndexLockedError, NotFoundError, RagkitError, UsageError
from ragkit.index import Index, list_indexes
from tests.fakes import WordEncoder


def at_once(calls: Sequence[Callable[[], object]]) -> list[object]:
    """Start all calls at one moment; what each gave or raised on purpose. Anything else fails the test."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return call()
        except RagkitError as exc:
            return exc

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def opened(home: Path | None = None) -> Index:
    return Index("handbook", home=home, encoder=WordEncoder())


def filled() -> Index:
    index = opened()
    index.add([{"id": f"d{i}", "text": f"Rule number{i} of travel."} for i in range(20)])
    return index


@pytest.mark.parametrize("round_", range(5))
def test_search_during_close_answers_or_says_closed(round_: int) -> None:
    index = filled()
    results = at_once([*[lambda: index.search("travel", k=3)] * 6, index.close])
    for result in results[:-1]:
        assert (isinstance(result, list) and len(result) == 3) or isinstance(result, UsageError), result
    with pytest.raises(UsageError, match=r"closed; open it again: Index\('handbook'\)"):
        index.search("travel")
    for call in (index.verify, index.repair, index.documents, lambda: index.delete(id="d1"), lambda: index.add([])):
        with pytest.raises(UsageError):
            call()
    index.close()
    assert not list(index._config.home.rglob("private-*"))


@pytest.mark.parametrize("round_", range(5))
def test_search_during_drop_never_makes_the_index_again(round_: int, home: Path) -> None:
    index, other = filled(), opened()
    other.search("travel")
    results = at_once(
        [*[lambda: index.search("travel", k=3)] * 3, *[lambda: other.search("travel", k=3)] * 3, index.drop]
    )
    for result in results[:-1]:
        assert isinstance(result, (list, UsageError, NotFoundError)), result
    for reader in (index, other):
        with pytest.raises(NotFoundError):
            reader.search("travel")
        with pytest.raises(NotFoundError):
            reader.delete(id="d1")
    with pytest.raises(NotFoundError):
        other.add([{"id": "x", "text": "one"}])
    other.close()
    assert list_indexes() == []
    assert [p.name for p in home.iterdir() if p.is_dir()] == []
    assert index.add([{"id": "x", "text": "one"}]).added == 1  # a new one, made on purpose


@pytest.mark.parametrize("shared", [True, False])
def test_eight_first_writers_write_or_are_told_who_does(shared: bool) -> None:
    one = opened()
    writers = [one if shared else opened() for _ in range(8)]
    results = at_once([partial(w.add, [{"id": f"w{n}", "text": f"by writer{n}"}]) for n, w in enumerate(writers)])
    done = {n for n, result in enumerate(results) if not isinstance(result, RagkitError)}
    assert all(isinstance(r, IndexLockedError) for n, r in enumerate(results) if n not in done), results
    assert done
    assert {d.id for d in opened().documents()} == {f"w{n}" for n in done}
    assert len(list_indexes()) == 1


def test_first_writers_with_two_encoders_are_told_apart() -> None:
    first, second = opened(), Index("handbook", encoder=WordEncoder("other", dim=8))
    results = at_once([partial(w.add, [{"id": "x", "text": "one"}]) for w in (first, second)])
    assert sum(not isinstance(r, RagkitError) for r in results) == 1, results


def test_eight_first_processes_write_or_are_told_who_does(home: Path) -> None:
    code = (
        "import sys; from ragkit.errors import IndexLockedError; from tests.index.test_threads import opened\n"
        "index = opened(); print('ready', flush=True); sys.stdin.readline()\n"
        "try: index.add([{'id': sys.argv[1], 'text': 'by ' + sys.argv[1]}]); print('done')\n"
        "except IndexLockedError: print('locked')\n"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, f"w{n}"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(4)
    ]
    for process in started:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate() for process in started]
    assert {out.strip() for out, _ in said} <= {"done", "locked"}, said
    assert {d.id for d in opened().documents()} == {f"w{n}" for n, (out, _) in enumerate(said) if out == "done\n"}


class Machine(RuleBasedStateMachine):
    """Some rules at once, in threads, on two objects of one index; the dictionary `model` is what must be there."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.home = Path(self.folder.name) / "home"
        self.indexes = [opened(self.home), opened(self.home)]
        self.model: dict[str, str] = {}
        self.made = False

    @rule(which=st.integers(0, 1), name=st.sampled_from("abc"), text=st.sampled_from(["red", "green", "blue"]))
    def add_while_searching(self, which: int, name: str, text: str) -> None:
        index, other = self.indexes[which], self.indexes[1 - which]
        results = at_once(
            [
                lambda: index.add([{"id": name, "text": f"{text} rule"}]),
                lambda: index.search("rule", k=5),
                lambda: other.search("rule", k=5),
            ]
        )
        if isinstance(results[0], RagkitError):  # the other object knows an index that was dropped
            assert isinstance(results[0], NotFoundError), results
        else:
            self.model[name], self.made = f"{text} rule", True
        assert all(isinstance(r, (list, NotFoundError, UsageError)) for r in results[1:]), results

    @rule(which=st.integers(0, 1), name=st.sampled_from("abc"))
    def delete_twice_at_once(self, which: int, name: str) -> None:
        results = at_once([partial(i.delete, id=name) for i in self.indexes])
        if name in self.model and 1 in results:
            del self.model[name]
        assert all(r == 1 or isinstance(r, (IndexLockedError, NotFoundError)) for r in results), results
        assert results.count(1) <= 1

    @rule(which=st.integers(0, 1))
    def close_while_searching(self, which: int) -> None:
        index = self.indexes[which]
        results = at_once([lambda: index.search("rule"), index.close, lambda: index.search("rule"), index.close])
        assert all(r is None or isinstance(r, (list, UsageError, NotFoundError)) for r in results), results
        with pytest.raises(UsageError, match="closed"):
            index.search("rule")
        self.indexes[which] = opened(self.home)

    @rule(which=st.integers(0, 1))
    def drop_while_searching(self, which: int) -> None:
        index, other = self.indexes[which], self.indexes[1 - which]
        results = at_once([lambda: other.search("rule"), index.drop, lambda: index.search("rule")])
        assert results[1] is None or isinstance(results[1], NotFoundError), results
        assert all(isinstance(r, (list, NotFoundError, UsageError)) for r in (results[0], results[2])), results
        if results[1] is None:
            self.model, self.made = {}, False
        other.close()
        self.indexes[1 - which] = opened(self.home)

    @rule()
    def repair_while_searching(self) -> None:
        one, two = self.indexes
        results = at_once([one.repair, lambda: two.search("rule"), lambda: one.search("rule")])
        assert not any(isinstance(r, IndexLockedError) for r in results), results

    @invariant()
    def agrees(self) -> None:
        with opened(self.home) as index:
            if not self.made:
                with pytest.raises(NotFoundError):
                    index.search("rule")
                return
            assert {d.id: index.document(d.id).text for d in index.documents()} == self.model
            assert index.verify().problems == ()
            assert {h.document_id for h in index.search("rule", k=9)} == set(self.model)

    def teardown(self) -> None:
        for index in self.indexes:
            index.close()
        self.folder.cleanup()


@pytest.mark.parametrize("examples", [4, pytest.param(60, marks=pytest.mark.slow)])
def test_an_index_in_threads_behaves_like_a_dictionary(examples: int) -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
