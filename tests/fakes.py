"""Stand-ins below the line under test, short enough to work out by hand."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import numpy as np

from ragkit.changes import FloatArray


class WordEncoder:
    """Embeds a text as its hashed bag of words, so texts sharing words are near; no model is loaded."""

    max_tokens = 64

    def __init__(self, name: str = "words-32", dim: int = 32) -> None:
        self.name, self.dim, self.fingerprint = name, dim, f"fingerprint-of-{name}"

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                row[zlib.crc32(word.strip(".,?!:#").encode()) % self.dim] += 1
            row += 1e-3
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def encode_query(self, text: str) -> FloatArray:
        return self.encode([text])[0]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(t.split()) for t in texts]

    def pieces_per_word(self, text: str) -> float:
        return 1.2
