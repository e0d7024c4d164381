"""Conversations turned into token rows for training.

An item is one text: the shared passages (segment 0) and, beside one another, questions about them (segments 1, 2, ...),
each of which sees only the passages and itself, at the positions it would have alone. Rows are filled with items.

A thought may be cut at random, as a budget would cut it: the closing tag then carries no loss, what follows does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np

from ..chat import (
    CITATIONS,
    END_THINK,
    THINK,
    context_text,
    question_text,
    results_text,
    written_text,
)
from ..transcripts import Conversation
from ..world.english import ENGLISH
from ..world.relations import Language
from ..world.worlds import World

CONTEXT_WEIGHT = 0.1  # loss on the text that is read, where asked for


@dataclass(slots=True)
class Item:
    """One text: token ids, loss weights (0 none, 1 written by the model, more in drills), positions and segments."""

    ids: list[int] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    segments: list[int] = field(default_factory=list)

    def add(self, ids: Sequence[int], weights: Sequence[int], segment: int, start: int) -> None:
        """Append tokens of one segment at positions from `start`."""
        self.ids += ids
        self.weights += weights
        self.positions += range(start, start + len(ids))
        self.segments += [segment] * len(ids)


@dataclass(frozen=True, slots=True)
class Cut:
    """How often thoughts are cut at random, and of those how often at the very start."""

    share: float = 0.25
    at_start: float = 0.3


NEVER = Cut(0.0)
ALWAYS_AT_START = Cut(1.0, 1.0)


class Packer:
    """Encodes conversations and fills rows."""

    def __init__(self, tokenizer: Any) -> None:
        inner = tokenizer.backend_tokenizer
        self.encode: Callable[[str], list[int]] = lambda text: inner.encode(text, add_special_tokens=False).ids
        ids = tokenizer.convert_tokens_to_ids
        self.pad: int = tokenizer.pad_token_id
        self.think: int = ids(THINK)
        self.end_think: int = ids(END_THINK)
        self.newline, self.stop = self.encode("\n"), self.encode(".")
        self.citations = frozenset(ids(list(CITATIONS)))

    def written(self, thought: str, rest: str, rng: Random, cut: Cut) -> tuple[list[int], list[int]]:
        """Return ids and loss weights of an assistant turn, its thought perhaps cut."""
        inside = self.encode(f" {thought}")
        after = self.encode(rest)
        if rng.random() >= cut.share:
            ids = [self.think, *inside, self.end_think, *after]
            return ids, [1] * len(ids)
        keep = 0 if rng.random() < cut.at_start else rng.randrange(len(inside))
        close = [self.end_think]
        if rng.random() < 0.1:  # as others close a thought
            close = [*self.newline, self.end_think, *self.newline, *self.newline]
        ids = [self.think, *inside[:keep], *close, *after]
        return ids, [1] * (1 + keep) + [0] * len(close) + [1] * len(after)

    def conversation(self, world: World, talk: Conversation, rng: Random, cut: Cut) -> tuple[list[int], list[int]]:
        """Return ids and loss weights of everything after the shared passages."""
        ids = self.encode(question_text(self.asking(world.language, rng), talk))
        weights = [0] * len(ids)
        for turn in talk.turns:
            new, loss = self.written(turn.thought, written_text(turn), rng, cut)
            ids, weights = ids + new, weights + loss
            if turn.results is not None:
                results = self.encode(results_text(turn))
                ids, weights = ids + results, weights + [0] * len(results)
        return ids, weights

    def item(self, world: World, talks: Sequence[Conversation], rng: Random, cut: Cut, limit: int) -> Item:
        """Return the item for conversations over the same passages; those that do not fit `limit` are left out."""
        item = Item()
        context = self.encode(context_text(talks[0]))
        item.add(context, [0] * len(context), 0, 0)
        for segment, talk in enumerate(talks, 1):
            ids, weights = self.conversation(world, talk, rng, cut)
            if len(item.ids) + len(ids) <= limit:
                item.add(ids, weights, segment, len(context))
        return item

    @staticmethod
    def asking(words: Language, rng: Random) -> str:
        """Return the word before a question; other languages are now and then asked in an English frame."""
        return ENGLISH.question if rng.random() < 0.4 else words.question


def stack(rows: Sequence[Sequence[Item]], length: int, pad: int) -> dict[str, np.ndarray]:
    """Return rows of items as int64 arrays of shape (rows, length): ids, weights, positions, documents, segments."""
    batch = {name: np.zeros((len(rows), length), np.int64) for name in ("weights", "positions", "segments")}
    batch["ids"] = np.full((len(rows), length), pad, np.int64)
    batch["documents"] = np.full((len(rows), length), -1, np.int64)
    for r, row in enumerate(rows):
        start = 0
        for number, item in enumerate(row):
            end = start + len(item.ids)
            for name in ("ids", "weights", "positions", "segments"):
                batch[name][r, start:end] = getattr(item, name)
            batch["documents"][r, start:end] = number
            start = end
    return batch
