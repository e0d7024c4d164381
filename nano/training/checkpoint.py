"""Checkpoints of a training run: safetensors and JSON, written aside and renamed, so a kill at any moment leaves one.

A run's folder:

    tokenizer/         as transformers saves it
    checkpoint/        model.safetensors  optimizer.safetensors  progress.json
    curve.jsonl        one line per report and per test
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from .model import Nano, NanoConfig
from .optimizer import Optimizer


@dataclass(slots=True)
class Progress:
    """How far a run has come. `seconds` counts training alone, over all restarts."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0


def save_checkpoint(run: Path, model: Nano, optimizer: Optimizer, progress: Progress) -> None:
    """Write the checkpoint beside the old one, then put it in its place."""
    from safetensors.torch import save_file

    fresh, target, old = run / "checkpoint.new", run / "checkpoint", run / "checkpoint.old"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    save_file({k: v.detach().contiguous().cpu() for k, v in model.state_dict().items()}, fresh / "model.safetensors")
    save_file({k: v.contiguous().cpu() for k, v in optimizer.state.items()}, fresh / "optimizer.safetensors")
    state = {"config": model.config.to_dict(), "progress": asdict(progress), "optimizer_steps": optimizer.steps}
    (fresh / "progress.json").write_text(json.dumps(state))
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    fresh.rename(target)


def find_checkpoint(run: Path) -> Path | None:
    """Return the newest complete checkpoint of a run, or None."""
    for name in ("checkpoint", "checkpoint.old"):
        if (run / name / "progress.json").exists():
            return run / name
    return None


def load_model(checkpoint: Path) -> tuple[Nano, Progress]:
    """Return the model of a checkpoint, and its progress."""
    from safetensors.torch import load_file

    state = json.loads((checkpoint / "progress.json").read_text())
    model = Nano(NanoConfig(**state["config"]))
    model.load_state_dict(load_file(checkpoint / "model.safetensors"))
    return model, Progress(**state["progress"])


def load_optimizer(checkpoint: Path, optimizer: Optimizer) -> None:
    """Fill an optimizer's state from a checkpoint."""
    from safetensors.torch import load_file

    for name, tensor in load_file(checkpoint / "optimizer.safetensors").items():
        optimizer.state[name].copy_(tensor)
    optimizer.steps = json.loads((checkpoint / "progress.json").read_text())["optimizer_steps"]
