"""Supervised: the model learns to write what the rows say, by TRL's trainer on ragkit's own token ids.

The loss is that of what the model writes, nothing else. Every `every` steps the loss on the dev documents is measured
and the state saved; when it has not fallen three times running, training stops, and the best state is kept.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import EngineError, UsageError
from ..models.files import weights_hash
from .gate import LEAST_TESTED
from .keeping import settle
from .models import Learner, lora_targets, needs_extra
from .rows import Row, set_hash
from .runs import Curve, TuneRun, disk_told, last_checkpoint
from .tokens import Encoded, encode_all
from .trainers import arguments, check_memory, curve_writer, memory_here, memory_told, quiet

__all__ = ["Training", "sft", "train_rows"]

PATIENCE = 3
LEAST_ROWS = 8


@dataclass(frozen=True, slots=True)
class Training:
    """How to train. lora: rank, 0 for all weights. learning_rate: None takes 2e-4 for a LoRA, 2e-5 for all weights.

    every: steps between two looks at the dev loss; None takes a tenth of all. budget: thinking tokens in the test.
    """

    lora: int = 16
    four_bit: bool = False
    epochs: float = 3.0
    learning_rate: float | None = None
    batch: int = 8
    every: int | None = None
    seed: int = 0
    budget: int = 512

    def __post_init__(self) -> None:
        if self.lora < 0 or self.batch < 1 or not self.epochs > 0 or (self.every is not None and self.every < 1):
            raise UsageError("--lora is 0 or more, --batch and --every 1 or more, --epochs above 0")
        if self.four_bit and not self.lora:
            raise UsageError("--4bit trains an adapter on frozen weights; it does not go with --full")

    @property
    def rate(self) -> float:
        """The learning rate."""
        return self.learning_rate or (2e-4 if self.lora else 2e-5)


def sft(rows: Sequence[Row], student: Learner, out: Path, training: Training = Training()) -> dict[str, Any]:
    """Train, test, keep or refuse; returns the run's result. Run again after a kill, it goes on; done, it only tells.

    Raises UsageError for rows that are too few or of one kind only, EngineError where memory or disk is too small.
    """
    train, dev, tested = ([r for r in rows if r.split == name] for name in ("train", "dev", "test"))
    check_rows(train, dev, tested)
    run = TuneRun(out, about(rows, student, training, "sft"))
    try:
        if run.result is not None:
            return run.result
        figures = run.trained
        if figures is None:
            figures = train_rows(run, train, dev, student, training)
            run.write("trained.json", figures)
        return settle(run, figures, rows, student, budget=training.budget)
    finally:
        run.close()


def about(rows: Sequence[Row], student: Learner, training: Training, stage: str, **more: Any) -> dict[str, Any]:
    """What tuned.json says, by which a run is known."""
    return {
        "stage": stage,
        "base": student.name,
        "base_weights": weights_hash(student.folder),
        "adapter": student.adapter.hash if student.adapter else "",
        "set": set_hash(rows),
        "rows": len(rows),
        "training": asdict(training),
        **more,
    }


def check_rows(train: Sequence[Row], dev: Sequence[Row], tested: Sequence[Row]) -> None:
    """Raise UsageError for rows that nothing can be learnt from."""
    if len(train) < LEAST_ROWS or not dev or len(tested) < LEAST_TESTED:
        raise UsageError(
            f"the set has {len(train)} rows to train on, {len(dev)} to watch and {len(tested)} to test; it takes at "
            f"least {LEAST_ROWS}, 1 and {LEAST_TESTED}, of several documents"
        )
    if all(not r.answerable for r in train):
        raise UsageError("every row of the set is an abstention; a model would learn to say nothing else; add answers")


def train_rows(
    run: TuneRun, train: Sequence[Row], dev: Sequence[Row], student: Learner, training: Training
) -> dict[str, Any]:
    """Train in an open run; see `sft`."""
    needs_extra()
    check_memory(student, lora=training.lora, four_bit=training.four_bit, there=memory_here())
    (learnt, too_long), (watched, _) = (encode_all(part, student.tokenizer) for part in (train, dev))
    if len(learnt) < LEAST_ROWS or not watched:
        raise UsageError(
            f"{too_long} of {len(train)} rows are longer than the model's {student.tokenizer.context_tokens} tokens; "
            "make them with a smaller -k"
        )
    steps = math.ceil(len(learnt) / training.batch * training.epochs)
    every = min(training.every or max(1, steps // 10), steps)
    with quiet():
        from datasets import Dataset
        from peft import LoraConfig
        from transformers import EarlyStoppingCallback, PrinterCallback
        from trl import SFTConfig, SFTTrainer

        with memory_told(student, training.lora):
            model = student.load(four_bit=training.four_bit)
            config = None
            if student.adapter is not None:
                model = student.continued(model)
            elif training.lora:
                config = LoraConfig(r=training.lora, lora_alpha=2 * training.lora, **lora_targets(model))
            options = arguments(run.checkpoints, training, steps=steps, every=every)
            trainer = SFTTrainer(
                model=model,
                args=SFTConfig(
                    **options,
                    load_best_model_at_end=True,
                    metric_for_best_model="eval_loss",
                    greater_is_better=False,
                    max_length=None,
                    dataset_kwargs={"skip_prepare_dataset": True},
                ),
                train_dataset=Dataset.from_list(_columns(learnt)),
                eval_dataset=Dataset.from_list(_columns(watched)),
                processing_class=student.tokenizer.raw,
                peft_config=config,
                callbacks=[EarlyStoppingCallback(PATIENCE)],
            )
        trainer.remove_callback(PrinterCallback)
        resumed = last_checkpoint(run.checkpoints)
        curve = Curve(run.folder / "curve.jsonl", resumed_at=_step(resumed))
        trainer.add_callback(curve_writer(curve))
        with disk_told(run.folder), memory_told(student, training.lora):
            trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
        save_candidate(run, trainer.model, student)
    best = trainer.state.best_metric
    if best is None or not math.isfinite(best):
        raise EngineError("training diverged: the loss on the dev documents is no number; lower --learning-rate")
    return {
        "steps": int(trainer.state.global_step),
        "planned": steps,
        "best_step": int(trainer.state.best_global_step or 0),
        "dev_loss": float(best),
        "train_rows": len(learnt),
        "dev_rows": len(watched),
        "too_long": too_long,
    }


def save_candidate(run: TuneRun, model: Any, student: Learner) -> Path:
    """Write what was trained to the run's folder `candidate`, as a whole: an adapter, or a model with its tokenizer."""
    target, part = run.folder / "candidate", run.folder / "candidate.part"
    shutil.rmtree(part, ignore_errors=True)
    if getattr(model.config, "output_router_logits", False):
        model.config.output_router_logits = False  # TRL's, for the loss that balances experts; generating trips on it
    with disk_told(run.folder):
        model.save_pretrained(str(part))
        if not (part / "adapter_config.json").exists():
            student.tokenizer.raw.save_pretrained(str(part))
        for card in part.glob("README.md"):  # a form that nobody filled in
            card.unlink()
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
    return target


def _columns(rows: Sequence[Encoded]) -> list[Mapping[str, Any]]:
    return [{"input_ids": list(r.ids), "labels": list(r.labels)} for r in rows]


def _step(checkpoint: Path | None) -> int:
    return 0 if checkpoint is None else int(checkpoint.name.rpartition("-")[2])
