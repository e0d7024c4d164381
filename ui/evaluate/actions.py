"""What the buttons of Evaluate do. Whatever a browser names (a run, an index) is looked up in the user's own home.

Gradio reads the handlers' annotations when the page is built, so their types are imported for real.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from markupsafe import Markup
from ragkit.eval.reporting.pages import no_budget
from ragkit.eval.running.asking import index_name

from ragkit.asking import K
from ragkit.errors import RagkitError, UsageError

from ..library.view import notice
from ..session import workspace_of
from ..told import line
from ..uploads import Sent
from .asked import Asked, cap_of, caps_of, copy_set, open_set
from .downloads import links
from .figures import run_view, say
from .jobs import Evaluations
from .runs import compare_runs, delete_run, differing, find_run, list_runs, read_summary
from .view import comparison_view, differing_view, progress_view, runs_table, set_view

if TYPE_CHECKING:
    from ragkit.server.service import Service

    from ..words import Words

__all__ = ["Evaluate", "evaluations_of"]

FOLLOW_S = 0.4
_EVALUATIONS: dict[int, Evaluations] = {}


def evaluations_of(service: Service) -> Evaluations:
    """The evaluations of a process; pages in all languages show the same."""
    return _EVALUATIONS.setdefault(id(service), Evaluations())


class Evaluate:
    """The handlers of one language."""

    def __init__(self, service: Service, t: Words) -> None:
        self.service, self.t, self.evaluations = service, t, evaluations_of(service)

    # the form

    def refresh(
        self, index: str, model: str | None, strategy: str | None, a: str | None, b: str | None, request: gr.Request
    ) -> tuple[Any, ...]:
        """Indexes, models, strategies and runs as they are now; what was chosen stays."""
        workspace = workspace_of(request, self.service)
        names = [record.name for record in workspace.indexes()]
        models, strategies = workspace.models(), workspace.strategies()
        choices = [(self.t("evaluate.own_documents"), ""), *((n, n) for n in names)]
        return (
            gr.Dropdown(choices=choices, value=index if index in names else ""),
            gr.Dropdown(choices=models, value=model if model in models else models[0]),
            gr.Dropdown(choices=strategies, value=strategy if strategy in strategies else workspace.default_strategy),
            *self.list_runs(a, b, request),
        )

    def list_runs(self, a: str | None, b: str | None, request: gr.Request) -> tuple[Any, ...]:
        """The table of runs, and the choices of both sides of a comparison."""
        rows = list_runs(workspace_of(request, self.service))
        choices = [
            (f"{r.created[:16].replace('T', ' ')} · {r.questions} · {r.model or r.kind}", r.id)
            for r in rows
            if r.kind != "sweep"
        ]
        known = {value for _, value in choices}
        return (
            runs_table(self.t, rows),
            gr.Dropdown(choices=choices, value=a if a in known else None),
            gr.Dropdown(choices=choices, value=b if b in known else None),
        )

    def choose_set(self, source: str) -> tuple[Any, Any]:
        """Show the fields of the chosen kind of set."""
        return gr.Row(visible=source == "nano"), gr.Column(visible=source == "upload")

    def take_set(self, skip: bool, request: gr.Request, event: gr.EventData) -> tuple[str, Markup]:
        """A set was sent: remember its id, and read it."""
        sent = Sent.of(event._data)
        if sent.failed or not sent.ids:
            return "", set_view(self.t, None, "; ".join(reason for _, reason in sent.failed))
        return sent.ids[0], self.read_set(sent.ids[0], skip, request)

    def read_set(self, sent: str, skip: bool, request: gr.Request) -> Markup:
        """Read the set that was sent and tell every line that is none."""
        if not sent:
            return set_view(self.t, None)
        try:
            (upload,) = workspace_of(request, self.service).inbox.look([sent])
            with tempfile.TemporaryDirectory() as folder:
                name = copy_set(upload, Path(folder))
                asked = Asked("run", "", name, "", "", skip_invalid=True)
                return set_view(self.t, open_set(asked, Path(folder), Path(folder)))
        except (RagkitError, OSError) as exc:
            return set_view(self.t, None, line(exc, self.t))

    def begin(
        self,
        source: str,
        world_seed: float | None,
        world_count: float | None,
        sent: str,
        skip: bool,
        kind: str,
        index: str,
        model: str,
        strategy: str,
        limit: float | None,
        k: float | None,
        budget: str,
        samples: float | None,
        caps: str,
        seed: float | None,
        rule: str,
        ground: bool,
        rate: bool,
        request: gr.Request,
    ) -> tuple[Any, Any]:
        """Start an evaluation; one that cannot be is told in a line."""
        workspace = workspace_of(request, self.service)
        try:
            world = f"nano:{int(world_seed or 0)}:{int(world_count or 1)}"
            asked = Asked(
                kind,
                {"primer": "primer", "nano": world}.get(source, ""),
                "",
                index or "",
                model,
                strategy,
                cap_of(budget),
                int(k or K),
                int(samples or 1),
                int(limit or 0),
                int(seed or 0),
                caps_of(caps),
                rule,
                skip,
                ground,
                rate,
            )
            replace(asked.ask, samples=asked.samples).checked(self.service.config.limits)
            if source == "upload":
                if not sent:
                    raise UsageError(self.t("evaluate.no_file"))
                if not index:
                    raise UsageError(self.t("evaluate.no_index"))
                (upload,) = workspace.inbox.look([sent])
                with tempfile.TemporaryDirectory() as folder:
                    name = copy_set(upload, Path(folder))
                    asked = replace(asked, name=name)
                    open_set(asked, Path(folder), Path(folder))  # tells a bad line now, not on the thread
                    begun = self.evaluations.begin(workspace, asked, next(Path(folder).glob("set.*")))
            else:
                begun = self.evaluations.begin(workspace, asked)
        except (RagkitError, OSError) as exc:
            return notice(line(exc, self.t), "bad"), gr.skip()
        return notice(""), begun.folder.name

    # at work

    async def follow(self, shown: str, request: gr.Request) -> AsyncIterator[Any]:
        """Tell how far the user's evaluation is until it ends; nothing when another run is shown, or none there."""
        workspace = await asyncio.to_thread(workspace_of, request, self.service)
        evaluating = self.evaluations.last(workspace)
        if evaluating is None or shown not in ("", evaluating.folder.name) or not evaluating.folder.is_dir():
            yield gr.skip(), gr.skip(), gr.skip()
            return
        while not evaluating.ended:
            yield progress_view(self.t, evaluating), gr.Button(visible=True, interactive=True), gr.skip()
            await asyncio.sleep(FOLLOW_S)
        yield progress_view(self.t, evaluating), gr.Button(visible=False), evaluating.folder.name

    def stop(self, request: gr.Request) -> Any:
        """End the user's evaluation; what was drawn is kept."""
        evaluating = self.evaluations.last(workspace_of(request, self.service))
        if evaluating is not None:
            evaluating.stop()
        return gr.Button(interactive=False)

    # runs

    def act(self, request: gr.Request, event: gr.EventData) -> tuple[Any, ...]:
        """A button in the table of runs: show it, go on with it, or ask before it goes."""
        data = event._data if isinstance(event._data, dict) else {}
        act, run_id = str(data.get("act", "")), str(data.get("id", ""))
        closed: tuple[Any, ...] = (gr.Row(visible=False), "")
        workspace = workspace_of(request, self.service)
        try:
            folder = find_run(workspace, run_id)
            if act == "resume":
                self.evaluations.go_on(workspace, folder)
            if act == "delete":
                asked = Markup('<p class="rp-question-line" role="alert">{}</p>').format(
                    self.t("evaluate.ask_delete", name=run_id)
                )
                return run_id, gr.Row(visible=True), asked, notice("")
        except RagkitError as exc:
            return "", *closed, notice(line(exc, self.t), "bad")
        return run_id, *closed, notice("")

    def delete(self, shown: str, request: gr.Request) -> tuple[Any, ...]:
        """Delete the run that was asked about, unless it is at work."""
        workspace = workspace_of(request, self.service)
        try:
            folder = find_run(workspace, shown)
            running = self.evaluations.last(workspace)
            if running is not None and not running.ended and running.folder == folder:
                raise UsageError(self.t("evaluate.still_running"))
            delete_run(folder)
        except (RagkitError, OSError) as exc:
            return gr.Row(visible=False), "", shown, notice(line(exc, self.t), "bad")
        return gr.Row(visible=False), "", "", ""

    def show(self, shown: str, request: gr.Request) -> tuple[Any, ...]:
        """The figures of a run and what can be done with them."""
        nothing: tuple[Any, ...] = (gr.Button(visible=False), "", notice(""))
        if not shown:
            return gr.skip(), *nothing
        try:
            folder = find_run(workspace_of(request, self.service), shown)
            view = run_view(self.t, folder)
            summary = read_summary(folder)
            if summary is None:
                return view, *nothing
            files = links(self.t, folder.name)
        except (RagkitError, OSError) as exc:
            return notice(line(exc, self.t), "bad"), *nothing
        use = gr.Button(visible=False)
        if "curves" in summary and not no_budget(summary["curves"][0]):
            cap = summary["curves"][0]["recommended"]["cap"]
            use = gr.Button(self.t("evaluate.use_n", budget=say(self.t, str(cap))), visible=True)
        return view, use, files, notice("")

    def use_budget(self, shown: str, request: gr.Request) -> Markup:
        """Make the recommended budget the default of the index that was swept."""
        workspace = workspace_of(request, self.service)
        try:
            folder = find_run(workspace, shown)
            summary, asked = read_summary(folder), Asked.read(folder)
            if summary is None or "curves" not in summary:
                raise UsageError(self.t("evaluate.no_sweep"))
            if refused := no_budget(summary["curves"][0]):
                raise UsageError(refused)
            cap = summary["curves"][0]["recommended"]["cap"]
            name = asked.index or index_name(asked.questions)
            workspace.set_budget(name, None if isinstance(cap, str) else int(cap))
        except RagkitError as exc:
            return notice(line(exc, self.t), "bad")
        return notice(self.t("evaluate.used", index=name, budget=say(self.t, str(cap))), "good")

    def compare(self, a: str | None, b: str | None, expect: Sequence[str], request: gr.Request) -> tuple[Any, Any]:
        """Compare two runs; where they differ unannounced, ask whether that is meant."""
        if not a or not b:
            return notice(self.t("evaluate.choose_two"), "bad"), gr.skip()
        workspace = workspace_of(request, self.service)
        try:
            first, second = find_run(workspace, a), find_run(workspace, b)
            found = differing(first, second)
            parts = list(dict.fromkeys(name.split(".")[0] for name in found))
            meant = [part for part in expect if part in parts]
            asking = gr.CheckboxGroup(choices=parts, value=meant, visible=bool(parts))
            if set(parts) - set(meant) and first != second:
                told = Markup('<div role="status"><p class="rp-notice bad">{}</p>{}</div>').format(
                    self.t("evaluate.refused"), differing_view(self.t, found)
                )
                return told, asking
            return comparison_view(self.t, compare_runs(first, second, meant)), asking
        except RagkitError as exc:
            return notice(line(exc, self.t), "bad"), gr.skip()
