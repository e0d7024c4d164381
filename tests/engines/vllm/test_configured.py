"""The `[vllm]` table becomes the engine's settings; a mistyped key or value is one line, not a default."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from ragkit.engines import VLLMSettings, open_engine
from ragkit.engines.vllm.configured import configured_vllm
from ragkit.errors import ConfigError, UsageError
from tests.hub import whole

__all__ = ["whole"]


def test_file_and_environment_are_merged_key_by_key(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured_vllm() == VLLMSettings()
    Path("ragkit.toml").write_text(
        '[vllm]\ntensor_parallel = 2\nquantization = "fp8"\nmemory_share = 0.8\n[vllm.extra]\nseed = 1\n'
    )
    monkeypatch.setenv("RAGKIT_VLLM_TENSOR_PARALLEL", "4")
    monkeypatch.setenv("RAGKIT_VLLM_EXPERT_PARALLEL", "true")
    assert configured_vllm() == VLLMSettings(
        tensor_parallel=4, expert_parallel=True, quantization="fp8", memory_share=0.8, extra={"seed": 1}
    )


def test_every_field_of_the_settings_is_a_key() -> None:
    own = {f.name: getattr(VLLMSettings(), f.name) for f in dataclasses.fields(VLLMSettings)}
    assert configured_vllm(own) == VLLMSettings()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"tensor_paralel": 2}, "'tensor_paralel' is no setting of vLLM; known: .*tensor_parallel"),
        ({"tensor_parallel": "two"}, "tensor_parallel='two' cannot be set for vLLM: .*integer.*RAGKIT_VLLM_TENSOR_PAR"),
        ({"tensor_parallel": 0}, "tensor_parallel=0 is below 1"),
        ({"memory_share": 1.5}, "memory_share=1.5 is outside"),
        ({"extra": {"trust_remote_code": True}}, "trust_remote_code"),
    ],
)
def test_what_cannot_be_set_is_one_line(table: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        configured_vllm(table)
    assert "\n" not in str(caught.value)


def test_an_engine_opened_by_name_takes_the_configured_settings(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[VLLMSettings] = []

    def opened(folder: Path, *, settings: VLLMSettings, **_: Any) -> Any:
        given.append(settings)
        raise UsageError("seen")

    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    monkeypatch.setattr("ragkit.engines.vllm.engine.VLLMEngine", opened)
    monkeypatch.setenv("RAGKIT_VLLM_MAX_MODEL_LEN", "512")
    for settings in (None, VLLMSettings(max_model_len=64)):
        with pytest.raises(UsageError, match="seen"):
            open_engine(f"vllm:{whole}", settings=settings)
    assert [s.max_model_len for s in given] == [512, 64]
