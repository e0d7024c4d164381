"""The Chat tab: what the page asks of the server, and the two hidden components that carry the answers.

The page (`script/`) triggers an event with its data; the answer comes back as operations (`feed`). An answer streams
through one component, everything short through the other, so that they never wait for each other.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from ragkit.asking import Ask, Limits
from ragkit.cli.output import where_filter
from ragkit.errors import NotFoundError, RagkitError
from ragkit.index import EVALUATION_PREFIX
from ragkit.server.service import Service
from ragkit.server.workspace import Workspace
from ragkit.types import Budget

from ..session import session_of, workspace_of
from ..words import Words
from .export import export_markdown, file_name
from .feed import Feed, Pump, mail
from .page import chat_html
from .stream import Telling
from .view import View, thought, thought_label, view_of_turn, whole

__all__ = ["chat_tab", "wires"]

EXAMPLES = 3
_WIRE = "ragkit.wire('{name}', props, trigger, watch, [{events}])"


def wires(service: Service, t: Words, blocks: gr.Blocks) -> None:
    """The hidden components, outside of the tabs: they live as long as the page. A page that goes is noticed."""
    chat = _Chat(service, t)
    feed = _wire("feed", ("ask",))
    feed.ask(chat.ask, outputs=feed, concurrency_limit=None, show_progress="hidden", api_visibility="private")
    post = _wire("post", ("hello", "stop", "vote", "open", "export", "undo", "list", "rename", "delete"))
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "multiple"}
    post.stop(chat.stop, queue=False, **quiet)
    blocks.unload(chat.leave)
    blocks.load(chat.hello, outputs=post, concurrency_limit=None, **quiet)
    for name in ("hello", "vote", "open", "export", "undo", "list", "rename", "delete"):
        getattr(post, name)(getattr(chat, name), outputs=post, concurrency_limit=None, **quiet)


def chat_tab(t: Words, limits: Limits) -> None:
    """The visible page; the script brings it to life."""
    gr.HTML(
        html_template=chat_html(t, limits), js_on_load="ragkit.chat(element)", apply_default_css=False, padding=False
    )


def _wire(name: str, events: tuple[str, ...]) -> gr.HTML:
    js = _WIRE.format(name=name, events=", ".join(f"'{event}'" for event in events))
    return gr.HTML("", html_template="", js_on_load=js, elem_classes=["rk-wire"], apply_default_css=False)


class _Chat:
    """The handlers of one page. Which user asks is told by the request; the page keeps which conversation it shows."""

    def __init__(self, service: Service, t: Words) -> None:
        self._service, self._t = service, t
        self._pumps: dict[str, Pump] = {}

    async def ask(self, request: gr.Request, event: gr.EventData) -> AsyncIterator[str]:
        """Answer a question, after forgetting the turns that it takes the place of."""
        told, session = event._data, session_of(request)
        workspace = workspace_of(request, self._service)
        asked, feed = told.get("settings") or {}, Feed()
        budget, shown = _budget(asked.get("budget"))
        telling = Telling(feed, self._t, turn=_id(told.get("turn")), budget=shown)
        try:
            if told.get("conversation") and told.get("keep") is not None:
                workspace.truncate(str(told["conversation"]), int(told["keep"]))
            where = where_filter([p for p in str(asked.get("where") or "").split(";") if p.strip()])
            chosen = Ask(
                index=str(asked.get("index") or workspace.default_index),
                model=asked.get("model") or None,
                strategy=asked.get("strategy") or None,
                budget=budget,
                samples=_whole(asked.get("samples")),
                k=_whole(asked.get("k")),
                where=where,
            )
            conversation = told.get("conversation") or None
            events = workspace.stream(str(told.get("question", "")), chosen, conversation=conversation)
        except (RagkitError, ValueError) as exc:
            telling.tell([exc])
            yield feed.value
            return
        if (earlier := self._pumps.get(session)) is not None:
            earlier.stop()
        pump = self._pumps[session] = Pump(events)
        try:
            async for bundle in pump.bundles():
                telling.tell(bundle)
                yield feed.value
        finally:
            pump.stop()
            if self._pumps.get(session) is pump:
                del self._pumps[session]

    async def stop(self, request: gr.Request) -> None:
        """Stop what this tab of the browser is being answered; the engine's request is aborted."""
        if (pump := self._pumps.get(session_of(request))) is not None:
            pump.stop()

    def leave(self, request: gr.Request) -> None:
        """The page was closed: what it was being answered is stopped."""
        if (pump := self._pumps.get(session_of(request))) is not None:
            pump.stop_soon()

    def hello(self, request: gr.Request) -> str:
        """What the controls offer."""
        space = workspace_of(request, self._service)
        found = []
        for record in space.indexes():
            if record.name.startswith(EVALUATION_PREFIX) and record.name != space.default_index:
                continue
            documents, _ = space.store.counts(record.id)
            titles = [d.title for d in space.index(record.name).documents(limit=EXAMPLES) if d.title]
            kept = record.settings.get("budget")
            recommended = kept if isinstance(kept, int) else None
            found.append({"name": record.name, "documents": documents, "budget": recommended, "titles": titles})
        return mail(
            "setup", indexes=found, index=space.default_index, models=space.models(), strategy=space.default_strategy
        )

    def vote(self, request: gr.Request, event: gr.EventData) -> str:
        """Keep what the reader thinks of an answer; the same vote again takes it back."""
        trace, value = str(event._data.get("trace", "")), int(event._data.get("value", 0))
        try:
            workspace_of(request, self._service).vote(trace, value)
        except RagkitError as exc:
            return mail("say", text=str(exc))
        return mail("voted", trace=trace, value=value, text=self._t("chat.voted"))

    def open(self, request: gr.Request, event: gr.EventData) -> str:
        """Show a stored conversation."""
        space, id_ = workspace_of(request, self._service), str(event._data.get("id", ""))
        try:
            record = space.conversation(id_)
            views = _views(space, id_)
        except RagkitError:
            return mail("gone", text=self._t("history.gone"))
        index = next((r.name for r in space.indexes() if r.id == record.index_id), "")
        turns = []
        for n, view in enumerate(views, 1):
            vote = space.vote_on(view.trace_id) if view.trace_id else None
            parts = whole(view, self._t, turn=f"o{n}")
            steps = _steps(view, self._t)
            turns.append(
                {
                    "turn": f"o{n}",
                    "question": view.question,
                    "ordinal": n,
                    "steps": steps,
                    "vote": vote.value if vote else 0,
                    **parts,
                }
            )
        return mail("open", id=id_, title=record.title, index=index, turns=turns)

    def export(self, request: gr.Request, event: gr.EventData) -> str:
        """The conversation as a Markdown file."""
        space, id_ = workspace_of(request, self._service), str(event._data.get("id", ""))
        try:
            title = space.conversation(id_).title or self._t("chat.new")
            text = export_markdown(title, _views(space, id_), self._t)
        except RagkitError as exc:
            return mail("say", text=str(exc))
        return mail("file", name=file_name(title), text=text)

    def undo(self, request: gr.Request, event: gr.EventData) -> str:
        """Forget the turns after the first `keep`."""
        try:
            space = workspace_of(request, self._service)
            space.truncate(str(event._data.get("id", "")), int(event._data.get("keep", 0)))
        except RagkitError as exc:
            return mail("say", text=str(exc))
        return mail("undone")

    def list(self, request: gr.Request, event: gr.EventData) -> str:
        """The conversations, newest first."""
        space = workspace_of(request, self._service)
        names = {r.id: r.name for r in space.indexes()}
        found = [
            {
                "id": c.id,
                "title": c.title or self._t("chat.new"),
                "turns": self._t.count("history.turns", c.turns),
                "index": names.get(c.index_id or "", ""),
                "when": c.updated_at.isoformat(),
            }
            for c in space.conversations(search=str(event._data.get("search", ""))[:200])
        ]
        return mail("list", items=found, search=event._data.get("search", ""))

    def rename(self, request: gr.Request, event: gr.EventData) -> str:
        """Give a conversation another title."""
        return self._changed(request, event, lambda s, id_: s.rename_conversation(id_, str(event._data["title"])))

    def delete(self, request: gr.Request, event: gr.EventData) -> str:
        """Delete a conversation; the page has asked twice."""
        return self._changed(request, event, lambda s, id_: s.delete_conversation(id_))

    def _changed(self, request: gr.Request, event: gr.EventData, change: Any) -> str:
        try:
            change(workspace_of(request, self._service), str(event._data.get("id", "")))
        except RagkitError as exc:
            return mail("say", text=str(exc))
        return self.list(request, event)


def _views(space: Workspace, conversation: str) -> list[View]:
    record = space.conversation(conversation)
    name = next((r.name for r in space.indexes() if r.id == record.index_id), None)
    texts: dict[str, str | None] = {}

    def text_of(document_id: str) -> str | None:
        if document_id not in texts:
            try:
                texts[document_id] = None if name is None else space.index(name).document(document_id).text
            except NotFoundError:
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
    return int(told) if str(told).isdigit() else None


def _id(told: Any) -> str:
    return "".join(c for c in str(told) if c.isalnum())[:16]
