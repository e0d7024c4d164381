"""`ragkit config`: every setting with the place that decided it; the file counts wherever the environment does."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.cli.output import say
from ragkit.config import Settings

from .conftest import Run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_setting_is_shown_with_where_its_value_came_from(ragkit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("ragkit.toml").write_text(
        'k = 9\nstrategy = "cot"\n[vllm]\ntensor_parallel = 2\nquantization = "fp8"\n', encoding="utf-8"
    )
    monkeypatch.setenv("RAGKIT_K", "7")
    monkeypatch.setenv("RAGKIT_VLLM_TENSOR_PARALLEL", "4")
    rows = {row["name"]: (row["value"], row["from"]) for row in ragkit("config", "--json").data}
    assert rows["k"] == (7, "RAGKIT_K")
    assert rows["strategy"] == ("cot", "ragkit.toml")
    assert rows["index"] == ("default", "default")
    assert rows["vllm.tensor_parallel"][1] == "RAGKIT_VLLM_TENSOR_PARALLEL"
    assert rows["vllm.quantization"] == ("fp8", "ragkit.toml")
    assert set(Settings.model_fields) - {"vllm"} <= set(rows)
    assert "strategy\tcot\tragkit.toml\thow an answer is reasoned" in ragkit("config").out


def test_the_password_of_the_database_is_not_shown(ragkit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGKIT_DATABASE", "postgresql://ann:s3cr:et@host/db")
    shown = ragkit("config").out
    assert "postgresql://ann:***@host/db" in shown and "s3cr" not in shown


@pytest.mark.parametrize("text", ['color = "never"\n', 'color = "auto"\n'])
def test_colour_is_chosen_in_the_file_too(text: str) -> None:
    Path("ragkit.toml").write_text(text, encoding="utf-8")
    assert say().out.no_color is ("never" in text)


def test_a_broken_file_still_has_its_error_printed(ragkit: Run) -> None:
    Path("ragkit.toml").write_text("colour = 3\n", encoding="utf-8")
    assert "'colour' in ragkit.toml is not a setting" in ragkit("config").err
