"""Well-known models, so that `ragkit plan` answers before a file is fetched, and says what fits a machine.

``known.csv`` holds the fields of each model's ``config.json`` that count, and the parameters its authors publish, which
the tests compare with the sum of the fields. `more`: further fields, ``quantization`` the method it is shipped in.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files
from typing import Any

from .facts import ModelFacts, facts_of

__all__ = ["find_known", "known_models", "published_parameters"]

_NUMBERS = (
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "vocab_size",
)


@lru_cache(maxsize=1)
def _rows() -> tuple[dict[str, str], ...]:
    text = (files(__package__) / "known.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def known_models() -> dict[str, ModelFacts]:
    """Name of each known model -> its facts."""
    return {row["name"]: facts_of(_config(row)) for row in _rows()}


def published_parameters() -> dict[str, int]:
    """Name of each known model -> the parameters its authors publish."""
    return {row["name"]: int(row["published"]) for row in _rows()}


def find_known(model: str) -> tuple[str, ModelFacts] | None:
    """The known model of that name, with or without its owner, in any case; None for any other.

    >>> find_known("qwen3-8b")[0]
    'Qwen/Qwen3-8B'
    """
    asked = model.casefold()
    for name, facts in known_models().items():
        if asked in (name.casefold(), name.casefold().partition("/")[2]):
            return name, facts
    return None


def _config(row: dict[str, str]) -> dict[str, Any]:
    config: dict[str, Any] = {name: int(row[name]) for name in _NUMBERS if row[name]}
    config["model_type"] = row["model_type"]
    config["tie_word_embeddings"] = row["tied"] == "1"
    config["max_position_embeddings"] = int(row["context"])
    for field in row["more"].split():
        name, _, value = field.partition("=")
        if name == "quantization":
            config["quantization_config"] = {"quant_method": value}
        else:
            config[name] = int(value) if value.isdigit() else value
    return config
