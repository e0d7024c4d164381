"""The commands from end to end, and what they refuse in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.tune.rows import write_set

from .training import easy_rows


def ragkit(*arguments: object, home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ragkit", *map(str, arguments)]
    return subprocess.run(command, cwd=home.parent, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_model_is_taught_asked_and_merged_from_the_command_line(tiny: Path, home: Path) -> None:
    folder = home.parent
    questions = [
        {"id": f"q{i}", "question": f"Who runs Town{i}?", "answers": [f"Ann{i}"], "relevant": [f"t{i}"]}
        for i in range(130)
    ]
    documents = [{"id": f"t{i}", "text": f"Ann{i} runs Town{i}."} for i in range(130)]
    (folder / "set").mkdir()
    for name, rows in (("questions", questions), ("documents", documents)):
        (folder / "set" / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    model = f"transformers:{tiny}"
    made = ragkit("tune", "data", "set", "--model", model, "-k", 1, "--out", "s.jsonl", "--json", home=home)
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["rows"] > 100
    write_set(folder / "easy.jsonl", easy_rows())
    options = ("--learning-rate", 0.02, "--epochs", 4, "--lora", 4, "--quiet")
    done = ragkit("tune", "sft", "easy.jsonl", "--model", model, "--out", "run", *options, home=home)
    assert done.returncode == 0 and done.stdout.startswith("kept: accuracy"), done.stderr
    merged = ragkit("tune", "merge", "run", "--out", "merged", "--model", str(tiny), home=home)
    assert (merged.returncode, merged.stdout.strip()) == (0, "merged"), merged.stderr
    listed = ragkit("engines", "check", "transformers:merged", home=home)
    assert "Traceback" not in listed.stderr
    small = ("--learning-rate", 1e-6, "--epochs", 0.1, "--quiet")
    refused = ragkit("tune", "sft", "easy.jsonl", "--model", model, "--out", "b", *small, home=home)
    assert refused.returncode == 1 and refused.stdout.startswith("not kept: accuracy")
    asked = ragkit("ask", "Who?", "--model", f"{model}+b", "--index", "eval-set", home=home)
    assert asked.returncode == 2 and "did not pass its test" in asked.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("sft", "gone.jsonl", "--model", "nano", "--out", "run"), 3, "there is no set 'gone.jsonl'"),
        (("sft", "s.jsonl", "--model", "openai:http://h/v1#m", "--out", "run"), 2, "has no weights on this machine"),
        (("sft", "s.jsonl", "--model", "nano", "--full", "--4bit", "--out", "run"), 2, "does not go with --full"),
        (("merge", "nowhere", "--out", "m"), 3, "there is no adapter"),
        (("data", "nano:1:5", "--model", "nano", "--strategy", "cot", "--out", "s"), 2, "name a --teacher"),
    ],
    ids=["no set", "server", "full in four bits", "no adapter", "no teacher"],
)
def test_what_cannot_be_done_is_one_line(
    home: Path, arguments: tuple[str, ...], code: int, told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    from ragkit.cli.app import main

    write_set(home.parent / "s.jsonl", easy_rows(3))
    old = sys.argv
    sys.argv = ["ragkit", "tune", *arguments]
    try:
        with pytest.raises(SystemExit) as ended:
            main()
    finally:
        sys.argv = old
    lines = capfd.readouterr().err.strip().splitlines()
    assert ended.value.code == code and told in " ".join(lines)
    assert not any("Traceback" in line for line in lines)
