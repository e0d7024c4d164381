"""What an evaluation was told, kept beside its samples, so that it can go on; and the questions that it means."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ragkit.eval.sets.reading import QuestionSet, load_set, select

from ragkit.asking import Ask, K
from ragkit.errors import UsageError
from ragkit.server.uploads import Upload

from ..safe_html import plain

if TYPE_CHECKING:
    from ragkit.server.workspace import Workspace

__all__ = ["Asked", "cap_of", "caps_of", "copy_set", "open_set", "runs_folder"]

MOST_SET_BYTES = 50 * 1024 * 1024
MOST_QUESTIONS = 5000
MOST_WORLD = 2000  # questions of an invented world: it is written to disk


@dataclass(frozen=True, slots=True)
class Asked:
    """What an evaluation was told. kind: run, sweep or search. questions: primer, nano:SEED:COUNT, or "" for an upload.

    index: "" makes one of the set's own documents. limit: questions, 0 for all. name: of an uploaded set.
    """

    kind: str
    questions: str
    name: str
    index: str
    model: str
    strategy: str = "auto"
    budget: int | None = None
    k: int = K
    samples: int = 1
    limit: int = 0
    seed: int = 0
    caps: tuple[int, ...] = (0, 16, 32, 64, 128, 256)
    rule: str = "contains"
    skip_invalid: bool = False
    ground: bool = False
    rate: bool = False

    @property
    def ask(self) -> Ask:
        """What is chosen for every answer; `samples` are answers drawn of each question, not of each answer."""
        return Ask(model=self.model, strategy=self.strategy, budget=self.budget, k=self.k)

    @classmethod
    def read(cls, folder: Path) -> Asked:
        """What the run in a folder was told. Raises UsageError where that is not known: it was not begun here."""
        try:
            row = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
            return cls(**{**row, "caps": tuple(row["caps"])})
        except (OSError, ValueError, TypeError, KeyError) as exc:
            raise UsageError("this run was not begun here; go on with `ragkit eval`, or begin another") from exc


def runs_folder(workspace: Workspace) -> Path:
    """Where a user's runs live."""
    return workspace.home / "eval-runs"


def open_set(asked: Asked, folder: Path, home: Path) -> QuestionSet:
    """The questions of an evaluation. Raises EvalError with the line for a bad upload, UsageError for a limit."""
    if asked.questions:
        if asked.questions.startswith(("nano:", "corpus:")) and int(asked.questions.split(":")[2]) > MOST_WORLD:
            raise UsageError(f"{asked.questions} exceeds the limit of {MOST_WORLD} questions; ask for fewer")
        found = load_set(asked.questions, home=home)
    else:
        file = next(iter(sorted(folder.glob("set.*"))), folder / "set.jsonl")
        read = load_set(file, skip_invalid=asked.skip_invalid)
        found = QuestionSet(asked.name, read.questions, read.skipped)
    chosen = select(found, limit=asked.limit or None, seed=asked.seed if asked.limit else None)
    if len(chosen) > MOST_QUESTIONS:
        raise UsageError(f"{len(chosen)} questions exceed the limit of {MOST_QUESTIONS}; take fewer of them")
    return chosen


def copy_set(upload: Upload, folder: Path) -> str:
    """Copy an uploaded set to set.csv or set.jsonl in a folder; returns what its owner calls it, for show."""
    if upload.path.stat().st_size > MOST_SET_BYTES:
        raise UsageError(f"the set exceeds the limit of {MOST_SET_BYTES // 2**20} MiB; split it")
    suffix = ".csv" if upload.name.lower().endswith(".csv") else ".jsonl"
    (folder / f"set{suffix}").write_bytes(upload.path.read_bytes())
    return plain(upload.name).rsplit("/", 1)[-1].rsplit(".", 1)[0][:60] or "set"


def caps_of(text: str) -> tuple[int, ...]:
    """Thinking caps as they are typed, ascending. Raises UsageError for what is no number."""
    try:
        return tuple(sorted({int(part) for part in text.replace(" ", ",").split(",") if part.strip()}))
    except ValueError:
        raise UsageError(f"budgets {text[:60]!r} are not a list of whole numbers, as 0,64,256") from None


def cap_of(text: str) -> int | None:
    """A thinking cap as it is typed, None for no words. Raises UsageError for what is no single whole number."""
    caps = caps_of(text)
    if len(caps) > 1:
        raise UsageError(f"the budget {text[:60]!r} is more than one number; a sweep takes several")
    return caps[0] if caps else None
