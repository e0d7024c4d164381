"""PDF: pages, titles, refusals. The files are made here, byte by byte."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.loaders import Parser, pdf
from ragkit.loaders.parsed import Job
from ragkit.loaders.pdf import join_pages
from ragkit.loaders.worker import parse_bytes

from .conftest import Read, Refusal


def make_pdf(pages: list[list[str]], title: str = "") -> bytes:
    """A PDF with one line of Helvetica per string."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for lines in pages:
        shown = b" 0 -14 Td ".join(b"(" + line.encode("latin-1") + b") Tj" for line in lines)
        stream = b"BT /F1 12 Tf 72 720 Td " + shown + b" ET" if lines else b""
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    objects.append(b"<< /Title (%s) >>" % title.encode("latin-1"))
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    out.write(b"trailer << /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (len(objects) + 1, len(objects)))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def encrypted(data: bytes, password: str) -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(PdfReader(io.BytesIO(data)))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


PAGES = [["Travel policy", "First page."], [], ["Third page", "with infor-", "mation.", "More information."]]


def test_each_page_starts_at_its_offset(read: Read) -> None:
    (document,) = read("policy.pdf", make_pdf(PAGES, "The travel policy"))
    assert (document.title, document.media_type) == ("The travel policy", "application/pdf")
    assert len(document.pages) == 3 and document.pages[0] == 0
    assert document.text[: document.pages[1]].split("\n") == ["Travel policy", "First page.", "", ""]
    assert document.text[document.pages[1] : document.pages[2]].strip() == ""
    assert document.text[document.pages[2] :].startswith("Third page")


def test_words_broken_at_a_line_end_are_joined_when_the_document_knows_them() -> None:
    text, _ = join_pages(["with infor-\nmation. More information. A long-\nterm plan."])
    assert text == "with information. More information. A long-\nterm plan."


@given(st.lists(st.text(max_size=30), min_size=1, max_size=6))
def test_page_offsets_always_point_at_the_page(pages: list[str]) -> None:
    text, starts = join_pages(pages)
    assert len(starts) == len(pages) and list(starts) == sorted(starts)
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(text)
        alone, _ = join_pages([pages[number]])
        piece = text[start:end].strip()
        assert "".join(piece.replace("-\n", "").split()) == "".join(alone.strip().replace("-\n", "").split())


@pytest.mark.parametrize("title", ["", "untitled", "Microsoft Word - policy.doc", "0000320193-22-000070", "a.indd"])
def test_a_made_up_title_gives_way_to_the_file_name(read: Read, title: str) -> None:
    assert read("2022 Q3.pdf", make_pdf(PAGES, title))[0].title == "2022 Q3"


def test_pypdf_reads_what_pdfium_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(data: bytes) -> tuple[list[str], str]:
        raise pdf._RefusedError("cannot")

    monkeypatch.setattr(pdf, "_by_pdfium", refuse)
    (document,) = parse_bytes(make_pdf(PAGES, "Some title"), "pdf", Job("a.pdf"))
    assert document.title == "Some title" and len(document.pages) == 3
    assert document.text[document.pages[2] :].startswith("Third page")


def test_pypdf_is_tried_where_pdfium_finds_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_by_pdfium", lambda data: (["", "", ""], ""))
    (document,) = parse_bytes(make_pdf(PAGES), "pdf", Job("a.pdf"))
    assert "Third page" in document.text


def test_a_pdf_with_a_password_is_refused_and_one_that_opens_without_is_read(read: Read, refusal: Refusal) -> None:
    assert "it is encrypted; save it without a password" in refusal("a.pdf", encrypted(make_pdf(PAGES), "secret"))
    assert "Third page" in read("b.pdf", encrypted(make_pdf(PAGES), ""))[0].text


def test_broken_scanned_and_false_pdfs_are_refused(refusal: Refusal) -> None:
    assert "run text recognition (OCR) first" in refusal("scan.pdf", make_pdf([[], []]))
    assert "it is named a PDF but is none" in refusal("a.pdf", b"<html>not found</html>")
    assert "it is damaged" in refusal("b.pdf", b"%PDF-1.4\n" + b"garbage " * 100)


def test_a_truncated_pdf_is_read_as_far_as_it_goes_or_refused(parser: Parser, tmp_path: Path) -> None:
    from ragkit.errors import LoadError
    from ragkit.loaders import discover

    whole = make_pdf(PAGES)
    for length in range(20, len(whole), 150):
        path = tmp_path / "cut.pdf"
        path.write_bytes(whole[:length])
        (source,) = discover([path])
        try:
            assert parser.parse(source)[0].text.strip()
        except LoadError as exc:
            assert "cut.pdf" in str(exc)
