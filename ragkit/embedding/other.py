"""Encoders of any other layout, through the SentenceTransformer class itself (slower to start)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import MissingDependencyError, UsageError
from .files import Layout

if TYPE_CHECKING:
    import torch

__all__ = ["OtherEncoder"]


class OtherEncoder:
    """A SentenceTransformer: no code from the model's folder is run, and only safetensors are read."""

    def __init__(self, layout: Layout, *, device: str, dtype: torch.dtype) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as exc:
            raise MissingDependencyError("this encoder", extra="cpu") from exc
        try:
            self._model: Any = SentenceTransformer(
                str(layout.folder),
                device=device,
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True, "dtype": dtype},
            )
        except (OSError, ValueError, KeyError, RuntimeError) as exc:
            first = str(exc).splitlines()[0] if str(exc) else type(exc).__name__
            raise UsageError(f"encoder {str(layout.folder)!r} cannot be loaded: {first}; choose another") from exc
        self._model.eval()
        dim = self._model.get_embedding_dimension()
        if dim is None:
            raise UsageError(f"encoder {str(layout.folder)!r} does not tell its dimension; choose another")
        self.dim = int(dim)
        self.max_length: int | None = self._model.max_seq_length

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids without special ones, not cut."""
        found: Any = self._model.tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [list(ids) for ids in found["input_ids"]]

    def unknown_id(self) -> int | None:
        """The token that stands for what the tokenizer does not know."""
        found: int | None = self._model.tokenizer.unk_token_id
        return found

    def special_tokens(self) -> int:
        """How many special tokens one text gets."""
        return int(self._model.tokenizer.num_special_tokens_to_add())

    def embed(self, texts: Sequence[str], prompt: str) -> npt.NDArray[np.float32]:
        """Return unit rows of shape (len(texts), dim)."""
        rows = self._model.encode(
            list(texts),
            prompt=prompt or "",
            batch_size=len(texts),
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        out: npt.NDArray[np.float32] = np.asarray(rows, dtype=np.float32)
        return out
