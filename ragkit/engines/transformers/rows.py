"""What holds for each row of a transformers batch: its caps, its banned tokens, its end, and its listener."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..draws import Draw, Drawn, Piece
from ..tokens import HFTokenizer, TextStream

__all__ = ["Row", "RowLimits"]


@dataclass(eq=False, slots=True)
class Row:
    """One draw in a batch. `closed_at` is the number of ids when its thought ended (single pass only)."""

    draw: Draw
    loop: asyncio.AbstractEventLoop
    stream: bool = False
    news: asyncio.Queue[Piece | Exception] = field(default_factory=asyncio.Queue)
    ids: list[int] = field(default_factory=list)
    closed_at: int | None = None
    stop_id: int | None = None
    done: bool = False
    cancelled: bool = False
    since: float = field(default_factory=time.monotonic)
    beat: float = 0.0
    told: int = 0

    def tell(self, item: Piece | Exception) -> None:
        """Pass news to whoever waits, on its event loop."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.news.put_nowait, item)


class RowLimits:
    """`shape` and `stop` are what `generate` calls at every step; `finish` reports the results."""

    def __init__(self, rows: Sequence[Row], tokenizer: HFTokenizer, torch: Any) -> None:
        self._rows = rows
        self._torch = torch
        self._start, self._end = tokenizer.think_start_id, tokenizer.think_end_id
        self._texts = [TextStream(tokenizer, stop=r.draw.stop) if r.draw.stop else None for r in rows]
        now = time.monotonic()
        for row in rows:
            row.beat = now

    def shape(self, input_ids: Any, scores: Any) -> Any:
        """Ban what a row must not draw, and force the end of a thought that has reached its cap."""
        for k, row in enumerate(self._rows):
            if row.done:
                continue
            for token in row.draw.banned_ids:
                scores[k, token] = -float("inf")
            if row.draw.thinking_tokens is None or self._end is None:
                continue
            if row.closed_at is not None:
                scores[k, self._end] = -float("inf")
            elif len(row.ids) >= row.draw.thinking_tokens:
                scores[k] = -float("inf")
                scores[k, self._end] = 0.0
        return scores

    def stop(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        """Take each row's new id; say which rows are done."""
        now = time.monotonic()
        for k, (row, token) in enumerate(zip(self._rows, input_ids[:, -1].tolist(), strict=True)):
            if not row.done:
                row.beat = now
                self._take(k, row, int(token))
        return self._torch.tensor([r.done for r in self._rows], device=input_ids.device)

    def _take(self, k: int, row: Row, token: int) -> None:
        draw = row.draw
        thinking = draw.thinking_tokens is not None and row.closed_at is None
        if token in draw.stop_ids:
            row.stop_id, row.done = token, True
        else:
            row.ids.append(token)
            if thinking and token == self._end:
                row.closed_at = len(row.ids)
            text = self._texts[k]
            if text is not None and not thinking:
                text.push([token])
                row.done = text.stopped is not None
        after = len(row.ids) - (row.closed_at or 0)
        full = row.closed_at is not None and draw.answer_tokens is not None and after >= draw.answer_tokens
        row.done = row.done or full or row.cancelled or len(row.ids) >= draw.max_tokens
        if row.stream and not row.done:
            row.tell(Piece((token,)))
            row.told = len(row.ids)

    def finish(self, logits: Sequence[Any] | None) -> None:
        """Report every row. logits: per step, shape (rows, vocabulary)."""
        for k, row in enumerate(self._rows):
            chosen: list[float] = []
            top: list[dict[int, float]] = []
            for scores, token in zip(logits or (), row.ids, strict=False):
                logs = self._torch.log_softmax(scores[k].float(), dim=-1)
                values, best = logs.topk(row.draw.logprobs)
                chosen.append(float(logs[token]))
                top.append({int(i): float(v) for i, v in zip(best, values, strict=True)})
            text = self._texts[k]
            stopped = row.stop_id is not None or (text is not None and text.stopped is not None)
            done = Drawn(tuple(row.ids), "stop" if stopped else "length", row.stop_id, 0, tuple(chosen), tuple(top))
            row.tell(Piece(tuple(row.ids[row.told :]), done))
