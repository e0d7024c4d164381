"""Small documents whose passages and vectors can be worked out by hand."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from ragkit.changes import FloatArray
from ragkit.store import Put, Store
from ragkit.text.chunking import Passage
from ragkit.types import Document


def passages_of(text: str, size: int = 10) -> list[Passage]:
    """Cut every `size` characters."""
    return [Passage(i, min(i + size, len(text)), text[i : i + size]) for i in range(0, len(text), size)]


def vectors_of(passages: Sequence[Passage], dim: int = 4) -> FloatArray:
    """A unit row per passage, drawn from the passage's text; shape (n, dim)."""
    rows = np.empty((len(passages), dim), np.float32)
    for i, p in enumerate(passages):
        seed = zlib.crc32(p.text.encode())
        rows[i] = np.random.default_rng(seed).standard_normal(dim)
        rows[i] /= np.linalg.norm(rows[i])
    return rows


def put(store: Store, index_id: str, name: str, text: str = "ten chars!ten more…!", **fields: Any) -> Put:
    """Store `text` under `name`, in passages of ten characters."""
    passages = passages_of(text)
    document = Document(id=name, text=text, **fields)
    return store.put(index_id, document, passages, vectors_of(passages), content_hash=f"{zlib.crc32(text.encode())}")
