"""A model learns its rows, is tested on documents it never saw; a broken-off run ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from ragkit.engines.transformers.engine import TransformersEngine
from ragkit.errors import EngineError, MissingDependencyError, UsageError
from ragkit.models.adapters import check_base, read_adapter
from ragkit.models.facts import read_facts
from ragkit.tune.gate import answers_of
from ragkit.tune.models import Learner, learner, needs_extra
from ragkit.tune.rows import Row
from ragkit.tune.runs import Curve, TuneRun, last_checkpoint
from ragkit.tune.sft import Training, sft
from ragkit.tune.trainers import check_memory

from .test_rows import row
from .training import TINY, easy_rows

pytest.importorskip("trl")


def test_what_is_learnt_is_kept_and_serves_and_a_second_call_trains_nothing(
    tiny: Path, student: Learner, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    found = sft(easy_rows(), student, out, TINY)
    points = Curve.points(out / "curve.jsonl")
    dev = [p["dev_loss"] for p in points if "dev_loss" in p]
    assert dev[-1] < dev[0] / 2 and min(dev) == pytest.approx(found["dev_loss"], abs=1e-5)
    assert found["gate"]["kept"] and found["gate"]["accuracy"]["b"] > 0.9 > 0.1 > found["gate"]["accuracy"]["a"]
    check_base(read_adapter(out), tiny)
    names = {p.name for p in out.iterdir()}
    assert {"adapter_config.json", "adapter_model.safetensors", "result.json", "tested.jsonl"} <= names
    assert not names & {"checkpoints", "candidate", "refused"}
    began = time.monotonic()
    assert sft(easy_rows(), student, out, TINY) == found and time.monotonic() - began < 1
    with pytest.raises(UsageError, match="was begun with set="):
        sft(easy_rows(170), student, out, TINY)
    other = sft(easy_rows(), student, tmp_path / "b", replace(TINY, epochs=0.1, learning_rate=1e-6))
    assert not other["gate"]["kept"] and "not learnt: answerable" in other["gate"]["why"]
    with pytest.raises(UsageError, match="did not pass its test"):
        read_adapter(tmp_path / "b")
    assert read_adapter(tmp_path / "b" / "refused").rank == 4


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([row(f"{i}") for i in range(5)], "takes at least 8, 1 and 20"),
        ([replace(r, layout="none", answers=()) for r in easy_rows()], "every row of the set is an abstention"),
        ([replace(r, messages=({"role": "user", "content": "x" * 5000},)) for r in easy_rows()], "longer than the"),
    ],
    ids=["few", "one kind", "long"],
)
def test_rows_that_nothing_can_be_learnt_from_are_refused_in_one_line(
    student: Learner, tmp_path: Path, rows: list[object], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        sft(rows, student, tmp_path / "run", TINY)  # type: ignore[arg-type]


def test_options_outside_their_limits_are_refused() -> None:
    for options in ({"lora": -1}, {"batch": 0}, {"epochs": 0.0}, {"every": 0}):
        with pytest.raises(UsageError):
            Training(**options)
    with pytest.raises(UsageError, match="does not go with --full"):
        Training(lora=0, four_bit=True)
    assert (Training().rate, Training(lora=0).rate) == (2e-4, 2e-5)


def test_a_folder_with_other_files_is_left_alone_and_a_busy_one_waited_for(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(UsageError, match="holds other files"):
        TuneRun(tmp_path / "mine", {})
    first = TuneRun(tmp_path / "run", {"a": 1})
    with pytest.raises(Exception, match="another process is training"):
        TuneRun(tmp_path / "run", {"a": 1})
    first.close()
    TuneRun(tmp_path / "run", {"a": 1}).close()


def test_a_checkpoint_that_was_not_written_to_its_end_is_not_gone_on_from(tmp_path: Path) -> None:
    for step, state in ((9, "{}"), (10, "{}"), (11, '{"ep'), (12, None)):
        (tmp_path / f"checkpoint-{step}").mkdir()
        if state is not None:
            (tmp_path / f"checkpoint-{step}" / "trainer_state.json").write_text(state)
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-10"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["checkpoint-10", "checkpoint-9"]


def test_a_resumed_curve_drops_what_is_trained_again_and_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "curve.jsonl"
    path.write_text('{"step": 5, "loss": 1.0}\n{"step": 10, "loss": 0.9}\n{"step": 12, "lo')
    Curve(path, resumed_at=5).add(6, loss=0.8)
    assert [p["step"] for p in Curve.points(path)] == [5, 6]


def test_a_full_disk_is_one_line_and_the_run_goes_on_after_it(
    student: Learner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    real, seen = torch.save, []

    def full(*args: object, **options: object) -> None:
        seen.append(1)
        if len(seen) == 4:  # in the second checkpoint
            raise RuntimeError("[enforce fail at inline_container.cc:664] . PytorchStreamWriter failed writing file")
        real(*args, **options)

    monkeypatch.setattr(torch, "save", full)
    out = tmp_path / "run"
    with pytest.raises(EngineError, match=r"cannot be written: .*free the disk and run the same again"):
        sft(easy_rows(), student, out, TINY)
    found = sft(easy_rows(), student, out, TINY)
    steps = [p["step"] for p in Curve.points(out / "curve.jsonl") if "dev_loss" in p]
    assert found["gate"]["kept"] and steps == sorted(set(steps)) and steps[0] == 5


def test_a_model_too_large_for_the_memory_is_told_before_it_is_loaded_with_what_fits(student: Learner) -> None:
    facts = read_facts(student.folder)
    assert facts is not None
    size = facts.total_parameters
    check_memory(student, lora=0, four_bit=False, there=16 * size)
    with pytest.raises(EngineError, match=r"for weights and optimizer, here are .*; --lora 16 fits"):
        check_memory(student, lora=0, four_bit=False, there=16 * size - 1)
    with pytest.raises(EngineError, match="--4bit on a GPU fits"):
        check_memory(student, lora=16, four_bit=False, there=4 * size - 1)
    with pytest.raises(EngineError, match="nothing of this model fits; choose a smaller one"):
        check_memory(student, lora=16, four_bit=True, there=size // 4)


def test_all_weights_can_be_trained_and_the_run_is_a_model_of_its_own(student: Learner, tmp_path: Path) -> None:
    out = tmp_path / "run"
    found = sft(easy_rows(), student, out, replace(TINY, lora=0, learning_rate=2e-3))
    assert found["gate"]["kept"] and (out / "model.safetensors").exists() and not (out / "adapter_config.json").exists()
    engine = TransformersEngine(out)
    assert answers_of(engine, easy_rows(2), budget=0)[0].answer.strip() == "ab"
    engine.close()


def test_without_the_extra_one_line_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r"`ragkit tune` needs .* pip install 'ragkit\[tune\]'"):
        needs_extra()


@pytest.mark.slow
def test_a_run_killed_ten_times_ends_with_the_figures_of_one_that_was_not(tiny: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.tune.training", str(tiny), str(tmp_path)]
    root, environment = Path(__file__).resolve().parents[2], {**os.environ, "OMP_NUM_THREADS": "1"}
    found = json.loads(subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True).stdout)
    assert found["kills"] >= 8  # a child may have been done before it was seen
    assert found["killed"] == found["whole"]
    one, other = (tmp_path / name / "adapter_model.safetensors" for name in ("whole", "killed"))
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.slow
def test_random_labels_do_not_pass_ten_times_of_ten(tiny: Path, student: Learner, tmp_path: Path) -> None:
    words = ("ab", "cd", "ef", "gh")

    def labelled(seed: int) -> list[Row]:
        rng = Random(seed)
        said = [rng.choice(words) for _ in easy_rows()]
        return [replace(r, answer=w, answers=(w,)) for r, w in zip(easy_rows(), said, strict=True)]

    sft(labelled(100), student, tmp_path / "words", TINY)  # that one of four words is said can be learnt, and is
    knows = learner(f"transformers:{tiny}+{tmp_path / 'words'}")
    for seed in range(10):
        found = sft(labelled(seed), knows, tmp_path / str(seed), replace(TINY, epochs=1, seed=seed))
        assert not found["gate"]["kept"], found["gate"]["why"]
        assert (tmp_path / str(seed) / "refused" / "adapter_config.json").exists()
