"""The runs in a user's home: listed, found by their id, read for show, compared."""

from __future__ import annotations

import heapq
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ragkit.eval.metrics.compare import Comparison, compare
from ragkit.eval.reporting.pages import no_budget
from ragkit.eval.reporting.rows import row_of
from ragkit.eval.running.runs import differences, read_run

from ragkit.errors import NotFoundError, RagkitError, UsageError

from .asked import Asked, runs_folder

if TYPE_CHECKING:
    from ragkit.server.workspace import Workspace

__all__ = [
    "RunRow",
    "compare_runs",
    "delete_run",
    "differing",
    "find_run",
    "list_runs",
    "read_summary",
    "worst",
]

_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{8}")
WORST = 20
MOST_RUNS = 200


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as listed. accuracy: of a sweep that of its recommended budget; None while there is none."""

    id: str
    kind: str
    questions: str
    count: int
    model: str
    index: str
    created: str
    accuracy: float | None
    complete: bool


def find_run(workspace: Workspace, run_id: str) -> Path:
    """The folder of a run; an id is never taken as a path. Raises NotFoundError."""
    folder = runs_folder(workspace) / run_id
    if not _ID.fullmatch(run_id) or not folder.is_dir():
        raise NotFoundError(f"no run {run_id[:40]!r}; it may have been deleted")
    return folder


def list_runs(workspace: Workspace) -> list[RunRow]:
    """All runs, newest first; one that never began to ask is left out."""
    home = runs_folder(workspace)
    if not home.is_dir():
        return []
    folders = sorted((f for f in home.iterdir() if _ID.fullmatch(f.name)), reverse=True)[:MOST_RUNS]
    return [row for row in map(_row, folders) if row is not None]


def _row(folder: Path) -> RunRow | None:
    try:
        asked = Asked.read(folder)
        manifest, _ = read_run(folder)
    except RagkitError:
        return None
    summary = read_summary(folder)
    accuracy: float | None = None
    complete = False
    if summary is not None:
        if "curves" in summary:
            curve = summary["curves"][0]
            accuracy = None if no_budget(curve) else curve["recommended"]["accuracy"]["mean"]
            complete = "run" in summary
        else:
            main = summary["metrics"].get("accuracy") or summary["metrics"].get("mrr")
            accuracy, complete = main["mean"] if main else None, bool(summary.get("complete"))
    return RunRow(
        folder.name,
        asked.kind,
        str(manifest["set"]["name"]),
        int(manifest["set"]["questions"]),
        asked.model if asked.kind != "search" else "",
        asked.index,
        str(manifest["created"]),
        accuracy,
        complete,
    )


def read_summary(folder: Path) -> dict[str, Any] | None:
    """The figures of a run; None when nothing was scored yet."""
    try:
        found = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def worst(folder: Path, rule: str, most: int = WORST) -> list[dict[str, Any]]:
    """The samples that went wrong most, as rows of a report; those that are right are left out."""
    _, samples = read_run(folder)
    rows = (row_of(row, i, rule) for i, row in enumerate(samples))
    wrong = (row for row in rows if row["verdict"] != "right")
    return heapq.nsmallest(most, wrong, key=lambda r: (r["score"], r["at"]))


def differing(a: Path, b: Path) -> Mapping[str, tuple[Any, Any]]:
    """In what two runs differ, by dotted name, with both values."""
    return differences(read_run(a)[0]["fingerprint"], read_run(b)[0]["fingerprint"])


def compare_runs(a: Path, b: Path, expect: list[str]) -> Comparison:
    """Compare run `b` with run `a`. Raises EvalError for a difference that is not expected, UsageError for sweeps."""
    if a == b:
        raise UsageError("that is one and the same run; choose two")
    kinds = {str(read_run(folder)[0]["command"]) for folder in (a, b)}
    if "sweep" in kinds:
        raise UsageError(
            "a sweep has an answer for every budget, so there is no single one to compare; choose two runs"
        )
    return compare(a, b, expect=expect)


def delete_run(folder: Path) -> None:
    """Delete a run with all it holds."""
    shutil.rmtree(folder)
