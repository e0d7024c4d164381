"""Texts to unit vectors: one encoder, its token counts, its fingerprint.

Passages are tokenised once, sorted by length and run in batches of about equal *tokens*, so hardly anything is padded.
On CPUs that multiply bfloat16 in hardware (AMX, AVX512-BF16) the weights are bfloat16: three times as fast, the same
hits; `precision="float32"` turns that off. Vectors are float32 either way, and the fingerprint is the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from ..errors import MissingDependencyError, UsageError
from ..hardware import multiplies_bfloat16
from .bert import Bert, understands
from .files import DEFAULT_ENCODER, Layout, find_encoder, fingerprint, read_layout
from .other import OtherEncoder

if TYPE_CHECKING:
    import torch

__all__ = ["DEFAULT_ENCODER", "Encoder", "EncoderLike", "FloatArray", "Precision"]

FloatArray = npt.NDArray[np.float32]
Precision = Literal["auto", "float32", "bfloat16", "float16"]

_QUERY_CACHE = 1024
_BATCH_TOKENS = 2048  # stays in a core's cache: on one AMX core 4096 is a tenth slower, 16384 twice as slow
_BATCH_TOKENS_GPU = 65536
_SLAB = 4096  # texts tokenised and sorted at a time: bounds memory, and progress moves
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")  # Thai, kana, Han


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
    `device` and `precision`: what it runs on and in.
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
        layout = read_layout(find_encoder(name))
        self.fingerprint = fingerprint(layout)
        try:
            import torch
        except ImportError as exc:
            raise MissingDependencyError("the encoder", extra="cpu") from exc
        self.device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self._batch_tokens = batch_tokens or (_BATCH_TOKENS if self.device == "cpu" else _BATCH_TOKENS_GPU)
        self._prompts = (layout.query_prompt, layout.document_prompt)
        dtype = _dtype(precision, self.device)
        self.precision = str(dtype).removeprefix("torch.")
        self._runner: _Runner
        if understands(layout):
            self._runner = _BertRunner(layout, device=self.device, dtype=dtype)
        else:
            self._runner = _OtherRunner(layout, device=self.device, dtype=dtype)
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

        Scripts without spaces count 2.5 characters as a word, so that an encoder that knows them is seen to.
        """
        found = _WORD.findall(text)
        words = sum(max(1.0, len(_UNSPACED.findall(run)) / 2.5) for run in found)
        return sum(self.count_tokens(found)) / words if found else 0.0

    def _encode_query(self, text: str) -> FloatArray:
        [(_, vectors)] = self._runner.run([text], self._prompts[0], self._batch_tokens)
        vector: FloatArray = vectors[0]
        vector.setflags(write=False)
        return vector


class _Runner(Protocol):
    dim: int
    special: int
    max_length: int

    def count(self, texts: Sequence[str]) -> list[int]: ...
    def run(self, texts: Sequence[str], prompt: str, batch_tokens: int) -> Iterator[tuple[Any, FloatArray]]: ...


class _BertRunner:
    """Our own forward pass, fed by the tokenizers library."""

    def __init__(self, layout: Layout, *, device: str, dtype: torch.dtype) -> None:
        from tokenizers import Tokenizer

        self._bert = Bert(layout, device=device, dtype=dtype)
        self.dim = self._bert.dim
        self._counter = Tokenizer.from_file(str(layout.transformer / "tokenizer.json"))
        self._counter.no_padding()
        self._counter.no_truncation()
        self.special = self._counter.num_special_tokens_to_add(is_pair=False)
        self.max_length = min(layout.max_length or self._bert.max_positions, self._bert.max_positions)
        self._tokenizer = Tokenizer.from_str(self._counter.to_str())
        self._tokenizer.enable_truncation(self.max_length)

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(e.ids) for e in self._counter.encode_batch_fast(list(texts), add_special_tokens=False)]

    def run(self, texts: Sequence[str], prompt: str, batch_tokens: int) -> Iterator[tuple[Any, FloatArray]]:
        encoded = self._tokenizer.encode_batch_fast([prompt + text for text in texts] if prompt else list(texts))
        ids = [e.ids for e in encoded]
        for rows in batches([len(i) for i in ids], batch_tokens):
            yield rows, self._bert.embed([ids[row] for row in rows])


class _OtherRunner:
    """Any other layout."""

    def __init__(self, layout: Layout, *, device: str, dtype: torch.dtype) -> None:
        self._model = OtherEncoder(layout, device=device, dtype=dtype)
        self.dim = self._model.dim
        self.special = self._model.special_tokens()
        self.max_length = self._model.max_length or layout.max_length or 512

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in self._model.token_ids(texts)]

    def run(self, texts: Sequence[str], prompt: str, batch_tokens: int) -> Iterator[tuple[Any, FloatArray]]:
        for rows in batches([min(n + self.special, self.max_length) for n in self.count(texts)], batch_tokens):
            yield rows, self._model.embed([texts[row] for row in rows], prompt)


def batches(lengths: Sequence[int], batch_tokens: int) -> Iterator[npt.NDArray[np.int64]]:
    """Yield rows, longest first: rows times the longest stays within `batch_tokens`, or it is one row."""
    order = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
    at = 0
    while at < len(order):
        longest = max(1, lengths[order[at]])
        size = max(1, batch_tokens // longest)
        yield order[at : at + size]
        at += size


def _dtype(precision: Precision, device: str) -> torch.dtype:
    """The type of the weights: as asked, else bfloat16 in hardware, else float32, or float16 on a GPU."""
    import torch

    if precision not in ("auto", "float32", "bfloat16", "float16"):
        raise UsageError(f"precision={precision!r} is not known; give auto, float32, bfloat16 or float16")
    name: str = precision
    if precision == "auto":
        other = "float16" if device.startswith("cuda") else "float32"
        name = "bfloat16" if multiplies_bfloat16(device) else other
    found: torch.dtype = getattr(torch, name)
    return found
