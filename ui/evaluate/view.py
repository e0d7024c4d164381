"""What Evaluate shows beside the figures of a run: a set that was read, progress, earlier runs, two runs compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from ragkit.eval.metrics.compare import Comparison
from ragkit.eval.sets.reading import QuestionSet

from ..safe_html import plain
from .figures import say
from .runs import RunRow

if TYPE_CHECKING:
    from .jobs import Evaluating

__all__ = ["comparison_view", "differing_view", "progress_view", "runs_table", "set_view"]

LINES = 50  # bad lines of a question set shown


def set_view(t: Any, questions: QuestionSet | None, error: str = "") -> Markup:
    """What was read of an uploaded set: how many questions, and every line that is none."""
    if error:
        return Markup('<div class="rp-card rp-bad" role="status"><p>{}</p></div>').format(plain(error))
    if questions is None:
        return Markup("")
    unanswerable = sum(not q.answerable for q in questions.questions)
    told = t("evaluate.set_read", questions=t.count("evaluate.questions_n", len(questions)), none=unanswerable)
    if not questions.skipped:
        return Markup('<div class="rp-card rp-good" role="status"><p>{}</p></div>').format(told)
    items = Markup("").join(
        Markup("<li><b>{}</b> {}</li>").format(t("evaluate.line", n=s.line), plain(s.reason))
        for s in questions.skipped[:LINES]
    )
    more = len(questions.skipped) - LINES
    return Markup('<div class="rp-card rp-bad" role="status"><p>{}</p><p>{}</p><ul>{}</ul>{}</div>').format(
        told,
        t("evaluate.bad_lines", lines=t.count("evaluate.lines_n", len(questions.skipped))),
        items,
        Markup("<p>{}</p>").format(t("evaluate.more_lines", n=more)) if more > 0 else "",
    )


def progress_view(t: Any, evaluating: Evaluating | None) -> Markup:
    """How far an evaluation is, or how it ended."""
    if evaluating is None:
        return Markup('<div role="status" aria-live="polite"></div>')
    e = evaluating
    share = 100 if e.phase == "done" else 100 * e.done // e.total if e.total else 0
    parts = [t("evaluate.samples", done=e.done, total=e.total)] if e.total else []
    parts += [t("evaluate.failed_n", n=e.failed)] if e.failed else []
    if not e.ended and e.rate:
        parts += [t("evaluate.rate", rate=f"{e.rate:.3g}")]
        parts += [t("evaluate.left", time=_clock(e.left_s))] if e.left_s is not None else []
    notes = Markup("").join(
        Markup('<p class="rp-notice bad">{}</p>').format(plain(n)) for n in (e.error, *e.notes) if n
    )
    kept = t("evaluate.kept") if e.phase in ("stopped", "failed") and e.done else ""
    return Markup(
        '<div class="rp-card rp-adding" role="status" aria-live="polite" data-phase="{phase}"><p><b>{head}</b> '
        '<span class="rp-soft">{name} · {parts}</span></p><div class="rp-bar" role="progressbar" aria-label="{head}" '
        'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{share}"><i style="width:{share}%"></i></div>'
        '{notes}<p class="rp-soft rp-small">{kept}</p></div>'
    ).format(
        phase=e.phase,
        head=t(f"evaluate.phase_{e.phase}"),
        name=plain(e.asked.questions or e.asked.name),
        parts=" · ".join(parts),
        share=share,
        notes=notes,
        kept=kept or (t("evaluate.may_close") if not e.ended else ""),
    )


def _clock(seconds: float) -> str:
    minutes, s = divmod(round(seconds), 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02}:{s:02}" if hours else f"{m}:{s:02}"


def runs_table(t: Any, rows: Sequence[RunRow]) -> Markup:
    """The runs, newest first, with buttons `data-act="show|resume|delete"`."""
    if not rows:
        return Markup('<p class="rp-empty">{}</p>').format(t("evaluate.no_runs"))
    names = ("evaluate.begun", "library.kind", "evaluate.set", "evaluate.model", "evaluate.accuracy")
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(t(n)) for n in names)
    body = Markup("").join(_run_row(t, row) for row in rows)
    return Markup(
        '<table class="rp-table rp-cards"><caption class="rp-hidden">{}</caption><thead><tr>{}<th scope="col">'
        '<span class="rp-hidden">{}</span></th></tr></thead><tbody>{}</tbody></table>'
    ).format(t("evaluate.runs"), heads, t("library.actions"), body)


def _run_row(t: Any, row: RunRow) -> Markup:
    acts = [("show", t("evaluate.show"), "")]
    acts += [] if row.complete else [("resume", t("evaluate.resume"), "")]
    acts += [("delete", t("library.delete"), " rp-danger")]
    when = row.created.replace("T", " ")[:16]
    buttons = Markup("").join(
        Markup(
            '<button type="button" class="rp-act{}" data-act="{}" data-id="{}" aria-label="{}: {} {}">{}</button>'
        ).format(style, act, row.id, label, plain(row.questions), when, label)
        for act, label, style in acts
    )
    accuracy = "—" if row.accuracy is None else f"{100 * row.accuracy:.1f} %"
    state = "" if row.complete else Markup(' <span class="rp-soft rp-small">{}</span>').format(t("evaluate.unfinished"))
    return Markup(
        '<tr><th scope="row"><time datetime="{}">{}</time></th><td data-said="{}">{}{}</td><td data-said="{}">'
        '<bdi>{}</bdi> <span class="rp-soft rp-small">{}</span></td><td data-said="{}">{}</td>'
        '<td data-said="{}">{}</td><td class="rp-acts">{}</td></tr>'
    ).format(
        row.created,
        when,
        t("library.kind"),
        t(f"evaluate.kind_{row.kind}"),
        state,
        t("evaluate.set"),
        plain(row.questions),
        t.count("evaluate.questions_n", row.count),
        t("evaluate.model"),
        plain(row.model.rsplit("/", 1)[-1]) or "—",
        t("evaluate.accuracy"),
        accuracy,
        buttons,
    )


def comparison_view(t: Any, found: Comparison) -> Markup:
    """Every metric of two runs, the paired difference and whether it could be chance."""
    names = ("metric", "a", "b", "difference", "interval", "mcnemar", "detectable")
    heads = Markup("").join(
        Markup('<th scope="col" class="{}">{}</th>').format("" if n == "metric" else "n", t(f"evaluate.{n}"))
        for n in names
    )
    body = Markup("").join(_metric_row(t, d) for d in found.metrics)
    main = next((d for d in found.metrics if d.metric in ("accuracy", "mrr")), None)
    verdict = ""
    if main is not None:
        key = "same" if not main.significant else "better" if main.difference.mean > 0 else "worse"
        verdict = t(
            f"evaluate.b_{key}",
            points=f"{100 * abs(main.difference.mean):.1f}",
            detectable=f"{100 * main.detectable:.1f}",
            metric=say(t, main.metric),
        )
    shared = t("evaluate.shared", questions=t.count("evaluate.questions_n", found.questions))
    return Markup(
        '<div role="status"><p class="rp-notice good" data-verdict>{}</p><p class="rp-soft rp-small">{}</p>'
        '<div class="rp-scroll" tabindex="0" role="group" aria-label="{}"><table class="rp-table rp-dense">'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>{}</div>"
    ).format(verdict, shared, t("evaluate.compared"), heads, body, differing_view(t, found.differing))


def _metric_row(t: Any, d: Any) -> Markup:
    cells = (
        f"{d.a:.4g}",
        f"{d.b:.4g}",
        f"{d.difference.mean:+.3g}{' ★' if d.significant else ''}",
        f"{d.difference.low:+.3g} … {d.difference.high:+.3g}",
        "" if d.p is None else f"{d.p:.4f}",
        f"{d.detectable:.3g}",
    )
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(
        say(t, d.metric), Markup("").join(Markup('<td class="n">{}</td>').format(c) for c in cells)
    )


def differing_view(t: Any, differing: Mapping[str, tuple[Any, Any]]) -> Markup:
    """In what two runs differ, with both values."""
    if not differing:
        return Markup('<p class="rp-soft rp-small">{}</p>').format(t("evaluate.differ_nothing"))
    items = Markup("").join(
        Markup("<li><code>{}</code>: {} → {}</li>").format(plain(name), plain(str(a))[:80], plain(str(b))[:80])
        for name, (a, b) in list(differing.items())[:40]
    )
    return Markup('<p class="rp-soft rp-small">{}</p><ul class="rp-differing">{}</ul>').format(
        t("evaluate.differ_in"), items
    )
