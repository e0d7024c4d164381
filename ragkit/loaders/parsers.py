"""The registry of parsers: the name that a `Format` gives, and the function of the worker that it stands for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module

from ..errors import ConfigError, LoadError
from ..plugins import Offer
from .parsed import Job, Parsed

__all__ = ["PARSERS", "ParseFunction", "parser_named"]

ParseFunction = Callable[[bytes, Job], Iterator[Parsed]]
PARSERS = {
    "text": "texts.plain:parse_text",
    "code": "texts.plain:parse_code",
    "markdown": "texts.plain:parse_markdown",
    "html": "texts.markup:parse_html",
    "xml": "xmltext:parse_xml",
    "pdf": "pdf:parse_pdf",
    "pdf_letters": "pdf.letters:parse_letters",
    "pdf_picture": "pdf.picture:parse_picture",
    "docx": "office.word:parse_docx",
    "csv": "records:parse_csv",
    "json": "records:parse_json",
    "jsonl": "records:parse_jsonl",
    "guess": "records:parse_guess",
    "prose": "texts.plain:parse_prose",
    "xlsx": "office.sheets:parse_xlsx",
    "pptx": "office.slides:parse_pptx",
    "odf": "office.opendocument:parse_odf",
    "rtf": "office.rtf:parse_rtf",
    "epub": "packed.books:parse_epub",
    "mail": "packed.mail:parse_mail",
    "mbox": "packed.mail:parse_mbox",
    "zip": "packed.archives:parse_zip",
    "tar": "packed.archives:parse_tar",
    "compressed": "packed.archives:parse_compressed",
    "notebook": "texts.notebook:parse_notebook",
    "captions": "texts.captions:parse_captions",
    "image": "scans:parse_image",
}  # "module:function", imported when first needed


def parser_named(name: str) -> ParseFunction:
    """The function of a parser, its module imported when first needed: each costs only those who need it.

    name: one of `PARSERS`, or "module:function@folder" of another package, which is imported from that folder.
    Raises LoadError when that package cannot be imported.
    """
    if "@" in name:
        target, _, folder = name.partition("@")
        if folder not in sys.path:
            sys.path.append(folder)  # last: nothing of that folder stands before what is installed already
        try:
            offered: ParseFunction = Offer("", target, package=folder).load()
        except ConfigError as exc:
            raise LoadError(str(exc)) from exc
        return offered
    module, _, function = PARSERS[name].partition(":")
    found: ParseFunction = getattr(import_module(f"ragkit.loaders.{module}"), function)
    return found
