"""Books (EPUB): the chapters in reading order as one document, a page per chapter."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from ...errors import LoadError
from ..parsed import Job, Parsed, clean, one_line
from ..texts.markup import html_blocks
from ..zips import open_zip, read_part

__all__ = ["parse_epub"]

_CONTAINER = "META-INF/container.xml"


def parse_epub(data: bytes, job: Job) -> Iterator[Parsed]:
    """One document; the title and the language are the book's own."""
    with open_zip(data, "EPUB") as package:
        names = set(package.namelist())
        if _CONTAINER not in names:
            raise LoadError("it has no table of what it holds; it is no EPUB")
        if "META-INF/encryption.xml" in names and b"EncryptedData" in read_part(
            package, "META-INF/encryption.xml", job
        ):
            job.note("parts of it are encrypted and were not read")
        root = _xml(read_part(package, _CONTAINER, job))
        opf = next(iter(root.xpath("//*[local-name()='rootfile']/@full-path")), "")
        if opf not in names:
            raise LoadError("it names no list of chapters; it is no sound EPUB")
        book = _xml(read_part(package, opf, job))
        hrefs = {item.get("id"): item.get("href", "") for item in book.xpath("//*[local-name()='item']")}
        spine = [ref.get("idref") for ref in book.xpath("//*[local-name()='itemref']")]
        text, pages = "", []
        for key in spine:
            href = unquote(hrefs.get(key) or "").split("#")[0]
            name = posixpath.normpath(posixpath.join(posixpath.dirname(opf), href))
            if name not in names:
                job.note(f"the chapter {name} is missing")
                continue
            blocks, _ = html_blocks(read_part(package, name, job), job)
            chapter = clean(blocks.text(), compose=True)
            if chapter:
                pages.append(len(text))
                text += chapter + "\n"
    title, author, language = (_stated(book, name) for name in ("title", "creator", "language"))
    metadata = {"author": author} if author else {}
    yield Parsed(
        text,
        title or job.stem,
        language=language[:2].lower(),
        media_type=job.media_type,
        metadata=metadata,
        pages=tuple(pages),
    )


def _stated(book: Any, name: str) -> str:
    found = book.xpath(f"//*[local-name()='metadata']/*[local-name()='{name}']")
    return one_line(found[0].text or "") if found else ""


def _xml(data: bytes) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    root = etree.fromstring(data, parser)
    if root is None:
        raise LoadError("its XML is damaged")
    return root
