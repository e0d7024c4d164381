"""Files that hold files: bounded, each part told apart, what is not read named; and no word of any format lost."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.errors import LoadError
from ragkit.index import Index
from ragkit.loaders import Limits, Parser, discover
from ragkit.loaders.parsed import Job
from ragkit.loaders.worker import parse_bytes
from ragkit.text import chunk_text
from tests.fakes import WordEncoder

from . import samples
from .conftest import Read, Refusal

SMALL = Limits(unpacked_bytes=100_000)


def test_archive_that_unpacks_to_more_than_the_limit_is_refused(tmp_path: Path) -> None:
    bomb = samples.archive("zip", {f"{n}.txt": b"0" * 60_000 for n in range(3)})
    nested = samples.archive("zip", {"a.zip": bomb})
    (tmp_path / "bomb.zip").write_bytes(nested)
    (tmp_path / "bomb.txt.gz").write_bytes(gzip.compress(b"0" * 200_000))
    with Parser(SMALL) as parser:
        for source in discover([tmp_path]):
            with pytest.raises(LoadError, match="unpack to more than 100000 bytes"):
                parser.parse(source)


def test_archive_packed_too_often_is_refused(refusal: Refusal) -> None:
    data = samples.archive("zip", {"a.txt": b"words"})
    for _ in range(5):
        data = samples.archive("zip", {"in.zip": data})
    assert "packed more than 4 times" in refusal("deep.zip", data)


def test_members_are_documents_of_their_own_and_unread_ones_are_named(read: Read) -> None:
    data = samples.archive(
        "zip",
        {"one/a.md": b"# Alpha\n\nFirst.", "two/a.md": b"# Beta\n\nSecond.", "song.mp3": b"ID3", "__MACOSX/._a": b"x"},
    )
    documents = read("all.zip", data)
    assert [d.title for d in documents] == ["Alpha", "Beta"]
    assert len({d.id for d in documents}) == 2 and all("!" in d.id for d in documents)
    assert [d.metadata["part"] for d in documents] == ["one/a.md", "two/a.md"]
    assert documents[0].notes == ("song.mp3: sound and film are not read; add a transcript",)


def test_mail_is_decoded_and_its_attachments_are_read(read: Read) -> None:
    table = b"name,days\nAnn,30\n"
    documents = read(
        "a.eml", samples.mail("Die Prüfung ist am 4. März.", subject="Termin", attachment=("d.csv", table))
    )
    assert [d.title for d in documents] == ["Termin", "d"]
    assert "Die Prüfung ist am 4. März." in documents[0].text and "Subject: Termin" in documents[0].text
    assert documents[0].metadata["date"] == "2025-03-04"
    assert documents[1].text == table.decode() and documents[1].metadata["part"] == "d.csv"


def test_notebook_without_its_pictures(read: Read) -> None:
    (document,) = read("nb.ipynb", samples.notebook("The sensor offset is 0.37 volts."))
    assert "0.37 volts" in document.text and "iVBOR" not in document.text
    assert document.notes == ("1 pictures among its outputs were not read",)


def test_what_a_folder_holds_and_is_not_read_is_told_and_is_no_failure(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.txt").write_text("Words.")
    (docs / "song.mp3").write_bytes(b"ID3")
    (docs / "blank.png").write_bytes(samples.picture("", "PNG"))
    report = Index("told", home=tmp_path / "home", encoder=WordEncoder()).add(docs)
    assert report
    assert sorted(Path(s.source).name for s in report.skipped) == ["blank.png", "song.mp3"]
    assert "2 not read" in str(report)


_WORDS = st.lists(st.text("abcdefgäöжш", min_size=1, max_size=9), min_size=1, max_size=30).map(" ".join)


def _workbook(text: str) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["Words", "Number"])
    for number, word in enumerate(text.split()):
        book.active.append([word, number])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _captions(text: str) -> bytes:
    cues = (f"{n}\n00:00:{n % 60:02},000 --> 00:00:59,000\n{w}\n" for n, w in enumerate(text.split()))
    return "\n".join(cues).encode()


MAKERS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "xlsx": ("a.xlsx", _workbook),
    "epub": ("a.epub", lambda s: samples.epub(*s.split(" "))),
    "mail": ("a.eml", samples.mail),
    "notebook": ("a.ipynb", samples.notebook),
    "captions": ("a.srt", _captions),
    "zip": ("a.zip", lambda s: samples.archive("zip", {"a.txt": s.encode()})),
    "tar": ("a.tar", lambda s: samples.archive("w", {"a.txt": s.encode()})),
    "compressed": ("a.txt.gz", lambda s: gzip.compress(s.encode())),
    "rtf": ("a.rtf", lambda s: ("{\\rtf1 " + "".join(c if c < "\x80" else f"\\u{ord(c)}?" for c in s) + "}").encode()),
}


@pytest.mark.parametrize("parser", MAKERS)
@given(text=_WORDS)
def test_no_word_is_lost_and_spans_are_exact(parser: str, text: str) -> None:
    name, make = MAKERS[parser]
    told: set[str] = set()
    for document in parse_bytes(make(text), parser, Job(name, "text/markdown")):
        for passage in chunk_text(document.text, media_type=document.media_type):
            assert document.text[passage.start : passage.end] == passage.text
            told |= set(passage.text.replace("|", " ").split())
    assert set(text.split()) <= told


@given(st.binary(max_size=300), st.sampled_from(sorted(MAKERS)))
def test_garbage_is_refused_in_one_line(data: bytes, parser: str) -> None:
    for content in (data, b"PK\x03\x04" + data, b"\x1f\x8b" + data, json.dumps({"cells": [data.hex()]}).encode()):
        try:
            list(parse_bytes(content, parser, Job("a")))
        except LoadError as exc:
            assert "\n" not in str(exc)


def test_zip_member_of_a_false_size_is_counted_as_it_comes() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.txt", b"0" * 300_000)
    with pytest.raises(LoadError, match="unpack to more"):
        list(parse_bytes(out.getvalue(), "zip", Job("a.zip", limits=SMALL)))
