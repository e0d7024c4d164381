"""Evaluate: measure how factual the answers are and what thinking is worth, on questions of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.context import Context
from markupsafe import Markup

from ragkit.asking import K

from ..library.tab import ACT, box
from ..library.view import notice
from ..uploads import chooser
from .actions import Evaluate
from .view import progress_view

if TYPE_CHECKING:
    from ragkit.server.service import Service

    from ..words import Words

__all__ = ["evaluate_tab"]

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def evaluate_tab(service: Service, t: Words) -> None:
    """Build the tab inside of the current `gr.Tab` and wire it."""
    _Page(service, t)


class _Page:
    """Components of one language's Evaluate. No state of a user lives here, only in the browser and in the home."""

    def __init__(self, service: Service, t: Words) -> None:
        self.service, self.t, self.do = service, t, Evaluate(service, t)
        root, tab = Context.root_block, Context.block
        while not isinstance(tab, gr.Tab):
            tab = tab.parent
        with gr.Tabs(elem_classes="rp-inner"):
            with gr.Tab(t("evaluate.measure")):
                self._build_form()
            with gr.Tab(t("evaluate.runs")):
                self.runs = box("", elem_id="rp-runs", js_on_load=ACT)
                with gr.Row(visible=False, elem_classes="rp-bar-row rp-sure") as self.asking:
                    self.asked = box("")
                    self.yes = gr.Button(t("library.delete"), variant="stop", size="sm", scale=0, min_width=90)
                    self.no = gr.Button(t("library.keep"), size="sm", scale=0, min_width=90)
            with gr.Tab(t("evaluate.compare")):
                self._build_compare()
        self._build_result()
        self._wire()
        everything = [self.index, self.model, self.strategy, self.runs, self.a, self.b]
        for trigger in (root.load, tab.select):
            trigger(self.do.refresh, [self.index, self.model, self.strategy, self.a, self.b], everything, **QUIET)
        following = [self.progress, self.stop, self.shown]
        root.load(self.do.follow, self.shown, following, **QUIET).then(self.do.show, self.shown, self._result, **QUIET)

    def _build_form(self) -> None:
        t, limits = self.t, self.service.config.limits
        box(Markup('<p class="rp-soft">{}</p>').format(t("evaluate.about")))
        with gr.Row(elem_classes="rp-form"):
            with gr.Column(min_width=280):
                self.source = gr.Radio(
                    [(t("evaluate.primer"), "primer"), (t("evaluate.nano"), "nano"), (t("evaluate.upload"), "upload")],
                    value="primer",
                    label=t("evaluate.set"),
                    elem_id="rp-eval-set",
                )
                with gr.Row(visible=False) as self.world:
                    self.world_seed = gr.Number(
                        7, label=t("evaluate.world_seed"), precision=0, minimum=0, min_width=120
                    )
                    self.world_count = gr.Number(
                        100,
                        label=t("evaluate.world_count"),
                        precision=0,
                        minimum=1,
                        maximum=2000,
                        min_width=120,
                        elem_id="rp-world-count",
                    )
                with gr.Column(visible=False) as self.upload_box:
                    self.upload = chooser(t, t("evaluate.drop"), elem_id="rp-eval-file", many=False)
                    self.sent = gr.State("")  # the id of the file that was sent
                    self.set_read = box("", elem_id="rp-set-read")
                    self.skip = gr.Checkbox(label=t("evaluate.skip"))
                self.kind = gr.Radio(
                    [(t(f"evaluate.kind_{kind}"), kind) for kind in ("run", "sweep", "search")],
                    value="run",
                    label=t("evaluate.what"),
                    info=t("evaluate.what_info"),
                    elem_id="rp-eval-kind",
                )
            with gr.Column(min_width=280):
                self.index = gr.Dropdown([], label=t("evaluate.index"), info=t("evaluate.index_info"), interactive=True)
                with gr.Row():
                    self.model = gr.Dropdown([], label=t("evaluate.model"), min_width=130, interactive=True)
                    self.strategy = gr.Dropdown([], label=t("evaluate.strategy"), min_width=130, interactive=True)
                with gr.Row():
                    self.limit = gr.Number(0, label=t("evaluate.limit"), precision=0, minimum=0, min_width=120)
                    self.k = gr.Number(
                        K, label=t("evaluate.k"), precision=0, minimum=1, maximum=limits.max_k, min_width=120
                    )
                with gr.Accordion(t("evaluate.more"), open=False):
                    self._build_more()
        self.notice = box(notice(""), elem_id="rp-eval-notice")
        self.start = gr.Button(t("evaluate.start"), variant="primary", elem_id="rp-eval-start")

    def _build_more(self) -> None:
        t = self.t
        with gr.Row():
            # text, not a number: a number that is left empty would come as 0
            self.budget = gr.Textbox("", label=t("evaluate.budget_cap"), max_lines=1, min_width=120)
            self.samples = gr.Number(
                1,
                label=t("evaluate.samples_n"),
                precision=0,
                minimum=1,
                maximum=self.service.config.max_samples,
                min_width=120,
            )
        self.caps = gr.Textbox("0,16,32,64,128,256", label=t("evaluate.caps"), max_lines=1)
        with gr.Row():
            self.seed = gr.Number(0, label=t("evaluate.seed"), precision=0, minimum=0, min_width=120)
            self.rule = gr.Dropdown(
                [(t(f"evaluate.rule_{r}"), r) for r in ("contains", "em", "f1")],
                value="contains",
                label=t("evaluate.rule"),
                min_width=160,
            )
        self.ground = gr.Checkbox(label=t("evaluate.ground"))
        self.rate = gr.Checkbox(label=t("evaluate.rate_answers"))

    def _build_compare(self) -> None:
        t = self.t
        box(Markup('<p class="rp-soft">{}</p>').format(t("evaluate.compare_about")))
        with gr.Row(elem_classes="rp-bar-row"):
            self.a = gr.Dropdown([], label=t("evaluate.run_a"), min_width=220, interactive=True, elem_id="rp-run-a")
            self.b = gr.Dropdown([], label=t("evaluate.run_b"), min_width=220, interactive=True, elem_id="rp-run-b")
        self.expect = gr.CheckboxGroup([], label=t("evaluate.expect"), visible=False, elem_id="rp-expect")
        self.compare = gr.Button(t("evaluate.compare_go"), variant="primary", elem_id="rp-compare")
        self.compared = box("", elem_id="rp-compared")

    def _build_result(self) -> None:
        t = self.t
        self.progress = box(progress_view(t, None), elem_id="rp-eval-progress")
        self.stop = gr.Button(t("evaluate.stop"), variant="stop", visible=False, elem_id="rp-eval-stop")
        self.shown = gr.State("")
        self.figures = box("", elem_id="rp-eval-run")
        with gr.Row(elem_classes="rp-bar-row"):
            self.use = gr.Button(t("evaluate.use"), visible=False, elem_id="rp-use-budget", scale=0, min_width=220)
            self.files = box("", elem_id="rp-eval-files")
        self.used = box(notice(""), elem_id="rp-used")
        self._result = [self.figures, self.use, self.files, self.used]

    def _wire(self) -> None:
        do, shown = self.do, [self.shown]
        self.source.change(do.choose_set, self.source, [self.world, self.upload_box], **QUIET)
        self.upload.sent(do.take_set, self.skip, [self.sent, self.set_read], **QUIET)
        self.skip.change(do.read_set, [self.sent, self.skip], self.set_read, **QUIET)
        told = [
            self.source,
            self.world_seed,
            self.world_count,
            self.sent,
            self.skip,
            self.kind,
            self.index,
            self.model,
            self.strategy,
            self.limit,
            self.k,
            self.budget,
            self.samples,
            self.caps,
            self.seed,
            self.rule,
            self.ground,
            self.rate,
        ]
        following = [self.progress, self.stop, self.shown]
        listed = [self.runs, self.a, self.b]
        for begun in (
            self.start.click(do.begin, told, [self.notice, self.shown], **QUIET),
            self.runs.click(do.act, None, [self.shown, self.asking, self.asked, self.notice], **QUIET),
        ):
            begun.then(do.follow, shown, following, **QUIET).then(do.show, shown, self._result, **QUIET).then(
                do.list_runs, [self.a, self.b], listed, **QUIET
            )
        self.stop.click(do.stop, None, self.stop, **QUIET)
        self.yes.click(do.delete, shown, [self.asking, self.asked, self.shown, self.figures], **QUIET).then(
            do.list_runs, [self.a, self.b], listed, **QUIET
        )
        self.no.click(lambda: (gr.Row(visible=False), ""), None, [self.asking, self.asked], **QUIET)
        self.use.click(do.use_budget, shown, self.used, **QUIET)
        for choice in (self.a, self.b):
            choice.input(
                lambda: (gr.CheckboxGroup(choices=[], value=[], visible=False), ""),
                None,
                [self.expect, self.compared],
                **QUIET,
            )
        self.compare.click(do.compare, [self.a, self.b, self.expect], [self.compared, self.expect], **QUIET)
