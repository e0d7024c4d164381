"""A conversation as a Markdown file, with the sources of each answer."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..words import Words
from .view import View, markdown

__all__ = ["export_markdown", "file_name"]


def export_markdown(title: str, views: Iterable[View], t: Words) -> str:
    """The whole conversation: a heading, then each question with its answer and its sources."""
    parts = [f"# {title}"]
    for view in views:
        parts.append(f"## {' '.join(view.question.split())}\n\n{markdown(view, t)}")
    return "\n\n".join(parts) + "\n"


def file_name(title: str) -> str:
    """A plain name for the file: letters, digits and dashes of any script, at most 60."""
    return (re.sub(r"\W+", "-", title).strip("-")[:60] or "conversation") + ".md"
