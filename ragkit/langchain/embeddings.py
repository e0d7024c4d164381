"""ragkit's encoder as LangChain embeddings, and LangChain embeddings as the encoder of an index."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
from langchain_core.embeddings import Embeddings

from ..embedding import DEFAULT_ENCODER, Encoder, EncoderLike, FloatArray
from ..errors import EngineError, UsageError

__all__ = ["EmbeddingsEncoder", "RagkitEmbeddings"]

PROBES = ("The quick brown fox jumps over the lazy dog.", "Договор вступает в силу 1 января.")
PROJECTIONS = 16
BYTES_PER_TOKEN = 4
PIECES_PER_WORD = 1.3
BATCH = 256


class RagkitEmbeddings(Embeddings):
    """Unit vectors of a sentence-transformers model on this machine. encoder: an opened one instead of a name."""

    def __init__(self, model: str = DEFAULT_ENCODER, *, encoder: EncoderLike | None = None) -> None:
        self.model = model if encoder is None else encoder.name
        self._encoder = encoder or Encoder(model)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector for each text."""
        return [[float(x) for x in row] for row in self._encoder.encode(texts)] if texts else []

    def embed_query(self, text: str) -> list[float]:
        """The vector to search with."""
        return [float(x) for x in self._encoder.encode_query(text)]


class EmbeddingsEncoder:
    """What an `Index` asks of an encoder, by LangChain embeddings: ``Index("notes", encoder=EmbeddingsEncoder(e))``.

    name: what tells these embeddings from others (default: their class and model). max_tokens: how long passages may
    be, counted as four bytes a token, for the embeddings tell no tokens. The fingerprint is made of the name and of how
    two probe texts are embedded, coarse enough for a server whose last digits vary: another model is refused later.
    """

    def __init__(self, embeddings: Embeddings, *, name: str = "", max_tokens: int = 256) -> None:
        if max_tokens < 16:
            raise UsageError(f"max_tokens={max_tokens} is below 16; a passage needs room for a sentence")
        self._embeddings = embeddings
        model = getattr(embeddings, "model", None) or getattr(embeddings, "model_name", None)
        parts = ("langchain", type(embeddings).__name__, *([model] if isinstance(model, str) else []))
        self.name = name or ":".join(parts)
        self.max_tokens = max_tokens
        probes = _unit(self._embed(list(PROBES)))
        self.dim = int(probes.shape[1])
        signs = np.random.default_rng(0).choice((-1.0, 1.0), (self.dim, PROJECTIONS))
        coarse = np.rint(2 * probes @ signs).astype(int).tolist()
        self.fingerprint = hashlib.sha256(f"{self.name}\0{self.dim}\0{coarse}".encode()).hexdigest()

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        """Return unit rows of shape (len(texts), dim)."""
        if not texts:
            return np.empty((0, self.dim), np.float32)
        parts = []
        for at in range(0, len(texts), BATCH):
            parts.append(_unit(self._embed(list(texts[at : at + BATCH]))))
            if progress is not None:
                progress(min(at + BATCH, len(texts)))
        rows = np.concatenate(parts)
        if rows.shape != (len(texts), self.dim):
            raise EngineError(
                f"{self.name} gave vectors of shape {rows.shape} for {len(texts)} texts of dim {self.dim}"
            )
        return rows

    def encode_query(self, text: str) -> FloatArray:
        """Return the unit vector of a query, shape (dim,)."""
        try:
            vector = self._embeddings.embed_query(text)
        except Exception as exc:
            raise EngineError(f"the embeddings {self.name} failed: {exc}") from exc
        row: FloatArray = _unit(np.asarray([vector], np.float32))[0]
        return row

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """A guess: four bytes of UTF-8 are a token."""
        return [-(-len(t.encode("utf-8", "replace")) // BYTES_PER_TOKEN) for t in texts]

    def pieces_per_word(self, text: str) -> float:
        """That of a tokenizer which knows the language: the embeddings are trusted in hybrid search."""
        return PIECES_PER_WORD

    def _embed(self, texts: list[str]) -> FloatArray:
        try:
            rows = self._embeddings.embed_documents(texts)
        except Exception as exc:
            raise EngineError(f"the embeddings {getattr(self, 'name', '')} failed: {exc}") from exc
        return np.asarray(rows, np.float32)


def _unit(rows: FloatArray) -> FloatArray:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    out: FloatArray = (rows / np.where(norms > 0, norms, 1)).astype(np.float32)
    return out
