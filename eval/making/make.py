"""`ragkit eval make`: proposals of each kind are verified until there are enough; what is refused is counted by reason.

Everything that was tried is written beside the set (`NAME.tried.jsonl`), one line each, so that a run that was stopped
goes on where it was. The same documents and the same seed give the same set.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from ragkit.engines.base import Engine
from ragkit.errors import EvalError
from ragkit.index import Index
from ragkit.templates import PromptLibrary

from . import asked, templates
from .corpus import Corpus
from .proposals import KINDS, Proposal, split_of
from .verify import refused

__all__ = ["Made", "make"]

SHARES = {"two": 0.15, "changed": 0.15, "held out": 0.1}  # the rest are questions of one passage
BATCH = 32  # proposals verified together
TRIES = 12  # proposals for each question wanted, before a kind is given up


@dataclass
class Made:
    """The lines of the set, how many proposals were refused for which reason, and what was wanted and not reached."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    missing: dict[str, int] = field(default_factory=dict)


def make(
    index: Index,
    count: int,
    out: Path,
    *,
    seed: int = 1,
    test: float = 0.3,
    engine: Engine | None = None,
    progress: Callable[[int], None] = lambda n: None,
) -> Made:
    """Write `count` verified questions about the documents of an index to `out`, or as many as they give.

    engine: writes the questions of one and two passages, and verifies all; without one they are templates.
    Raises EvalError where the file at `out` was made otherwise, or the index is empty.
    """
    if not len(index):
        raise EvalError(f"index {index.name!r} holds no documents; add some with: ragkit add PATH --index {index.name}")
    about = {"index": index.name, "seed": seed, "by": engine.name if engine is not None else "templates"}
    journal = _Journal(out.with_suffix(".tried.jsonl"), about)
    corpus, made = Corpus(index, seed), Made()
    wanted = {kind: round(count * SHARES[kind]) for kind in KINDS[1:]}
    kept: dict[str, list[dict[str, Any]]] = {}
    for kind in (*KINDS[1:], "one"):  # what the others lack, questions of one passage make up for
        need = wanted.get(kind, count - sum(len(lines) for lines in kept.values()))
        kept[kind] = _of_kind(kind, need, corpus, journal, made, test, engine, progress)
        if len(kept[kind]) < need:
            made.missing[kind] = need - len(kept[kind])
    made.lines = sorted((line for lines in kept.values() for line in lines), key=lambda line: str(line["id"]))
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in made.lines)
    new = out.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(out)
    return made


def _of_kind(
    kind: str, need: int, corpus: Corpus, journal: _Journal, made: Made, test: float,
    engine: Engine | None, progress: Callable[[int], None],
) -> list[dict[str, Any]]:  # fmt: skip
    kept: dict[str, dict[str, Any]] = {}
    questions: set[str] = set()
    source = islice(_proposals(kind, corpus, journal, engine), TRIES * max(need, 1))
    while len(kept) < need and (batch := list(islice(source, BATCH if engine is not None else 1))):
        for proposal, reason in _verified(batch, corpus, journal, engine, test):
            if reason or proposal is None:
                made.refused[reason] += 1
                continue
            line = proposal.line(test)
            if line["question"] in questions:
                made.refused["it was asked already"] += 1
            elif len(kept) < need:
                questions.add(line["question"])
                kept[line["id"]] = line
                progress(1)
    return list(kept.values())


def _proposals(
    kind: str, corpus: Corpus, journal: _Journal, engine: Engine | None
) -> Iterator[tuple[str, Proposal | str]]:
    """(key, proposal or why there is none), in the same order in every run."""
    rng = Random(f"{corpus.seed} {kind}")
    if engine is not None and kind in ("one", "two"):
        waiting = asked.sources(corpus, rng, two=kind == "two")
        while chosen := list(islice(waiting, BATCH)):
            known = [journal.written(key) for key, _, _ in chosen]
            new = [c for c, k in zip(chosen, known, strict=True) if k is None]
            fresh = iter(asked.write(new, corpus, engine, PromptLibrary()))
            for (key, said, joint), old in zip(chosen, known, strict=True):
                if old is None:
                    yield key, next(fresh)
                else:
                    yield key, asked.read_reply(old, key, said, joint, corpus) if old else "written before"
        return
    by = {"one": templates.gaps, "two": templates.joined, "changed": templates.changed, "held out": templates.held_out}
    for proposal in by[kind](corpus, rng):
        yield proposal.key, proposal


def _verified(
    batch: Sequence[tuple[str, Proposal | str]], corpus: Corpus, journal: _Journal, engine: Engine | None, test: float
) -> list[tuple[Proposal | None, str]]:
    """Each with the reason why it is refused; what an earlier run decided is not decided again."""
    reasons: list[str] = []
    for key, proposal in batch:
        known = journal.reason(key)
        if known is not None:
            reasons.append(known)
        elif isinstance(proposal, str):
            reasons.append(proposal)
        elif len({split_of(q.document_id, test) for q in proposal.quotes}) > 1:
            reasons.append("its documents are of two splits")
        else:
            reasons.append(refused(proposal, corpus))
    if engine is not None:
        left = [
            (i, p) for i, (key, p) in enumerate(batch)
            if not reasons[i] and isinstance(p, Proposal) and journal.reason(key) is None
        ]  # fmt: skip
        told = asked.refused_by_model([p for _, p in left], corpus, engine, PromptLibrary())
        for (i, _), reason in zip(left, told, strict=True):
            reasons[i] = reason
    for (key, proposal), reason in zip(batch, reasons, strict=True):
        journal.note(key, reason, proposal)
    return [(p if isinstance(p, Proposal) else None, r) for (_, p), r in zip(batch, reasons, strict=True)]


class _Journal:
    """What was tried and decided, and what a model wrote, in a file that grows by a line each."""

    def __init__(self, path: Path, about: dict[str, Any]) -> None:
        self.path = path
        self._reasons: dict[str, str] = {}
        self._written: dict[str, str] = {}
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(about) + "\n", encoding="utf-8")
            return
        lines = path.read_text(encoding="utf-8").splitlines()
        if not lines or json.loads(lines[0]) != about:
            raise EvalError(f"{path} was made of another index, seed or model; choose another --out or remove it")
        for line in lines[1:]:
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                break  # the line at which an earlier run was stopped
            self._reasons[row["key"]] = row["refused"]
            self._written[row["key"]] = row.get("written", "")
        kept = [lines[0], *(json.dumps({"key": k, "refused": r, "written": self._written[k]}, ensure_ascii=False)
                            for k, r in self._reasons.items())]  # fmt: skip
        path.write_text("\n".join(kept) + "\n", encoding="utf-8")

    def reason(self, key: str) -> str | None:
        """Why a proposal was refused, "" where it was kept, None where it is new."""
        return self._reasons.get(key)

    def written(self, key: str) -> str | None:
        """What a model wrote of it, "" where that was nothing to be read, None where it was not asked yet."""
        return self._written.get(key)

    def note(self, key: str, reason: str, proposal: Proposal | str) -> None:
        """Write down what was decided."""
        if key in self._reasons:
            return
        written = ""
        if isinstance(proposal, Proposal) and proposal.by == "model":
            told = {"question": proposal.question, "answer": proposal.answer, "quote": proposal.quotes[-1].text}
            written = json.dumps(told, ensure_ascii=False)
        self._reasons[key], self._written[key] = reason, written
        row = {"key": key, "refused": reason, "written": written}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
