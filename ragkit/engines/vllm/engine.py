"""vLLM in this process: the main engine. The same code runs the CPU build and the CUDA build.

The engine starts eager and without a child process (about 3 s on a CPU), is stepped by one thread (`stepper`), and is
watched: when it dies or hangs, its requests fail within their deadline and the next request starts it again. What
takes the whole process down (a segmentation fault, the out-of-memory killer) cannot be caught here; where that
matters, run ``vllm serve`` and use the `openai` engine.

Thoughts are capped by ids (`tokenwise`); ``budget="native"`` uses vLLM's own `thinking_token_budget` in one pass
instead, and still counts what came out.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ...errors import EngineDeadError, EngineError, EngineTimeoutError, MissingDependencyError
from ...models.adapters import Adapter, check_base
from ...models.facts import read_facts
from ...models.files import find_model, refuse_pickled
from ..base import Capabilities, Deadlines
from ..draws import Draw, Drawn, Piece
from ..merging import adapted_dtype, merged
from ..tokens import HFTokenizer
from ..tokenwise import TokenEngine
from .configured import configured_vllm
from .process import allow_amx, first_line, is_cuda_build, quiet_imports, set_environment
from .settings import LORA_RANKS, VLLMSettings, engine_arguments
from .stepper import Stepper, Ticket

if TYPE_CHECKING:
    from vllm import LLM

__all__ = ["VLLMEngine", "open_model"]

T = TypeVar("T")

RESTARTS = 3
RESTART_WINDOW_S = 600.0


class VLLMEngine(TokenEngine):
    """A model served by vLLM inside this process.

    model: a folder, or the name of a model in the Hugging Face cache.
    budget: "split" draws thought and answer apart; "native" lets vLLM force the end of the thought.
    adapter: a LoRA on the model, live where vLLM can do that, else merged into a copy of it (`merging`).
    A per-request seed crashes vLLM's CPU build, so `capabilities.seed` is false there.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        settings: VLLMSettings | None = None,
        deadlines: Deadlines | None = None,
        budget: Literal["split", "native"] = "split",
        adapter: Adapter | None = None,
    ) -> None:
        self.name = f"vllm:{model}"
        self.deadlines = deadlines or Deadlines()
        self.single_pass = budget == "native"
        self._closed = False
        self._starting = threading.Lock()
        self._deaths: list[float] = []
        settings = settings or VLLMSettings()
        set_environment(compiled=settings.eager is False or is_cuda_build())
        try:
            with quiet_imports():
                from vllm import SamplingParams
                from vllm.platforms import current_platform
                from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams
        except ImportError as exc:
            raise MissingDependencyError("the vLLM engine", extra="cpu") from exc
        self._params, self._kind, self._structured = SamplingParams, RequestOutputKind, StructuredOutputsParams
        cpu = bool(current_platform.is_cpu())
        if cpu:
            allow_amx()
        refuse_pickled(model)
        self.adapter = "" if adapter is None else adapter.hash
        if adapter is not None:
            check_base(adapter, model)
            if cpu and settings.dtype == "auto":
                settings = replace(settings, dtype=adapted_dtype(model))
            if only_merged(adapter, model, cpu=cpu):
                model, adapter = merged(Path(model), adapter), None
        self._adapter = adapter
        self._tokenizer = HFTokenizer.load(model, context_tokens=0)
        thinks = self._tokenizer.think_start_id is not None
        parser = self._tokenizer.reasoning_parser
        self.arguments = engine_arguments(model, settings, cpu=cpu, reasoning_parser=parser, adapter=adapter)
        self.capabilities = Capabilities(
            budget=thinks, token_ids=True, logprobs=True, tools=True, streaming=True, structured=True, seed=not cpu
        )
        self._stepper = self._start()
        self._tokenizer.context_tokens = int(self._stepper.engine.model_config.max_model_len)

    @property
    def running(self) -> int:
        """How many draws are in the engine now."""
        return self._stepper.running

    def exclusively(self, job: Callable[[LLM], T]) -> T:
        """Run `job` on the `vllm.LLM` itself, in the thread that owns it; for measurements and maintenance."""
        return self._stepper.call(lambda: job(self.llm)).result()

    def forget(self) -> None:
        """Empty the prefix cache."""
        self.exclusively(lambda llm: llm.reset_prefix_cache())

    def close(self) -> None:
        """Stop the thread and free the model; requests still running fail."""
        self._closed = True
        self._stepper.fail(EngineDeadError(f"the engine {self.name!r} was closed"))
        self._free(self._stepper)

    async def draw(self, draw: Draw) -> Drawn:
        """Continue ids; one wake-up, when all is done."""
        return await self.drawn(self._pieces(draw, stream=False))

    def draw_stream(self, draw: Draw) -> AsyncGenerator[Piece, None]:
        """Continue ids piece by piece."""
        return self._pieces(draw, stream=True)

    async def _pieces(self, draw: Draw, *, stream: bool) -> AsyncGenerator[Piece, None]:
        stepper = await self._alive()
        ticket = stepper.submit(draw.prompt_ids, self._sampling(draw, stream=stream))
        try:
            while True:
                item = await self._next(stepper, ticket, draw)
                if isinstance(item, Exception):
                    raise item
                yield item
                if item.done is not None:
                    return
        finally:
            stepper.abort(ticket)

    async def _next(self, stepper: Stepper, ticket: Ticket, draw: Draw) -> Piece | Exception:
        """Wait for news. A long queue is no fault as long as the engine steps; silence is, after the deadline."""
        while True:
            if stepper.dead is not None:
                return await ticket.news.get()  # every ticket is told of the end
            now = time.monotonic()
            seen = stepper.stepped > ticket.since
            limit = self.deadlines.between_tokens_s if seen else self.deadlines.first_token_s
            silent_until = max(stepper.beat, ticket.since) + limit
            ends = [silent_until - now]
            if draw.deadline is not None:
                ends.append(draw.deadline - asyncio.get_running_loop().time())
            if self.deadlines.total_s is not None:
                ends.append(ticket.since + self.deadlines.total_s - now)
            with contextlib.suppress(asyncio.TimeoutError):
                return await asyncio.wait_for(ticket.news.get(), max(0.001, min(ends)))
            if min(ends[1:], default=float("inf")) <= ends[0]:
                raise EngineTimeoutError(
                    f"the answer was not done in its time ({len(ticket.ids)} tokens so far); "
                    "allow more seconds, or a smaller budget"
                )
            if time.monotonic() - max(stepper.beat, ticket.since) >= limit:
                error = EngineTimeoutError(f"the vLLM engine was silent for {limit:g} s; it is started again")
                stepper.fail(error)

    def _sampling(self, draw: Draw, *, stream: bool) -> Any:
        schema = draw.json_schema
        return self._params(
            max_tokens=draw.max_tokens,
            temperature=draw.temperature,
            top_p=draw.top_p,
            stop_token_ids=list(draw.stop_ids),
            stop=list(draw.stop) or None,
            logit_bias=dict.fromkeys(draw.banned_ids, -100.0) or None,
            logprobs=draw.logprobs or None,
            structured_outputs=None if schema is None else self._structured(json=dict(schema)),
            seed=draw.seed,
            detokenize=bool(draw.stop),
            skip_special_tokens=False,
            thinking_token_budget=draw.thinking_tokens,
            output_kind=self._kind.DELTA if stream else self._kind.FINAL_ONLY,
        )

    async def _alive(self) -> Stepper:
        """Return the running engine, started again if the last one died."""
        if self._stepper.dead is None:
            return self._stepper
        if self._closed:
            raise self._stepper.dead
        return await asyncio.to_thread(self._restart)

    def _restart(self) -> Stepper:
        with self._starting:
            if self._stepper.dead is None:
                return self._stepper
            now = time.monotonic()
            self._deaths = [t for t in self._deaths if now - t < RESTART_WINDOW_S]
            if len(self._deaths) >= RESTARTS:
                raise EngineDeadError(
                    f"the engine {self.name!r} died {RESTARTS} times in {RESTART_WINDOW_S / 60:g} minutes and is not "
                    f"started again; last cause: {self._stepper.dead}"
                )
            self._deaths.append(now)
            self._free(self._stepper)
            self._stepper = self._start()
            return self._stepper

    def _start(self) -> Stepper:
        with quiet_imports():
            from vllm import LLM
            from vllm.lora.request import LoRARequest

            try:
                self.llm = LLM(**self.arguments)
            except (ValueError, RuntimeError, OSError, MemoryError) as exc:
                raise EngineError(f"vLLM cannot start {self.arguments['model']!r}: {first_line(exc)}") from exc
        lora = LoRARequest(self._adapter.hash, 1, str(self._adapter.folder.resolve())) if self._adapter else None
        return Stepper(self.llm.llm_engine, on_death=lambda error: None, lora=lora)

    def _free(self, stepper: Stepper) -> None:
        """Release the model's memory, unless its thread hangs in native code: then it stays until the process ends."""
        if stepper.join(2.0):
            with contextlib.suppress(AttributeError):
                stepper.engine.engine_core.shutdown()


def only_merged(adapter: Adapter, model: str | Path, *, cpu: bool) -> str:
    """Why vLLM cannot apply the adapter beside the weights of the model, or ""."""
    facts = read_facts(model)
    if cpu and facts is not None and facts.experts:  # vLLM 0.32 then takes Triton's experts, which need a GPU
        return "vLLM's CPU build applies no adapter to a mixture of experts"
    if adapter.rank > LORA_RANKS[-1]:
        return f"its rank {adapter.rank} exceeds vLLM's {LORA_RANKS[-1]}"
    return adapter.only_merged


def open_model(
    target: str,
    *,
    deadlines: Deadlines | None = None,
    settings: VLLMSettings | None = None,
    adapter: Adapter | None = None,
    **options: Any,
) -> VLLMEngine:
    """The opener behind ``vllm:``: a model's name or folder; settings: None takes the configured ones."""
    chosen = configured_vllm() if settings is None else settings
    engine = VLLMEngine(find_model(target), settings=chosen, deadlines=deadlines, adapter=adapter, **options)
    engine.name = f"vllm:{target}" + (f"+{adapter.folder}" if adapter else "")
    return engine
