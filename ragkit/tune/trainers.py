"""What all training has in common: the trainer's arguments, its curve, and its troubles told in one line."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import EngineError
from ..models.cpu_cache import GIB, machine_bytes
from ..models.facts import SMALL_PARAMETERS, read_facts
from .models import Learner
from .runs import Curve

if TYPE_CHECKING:
    from .sft import Training

__all__ = ["arguments", "check_memory", "curve_writer", "memory_here", "memory_told", "quiet"]

WARM_UP = 0.05  # of all steps
KEPT = 2  # checkpoints: the last one and the best one


def arguments(folder: Path, training: Training, *, steps: int, every: int) -> dict[str, Any]:
    """Arguments that every trainer of TRL takes."""
    import torch

    return {
        "output_dir": str(folder),
        "max_steps": steps,
        "per_device_train_batch_size": training.batch,
        "per_device_eval_batch_size": training.batch,
        "learning_rate": training.rate,
        "warmup_steps": max(1, round(WARM_UP * steps)),
        "lr_scheduler_type": "linear",
        "eval_strategy": "steps",
        "eval_steps": every,
        "save_strategy": "steps",
        "save_steps": every,
        "save_total_limit": KEPT,
        "logging_steps": max(1, every // 5),
        "report_to": "none",
        "disable_tqdm": True,
        "seed": training.seed,
        "data_seed": training.seed,
        "use_cpu": not torch.cuda.is_available(),
        "bf16": torch.cuda.is_available(),
        "gradient_checkpointing": torch.cuda.is_available(),
    }


def curve_writer(curve: Curve) -> Any:
    """The callback that writes the curve."""
    from transformers import TrainerCallback

    class Writes(TrainerCallback):  # type: ignore[misc,unused-ignore]
        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            names = {"loss": "loss", "eval_loss": "dev_loss", "reward": "reward"}
            values = {names[k]: v for k, v in (logs or {}).items() if k in names}
            if values:
                curve.add(int(state.global_step), **values)

    return Writes()


def check_memory(student: Learner, *, lora: int, four_bit: bool, there: int) -> None:
    """Raise EngineError where weights, gradients and Adam's two moments alone would not fit into `there` bytes.

    An adapter leaves the base without gradients, and is itself next to nothing; what activations take is not counted.
    """
    facts = read_facts(student.folder)
    if facts is None:
        return
    each = 4 if facts.total_parameters < SMALL_PARAMETERS else 2
    needed = {
        "--full": facts.total_parameters * (4 * each if each == 4 else each + 2 + 8),
        "--lora 16": facts.total_parameters * each,
        "--4bit on a GPU": facts.weight_bytes_at(0.5),
    }
    asked = "--4bit on a GPU" if four_bit else "--lora 16" if lora else "--full"
    if needed[asked] <= there:
        return
    fitting = [name for name, size in needed.items() if size <= there]
    rest = f"{fitting[0]} fits" if fitting else "nothing of this model fits; choose a smaller one"
    raise EngineError(
        f"training {student.name!r} takes {needed[asked] / GIB:.1f} GiB for weights and optimizer, here are "
        f"{there / GIB:.1f}; {rest}"
    )


def memory_here() -> int:
    """Bytes of the memory that trains: a GPU's where there is one, else the machine's."""
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.get_device_properties(0).total_memory)
    return machine_bytes()


@contextmanager
def memory_told(student: Learner, lora: int) -> Iterator[None]:
    """Turn an exhausted memory into one line that says what would take less."""
    try:
        yield
    except (MemoryError, RuntimeError) as exc:
        if not isinstance(exc, MemoryError) and "memory" not in str(exc).lower():
            raise
        less = "--4bit on a GPU, a smaller --batch or -k" if lora else "--lora 16 instead of --full"
        raise EngineError(f"the memory ran out while training {student.name!r}; take {less}") from exc


@contextmanager
def quiet() -> Iterator[None]:
    """The training libraries warn of one another and log every step; what matters is in the curve."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    names = ("transformers", "trl", "peft", "datasets", "accelerate")
    levels = {name: logging.getLogger(name).level for name in names}
    from transformers.utils import logging as bars

    bars.disable_progress_bar()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in names:
            logging.getLogger(name).setLevel(logging.ERROR)
        try:
            yield
        finally:
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)
            bars.enable_progress_bar()
