"""The same requests through transformers, where vLLM is not installed: batched, but without a shared cache.

A worker thread takes what is waiting, puts draws with equal sampling into one left-padded batch and calls `generate`
once. Caps, banned markers and stop tokens hold per row (`rows`); thought and answer come in a single pass.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

from ...errors import EngineDeadError, EngineError, EngineTimeoutError, MissingDependencyError
from ...models.adapters import Adapter, check_base
from ...models.facts import cpu_dtype, read_facts
from ...models.files import find_model, refuse_pickled
from ..base import Capabilities, Deadlines
from ..draws import Draw, Drawn, Piece
from ..merging import adapted_dtype, attach
from ..tokens import HFTokenizer
from ..tokenwise import TokenEngine
from .rows import Row, RowLimits

__all__ = ["TransformersEngine", "open_model"]


class TransformersEngine(TokenEngine):
    """A decoder run by transformers in this process.

    model: a folder, or the name of a model in the Hugging Face cache. device: None takes a GPU when there is one.
    batch_size: rows in one call; more wait. adapter: a LoRA on the model, applied by PEFT.
    Only safetensors are read, and code of a model is never run.
    """

    single_pass = True

    def __init__(
        self,
        model: str | Path,
        *,
        device: str | None = None,
        batch_size: int = 32,
        max_model_len: int | None = None,
        deadlines: Deadlines | None = None,
        adapter: Adapter | None = None,
    ) -> None:
        self.name = f"transformers:{model}"
        self.deadlines = deadlines or Deadlines()
        self.batch_size = batch_size
        try:
            import torch
            from transformers import AutoModelForCausalLM, GenerationConfig
        except ImportError as exc:
            raise MissingDependencyError("the transformers engine", extra="cpu") from exc
        refuse_pickled(model)
        self.adapter = "" if adapter is None else adapter.hash
        if adapter is not None:
            check_base(adapter, model)
        self._torch = torch
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        try:
            load: Any = AutoModelForCausalLM.from_pretrained
            dtype = cpu_dtype(read_facts(model)) if self._device == "cpu" else "auto"
            dtype = dtype if adapter is None else adapted_dtype(model)
            self._model: Any = load(str(model), dtype=dtype, use_safetensors=True, trust_remote_code=False)
        except (OSError, ValueError) as exc:
            raise EngineError(f"transformers cannot load {str(model)!r}: {str(exc).splitlines()[0]}") from exc
        if adapter is not None:
            self._model = attach(self._model, adapter)
        self._model.to(self._device).eval()
        window = int(getattr(self._model.config.get_text_config(), "max_position_embeddings", 4096))
        self._tokenizer = HFTokenizer.load(model, context_tokens=min(window, max_model_len or window))
        ends = _end_ids(self._model.generation_config)
        self._tokenizer.stop_ids = tuple(sorted({*self._tokenizer.stop_ids, *ends}))
        # `generate` fills in from the model's settings what a call leaves open; the request alone decides here
        self._model.generation_config = GenerationConfig()
        self._settings: Any = GenerationConfig
        thinks = self._tokenizer.think_start_id is not None
        self.capabilities = Capabilities(budget=thinks, token_ids=True, logprobs=True, tools=True, streaming=True)
        self._waiting: queue.SimpleQueue[Row | None] = queue.SimpleQueue()
        self._rows: set[Row] = set()
        self._lock = threading.Lock()
        self._batch: list[Row] = []
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="ragkit-transformers", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the worker after the token that it draws now; what is not finished fails."""
        with self._lock:
            self._closed = True
            rows = list(self._rows)
        for row in rows:
            row.cancelled = True
            row.tell(self._gone())
        self._waiting.put(None)

    async def draw(self, draw: Draw) -> Drawn:
        """Continue ids."""
        return await self.drawn(self._pieces(draw))

    def draw_stream(self, draw: Draw) -> AsyncGenerator[Piece, None]:
        """Continue ids piece by piece."""
        return self._pieces(draw, stream=True)

    async def _pieces(self, draw: Draw, *, stream: bool = False) -> AsyncGenerator[Piece, None]:
        row = Row(draw, asyncio.get_running_loop(), stream=stream)
        with self._lock:
            if self._closed:
                raise self._gone()
            self._rows.add(row)
        self._waiting.put(row)
        try:
            while True:
                item = await self._next(row)
                if isinstance(item, Exception):
                    raise item
                yield item
                if item.done is not None:
                    return
        finally:
            row.cancelled = True
            with self._lock:
                self._rows.discard(row)

    def _gone(self) -> EngineDeadError:
        return EngineDeadError(f"the engine {self.name!r} was closed")

    def _heard(self, row: Row) -> float:
        """When the engine last gave a sign of life to whoever waits for `row`: a step for any row of the batch."""
        return max([row.since, *(r.beat for r in self._batch)])

    async def _next(self, row: Row) -> Piece | Exception:
        """Wait for news. A long queue is no fault as long as the engine steps; silence is, after the deadline."""
        while True:
            now = time.monotonic()
            limit = self.deadlines.between_tokens_s if row.ids else self.deadlines.first_token_s
            silent = self._heard(row) + limit - now
            ends = [silent]
            if row.draw.deadline is not None:
                ends.append(row.draw.deadline - asyncio.get_running_loop().time())
            if self.deadlines.total_s is not None:
                ends.append(row.since + self.deadlines.total_s - now)
            try:
                return await asyncio.wait_for(row.news.get(), max(0.001, min(ends)))
            except TimeoutError:
                if min(ends) < silent:
                    raise EngineTimeoutError(
                        f"no answer in time ({len(row.ids)} tokens so far); allow more seconds, or a smaller budget"
                    ) from None
                if time.monotonic() - self._heard(row) >= limit:
                    raise EngineTimeoutError(
                        f"the engine {self.name!r} was silent for {limit:g} s ({len(row.ids)} tokens so far); "
                        "allow it more time, or open it anew"
                    ) from None

    def _work(self) -> None:
        while not self._closed:
            waiting = [self._waiting.get()]
            while not self._waiting.empty():
                waiting.append(self._waiting.get())
            for group in self._batches([r for r in waiting if r is not None]):
                batch = [r for r in group if not r.cancelled]  # some may have left while the batch before ran
                if not batch:
                    continue
                try:
                    self._generate(batch)
                except Exception as exc:  # noqa: BLE001 - whatever goes wrong must reach the requests
                    error = EngineDeadError(f"transformers failed a batch of {len(batch)}: {exc}")
                    error.__cause__ = exc
                    for row in batch:
                        row.tell(error)

    def _batches(self, rows: Sequence[Row]) -> list[list[Row]]:
        """Group rows of equal sampling; prompts of similar length share a batch, so that little is padding."""
        groups: dict[tuple[float, float, bool], list[Row]] = {}
        for row in sorted(rows, key=lambda r: len(r.draw.prompt_ids)):
            key = (row.draw.temperature, row.draw.top_p, bool(row.draw.logprobs))
            groups.setdefault(key, []).append(row)
        return [g[k : k + self.batch_size] for g in groups.values() for k in range(0, len(g), self.batch_size)]

    def _generate(self, rows: list[Row]) -> None:
        """Run one batch to its end."""
        torch = self._torch
        tok = self._tokenizer
        pad = tok.raw.pad_token_id if tok.raw.pad_token_id is not None else tok.stop_ids[0]
        width = max(len(r.draw.prompt_ids) for r in rows)
        ids = torch.full((len(rows), width), pad, dtype=torch.long)
        mask = torch.zeros((len(rows), width), dtype=torch.long)
        for k, row in enumerate(rows):  # left padding: the last prompt token stands in the last column
            ids[k, width - len(row.draw.prompt_ids) :] = torch.tensor(row.draw.prompt_ids)
            mask[k, width - len(row.draw.prompt_ids) :] = 1
        draw = rows[0].draw
        limits = RowLimits(rows, tok, torch)
        self._batch = rows  # from here on their beats tell that the engine lives
        sampling: dict[str, Any] = {"do_sample": False}
        if draw.temperature > 0:
            sampling = {"do_sample": True, "temperature": draw.temperature, "top_p": draw.top_p, "top_k": 0}
        settings = self._settings(
            max_new_tokens=max(r.draw.max_tokens for r in rows),
            pad_token_id=pad,
            output_logits=bool(draw.logprobs),
            return_dict_in_generate=True,
            **sampling,
        )
        with torch.inference_mode():
            out = self._model.generate(
                input_ids=ids.to(self._device),
                attention_mask=mask.to(self._device),
                generation_config=settings,
                logits_processor=[limits.shape],
                stopping_criteria=[limits.stop],
            )
        limits.finish(out.logits if draw.logprobs else None)


def _end_ids(settings: Any) -> list[int]:
    """The ids that end an answer by a model's generation_config.json, where one is an int and several are a list."""
    ends = settings.eos_token_id
    return [] if ends is None else [ends] if isinstance(ends, int) else list(ends)


def open_model(
    target: str, *, deadlines: Deadlines | None = None, adapter: Adapter | None = None, **options: Any
) -> TransformersEngine:
    """The opener behind ``transformers:``: a model's name or folder."""
    engine = TransformersEngine(find_model(target), deadlines=deadlines, adapter=adapter, **options)
    engine.name = f"transformers:{target}" + (f"+{adapter.folder}" if adapter else "")
    return engine
