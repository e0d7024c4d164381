"""One sample as a report shows it: verdict, what was said, what was read, in plain text of bounded length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..metrics.scoring import RULES, prediction, score_sample
from ..sets.relevance import gold_name

__all__ = ["row_of"]

THOUGHT, PASSAGE, PASSAGES = 1500, 700, 8  # characters, characters, passages shown
SHOWN = ("em", "f1", "contains", "mrr", "recall@5", "thinking_tokens", "answer_tokens")


def row_of(sample: Mapping[str, Any], at: int, rule: str = "contains") -> dict[str, Any]:
    """The row of a sample of a run or of a sweep (there: its natural thought)."""
    row: dict[str, Any] = {
        "at": at,
        "id": sample["id"],
        "question": sample["question"],
        "answers": sample["answers"],
        "kind": str(sample["meta"].get("kind", sample["meta"].get("type", ""))),
        "seconds": sample.get("seconds", 0),
        "relevant": sample["relevant"],
        "documents": list(sample.get("documents") or [])[:10],
        "said": "",
        "thinking": "",
        "citations": [],
        "passages": [],
        "error": "",
        "scores": "",
        "trace": "",
    }
    if sample.get("error"):
        row |= {"verdict": "failed", "score": -1.0, "error": f"{sample['error']['type']}: {sample['error']['message']}"}
    elif sample.get("forks") is not None:
        row |= _swept(sample, rule)
    elif sample.get("answer") is not None:
        row |= _answered(sample, rule)
    else:
        scores = score_sample(sample, rule)
        found = scores.get("mrr")
        row |= {"score": 1.0 if found is None else found, "scores": _told(scores)}
        row["verdict"] = "right" if row["score"] > 0 else "wrong"
    text = [row["question"], row["said"], *row["answers"], *row["documents"], *row["relevant"], str(row["id"])]
    return {**row, "search": " ".join(text).lower()}


def _verdict(accuracy: float, refused: bool, answerable: bool) -> str:
    if accuracy >= 1:
        return "right"
    return "refused" if refused and answerable else "wrong"


def _answered(sample: Mapping[str, Any], rule: str) -> dict[str, Any]:
    answer, gold = sample["answer"], set(sample["relevant"])
    scores = score_sample(sample, rule)

    def is_gold(chunk: Mapping[str, Any]) -> bool:
        return gold_name(gold, chunk["document_id"], chunk.get("title", ""), chunk.get("source", "")) in gold

    passages = [
        {
            "document": hit["chunk"]["document_id"].rsplit("/", 1)[-1],
            "text": _cut(" ".join(hit["chunk"]["text"].split()), PASSAGE),
            "gold": is_gold(hit["chunk"]),
        }
        for hit in answer["hits"][:PASSAGES]
    ]
    return {
        "said": answer["text"],
        "thinking": _cut(answer["thinking"], THOUGHT),
        "trace": answer.get("trace_id", ""),
        "score": scores["accuracy"] + 0.5 * scores.get("f1", 0.0),
        "verdict": _verdict(scores["accuracy"], answer["status"] == "abstained", bool(sample["answers"])),
        "scores": _told(scores),
        "passages": passages,
        "citations": [
            {"marker": c["marker"], "document": c["document"] or c["document_id"], "quote": c["quote"]}
            for c in answer["citations"]
        ],
    }


def _swept(sample: Mapping[str, Any], rule: str) -> dict[str, Any]:
    """The natural answer, and how every budget's answer was."""
    points = sample["forks"][0]
    gold, language = sample["answers"], sample["language"]

    def right(point: Mapping[str, Any]) -> float:
        refused = point["status"] == "abstained"
        return float(refused) if not gold else 0.0 if refused else RULES[rule](prediction(point), gold, language)

    natural = points["natural"]
    marks = [
        f"{cap}: {'right' if right(p) >= 1 else 'wrong'} ({p['thinking_tokens']} tokens)" for cap, p in points.items()
    ]
    return {
        "said": natural["text"],
        "score": sum(map(right, points.values())) / len(points),
        "verdict": _verdict(right(natural), natural["status"] == "abstained", bool(gold)),
        "scores": f"k={sample['k']}, hops={sample['hops'] or 1} · " + ", ".join(marks),
    }


def _told(scores: Mapping[str, float]) -> str:
    return ", ".join(f"{n} {scores[n]:.3g}" for n in SHOWN if n in scores)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]} …"
