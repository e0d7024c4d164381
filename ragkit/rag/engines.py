"""One engine for each model string and its settings in a process, shared by all who name it, closed with the last.

Whoever passes an engine of their own (or a langchain-core chat model) keeps it: it is used, never closed.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from ..engines import Engine, choose, open_engine
from ..engines.consent import require
from ..engines.vllm.configured import configured_vllm
from ..errors import UsageError

__all__ = ["Held", "hold"]


@dataclass(slots=True)
class _Shared:
    lock: threading.Lock = field(default_factory=threading.Lock)
    engine: Engine | None = None
    users: int = 0


_shared: dict[tuple[str, str], _Shared] = {}
_guard = threading.Lock()


class Held:
    """A claim on an engine. `get` opens it when it is first needed; `close` gives the claim back.

    vLLM's settings are read when the claim is made. Raises ConfigError where they cannot be used.
    """

    def __init__(self, model: str, own: Engine | None = None) -> None:
        self.model, self._own, self._claimed = model, own, False
        kind = None if own is not None else choose(model).kind
        self.none = kind == "extractive"
        self._vllm = configured_vllm() if kind == "vllm" else None
        self._key = model, repr(self._vllm)  # `extra` makes the settings unhashable

    def get(self) -> Engine | None:
        """The engine, opened if it is not; None where no model is configured. Blocks while a model loads."""
        if self._own is not None or self.none:
            return self._own
        with _guard:
            place = _shared.setdefault(self._key, _Shared())
            if not self._claimed:
                place.users, self._claimed = place.users + 1, True
        if place.engine is None:
            with place.lock:  # a second pipeline waits for the first one's loading
                if place.engine is None:
                    place.engine = open_engine(self.model, settings=self._vllm)
        return place.engine

    @property
    def ready(self) -> bool:
        """Whether `get` returns at once."""
        place = _shared.get(self._key)
        return self._own is not None or self.none or (self._claimed and place is not None and place.engine is not None)

    def close(self) -> None:
        """Give the claim back; the last one closes the engine. A later `get` claims anew."""
        if not self._claimed:
            return
        with _guard:
            place = _shared[self._key]
            place.users, self._claimed = place.users - 1, False
            last = place.engine if place.users == 0 else None
            if place.users == 0:
                del _shared[self._key]
        if last is not None:
            last.close()


def hold(model: Any) -> Held:
    """Claim the engine of a model string, an engine, or a langchain-core chat model.

    Raises ConfigError for a model elsewhere that a folder's file alone names and nobody trusted (`engines.consent`).
    """
    if isinstance(model, str):
        require(model)
        return Held(model)
    if hasattr(model, "generate_many") and hasattr(model, "capabilities"):
        return Held(str(model.name), model)
    if hasattr(model, "ainvoke") and hasattr(model, "bind_tools"):
        from ..engines.remote.langchain import LangChainEngine

        engine = LangChainEngine(model)
        return Held(engine.name, engine)
    raise UsageError(f"{type(model).__name__} is no model; give a name, an engine or a langchain-core chat model")
