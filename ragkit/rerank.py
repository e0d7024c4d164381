"""Reordering of hits by a cross-encoder, which reads question and passage together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import MissingDependencyError, NotFoundError

__all__ = ["CrossEncoderReranker"]


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder by name or folder; no code of the model's is run, safetensors only."""

    def __init__(self, name: str, *, device: str | None = None, batch_size: int = 32) -> None:
        try:
            from sentence_transformers import CrossEncoder
        except ImportError as exc:
            raise MissingDependencyError("the reranker", extra="cpu") from exc
        self.name = name
        self._batch_size = batch_size
        try:
            self._model: Any = CrossEncoder(
                name, device=device, trust_remote_code=False, model_kwargs={"use_safetensors": True}
            )
        except (OSError, ValueError, KeyError) as exc:
            raise NotFoundError(
                f"reranker {name!r} cannot be loaded ({type(exc).__name__}); give a folder with a cross-encoder in "
                f"safetensors, or run: hf download {name}"
            ) from exc

    def score(self, query: str, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return how well each text answers `query`, shape (len(texts),); more is better, the scale is the model's."""
        if not texts:
            return np.zeros(0, dtype=np.float32)
        scores = self._model.predict(
            [(query, text) for text in texts], batch_size=self._batch_size, show_progress_bar=False
        )
        out: npt.NDArray[np.float32] = np.asarray(scores, dtype=np.float32).reshape(len(texts), -1)[:, -1]
        return out
