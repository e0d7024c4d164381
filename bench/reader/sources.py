"""Where examples come from: folders of question sets and labelled claims, and plain texts, split by document.

    FOLDER/claims_*/claims.jsonl                       {"claim", "evidence", "label", "lang"}
    FOLDER/NAME/documents.jsonl, questions.jsonl       {"id", "text"}; {"question", "answers", "relevant", "meta"}
    --texts FOLDER                                     *.txt and man pages (*.gz), any language

A document belongs to the held part by the hash of its name, so that nothing of it is ever trained on.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["article", "held", "plain_man_page", "read_jsonl", "texts_in"]

HELD = 0.2  # of the documents
SHARE = 0.35  # of the files of a folder of texts that are read: more is more than is learned from


def held(name: str) -> bool:
    """Whether the document of this name is kept for measuring."""
    return hashlib.sha256(name.encode()).digest()[0] < 256 * HELD


def article(document_id: str) -> str:
    """The article that a paragraph "Normans#3" belongs to."""
    return document_id.split("#")[0]


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """The records of a file, [] where it is not there."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def texts_in(folder: Path) -> Iterator[tuple[str, str]]:
    """(name, text) of every plain text and man page below `folder`."""
    for path in sorted(folder.rglob("*")):
        if hashlib.sha256(path.name.encode()).digest()[1] > 256 * SHARE:
            continue
        if path.suffix == ".txt":
            yield path.name, path.read_text(encoding="utf-8", errors="replace")
        elif path.suffix == ".gz" and path.parent.name.startswith("man"):
            yield path.name, plain_man_page(gzip.decompress(path.read_bytes()).decode("utf-8", errors="replace"))


def plain_man_page(source: str) -> str:
    """The running text of a man page's source, without its macros."""
    lines: list[str] = []
    for line in source.splitlines():
        if line.startswith((".SH", ".SS")):
            lines += ["", re.sub(r"^\.S[HS]\s*", "", line).strip('" '), ""]
        elif line.startswith((".PP", ".TP", ".IP", ".P", ".sp", ".LP")):
            lines.append("")
        elif line.startswith((".B ", ".I ", ".BR ", ".IR ", ".RB ", ".BI ", ".RI ")):
            lines.append(re.sub(r'^\.\w+\s+|"', "", line))
        elif not line.startswith((".", "'")):
            lines.append(line)
    text = "\n".join(lines)
    text = re.sub(r"\\f(?:\[\w*\]|\(\w\w|.)|\\[&/,%:]|\\c$", "", text)
    text = (
        text.replace("\\-", "-").replace("\\(aq", "'").replace("\\(dq", '"').replace("\\(co", "©").replace("\\e", "\\")
    )
    text = re.sub(r"\\\(..|\\\[\w+\]|\\s[-+]?\d|\\m\[\w*\]", "", text)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"(?<!\n)\n(?!\n)", " ", text)).replace("  ", " ")
