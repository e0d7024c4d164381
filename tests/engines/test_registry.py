"""One string chooses the engine; what is not there is told in one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.engines import choose, describe, find_model, open_engine
from ragkit.errors import EngineDeadError, NotFoundError, UsageError


@pytest.mark.parametrize(
    ("text", "kind", "target", "name"),
    [
        ("extractive", "extractive", "", None),
        ("transformers:Qwen/Qwen3-0.6B", "transformers", "Qwen/Qwen3-0.6B", None),
        ("vllm:models/mine", "vllm", "models/mine", None),
        ("openai:http://localhost:8000/v1#name", "openai", "http://localhost:8000/v1", "name"),
        ("openai:https://host/v1", "openai", "https://host/v1", None),
    ],
)
def test_a_string_names_engine_and_model(text: str, kind: str, target: str, name: str | None) -> None:
    choice = choose(text)
    assert (choice.kind, choice.target, choice.name) == (kind, target, name)


def test_a_plain_name_takes_vllm_where_it_is_installed_else_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert choose("Qwen/Qwen3-30B-A3B").kind == "vllm"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert choose("Qwen/Qwen3-30B-A3B").kind == "transformers"


def test_the_environment_chooses_when_nobody_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose().kind == "extractive"
    monkeypatch.setenv("RAGKIT_MODEL", "openai:http://h/v1#m")
    assert choose().name == "m"


@pytest.mark.parametrize("text", ["openai:localhost:8000#m", "llama.cpp:model", "openai:"])
def test_a_string_that_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        choose(text)


def test_a_model_that_is_not_there_gets_one_line_with_both_remedies() -> None:
    with pytest.raises(NotFoundError) as caught:
        find_model("nobody/none")
    text = str(caught.value)
    assert "models--nobody--none" in text
    assert "HF_HUB_OFFLINE" in text
    assert "\n" not in text


def test_a_folder_is_a_model_only_with_a_config(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"config\.json"):
        find_model(str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    assert find_model(str(tmp_path)) == tmp_path


def test_no_server_gives_one_line_with_the_remedy() -> None:
    with pytest.raises(EngineDeadError, match="no server answers"):
        open_engine("openai:http://127.0.0.1:9/v1#m")


def test_what_would_run_is_said_without_loading_it(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert describe(f"transformers:{tmp_path}").endswith(str(tmp_path))
    assert "no model" in describe("extractive")
    assert describe("openai:http://h/v1#m") == "openai: m at http://h/v1"


def test_choosing_loads_no_heavy_library() -> None:
    code = (
        "import sys, ragkit.engines, ragkit.plan; ragkit.engines.choose('nano');"
        "print([m for m in ('torch', 'vllm', 'transformers', 'httpx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
