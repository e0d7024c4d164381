"""A run as one HTML file with everything inside, and as CSV, JSON and PNG for further work.

Nothing is loaded from anywhere; a content security policy says so to the browser. Text of documents and models is set
as text, never as markup.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ragkit.errors import EvalError

from ..running.runs import read_run
from . import charts
from .pages import fingerprint_rows, groups_of, notes_of, points_of, slices_of, tiles_of
from .rows import row_of

__all__ = ["export", "write_report"]

MOST_ROWS = 2000  # questions in the page: the worst ones; a larger page would not open on a phone


def write_report(out: str | Path, to: str | Path | None = None) -> Path:
    """Write report.html into the run's folder (or to `to`) and return its path."""
    folder = Path(out)
    manifest, samples = read_run(folder)
    summary = _json(folder / "summary.json", "score it first: ragkit eval score")
    profile = _json(folder / "profile.json") if (folder / "profile.json").exists() else None
    rule = str(summary.get("rule", "contains"))
    rows, total = _worst((row_of(row, i, rule) for i, row in enumerate(samples)), MOST_ROWS)
    page = _template().render(
        title=f"{manifest['set']['name']}: {_title(manifest)}",
        subtitle=_subtitle(manifest, summary),
        manifest=manifest,
        notes=notes_of(manifest, summary),
        tiles=tiles_of(summary),
        charts=_charts(summary, profile),
        charts_title="What thinking is worth" if "curves" in summary else "Profile",
        points=points_of(summary),
        groups=groups_of(summary),
        slices=slices_of(summary),
        failures=[{"count": n, "reason": r} for r, n in summary["failed"]["reasons"].items()],
        fingerprint=fingerprint_rows(manifest),
        rows=_safe_json(rows),
        more=f"The {len(rows)} worst of {total} samples are shown; samples.jsonl holds all."
        if total > len(rows)
        else "",
    )
    path = Path(to) if to is not None else folder / "report.html"
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as exc:
        raise EvalError(f"{path} cannot be written: {exc.strerror}") from exc
    return path


def export(out: str | Path, to: str | Path, *, pictures: bool = True) -> list[Path]:
    """Write samples.csv, summary.json and, if `pictures`, the charts as PNG into folder `to`; returns the files."""
    folder, target = Path(out), Path(to)
    target.mkdir(parents=True, exist_ok=True)
    summary = _json(folder / "summary.json", "score it first: ragkit eval score")
    _, samples = read_run(folder)
    written = [target / "samples.csv", target / "summary.json"]
    written[0].write_text(
        _csv([row_of(r, i, str(summary.get("rule", "contains"))) for i, r in enumerate(samples)]), "utf-8"
    )
    written[1].write_text(json.dumps(summary, ensure_ascii=False, indent=1), "utf-8")
    if not pictures:
        return written
    drawn: dict[str, Any] = {}
    if "curves" in summary:
        drawn["curve.png"] = charts.curve_chart(summary["curves"], summary["questions"])
        drawn["frontier.png"] = charts.frontier_chart(summary["curves"])
    if (folder / "profile.json").exists():
        drawn["profile.png"] = charts.radar_chart(_json(folder / "profile.json"))
    for name, figure in drawn.items():
        (target / name).write_bytes(charts.png(figure))
        written.append(target / name)
    return written


def _charts(summary: Mapping[str, Any], profile: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    from markupsafe import Markup

    found = []
    if "curves" in summary:
        figure = charts.curve_chart(summary["curves"], summary["questions"])
        found.append(
            {"title": "Accuracy by thinking, with 95 % clustered intervals", "svg": Markup(charts.svg(figure))}
        )
        figure = charts.frontier_chart(summary["curves"])
        found.append({"title": "Accuracy by cost; the dashed line is the frontier", "svg": Markup(charts.svg(figure))})
    if profile is not None:
        found.append({"title": "Alignment profile", "svg": Markup(charts.svg(charts.radar_chart(profile)))})
    return found


def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    source = (Path(__file__).parent / "report.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(source)


def _safe_json(rows: Sequence[Mapping[str, Any]]) -> Any:
    """JSON that cannot end its own script element, whatever a document says."""
    from markupsafe import Markup

    text = json.dumps(rows, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _worst(rows: Any, most: int) -> tuple[list[dict[str, Any]], int]:
    import heapq

    total = 0

    def counted() -> Any:
        nonlocal total
        for row in rows:
            total += 1
            yield row

    kept = heapq.nsmallest(most, counted(), key=lambda r: (r["score"], r["at"]))
    return sorted(kept, key=lambda r: r["at"]), total


def _title(manifest: Mapping[str, Any]) -> str:
    about = manifest["fingerprint"]
    model = about.get("model")
    name = model["name"] if isinstance(model, Mapping) else "search"
    return f"{manifest['command']} of {name} · {about.get('strategy', '')}".rstrip(" ·")


def _subtitle(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    failed = summary["failed"]["samples"]
    parts = [f"{summary['questions']} questions", f"rule for a right answer: {summary['rule']}"]
    if failed:
        parts.append(f"{failed} failed samples are in no figure")
    if summary.get("judges"):
        parts.append(f"checked by {', '.join(summary['judges'])}")
    skipped = len(manifest["set"].get("skipped", []))
    return " · ".join([*parts, *([f"{skipped} invalid lines left out"] if skipped else [])])


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    names = ["id", "verdict", "score", "kind", "question", "said", "answers", "seconds", "error", "scores"]
    writer = csv.writer(out)
    writer.writerow(names)
    for row in rows:
        cells = ["|".join(row[n]) if isinstance(row[n], list) else row[n] for n in names]
        # a cell that begins like a formula would be run by a spreadsheet
        writer.writerow(
            [f"'{c}" if isinstance(c, str) and c.startswith(("=", "+", "-", "@", "\t", "\r")) else c for c in cells]
        )
    return out.getvalue()


def _json(path: Path, remedy: str = "make the run again") -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise EvalError(f"{path} cannot be read; {remedy}") from exc
