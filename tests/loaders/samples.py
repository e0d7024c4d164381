"""One file of each format, made by the libraries that others use for it, each with a sentence of its own.

`sentence(n)` is in the file of number n and in no other one.
"""

from __future__ import annotations

import bz2
import email.message
import gzip
import io
import json
import mailbox
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

_THINGS = """
    harbour kiln orchard turbine lighthouse quarry brewery foundry tannery vineyard sawmill glacier windmill aqueduct
    cathedral granary observatory printery ropewalk smithy dockyard refinery nursery tramway viaduct reservoir armoury
    bakery colliery distillery forge gasworks hatchery laundry maltings pottery signalbox telegraph watermill
    """.split()  # noqa: SIM905 - forty words read better so


def sentence(number: int) -> str:
    return f"The {_THINGS[number]} opens at {number % 12 + 1} and its keeper is called Warden{number}."


def thing(number: int) -> str:
    return _THINGS[number]


def _docx(text: str) -> bytes:
    import docx

    document = docx.Document()
    document.add_paragraph(text)
    return _saved(document.save)


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    out = io.BytesIO()
    save(out)
    return out.getvalue()


def _xlsx(text: str) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "Opening hours"
    book.active.append(["Place", "Told"])
    book.active.append(["One", text])
    return _saved(book.save)


def _pptx(text: str) -> bytes:
    from pptx import Presentation

    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Opening hours"
    slide.placeholders[1].text = text
    return _saved(presentation.save)


def _odf(kind: str, text: str) -> bytes:
    from odf import draw, opendocument, style, table
    from odf.text import P

    if kind == "odt":
        document = opendocument.OpenDocumentText()
        document.text.addElement(P(text=text))
    elif kind == "ods":
        document = opendocument.OpenDocumentSpreadsheet()
        sheet = table.Table(name="Opening hours")
        for cells in (["Place", "Told"], ["One", text]):
            row = table.TableRow()
            for value in cells:
                cell = table.TableCell(valuetype="string")
                cell.addElement(P(text=value))
                row.addElement(cell)
            sheet.addElement(row)
        document.spreadsheet.addElement(sheet)
    else:
        document = opendocument.OpenDocumentPresentation()
        layout = style.PageLayout(name="layout")
        document.automaticstyles.addElement(layout)
        master = style.MasterPage(name="master", pagelayoutname=layout)
        document.masterstyles.addElement(master)
        page = draw.Page(masterpagename=master)
        frame = draw.Frame(width="10cm", height="2cm")
        box = draw.TextBox()
        box.addElement(P(text=text))
        frame.addElement(box)
        page.addElement(frame)
        document.presentation.addElement(page)
    return _saved(document.write)


def epub(*chapters: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/content.opf"/></rootfiles></container>',
        )
        items = "".join(f'<item id="c{n}" href="c%20{n}.xhtml"/>' for n, _ in enumerate(chapters))
        spine = "".join(f'<itemref idref="c{n}"/>' for n, _ in enumerate(chapters))
        book.writestr(
            "OEBPS/content.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
            "<dc:title>Opening hours</dc:title><dc:creator>Ann Other</dc:creator><dc:language>en-GB</dc:language>"
            f"</metadata><manifest>{items}</manifest><spine>{spine}</spine></package>",
        )
        for number, text in enumerate(chapters):
            page = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{text}</p></body></html>'
            book.writestr(f"OEBPS/c {number}.xhtml", page)
    return out.getvalue()


def mail(text: str, *, subject: str = "Hours", attachment: tuple[str, bytes] | None = None) -> bytes:
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = "Ann <a@example.org>", "b@example.org", subject
    message["Date"] = "Tue, 04 Mar 2025 10:00:00 +0000"
    message.set_content(text, cte="base64")
    if attachment is not None:
        message.add_attachment(attachment[1], maintype="application", subtype="octet-stream", filename=attachment[0])
    return message.as_bytes()


def _mbox(text: str, folder: Path) -> bytes:
    path = folder / "made.mbox"
    box = mailbox.mbox(path)
    box.add(mailbox.mboxMessage(mail(text)))
    box.close()
    data = path.read_bytes()
    path.unlink()
    return data


def page_archive(text: str) -> bytes:
    return (
        "From: <Saved by Blink>\nSnapshot-Content-Location: https://example.org/\nSubject: Page\nMIME-Version: 1.0\n"
        'Content-Type: multipart/related; boundary="b"\n\n--b\nContent-Type: text/html\n'
        "Content-Transfer-Encoding: quoted-printable\n\n"
        f"<html><body><p>{text[:30]}=\n{text[30:]}</p></body></html>\n--b--\n"
    ).encode()


def picture(text: str, kind: str) -> bytes:
    """The text as black letters on white, in two lines."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (1500, 220), "white")
    words = text.split()
    lines = "\n".join((" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])))
    ImageDraw.Draw(image).multiline_text((40, 40), lines, "black", font=ImageFont.load_default(52), spacing=20)
    out = io.BytesIO()
    image.save(out, kind, resolution=150.0)
    return out.getvalue()


def pdf(*pages: str) -> bytes:
    """A PDF with a line of text a page."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for text in pages:
        number = len(objects) + 1
        kids.append(f"{number} 0 R")
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        lines = "".join(f"({line}) Tj 0 -14 Td " for line in escaped.split("\n"))
        content = f"BT /F1 11 Tf 50 700 Td {lines} ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R /Resources << /Font << "
            "/F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{at:010} 00000 n \n" for at in offsets)
    return (
        out
        + (
            f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer "
            f"<< /Size {len(objects) + 1} /Root 1 0 R >>\n"
            f"startxref\n{len(out)}\n%%EOF"
        ).encode()
    )


def archive(kind: Literal["zip", "w", "w:gz"], files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, data in files.items():
                packed.writestr(name, data)
    else:
        made = tarfile.open(None, "w:gz", out) if kind == "w:gz" else tarfile.open(None, "w", out)  # noqa: SIM115
        with made as packed_tar:
            for name, data in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                packed_tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


_NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}


def notebook(text: str) -> bytes:
    shown = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo" * 500}}
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Hours\n", "\n", text]},
        {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "plot()", "outputs": [shown]},
    ]
    return json.dumps({**_NOTEBOOK, "cells": cells}).encode()


def write_one_of_each(folder: Path) -> dict[str, int]:
    """Write the files; returns the number of the sentence that each one's text holds."""
    makers: dict[str, Callable[[str], bytes]] = {
        "a.txt": str.encode,
        "b.md": lambda s: f"# Hours\n\n{s}\n".encode(),
        "c.html": lambda s: f"<html><body><p>{s}</p></body></html>".encode(),
        "d.pdf": pdf,
        "e.docx": _docx,
        "f.csv": lambda s: f"place,told\none,{s}\n".encode(),
        "g.tsv": lambda s: f"place\ttold\none\t{s}\n".encode(),
        "h.json": lambda s: json.dumps({"told": {"hours": s}}).encode(),
        "i.jsonl": lambda s: (json.dumps({"text": s}) + "\n").encode(),
        "j.xml": lambda s: f"<hours><told>{s}</told></hours>".encode(),
        "k.py": lambda s: f'"""{s}"""\n\nHOURS = 7\n'.encode(),
        "l.rst": lambda s: f"Hours\n=====\n\n{s}\n".encode(),
        "m.tex": lambda s: f"\\section{{Hours}}\n\n{s}\n".encode(),
        "n.org": lambda s: f"* Hours\n\n{s}\n".encode(),
        "o.adoc": lambda s: f"== Hours\n\n{s}\n".encode(),
        "p.xlsx": _xlsx,
        "q.pptx": _pptx,
        "r.odt": lambda s: _odf("odt", s),
        "s.ods": lambda s: _odf("ods", s),
        "t.odp": lambda s: _odf("odp", s),
        "u.epub": epub,
        "v.rtf": lambda s: rb"{\rtf1\ansi\deff0 {\fonttbl {\f0 Times;}}\f0\fs24 " + s.encode() + rb"\par}",
        "w.eml": mail,
        "x.mbox": lambda s: _mbox(s, folder),
        "y.mhtml": page_archive,
        "z.ipynb": notebook,
        "aa.srt": lambda s: f"1\n00:00:01,000 --> 00:00:04,000\n{s}\n".encode(),
        "ab.vtt": lambda s: f"WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ann>{s}\n".encode(),
        "ac.zip": lambda s: archive("zip", {"in/a.txt": s.encode()}),
        "ad.tar": lambda s: archive("w", {"in/a.md": s.encode()}),
        "ae.tar.gz": lambda s: archive("w:gz", {"a.docx": _docx(s)}),
        "af.txt.gz": lambda s: gzip.compress(s.encode()),
        "ag.log.bz2": lambda s: bz2.compress(s.encode()),
        "ah.png": lambda s: picture(s, "PNG"),
        "ai.jpg": lambda s: picture(s, "JPEG"),
        "aj.tiff": lambda s: picture(s, "TIFF"),
        "ak.pdf": lambda s: picture(s, "PDF"),
        "al.yaml": lambda s: f"hours:\n  told: {s}\n".encode(),
        "am.svg": lambda s: f'<svg xmlns="http://www.w3.org/2000/svg"><text>{s}</text></svg>'.encode(),
    }
    for number, (name, make) in enumerate(makers.items()):
        (folder / name).write_bytes(make(sentence(number)))
    return {name: number for number, name in enumerate(makers)}


RECOGNISED = frozenset({"ah.png", "ai.jpg", "aj.tiff", "ak.pdf"})
