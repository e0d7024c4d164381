"""Files and their rows in an index: ids scoped by the file, files not touched, moved, gone, failing; dry runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ragkit.index import Index
from ragkit.index.reports import Progress
from ragkit.loaders import Parser
from ragkit.store import NewDocument
from ragkit.text.chunking import Passage
from ragkit.types import Document
from tests.fakes import WordEncoder

A = "id,text\n1,The lamp is green.\n2,The desk is oak.\n"
B = "id,text\n1,The bus leaves at seven.\n2,The tram leaves at nine.\n"


class CountingEncoder(WordEncoder):
    """Counts what it embeds."""

    encoded = 0

    def encode(self, texts: Any, **options: Any) -> Any:
        CountingEncoder.encoded += len(texts)
        return super().encode(texts, **options)


@pytest.fixture
def index() -> Index:
    CountingEncoder.encoded = 0
    return Index("mine", encoder=CountingEncoder())


def texts(index: Index) -> set[str]:
    return {index.document(row.id).text.strip() for row in index.documents()}


def test_rows_of_two_files_with_the_same_ids_are_all_kept(index: Index, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(A)
    (tmp_path / "b.csv").write_text(B)
    assert [index.add("a.csv").added, index.add("b.csv").added] == [2, 2]
    assert index.search("lamp", k=1, mode="lexical")[0].chunk.text == "The lamp is green."
    folder = Index("folder", encoder=WordEncoder())
    report = folder.add(tmp_path)
    assert (report.added, report.failures) == (4, ())
    assert index.add({"id": "1", "text": "The caller's own."}).added == 1
    assert index.document("1").text == "The caller's own."


def test_a_file_that_lost_rows_loses_them_in_the_index_too(index: Index, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(A)
    index.add("a.csv")
    (tmp_path / "a.csv").write_text("id,text\n1,The lamp is red now.\n")
    report = index.add("a.csv")
    assert (report.replaced, report.pruned) == (1, 1)
    assert texts(index) == {"The lamp is red now."}


def keep_as_before(index: Index, document: Document) -> None:
    """What a version before files were remembered left in the store."""
    passages = [Passage(0, len(document.text), document.text)]
    item = NewDocument(document, passages, WordEncoder().encode([document.text]), "hash of another version")
    record = index.create()
    index._store.put_all(record.id, [item])


@pytest.mark.parametrize("source", ["a.csv", "./a.csv", "absolute"])
def test_rows_that_an_older_version_kept_under_bare_ids_are_replaced(index: Index, tmp_path: Path, source: str) -> None:
    named = str(tmp_path / "a.csv") if source == "absolute" else source.removeprefix("./")
    keep_as_before(index, Document("1", "The lamp is old.", source=named))
    keep_as_before(index, Document("2", "Another project's.", source="other/a.csv"))
    (tmp_path / "a.csv").write_text(A)
    report = index.add("a.csv")
    assert (report.added, report.replaced) == (1, 1)
    assert texts(index) == {"The lamp is green.", "The desk is oak.", "Another project's."}
    assert index.verify(), index.verify().problems


def test_pruning_leaves_another_project_of_the_same_names(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for project in ("one", "two"):
        (tmp_path / project / "docs").mkdir(parents=True)
        (tmp_path / project / "docs" / f"{project}.md").write_text(f"About {project}.")
        monkeypatch.chdir(tmp_path / project)
        assert index.add("docs", prune=True).pruned == 0
    assert texts(index) == {"About one.", "About two."}


def test_nothing_is_pruned_that_failed_or_lies_below_what_failed(
    index: Index, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add(docs)
    before = texts(index)
    (docs / "a.md").write_bytes(bytes(range(256)) * 40)
    scandir = os.scandir

    def refuse(path: Any = ".") -> Any:
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = index.add(docs, prune=True)
    assert {Path(f.source).name for f in report.failures} == {"a.md", "deep"}
    assert report.pruned == 0 and texts(index) == before


def test_a_dry_run_tells_what_pruning_would_do_and_does_nothing(index: Index, docs: Path) -> None:
    index.add(docs)
    before = sorted(row.id for row in index.documents())
    (docs / "a.md").unlink()
    (docs / "b.md").write_text("Changed, and longer than it was before.")
    (docs / "new.md").write_text("New.")
    seen: list[Progress] = []
    report = index.add(docs, prune=True, dry_run=True, progress=seen.append)
    assert (report.added, report.replaced, report.unchanged, report.pruned) == (1, 1, 1, 1)
    assert str(report).startswith("nothing was done")
    assert [p.source for p in seen if p.outcome == "pruned"] == [(docs / "a.md").as_posix()]
    assert sorted(row.id for row in index.documents()) == before
    assert Index("absent", encoder=WordEncoder()).add(docs, dry_run=True).added == 3
    with pytest.raises(Exception, match="absent"):
        _ = Index("absent").record


def test_a_file_that_was_not_touched_is_not_opened(index: Index, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in docs.rglob("*.md"):
        os.utime(path, (1e9, 1e9))
    monkeypatch.setattr("ragkit.index.known._JUST_NOW_NS", -(10**18))
    index.add(docs)
    asked: list[str] = []
    parse = Parser.parse
    monkeypatch.setattr(Parser, "parse", lambda self, source: asked.append(str(source)) or parse(self, source))
    assert index.add(docs).unchanged == 3 and asked == []
    (docs / "b.md").write_text("# Title of b.md\n\nThe text of b is its new.\n")  # of the same length
    assert index.add(docs).replaced == 1 and [Path(a).name for a in asked] == ["b.md"]
    index.delete(id=(docs / "a.md").as_posix())
    assert index.add(docs).added == 1


def test_moved_files_are_not_embedded_again(index: Index, docs: Path) -> None:
    (docs / "plain.txt").write_text("Its title is its name.")
    (docs / "rows.csv").write_text(A)
    index.add(docs)
    before, chunks = CountingEncoder.encoded, len(index)
    docs.joinpath("deep").rename(docs / "deeper")
    docs.joinpath("plain.txt").rename(docs / "renamed.txt")
    docs.joinpath("rows.csv").rename(docs / "lines.csv")
    trial = index.add(docs, prune=True, dry_run=True)
    assert (trial.moved, trial.added, trial.pruned) == (4, 0, 0), str(trial)
    report = index.add(docs, prune=True)
    assert (report.moved, report.added, report.pruned) == (4, 0, 0), str(report)
    assert CountingEncoder.encoded == before and len(index) == chunks
    hit = index.search("text of c", k=1)[0]
    assert hit.document_id == (docs / "deeper/c.md").as_posix() == Path(hit.chunk.source).as_posix()
    assert index.document((docs / "renamed.txt").as_posix()).title == "renamed"
    assert index.verify(), index.verify().problems
    assert index.add(docs, prune=True).unchanged >= 6


def test_words_of_a_new_file_name_are_found_and_those_of_the_old_one_are_not(index: Index, docs: Path) -> None:
    (docs / "budget.txt").write_text("Twelve thousand are set aside for the hall.")
    index.add(docs)
    vectors = index.search("hall", k=1)[0].scores["dense"]
    encoded = CountingEncoder.encoded
    (docs / "budget.txt").rename(docs / "finances.txt")
    index.add(docs, prune=True)
    assert CountingEncoder.encoded == encoded
    for searched in (index, Index("mine", encoder=CountingEncoder())):
        found = searched.search("finances", k=1, mode="lexical")
        assert [Path(hit.document_id).name for hit in found] == ["finances.txt"]
        assert searched.search("budget", k=1, mode="lexical") == []
        assert searched.search("hall", k=1)[0].scores["dense"] == pytest.approx(vectors)
        assert searched.verify(), searched.verify().problems
