"""Engines are shared by those who name the same model with the same settings, and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ragkit.engines import VLLMSettings
from ragkit.errors import ConfigError
from ragkit.rag import engines as rag_engines
from ragkit.rag.engines import hold
from tests.fakes import ScriptedEngine


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[VLLMSettings | None]:
    """Settings that engines were opened with, in order; vLLM counts as installed."""
    given: list[VLLMSettings | None] = []

    def open_engine(model: str, *, settings: VLLMSettings | None) -> ScriptedEngine:
        given.append(settings)
        return ScriptedEngine("Orm.")

    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    monkeypatch.setattr(rag_engines, "open_engine", open_engine)
    return given


@pytest.fixture
def configure(home: Path) -> Callable[[str], None]:
    return lambda text: (Path("ragkit.toml").write_text(f"[vllm]\n{text}\n"), None)[1]


def test_the_configured_settings_reach_the_engine(
    opened: list[VLLMSettings | None], configure: Callable[[str], None]
) -> None:
    configure('tensor_parallel = 2\nquantization = "fp8"')
    held = hold("org/name")
    held.get()
    held.close()
    assert opened == [VLLMSettings(tensor_parallel=2, quantization="fp8")]


def test_other_settings_are_another_engine(opened: list[VLLMSettings | None], configure: Callable[[str], None]) -> None:
    configure("max_model_len = 512\n[vllm.extra]\nseed = 1")
    first, second = hold("org/name"), hold("org/name")
    configure("max_model_len = 1024")
    third = hold("org/name")
    assert first.get() is second.get()
    assert third.get() is not first.get()
    assert [s.max_model_len for s in opened if s] == [512, 1024]
    first.close()
    assert (second.ready, first.ready) == (True, False)
    second.close()
    third.close()


def test_a_server_is_shared_whatever_is_set_for_vllm(
    opened: list[VLLMSettings | None], configure: Callable[[str], None]
) -> None:
    first = hold("openai:http://h/v1#m")
    configure("max_model_len = 1024")
    second = hold("openai:http://h/v1#m")
    assert first.get() is second.get()
    assert opened == [None]
    first.close()
    second.close()


def test_a_mistyped_key_is_told_before_anything_is_loaded(
    opened: list[VLLMSettings | None], configure: Callable[[str], None]
) -> None:
    configure("max_model_length = 512")
    with pytest.raises(ConfigError, match="'max_model_length' is no setting of vLLM"):
        hold("org/name")
    assert opened == []
