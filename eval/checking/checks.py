"""What a checker said about a run's answers: kept beside the samples, so that it is asked once.

checks.jsonl: {"key", "judge", "citation_recall", "citation_precision", "claims", "entailed", "unparsed"} a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ragkit.errors import EvalError

from ..metrics.citations import cited_sentences, premises, score_citations
from ..metrics.groundedness import claims_of, grounding
from ..running.runs import SampleLog, read_run
from .checkers import Checker

__all__ = ["REMOVALS", "check_run", "passages_of", "read_checks"]

REMOVALS = "necessity.jsonl"  # what was answered without single passages; written by `necessity`
BATCH = 32  # answers whose claims are checked together
Pair = tuple[str, str]


def check_run(folder: Path, checker: Checker, *, quiet: bool = True) -> int:
    """Check every answered sample of a run that this checker has not seen; returns how many were checked."""
    from ..running.progress import RunProgress

    _, samples = read_run(folder)
    log = SampleLog(_file(folder, checker.name))
    progress = RunProgress(0, f"checked by {checker.name}", quiet=quiet)
    try:
        todo = (r for r in samples if _answered(r) and r["key"] not in log.keys)
        for batch in _batches(todo, BATCH):
            progress.total += len(batch)
            log.append(check_answers(batch, checker))
            for _ in batch:
                progress.step()
    finally:
        log.close()
        progress.close()
    return progress.done


def check_answers(rows: Sequence[Mapping[str, Any]], checker: Checker) -> list[dict[str, Any]]:
    """Citation scores and grounding of some answers, with one call to the checker for all of their pairs."""
    plans = [_plan(row["answer"]) for row in rows]
    wanted = dict.fromkeys(pair for _, _, pairs in plans for pair in pairs)
    chances = dict(zip(wanted, checker.check(list(wanted)), strict=True))
    made = []
    for row, (sentences, passages, _) in zip(rows, plans, strict=True):
        context = _context(row["answer"])
        verdicts = grounding([chances[context, c] for c in claims_of(row["answer"]["text"])], checker.threshold)

        def entails(premise: str, claim: str) -> bool:
            chance = chances[premise, claim]
            return chance is not None and chance > checker.threshold

        cited = score_citations(sentences, passages, entails)
        made.append(
            {
                "key": row["key"],
                "judge": checker.name,
                "citation_recall": cited.recall,
                "citation_precision": cited.precision,
                "claims": verdicts.entailed + verdicts.not_entailed,
                "entailed": verdicts.entailed,
                "unparsed": verdicts.unparsed,
            }
        )
    return made


def passages_of(answer: Mapping[str, Any]) -> dict[int, str]:
    """What each marker stands for: the cited chunk's text, its words as quoted where the chunk is not at hand."""
    chunks = {hit["chunk"]["id"]: hit["chunk"]["text"] for hit in answer["hits"]}
    found: dict[int, str] = {}
    for c in answer["citations"]:
        text = chunks.get(c["chunk_id"], c["quote"])
        found[c["marker"]] = text if c["marker"] not in found else f"{found[c['marker']]}\n{text}"
    return found


def read_checks(folder: Path) -> tuple[dict[str, dict[str, float]], list[str]]:
    """Scores by sample key from all checkers, the most trusted last, and from removals; and the checkers' names."""
    scores: dict[str, dict[str, float]] = {}
    files = sorted(Path(folder).glob("checks-*.jsonl"), key=lambda p: (not p.name.startswith("checks-lexical"), p.name))
    judges = []
    for path in files:
        for row in _rows(path):
            if row["judge"] not in judges:
                judges.append(row["judge"])
            mine = scores.setdefault(row["key"], {})
            mine |= {k: float(row[k]) for k in ("citation_recall", "citation_precision", "unparsed")}
            mine |= {k: float(row[k]) for k in ("entailed", "claims")}
            mine.pop("groundedness_by_answer", None)
            if row["claims"]:
                mine["groundedness_by_answer"] = row["entailed"] / row["claims"]
    removals = Path(folder) / REMOVALS
    for row in _rows(removals) if removals.exists() else ():
        if not row.get("error"):
            mine = scores.setdefault(row["key"], {})
            mine |= {k: float(row[k]) for k in ("needed", "removed", "distractor_changed", "distractors")}
            mine["necessity_by_answer"] = row["needed"] / row["removed"]
    return scores, judges


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.endswith("\n"):
                try:
                    yield json.loads(line)
                except ValueError as exc:
                    raise EvalError(f"{path} line {number} is not JSON; delete the file and check again") from exc


def _answered(row: Mapping[str, Any]) -> bool:
    """Refusals claim nothing and are counted under abstention; failures are counted by their reason."""
    return not row.get("error") and row.get("answer") is not None and row["answer"]["status"] != "abstained"


def _context(answer: Mapping[str, Any]) -> str:
    return "\n".join(hit["chunk"]["text"] for hit in answer["hits"])


def _plan(answer: Mapping[str, Any]) -> tuple[list[Any], dict[int, str], list[Pair]]:
    sentences, passages = cited_sentences(answer["text"]), passages_of(answer)
    pairs = [(premise, s.text) for s in sentences for premise in premises(s, passages)]
    context = _context(answer)
    return sentences, passages, [(context, s.text) for s in sentences] + pairs


def _batches(rows: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _file(folder: Path, judge: str) -> Path:
    safe = "".join(c if c.isalnum() or c in "-_." else "-" for c in judge)[:80]
    return Path(folder) / f"checks-{safe}.jsonl"
