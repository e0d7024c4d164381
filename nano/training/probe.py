"""A quick test during training, on worlds and names that training never sees.

Teacher-forced: a sample counts as right when every token the model must write is its first choice, which is exactly
when greedy decoding would write it. Long chains have a second cell with the thought forced shut at once, where the
answer is judged without its citations.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import torch

from ..transcripts import read, search
from .curriculum import make_world, pick_question
from .model import Nano
from .packing import ALWAYS_AT_START, NEVER, Item, Packer, stack

CELLS = {
    "en": ("hop1", "hop2", "hop3", "hop4", "none", "sum", "compare", "count", "yesno", "search2", "search3"),
    "ru": ("hop1", "hop3", "none", "search2"),
    "real": ("hop2",),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One question as an item, the cell it belongs to, and the token ids that are citations."""

    cell: str
    item: Item


def build_probe(packer: Packer, count: int, seed: int = 12345) -> list[Sample]:
    """Return `count` samples for each cell."""
    rng, samples = Random(seed), []
    for group, kinds in CELLS.items():
        language = "ru" if group == "ru" else "en"
        for kind in kinds:
            searching = kind.startswith("search")
            wanted = f"hop{kind[-1]}" if searching else kind
            made = 0
            while made < count:
                split = "real" if group == "real" else "test"
                world = make_world(rng, level=2, language=language, split=split, long=False, searching=searching)
                question = pick_question(rng, world, {wanted: 1.0}, tries=1)
                if question is None:
                    continue
                talk = search(rng, world, question) if searching else read(world, question)
                made += 1
                samples.append(Sample(f"{group}/{kind}", packer.item(world, [talk], rng, NEVER, 4096)))
                if kind in ("hop3", "hop4") and group == "en":
                    forced = packer.item(world, [talk], rng, ALWAYS_AT_START, 4096)
                    samples.append(Sample(f"{group}/{kind}/budget0", forced))
    return samples


@torch.no_grad()
def run_probe(model: Nano, packer: Packer, samples: list[Sample], *, batch: int = 16) -> dict[str, float]:
    """Return the share of right samples by cell."""
    device = next(model.parameters()).device
    right: dict[str, list[bool]] = {}
    ordered = sorted(samples, key=lambda s: len(s.item.ids))
    for start in range(0, len(ordered), batch):
        part = ordered[start : start + batch]
        length = -(-max(len(s.item.ids) for s in part) // 64) * 64
        arrays = stack([[s.item] for s in part], length, packer.pad)
        t = {k: torch.from_numpy(v).to(device) for k, v in arrays.items()}
        hidden, _ = model.hidden(t["ids"], t["positions"], t["documents"], t["segments"])
        for i, sample in enumerate(part):
            judged = t["weights"][i, 1:] > 0
            if sample.cell.endswith("budget0"):
                judged &= ~torch.isin(t["ids"][i, 1:], torch.tensor(sorted(packer.citations), device=device))
                judged &= t["ids"][i, 1:] != packer.think
            where = judged.nonzero()[:, 0]
            best = model.logits(hidden[i, where]).argmax(-1)
            right.setdefault(sample.cell, []).append(bool((best == t["ids"][i, 1:][where]).all()))
    return {cell: sum(marks) / len(marks) for cell, marks in sorted(right.items())}
