"""Trains the reader from nothing within a given number of minutes; a killed run goes on where its checkpoint was.

Batches come from processes of their own. The rate of learning rises over 100 steps, stays, and falls linearly to
nearly nothing over the second half of the time.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import queue
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from ragkit.hardware import multiplies_bfloat16

from .checkpoint import Progress, find_checkpoint, load_model, load_optimizer, save_checkpoint
from .curriculum import make_batch
from .model import Nano, NanoConfig
from .optimizer import Optimizer
from .packing import CONTEXT_WEIGHT, Packer
from .probe import build_probe, run_probe
from .tokenizer import build_tokenizer, load_tokenizer

CONTEXT_UNTIL = 0.12  # of the time: until then what is read is learnt too, lightly
BALANCE_WEIGHT = 0.01
SKIPPED_WITH_INIT = 0.3  # a reader that can read needs no short worlds


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """How to train; `tokens` per step."""

    out: Path
    minutes: float = 95.0
    threads: int = 1
    device: str = "cpu"
    init: Path | None = None
    tokens: int = 6400
    feeders: int = 1
    seed: int = 1
    compile: bool = True
    report_every: int = 50
    save_minutes: float = 4.0
    probe_minutes: float = 10.0
    probe_count: int = 40
    max_steps: int | None = None
    sizes: dict[str, int] | None = None


def rate_scale(step: int, progress: float) -> float:
    """Return the factor on the base learning rates."""
    warm = min(1.0, (step + 1) / 100)
    return warm * (1.0 if progress < 0.45 else 0.02 + 0.98 * max(0.0, 1 - (progress - 0.45) / 0.55))


def _seed(seed: int, step: int) -> int:
    return seed * 10_000_019 + step


def _feed(tokenizer: str, seed: int, step: int, stride: int, tokens: int, progress: Any, out: Any) -> None:
    """Make every `stride`-th batch until the trainer is gone; runs in its own process."""
    torch.set_num_threads(1)
    packer, parent = Packer(load_tokenizer(tokenizer)), os.getppid()
    out.cancel_join_thread()  # a batch that nobody takes does not keep this process alive
    while os.getppid() == parent:
        batch = make_batch(_seed(seed, step), packer, progress.value, tokens)
        step += stride
        while os.getppid() == parent:
            try:
                out.put(batch, timeout=5)
                break
            except queue.Full:
                continue


class Feeders:
    """Processes that make batches ahead, handed out in the order of their seeds; with none, batches are made here."""

    def __init__(self, tokenizer: Path, options: TrainOptions, step: int, fraction: float) -> None:
        self.tokenizer, self.options, self.made = tokenizer, options, step
        context = multiprocessing.get_context("spawn")
        self.progress = context.Value("d", fraction)
        self.queues = [context.Queue(maxsize=4) for _ in range(options.feeders)]
        self.turn = 0
        self.processes = [
            context.Process(
                target=_feed,
                args=(str(tokenizer), options.seed, step + i, options.feeders, options.tokens, self.progress, made),
                daemon=True,
            )
            for i, made in enumerate(self.queues)
        ]
        for process in self.processes:
            process.start()

    def next(self, fraction: float) -> dict[str, np.ndarray]:
        """Return the next batch; those still to be made are for a progress of `fraction`."""
        if not self.processes:
            self.made += 1
            packer = Packer(load_tokenizer(self.tokenizer))
            return make_batch(_seed(self.options.seed, self.made - 1), packer, fraction, self.options.tokens)
        self.progress.value = fraction
        while True:
            try:
                batch = self.queues[self.turn].get(timeout=20)
            except queue.Empty:
                if not self.processes[self.turn].is_alive():
                    raise RuntimeError("a process that makes batches has ended; see its error above") from None
                continue
            self.turn = (self.turn + 1) % len(self.queues)
            return dict(batch)

    def stop(self) -> None:
        """End the processes."""
        for process in self.processes:
            process.terminate()
            process.join()


class Trainer:
    """One run: the model, its optimizer, and the curve it writes."""

    def __init__(self, options: TrainOptions) -> None:
        self.options = options
        options.out.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(options.seed)
        torch.set_num_threads(options.threads)
        if options.device == "cuda":
            torch.set_float32_matmul_precision("high")
        self.tokenizer_path = options.out / "tokenizer"
        if not self.tokenizer_path.exists():
            made = load_tokenizer(options.init) if options.init else build_tokenizer()
            made.save_pretrained(str(self.tokenizer_path))
        tokenizer = load_tokenizer(self.tokenizer_path)
        self.packer = Packer(tokenizer)
        found = find_checkpoint(options.out)
        if found is not None:
            self.model, self.progress = load_model(found)
        else:
            self.progress = Progress()
            if options.init is not None:
                from .export import load_exported

                self.model = load_exported(options.init)
            else:
                self.model = Nano(NanoConfig(vocab_size=len(tokenizer), **(options.sizes or {})))
        self.model.to(options.device)
        fast = multiplies_bfloat16(options.device)
        self.model.compute_dtype = torch.bfloat16 if fast else torch.float32
        self.optimizer = Optimizer(self.model, dtype=self.model.compute_dtype)
        if found is not None:
            load_optimizer(found, self.optimizer)
        # in float32 the products take nearly all the time, and compiling gains nothing
        compiled = options.compile and fast
        self.hidden: Any = torch.compile(self.model.hidden, dynamic=False) if compiled else self.model.hidden
        self.curve = options.out / "curve.jsonl"

    def fraction(self) -> float:
        """Return the progress of the run in [0, 1]."""
        o = self.options
        if o.max_steps is not None:
            done = self.progress.step / o.max_steps
        else:
            done = self.progress.seconds / (o.minutes * 60)
        start = SKIPPED_WITH_INIT if o.init is not None else 0.0
        return min(1.0, start + (1 - start) * done)

    def step(self, batch: dict[str, np.ndarray]) -> float:
        """Learn from one batch and return its loss per written token."""
        t = {k: torch.from_numpy(v).to(self.options.device) for k, v in batch.items()}
        inputs = [t[name][:, :-1].contiguous() for name in ("ids", "positions", "documents", "segments")]
        hidden, balance = self.hidden(*inputs)
        target, weight = t["ids"][:, 1:].reshape(-1), t["weights"][:, 1:].reshape(-1).float()
        if self.fraction() < CONTEXT_UNTIL:
            weight = torch.where((weight == 0) & (t["documents"][:, 1:].reshape(-1) >= 0), CONTEXT_WEIGHT, weight)
        chosen = weight.nonzero()[:, 0]
        logits = self.model.logits(hidden.reshape(-1, hidden.shape[-1])[chosen])
        losses, weight = F.cross_entropy(logits, target[chosen], reduction="none"), weight[chosen]
        loss = (losses * weight).sum() / weight.sum()
        (loss + BALANCE_WEIGHT * balance).backward()
        small = [p for n, p in self.model.named_parameters() if not Optimizer.is_matrix(n, p)]
        torch.nn.utils.clip_grad_norm_(small, 1.0)
        self.optimizer.step(rate_scale(self.progress.step, self.fraction()))
        return float(losses.detach()[weight == 1].mean())

    def log(self, **values: Any) -> None:
        """Append a line to the curve, and print it."""
        p = self.progress
        line = {"minutes": round(p.seconds / 60, 2), "step": p.step, "tokens": p.tokens, **values}
        with self.curve.open("a") as file:
            file.write(json.dumps(line) + "\n")
        sys.stderr.write(json.dumps(line) + "\n")
        sys.stderr.flush()

    def probe(self, samples: list[Any]) -> None:
        """Test on unseen worlds, without counting the time."""
        self.log(accuracy={k: round(v, 3) for k, v in run_probe(self.model, self.packer, samples).items()})

    def run(self) -> None:
        """Train to the end of the time, saving as it goes."""
        o, p = self.options, self.progress
        feeders = Feeders(self.tokenizer_path, o, p.step, self.fraction())
        samples = build_probe(self.packer, o.probe_count) if o.probe_count else []
        losses: deque[float] = deque(maxlen=o.report_every)
        saved = probed = reported = time.monotonic()
        tokens_then = p.tokens
        try:
            while self.fraction() < 1.0:
                started = time.monotonic()
                losses.append(self.step(feeders.next(self.fraction())))
                if not math.isfinite(losses[-1]):
                    raise FloatingPointError(f"the loss is {losses[-1]} at step {p.step}; restart from the checkpoint")
                p.step += 1
                p.tokens += o.tokens
                now = time.monotonic()
                p.seconds += min(now - started, 60.0)  # compiling is not training
                if p.step % o.report_every == 0:
                    speed = (p.tokens - tokens_then) / (now - reported)
                    self.log(loss=round(sum(losses) / len(losses), 4), tokens_per_s=round(speed))
                    reported, tokens_then = now, p.tokens
                if now - saved > o.save_minutes * 60:
                    save_checkpoint(o.out, self.model, self.optimizer, p)
                    saved = now
                if samples and now - probed > o.probe_minutes * 60:
                    self.probe(samples)
                    probed = reported = time.monotonic()
                    tokens_then = p.tokens
            save_checkpoint(o.out, self.model, self.optimizer, p)
            if samples:
                self.probe(samples)
        finally:
            feeders.stop()


def train(options: TrainOptions) -> None:
    """Train a reader into `options.out`, going on from its checkpoint if there is one."""
    Trainer(options).run()
