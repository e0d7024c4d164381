"""Mail (EML, MBOX) and saved pages (MHTML): parts decoded, attachments read as what they are.

A message is one document: who wrote to whom and when, then its text. Of a text and the same as HTML the text is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime
from html import escape

from ...errors import LoadError
from ..encoding import decode
from ..nested import parse_inside
from ..parsed import Job, Parsed, clean, one_line
from ..texts.markup import parse_html

__all__ = ["parse_mail", "parse_mbox"]

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_SEPARATOR = re.compile(rb"^From [^\r\n]*\d{4}[^\r\n]*\r?\n", re.MULTILINE)
_QUOTED = re.compile(rb"^>(?=>*From )", re.MULTILINE)
_MAX_PARTS = 1_000
_IMAGES_INSIDE = ("image/",)  # of a saved page or an HTML mail: its decoration


def parse_mail(data: bytes, job: Job) -> Iterator[Parsed]:
    """One message with its attachments, or one saved page."""
    message = message_from_bytes(data, policy=policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise LoadError("it is named a mail but has no headers")
    yield from _message(message, job, "")


def parse_mbox(data: bytes, job: Job) -> Iterator[Parsed]:
    """Each message of a mailbox is a document, its attachments others."""
    marks = list(_SEPARATOR.finditer(data))
    if not marks or data[: marks[0].start()].strip():
        raise LoadError("it is named a mailbox but does not begin with a message")
    for number, mark in enumerate(marks, 1):
        end = marks[number].start() if number < len(marks) else len(data)
        message = message_from_bytes(
            re.sub(rb"^>(?=>*From )", b"", data[mark.end() : end], flags=re.M), policy=policy.default
        )
        if isinstance(message, EmailMessage):
            yield from _message(message, job, one_line(str(message.get("Message-ID") or number)).strip("<>"))


def _message(message: EmailMessage, job: Job, part: str) -> Iterator[Parsed]:
    parts = [p for p in message.walk() if isinstance(p, EmailMessage) and not p.is_multipart()]
    if len(parts) > _MAX_PARTS:
        raise LoadError(f"it has {len(parts)} parts, more than {_MAX_PARTS}; no mail has so many")
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None or not _bytes(body).strip():
        body = next((p for p in parts if p.get_content_maintype() == "text" and not p.get_filename()), None)
    page = "mhtml" if message.get_content_type() == "multipart/related" and not message.get("To") else ""
    text, media_type = "", "text/plain"
    title = one_line(_header(message, "Subject")) or job.stem
    if body is not None:
        job.unpack(len(_bytes(body)))
        if body.get_content_type() == "text/html":
            inner = replace(job, charset=body.get_content_charset() or "", media_type="text/markdown")
            for document in parse_html(_bytes(body), inner):
                text, media_type = document.text, document.media_type
                title = document.title if page and document.title != inner.stem else title
        else:
            text = _text(body, job)
    if not page:
        shown = [f"{name}: {' '.join(_header(message, name).split())}" for name in _SHOWN if _header(message, name)]
        lines = "\n".join(escape(s, quote=False) if media_type == "text/markdown" else s for s in shown)
        text = f"{lines}\n\n{text}" if lines else text
    yield Parsed(clean(text), title, media_type=media_type, part=part, metadata=_metadata(message, page))
    for number, attached in enumerate(parts, 1):
        if attached is body:
            continue
        name = attached.get_filename() or ""
        kind = attached.get_content_type()
        inline = not name and attached.get_content_disposition() != "attachment"
        if (inline and kind in ("text/plain", "text/html", "text/css")) or (page and not name):
            continue
        if kind.startswith(_IMAGES_INSIDE) and (page or attached.get("Content-ID")):
            continue
        content = _bytes(attached)
        job.unpack(len(content))
        where = f"{part}/{name or number}" if part else name or str(number)
        yield from parse_inside(content, name or f"{number}.{_suffix(kind)}", job, part=where)


def _metadata(message: EmailMessage, page: str) -> dict[str, str]:
    found = {"from": _header(message, "From"), "to": _header(message, "To")} if not page else {}
    try:
        found["date"] = parsedate_to_datetime(str(message["Date"])).date().isoformat() if message["Date"] else ""
    except (ValueError, TypeError):
        found["date"] = ""
    if page:
        found["url"] = _header(message, "Snapshot-Content-Location")
    return {key: clean(" ".join(value.split())) for key, value in found.items() if value}


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message[name] or "")
    except (ValueError, IndexError, AttributeError, TypeError):  # a header that the library cannot parse
        return ""


def _bytes(part: MIMEPart) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _text(part: MIMEPart, job: Job) -> str:
    text = (
        decode(_bytes(part), replace(job, encoding=""), charset=part.get_content_charset() or "")
        if _bytes(part)
        else ""
    )
    if part.get_param("format") == "flowed":  # RFC 3676: a line that ends in a space goes on
        text = re.sub(r"(?<!^--) \r?\n(?!>)", " ", text)
    return text


def _suffix(kind: str) -> str:
    return {"message/rfc822": "eml", "application/pdf": "pdf", "text/html": "html", "text/csv": "csv"}.get(kind, "txt")
