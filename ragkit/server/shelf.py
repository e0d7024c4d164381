"""A cache: the indexes and pipelines of one home that are kept open, so that a question finds them loaded."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from ..index import JOINT, Group, Index
from ..rag import RAG
from ..store import Store

__all__ = ["Shelf"]

OPEN_INDEXES = 32  # of one user; the one used longest ago is let go
Key = tuple[str, str, str]  # id, name and encoder: who has another of these is another index


class Shelf:
    """Opens on demand, from any thread. store: asked for every time, since another process may change it."""

    def __init__(self, home: Path, store: Callable[[], Store]) -> None:
        self._home, self._store = home, store
        self._lock = threading.Lock()
        self._indexes: OrderedDict[Key, Index] = OrderedDict()
        self._rags: OrderedDict[tuple[tuple[Key, ...], str], RAG] = OrderedDict()

    def index(self, name: str) -> Index:
        """An existing index. Raises NotFoundError."""
        return self._opened(name)[1]

    def searchable(self, name: str) -> Index | Group:
        """An existing index, or several as one: "a+b". Raises NotFoundError."""
        return self._together(name)[1]

    def _together(self, name: str) -> tuple[tuple[Key, ...], Index | Group]:
        found = [self._opened(each) for each in dict.fromkeys(name.split(JOINT))]
        keys, indexes = tuple(key for key, _ in found), [index for _, index in found]
        return keys, indexes[0] if len(indexes) == 1 else Group(indexes)

    def rag(self, name: str, model: str, strategy: str) -> RAG:
        """The pipeline of a model over an index; `strategy` is that of a new one. Raises NotFoundError."""
        key, opened = self._together(name)
        with self._lock:
            if (key, model) not in self._rags:
                self._rags[key, model] = RAG(opened, model=model, home=self._home, strategy=strategy)
            self._rags.move_to_end((key, model))
            return self._rags[key, model]

    def forget(self, index_id: str) -> None:
        """Let an index and its pipelines go."""
        with self._lock:
            self._forget({k for k in self._indexes if k[0] == index_id})

    def close(self) -> None:
        """Release everything; the next use opens it again."""
        with self._lock:
            for rag in self._rags.values():
                rag.close()
            found = list(self._indexes.values())
            self._rags.clear()
            self._indexes.clear()
        for index in found:
            index.close()

    def _opened(self, name: str) -> tuple[Key, Index]:
        record = self._store().index(name)  # another process may have made, renamed or re-embedded it
        key = (record.id, record.name, record.fingerprint)
        with self._lock:
            if key not in self._indexes:
                self._indexes[key] = Index(record.name, home=self._home, must_exist=True)
                self._forget({k for k in self._indexes if k[0] == record.id and k != key})
            self._indexes.move_to_end(key)
            if len(self._indexes) > OPEN_INDEXES:
                self._forget({next(iter(self._indexes))})
            return key, self._indexes[key]

    def _forget(self, keys: set[Key]) -> None:
        """Let indexes and their pipelines go; whoever is in the middle of a search ends it undisturbed."""
        for key in keys:
            self._indexes.pop(key, None)
        for pair in [p for p in self._rags if keys.intersection(p[0])]:
            self._rags.pop(pair).close()
