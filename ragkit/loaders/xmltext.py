"""XML to text with defusedxml, which refuses entities: they can grow without bound or read other files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import LoadError
from .encoding import decode
from .parsed import Job, Parsed, clean, one_line

__all__ = ["parse_xml"]

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9_:.-]{2,40})""")
_XML_HEAD = re.compile(r"\A\s*<\?xml[^>]*\?>")


def parse_xml(data: bytes, job: Job) -> Iterator[Parsed]:
    """The text of the elements, one line each; the title is a <title> element's."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    stated = _DECLARED.search(data[:400])
    text = clean(decode(data, job, charset=job.charset or (stated[1].decode("ascii") if stated else "")), compose=True)
    try:  # as text: the encoding it declares is already undone
        root = fromstring(_XML_HEAD.sub("", text, count=1), forbid_dtd=False)
    except DefusedXmlException as exc:
        raise LoadError("it defines entities, which can blow up without bound; remove its DOCTYPE") from exc
    except ParseError as exc:
        raise LoadError(f"it is not well-formed XML ({exc})") from exc
    title = ""
    lines: list[str] = []
    stack = [root]
    while stack:
        element = stack.pop()
        # an element with words of its own is one line, whatever is marked up inside it; the others are mere frames
        if any((piece or "").strip() for piece in (element.text, *(child.tail for child in element))):
            lines.append(" ".join("".join(element.itertext()).split()))
            if not title and str(element.tag).rpartition("}")[2].lower() == "title":
                title = one_line(lines[-1])
        else:
            stack.extend(reversed(element))
    yield Parsed("\n".join(lines) + "\n" if lines else "", title or job.stem, media_type=job.media_type)
