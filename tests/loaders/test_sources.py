"""What a user names, as single sources: order, ids, junk, links, refusals."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from ragkit.errors import LoadError, NotFoundError, UsageError
from ragkit.loaders import Limits, Parser, Source, discover


def make(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text of {name}", encoding="utf-8")
    return root


def names(sources: list[Source]) -> list[str]:
    return [Path(source.path).name for source in sources]


def test_a_folder_gives_its_files_in_order_without_junk(tmp_path: Path) -> None:
    docs = make(
        tmp_path / "docs",
        "b.md",
        "a.txt",
        "sub/c.html",
        ".git/config",
        ".hidden.md",
        "node_modules/x.js",
        "p.png",
        "__pycache__/m.pyc",
        "~$open.docx",
        "old.zip",
        "env/pyvenv.cfg",
        "env/lib/readme.md",
        "x.md~",
        "indexes/ragkit.db",
        "indexes/manifest.json",
    )
    assert names(list(discover([docs]))) == ["a.txt", "b.md", "old.zip", "p.png", "c.html"]


def test_ids_are_the_same_however_the_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docs = make(tmp_path / "docs", "a.md", "sub/b.md")
    whole = [source.id for source in discover([docs])]
    assert whole == [(docs / "a.md").resolve().as_posix(), (docs / "sub/b.md").resolve().as_posix()]
    monkeypatch.chdir(docs)
    assert [source.id for source in discover(["."])] == whole
    assert [source.id for source in discover(["./sub/../a.md", "sub/*.md"])] == whole
    (tmp_path / "link").symlink_to(docs)
    assert [source.id for source in discover([tmp_path / "link"])] == whole
    assert [source.id for source in discover([docs, docs / "a.md", str(docs / "**/*.md")])] == whole


def test_two_folders_with_the_same_file_name_do_not_collide(tmp_path: Path) -> None:
    make(tmp_path, "one/README.md", "two/README.md")
    assert len({source.id for source in discover([tmp_path / "one", tmp_path / "two"])}) == 2


def test_the_source_is_the_path_as_written(tmp_path: Path, parser: Parser) -> None:
    make(tmp_path, "docs/a.md")
    (source,) = discover(["./docs/"])
    assert str(source) == source.location == str(Path("docs/a.md"))
    assert source.size == len("text of docs/a.md")
    assert parser.parse(source)[0].source == source.location


def test_missing_and_empty_things_are_said_before_anything_is_read(tmp_path: Path) -> None:
    make(tmp_path, "a.md", "junk/.hidden")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFoundError, match=r"nowhere\.md does not exist; check the path"):
        discover(["a.md", "nowhere.md"])
    for folder in ("empty", "junk"):
        with pytest.raises(UsageError, match=f"{folder} is a folder without documents"):
            discover([folder])
    with pytest.raises(UsageError, match=r"\*\.rst matches no document"):
        discover(["*.rst"])
    for wrong in (3, b"bytes", "", "a\0b"):
        with pytest.raises(UsageError):
            discover([wrong])


def test_a_name_with_brackets_is_a_file_before_it_is_a_pattern(tmp_path: Path) -> None:
    make(tmp_path, "a[1].md", "a1.md")
    assert names(list(discover(["a[1].md"]))) == ["a[1].md"]


def test_a_lone_source_need_not_be_in_a_list(tmp_path: Path) -> None:
    make(tmp_path, "a.md")
    assert names(list(discover("a.md"))) == names(list(discover(Path("a.md")))) == ["a.md"]


def test_links_out_of_a_folder_are_refused_and_links_within_followed(tmp_path: Path, parser: Parser) -> None:
    make(tmp_path, "secret.txt", "docs/a.md", "docs/.store/blob.md")
    (tmp_path / "docs/leak.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "docs/inside.md").symlink_to(tmp_path / "docs/.store/blob.md")
    (tmp_path / "docs/broken.md").symlink_to(tmp_path / "docs/nowhere")
    (tmp_path / "docs/loop").symlink_to(tmp_path)
    found = {Path(source.path).name: source for source in discover(["docs"])}
    assert sorted(found) == ["a.md", "broken.md", "inside.md", "leak.txt"]
    assert parser.parse(found["inside.md"])[0].text == "text of docs/.store/blob.md"
    for name, reason in (("leak.txt", "link to something outside"), ("broken.md", "link to nothing")):
        with pytest.raises(LoadError, match=reason):
            parser.parse(found[name])
    assert parser.parse(next(discover(["docs/leak.txt"])))[0].text == "text of secret.txt"  # named on purpose


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_file_name_that_is_not_utf8_is_read(tmp_path: Path, parser: Parser) -> None:
    (tmp_path / "docs").mkdir()
    with open(os.fsencode(tmp_path / "docs") + b"/\xef\xf0\xe8.txt", "wb") as file:  # noqa: PTH123
        file.write(b"text")
    (document,) = parser.parse(next(discover(["docs"])))
    assert document.text == "text" and document.id.endswith("\\xef\\xf0\\xe8.txt")
    document.title.encode()


def test_stdin_is_a_document_named_by_its_content(monkeypatch: pytest.MonkeyPatch, parser: Parser) -> None:
    def piped(data: bytes) -> list[str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return [document.id for document in parser.parse(next(discover(["-"])))]

    assert piped(b"one") == piped(b"one") != piped(b"two")
    assert piped(b'{"id": "r1", "text": "a"}\n{"id": "r2", "text": "b"}') == ["r1", "r2"]
    with Parser(Limits(input_bytes=10)) as small:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x" * 11)))
        with pytest.raises(LoadError, match="stdin: more than 10 bytes came in"):
            small.parse(next(discover(["-"])))


def test_a_glob_follows_no_link_that_the_folder_would_refuse(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "else").mkdir()
    for path in ("docs/a.md", "else/secret.md"):
        (tmp_path / path).write_text("x")
    (tmp_path / "docs/leak.md").symlink_to(tmp_path / "else/secret.md")
    (tmp_path / "docs/folder").symlink_to(tmp_path / "else")
    for pattern in ("docs/*", "docs/**/*", "docs/*/*.md", "docs/*.md"):
        for source in discover([str(tmp_path / pattern)]):
            assert source.refusal or Path(source.path).samefile(tmp_path / "docs/a.md"), (pattern, source)
    assert not [s for s in discover([str(tmp_path / "d*/f*/*")]) if not s.refusal]
    (tmp_path / "way").symlink_to(tmp_path / "else")
    (named,) = discover([str(tmp_path / "way/*.md")])
    assert not named.refusal and named.id == (tmp_path / "else/secret.md").as_posix()
