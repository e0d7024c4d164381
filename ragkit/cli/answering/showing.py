"""Show an answer in a terminal: the text, then each source with its exact words."""

from __future__ import annotations

from ...types import Answer
from ..output import Say, printable

__all__ = ["show_answer", "show_sources"]


def show_answer(speak: Say, answer: Answer) -> None:
    """The text, then its sources."""
    style = "bold" if answer.status == "answered" else "bold yellow"
    speak.out.print(printable(answer.text), style=style, markup=False)
    show_sources(speak, answer)


def show_sources(speak: Say, answer: Answer) -> None:
    """Each source with its exact words; an abstention shows the nearest passages instead. Notes go to stderr."""
    out = speak.out
    for c in answer.citations:
        page = f", page {c.page}" if c.page is not None else ""
        place = f" · {c.source}" if c.source and c.source != c.document else ""
        out.print(f"  [{c.marker}] {c.place}{page}, characters {c.start}-{c.end}{place}", style="cyan", markup=False)
        out.print(f"      “{printable(' '.join(c.quote.split()))}”", style="dim", markup=False)
    if answer.status != "answered" and answer.hits:
        out.print("  nearest passages:", style="dim")
        for hit in answer.hits[:3]:
            text = printable(" ".join(hit.chunk.text.split()))
            name = f"{hit.chunk.index}: " if hit.chunk.index and hit.chunk.title else ""
            out.print(f"  · {name}{hit.chunk.title or hit.document_id}: {text[:160]}…", style="dim", markup=False)
    for note in answer.notes:
        speak.err.print(f"note: {printable(note)}", style="dim", markup=False)
