"""The primer is sound: every gold answer stands in its article, hops are real, labels are balanced."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

PRIMER = Path(__file__).resolve().parents[2] / "eval" / "primer"
DOCUMENTS = {path.name: path.read_text(encoding="utf-8") for path in sorted((PRIMER / "documents").iterdir())}


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (PRIMER / name).read_text(encoding="utf-8").splitlines()]


QUESTIONS = rows("questions.jsonl")
CLAIMS = rows("claims.jsonl")


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [q for q in QUESTIONS if q["meta"]["kind"] == kind]


def language(text: str) -> str:
    """en, ru or uk by script and by the letters that only one of the two Cyrillic alphabets has; "?" if undecided."""
    folded = text.casefold()
    latin, cyrillic = len(re.findall("[a-z]", folded)), len(re.findall("[а-яёіїєґ]", folded))
    if latin > cyrillic:
        return "en"
    ukrainian, russian = len(re.findall("[іїєґ]", folded)), len(re.findall("[ыэъё]", folded))
    if ukrainian == russian:
        return "?"
    return "uk" if ukrainian > russian else "ru"


def tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def holds(document: str, phrase: str) -> bool:
    return phrase.casefold() in DOCUMENTS[document].casefold()


def holds_whole(document: str, phrase: str) -> bool:
    """Like `holds`, but not inside a longer word or number: 12 is not in 128."""
    pattern = rf"(?<![\w.,]){re.escape(phrase.casefold())}(?!\w|[.,]\d)"
    return re.search(pattern, DOCUMENTS[document].casefold()) is not None


def longest_shared_run(text: str, document: str) -> int:
    """Length, in words, of the longest run of `text` that stands in the document word for word."""
    words, source = tokens(text), f" {' '.join(tokens(DOCUMENTS[document]))} "
    longest = 0
    for start in range(len(words)):
        while start + longest < len(words) and f" {' '.join(words[start : start + longest + 1])} " in source:
            longest += 1
    return longest


def document_language(name: str) -> str:
    return name[:2] if name[:3] in {"ru-", "uk-"} else "en"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_article_has_a_title_sections_and_a_readable_length(name: str) -> None:
    text = DOCUMENTS[name]
    assert name.endswith(".md")
    assert re.match(r"# \S", text)
    assert len(re.findall(r"^## ", text, re.MULTILINE)) >= 3
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1
    assert 200 <= len(text.split()) <= 650
    assert language(text) == document_language(name)


def test_corpus_has_three_languages() -> None:
    counts = Counter(document_language(name) for name in DOCUMENTS)
    assert len(DOCUMENTS) >= 30
    assert counts["en"] >= 20
    assert counts["ru"] >= 5
    assert counts["uk"] >= 5


def test_question_set_has_the_promised_mix() -> None:
    kinds = Counter(q["meta"]["kind"] for q in QUESTIONS)
    languages = Counter(q["meta"]["language"] for q in QUESTIONS)
    assert len(QUESTIONS) >= 130
    assert set(kinds) == {"single", "multi", "unanswerable"}
    assert kinds["single"] >= 70
    assert kinds["multi"] >= 30
    assert kinds["unanswerable"] >= 25
    assert languages["ru"] >= 25
    assert languages["uk"] >= 25
    for kind in kinds:
        assert {q["meta"]["language"] for q in of_kind(kind)} == {"en", "ru", "uk"}


def test_ids_and_questions_are_unique() -> None:
    assert len({q["id"] for q in QUESTIONS}) == len(QUESTIONS)
    assert len({" ".join(tokens(q["question"])) for q in QUESTIONS}) == len(QUESTIONS)
    assert len({c["id"] for c in CLAIMS}) == len(CLAIMS)
    assert len({" ".join(tokens(c["claim"])) for c in CLAIMS}) == len(CLAIMS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q["id"])
def test_question_is_well_formed(question: dict[str, Any]) -> None:
    assert set(question) == {"id", "question", "answers", "relevant", "meta"}
    assert set(question["relevant"]) <= set(DOCUMENTS)
    meta = question["meta"]
    assert len(question["relevant"]) == meta["hops"] == {"unanswerable": 0, "single": 1, "multi": 2}[meta["kind"]]
    assert language(question["question"]) in {meta["language"], "?"}
    foreign = any(document_language(name) != meta["language"] for name in question["relevant"])
    assert meta.get("cross_lingual", False) == foreign


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q["id"])
def test_answer_stands_literally_in_the_last_relevant_article(question: dict[str, Any]) -> None:
    if question["meta"]["kind"] == "unanswerable":
        assert question["answers"] == []
        return
    assert all(answer.strip() == answer and 0 < len(answer) <= 80 for answer in question["answers"])
    assert any(holds_whole(question["relevant"][-1], answer) for answer in question["answers"])


@pytest.mark.parametrize("question", of_kind("multi"), ids=lambda q: q["id"])
def test_multi_hop_needs_both_articles(question: dict[str, Any]) -> None:
    first, second = question["relevant"]
    clue, bridge = question["meta"]["clue"], question["meta"]["bridge"]
    assert holds(first, bridge)
    assert holds(second, bridge)
    assert holds(first, clue)
    assert not holds(second, clue)
    for name in DOCUMENTS:  # no article is a shortcut
        assert not (holds(name, clue) and any(holds_whole(name, answer) for answer in question["answers"])), name


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q["id"])
def test_question_does_not_copy_the_article(question: dict[str, Any]) -> None:
    assert all(longest_shared_run(question["question"], name) <= 5 for name in question["relevant"])


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c["id"])
def test_claim_is_well_formed_and_not_a_copy(claim: dict[str, Any]) -> None:
    assert set(claim) == {"id", "document", "claim", "label", "kind", "language"}
    assert claim["document"] in DOCUMENTS
    made = {
        "supported": {"paraphrase", "inference", "language"},
        "unsupported": {"number", "entity", "negation", "swap", "not_mentioned", "overreach", "language"},
    }
    assert claim["kind"] in made[claim["label"]]
    assert language(claim["claim"]) in {claim["language"], "?"}
    assert (claim["language"] != document_language(claim["document"])) == (claim["kind"] == "language")
    assert longest_shared_run(claim["claim"], claim["document"]) <= 6


def test_claims_are_balanced_overall_and_within_each_article_and_language() -> None:
    assert len(CLAIMS) >= 320
    balance = Counter({"supported": 1, "unsupported": -1})
    for key in ("document", "language"):
        for value in {c[key] for c in CLAIMS}:
            group = [balance[c["label"]] for c in CLAIMS if c[key] == value]
            assert abs(sum(group)) <= 0.2 * len(group), value
    assert sum(balance[c["label"]] for c in CLAIMS) == 0
    assert {c["document"] for c in CLAIMS} == set(DOCUMENTS)


def test_label_cannot_be_guessed_from_length_or_negation() -> None:
    mean: dict[str, float] = {}
    negated: dict[str, float] = {}
    for label in ("supported", "unsupported"):
        group = [c["claim"] for c in CLAIMS if c["label"] == label]
        mean[label] = sum(map(len, group)) / len(group)
        marks = [
            bool({"not", "no", "never", "cannot", "без", "не", "ни", "нет", "немає"} & set(tokens(t))) for t in group
        ]
        negated[label] = sum(marks) / len(group)
    assert 0.75 <= mean["supported"] / mean["unsupported"] <= 1.33, mean
    assert abs(negated["supported"] - negated["unsupported"]) <= 0.15, negated
