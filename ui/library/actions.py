"""What the Library's buttons do. Handlers keep nothing: who asks and what is chosen comes with every event.

Gradio reads the handlers' annotations when the page is built, so their types are imported for real.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any

import gradio as gr
from markupsafe import Markup

from ragkit.errors import RagkitError

from ..names import source_name
from ..safe_html import plain
from ..session import workspace_of
from ..told import line
from ..uploads import Sent
from .add import Adding, add_view
from .search import Order, search_all
from .view import documents_table, health_view, notice, preview, results, summary_line

if TYPE_CHECKING:
    from ragkit.server.service import Service
    from ragkit.server.workspace import Workspace

    from ..words import Words

__all__ = ["PAGE", "Actions"]

PAGE = 50  # documents a page
FOLLOW_S = 0.25
SORTED = 20_000  # documents that are listed by title; more come in the order they were added
MOST = 50  # passages of each ranking


class Actions:
    """The handlers of one language."""

    def __init__(self, service: Service, t: Words) -> None:
        self.service, self.t = service, t

    # what is shown

    def refresh(self, chosen: str | None, words: str, first: int, request: gr.Request) -> tuple[Any, ...]:
        """The indexes, and the page of documents of the chosen one."""
        workspace = workspace_of(request, self.service)
        names = [record.name for record in workspace.indexes()]
        if chosen not in names:
            chosen = workspace.default_index if workspace.default_index in names else names[0] if names else None
            first = 0
        summary, table, first, more = self._listing(workspace, chosen, words, first)
        return gr.Dropdown(choices=names, value=chosen), summary, table, first, gr.Row(visible=more)

    def choose(self, chosen: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Another index: what was shown of the last one goes."""
        return (*self.refresh(chosen, "", 0, request), "", "", "", "", "")

    def first_page(self, chosen: str | None, words: str, first: int, request: gr.Request) -> tuple[Any, ...]:
        """The documents that hold the words, from the first on."""
        return self.refresh(chosen, words, 0, request)

    def turn(self, by: int) -> Callable[..., tuple[Any, ...]]:
        """A handler that goes on by so many documents."""

        def turn(chosen: str | None, words: str, first: int, request: gr.Request) -> tuple[Any, ...]:
            return self.refresh(chosen, words, first + by, request)

        return turn

    def _listing(
        self, workspace: Workspace, chosen: str | None, words: str, first: int
    ) -> tuple[Markup, Markup, int, bool]:
        if chosen is None:
            return Markup('<p class="rp-empty">{}</p>').format(self.t("library.none")), Markup(""), 0, False
        index = workspace.index(chosen)
        documents, chunks = workspace.store.counts(index.record.id)
        wanted = (words or "").strip().lower()
        listed = wanted or documents <= SORTED
        rows = index.documents() if listed else []
        rows = [r for r in rows if wanted in f"{r.title}\n{source_name(r.source)}\n{source_name(r.id)}".lower()]
        rows.sort(key=lambda r: ((r.title or source_name(r.source or r.id)).casefold(), r.id))
        total = len(rows) if listed else documents
        first = max(0, min(first, (total - 1) // PAGE * PAGE))
        rows = rows[first : first + PAGE] if listed else index.documents(limit=PAGE, offset=first)
        summary = summary_line(self.t, workspace.store.index(chosen), documents, chunks)
        table = documents_table(self.t, rows, first=first, total=total, filtered=bool(wanted))
        return summary, table, first, total > PAGE

    # indexes

    def ask_name(self, chosen: str | None) -> tuple[Any, str, dict[str, str]]:
        """Open the field for another name of the chosen index."""
        if not chosen:
            return gr.Row(visible=False), "", {}
        return gr.Row(visible=True), chosen, {"what": "rename", "name": chosen}

    def named(self, pending: Mapping[str, str], name: str, chosen: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Make an index, or give one another name; a name that cannot be leaves the field open."""
        workspace = workspace_of(request, self.service)
        try:
            if pending.get("what") == "rename":
                made = workspace.rename(pending["name"], name.strip()).name
                told = self.t("library.renamed", old=pending["name"], new=made)
            else:
                made = workspace.create(name.strip()).name
                told = self.t("library.created", name=made)
        except RagkitError as exc:
            return notice(line(exc, self.t), "bad"), gr.Row(visible=True), name, pending, chosen
        names = [record.name for record in workspace.indexes()]
        return notice(told, "good"), gr.Row(visible=False), "", {}, gr.Dropdown(choices=names, value=made)

    def ask_drop(self, chosen: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Ask before the chosen index goes."""
        if not chosen:
            return gr.Row(visible=False), "", {}, notice(self.t("library.none"), "bad")
        workspace = workspace_of(request, self.service)
        try:
            documents, _ = workspace.store.counts(workspace.index(chosen).record.id)
        except RagkitError as exc:
            return gr.Row(visible=False), "", {}, notice(line(exc, self.t), "bad")
        told = self.t("library.ask_index", name=plain(chosen), documents=self.t.count("library.documents_n", documents))
        return gr.Row(visible=True), _question(told), {"what": "index", "name": chosen}, notice("")

    def delete(self, pending: Mapping[str, str], chosen: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Delete what was asked about: an index, or a document of the chosen one."""
        workspace = workspace_of(request, self.service)
        closed: tuple[Any, ...] = (gr.Row(visible=False), "", {})
        try:
            if pending.get("what") == "index":
                workspace.drop(pending["name"])
                return (*closed, notice(self.t("library.dropped", name=pending["name"]), "good"), None, "")
            if pending.get("what") == "document" and chosen:
                row = workspace.index(chosen).document(pending["name"])
                workspace.index(chosen).delete(id=row.id)
                name = row.title or source_name(row.source or row.id)
                return (*closed, notice(self.t("library.deleted", name=name), "good"), chosen, "")
        except RagkitError as exc:
            return (*closed, notice(line(exc, self.t), "bad"), chosen, "")
        return (*closed, notice(""), chosen, gr.skip())

    # documents

    def act(self, chosen: str | None, request: gr.Request, event: gr.EventData) -> tuple[Any, ...]:
        """A button in a row: show the document, or ask before it goes."""
        act, name, _ = _told(event)
        workspace = workspace_of(request, self.service)
        nothing: tuple[Any, ...] = (gr.Row(visible=False), "", {})
        try:
            if chosen and act == "preview":
                return (*nothing, notice(""), self._preview(workspace, chosen, name, None))
            if chosen and act == "delete":
                document = workspace.index(chosen).document(name)
                told = self.t(
                    "library.ask_document", name=plain(document.title or source_name(document.source or name))
                )
                return gr.Row(visible=True), _question(told), {"what": "document", "name": name}, notice(""), gr.skip()
        except RagkitError as exc:
            return (*nothing, notice(line(exc, self.t), "bad"), gr.skip())
        return (*nothing, notice(""), gr.skip())

    def _preview(self, workspace: Workspace, chosen: str, name: str, at: int | None) -> Markup:
        index = workspace.index(chosen)
        return preview(self.t, index.document(name), index.chunks(name), at=at)

    async def add(self, chosen: str | None, request: gr.Request, event: gr.EventData) -> AsyncIterator[Any]:
        """Add the files that were sent and tell how far it is; into a first index where there is none."""
        workspace, sent = workspace_of(request, self.service), Sent.of(event._data)
        try:
            if not chosen:
                chosen = (await asyncio.to_thread(workspace.create, workspace.default_index)).name
            adding = Adding(workspace, chosen, workspace.inbox.take(sent.ids), sent.failed).start()
        except RagkitError as exc:
            yield "", gr.skip(), notice(line(exc, self.t), "bad")
            return
        names = [record.name for record in await asyncio.to_thread(workspace.indexes)]
        yield add_view(self.t, adding), gr.Dropdown(choices=names, value=chosen), notice("")
        told = -1
        while not adding.ended:
            if len(adding.settled) != told:
                told = len(adding.settled)
                yield add_view(self.t, adding), gr.skip(), gr.skip()
            await asyncio.sleep(FOLLOW_S)
        yield add_view(self.t, adding), gr.skip(), gr.skip()

    # search and health

    def search(self, query: str, k: float, order: Order, chosen: str | None, request: gr.Request) -> tuple[Any, str]:
        """The passages of a question in all three rankings."""
        if not (query or "").strip() or not chosen:
            return (notice(self.t("library.none"), "bad") if not chosen else ""), ""
        try:
            index = workspace_of(request, self.service).index(chosen)
            found = search_all(index, query, max(1, min(int(k), MOST)), order=order)
        except RagkitError as exc:
            return notice(line(exc, self.t), "bad"), ""
        return results(self.t, query, found), ""

    def show_found(self, chosen: str | None, request: gr.Request, event: gr.EventData) -> tuple[Any, Any]:
        """Open the document of a passage at that passage."""
        act, name, passage = _told(event)
        if act != "preview" or not chosen:
            return gr.skip(), gr.skip()
        try:
            at = int(passage) if passage.isdecimal() else None
            return self._preview(workspace_of(request, self.service), chosen, name, at), notice("")
        except RagkitError as exc:
            return "", notice(line(exc, self.t), "bad")

    def verify(self, chosen: str | None, request: gr.Request) -> Markup:
        """Check the chosen index; repairs nothing."""
        return self._health(chosen, request, repair=False)

    def repair(self, chosen: str | None, request: gr.Request) -> Markup:
        """Build the search files of the chosen index anew."""
        return self._health(chosen, request, repair=True)

    def _health(self, chosen: str | None, request: gr.Request, *, repair: bool) -> Markup:
        if not chosen:
            return notice(self.t("library.none"), "bad")
        try:
            index = workspace_of(request, self.service).index(chosen)
            health = index.repair() if repair else index.verify()
        except RagkitError as exc:
            return notice(line(exc, self.t), "bad")
        return health_view(self.t, health, repaired=repair)


def _question(text: str) -> Markup:
    return Markup('<p class="rp-question-line" role="alert">{}</p>').format(text)


def _told(event: gr.EventData) -> tuple[str, str, str]:
    """What a click in the page says; nothing of it is believed."""
    data = event._data if isinstance(event._data, dict) else {}
    return str(data.get("act", "")), str(data.get("id", "")), str(data.get("passage", ""))
