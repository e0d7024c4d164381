"""How an encoder computes: tokens and vectors of passages in batches, of a question alone; torch when it is needed.

Passages are tokenised once, sorted by length and run in batches of about equal *tokens*, so hardly anything is padded.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

from ..errors import MissingDependencyError
from ..hardware import multiplies_bfloat16
from .bert import Bert
from .files import Layout
from .other import OtherEncoder
from .question import QuestionBert, is_small

if TYPE_CHECKING:
    import torch

__all__ = ["PRECISIONS", "BertRunner", "Machine", "OtherRunner", "Precision", "Runner", "batches"]

FloatArray = npt.NDArray[np.float32]
Precision = Literal["auto", "float32", "bfloat16", "float16"]
PRECISIONS = get_args(Precision)
_BATCH_TOKENS = 2048  # stays in a core's cache: on one AMX core 4096 is a tenth slower, 16384 twice as slow
_BATCH_TOKENS_GPU = 65536


@dataclass(frozen=True)
class Machine:
    """What to compute on and in, as asked for; what torch is asked for once it is loaded."""

    asked: str | None
    precision: Precision

    @cached_property
    def device(self) -> str:
        """The device asked for, else a GPU where there is one. Raises MissingDependencyError."""
        try:
            import torch
        except ImportError as exc:
            raise MissingDependencyError("the encoder", extra="cpu") from exc
        return self.asked or ("cuda" if torch.cuda.is_available() else "cpu")

    @cached_property
    def dtype(self) -> torch.dtype:
        """The type of the weights: as asked, else bfloat16 in hardware, else float32, or float16 on a GPU."""
        device = self.device
        import torch

        name: str = self.precision
        if name == "auto":
            other = "float16" if device.startswith("cuda") else "float32"
            name = "bfloat16" if multiplies_bfloat16(device) else other
        found: torch.dtype = getattr(torch, name)
        return found

    @property
    def leaves_questions_open(self) -> bool:
        """Whether a question may be computed in NumPy: in float32, on the CPU."""
        return self.asked in (None, "cpu") and self.precision in ("auto", "float32")

    def batch_tokens(self, asked: int | None) -> int:
        """Tokens in one batch."""
        return asked or (_BATCH_TOKENS if self.device == "cpu" else _BATCH_TOKENS_GPU)


class Runner(Protocol):
    """Counts tokens, embeds passages in batches (rows and their vectors) and a question alone.

    `pieces` counts a token that stands for something unknown as many times as that has characters.
    """

    dim: int
    special: int
    max_length: int

    def count(self, texts: Sequence[str]) -> list[int]: ...
    def pieces(self, texts: Sequence[str]) -> list[int]: ...
    def run(self, texts: Sequence[str], prompt: str, batch_tokens: int | None) -> Iterator[tuple[Any, FloatArray]]: ...
    def question(self, text: str, prompt: str) -> FloatArray: ...


class BertRunner:
    """Our own forward passes, fed by the tokenizers library."""

    def __init__(self, layout: Layout, machine: Machine) -> None:
        from tokenizers import Tokenizer

        self._layout, self._machine = layout, machine
        self._lock = threading.Lock()
        self._small = machine.leaves_questions_open and is_small(layout)
        self.dim = int(layout.config["hidden_size"])
        self._counter = Tokenizer.from_file(str(layout.transformer / "tokenizer.json"))
        self._counter.no_padding()
        self._counter.no_truncation()
        self.special = self._counter.num_special_tokens_to_add(is_pair=False)
        positions = Bert.positions(layout)
        self.max_length = min(layout.max_length or positions, positions)

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(e.ids) for e in self._counter.encode_batch_fast(list(texts), add_special_tokens=False)]

    def pieces(self, texts: Sequence[str]) -> list[int]:
        unknown = getattr(self._counter.model, "unk_token", None)
        number = self._counter.token_to_id(unknown) if isinstance(unknown, str) else None
        encoded = self._counter.encode_batch(list(texts), add_special_tokens=False)
        return [
            sum(stop - start if token == number else 1 for token, (start, stop) in zip(e.ids, e.offsets, strict=True))
            for e in encoded
        ]

    def run(self, texts: Sequence[str], prompt: str, batch_tokens: int | None) -> Iterator[tuple[Any, FloatArray]]:
        bert = self._bert()
        encoded = self._tokenizer.encode_batch_fast([prompt + text for text in texts] if prompt else list(texts))
        ids = [e.ids for e in encoded]
        for rows in batches([len(i) for i in ids], self._machine.batch_tokens(batch_tokens)):
            yield rows, bert.embed([ids[row] for row in rows])

    def question(self, text: str, prompt: str) -> FloatArray:
        text = prompt + text
        ids = self._counter.encode(text).ids
        if len(ids) > self.max_length:
            ids = self._tokenizer.encode(text).ids
        return self._question_bert().embed(ids) if self._small else self._bert().embed([ids])[0]

    @cached_property
    def _tokenizer(self) -> Any:
        """The tokenizer that cuts what the encoder does not read."""
        from tokenizers import Tokenizer

        cutting = Tokenizer.from_str(self._counter.to_str())
        cutting.enable_truncation(self.max_length)
        return cutting

    def _bert(self) -> Bert:
        with self._lock:
            return self._batch_bert

    def _question_bert(self) -> QuestionBert:
        with self._lock:
            return self._numpy_bert

    @cached_property
    def _batch_bert(self) -> Bert:
        return Bert(self._layout, device=self._machine.device, dtype=self._machine.dtype)

    @cached_property
    def _numpy_bert(self) -> QuestionBert:
        return QuestionBert(self._layout)


class OtherRunner:
    """Any other layout."""

    def __init__(self, layout: Layout, machine: Machine) -> None:
        self._machine = machine
        self._model = OtherEncoder(layout, device=machine.device, dtype=machine.dtype)
        self.dim = self._model.dim
        self.special = self._model.special_tokens()
        self.max_length = self._model.max_length or layout.max_length or 512

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in self._model.token_ids(texts)]

    def pieces(self, texts: Sequence[str]) -> list[int]:
        unknown = self._model.unknown_id()
        found = self._model.token_ids(texts)
        return [
            len(text) if unknown is not None and unknown in ids else len(ids)
            for text, ids in zip(texts, found, strict=True)
        ]

    def run(self, texts: Sequence[str], prompt: str, batch_tokens: int | None) -> Iterator[tuple[Any, FloatArray]]:
        lengths = [min(n + self.special, self.max_length) for n in self.count(texts)]
        for rows in batches(lengths, self._machine.batch_tokens(batch_tokens)):
            yield rows, self._model.embed([texts[row] for row in rows], prompt)

    def question(self, text: str, prompt: str) -> FloatArray:
        vector: FloatArray = self._model.embed([text], prompt)[0]
        return vector


def batches(lengths: Sequence[int], batch_tokens: int) -> Iterator[npt.NDArray[np.int64]]:
    """Yield rows, longest first: rows times the longest stays within `batch_tokens`, or it is one row."""
    order = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
    at = 0
    while at < len(order):
        longest = max(1, lengths[order[at]])
        size = max(1, batch_tokens // longest)
        yield order[at : at + size]
        at += size
