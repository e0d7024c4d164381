"""One string chooses the engine; what is not there is told in one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.engines import choose, describe, open_engine
from ragkit.errors import EngineDeadError, MissingDependencyError, UsageError
from tests.hub import WHOLE, Hub, hub, whole

__all__ = ["hub", "whole"]


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


def test_the_settings_choose_when_nobody_else_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAGKIT_MODEL", raising=False)
    assert choose().kind == "extractive"
    (tmp_path / "ragkit.toml").write_text('model = "openai:http://h/v1#file"\n')
    assert choose().name == "file"
    monkeypatch.setenv("RAGKIT_MODEL", "openai:http://h/v1#m")
    assert choose().name == "m"


@pytest.mark.parametrize("text", ["openai:localhost:8000#m", "llama.cpp:model", "openai:"])
def test_a_string_that_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        choose(text)


def test_no_server_gives_one_line_with_the_remedy() -> None:
    with pytest.raises(EngineDeadError, match="no server answers"):
        open_engine("openai:http://127.0.0.1:9/v1#m")


def test_what_would_run_is_said_without_loading_it(whole: Path) -> None:
    assert describe(f"transformers:{whole}").line.endswith(str(whole))
    assert "no model" in describe("extractive").line
    assert describe("openai:http://h/v1#m").line == "openai: m at http://h/v1"


def test_a_model_of_the_hub_is_said_to_be_downloaded_and_is_not(hub: Hub) -> None:
    told = describe("transformers:org/name")
    assert told.line.endswith("org/name would be downloaded when first asked (not cached)")
    hub.cache("org/name", *(name for name in WHOLE if name != "model-00002-of-00002.safetensors"))
    told = describe("transformers:org/name")
    assert (told.line.endswith("(1 files missing)"), told.fetches) == (True, "org/name")
    hub.cache("org/name", *WHOLE)
    assert describe("transformers:org/name").fetches == ""
    assert hub.downloads == []


def test_a_missing_package_is_told_before_a_model_is_downloaded_for_it(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for call in (describe, open_engine):
        with pytest.raises(MissingDependencyError, match=r"the vllm engine needs .*pip install 'ragkit\[cpu\]'"):
            call("vllm:org/name")
    assert hub.downloads == []


@pytest.mark.parametrize("model", ["extractive", None])
def test_answering_without_a_model_opens_no_engine_and_says_what_to_do(model: str | None) -> None:
    with pytest.raises(UsageError, match="name a model with --model or RAGKIT_MODEL"):
        open_engine(model)


def test_choosing_loads_no_heavy_library() -> None:
    code = (
        "import sys, ragkit.engines, ragkit.models.plan; ragkit.engines.choose('nano');"
        "print([m for m in ('torch', 'vllm', 'transformers', 'httpx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
