"""What the Chat and History pages ask of the server: routes beside Gradio's, so that a failure is seen and told.

An answer is a stream of operations, one JSON object a line (`feed`). What changes a conversation or a vote is ragkit's
own `/api`; here is what is shown, in the reader's language.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse

from ragkit.asking import Ask
from ragkit.cli.output import where_filter
from ragkit.errors import NotFoundError, RagkitError
from ragkit.index import EVALUATION_PREFIX
from ragkit.rag.memory import PENDING
from ragkit.server.here import Body, Here
from ragkit.server.workspace import Workspace
from ragkit.types import Budget

from ..names import known_as
from ..words import LANGUAGES, Words
from .answers import Answering, Answers
from .export import export_markdown, file_name
from .feed import Feed
from .stream import Telling
from .suggest import suggested
from .view import View, thought, thought_label, view_of_turn, whole

__all__ = ["router"]

EXAMPLES, FOLLOW_UPS = 3, 2
DOCUMENTS = 6  # of an answer's that are asked about further


def _words(language: str) -> Words:
    if language not in LANGUAGES:
        raise NotFoundError(f"the app does not speak {language[:20]!r}; it speaks {', '.join(LANGUAGES)}")
    return Words(language)


def _answers(request: Request) -> Answers:
    state = request.app.state
    if not hasattr(state, "answers"):
        state.answers = Answers()
    found: Answers = state.answers
    return found


def _suggestions(request: Request) -> dict[Any, list[str]]:
    state = request.app.state
    if not hasattr(state, "suggestions"):
        state.suggestions = {}
    found: dict[Any, list[str]] = state.suggestions
    return found


Kept = Annotated[dict[Any, list[str]], Depends(_suggestions)]
In = Annotated[Words, Depends(_words)]
Making = Annotated[Answers, Depends(_answers)]
router = APIRouter(prefix="/app/{language}", include_in_schema=False)


class Question(Body):
    """A question from the page. turn: the page's own id of it. keep: how many earlier turns of it stay."""

    turn: str = ""
    question: str
    conversation: str | None = None
    keep: int | None = None
    settings: dict[str, Any] = {}


@router.post("/ask")
async def ask(body: Question, here: Here, t: In, making: Making) -> Response:
    """Begin an answer and listen to it."""
    asked, feed, turn = body.settings, Feed(), _id(body.turn)
    budget, shown = _budget(asked.get("budget"))
    if body.conversation and body.keep is not None:
        here.truncate(body.conversation, body.keep)
    chosen = Ask(
        index=str(asked.get("index") or here.default_index),
        model=asked.get("model") or None,
        strategy=asked.get("strategy") or None,
        budget=budget,
        samples=_whole(asked.get("samples")),
        k=_whole(asked.get("k")),
        where=where_filter([p for p in str(asked.get("where") or "").split(";") if p.strip()]),
    )
    events = here.stream(body.question, chosen, conversation=body.conversation or None, early=True)
    answering = Answering(events, feed, Telling(feed, t, turn=turn, budget=shown))
    making.begin(here.user, turn, answering)
    return _stream(answering)


@router.get("/answers/{turn}")
async def listen(turn: str, here: Here, making: Making, start: Annotated[int, Query(ge=0)] = 0) -> Response:
    """Listen to an answer again, from its `start`-th operation on. Raises NotFoundError."""
    return _stream(_found(making, here, turn), start)


@router.post("/answers/{turn}/stop")
async def stop(turn: str, here: Here, making: Making) -> dict[str, bool]:
    """End an answer; the engine's request is aborted, what there is of it is kept. Raises NotFoundError."""
    _found(making, here, turn).stop()
    return {"stopped": True}


@router.get("/setup")
def setup(here: Here, t: In) -> dict[str, Any]:
    """What the controls offer."""
    found = []
    for record in here.indexes():
        if record.name.startswith(EVALUATION_PREFIX) and record.name != here.default_index:
            continue
        documents, _ = here.store.counts(record.id)
        budget = record.recommended_budget
        found.append({"name": record.name, "documents": documents, "budget": budget})
    models = [{"id": m, "name": known_as(m, t)} for m in here.models()]
    return {"indexes": found, "index": here.default_index, "models": models, "strategy": here.default_strategy}


@router.get("/suggested")
def suggestions(here: Here, t: In, kept: Kept, index: Annotated[str, Query(max_length=64)]) -> dict[str, list[str]]:
    """Questions that the documents of an index answer. Raises NotFoundError."""
    opened = here.index(index)
    record = opened.record
    key = (here.user, record.id, here.store.index(index).sequence, t.language)
    if key not in kept:
        for old in [k for k in kept if k[:2] == key[:2] and k[3] == key[3]]:
            del kept[old]
        kept[key] = suggested(opened, t, EXAMPLES)
    return {"questions": kept[key]}


@router.get("/conversations/{id}/next")
def follow_ups(id: str, here: Here, t: In) -> dict[str, list[str]]:
    """Two questions to go on with, about what the documents of the last answer say besides. Raises NotFoundError."""
    turns, record = here.turns(id), here.conversation(id)
    index = next((r.name for r in here.indexes() if r.id == record.index_id), None)
    if index is None or not turns or turns[-1].status != "answered":
        return {"questions": []}
    told = turns[-1].details
    opened = here.index(index)
    cited = {(c["document_id"], c["start"]) for c in told.get("citations", ())}
    about = dict.fromkeys(d for d, _ in cited) | dict.fromkeys(h["document_id"] for h in told.get("hits", ()))
    read = [
        c for d in about for c in opened.chunks(d) if any(c.document_id == e and c.start <= s < c.end for e, s in cited)
    ]
    seen = {c.section[-1] if c.section else c.title for c in read}
    asked = {" ".join(turn.asked.split()) for turn in turns}
    found = suggested(opened, t, FOLLOW_UPS + len(asked), about=list(about)[:DOCUMENTS], not_in=seen)
    return {"questions": [q for q in found if q not in asked][:FOLLOW_UPS]}


@router.get("/conversations")
def conversations(here: Here, t: In, search: Annotated[str, Query(max_length=200)] = "") -> dict[str, Any]:
    """The conversations, newest first."""
    names = {r.id: r.name for r in here.indexes()}
    found = [
        {
            "id": c.id,
            "title": c.title or t("chat.new"),
            "turns": t.count("history.turns", c.turns),
            "index": names.get(c.index_id or "", ""),
            "when": c.updated_at.isoformat(),
        }
        for c in here.conversations(search=search)
    ]
    return {"items": found, "search": search}


@router.get("/conversations/{id}")
def conversation(id: str, here: Here, t: In, making: Making) -> dict[str, Any]:
    """A stored conversation; a turn that is being answered comes with the id under which to listen to it."""
    record, views = here.conversation(id), _views(here, id)
    index = next((r.name for r in here.indexes() if r.id == record.index_id), "")
    turns = []
    for n, view in enumerate(views, 1):
        live = making.at(here.user, id, n) if view.status == PENDING else ""
        vote = here.vote_on(view.trace_id) if view.trace_id else None
        parts = {} if live else whole(view, t, turn=f"o{n}")
        told = {"turn": live or f"o{n}", "live": bool(live), "question": view.question, "ordinal": n}
        turns.append({**told, "steps": _steps(view, t), "vote": vote.value if vote else 0, **parts})
    return {"id": id, "title": record.title, "index": index, "turns": turns}


@router.get("/conversations/{id}/markdown")
def markdown(id: str, here: Here, t: In) -> dict[str, str]:
    """A conversation as a Markdown file."""
    title = here.conversation(id).title or t("chat.new")
    return {"name": file_name(title), "text": export_markdown(title, _views(here, id), t)}


def _stream(answering: Answering, start: int = 0) -> StreamingResponse:
    return StreamingResponse(answering.listen(start), media_type="application/x-ndjson")


def _found(making: Answers, here: Workspace, turn: str) -> Answering:
    found = making.find(here.user, turn)
    if found is None:
        raise NotFoundError("no such answer is being given; open its conversation")
    return found


def _views(space: Workspace, conversation: str) -> list[View]:
    record = space.conversation(conversation)
    name = next((r.name for r in space.indexes() if r.id == record.index_id), None)
    texts: dict[str, str | None] = {}

    def text_of(document_id: str) -> str | None:
        if document_id not in texts:
            try:
                texts[document_id] = None if name is None else space.index(name).document(document_id).text
            except RagkitError:
                texts[document_id] = None
        return texts[document_id]

    return [view_of_turn(turn, text_of) for turn in space.turns(conversation)]


def _steps(view: View, t: Words) -> str:
    if not view.thinking:
        return ""
    label = thought_label(t, view.ledger.thinking_tokens, view.budget, view.ledger.ended)
    return thought(view.thinking, label, 0)


def _budget(told: Any) -> tuple[int | Budget | None, int | None]:
    """What the slider says: tokens, "natural" for no cap even where one is recommended, nothing for the usual."""
    tokens = _whole(told)
    if tokens is not None:
        return tokens, tokens
    return (Budget() if told == "natural" else None), None


def _whole(told: Any) -> int | None:
    return int(told) if str(told).isdecimal() else None


def _id(told: str) -> str:
    return "".join(c for c in told if c.isalnum())[:16]
