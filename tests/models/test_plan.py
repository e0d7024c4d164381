"""Plans: what fits, what is given up, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ragkit.cli.planning import render
from ragkit.errors import NotFoundError, UsageError
from ragkit.models import facts
from ragkit.models.facts import facts_of, read_facts
from ragkit.models.plan import plan, plan_for

from ..published import DEEPSEEK_V3, ERNIE_21B, GEMMA3_4B, LLAMA_8B, QWEN3_06B, QWEN3_30B


@pytest.fixture(autouse=True)
def fast_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "multiplies_bfloat16", lambda: True)


def test_parameters_are_those_of_the_built_model(tmp_path: Path) -> None:
    from safetensors import safe_open

    from ..engines.tiny_model import build

    tiny = build(tmp_path)
    facts = read_facts(tiny)
    assert facts is not None
    with safe_open(tiny / "model.safetensors", "pt") as weights:
        built = sum(weights.get_tensor(name).numel() for name in weights.keys())  # noqa: SIM118
    assert facts.total_parameters == built


def test_as_few_gpus_as_hold_the_model_and_the_rest_are_copies() -> None:
    p = plan_for("m", facts_of(LLAMA_8B), gpus=4, memory_gib=80)
    assert (p.tensor_parallel, p.pipeline_parallel, p.data_parallel, p.downgrades) == (1, 1, 4, ())


def test_a_mixture_over_several_gpus_spreads_its_experts() -> None:
    p = plan_for("m", facts_of(QWEN3_30B), gpus=4, memory_gib=24)
    assert p.fits
    assert p.tensor_parallel == 4
    assert p.expert_parallel
    assert p.downgrades == ()


def test_what_does_not_fit_is_quantised_and_said() -> None:
    p = plan_for("m", facts_of(LLAMA_8B), gpus=1, memory_gib=16, context_tokens=8192)
    assert p.fits
    assert p.quantization == "fp8"
    assert any("fp8" in d for d in p.downgrades)


def test_a_window_that_does_not_fit_is_shortened_and_said() -> None:
    p = plan_for("m", facts_of(LLAMA_8B), gpus=1, memory_gib=24)
    assert p.quantization is None
    assert 2048 <= p.context_tokens < 131072
    assert any("context from 131,072" in d for d in p.downgrades)


def test_what_fits_nowhere_says_what_would_help() -> None:
    p = plan_for("m", facts_of(DEEPSEEK_V3), gpus=1, memory_gib=24)
    assert not p.fits
    assert "more GPUs" in render(p)


def test_latent_attention_keeps_its_cache_on_every_gpu() -> None:
    p = plan_for("m", facts_of(DEEPSEEK_V3), gpus=8, memory_gib=141)
    assert (p.tensor_parallel, p.pipeline_parallel) == (2, 3)
    assert p.sequences == pytest.approx(p.cache_bytes / 2 / 70_272 / 163_840, rel=1e-6) == pytest.approx(5.9, abs=0.05)


@pytest.mark.parametrize(("memory_gib", "method", "weights_gib"), [(16, "fp8", 8.46), (10, "bitsandbytes", 5.60)])
def test_quantising_while_loading_spares_embeddings_and_head(
    memory_gib: float, method: str, weights_gib: float
) -> None:
    p = plan_for("m", facts_of(LLAMA_8B), gpus=1, memory_gib=memory_gib, context_tokens=8192)
    assert p.quantization == method
    assert p.weight_bytes / 2**30 == pytest.approx(weights_gib, abs=0.005)


def test_copies_of_a_model_come_with_the_command_that_serves_them() -> None:
    p = plan_for("my models/8b", facts_of(LLAMA_8B), gpus=4, memory_gib=80)
    assert p.serve == "vllm serve 'my models/8b' --data-parallel-size 4 --max-model-len 131072"
    assert "serve      vllm serve" in render(p)
    assert '--model "openai:http://localhost:8000/v1#my models/8b"' in render(p)
    assert plan_for("m", facts_of(QWEN3_30B), gpus=4, memory_gib=24).serve == ""
    spread = plan_for("m", facts_of(QWEN3_30B), gpus=8, memory_gib=24).serve
    assert spread.startswith("vllm serve m --data-parallel-size 2 --tensor-parallel-size 4 --enable-expert-parallel")


def test_a_cpu_keeps_room_for_encoder_and_index() -> None:
    small = plan_for("m", facts_of(QWEN3_06B), memory_gib=8)
    crowded = plan_for("m", facts_of(QWEN3_06B), memory_gib=8, chunks=2_000_000)
    full = plan_for("m", facts_of(QWEN3_06B), memory_gib=8, chunks=3_000_000)
    assert small.cache_bytes == 2 * 2**30
    assert crowded.cache_bytes < small.cache_bytes
    assert any("kv_cache_gib" in d for d in crowded.downgrades)
    assert not full.fits
    assert "10 GiB or more" in full.remedy
    assert plan_for("m", facts_of(QWEN3_06B), memory_gib=10, chunks=3_000_000).fits


def test_a_cpu_starts_with_16k_tokens_and_more_only_when_asked() -> None:
    unasked = plan_for("m", facts_of(QWEN3_06B), memory_gib=64)
    assert unasked.context_tokens == 16384
    assert any("from 40,960 to 16,384" in d for d in unasked.downgrades)
    asked = plan_for("m", facts_of(QWEN3_06B), memory_gib=64, context_tokens=40960)
    assert (asked.context_tokens, asked.downgrades) == (40960, ())


@pytest.mark.parametrize("gpus", [0, 1])
def test_a_window_beyond_the_models_is_cut_and_said(gpus: int) -> None:
    p = plan_for("m", facts_of(QWEN3_06B), gpus=gpus, memory_gib=80, context_tokens=1_000_000)
    assert (p.context_tokens, p.downgrades) == (
        40960,
        ("context from 1,000,000 to 40,960 tokens, the model's longest",),
    )


def test_the_plan_reads_one_file_and_prints_itself(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(QWEN3_30B))
    text = render(plan(str(tmp_path), gpus=1, memory_gib=80))
    assert "30.53 billion (3.35 billion per token, 128 experts)" in text
    assert "56.87 GiB" in text
    assert "yes" in text


def test_a_model_that_is_not_here_says_how_to_get_the_one_file() -> None:
    with pytest.raises(NotFoundError, match=r"hf download nobody/none config\.json"):
        plan("nobody/none", gpus=1, memory_gib=24)


def test_gpus_without_memory_are_refused() -> None:
    with pytest.raises(UsageError, match="--memory"):
        plan_for("m", facts_of(LLAMA_8B), gpus=1)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"context_tokens": -5}, "context_tokens=-5 is below 1"),
        ({"context_tokens": 0}, "context_tokens=0 is below 1"),
        ({"memory_gib": 0}, "memory_gib=0 is not above 0"),
        ({"gpus": -1}, "gpus=-1"),
    ],
)
def test_values_that_no_machine_has_are_refused(options: dict[str, int], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        plan_for("m", facts_of(LLAMA_8B), **options)


def test_a_file_that_says_too_little_is_named_with_the_reason(tmp_path: Path) -> None:
    text = {k: v for k, v in GEMMA3_4B["text_config"].items() if k != "model_type"}
    (tmp_path / "config.json").write_text(json.dumps({**GEMMA3_4B, "text_config": text}))
    with pytest.raises(UsageError, match=r"config\.json: a model of type 'gemma3' without 'vocab_size'"):
        plan(str(tmp_path), gpus=1, memory_gib=24)


def test_totals_of_an_untested_family_are_marked_estimated() -> None:
    assert render(plan_for("m", facts_of(ERNIE_21B), gpus=1, memory_gib=80)).count("estimated") == 2
    assert "estimated" not in render(plan_for("m", facts_of(LLAMA_8B), gpus=1, memory_gib=80))
