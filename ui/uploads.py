"""Choosing files in the page: sent to the server's own route, known to the page by ids, never by a path.

Gradio's file components are not used: what they send back names a file of the server, and Gradio hands out what is
named. Here a file goes to `/api/uploads`, and the event that uses it (`sent`) carries the id that came back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from .safe_html import escape

if TYPE_CHECKING:
    from .words import Words

__all__ = ["Sent", "chooser"]

_JS = "ragkit.uploads(element, trigger, 'sent')"


@dataclass(frozen=True, slots=True)
class Sent:
    """What a page says it has sent: ids, and what did not arrive, as name and reason. Nothing of it is believed."""

    ids: Sequence[str]
    failed: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, told: Any) -> Sent:
        """Read an event's data; what has another shape is left out."""
        told = told if isinstance(told, Mapping) else {}
        ids, failed = told.get("ids"), told.get("failed")
        return cls(
            [i for i in ids if isinstance(i, str)] if isinstance(ids, list) else [],
            [
                (str(f.get("name", ""))[:400], str(f.get("reason", ""))[:400])
                for f in (failed if isinstance(failed, list) else [])
                if isinstance(f, Mapping)
            ],
        )


def chooser(t: Words, label: str, *, elem_id: str, folder: bool = False, many: bool = True) -> gr.HTML:
    """A place to drop files on, or a button to choose a folder with; its event `sent` comes when all have arrived."""
    words = escape(json.dumps(t.part("upload."), ensure_ascii=False))
    how = "webkitdirectory" if folder else "multiple" if many else ""
    page = (
        f'<div class="rp-drop{" rp-drop-folder" if folder else ""}" data-words="{words}">'
        f'<label><input type="file" {how}><span>{escape(label)}</span></label>'
        '<p class="rp-soft rp-small" role="status"></p></div>'
    )
    return gr.HTML("", html_template=page, js_on_load=_JS, elem_id=elem_id, apply_default_css=False, padding=False)
