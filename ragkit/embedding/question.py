"""The forward pass of `Bert` for one question at a time, in NumPy, so that a question need not wait for torch.

Importing torch takes longer than everything else that a search does. One question is a dozen tokens: its time is that
of reading the weights once, which NumPy's matrix products do as fast as torch's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .files import Layout, first_position, plain_name

__all__ = ["QuestionBert", "is_small"]

FloatArray = npt.NDArray[np.float32]


MOST_PARAMETERS = 32_000_000  # in the layers: all-MiniLM-L6 has 11, multilingual-e5-small 21, bge-base 85 million
_TYPES = ("F32", "F16")  # NumPy has no bfloat16


def is_small(layout: Layout) -> bool:
    """Whether one question takes NumPy a few milliseconds, so that torch is not worth its import."""
    from safetensors import safe_open

    size, layers = int(layout.config["hidden_size"]), int(layout.config["num_hidden_layers"])
    wide = int(layout.config.get("intermediate_size", 4 * size))
    if layers * (4 * size * size + 2 * size * wide) > MOST_PARAMETERS:
        return False
    file: Any
    with safe_open(str(layout.transformer / "model.safetensors"), framework="np") as file:
        return all(file.get_slice(name).get_dtype() in _TYPES for name in list(file.keys()) if name.endswith("weight"))


class QuestionBert:
    """One encoder's weights in float32; word embeddings stay in their file. Thread-safe: nothing changes later."""

    def __init__(self, layout: Layout) -> None:
        from safetensors import safe_open

        config = layout.config
        self._pooling = layout.pooling
        self._heads = int(config["num_attention_heads"])
        self._eps = float(config.get("layer_norm_eps", 1e-12))
        self._gelu = _gelu if config.get("hidden_act", "gelu") == "gelu" else _gelu_tanh
        self._first_position = first_position(layout)
        file: Any = safe_open(str(layout.transformer / "model.safetensors"), framework="np")
        self._file = file
        self._names = {plain_name(name): name for name in list(file.keys())}
        self._words = file.get_slice(self._names["embeddings.word_embeddings.weight"])
        self._places = self._read("embeddings.position_embeddings.weight")
        self._places = self._places + self._read("embeddings.token_type_embeddings.weight")[0]
        self._norm = self._pair("embeddings.LayerNorm")
        self._layers = [self._layer(i) for i in range(int(config["num_hidden_layers"]))]

    def embed(self, ids: Sequence[int]) -> FloatArray:
        """Return the unit vector, shape (dim,), of token ids with their special tokens."""
        words = np.concatenate([self._words[i : i + 1] for i in ids]).astype(np.float32)
        first = self._first_position
        x = self._normalised(words + self._places[first : first + len(ids)], self._norm)
        for query, key, value, out, norm1, up, down, norm2 in self._layers:
            y = _linear(self._attended(_linear(x, query), _linear(x, key), _linear(x, value)), out)
            x = self._normalised(x + y, norm1)
            x = self._normalised(x + _linear(self._gelu(_linear(x, up)), down), norm2)
        pooled = {"cls": x[0], "max": x.max(axis=0)}.get(self._pooling, x.mean(axis=0))
        return np.asarray(pooled / max(float(np.linalg.norm(pooled)), 1e-12), dtype=np.float32)

    def _attended(self, query: FloatArray, key: FloatArray, value: FloatArray) -> FloatArray:
        """Attention of each head over all tokens; (t, dim) in and out."""
        t, dim = query.shape
        q, k, v = (a.reshape(t, self._heads, -1).transpose(1, 0, 2) for a in (query, key, value))
        scores = q @ k.transpose(0, 2, 1) / np.float32(np.sqrt(dim // self._heads))
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        attended: FloatArray = (weights @ v).transpose(1, 0, 2).reshape(t, dim)
        return attended

    def _normalised(self, x: FloatArray, norm: tuple[FloatArray, FloatArray]) -> FloatArray:
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt(np.mean(centred * centred, axis=-1, keepdims=True) + np.float32(self._eps))
        out: FloatArray = centred / spread * norm[0] + norm[1]
        return out

    def _layer(self, number: int) -> list[tuple[FloatArray, FloatArray]]:
        parts = (
            "attention.self.query",
            "attention.self.key",
            "attention.self.value",
            "attention.output.dense",
            "attention.output.LayerNorm",
            "intermediate.dense",
            "output.dense",
            "output.LayerNorm",
        )
        return [self._pair(f"encoder.layer.{number}.{part}") for part in parts]

    def _pair(self, name: str) -> tuple[FloatArray, FloatArray]:
        return self._read(f"{name}.weight"), self._read(f"{name}.bias")

    def _read(self, name: str) -> FloatArray:
        found: FloatArray = self._file.get_tensor(self._names[name]).astype(np.float32, copy=False)
        return found


def _linear(x: FloatArray, pair: tuple[FloatArray, FloatArray]) -> FloatArray:
    out: FloatArray = x @ pair[0].T + pair[1]
    return out


def _gelu(x: FloatArray) -> FloatArray:
    """x · Φ(x), with the error function by Abramowitz & Stegun 7.1.26, right to 1.5e-7."""
    z = np.abs(x) * np.float32(0.7071067811865476)
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    erf = np.sign(x) * (1 - series * np.exp(-z * z))
    return np.asarray(0.5 * x * (1 + erf), dtype=np.float32)


def _gelu_tanh(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    cubic = np.float32(0.7978845608028654) * (x + np.float32(0.044715) * x * x * x)
    return np.asarray(0.5 * x * (1 + np.tanh(cubic)), dtype=np.float32)
