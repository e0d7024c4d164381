"""Reading without a language model: what answers a question, and whether a text supports a claim."""

from .answers import AnswerReader, Reader
from .checker import SupportChecker

__all__ = ["AnswerReader", "Reader", "SupportChecker"]
