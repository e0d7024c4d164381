"""`ragkit plan` at its limits: what cannot be planned is told in one line."""

from __future__ import annotations

import json
from pathlib import Path

from ..published import LLAMA_8B
from .conftest import Run


def test_plan_refuses_a_window_below_one_and_cuts_one_beyond_the_models(ragkit: Run, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(LLAMA_8B))
    gpu = ("--gpus", 1, "--memory", 80)
    below = ragkit("plan", tmp_path, *gpu, "--context=-5")
    assert below.code == 2
    assert "context_tokens=-5 is below 1" in below.err
    beyond = ragkit("plan", tmp_path, *gpu, "--context", 1_000_000)
    assert beyond.code == 0
    assert "downgraded context from 1,000,000 to 131,072 tokens" in beyond.out


def test_plan_says_what_a_file_lacks(ragkit: Run, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({**LLAMA_8B, "vocab_size": None}))
    lacking = ragkit("plan", tmp_path, "--gpus", 1, "--memory", 80)
    assert lacking.code == 2
    assert "without 'vocab_size'" in lacking.err
    assert "fetch" not in lacking.err
    (tmp_path / "config.json").write_text("{")
    assert "cannot be read as JSON" in ragkit("plan", tmp_path).err


def test_plan_prints_the_command_for_copies_of_a_model(ragkit: Run, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(LLAMA_8B))
    shown = ragkit("plan", tmp_path, "--gpus", 4, "--memory", 80)
    assert f"vllm serve {tmp_path} --data-parallel-size 4" in shown.out
    assert ragkit("plan", tmp_path, "--gpus", 4, "--memory", 80, "--json").data["serve"].startswith("vllm serve")
