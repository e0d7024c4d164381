"""Training of the adapter: low-rank deltas, norms, biases, marks, heads; the encoder's own matrices stay as they are.

    loss of the checker   binary cross-entropy of "supported"
    loss of the reader    the same of "answers", and cross-entropy of the first and last token of the answer, which is
                          the first token of the pair where there is none (Devlin et al. 2019, SQuAD 2.0)

Both are learned together: each is a comparison of two texts, and what one learns the other need not. AdamW; a learning
rate that rises, stays, and falls to nothing over the last part; batches of one task, of about equal tokens. A run that
was stopped goes on from its newest checkpoint.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, linear

from ragkit.embedding.files import find_encoder, read_layout
from ragkit.reader.cross import MATRICES, Body, Pair, grids, judge, pool, read_body, read_pairs, run
from ragkit.reader.flags import FLAGS

__all__ = ["Recipe", "Student", "fit"]

Example = dict[str, Any]
COOLDOWN = 0.4  # of the examples, over which the learning rate falls to nothing


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run is made with."""

    examples: int = 24000
    rank: int = 24
    rate: float = 8e-4
    batch_tokens: int = 3200
    longest: int = 144
    hidden: int = 128
    seed: int = 1
    threads: int = 1
    encoder: str = "sentence-transformers/all-MiniLM-L6-v2"


class Student:
    """The encoder with an adapter that learns. `learned` holds every tensor of the adapter in float32."""

    def __init__(self, recipe: Recipe) -> None:
        torch.manual_seed(recipe.seed)
        layout = read_layout(find_encoder(recipe.encoder))
        self.recipe, self.body = recipe, read_body(layout, torch.bfloat16)
        self.tokenizer = Tokenizer.from_file(str(layout.transformer / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        d, h = self.body.dim, recipe.hidden
        self.learned: dict[str, torch.Tensor] = {"marks.table": torch.randn(FLAGS, d) * 0.02}
        for i in range(self.body.layers):
            for name in MATRICES:
                o, n = self.body.weights[f"{i}.{name}.weight"].shape
                self.learned[f"lora.{i}.{name}.in"] = torch.randn(recipe.rank, n) / math.sqrt(n)
                self.learned[f"lora.{i}.{name}.out"] = torch.zeros(o, recipe.rank)
                self.learned[f"delta.{i}.{name}.bias"] = torch.zeros(o)
            for norm in ("norm1", "norm2"):
                for part in ("weight", "bias"):
                    self.learned[f"delta.{i}.{norm}.{part}"] = torch.zeros(d)
        for task in ("checker", "reader"):
            self.learned[f"head.{task}.in.weight"] = torch.randn(h, 3 * d) / math.sqrt(3 * d)
            self.learned[f"head.{task}.in.bias"] = torch.zeros(h)
            self.learned[f"head.{task}.out.weight"] = torch.zeros(1, h)
            self.learned[f"head.{task}.out.bias"] = torch.zeros(1)
        self.learned["head.span.weight"] = torch.randn(2, d) * 0.02
        self.learned["head.span.bias"] = torch.zeros(2)
        for tensor in self.learned.values():
            tensor.requires_grad_(True)

    def forward(self, pairs: Sequence[Pair], task: str) -> tuple[torch.Tensor, torch.Tensor]:
        """(logit of each pair, span scores (n, t, 2))."""
        ids, marks, mask, first = grids(pairs)
        kind = self.body.weights["words"].dtype
        weights = dict(self.body.weights) | {"marks.table": self.learned["marks.table"].to(kind)}
        for name, value in self.learned.items():
            if name.startswith("delta."):
                weights[name[6:]] = weights[name[6:]] + value.to(kind)
        low = {n[5:]: v.to(kind) for n, v in self.learned.items() if n.startswith("lora.")}
        body = Body(weights, self.body.layers, self.body.heads, self.body.dim)
        hidden = run(body, ids, marks, mask, low)
        pooled = pool(hidden, mask, first)
        logits = judge(self.learned, task, pooled)
        spans = linear(hidden.float(), self.learned["head.span.weight"], self.learned["head.span.bias"])
        return logits, spans.masked_fill((~mask | first)[:, :, None], -1e4)


def fit(recipe: Recipe, examples: Sequence[Example], out: Path) -> None:
    """Train for the recipe's minutes, or what is left of them, and write `adapter.safetensors` into `out`."""
    torch.set_num_threads(recipe.threads)
    out.mkdir(parents=True, exist_ok=True)
    student = Student(recipe)
    fast = [v for n, v in student.learned.items() if not n.startswith("head")]
    heads = [v for n, v in student.learned.items() if n.startswith("head")]
    optimizer = torch.optim.AdamW(
        [{"params": fast, "lr": recipe.rate}, {"params": heads, "lr": recipe.rate}],
        betas=(0.9, 0.98),
        weight_decay=0.01,
    )
    spent, step, seen = _resume(out, student, optimizer)
    rng = Random(recipe.seed + step)
    kept = time.monotonic()
    losses: list[float] = []
    total = recipe.examples
    for chosen in _batches(examples, recipe, rng):
        begun = time.process_time() / max(1, recipe.threads)
        share = min(1.0, seen / total)
        factor = min(1.0, share / 0.04 + 0.02, (1 - share) / COOLDOWN + 0.01)
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * factor
        loss = _loss(student, chosen)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*fast, *heads], 1.0)
        optimizer.step()
        losses.append(float(loss.detach()))
        step, seen = step + 1, seen + len(chosen)
        spent += time.process_time() / max(1, recipe.threads) - begun
        if step % 40 == 0:
            mean = sum(losses[-40:]) / len(losses[-40:])
            print(f"step {step}  examples {seen}  minutes {spent / 60:.1f}  loss {mean:.4f}", flush=True)
        if time.monotonic() - kept > 120 or seen >= total:
            _checkpoint(out, student, optimizer, spent, step, seen)
            kept = time.monotonic()
        if seen >= total:
            break
    export(student, out / "adapter.safetensors", {"minutes": spent / 60, "steps": step, "examples": seen})


def _loss(student: Student, chosen: Sequence[Example]) -> torch.Tensor:
    pairs = read_pairs(student.tokenizer, [(e["first"], e["second"]) for e in chosen], student.recipe.longest)
    task = chosen[0]["task"]
    logits, spans = student.forward(pairs, task)
    truth = torch.tensor([float(e["label"]) for e in chosen])
    weights = torch.tensor([float(e.get("weight", 1.0)) for e in chosen])
    loss = binary_cross_entropy_with_logits(logits, truth, weight=weights)
    if task == "reader":
        marked = [_targets(pair, e) for pair, e in zip(pairs, chosen, strict=True)]
        for side in (0, 1):
            loss = loss + 0.5 * cross_entropy(
                spans[:, :, side], torch.tensor([m[side] for m in marked]), ignore_index=-100
            )
    return loss


def _targets(pair: Pair, example: Example) -> tuple[int, int]:
    """First and last token of the answer; 0 and 0 without one; -100 where it is unknown or was cut off."""
    if example["start"] is None:
        return (0, 0) if not example["label"] else (-100, -100)
    inside = [
        i
        for i, (side, (a, b)) in enumerate(zip(pair.sides, pair.offsets, strict=True))
        if side == 1 and b > example["start"] and a < example["end"]
    ]
    return (inside[0], inside[-1]) if inside else (-100, -100)


def _batches(examples: Sequence[Example], recipe: Recipe, rng: Random) -> Iterator[list[Example]]:
    """Batches of about equal length and equal tokens, in random order, for ever."""
    from ragkit.reader.evidence import tokens_of

    sizes = [min(recipe.longest, tokens_of(e["first"]) + tokens_of(e["second"]) + 3) for e in examples]
    while True:
        order = sorted(range(len(examples)), key=lambda i: (examples[i]["task"], sizes[i] * rng.uniform(0.85, 1.15)))
        made: list[list[Example]] = [[]]
        for i in order:
            if (len(made[-1]) + 1) * sizes[i] > recipe.batch_tokens or (
                made[-1] and made[-1][0]["task"] != examples[i]["task"]
            ):
                made.append([])
            made[-1].append(examples[i])
        rng.shuffle(made)
        yield from made


def export(student: Student, path: Path, facts: dict[str, Any]) -> None:
    """Write the adapter in float16, with what it was made with in the file's metadata."""
    tensors = {n: v.detach().to(torch.float16).contiguous() for n, v in student.learned.items()}
    about = {"recipe": json.dumps(asdict(student.recipe)), "facts": json.dumps(facts)}
    save_file(tensors, path, metadata=about)


def _checkpoint(out: Path, student: Student, optimizer: Any, spent: float, step: int, seen: int) -> None:
    tensors = {n: v.detach().contiguous() for n, v in student.learned.items()}
    for i, state in optimizer.state_dict()["state"].items():
        tensors |= {f"adam.{i}.{k}": state[k].contiguous() for k in ("exp_avg", "exp_avg_sq")}
    save_file(tensors, out / "checkpoint.new", metadata={"spent": str(spent), "step": str(step), "seen": str(seen)})
    (out / "checkpoint.new").replace(out / "checkpoint.safetensors")


def _resume(out: Path, student: Student, optimizer: Any) -> tuple[float, int, int]:
    from safetensors import safe_open

    path = out / "checkpoint.safetensors"
    if not path.is_file():
        return 0.0, 0, 0
    with safe_open(path, "pt") as file:
        about = file.metadata()
    tensors = load_file(path)
    step = int(about["step"])
    with torch.no_grad():
        for name, value in student.learned.items():
            value.copy_(tensors[name])
    params = [p for group in optimizer.param_groups for p in group["params"]]
    for i, p in enumerate(params):
        if f"adam.{i}.exp_avg" not in tensors:
            continue
        state = {k: tensors[f"adam.{i}.{k}"] for k in ("exp_avg", "exp_avg_sq")}
        optimizer.state[p] = {"step": torch.tensor(float(step)), **state}
    return float(about["spent"]), step, int(about["seen"])
