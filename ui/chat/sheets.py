"""The pages of a PDF behind the citations of a stored turn: which there are, and one as a picture with words marked.

What is asked for is named by the reader's own conversation, turn and marker, never by a document or a path.
"""

from __future__ import annotations

import base64
import threading
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as InPath

from ragkit.errors import BusyError, LoadError, NotFoundError
from ragkit.loaders.sheet import sheet_of
from ragkit.server.here import Here
from ragkit.server.workspace import Workspace
from ragkit.types import Citation, Document

from ..safe_html import plain
from .routes import In

__all__ = ["router"]

MOST_PAGES = 5  # of one passage's words
WAIT_S = 15
_drawing = threading.BoundedSemaphore(2)  # each draws in a process of its own
router = APIRouter(prefix="/app/{language}/conversations/{id}/turns/{turn}/pages", include_in_schema=False)
Turned = Annotated[int, InPath(ge=1, le=2**31)]
Numbered = Annotated[int, InPath(ge=1, le=2**31)]
Markers = Annotated[list[Annotated[int, Query(ge=1, le=9999)]], Query(max_length=50)]


@router.get("")
def pages(id: str, turn: Turned, n: Markers, here: Here, t: In) -> dict[str, Any]:
    """The pages that the words behind markers stand on; none where the file is not kept. Raises NotFoundError."""
    found = _cited(here, id, turn, n)
    if found is None:
        return {"pages": []}
    document, cited, _ = found
    numbers: dict[int, None] = {}
    for c in cited:
        first, last = (bisect_right(document.pages, at) for at in (c.start, max(c.start, c.end - 1)))
        numbers.update(dict.fromkeys(range(first, last + 1)))
    title = plain(cited[0].document)
    told = [
        {"number": at, "label": t("panel.sheet", n=at), "alt": t("panel.sheet.alt", n=at, title=title)}
        for at in sorted(numbers)[:MOST_PAGES]
    ]
    return {"pages": told}


@router.get("/{number}")
def page(id: str, turn: Turned, number: Numbered, n: Markers, here: Here) -> dict[str, Any]:
    """One page: `png` in base64, `marks` as [left, top, width, height] in shares of it.

    Raises NotFoundError, LoadError, BusyError.
    """
    found = _cited(here, id, turn, n)
    if found is None:
        raise NotFoundError("the file behind this answer is not kept")
    document, cited, original = found
    if not _drawing.acquire(timeout=WAIT_S):
        raise BusyError("other pages are being drawn; open this one again in a moment", seconds=WAIT_S)
    try:
        sheet = sheet_of(document, number, [(c.start, c.end) for c in cited], original=original)
    except LoadError as exc:  # which names the server's path
        raise LoadError("this page cannot be shown: its file cannot be read any more; add it again") from exc
    finally:
        _drawing.release()
    return {"png": base64.b64encode(sheet.picture).decode("ascii"), "marks": sheet.marks}


def _cited(
    here: Workspace, conversation: str, turn: int, markers: Sequence[int]
) -> tuple[Document, list[Citation], Path] | None:
    """The PDF that the first of these markers cites, the citations of it, and its file; None where that is gone."""
    record, turns = here.conversation(conversation), here.turns(conversation)
    if turn > len(turns):
        raise NotFoundError(f"the conversation has {len(turns)} turns; there is no turn {turn}")
    cited = [Citation(**c) for c in turns[turn - 1].details.get("citations", ())]
    cited = [c for c in cited if c.marker in markers]
    cited = [c for c in cited if (c.index, c.document_id) == (cited[0].index, cited[0].document_id)]
    own = next((r.name for r in here.indexes() if r.id == record.index_id), None)
    name = (cited[0].index if cited else "") or own
    if not cited or name is None:
        return None
    try:
        index = here.index(name)
        document, original = index.document(cited[0].document_id), index.original(cited[0].document_id)
    except NotFoundError:
        return None
    cited = [c for c in cited if document.text[c.start : c.end] == c.quote]  # else it was added anew, and says other
    if document.media_type != "application/pdf" or not document.pages or original is None or not cited:
        return None
    return document, cited, original
