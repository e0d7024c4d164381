"""Checkers, their calibration, the judge: measured, named, and counted when they say nonsense."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ragkit.eval.checking.calibrate import calibrate, correct_groundedness, load_claims
from ragkit.eval.checking.checkers import LexicalChecker, ServedChecker, windows
from ragkit.eval.checking.checks import check_run, passages_of
from ragkit.eval.metrics.profile import ASPECTS, profile
from ragkit.eval.running.asking import Asker
from ragkit.eval.running.evaluate import score
from ragkit.eval.running.runner import jobs_of, run_jobs
from ragkit.eval.running.runs import Run, read_run

from ragkit.engines.base import Capabilities, EngineBase, Request, Sample
from ragkit.errors import EvalError
from ragkit.reader.pair_model import positive_label
from tests.fakes import WordEncoder

from .fakes import COUNT, FakeRAG, questions


@pytest.fixture
def run(tmp_path: Path) -> Path:
    asked = questions()
    manifest = {"fingerprint": {"questions": asked.sha256}, "set": {"questions": COUNT, "name": "fake"}}
    with Run(tmp_path / "run", {**manifest, "command": "run"}) as made:
        run_jobs(made, jobs_of(made, asked.questions), Asker(FakeRAG()), total=COUNT, quiet=True)
    return tmp_path / "run"


class Exact:
    """Says that a document supports exactly what it contains; unreadable for anything with 'garbled' in it."""

    name, threshold = "exact", 0.5

    def __init__(self) -> None:
        self.asked = 0

    def check(self, pairs: Sequence[tuple[str, str]]) -> list[float | None]:
        self.asked += len(pairs)
        return [None if "garbled" in c else float(c.rstrip(".") in d) for d, c in pairs]


def test_a_run_is_checked_once_and_its_figures_follow(run: Path) -> None:
    checker = Exact()
    answered = COUNT - 4  # the others are refusals, which claim nothing
    assert check_run(run, checker) == answered
    asked = checker.asked
    assert check_run(run, checker) == 0 and checker.asked == asked
    summary = score(run)
    right = sum(1 for r in read_run(run)[1] if "is word" in r["answer"]["text"])
    for metric in ("groundedness", "groundedness_by_answer", "citation_recall", "citation_precision"):
        assert summary["metrics"][metric]["n"] == answered
        assert summary["metrics"][metric]["mean"] == pytest.approx(right / answered)
    assert summary["judges"] == ["exact"]


def test_groundedness_is_pooled_over_claims_and_the_mean_of_answers_bears_another_name(run: Path) -> None:
    _, rows = read_run(run)
    keys = [r["key"] for r in rows if r["answer"]["status"] == "answered"]
    claims = [4 if i == 0 else 1 for i, _ in enumerate(keys)]  # one long answer, of which nothing is supported
    with (run / "checks-made.jsonl").open("w") as file:
        for key, n in zip(keys, claims, strict=True):
            row = {"key": key, "judge": "made", "citation_recall": 1, "citation_precision": 1, "unparsed": 0}
            file.write(json.dumps({**row, "claims": n, "entailed": 0 if n == 4 else n}) + "\n")
    found, n = score(run)["metrics"], len(keys)
    assert found["groundedness"]["mean"] == pytest.approx((n - 1) / (n + 3))
    assert found["groundedness"]["n"] == n + 3
    assert found["groundedness_by_answer"]["mean"] == pytest.approx((n - 1) / n)
    assert found["groundedness"]["low"] < found["groundedness"]["mean"] < found["groundedness"]["high"]


def test_a_marker_stands_for_the_whole_cited_chunk() -> None:
    hits = [{"chunk": {"id": 7, "text": "whole chunk"}}]
    citations = [{"marker": 1, "chunk_id": 7, "quote": "whole"}, {"marker": 2, "chunk_id": 8, "quote": "only words"}]
    assert passages_of({"hits": hits, "citations": citations}) == {1: "whole chunk", 2: "only words"}


def test_the_lexical_checker_sees_words_and_numbers_and_says_that_it_is_lexical() -> None:
    checker = LexicalChecker()
    pairs = [
        ("Mixtral routes each token to 2 experts.", "Mixtral routes tokens to 2 experts."),
        ("Mixtral routes each token to 2 experts.", "Mixtral routes tokens to 8 experts."),
        ("Mixtral routes each token to 2 experts.", "Bananas ripen quickly indoors."),
    ]
    good, number, other = checker.check(pairs)
    assert good is not None and number is not None and good > 0.5 > number and other == 0.0
    assert checker.name == "lexical" and LexicalChecker(WordEncoder()).name == "lexical-embedding"
    assert all(s is not None for s in LexicalChecker(WordEncoder()).check(pairs))


def test_labels_that_mean_supported() -> None:
    assert positive_label({0: "contradiction", 1: "neutral", 2: "entailment"}, "m") == 2
    assert positive_label({0: "not_entailment", 1: "entailment"}, "m") == 1
    assert positive_label({0: "UNSUPPORTED", 1: "SUPPORTED"}, "m") == 1
    with pytest.raises(EvalError, match="none of which means 'supported'"):
        positive_label({0: "positive", 1: "negative"}, "m")


def test_windows_hold_every_sentence_and_share_one() -> None:
    text = " ".join(f"Sentence number {i} is here." for i in range(200))
    parts = windows(text, 500)
    assert len(parts) > 5 and all(len(p) < 600 for p in parts)
    assert all(any(f"number {i} is" in p for p in parts) for i in range(200))
    assert windows("") == [""]


class Scripted(EngineBase):
    """Answers from a function of the prompt; with log-probabilities when it is given tokens."""

    name = "scripted"

    def __init__(self, say: Any, logprobs: bool = False) -> None:
        self._say = say
        self.capabilities = Capabilities(budget=True, logprobs=logprobs, token_ids=logprobs)
        self.tokenizer = SimpleNamespace(decode=lambda ids: {1: " Yes", 2: "no", 3: "4", 4: "5", 5: "?"}[ids[0]])

    async def generate(self, request: Request) -> list[Sample]:
        said = self._say(str(request.messages[-1]["content"]))
        if isinstance(said, dict):
            return [Sample("", "x", "natural", "stop", top_logprobs=({k: math.log(v) for k, v in said.items()},))]
        return [Sample("", said, "natural", "stop")]


def test_the_served_checker_takes_the_probability_of_yes() -> None:
    engine = Scripted(
        lambda prompt: {1: 0.6, 2: 0.2, 5: 0.2} if "good" in prompt else {5: 0.99, 1: 0.001}, logprobs=True
    )
    yes, unreadable = ServedChecker(engine).check([("d", "good"), ("d", "bad")])
    assert yes == pytest.approx(0.75) and unreadable is None


def test_the_served_checker_reads_words_where_there_are_no_probabilities() -> None:
    said = {"a": "Yes.", "b": "no", "c": "maybe"}
    engine = Scripted(lambda prompt: said[prompt.split("Claim: ")[1][0]])
    assert ServedChecker(engine).check([("d", "a"), ("d", "b"), ("d", "c")]) == [1.0, 0.0, None]


def test_the_served_checker_is_asked_document_first_and_claim_last() -> None:
    seen: list[str] = []
    ServedChecker(Scripted(lambda prompt: seen.append(prompt) or "yes")).check([("DOC", "CLAIM")])
    assert seen[0].index("DOC") < seen[0].index("CLAIM")


def test_calibration_worked_by_hand() -> None:
    claims = [c for c in load_claims() if c.language == "en"][:200]
    truth = {(c.document, c.claim): c.supported for c in claims}
    wrong = {c.claim for c in claims if c.supported and int(c.id[1:]) % 5 == 0}

    class Knows:
        name, threshold = "knows", 0.5

        def check(self, pairs: Sequence[tuple[str, str]]) -> list[float | None]:
            return [None if c == claims[0].claim else float(truth[d, c] and c not in wrong) for d, c in pairs]

    found = calibrate(Knows(), claims)
    supported = [c for c in claims[1:] if c.supported]
    share = sum(c.claim not in wrong for c in supported) / len(supported)
    assert (found.unparsed, found.specificity, found.sensitivity) == (1, 1.0, pytest.approx(share))
    assert found.balanced_accuracy == pytest.approx((1 + share) / 2)
    assert found.interval[0] < found.balanced_accuracy < found.interval[1]
    summary = {"metrics": {"groundedness": {"mean": share / 2, "low": 0.1, "high": 0.9}}}
    assert correct_groundedness(summary, found)["mean"] == pytest.approx(0.5)


def test_a_checker_that_answers_nonsense_is_an_error_not_a_figure() -> None:
    with pytest.raises(EvalError, match="4 unreadable verdicts of 4"):
        calibrate(ServedChecker(Scripted(lambda prompt: "¯\\_(ツ)_/¯")), load_claims()[:4])


def test_the_profile_has_every_aspect_with_its_interval_and_judge(run: Path) -> None:
    engine = Scripted(lambda prompt: {3: 0.5, 4: 0.5} if "clarity" in prompt else "Rating: 3/5", logprobs=True)
    found = profile(run, engine, limit=20)
    assert found["judge"].startswith("scripted") and found["answers"] == 20 and found["unparsed"] == 0
    assert found["aspects"]["clarity"]["mean"] == pytest.approx(4.5)
    assert {a: found["aspects"][a]["mean"] for a in ASPECTS if a != "clarity"} == dict.fromkeys(
        (a for a in ASPECTS if a != "clarity"), 3.0
    )
    assert json.loads((run / "profile.json").read_text())["aspects"].keys() == set(ASPECTS)


def test_a_judge_that_answers_nonsense_is_counted_and_refused_when_it_is_all(run: Path) -> None:
    found = profile(run, Scripted(lambda prompt: "banana" if "depth" in prompt else "5"), limit=10)
    assert found["unparsed"] == 10 and "depth" not in found["aspects"]
    engine = Scripted(lambda prompt: "banana")
    engine.name = "other"
    with pytest.raises(EvalError, match="no readable rating"):
        profile(run, engine, limit=10)
