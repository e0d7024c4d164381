"""The figures of a run, as HTML: tiles, charts, tables with intervals, and the samples that went wrong most.

They come from the same functions as the report's; `say` puts their words into the page's language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup
from ragkit.eval.reporting.pages import groups_of, points_of, slices_of, tiles_of
from ragkit.eval.running.runs import read_run

from ..safe_html import plain
from .runs import read_summary, worst

__all__ = ["run_view", "say"]

_PATTERNS = ("accuracy {}", "false rejection {}", "p95 {}", "Brier {}")  # details that hold a figure
_CHART_WORDS = (
    "accuracy, %",
    "cut — , empty ··, %",
    "mean thinking tokens really used (log2)",
    "tokens written for each question (thought and answer)",
)


def say(t: Any, text: str) -> str:
    """Words of ragkit.eval in the page's language; names without a translation (MRR, hit@1) stay as they are."""
    if f"figure.{text}" in t:
        return str(t(f"figure.{text}"))
    for pattern in _PATTERNS:
        found = re.fullmatch(re.escape(pattern).replace(r"\{\}", "(.+)"), text)
        if found:
            return str(t(f"figure.{pattern}")).replace("{}", found[1])
    return text


def run_view(t: Any, folder: Path) -> Markup:
    """The figures of a run: tiles, notes, charts, tables, and the samples that went wrong most."""
    manifest, _ = read_run(folder)
    summary = read_summary(folder)
    if summary is None:
        return Markup('<p class="rp-empty">{}</p>').format(t("evaluate.nothing_scored"))
    name, count = plain(str(manifest["set"]["name"])), t.count("evaluate.questions_n", int(summary["questions"]))
    tiles = Markup("").join(
        Markup('<div class="rp-tile"><dt>{}</dt><dd><b>{}</b><span>{}</span></dd></div>').format(
            say(t, x["name"]), say(t, x["value"]), say(t, x["detail"])
        )
        for x in tiles_of(summary)
    )
    parts = [_note(t, note) for note in _notes(t, summary)]
    parts += [Markup('<dl class="rp-tiles">{}</dl>').format(tiles)]
    parts += [_charts(t, folder, summary), _points(t, summary), _groups(t, summary), _slices(t, summary)]
    parts += [_failures(t, worst(folder, str(summary.get("rule", "contains"))))]
    return Markup(
        '<section class="rp-run" aria-label="{0}"><h2>{0}</h2><p class="rp-soft">{1}</p>{2}</section>'
    ).format(f"{t('evaluate.kind_' + _kind(manifest, summary))}: {name}", count, Markup("").join(parts))


def _kind(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    if "curves" in summary:
        return "sweep"
    return "search" if manifest["fingerprint"].get("strategy") == "search" else "run"


def _notes(t: Any, summary: Mapping[str, Any]) -> list[str]:
    """The report's notes in the page's language; the alarm is told from its figures."""
    found = [t("evaluate.incomplete")] if not summary.get("complete", True) else []
    found += [f"{n} × {plain(r)}" for r, n in list(summary["failed"]["reasons"].items())[:5]]
    for curve in summary.get("curves", []):
        if curve["alarm"]:
            alarm = curve["alarm"]
            found.append(
                t(
                    "evaluate.alarm",
                    start=alarm["from"],
                    end=alarm["to"],
                    points=f"{100 * alarm['drop']:.1f}",
                    p=f"{alarm['p']:.4f}",
                )
            )
    if any(judge.startswith("lexical") for judge in summary.get("judges", [])):
        found.append(t("evaluate.lexical_note"))
    return found


def _note(t: Any, text: str) -> Markup:
    return Markup('<p class="rp-notice bad">{}</p>').format(text)


def _charts(t: Any, folder: Path, summary: Mapping[str, Any]) -> Markup:
    """Curve, frontier and radar as inline SVG in the page's colours; matplotlib escapes what it writes."""
    from ragkit.eval.reporting import charts

    figures: list[tuple[str, Any]] = []
    if "curves" in summary:
        figures.append((t("evaluate.curve"), charts.curve_chart(summary["curves"], summary["questions"])))
        figures.append((t("evaluate.frontier"), charts.frontier_chart(summary["curves"])))
    if (folder / "profile.json").is_file():
        profile = json.loads((folder / "profile.json").read_text(encoding="utf-8"))
        figures.append((t("evaluate.radar"), charts.radar_chart(profile)))
    if not figures:
        return Markup("")
    made = Markup("").join(
        Markup(
            '<figure class="rp-card rp-chart"><figcaption>{0}</figcaption><div role="img" aria-label="{0}">{1}</div>'
            "</figure>"
        ).format(title, Markup(_translated(t, charts.svg(figure))))
        for title, figure in figures
    )
    return Markup('<div class="rp-charts">{}</div>').format(made)


def _translated(t: Any, svg: str) -> str:
    for words in _CHART_WORDS:
        svg = svg.replace(f">{words}<", f">{Markup.escape(t(f'figure.{words}'))}<")
    for key, told in (("ring", "; ring: recommended budget"), ("too_few", ", too few to recommend a budget")):
        found = re.search(rf">(\d+) questions{told}<", svg)
        if found:
            svg = svg.replace(found[0], f">{Markup.escape(t(f'evaluate.{key}', n=found[1]))}<")
    return svg


def _points(t: Any, summary: Mapping[str, Any]) -> Markup:
    rows = points_of(summary)
    if not rows:
        return Markup("")
    names = ("budget", "accuracy", "interval", "thinking", "tokens", "cut")
    heads = Markup("").join(Markup('<th scope="col" class="n">{}</th>').format(t(f"evaluate.{n}")) for n in names)
    body = Markup("").join(
        Markup('<tr class="{}"><th scope="row" class="n">{}{}</th>{}</tr>').format(
            "rp-recommended" if p["recommended"] else "",
            say(t, str(p["cap"])),
            " ★" if p["recommended"] else "",
            Markup("").join(
                Markup('<td class="n">{}</td>').format(p[n])
                for n in ("accuracy", "interval", "thinking", "tokens", "cut")
            ),
        )
        for p in rows
    )
    return Markup(
        '<div class="rp-scroll" tabindex="0" role="group" aria-label="{0}"><table class="rp-table rp-dense">'
        '<caption class="rp-hidden">{0}</caption><thead><tr>{1}</tr></thead><tbody>{2}</tbody></table></div>'
        '<p class="rp-soft rp-small">{3}</p>'
    ).format(t("evaluate.points"), heads, body, t("evaluate.star"))


def _groups(t: Any, summary: Mapping[str, Any]) -> Markup:
    made = [Markup("").join(_group(t, g) for g in groups_of(summary))]
    return Markup('<div class="rp-groups">{}</div>').format(Markup("").join(made)) if made[0] else Markup("")


def _group(t: Any, group: Mapping[str, Any]) -> Markup:
    rows = Markup("").join(
        Markup('<div class="rp-metric"><dt>{}</dt><dd>{}<b>{}</b><small>{}</small></dd></div>').format(
            say(t, m["name"]),
            Markup(
                '<span class="rp-track" aria-hidden="true"><i style="left:{}%;width:{}%"></i><u style="left:{}%">'
                "</u></span>"
            ).format(m["low"], m["width"], m["at"])
            if m["bar"]
            else "",
            m["value"],
            m["interval"],
        )
        for m in group["metrics"]
    )
    return Markup('<section class="rp-card"><h3>{}</h3><dl>{}</dl></section>').format(say(t, group["title"]), rows)


def _slices(t: Any, summary: Mapping[str, Any]) -> Markup:
    rows = slices_of(summary)
    if not rows:
        return Markup("")
    heads = Markup("").join(
        Markup('<th scope="col" class="{}">{}</th>').format("" if n == "slice" else "n", t(f"evaluate.{n}"))
        for n in ("slice", "questions", "accuracy", "interval")
    )
    body = Markup("").join(
        Markup(
            '<tr><th scope="row">{}</th><td class="n">{}</td><td class="n">{}</td><td class="n">{}</td></tr>'
        ).format(plain(s["name"]), s["questions"], s["accuracy"], s["interval"])
        for s in rows
    )
    return Markup(
        '<table class="rp-table rp-dense"><caption class="rp-hidden">{}</caption><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table>"
    ).format(t("evaluate.slices"), heads, body)


def _failures(t: Any, rows: Sequence[Mapping[str, Any]]) -> Markup:
    if not rows:
        return Markup('<p class="rp-notice good">{}</p>').format(t("evaluate.no_failures"))
    items = Markup("").join(_failure(t, row) for row in rows)
    return Markup('<section><h3>{}</h3><div class="rp-card">{}</div></section>').format(t("evaluate.worst"), items)


def _failure(t: Any, row: Mapping[str, Any]) -> Markup:
    gold = " | ".join(row["answers"]) or t("evaluate.not_there")
    told = [
        ("said", row["said"]),
        ("gold", gold),
        ("error", row["error"]),
        ("scores", row["scores"]),
        ("thought", row["thinking"]),
    ]
    told += [("found", ", ".join(row["documents"]))] if row["documents"] and not row["passages"] else []
    body = Markup("").join(
        Markup("<dt>{}</dt><dd>{}</dd>").format(t(f"evaluate.{name}"), plain(str(text))) for name, text in told if text
    )
    passages = Markup("").join(
        Markup('<li class="{}"><b><bdi>{}</bdi></b> {}</li>').format(
            "rp-gold" if p["gold"] else "", plain(p["document"]), plain(p["text"])
        )
        for p in row["passages"]
    )
    read = Markup("<dt>{}</dt><dd><ul>{}</ul></dd>").format(t("evaluate.read"), passages) if passages else ""
    return Markup(
        '<details class="rp-failure"><summary><span class="rp-tag rp-{}">{}</span> {}</summary><dl>{}{}</dl></details>'
    ).format(row["verdict"], t(f"evaluate.verdict_{row['verdict']}"), plain(row["question"]), body, read)
