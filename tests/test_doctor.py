"""The check-up says what would happen, downloads nothing, and gives a remedy with each failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.doctor import Check, examine
from tests.hub import WHOLE, Hub, hub

__all__ = ["hub"]


def found() -> dict[str, Check]:
    return {check.name: check for check in examine()}


def test_a_model_and_an_encoder_that_are_not_here_are_said_to_be_downloaded_and_are_not(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGKIT_MODEL", "transformers:Qwen/Qwen3-30B-A3B")
    monkeypatch.setenv("RAGKIT_ENCODER", "intfloat/multilingual-e5-small")
    checks = found()
    for name in ("model", "encoder"):
        assert checks[name].state == "warn"
        assert checks[name].detail.endswith("would be downloaded when first asked (not cached)")
        assert "hf download" in checks[name].remedy
    hub.cache("intfloat/multilingual-e5-small", "config.json", "model.safetensors")
    hub.cache("Qwen/Qwen3-30B-A3B", *WHOLE)
    checks = found()
    assert (checks["model"].state, checks["encoder"].state) == ("ok", "ok")
    assert hub.downloads == []


def test_offline_they_fail(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setenv("RAGKIT_MODEL", "transformers:Qwen/Qwen3-30B-A3B")
    monkeypatch.setenv("RAGKIT_ENCODER", "intfloat/multilingual-e5-small")
    checks = found()
    assert (checks["model"].state, checks["encoder"].state) == ("fail", "fail")


@pytest.mark.parametrize("name", ["a/b/c", "./nowhere"])
def test_an_encoder_that_names_nothing_fails_without_a_download(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("RAGKIT_ENCODER", name)
    assert found()["encoder"].state == "fail"
    assert hub.downloads == []


def test_a_missing_engine_package_fails_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *a: None if name == "vllm" else real(name, *a))
    monkeypatch.setenv("RAGKIT_MODEL", "vllm:org/name")
    model = found()["model"]
    assert (model.state, model.remedy) == ("fail", "pip install 'ragkit[cpu]' or 'ragkit[gpu]'")
    assert "the vllm engine" in model.detail


def test_the_vllm_table_is_shown_and_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "vllm table" not in found()
    Path("ragkit.toml").write_text('[vllm]\ntensor_parallel = 2\nquantization = "fp8"\n')
    assert found()["vllm table"].state == "warn"  # nothing runs on vLLM
    monkeypatch.setenv("RAGKIT_MODEL", "vllm:org/name")
    table = found()["vllm table"]
    assert (table.state, table.detail) == ("ok", "tensor_parallel=2, quantization=fp8")
    monkeypatch.setenv("RAGKIT_VLLM_TENSOR_PARALLEL", "two")
    table = found()["vllm table"]
    assert (table.state, "tensor_parallel='two'" in table.detail) == ("fail", True)
