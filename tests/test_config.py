"""Settings come from the file and the environment, in that order, and unknown keys raise."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.config import settings
from ragkit.errors import ConfigError


def test_environment_wins_over_the_file_and_arguments_over_both(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("ragkit.toml").write_text('model = "from-file"\nk = 3\nstrategy = "cot"\n')
    monkeypatch.setenv("RAGKIT_K", "4")
    read = settings(strategy="agent", encoder=None)
    assert (read.model, read.k, read.strategy) == ("from-file", 4, "agent")
    assert read.encoder == "sentence-transformers/all-MiniLM-L6-v2"


def test_unknown_key_in_the_file_is_refused_with_the_known_ones() -> None:
    Path("ragkit.toml").write_text('modle = "x"\n')
    with pytest.raises(ConfigError, match=r"'modle' in ragkit.toml is not a setting; known: .*model"):
        settings()


def test_unknown_environment_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGKIT_MODLE", "x")
    with pytest.raises(ConfigError, match="RAGKIT_MODLE is not a setting"):
        settings()


@pytest.mark.parametrize("text", ["k = 0\n", 'budget = "much"\n', "k = \n"])
def test_value_outside_its_limits_is_one_line(text: str) -> None:
    Path("ragkit.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        settings()
    assert "\n" not in str(caught.value).strip()


def test_default_database_lives_in_the_home(home: Path) -> None:
    assert settings().database_url == f"sqlite:///{home / 'ragkit.db'}"


@pytest.mark.parametrize("text", ["vllm = 3\n", "[[vllm]]\nx = 1\n"])
def test_a_vllm_key_that_is_no_table_is_one_line(text: str) -> None:
    Path("ragkit.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"setting vllm=.*dictionary"):
        settings()


def test_the_vllm_table_can_be_one_variable_but_only_an_object(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("ragkit.toml").write_text("[vllm]\nmax_model_len = 512\n")
    monkeypatch.setenv("RAGKIT_VLLM", '{"tensor_parallel": 2}')
    assert settings().vllm == {"max_model_len": 512, "tensor_parallel": 2}
    monkeypatch.setenv("RAGKIT_VLLM", "tensor_parallel=2")
    with pytest.raises(ConfigError, match="RAGKIT_VLLM is no JSON object"):
        settings()
