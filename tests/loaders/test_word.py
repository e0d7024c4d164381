"""Word files: structure, and packages made to hurt."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest

from ragkit.errors import LoadError
from ragkit.loaders import Limits, Parser, discover

from .conftest import Read, Refusal

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_body(body: str) -> bytes:
    """A Word file whose body is the given XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(docx.Document()))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/document.xml":
                data = f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'.encode()
            new.writestr(name, data)
    return out.getvalue()


def test_headings_lists_and_tables_become_markdown(read: Read) -> None:
    document = docx.Document()
    document.core_properties.title = "Travel rules"
    document.add_heading("Policy", 0)
    document.add_heading("Approval", 2)
    document.add_paragraph("Trips over 2,000 euros\nneed approval. Cafe\u0301.")
    document.add_paragraph("one", style="List Bullet")
    document.add_paragraph("two", style="List Bullet 2")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip([c for row in table.rows for c in row.cells], ["Kind", "Limit", "Hotel", "150"], strict=True):
        cell.text = text
    document.add_paragraph("End")
    (found,) = read("rules.docx", saved(document))
    assert found.text == (
        "# Policy\n\n## Approval\n\nTrips over 2,000 euros\nneed approval. Café.\n\n- one\n  - two\n\n"
        "| Kind | Limit |\n| --- | --- |\n| Hotel | 150 |\n\nEnd\n"
    )
    assert (found.title, found.media_type) == ("Travel rules", "text/markdown")


def test_without_a_stated_title_the_first_heading_is_it(read: Read) -> None:
    document = docx.Document()
    document.core_properties.title = ""
    document.add_heading("Порядок командировок", 1)
    assert read("a.docx", saved(document))[0].title == "Порядок командировок"


def test_content_controls_and_tracked_insertions_are_kept_and_deletions_left_out(read: Read) -> None:
    run = "<w:r><w:t xml:space='preserve'>{}</w:t></w:r>"
    body = (
        f"<w:sdt><w:sdtContent><w:p>{run.format('inside a control')}</w:p></w:sdtContent></w:sdt>"
        f"<w:p>{run.format('kept ')}<w:ins>{run.format('inserted')}</w:ins>"
        "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
        f"<w:hyperlink>{run.format(' linked')}</w:hyperlink></w:p>"
    )
    assert read("a.docx", with_body(body))[0].text == "inside a control\n\nkept inserted linked\n"


def test_footnotes_follow_the_text_under_their_marks(read: Read) -> None:
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    notes = (
        f"<w:footnotes xmlns:w='{W}'>"
        "<w:footnote w:type='separator' w:id='0'><w:p><w:r><w:t>-</w:t></w:r></w:p></w:footnote>"
        "<w:footnote w:id='2'><w:p><w:r><w:footnoteRef/><w:t>Per night.</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    document = docx.Document(
        io.BytesIO(with_body("<w:p><w:r><w:t>150 euros</w:t><w:footnoteReference w:id='2'/></w:r></w:p>"))
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), document.part.package)
    document.part.relate_to(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes")
    assert read("a.docx", saved(document))[0].text == "150 euros[^2]\n\n[^2]: Per night.\n"


def test_entities_in_a_word_file_are_not_expanded(read: Read) -> None:
    out = io.BytesIO()
    bomb = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    with zipfile.ZipFile(io.BytesIO(with_body(""))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/document.xml":
                data = (
                    f'{bomb}<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>x</w:t><w:t>&b;</w:t></w:r></w:p></w:body>'
                    "</w:document>"
                ).encode()
            new.writestr(name, data)
    assert "haha" not in read("a.docx", out.getvalue())[0].text


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package, package.open("word/document.xml", "w") as part:
        for _ in range(64):
            part.write(b"\0" * (1 << 20))
    reason = "unpack to more than 33554432 bytes; split it, or raise"
    with Parser(Limits(unpacked_bytes=32 << 20)) as parser, pytest.raises(LoadError, match=reason):
        parser.parse(next(discover([path])))


def test_a_zip_that_lies_about_its_sizes_is_refused(tmp_path: Path) -> None:
    data = bytearray(with_body("<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 1000))
    size = struct.pack("<I", zipfile.ZipFile(io.BytesIO(data)).getinfo("word/document.xml").file_size)
    assert data.count(size) >= 2
    path = tmp_path / "liar.docx"
    path.write_bytes(bytes(data).replace(size, struct.pack("<I", 10)))
    with Parser() as parser, pytest.raises(LoadError, match="not a sound Word file"):
        parser.parse(next(discover([path])))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.docx", b"plain text", "it is not a sound Word file"),
        ("b.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "it is encrypted or an old Word file"),
        ("c.doc", b"\xd0\xcf\x11\xe0", "old Word files are not read; save it as .docx"),
        ("d.docx", saved(docx.Document()), "it holds no text"),
    ],
)
def test_what_is_no_word_file_is_refused(refusal: Refusal, name: str, content: bytes, reason: str) -> None:
    assert reason in refusal(name, content)


def test_a_zip_that_is_no_word_file_is_refused(refusal: Refusal) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("a.txt", "hello")
    assert "it is not a Word file that can be read" in refusal("a.docx", out.getvalue())
