"""An index adds, finds, replaces, deletes, survives damage and sees what other processes wrote."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ragkit.changes import FloatArray
from ragkit.errors import (
    IndexLockedError,
    IndexMismatchError,
    NotFoundError,
    UsageError,
)
from ragkit.index import Index, list_indexes
from ragkit.index.reports import Progress
from ragkit.rag import RAG, ask
from tests.fakes import WordEncoder

TEXTS = {
    "travel.md": "# Travel\n\nThe finance director approves travel over 2,000 euros.\n\n## Trains\n\nTrains first.",
    "leave.md": "# Leave\n\nEvery employee has thirty days of leave.\n",
    "отпуск.txt": "Сотрудник подаёт заявление на отпуск за две недели.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    for name, text in TEXTS.items():
        (docs / name).write_text(text, encoding="utf-8")
    return docs


@pytest.fixture
def index() -> Index:
    return Index("handbook", encoder=WordEncoder())


def test_added_folder_is_found_with_exact_spans(index: Index, folder: Path) -> None:
    report = index.add(folder)
    assert (report.added, report.failures) == (3, ())
    hit = index.search("who approves travel", k=1)[0]
    assert "finance director" in hit.chunk.text
    document = index.document(hit.document_id)
    assert document.text[hit.chunk.start : hit.chunk.end] == hit.chunk.text
    assert document.title == "Travel"


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_every_mode_finds_the_russian_document(index: Index, folder: Path, mode: str) -> None:
    index.add(folder)
    assert "заявление" in index.search("заявление на отпуск", k=1, mode=mode)[0].chunk.text  # type: ignore[arg-type]


def test_adding_twice_changes_nothing(index: Index, folder: Path) -> None:
    index.add(folder)
    before = (index.record.id, len(index), [h.chunk for h in index.search("leave", k=5)])
    again = index.add(folder)
    assert (again.added, again.replaced, again.unchanged, again.chunks) == (0, 0, 3, 0)
    assert before == (index.record.id, len(index), [h.chunk for h in index.search("leave", k=5)])


def test_changed_file_replaces_its_chunks(index: Index, folder: Path) -> None:
    index.add(folder)
    (folder / "leave.md").write_text("# Leave\n\nEvery employee has forty days of leave.\n")
    assert index.add(folder).replaced == 1
    texts = [h.chunk.text for h in index.search("days of leave", k=10, mode="lexical")]
    assert any("forty" in t for t in texts)
    assert not any("thirty" in t for t in texts)


def test_prune_removes_only_what_is_gone_from_the_added_folder(index: Index, folder: Path) -> None:
    index.add(folder, [{"id": "note", "text": "A note about parking."}])
    (folder / "leave.md").unlink()
    assert index.add(folder).pruned == 0
    assert index.add(folder, prune=True).pruned == 1
    assert {d.title for d in index.documents()} == {"Travel", "отпуск.txt", "note"} or len(index.documents()) == 3
    assert not any("thirty" in h.chunk.text for h in index.search("thirty days", k=10))


def test_bad_file_is_reported_and_the_rest_goes_in(index: Index, folder: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nonsense")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 40)
    seen: list[Progress] = []
    report = index.add(folder, progress=seen.append)
    assert report.added == 3
    assert not report
    assert {Path(f.source).name for f in report.failures} == {"broken.pdf", "binary.txt"}
    assert all("\n" not in f.reason for f in report.failures)
    assert sorted(p.outcome for p in seen) == ["added"] * 3 + ["failed"] * 2


def test_metadata_filter_never_starves(index: Index) -> None:
    index.add(
        [
            {"id": f"d{i}", "text": f"travel rule number {i}", "metadata": {"team": "a" if i % 50 else "b"}}
            for i in range(200)
        ]
    )
    hits = index.search("travel rule", k=4, where={"team": "b"})
    assert {h.document_id for h in hits} == {"d0", "d50", "d100", "d150"}
    with pytest.raises(UsageError, match="team"):
        index.search("travel", where={"secret": 1})


def test_expanded_hit_holds_its_neighbours_word_for_word(index: Index) -> None:
    text = "\n\n".join(f"Paragraph {i} speaks of item{i} " + "and more of the same " * 12 for i in range(12))
    index.add([{"id": "long", "text": text}])
    hit = index.search("item6", k=1, expand=1)[0]
    assert hit.chunk.text in hit.context
    assert hit.context in text
    assert len(hit.context) > len(hit.chunk.text)


def test_delete_by_id_source_and_where(index: Index, folder: Path) -> None:
    index.add(folder, [{"id": "x", "text": "one", "metadata": {"t": 1}}, {"id": "y", "text": "two"}])
    assert index.delete(id="y") == 1
    assert index.delete(where={"t": 1}) == 1
    assert index.delete(source=str(folder / "leave.md")) == 1
    assert len(index.documents()) == 2
    with pytest.raises(NotFoundError, match="y"):
        index.delete(id="y")
    with pytest.raises(UsageError):
        index.delete()


def test_second_reader_sees_what_the_writer_added(index: Index, folder: Path) -> None:
    index.add(folder)
    reader = Index("handbook", encoder=WordEncoder())
    assert reader.search("parking", k=1, mode="lexical") == []
    index.add([{"id": "p", "text": "Parking is free on Sundays."}])
    assert reader.search("parking", k=1, mode="lexical")[0].document_id == "p"
    index.delete(id="p")
    assert reader.search("parking", k=1, mode="lexical") == []


def test_other_encoder_is_refused_with_both_names_and_the_remedy(index: Index, folder: Path) -> None:
    index.add(folder)
    other = Index("handbook", encoder=WordEncoder("words-other"))
    with pytest.raises(IndexMismatchError, match=r"words-32.*words-other.*ragkit repair handbook --encoder"):
        other.search("leave")


def test_reembedding_switches_the_encoder_and_keeps_every_chunk(index: Index, folder: Path) -> None:
    index.add(folder)
    reader = Index("handbook", encoder=WordEncoder())
    reader.search("leave")
    before = len(index)
    health = index.reembed(WordEncoder("wide", dim=48))
    assert health, health.problems
    assert (health.encoder, len(index)) == ("wide", before)
    assert "thirty" in index.search("thirty days of leave", k=1)[0].chunk.text
    with pytest.raises(IndexMismatchError):
        reader.search("leave")


def test_damaged_files_are_found_served_around_and_repaired(index: Index, folder: Path) -> None:
    index.add(folder)
    with_lock_free = Index("handbook", encoder=WordEncoder())
    with_lock_free.repair()
    expected = [h.chunk.id for h in with_lock_free.search("travel", k=3)]
    for path in with_lock_free.folder.rglob("gen-*/*"):
        if path.is_file():
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 0x40
            path.write_bytes(bytes(data))
    damaged = Index("handbook", encoder=WordEncoder())
    assert [h.chunk.id for h in damaged.search("travel", k=3)] == expected
    assert not damaged.verify()
    assert damaged.repair()
    assert Index("handbook", encoder=WordEncoder()).verify()


@pytest.mark.parametrize(
    ("question", "k", "match"),
    [("", 5, "empty"), ("  \n", 5, "empty"), ("x", 0, "k=0"), ("x " * 500_000, 5, "1,000,000|999,999")],
)
def test_bad_question_is_one_clear_line(index: Index, folder: Path, question: str, k: int, match: str) -> None:
    index.add(folder)
    with pytest.raises(UsageError, match=match) as caught:
        index.search(question, k)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "../up", "a/b", "a\\b", "nul\0", "x" * 300, "🎉", ".hidden", "a\nb"])
def test_bad_index_name_is_refused_before_anything_is_made(name: str, home: Path) -> None:
    with pytest.raises(UsageError):
        Index(name)
    assert not home.exists()


def test_index_name_may_be_of_any_script(folder: Path) -> None:
    Index("Отпуск 2026", encoder=WordEncoder()).add(folder)
    assert [r.name for r in list_indexes()] == ["Отпуск 2026"]


READING: dict[str, Callable[[Index], object]] = {
    "search": lambda index: index.search("leave"),
    "filtered": lambda index: index.search("leave", where={"team": "a"}),
    "documents": lambda index: index.documents(),
    "document": lambda index: index.document("a"),
    "chunks": lambda index: index.chunks("a"),
    "verify": lambda index: index.verify(),
    "repair": lambda index: index.repair(),
    "reembed": lambda index: index.reembed(WordEncoder("wide", dim=48)),
    "recut": lambda index: index.recut(),
    "delete": lambda index: index.delete(id="a"),
    "drop": lambda index: index.drop(),
    "record": lambda index: index.record,
    "folder": lambda index: index.folder,
    "live": lambda index: index.live,
    "behind": lambda index: index.behind,
    "original": lambda index: index.original("a"),
    "boxes": lambda index: index.boxes("a", 0, 1),
    "keep_originals": lambda index: index.keep_originals(False),
    "rag": lambda index: RAG(index).ask("leave"),
    "rag by name": lambda index: RAG(index.name).ask("leave"),
    "ask": lambda index: ask("leave", index=index.name),
}


@pytest.mark.parametrize("what", READING)
def test_reading_an_index_that_is_not_there_makes_nothing(what: str, home: Path, folder: Path) -> None:
    with pytest.raises(NotFoundError, match="typo"):
        READING[what](Index("typo", encoder=WordEncoder()))
    assert not home.exists()
    Index("handbook", encoder=WordEncoder()).add(folder)
    before = sorted(home.rglob("*"))
    with pytest.raises(NotFoundError, match=r"typo.*handbook"):
        READING[what](Index("typo", encoder=WordEncoder()))
    assert [record.name for record in list_indexes()] == ["handbook"]
    assert sorted(home.rglob("*")) == before
    assert len(Index("typo")) == 0


def test_every_way_to_look_into_an_index_is_tried_above() -> None:
    public = {name for name in dir(Index) if not name.startswith("_")}
    assert public - set(READING) == {
        "add",
        "sync",
        "watch",
        "create",
        "close",
        "encoder",
        "recommended_budget",
        "keeps_originals",
    }


def test_threads_that_ask_at_once_share_one_pair_of_views(index: Index, folder: Path) -> None:
    index.add(folder)
    index.close()
    index = Index("handbook", encoder=WordEncoder())
    with ThreadPoolExecutor(25) as pool:
        found = list(pool.map(lambda _: index.search("leave", k=1)[0].chunk.id, range(50)))
    assert len(set(found)) == 1
    assert len(list(index.folder.rglob("private-*.lock"))) == 1
    index.close()
    assert list(index.folder.rglob("private-*")) == []


def test_unknown_index_names_the_known_ones(index: Index, folder: Path) -> None:
    index.add(folder)
    with pytest.raises(NotFoundError, match="handbook"):
        Index("hanbdook", must_exist=True)


def test_second_writer_is_told_at_once(index: Index, folder: Path, home: Path) -> None:
    index.add(folder)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from ragkit.store import writer_lock\n"
            f"with writer_lock(Path({str(index.folder)!r}), 'handbook'): print('held', flush=True); sys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(IndexLockedError):
            index.add([{"id": "z", "text": "zebra"}])
        assert index.search("leave", k=1)
    assert index.add([{"id": "z", "text": "zebra"}]).added == 1


def test_dropped_index_leaves_nothing_behind(index: Index, folder: Path) -> None:
    index.add(folder)
    where = index.folder
    index.drop()
    assert not where.exists()
    assert list_indexes() == []


def test_reranker_orders_the_hits_and_keeps_the_fused_score(
    index: Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Shortest:
        def score(self, query: str, texts: Sequence[str]) -> FloatArray:
            return np.array([-len(t) for t in texts], np.float32)

    monkeypatch.setattr("ragkit.index.core.reranker_named", lambda name: Shortest())
    ranked = Index("handbook", encoder=WordEncoder(), reranker="any")
    ranked.add(folder)
    hits = ranked.search("days of travel", k=2)
    assert [len(h.chunk.text) for h in hits] == sorted(len(h.chunk.text) for h in hits)
    assert hits[0].score == hits[0].scores["rerank"]
    assert "fused" in hits[0].scores
    with pytest.raises(UsageError, match="RAGKIT_RERANKER"):
        index.search("travel", rerank=True)


def test_scores_after_many_deletions_equal_those_of_a_fresh_index(index: Index) -> None:
    rows = [{"id": f"d{i}", "text": f"travel rule {i} of part{i % 7}"} for i in range(400)]
    index.add(rows)
    for i in range(300):
        rows[i] = {"id": f"d{i}", "text": f"parking rule {i} of part{i % 5}"}
    index.add(rows)
    fresh = Index("fresh", encoder=WordEncoder())
    fresh.add(rows)
    scores = [
        [(h.document_id, round(h.score, 4)) for h in each.search("parking rule part3", k=20, mode="lexical")]
        for each in (index, fresh)
    ]
    assert sorted(s for _, s in scores[0]) == sorted(s for _, s in scores[1])
