"""Question sets: JSONL or CSV files, folders with documents.jsonl beside questions.jsonl, and what ragkit ships.

    {"id": "q1", "question": "Who …?", "answers": ["Ada"], "relevant": ["doc7"], "meta": {"language": "en"}}

Only the question and its gold are needed. Without an `id` the number of the line is taken. `answers`, which may be
called `golden_answers` or `answer`, is a list of texts or one text; an empty list says that the documents do not hold
the answer. `relevant` names documents. `meta` may hold `language`, `kind`, `cluster` (questions that move together) and
`where` (a metadata filter of this question's searches). A CSV has the same columns; `answers` and `relevant` are
separated by "|" or are JSON lists, and every other column goes to `meta`.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ragkit.errors import EvalError, NotFoundError, UsageError

from .lines import GOLD, Line, read_lines

__all__ = ["EXAMPLE", "Question", "QuestionSet", "Skipped", "load_set", "make_set", "select"]

EXAMPLE = '{"question": "Who wrote it?", "answers": ["Ada"], "relevant": ["doc7"]}'
"""A line of a set, as short as it is useful."""
TOLD = 5  # invalid lines that a refusal names


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its gold. No `answers`: the documents do not hold one. `relevant`: documents that do."""

    id: str
    question: str
    answers: tuple[str, ...] = ()
    relevant: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def answerable(self) -> bool:
        """Whether the documents hold an answer."""
        return bool(self.answers)

    @property
    def language(self) -> str:
        """Language of question and answers; found by its letters where `meta` does not say."""
        told = self.meta.get("language")
        if isinstance(told, str) and told:
            return told
        from ragkit.text import detect_language

        return detect_language(self.question) or "en"

    @property
    def cluster(self) -> str:
        """Name shared by questions that move together: `meta.cluster`, else the first relevant document."""
        told = self.meta.get("cluster", self.meta.get("paragraph"))
        return str(told) if told is not None else (f"d:{self.relevant[0]}" if self.relevant else f"q:{self.id}")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that is no question, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class QuestionSet:
    """Questions in order. documents: what to index for them, where the set brings its own."""

    name: str
    questions: tuple[Question, ...]
    skipped: tuple[Skipped, ...] = ()
    documents: Path | None = None

    @cached_property
    def sha256(self) -> str:
        """Of everything the questions say, in order."""
        digest = hashlib.sha256()
        for q in self.questions:
            row = [q.id, q.question, q.answers, q.relevant, q.meta]
            digest.update(json.dumps(row, ensure_ascii=False, sort_keys=True, default=list).encode() + b"\n")
        return digest.hexdigest()

    def __len__(self) -> int:
        return len(self.questions)


def load_set(name: str | Path, *, skip_invalid: bool = False, home: Path | None = None) -> QuestionSet:
    """Read a set: "primer", "nano:SEED" (see worlds), a .jsonl or .csv file, or a folder with questions.jsonl.

    home: where worlds are written once; the configured one by default.
    Raises EvalError over bad lines, the first few with number and reason; `skip_invalid` leaves all such lines out and
    lists them. Raises NotFoundError if there is nothing of that name.
    """
    text = str(name)
    if text.split(":")[0] in ("nano", "corpus") and not Path(text).exists():
        from .worlds import world_folder

        folder = world_folder(text, home)
        return _read(text, folder / "questions.jsonl", folder / "documents.jsonl", skip_invalid)
    if text == "primer" and not Path(text).exists():
        folder = Path(__file__).parents[1] / "primer"
        return _read("primer", folder / "questions.jsonl", folder / "documents", skip_invalid)
    path = Path(name)
    if path.is_dir():
        file, documents = path / "questions.jsonl", path / "documents.jsonl"
        if not file.is_file():
            raise NotFoundError(f"{path} holds no questions.jsonl; name a file, or put one there")
        own = documents if documents.is_file() and documents.stat().st_size else None
        return _read(path.resolve().name, file, own, skip_invalid)
    if not path.is_file():
        raise NotFoundError(f"no question set {text!r}; give a .jsonl or .csv file, a folder, 'primer' or 'nano:1'")
    beside = path.parent / "documents.jsonl"
    documents_path = beside if path.name == "questions.jsonl" and beside.is_file() and beside.stat().st_size else None
    return _read(path.parent.name if path.name == "questions.jsonl" else path.stem, path, documents_path, skip_invalid)


def make_set(name: str, rows: Iterable[Mapping[str, Any]], *, documents: Path | None = None) -> QuestionSet:
    """A set from rows as a JSONL file holds them. Raises EvalError as `load_set` does."""
    lines = (Line(i, dict(row), "") for i, row in enumerate(rows, 1))
    return _collect(name, name, lines, documents, skip_invalid=False)


def select(
    questions: QuestionSet, *, limit: float | None = None, ids: Sequence[str] | None = None, seed: int | None = None
) -> QuestionSet:
    """Part of a set: `ids` in their order, then `limit` of them, a number (>= 1) or a share (< 1).

    Without a seed the first ones are taken; with one, a random part, the same for the same seed.
    """
    chosen = list(questions.questions)
    if ids is not None:
        known = {q.id: q for q in chosen}
        strange = [i for i in ids if i not in known]
        if strange:
            raise UsageError(f"question {strange[0]!r} is not in {questions.name!r}; it has {len(known)} others")
        chosen = [known[i] for i in dict.fromkeys(ids)]
    if limit is not None:
        if not limit > 0:
            raise UsageError(f"limit={limit:g} is not above 0; give a number of questions, or a share below 1")
        count = max(1, round(limit * len(chosen))) if limit < 1 else int(limit)
        if seed is not None:
            picked = sorted(random.Random(seed).sample(range(len(chosen)), min(count, len(chosen))))
            chosen = [chosen[i] for i in picked]
        chosen = chosen[:count]
    return QuestionSet(questions.name, tuple(chosen), questions.skipped, questions.documents)


def _read(name: str, file: Path, documents: Path | None, skip_invalid: bool) -> QuestionSet:
    return _collect(name, file.name, read_lines(file), documents, skip_invalid)


def _collect(name: str, origin: str, lines: Iterable[Line], documents: Path | None, skip_invalid: bool) -> QuestionSet:
    seen: dict[str, int] = {}
    questions: list[Question] = []
    skipped: list[Skipped] = []
    for line in lines:
        question: Question | None = None
        reason = line.problem
        if not reason:
            question, reason = _question(line)
        if question is not None and question.id in seen:
            reason, question = f"id {question.id!r} stands on line {seen[question.id]} already", None
        if question is None:
            skipped.append(Skipped(line.number, reason))
            continue
        seen[question.id] = line.number
        questions.append(question)
    if skipped and not skip_invalid:
        raise EvalError(_refusal(origin, skipped))
    if not questions:
        raise EvalError(f"{origin} holds no usable question ({len(skipped)} lines left out); a line is {EXAMPLE}")
    return QuestionSet(name, tuple(questions), tuple(skipped), documents)


def _refusal(origin: str, bad: Sequence[Skipped]) -> str:
    if len(bad) == 1:
        return f"{origin} line {bad[0].line}: {bad[0].reason}; correct it, or pass --skip-invalid; a line is {EXAMPLE}"
    told = "; ".join(f"line {s.line}: {s.reason}" for s in bad[:TOLD])
    more = f"; and {len(bad) - TOLD} more" if len(bad) > TOLD else ""
    return (
        f"{origin} has {len(bad)} lines that are no question: {told}{more}; correct them, or pass --skip-invalid; "
        f"a line is {EXAMPLE}"
    )


def _question(line: Line) -> tuple[Question | None, str]:
    """The question of a line, or None and what is wrong with it."""
    row = line.row
    if not isinstance(row, dict):
        return None, "not a JSON object"
    name = line.number if row.get("id") in (None, "") else row["id"]
    if not isinstance(name, (str, int)) or isinstance(name, bool):
        return None, '"id" is neither text nor a whole number'
    if not isinstance(row.get("question"), str) or not row["question"].strip():
        return None, "no question"
    gold = next((row[key] for key in GOLD if row.get(key) is not None), None)
    if gold is None:
        return None, 'missing gold: no "answers" (an empty list says that there is none)'
    gold = [gold] if isinstance(gold, str) else gold
    if not isinstance(gold, list) or not all(isinstance(a, str) and a.strip() for a in gold):
        return None, '"answers" is not a list of texts'
    relevant = row.get("relevant") or []
    if not isinstance(relevant, list) or not all(isinstance(r, (str, int)) for r in relevant):
        return None, '"relevant" is not a list of document ids'
    meta = row.get("meta") or {}
    if not isinstance(meta, dict):
        return None, '"meta" is not an object'
    unique = tuple(dict.fromkeys(str(r) for r in relevant))
    return Question(str(name), row["question"], tuple(gold), unique, meta), ""
