"""The Library: indexes, the documents in them, what a search finds, and whether all of it is sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.context import Context
from markupsafe import Markup

from ..uploads import chooser
from .actions import PAGE, Actions
from .view import notice

if TYPE_CHECKING:
    from ragkit.server.service import Service

    from ..words import Words

__all__ = ["ACT", "box", "library_tab"]

ACT = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-act]');
  if (!button) return;
  const {act, id = '', passage = ''} = button.dataset;
  trigger('click', {act, id, passage});
});
"""


def box(value: str = "", **options: Any) -> gr.HTML:
    """HTML that looks as pages.css says, not as Gradio's own prose."""
    return gr.HTML(value, apply_default_css=False, padding=False, **options)


def _show(panel: str) -> str:
    """Bring a panel's passage, else its beginning, into view."""
    return (
        f"() => {{ const p = document.querySelector('{panel} section'); if (!p) return; "
        "p.scrollIntoView({block: 'nearest'}); const c = p.querySelector('.rp-chosen'); "
        "if (c) c.scrollIntoView({block: 'center'}); }"
    )


def library_tab(service: Service, t: Words) -> None:
    """Build the tab inside of the current `gr.Tab` and wire it."""
    _Library(service, t)


class _Library:
    """Components and handlers of one language's Library. No state of a user lives here, only in the browser."""

    def __init__(self, service: Service, t: Words) -> None:
        self.service, self.t, self.do = service, t, Actions(service, t)
        root, tab = Context.root_block, Context.block
        while not isinstance(tab, gr.Tab):
            tab = tab.parent
        self._build()
        self._wire()
        shown = [self.index, self.summary, self.table, self.first, self.pager]
        for trigger in (root.load, tab.select):
            trigger(
                self.do.refresh,
                [self.index, self.filter, self.first],
                shown,
                show_progress="hidden",
                api_visibility="private",
            )

    def _build(self) -> None:
        t = self.t
        with gr.Row(elem_classes="rp-bar-row"):
            self.index = gr.Dropdown(
                [], label=t("library.index"), elem_id="rp-library-index", scale=3, min_width=200, interactive=True
            )
            self.new = gr.Button(t("library.new"), size="sm", min_width=90, scale=0, elem_id="rp-index-new")
            self.rename = gr.Button(t("library.rename"), size="sm", min_width=110, scale=0)
            self.drop = gr.Button(t("library.delete_index"), size="sm", min_width=90, scale=0, variant="stop")
        self.summary = box("", elem_id="rp-library-summary")
        self.notice = box(notice(""), elem_id="rp-library-notice")
        with gr.Row(visible=False, elem_classes="rp-bar-row rp-sure") as self.naming:
            self.name = gr.Textbox("", label=t("library.name"), max_lines=1, max_length=64, scale=3, min_width=200)
            self.name_ok = gr.Button(t("library.save"), variant="primary", size="sm", scale=0, min_width=90)
            self.name_no = gr.Button(t("library.cancel"), size="sm", scale=0, min_width=90)
        with gr.Row(visible=False, elem_classes="rp-bar-row rp-sure") as self.asking:
            self.asked = box("")
            self.yes = gr.Button(t("library.delete"), variant="stop", size="sm", scale=0, min_width=90)
            self.no = gr.Button(t("library.keep"), size="sm", scale=0, min_width=90)
        self.pending = gr.State({})
        self.first = gr.State(0)
        with gr.Tabs(elem_classes="rp-inner"):
            with gr.Tab(t("library.documents")):
                self._build_documents()
            with gr.Tab(t("library.search")):
                self._build_search()
            with gr.Tab(t("library.health")):
                box(Markup('<p class="rp-soft">{}</p>').format(t("library.health_about")))
                with gr.Row(elem_classes="rp-bar-row"):
                    self.verify = gr.Button(t("library.verify"), scale=0, min_width=140)
                    self.repair = gr.Button(t("library.repair"), scale=0, min_width=140)
                self.health = box("", elem_id="rp-health")

    def _build_documents(self) -> None:
        t, limits = self.t, self.service.settings
        self.files = chooser(t, t("library.drop"), elem_id="rp-library-files")
        with gr.Row(elem_classes="rp-bar-row"):
            self.folder = chooser(t, t("library.folder"), elem_id="rp-library-folder", folder=True)
            box(
                Markup('<p class="rp-soft rp-small">{}</p>').format(
                    t("library.limits", files=t.number(limits.max_uploads), size=limits.max_upload_mb)
                )
            )
        self.adding = box("", elem_id="rp-adding")
        self.filter = gr.Textbox(
            "",
            label=t("library.filter"),
            placeholder=t("library.filter_hint"),
            max_lines=1,
            elem_id="rp-library-filter",
        )
        self.table = box("", elem_id="rp-documents", js_on_load=ACT)
        with gr.Row(visible=False, elem_classes="rp-bar-row") as self.pager:
            self.back = gr.Button(t("library.back"), size="sm", scale=0, min_width=110)
            self.next = gr.Button(t("library.next"), size="sm", scale=0, min_width=110)
        self.preview = box("", elem_id="rp-preview", js_on_load=ACT)

    def _build_search(self) -> None:
        t = self.t
        box(Markup('<p class="rp-soft">{}</p>').format(t("library.search_about")))
        with gr.Row(elem_classes="rp-bar-row"):
            self.query = gr.Textbox(
                "",
                label=t("library.query"),
                placeholder=t("library.query_hint"),
                max_lines=1,
                scale=4,
                min_width=220,
                elem_id="rp-library-query",
            )
            self.go = gr.Button(t("library.find"), variant="primary", scale=0, min_width=110)
        with gr.Row(elem_classes="rp-bar-row"):
            self.order = gr.Radio(
                [(t(f"library.{kind}"), kind) for kind in ("fused", "dense", "lexical")],
                value="fused",
                label=t("library.order"),
                scale=2,
                min_width=240,
            )
            self.k = gr.Slider(1, 50, value=10, step=1, label=t("library.k"), scale=1, min_width=160)
        self.found = box("", elem_id="rp-found", js_on_load=ACT)
        self.found_preview = box("", elem_id="rp-found-preview", js_on_load=ACT)

    def _wire(self) -> None:
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        listing = [self.index, self.filter, self.first]
        shown = [self.index, self.summary, self.table, self.first, self.pager]
        naming = [self.naming, self.name, self.pending]
        self.index.input(
            self.do.choose,
            self.index,
            [*shown, self.preview, self.found, self.health, self.adding, self.filter],
            **quiet,
        )
        self.filter.input(self.do.first_page, listing, shown, **quiet, trigger_mode="always_last")
        self.back.click(self.do.turn(-PAGE), listing, shown, **quiet)
        self.next.click(self.do.turn(PAGE), listing, shown, **quiet)
        self.new.click(lambda: (gr.Row(visible=True), "", {"what": "new"}), None, naming, **quiet)
        self.rename.click(self.do.ask_name, self.index, naming, **quiet)
        self.name_no.click(lambda: (gr.Row(visible=False), "", {}), None, naming, **quiet)
        for trigger in (self.name_ok.click, self.name.submit):
            trigger(
                self.do.named, [self.pending, self.name, self.index], [self.notice, *naming, self.index], **quiet
            ).then(self.do.refresh, listing, shown, **quiet)
        asking = [self.asking, self.asked, self.pending, self.notice]
        self.drop.click(self.do.ask_drop, self.index, asking, **quiet)
        self.no.click(lambda: (gr.Row(visible=False), "", {}, notice("")), None, asking, **quiet)
        self.yes.click(self.do.delete, [self.pending, self.index], [*asking, self.index, self.preview], **quiet).then(
            self.do.refresh, listing, shown, **quiet
        )
        self.table.click(self.do.act, self.index, [*asking, self.preview], **quiet).then(None, js=_show("#rp-preview"))
        for panel in (self.preview, self.found_preview):
            panel.click(lambda: "", None, panel, **quiet)
        self.found.click(self.do.show_found, self.index, [self.found_preview, self.notice], **quiet).then(
            None, js=_show("#rp-found-preview")
        )
        for source in (self.files, self.folder):
            sent = source.sent(self.do.add, self.index, [self.adding, self.index, self.notice], **quiet)
            sent.then(None, self.index, None, js="(name) => { ragkit.filled(name); }").then(
                self.do.refresh, listing, shown, **quiet
            )
        for trigger in (self.go.click, self.query.submit, self.order.input):
            trigger(
                self.do.search,
                [self.query, self.k, self.order, self.index],
                [self.found, self.found_preview],
                api_visibility="private",
                show_progress="minimal",
                show_progress_on=self.found,
            )
        self.verify.click(self.do.verify, self.index, self.health, api_visibility="private")
        self.repair.click(self.do.repair, self.index, self.health, api_visibility="private")
