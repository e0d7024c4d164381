"""A set to learn from: what a model is asked, in the very words of a strategy's prompt, and what it should write.

One JSON object a line; `cut` is where the thought is broken off, as a share of it:

    {"id": "q7", "split": "train", "question": "Who approves travel?", "answers": ["Ann"], "cluster": "policy.md",
     "kind": "", "language": "en", "layout": "gold", "messages": [{"role": "user", "content": "[1] …"}],
     "thinking": true, "thought": "Passage 1 names Ann [1].", "answer": "Ann approves it [1].", "cut": null,
     "worse": null}

layout: "gold" (the passages hold the answer, among others), "withheld" (it was taken out) or "none" (no document has
it); in the last two the answer is an abstention. worse: {"thought", "answer"} of a wrong answer to the same prompt.
Documents are never shared between splits: train is learnt, dev tells when to stop, test tells whether to keep it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..errors import NotFoundError, UsageError
from ..eval.sets.lines import read_lines

__all__ = ["SPLITS", "Row", "read_sets", "set_hash", "split_questions", "write_set"]

SPLITS = {"train": 0.7, "dev": 0.1, "test": 0.2}
TOLD = 3  # invalid lines that a refusal names


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a set; see the module."""

    id: str
    split: str
    question: str
    answers: tuple[str, ...]
    cluster: str
    messages: tuple[Mapping[str, Any], ...]
    thinking: bool
    thought: str
    answer: str
    layout: str = "gold"
    kind: str = ""
    language: str = "en"
    cut: float | None = None
    worse: Mapping[str, str] | None = None

    @property
    def answerable(self) -> bool:
        """Whether the passages of the prompt hold an answer."""
        return self.layout == "gold"


def split_questions(groups: Sequence[Iterable[str]]) -> list[tuple[str, str]]:
    """For each question the cluster and split, where `groups` names the documents of each.

    Questions that share a document, directly or through others, share a cluster, named by the least of its documents.
    Clusters go, in an order that only their names decide, where most is lacking, so that a few large ones are spread.
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    firsts = []
    for group in groups:
        names = sorted(group)
        for other in names[1:]:
            a, b = sorted((root(names[0]), root(other)))
            parent[b] = a
        firsts.append(names[0])
    clusters = [root(first) for first in firsts]
    sizes, given = Counter(clusters), dict.fromkeys(SPLITS, 0)
    splits: dict[str, str] = {}
    for name in sorted(sizes, key=lambda n: sha256(n.encode()).digest()):
        at = max(SPLITS, key=lambda s: SPLITS[s] * len(clusters) - given[s])
        given[at] += sizes[name]
        splits[name] = at
    return [(name, splits[name]) for name in clusters]


def write_set(path: Path, rows: Iterable[Row]) -> int:
    """Write a set as a whole; returns the number of rows. Raises UsageError where it cannot be written."""
    part, count = path.with_name(f"{path.name}.part"), 0
    try:
        with part.open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
                count += 1
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as exc:
        raise UsageError(f"{path} cannot be written: {exc.strerror}; free the disk, or name another file") from exc
    return count


def read_sets(paths: Sequence[str | Path]) -> list[Row]:
    """The rows of all files, in order; a document stays in the split that the first file gave it.

    Raises NotFoundError, and UsageError naming lines that are no rows.
    """
    rows: list[Row] = []
    places: dict[str, str] = {}
    for path in map(Path, paths):
        if not path.is_file():
            raise NotFoundError(f"there is no set {str(path)!r}; make one with `ragkit tune data`")
        bad: list[str] = []
        for line in read_lines(path.resolve()):
            row, problem = (None, line.problem) if line.problem else _row(line.row)
            if row is None:
                bad.append(f"line {line.number}: {problem}")
            else:
                rows.append(replace(row, split=places.setdefault(row.cluster, row.split)))
        if bad:
            more = f" and {len(bad) - TOLD} more" if len(bad) > TOLD else ""
            raise UsageError(f"{path.name}: {'; '.join(bad[:TOLD])}{more}; make it again with `ragkit tune data`")
    if not rows:
        raise UsageError(f"{', '.join(map(str, paths))} holds no rows; make some with `ragkit tune data`")
    return rows


def set_hash(rows: Iterable[Row]) -> str:
    """Of everything in the rows, in order; 16 hex digits."""
    digest = sha256()
    for row in rows:
        digest.update(json.dumps(asdict(row), ensure_ascii=False, sort_keys=True).encode() + b"\n")
    return digest.hexdigest()[:16]


def _row(value: Any) -> tuple[Row | None, str]:
    if not isinstance(value, dict):
        return None, "not a JSON object"
    names = {f.name: f for f in fields(Row)}
    texts = ("id", "split", "question", "cluster", "thought", "answer")
    for name in (*texts, "answers", "messages", "thinking"):
        if name not in value:
            return None, f"no {name!r}"
    if strange := sorted(set(value) - set(names)):
        return None, f"unknown {strange[0]!r}"
    if wrong := next((n for n in texts if not isinstance(value[n], str)), None):
        return None, f"{wrong!r} is not text"
    if value["split"] not in SPLITS:
        return None, f"split {value['split']!r} is none of {', '.join(SPLITS)}"
    messages, cut = value["messages"], value.get("cut")
    if not isinstance(messages, list) or not messages or not all(isinstance(m, dict) and "role" in m for m in messages):
        return None, "'messages' is not a list of messages"
    if cut is not None and not (isinstance(cut, (int, float)) and 0 <= cut <= 1):
        return None, f"cut {cut!r} is not between 0 and 1"
    if not isinstance(value["answers"], list):
        return None, "'answers' is not a list"
    return Row(**{**value, "answers": tuple(value["answers"]), "messages": tuple(messages)}), ""
