"""Worked examples for models that learn from the prompt: banks of them, and the choice of the nearest to a question.

A bank is a JSONL file, one example a line:

    {"question": "…", "passages": ["…"], "reasoning": "… [1]", "answer": "… [1].", "language": "en", "kind": "…"}

Shipped banks lie in `prompts/fewshot/`; a bank of one's own is named by its path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from ..embedding import EncoderLike
from ..errors import NotFoundError, PromptError, UsageError
from ..text.language import detect_language

__all__ = ["KINDS", "Bank", "Example", "show_examples"]

KINDS = ("single fact", "multi-hop", "arithmetic", "comparison", "unanswerable")
_FIELDS = {"question", "passages", "reasoning", "answer", "language", "kind"}


@dataclass(frozen=True, slots=True)
class Example:
    """One worked question; the numbers in `reasoning` and `answer` name its own passages."""

    question: str
    passages: tuple[str, ...]
    reasoning: str
    answer: str
    language: str
    kind: str


@dataclass(frozen=True)
class Bank:
    """Examples to choose from."""

    examples: tuple[Example, ...]

    @classmethod
    def load(cls, path: str | Path | None = None) -> Bank:
        """Read a bank; None reads all shipped ones. Raises PromptError with the line that is wrong."""
        return _shipped() if path is None else cls._read_file(Path(path))

    @classmethod
    def _read_file(cls, path: Path) -> Bank:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            raise NotFoundError(f"no readable bank of examples at {path}: {exc}; name a JSONL file") from exc
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, origin: str) -> Bank:
        """Read the lines of a bank."""
        lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        if not lines:
            raise PromptError(f"{origin} holds no example; one JSON object a line")
        return cls(tuple(_example(line, f"{origin}, line {n}") for n, line in lines))

    def choose(
        self, question: str, k: int, encoder: EncoderLike | None = None, *, budget: int | None = None
    ) -> tuple[Example, ...]:
        """The `k` examples nearest to the question, in its language where there are any; the nearest stands last.

        Without an encoder the first ones, always the same. budget: thinking tokens; examples whose reasoning is longer
        (by the encoder's count) would teach the model to think beyond it, and are left out where others remain.
        """
        if k < 1:
            raise UsageError(f"shots={k} is below 1; ask for at least one example")
        language = detect_language(question)
        pool = [e for e in self.examples if e.language == language] or list(self.examples)
        if encoder is None:
            return tuple(pool[:k])
        if budget is not None:
            lengths = encoder.count_tokens([e.reasoning for e in pool])
            pool = [e for e, n in zip(pool, lengths, strict=True) if n <= budget] or pool
        scores = encoder.encode([e.question for e in pool]) @ encoder.encode_query(question)
        best = np.argsort(-scores, kind="stable")[:k]
        return tuple(pool[int(i)] for i in best[::-1])


def show_examples(examples: Sequence[Example]) -> str:
    """Return the examples as text, in the form a model is asked to answer in."""
    return "\n\n".join(
        "\n".join(f"[{n}] {p}" for n, p in enumerate(e.passages, 1))
        + f"\n\nQuestion: {e.question}\nReasoning: {e.reasoning}\nAnswer: {e.answer}"
        for e in examples
    )


def _example(line: str, where: str) -> Example:
    try:
        row: Any = json.loads(line)
    except ValueError as exc:
        raise PromptError(f"{where} is not JSON: {exc}") from exc
    if not isinstance(row, dict) or set(row) != _FIELDS:
        raise PromptError(f"{where} must have exactly the keys {', '.join(sorted(_FIELDS))}")
    texts = [row[k] for k in sorted(_FIELDS - {"passages"})]
    passages = row["passages"]
    if not all(isinstance(t, str) and t.strip() for t in texts) or not isinstance(passages, list) or not passages:
        raise PromptError(f"{where}: passages is a list of texts, the other keys are texts, and none is empty")
    cited = {int(n) for n in re.findall(r"\[(\d+)\]", f"{row['reasoning']} {row['answer']}")}
    if not cited <= set(range(1, len(passages) + 1)):
        raise PromptError(f"{where} cites {sorted(cited)} but has {len(passages)} passages; number them from 1")
    if row["kind"] not in KINDS:
        raise PromptError(f"{where}: kind {row['kind']!r} is none of {', '.join(KINDS)}")
    return Example(
        row["question"], tuple(str(p) for p in passages), row["reasoning"], row["answer"], row["language"], row["kind"]
    )


@lru_cache(maxsize=1)
def _shipped() -> Bank:
    folder = files("ragkit.prompts") / "fewshot"
    banks = sorted((f for f in folder.iterdir() if f.name.endswith(".jsonl")), key=lambda f: f.name)
    return Bank(tuple(e for f in banks for e in Bank.parse(f.read_text(encoding="utf-8"), f.name).examples))
