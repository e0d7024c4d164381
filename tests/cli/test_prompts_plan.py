"""`ragkit prompts` and `ragkit plan`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Run

CONFIG = {
    "architectures": ["Qwen3MoeForCausalLM"],
    "model_type": "qwen3_moe",
    "hidden_size": 2048,
    "num_hidden_layers": 48,
    "num_attention_heads": 32,
    "num_key_value_heads": 4,
    "head_dim": 128,
    "vocab_size": 151936,
    "intermediate_size": 6144,
    "moe_intermediate_size": 768,
    "num_experts": 128,
    "num_experts_per_tok": 8,
    "max_position_embeddings": 40960,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
}
OWN = """---
name: answer
version: 9
description: mine
variables: passages, question
---
# user
{{ passages }} {{ question }}
"""


def test_shipped_prompts_are_listed_shown_and_good(ragkit: Run) -> None:
    listed = {p["name"]: p for p in ragkit("prompts", "ls", "--json").data}
    assert {"answer", "followup"} <= set(listed)
    assert listed["answer"]["origin"] == "ragkit/prompts/answer.md"
    shown = ragkit("prompts", "show", "followup", "--json").data
    assert (shown["hash"], shown["messages"][0]["role"]) == (listed["followup"]["hash"], "system")
    assert "{{ history }}" in ragkit("prompts", "show", "followup").out
    done = ragkit("prompts", "check")
    assert done.code == 0
    assert all(line.endswith(": good") for line in done.out.splitlines())


def test_own_folder_wins(ragkit: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "answer.md").write_text(OWN)
    monkeypatch.setenv("RAGKIT_PROMPTS", str(tmp_path / "mine"))
    assert ragkit("prompts", "show", "answer", "--json").data["version"] == "9"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (OWN.replace("question\n---", "question, context\n---") + "{{ context }}", "context, which is not given"),
        (OWN.replace("passages, ", "").replace("{{ passages }} ", ""), "leaves out passages"),
    ],
)
def test_own_prompt_that_cannot_work_in_place_of_the_shipped_one_is_told_before_it_is_used(
    ragkit: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, problem: str
) -> None:
    (tmp_path / "answer.md").write_text(text)
    done = ragkit("prompts", "check", tmp_path / "answer.md")
    assert (done.code, problem in done.out) == (2, True)
    monkeypatch.setenv("RAGKIT_PROMPTS", str(tmp_path))
    assert problem in ragkit("prompts", "check").out


def test_bad_prompt_is_named_with_what_is_wrong(ragkit: Run, tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(OWN)
    (tmp_path / "bad.md").write_text(OWN.replace("{{ question }}", "{{ colour }}"))
    (tmp_path / "bytes.md").write_bytes(b"\xff\xfe")
    done = ragkit("prompts", "check", tmp_path / "good.md", tmp_path / "bad.md", tmp_path / "bytes.md", "none.md")
    assert done.code == 2
    good, bad, bytes_, missing = done.out.splitlines()
    assert good.endswith(": good")
    assert "colour" in bad
    assert "not UTF-8" in bytes_
    assert "no file" in missing
    assert ragkit("prompts", "show", "../etc/passwd").code == 3


def test_plan_says_what_fits(ragkit: Run, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    fits = ragkit("plan", tmp_path, "--gpus", 1, "--memory", 80, "--json")
    assert (fits.code, fits.data["fits"], fits.data["facts"]["experts"]) == (0, True, 128)
    small = ragkit("plan", tmp_path, "--gpus", 1, "--memory", 8)
    assert small.code == 1
    assert "remedy" in small.out
    assert ragkit("plan", tmp_path, "--gpus", 1).code == 2
    assert ragkit("plan", tmp_path / "nothing").code == 3
