"""PDF: pages, titles, refusals. The files are made here, byte by byte."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.loaders import Parser, pdf
from ragkit.loaders.parsed import Job
from ragkit.loaders.pdf import join_pages
from ragkit.loaders.worker import parse_bytes

from . import samples
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
    assert text == "with information. More information. A long-term plan."


@given(st.lists(st.text(max_size=30), min_size=1, max_size=6))
def test_page_offsets_always_point_at_the_page(pages: list[str]) -> None:
    text, starts = join_pages(pages)
    assert len(starts) == len(pages) and list(starts) == sorted(starts)
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(text)
        alone, _ = join_pages([pages[number]])
        piece = text[start:end].strip()
        assert "".join(piece.replace("-", "").split()) == "".join(alone.strip().replace("-", "").split())


@pytest.mark.parametrize("title", ["", "untitled", "Microsoft Word - policy.doc", "0000320193-22-000070", "a.indd"])
def test_a_made_up_title_gives_way_to_the_file_name(read: Read, title: str) -> None:
    assert read("2022 Q3.pdf", make_pdf(PAGES, title))[0].title == "2022 Q3"


def test_pypdf_reads_what_pdfium_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(data: bytes, job: Job) -> tuple[list[str], str]:
        raise pdf._RefusedError("cannot")

    monkeypatch.setattr(pdf, "_by_pdfium", refuse)
    (document,) = parse_bytes(make_pdf(PAGES, "Some title"), "pdf", Job("a.pdf"))
    assert document.title == "Some title" and len(document.pages) == 3
    assert document.text[document.pages[2] :].startswith("Third page")


def test_pypdf_is_tried_where_pdfium_finds_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_by_pdfium", lambda data, job: (["", "", ""], "", [], []))
    (document,) = parse_bytes(make_pdf(PAGES), "pdf", Job("a.pdf"))
    assert "Third page" in document.text


def test_a_pdf_with_a_password_is_refused_and_one_that_opens_without_is_read(read: Read, refusal: Refusal) -> None:
    assert "it is encrypted; save it without a password" in refusal("a.pdf", encrypted(make_pdf(PAGES), "secret"))
    assert "Third page" in read("b.pdf", encrypted(make_pdf(PAGES), ""))[0].text


def test_broken_scanned_and_false_pdfs_are_refused(refusal: Refusal) -> None:
    assert "it has no text on its 2 pages" in refusal("scan.pdf", make_pdf([[], []]))
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


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("well\ufffeknown", "well-known"),
        ("re\ufffeelected", "re-elected"),
        ("photo\ufffevoltaic", "photovoltaic"),
        ("RX-4410\ufffeB", "RX-4410-B"),
        ("2019\ufffe2021", "2019-2021"),
        ("free\ufffe\r\nlance", "freelance"),
        ("RX-4410-\nB", "RX-4410-B"),
    ],
)
def test_hyphen_of_the_word_itself_stays_and_that_of_the_line_goes(broken: str, whole: str) -> None:
    assert join_pages([f"The {broken} one.", "A freelance writer."])[0].startswith(f"The {whole} one.")


def test_page_without_text_is_told_or_recognised(read: Read) -> None:
    pages = [samples.pdf("First page of the lease."), samples.picture("Scanned words of the lease", "PDF")]
    (document,) = read("lease.pdf", merged(pages))
    assert len(document.pages) == 2
    if shutil.which("tesseract"):
        assert "Scanned words" in document.text[document.pages[1] :]
        assert document.metadata == {"recognised": True, "recognised_pages": "2"}
    else:
        assert document.notes[0].startswith("page 2 of 2 has no text; text recognition (OCR) is not installed")


def test_scanned_page_is_told_where_nothing_can_recognise_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "can_recognise", lambda: False)
    job = Job("lease.pdf")
    data = merged([samples.pdf("First page of the lease."), samples.picture("Scanned words", "PDF")])
    (document,) = parse_bytes(data, "pdf", job)
    assert "First page" in document.text
    assert job.notes[0].startswith("page 2 of 2 has no text; text recognition (OCR) is not installed")


def test_form_fields_and_notes_are_read(read: Read) -> None:
    import pypdf
    from pypdf.annotations import FreeText
    from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, TextStringObject

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(samples.pdf("Travel request")))
    writer.add_annotation(0, FreeText(text="The term is 18 months.", rect=(50, 550, 200, 650)))

    def field(name: str, kind: str, value: object, **more: object) -> None:
        made = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Widget"),
                NameObject("/FT"): NameObject(kind),
                NameObject("/T"): TextStringObject(name),
                NameObject("/V"): value,
                NameObject("/Rect"): ArrayObject(map(FloatObject, (100, 600, 200, 620))),
                **{NameObject(f"/{key}"): item for key, item in more.items()},
            }
        )
        page = writer.pages[0]
        reference = writer._add_object(made)
        page[NameObject("/Annots")] = ArrayObject([*page.get("/Annots", []), reference])
        fields.append(reference)

    fields = ArrayObject()
    field("Traveller", "/Tx", TextStringObject("Ilse Brandt"))
    field("Approved", "/Btn", NameObject("/Yes"), AS=NameObject("/Yes"))
    field("form1[0].f1_01[0]", "/Tx", TextStringObject("Tampere"))
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})
    out = io.BytesIO()
    writer.write(out)
    lines = read("form.pdf", out.getvalue())[0].text.split("\n")
    assert lines[0] == "Travel request"
    assert {"Traveller: Ilse Brandt", "Approved: yes", "Tampere", "The term is 18 months."} <= set(lines)


def merged(files: list[bytes]) -> bytes:
    import pypdf

    writer = pypdf.PdfWriter()
    for data in files:
        writer.append(io.BytesIO(data))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium to print a page")
def test_printed_arabic_and_raised_figures_are_read_as_written(read: Read, tmp_path: Path) -> None:
    import subprocess

    page = tmp_path / "page.html"
    page.write_text(
        "<html><meta charset=utf-8><body style=\"font-family:'DejaVu Sans'\">"
        "<p dir=rtl>يعقد الاجتماع في 12 مايو 2024 في القاعة رقم 7.</p>"
        "<p>It holds 10<sup>6</sup> litres in 40 m<sup>2</sup> and 106 kg.</p></body></html>",
        encoding="utf-8",
    )
    out = tmp_path / "printed.pdf"
    subprocess.run(
        ["chromium", "--headless", "--no-sandbox", f"--print-to-pdf={out}", "--no-pdf-header-footer", page.as_uri()],
        check=True,
        capture_output=True,
        timeout=120,
    )
    text = read("printed.pdf", out.read_bytes())[0].text
    assert "يعقد الاجتماع في 12 مايو 2024 في القاعة رقم 7." in text
    assert "It holds 10^6 litres in 40 m^2 and 106 kg." in text
