"""The contract on a CUDA device, and on several; skipped without."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ragkit.engines import VLLMSettings

from .conftest import ask

pytestmark = pytest.mark.gpu


def devices() -> int:
    torch = pytest.importorskip("torch")
    return int(torch.cuda.device_count())


@pytest.fixture(scope="module", params=[1, 2], ids=["one GPU", "two GPUs"])
def cuda_engine(request: pytest.FixtureRequest, tiny: Path) -> Iterator[Any]:
    if devices() < request.param:
        pytest.skip(f"needs {request.param} CUDA devices")
    from ragkit.engines.vllm.engine import VLLMEngine

    settings = VLLMSettings(tensor_parallel=request.param, expert_parallel=request.param > 1, memory_share=0.3)
    engine = VLLMEngine(tiny, settings=settings)
    yield engine
    engine.close()


@pytest.mark.parametrize("native", [False, True], ids=["by ids", "native"])
def test_no_thought_exceeds_its_cap(cuda_engine: Any, native: bool) -> None:
    cases = [(c, t) for c in (0, 1, 8, 64) for t in (0, 1)]
    requests = [ask(cuda_engine, f"{c} {t}", thinking_tokens=c, temperature=t) for c, t in cases]
    cuda_engine.single_pass = native
    for (cap, _), (sample,) in zip(cases, asyncio.run(cuda_engine.generate_many(requests)), strict=True):
        assert len(sample.thinking_ids) <= cap
        assert len(sample.answer_ids) <= 8


def test_a_seed_repeats_a_sample(cuda_engine: Any) -> None:
    request = ask(cuda_engine, thinking_tokens=8, temperature=1, seed=3)
    (a,), (b,) = asyncio.run(cuda_engine.generate(request)), asyncio.run(cuda_engine.generate(request))
    assert (a.thinking_ids, a.answer_ids) == (b.thinking_ids, b.answer_ids)
