"""One engine for each model string in a process, shared by all pipelines that name it and closed with the last.

Whoever passes an engine of their own (or a langchain-core chat model) keeps it: it is used, never closed.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from ..engines import Engine, choose, open_engine
from ..errors import UsageError

__all__ = ["Held", "hold"]


@dataclass(slots=True)
class _Shared:
    lock: threading.Lock = field(default_factory=threading.Lock)
    engine: Engine | None = None
    users: int = 0


_shared: dict[str, _Shared] = {}
_guard = threading.Lock()


class Held:
    """A claim on an engine. `get` opens it when it is first needed; `close` gives the claim back."""

    def __init__(self, model: str, own: Engine | None = None) -> None:
        self.model, self._own, self._claimed = model, own, False
        self.none = own is None and choose(model).kind == "extractive"

    def get(self) -> Engine | None:
        """The engine, opened if it is not; None where no model is configured. Blocks while a model loads."""
        if self._own is not None or self.none:
            return self._own
        with _guard:
            place = _shared.setdefault(self.model, _Shared())
            if not self._claimed:
                place.users, self._claimed = place.users + 1, True
        if place.engine is None:
            with place.lock:  # a second pipeline waits for the first one's loading
                if place.engine is None:
                    place.engine = open_engine(self.model)
        return place.engine

    @property
    def ready(self) -> bool:
        """Whether `get` returns at once."""
        place = _shared.get(self.model)
        return self._own is not None or self.none or (self._claimed and place is not None and place.engine is not None)

    def close(self) -> None:
        """Give the claim back; the last one closes the engine. A later `get` claims anew."""
        if not self._claimed:
            return
        with _guard:
            place = _shared[self.model]
            place.users, self._claimed = place.users - 1, False
            last = place.engine if place.users == 0 else None
            if place.users == 0:
                del _shared[self.model]
        if last is not None:
            last.close()


def hold(model: Any) -> Held:
    """Claim the engine of a model string, an engine, or a langchain-core chat model."""
    if isinstance(model, str):
        return Held(model)
    if hasattr(model, "generate_many") and hasattr(model, "capabilities"):
        return Held(str(model.name), model)
    if hasattr(model, "ainvoke") and hasattr(model, "bind_tools"):
        from ..engines.langchain import LangChainEngine

        engine = LangChainEngine(model)
        return Held(engine.name, engine)
    raise UsageError(f"{type(model).__name__} is no model; give a name, an engine or a langchain-core chat model")
