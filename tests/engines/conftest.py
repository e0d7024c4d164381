"""One tiny model and one engine of each kind for all tests here; vLLM starts in about 3 s."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ragkit.engines import Request
from ragkit.engines.tokenwise import TokenEngine

from .tiny_model import build

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return build(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def vllm_engine(tiny: Path) -> Iterator[Any]:
    pytest.importorskip("vllm", exc_type=ImportError)
    from ragkit.engines.vllm.engine import VLLMEngine

    engine = VLLMEngine(tiny)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def transformers_engine(tiny: Path) -> Iterator[Any]:
    from ragkit.engines.transformers.engine import TransformersEngine

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        engine = TransformersEngine(tiny)
    yield engine
    engine.close()


@pytest.fixture(params=["vllm", "transformers"])
def engine(request: pytest.FixtureRequest) -> TokenEngine:
    """Each engine that works on ids, in turn."""
    chosen: TokenEngine = request.getfixturevalue(f"{request.param}_engine")
    return chosen


def prompt(engine: TokenEngine, text: str = "hello, who are you?", *, thinking: bool = True) -> tuple[int, ...]:
    return tuple(engine.tokenizer.chat([{"role": "user", "content": text}], thinking=thinking))


def ask(engine: TokenEngine, text: str = "hello, who are you?", **options: Any) -> Request:
    return Request(prompt_ids=prompt(engine, text), **{"answer_tokens": 8, **options})
