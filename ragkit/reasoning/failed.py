"""When a model gave no answer: which of the ways it was, and what is said of it. None of them is an abstention."""

from __future__ import annotations

from ..citing.abstention import is_garbled
from ..engines.base import Sample
from ..text.language import detect_language
from ..text.languages import language

__all__ = ["failure", "failure_text"]

FILTERED = "the provider of the model withheld the answer (content filter); ask otherwise, or choose another model"
THOUGHT_ONLY = "the model ended with its thought and gave no answer; ask again, or choose another strategy or model"
EMPTY = "the model gave an empty answer; ask again, or look into the log of its server"
NO_ANSWER = "The model gave no answer."  # where the question's language has no sentence of its own
UNUSABLE = "the model gave no usable text; ask again, or choose another model"


def failure(sample: Sample) -> str | None:
    """Say why a sample holds no answer; None if it holds one, or if its budget was what ended it."""
    if sample.finish_reason == "filter":
        return FILTERED
    if sample.finish_reason in ("length", "abort") or not is_garbled(sample.answer):
        return None
    if sample.answer.strip():
        return UNUSABLE
    return THOUGHT_ONLY if sample.thinking.strip() else EMPTY


def failure_text(question: str) -> str:
    """The sentence that stands where the answer would, in the question's language."""
    known = language(detect_language(question))
    return known.no_answer if known is not None and known.no_answer else NO_ANSWER
