"""From samples to figures: what counts as right, how samples of a question are averaged, what is never invented."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ragkit.eval.metrics.scoring import prediction, score_sample, table_of
from ragkit.eval.metrics.summary import summarise
from ragkit.eval.sets.reading import make_set
from ragkit.eval.sets.relevance import check_relevant

from ragkit.errors import EvalError, UsageError
from ragkit.types import Document

LEDGER = {
    "thinking_tokens": 5,
    "answer_tokens": 2,
    "prompt_tokens": 9,
    "hops": 1,
    "tool_calls": 0,
    "left_out": 0,
    "ended": "natural",
}


def sample(
    name: str = "q", text: str = "It is Orm [1].", gold: tuple[str, ...] = ("Orm",), **more: Any
) -> dict[str, Any]:
    documents = more.pop("found", ["d1"])
    answer = {
        "text": text,
        "status": more.pop("status", "answered"),
        "citations": [],
        "ledger": LEDGER,
        "hits": [{"chunk": {"document_id": d}} for d in documents],
        "confidence": more.pop("confidence", None),
    }
    return {
        "key": name,
        "id": name,
        "question": "Q",
        "answers": list(gold),
        "relevant": ["d1"],
        "language": "en",
        "cluster": name,
        "meta": {},
        "answer": answer,
        "depth": len(documents),
        **more,
    }


def test_markers_are_not_judged_and_a_refusal_says_nothing() -> None:
    assert prediction(sample()["answer"]) == "It is Orm."
    refused = sample(text="The answer is not in the documents. Orm", status="abstained")
    assert score_sample(refused)["accuracy"] == 0 == score_sample(refused)["contains"]


def test_an_unanswerable_question_is_right_when_refused() -> None:
    assert score_sample(sample(gold=(), status="abstained"))["accuracy"] == 1.0
    scores = score_sample(sample(gold=()))
    assert scores["accuracy"] == 0.0 and "f1" not in scores and "em" not in scores


def test_the_rule_decides_what_is_right() -> None:
    assert [score_sample(sample(), rule)["accuracy"] for rule in ("contains", "em")] == [1.0, 0.0]
    with pytest.raises(UsageError, match="no rule"):
        table_of([sample()], rule="vibes")


def test_documents_added_from_a_folder_are_known_by_the_end_of_their_path() -> None:
    row = sample(found=["/home/x/d1", "/home/x/notd1"])
    assert score_sample(row)["hit@1"] == 1.0
    assert score_sample(sample(found=["notd1"]))["hit@1"] == 0.0


def test_a_document_is_known_by_its_file_and_by_the_name_that_citations_print() -> None:
    row = sample(found=["/home/x/moe.pdf"])
    row["answer"]["hits"][0]["chunk"] |= {"title": "Mixtures of experts", "source": "/home/x/moe.pdf"}
    for name in ("/home/x/moe.pdf", "x/moe.pdf", "moe.pdf", "Mixtures of experts"):
        assert score_sample({**row, "relevant": [name]})["hit@1"] == 1.0, name
    assert score_sample({**row, "relevant": ["oe.pdf"]})["hit@1"] == 0.0


def test_a_name_that_no_document_has_is_an_error_with_the_nearest_names() -> None:
    papers = [Document("/x/moe.pdf", "text", title="Mixtures of experts"), Document("b", "text")]
    questions = make_set("s", [{"question": "Q?", "answers": ["A"], "relevant": ["moe.pfd"]}]).questions
    with pytest.raises(EvalError, match=r"question '1': 'moe.pfd' \(nearest: 'moe.pdf'"):
        check_relevant(questions, papers, "papers")
    named = make_set("s", [{"question": "Q?", "answers": ["A"], "relevant": ["moe.pdf", "Mixtures of experts", "b"]}])
    check_relevant(named.questions, papers, "papers")


def test_what_cannot_apply_to_an_answer_without_a_model_is_left_out() -> None:
    row = sample()
    row["answer"]["strategy"] = "extractive"
    scores = score_sample(row)
    assert not {"thinking_tokens", "prompt_tokens", "truncated", "tool_calls"} & set(scores)
    assert scores["accuracy"] == 1.0


def test_latency_is_told_of_questions_asked_alone() -> None:
    alone, beside = {**sample("a"), "seconds": 2.0, "beside": 0}, {**sample("b"), "seconds": 9.0, "beside": 63}
    found = summarise(table_of([alone, beside]))
    assert found["latency_s"]["p50"] == 2.0
    assert found["in_flight_s"]["mean"] == 5.5


def test_depth_limits_which_retrieval_metrics_are_told() -> None:
    assert "recall@5" not in score_sample(sample(found=["a", "b", "d1"]))
    assert score_sample(sample(found=["a", "b", "d1"]))["recall@3"] == 1.0


def test_samples_of_one_question_are_averaged_before_the_interval() -> None:
    rows = [sample("a"), sample("a", text="Nothing"), sample("b"), sample("b")]
    table = table_of([{**r, "key": str(i)} for i, r in enumerate(rows)])
    assert table.column("accuracy").tolist() == [0.5, 1.0] and table.samples == 4
    assert summarise(table)["metrics"]["accuracy"]["n"] == 2


def test_a_failed_sample_is_neither_right_nor_wrong_and_counted() -> None:
    failed = {**sample("b"), "answer": None, "error": {"type": "EngineError", "message": "gone"}}
    found = summarise(table_of([sample("a"), failed]))
    assert (found["metrics"]["accuracy"]["mean"], found["metrics"]["accuracy"]["n"]) == (1.0, 1)
    assert found["failed"] == {"samples": 1, "reasons": {"EngineError: gone": 1}}
    assert found["metrics"]["f1"]["n"] == 1


def test_abstention_and_calibration_stand_in_the_summary() -> None:
    rows = [
        sample("a", confidence=0.9),
        sample("b", text="No", confidence=0.2),
        sample("c", status="abstained"),
        sample("d", gold=(), status="abstained"),
    ]
    found = summarise(table_of(rows))
    assert found["abstention"]["coverage"] == pytest.approx(2 / 3)
    assert found["abstention"]["attempted"] == 0.5 and found["abstention"]["rejection"] == 1.0
    assert found["calibration"]["auroc"] == 1.0
    assert found["calibration"]["brier"] == pytest.approx((0.01 + 0.04) / 2)


def test_what_cannot_be_known_is_null_never_nan() -> None:
    rows = [{**sample(str(i), text="word " * i), "cluster": "one"} for i in range(3)]
    text = json.dumps(summarise(table_of(rows)), allow_nan=False)
    assert json.loads(text)["metrics"]["words"]["low"] is None


def test_kinds_and_languages_are_told_apart_when_there_are_enough() -> None:
    rows = [sample(str(i), text="Orm" if i % 2 else "No", meta={"kind": "odd" if i % 2 else "even"}) for i in range(12)]
    kinds = summarise(table_of(rows))["kinds"]
    assert kinds["odd"]["metrics"]["accuracy"]["mean"] == 1.0 and kinds["even"]["metrics"]["accuracy"]["mean"] == 0.0


def test_a_run_without_samples_is_an_error() -> None:
    with pytest.raises(EvalError, match="no samples yet"):
        table_of([])
