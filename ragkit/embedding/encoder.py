"""Texts to unit vectors: one encoder, its token counts, its fingerprint.

Passages are tokenised once, sorted by length and run in batches of about equal *tokens*, so hardly anything is padded.
On CPUs that multiply bfloat16 in hardware (AMX, AVX512-BF16) the weights are bfloat16: three times as fast, the same
hits; `precision="float32"` turns that off. Vectors are float32 either way, and the fingerprint is the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from ..errors import UsageError
from ..text.reading import word_runs
from .bert import understands
from .files import DEFAULT_ENCODER, find_encoder, fingerprint, read_layout
from .runners import PRECISIONS, BertRunner, Machine, OtherRunner, Precision, Runner

__all__ = ["DEFAULT_ENCODER", "Encoder", "EncoderLike", "FloatArray", "Precision"]

FloatArray = npt.NDArray[np.float32]

_QUERY_CACHE = 1024
_SLAB = 4096  # texts tokenised and sorted at a time: bounds memory, and progress moves
_EAST = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")  # kana, Han
_SOUTH = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")  # Thai, Lao, Burmese, Khmer


@runtime_checkable
class EncoderLike(Protocol):
    """What the index asks of an encoder; anything with these members can stand in for `Encoder`."""

    name: str
    dim: int
    fingerprint: str
    max_tokens: int

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray: ...
    def encode_query(self, text: str) -> FloatArray: ...
    def count_tokens(self, texts: Sequence[str]) -> list[int]: ...
    def pieces_per_word(self, text: str) -> float: ...


class Encoder:
    """A sentence-transformers model, by name or folder, on this machine.

    `name`: as given. `dim`: length of a vector. `fingerprint`: sha256 over weights, tokenizer, pooling and prompts.
    `max_tokens`: tokens of text that are read (special tokens and the prompt are already taken off).
    torch is loaded for passages, and for questions where the encoder is large or a GPU was asked for.
    Raises NotFoundError when the model is not here and may not or cannot be fetched.
    """

    def __init__(
        self,
        name: str = DEFAULT_ENCODER,
        *,
        device: str | None = None,
        batch_tokens: int | None = None,
        precision: Precision = "auto",
    ) -> None:
        if batch_tokens is not None and batch_tokens < 1:
            raise UsageError(f"batch_tokens={batch_tokens} is below 1; give the tokens of one batch, e.g. 2048")
        self.name = name
        if precision not in PRECISIONS:
            raise UsageError(f"precision={precision!r} is not known; give auto, float32, bfloat16 or float16")
        layout = read_layout(find_encoder(name))
        self.fingerprint = fingerprint(layout)
        self._prompts = (layout.query_prompt, layout.document_prompt)
        self._batch_tokens = batch_tokens
        self._runner: Runner
        self._runner = (BertRunner if understands(layout) else OtherRunner)(layout, Machine(device, precision))
        self.dim = self._runner.dim
        longest_prompt = max(self.count_tokens(list(self._prompts)))
        self.max_tokens = self._runner.max_length - self._runner.special - longest_prompt
        self._cached = lru_cache(maxsize=_QUERY_CACHE)(self._encode_query)

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        """Return unit rows, shape (len(texts), dim), in the order of `texts`; `progress` is told how many are done."""
        out = np.empty((len(texts), self.dim), dtype=np.float32)
        done = 0
        for begin in range(0, len(texts), _SLAB):
            slab = texts[begin : begin + _SLAB]
            for rows, vectors in self._runner.run(slab, self._prompts[1], self._batch_tokens):
                out[begin + rows] = vectors
                done += len(rows)
                if progress is not None:
                    progress(done)
        return out

    def encode_query(self, text: str) -> FloatArray:
        """Return the unit vector of a question, shape (dim,), read-only; the last 1024 are remembered. Thread-safe."""
        return self._cached(text)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, without special tokens and uncut."""
        return self._runner.count(texts) if len(texts) else []

    def pieces_per_word(self, text: str) -> float:
        """Return word pieces per word: near 1.3 where the encoder knows the language, 4 and more where it does not.

        A piece that the tokenizer does not know counts as many times as it has letters. Where words are not set apart,
        a word is 2.5 Chinese or Japanese characters or 5 Thai ones, so that an encoder that knows them is seen to.
        """
        found = word_runs(text)
        words = sum(max(1.0, len(_EAST.findall(run)) / 2.5 + len(_SOUTH.findall(run)) / 5) for run in found)
        return sum(self._runner.pieces(found)) / words if found else 0.0

    def _encode_query(self, text: str) -> FloatArray:
        vector = self._runner.question(text, self._prompts[0])
        vector.setflags(write=False)
        return vector
