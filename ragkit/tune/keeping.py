"""The end of every run: the gate decides, and what was trained moves to the run's top, or to `refused`.

Each step can be done twice: a run that was killed here goes on here.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import UsageError
from .gate import ask_both
from .models import Learner
from .rows import Row
from .runs import TuneRun, disk_told

__all__ = ["settle"]


def settle(
    run: TuneRun, figures: Mapping[str, Any], rows: Sequence[Row], student: Learner, *, budget: int
) -> dict[str, Any]:
    """Test the run's candidate on the test rows, keep or refuse it, and write result.json; returns its content."""
    tested = [r for r in rows if r.split == "test"]
    found, log = ask_both(student, run.folder, tested, budget=budget)
    with disk_told(run.folder):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in log)
        (run.folder / "tested.jsonl").write_text(lines, encoding="utf-8")
    result = {**figures, "gate": found.to_dict()}
    _place(run, kept=found.kept)
    for name in ("before.json", "after.json"):  # all of it stands in tested.jsonl
        (run.folder / name).unlink(missing_ok=True)
    return run.finish(result)


def _place(run: TuneRun, *, kept: bool) -> None:
    """Move the candidate where it belongs; the file by which it is known for a model comes last."""
    candidate = run.folder / "candidate"
    if not candidate.exists():
        raise UsageError(f"{run.folder} holds no candidate; train again into another folder")
    with disk_told(run.folder):
        if kept:
            for file in sorted(candidate.iterdir(), key=lambda f: f.name in ("adapter_config.json", "config.json")):
                shutil.copyfile(file, run.folder / file.name)
            shutil.rmtree(candidate)
        else:
            shutil.rmtree(run.folder / "refused", ignore_errors=True)
            shutil.copyfile(run.folder / "tuned.json", candidate / "tuned.json")
            candidate.rename(run.folder / "refused")
