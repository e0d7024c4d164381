"""Banks of examples are read strictly, hold what they promise, and the nearest examples are chosen."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from ragkit.augment.fewshot import KINDS, Bank, show_examples
from ragkit.citing.abstention import abstention, is_abstention
from ragkit.errors import NotFoundError, PromptError, UsageError
from ragkit.templates import PromptLibrary
from ragkit.text import detect_language
from tests.fakes import WordEncoder

ROW = {
    "question": "Who?",
    "passages": ["Ann did."],
    "reasoning": "Ann [1].",
    "answer": "Ann [1].",
    "language": "en",
    "kind": "single fact",
}


def test_shipped_banks_hold_every_kind_in_three_languages() -> None:
    bank = Bank.load()
    assert len(bank.examples) >= 24
    kinds = Counter((e.language, e.kind) for e in bank.examples)
    assert {(language, kind) for language in ("en", "ru", "uk") for kind in KINDS} <= set(kinds)


@pytest.mark.parametrize("example", Bank.load().examples, ids=lambda e: e.question[:30])
def test_shipped_examples_are_in_their_language_and_cite_or_abstain(example: object) -> None:
    from ragkit.augment.fewshot import Example

    assert isinstance(example, Example)
    text = f"{example.question} {' '.join(example.passages)} {example.reasoning}"
    assert detect_language(text) == example.language
    if example.kind == "unanswerable":
        assert example.answer == abstention(text)
        assert is_abstention(example.answer)
    else:
        assert "[" in example.answer


def test_nearest_example_stands_last_and_is_in_the_questions_language() -> None:
    bank = Bank.load()
    chosen = bank.choose("When was the tunnel over the Lenn opened?", 3, WordEncoder())
    assert chosen[-1].question == "When was the bridge over the Lenn opened?"
    assert {e.language for e in bank.choose("Сколько всего мест в этих залах?", 2, WordEncoder())} == {"ru"}


def test_long_reasoning_is_left_out_under_a_small_budget() -> None:
    bank = Bank.load()
    short = bank.choose("What is the sum?", 3, WordEncoder(), budget=14)
    assert all(len(e.reasoning.split()) <= 14 for e in short)


def test_without_encoder_the_choice_is_fixed() -> None:
    bank = Bank.load()
    assert bank.choose("Who was it?", 2) == bank.choose("Where is the old mill?", 2)


def test_shown_in_the_form_that_is_asked_for() -> None:
    text = show_examples(Bank.parse(json.dumps(ROW), "bank").examples)
    assert text == "[1] Ann did.\n\nQuestion: Who?\nReasoning: Ann [1].\nAnswer: Ann [1]."


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "riddle"}, "kind 'riddle'"),
        ({"answer": "Ann [2]."}, "cites"),
        ({"answer": ""}, "none is empty"),
        ({"passages": []}, "none is empty"),
        ({"extra": 1}, "exactly the keys"),
    ],
)
def test_a_wrong_line_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(PromptError, match=rf"bank, line 2.*{message}"):
        Bank.parse(json.dumps(ROW) + "\n" + json.dumps({**ROW, **change}), "bank")


def test_broken_json_empty_bank_missing_file_and_no_shots_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="line 1 is not JSON"):
        Bank.parse("{", "bank")
    with pytest.raises(PromptError, match="holds no example"):
        Bank.parse("\n", "bank")
    with pytest.raises(NotFoundError, match="no readable bank"):
        Bank.load(tmp_path / "none.jsonl")
    with pytest.raises(UsageError, match="shots=0"):
        Bank.load().choose("q", 0)


@pytest.mark.parametrize("name", PromptLibrary().names())
def test_every_shipped_prompt_fills_in(name: str) -> None:
    prompt = PromptLibrary().get(name)
    messages = prompt.render(**{v: f"<{v}>" for v in prompt.variables})
    assert messages[-1]["role"] == "user"
    assert all(f"<{v}>" in "".join(m["content"] for m in messages) for v in prompt.variables)
