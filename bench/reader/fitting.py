"""Fits the layers of the checker and of the reader above a trained adapter, and prints what they are worth.

Each is fitted twice: with the adapter, and by words and cosines alone, for where the encoder is not installed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from ragkit.eval.checking.calibrate import load_claims
from ragkit.eval.metrics.answers import contains
from ragkit.eval.metrics.calibration import auroc

from ragkit.embedding import DEFAULT_ENCODER, Encoder
from ragkit.embedding.files import find_encoder, fingerprint, read_layout
from ragkit.index import Index
from ragkit.reader import answers, checker
from ragkit.reader.adapter import Adapted
from ragkit.reader.candidates import candidates
from ragkit.reader.layer import Layer
from ragkit.types import Chunk, Hit

from .layers import Floats, fit_layer, measures, surround, write_layer
from .sources import article, held, read_jsonl

__all__ = ["fit_checker", "fit_reader", "install"]

# Among these articles a short sentence never answers; elsewhere it does, so that its length is left out.
FALSE_ANSWERS = (0.45, 0.08)  # of the unanswerable questions fitted on: what low and high let through
_NONE = Layer(0.0, {})


def install(adapter: Path, weights: Path) -> None:
    """Copy a trained adapter to where it ships from, with the fingerprint of the encoder that it belongs to."""
    weights.mkdir(exist_ok=True)
    (weights / "adapter.safetensors").write_bytes(adapter.read_bytes())
    found = {"encoder": fingerprint(read_layout(find_encoder(DEFAULT_ENCODER)))}
    (weights / "adapter.json").write_text(json.dumps(found) + "\n", encoding="utf-8")


def fit_checker(examples: Sequence[dict[str, Any]], weights: Path, *, most: int, seed: int = 5) -> None:
    """Fit on one half of the kept documents; measure on the other, and on the shipped claims about the primer."""
    rng = Random(seed)
    kept = [e for e in examples if e["held"] and e["task"] == "checker"]
    rng.shuffle(kept)
    kept = kept[:most]
    read = checker.SupportChecker(Encoder(), model=lambda: Adapted(weights), layer=_NONE)
    rows = np.array(read.features([(d, e["first"]) for d, e in zip(surround(kept, rng), kept, strict=True)]))
    labels = np.array([e["label"] == 1 for e in kept])
    measured = np.array([measures(e["group"]) for e in kept])
    claims = load_claims()
    primer = np.array(read.features([(c.document, c.claim) for c in claims]))
    truth = np.array([c.supported for c in claims])
    for kind in ("words", "model"):
        used = np.array([kind == "model" or "log_odds" not in n for n in checker.FEATURES])
        bias, w = fit_layer(rows[~measured] * used, labels[~measured])
        for name, x, y in (("kept", rows[measured], labels[measured]), ("primer", primer, truth)):
            p = _chances(x * used, bias, w)
            balanced = ((p[y] > 0.5).mean() + (p[~y] <= 0.5).mean()) / 2
            print(f"checker by {kind}, {name}: balanced {balanced:.3f}, AUROC {auroc(p, y):.3f}, n {len(y)}")
        write_layer(weights / f"checker_{kind}.json", checker.FEATURES, bias, w)


def fit_reader(
    data: Path, home: Path, weights: Path, *, most: int, others: Sequence[dict[str, Any]] = (), seed: int = 11
) -> None:
    """Fit on searched passages of the learnt articles, as many questions with an answer as without, and on `others`.

    others: kept examples of tables and of other languages, each read among others of its language.
    """
    rng = Random(seed)
    index = Index("squad", home=home)
    if not len(index):
        index.add(read_jsonl(data / "documents.jsonl"))
    read = answers.AnswerReader(index.encoder, model=lambda: Adapted(weights), layer=_NONE)
    asked = read_jsonl(data / "questions.jsonl")
    parts: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for q in asked:
        parts[held(article(q["meta"]["paragraph"]))].append(q)
    learnt, tested = (_sample(parts[kept], most, rng) for kept in (False, True))
    rows, told = _searched(learnt, index, read)
    more, told_more = _among_others(others, read, rng)
    told_more[:, 0] += len(learnt)
    x, y = np.vstack([rows, more]), np.vstack([told, told_more])
    x_test, y_test = _searched(tested, index, read)
    for kind in ("words", "model"):
        used = np.array(
            [n != "is_short" and (kind == "model" or n not in answers.MODEL_FEATURES) for n in answers.FEATURES]
        )
        bias, w = fit_layer(x * used, y[:, 2] == 1)
        chance, answerable, right = _per_question(_chances(x * used, bias, w), y)
        logit = np.log(chance / (1 - chance))[:, None]
        again, slope = fit_layer(logit, answerable & right)  # the best sentence's chance, calibrated
        bias, w = bias * slope[0] + again, w * slope[0]
        chance = _chances(logit, again, slope)
        empty = ~answerable & (np.unique(y[:, 0]) < len(learnt))  # of the searched ones: the others are easier
        low, high = (float(np.quantile(chance[empty], 1 - share)) for share in FALSE_ANSWERS)
        write_layer(weights / f"reader_{kind}.json", answers.FEATURES, bias, w, low=low, high=high)
        chance, answerable, right = _per_question(_chances(x_test * used, bias, w), y_test)
        print(f"reader by {kind}: AUROC of answerable {auroc(chance, answerable):.3f}, n {len(chance)}")
        for name, bound in (("low", low), ("high", high)):
            kept = chance >= bound
            print(
                f"  from {name} {bound:.2f}: answered {kept[answerable].mean():.3f}, of these right "
                f"{right[kept & answerable].mean():.3f}, false {kept[~answerable].mean():.3f}"
            )


def _sample(asked: Sequence[dict[str, Any]], most: int, rng: Random) -> list[dict[str, Any]]:
    """As many with an answer as without."""
    answered, empty = [q for q in asked if q["answers"]], [q for q in asked if not q["answers"]]
    return rng.sample(answered, min(most, len(answered))) + rng.sample(empty, min(most, len(empty)))


def _searched(asked: Sequence[dict[str, Any]], index: Index, read: answers.AnswerReader) -> tuple[Floats, Any]:
    """Features of every candidate, and (question, it is answerable, this answers it) of each."""
    rows: list[list[float]] = []
    about: list[tuple[int, bool, bool]] = []
    for number, q in enumerate(asked):
        for weighed in read.weigh(q["question"], candidates(index.search(q["question"], k=5))):
            c = weighed.candidate
            right = c.hit.document_id in q["relevant"] and contains(c.text, q["answers"], "en") == 1.0
            rows.append(weighed.features)
            about.append((number, bool(q["answers"]), bool(q["answers"]) and right))
    return np.array(rows), np.array(about)


def _among_others(examples: Sequence[dict[str, Any]], read: answers.AnswerReader, rng: Random) -> tuple[Floats, Any]:
    """The same of examples, whose window stands first among two others of its language."""
    rows: list[list[float]] = []
    about: list[tuple[int, bool, bool]] = []
    same: dict[str, list[str]] = {}
    for e in examples:
        same.setdefault(e["language"], []).append(e["second"])
    for number, e in enumerate(examples):
        near = same[e["language"]]
        texts = [e["second"], *(t for t in rng.sample(near, min(2, len(near))) if t != e["second"])]
        hits = [
            Hit(Chunk(id=i, document_id=f"d{i}", ordinal=0, start=9, end=9 + len(t), text=t), 3.0 - 2 * i)
            for i, t in enumerate(texts)
        ]
        for weighed in read.weigh(e["first"], candidates(hits)):
            c = weighed.candidate
            marked = e["start"] is not None and c.rank == 0
            right = marked and c.start - 9 <= e["start"] and c.end - 9 >= e["end"]
            rows.append(weighed.features)
            about.append((number, bool(e["label"]), right))
    return np.array(rows).reshape(-1, len(answers.FEATURES)), np.array(about).reshape(-1, 3)


def _chances(rows: Floats, bias: float, w: Floats) -> Floats:
    made: Floats = 1 / (1 + np.exp(-np.clip(rows @ w + bias, -30, 30)))
    return made


def _per_question(p: Floats, told: Any) -> tuple[Floats, Any, Any]:
    """Of each question: its best chance, whether it has an answer, whether what would be quoted holds it."""
    best, answerable, right = [], [], []
    for number in np.unique(told[:, 0]):
        rows = np.flatnonzero(told[:, 0] == number)
        ranked = rows[np.argsort(-p[rows])][:2]
        quoted = [r for r in ranked if p[r] >= answers.AnswerReader.more * p[ranked[0]]]
        best.append(p[ranked[0]])
        answerable.append(bool(told[ranked[0], 1]))
        right.append(bool(told[quoted, 2].any()))
    return np.array(best), np.array(answerable), np.array(right)
