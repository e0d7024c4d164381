"""Engines: what runs a model. One protocol (`base`), one file for each engine, chosen by one string (`registry`)."""

from __future__ import annotations

from .base import Capabilities, Deadlines, Delta, Engine, Request, Sample, Tokenizer
from .registry import choose, describe, find_model, open_engine
from .vllm.settings import VLLMSettings

__all__ = [
    "Capabilities",
    "Deadlines",
    "Delta",
    "Engine",
    "Request",
    "Sample",
    "Tokenizer",
    "VLLMSettings",
    "choose",
    "describe",
    "find_model",
    "open_engine",
]
