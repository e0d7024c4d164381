"""The forward pass of the BERT family (BERT, RoBERTa, XLM-RoBERTa) over padded batches, and its pooling.

Nearly every small encoder is one of these. Written out it takes a page, starts in the time torch takes to import
(transformers adds seconds; `question` needs neither), projects query, key and value at once and makes no mask where
the batch has one length. The results are sentence-transformers' own; a test holds that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .files import Layout, first_position, plain_name

if TYPE_CHECKING:
    import torch

__all__ = ["Bert", "understands"]

_ACTIVATIONS = {"gelu": "none", "gelu_new": "tanh", "gelu_pytorch_tanh": "tanh"}


def understands(layout: Layout) -> bool:
    """Whether `Bert` computes this encoder: a plain layout, absolute positions, one weights file, a fast tokenizer."""
    config = layout.config
    return (
        layout.plain
        and config.get("model_type") in ("bert", "roberta", "xlm-roberta")
        and config.get("hidden_act", "gelu") in _ACTIVATIONS
        and config.get("position_embedding_type", "absolute") in ("absolute", None)
        and not config.get("is_decoder")
        and "auto_map" not in config
        and (layout.transformer / "model.safetensors").is_file()
        and (layout.transformer / "tokenizer.json").is_file()
    )


class Bert:
    """One encoder's weights on one device. `embed` is thread-safe: nothing is written after construction."""

    def __init__(self, layout: Layout, *, device: str, dtype: torch.dtype) -> None:
        import torch
        from safetensors.torch import load_file

        config = layout.config
        self.dim = int(config["hidden_size"])
        self.pad_id = int(config.get("pad_token_id") or 0)
        self._pooling = layout.pooling
        self._heads = int(config["num_attention_heads"])
        self._eps = float(config.get("layer_norm_eps", 1e-12))
        self._tanh = _ACTIVATIONS[config.get("hidden_act", "gelu")]
        self._first_position = first_position(layout)
        self._device = torch.device(device)
        weights = {plain_name(k): v for k, v in load_file(layout.transformer / "model.safetensors").items()}

        def get(name: str) -> torch.Tensor:
            return weights[name].to(self._device, dtype).contiguous()

        def pair(name: str) -> tuple[torch.Tensor, torch.Tensor]:
            return get(f"{name}.weight"), get(f"{name}.bias")

        self._words = get("embeddings.word_embeddings.weight")
        # position and (first) token type are always added together
        self._places = (
            weights["embeddings.position_embeddings.weight"].float()
            + weights["embeddings.token_type_embeddings.weight"].float()[0]
        ).to(self._device, dtype)
        self._norm = pair("embeddings.LayerNorm")
        self._layers = [_layer(pair, i) for i in range(int(config["num_hidden_layers"]))]

    @staticmethod
    def positions(layout: Layout) -> int:
        """How many tokens the positions reach for."""
        return int(layout.config["max_position_embeddings"]) - first_position(layout)

    def embed(self, batch: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        """Return unit rows of shape (len(batch), dim) for token ids with their special tokens."""
        import torch
        from torch.nn.functional import normalize

        lengths = [len(ids) for ids in batch]
        longest = max(lengths)
        grid = np.full((len(batch), longest), self.pad_id, dtype=np.int64)
        for row, tokens in zip(grid, batch, strict=True):
            row[: len(tokens)] = tokens
        with torch.inference_mode():
            ids = torch.from_numpy(grid).to(self._device)
            mask = None
            if min(lengths) < longest:
                size = torch.tensor(lengths, device=self._device)
                mask = torch.arange(longest, device=self._device) < size[:, None]
            pooled = self._pool(self._hidden(ids, mask), mask)
            rows: npt.NDArray[np.float32] = normalize(pooled, dim=-1).cpu().numpy()
        return rows

    def _hidden(self, ids: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """ids: (n, t); mask: (n, t), true where a token is; returns (n, t, dim)."""
        from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

        n, t = ids.shape
        shape = (self.dim,)
        first = self._first_position
        x = self._words[ids] + self._places[first : first + t]
        x = layer_norm(x, shape, self._norm[0], self._norm[1], self._eps)
        attended = mask[:, None, None, :] if mask is not None else None
        for qkv, out, norm1, up, down, norm2 in self._layers:
            q, k, v = linear(x, *qkv).view(n, t, 3, self._heads, -1).permute(2, 0, 3, 1, 4)
            y = scaled_dot_product_attention(q, k, v, attn_mask=attended)
            y = linear(y.transpose(1, 2).reshape(n, t, self.dim), *out)
            x = layer_norm(x + y, shape, norm1[0], norm1[1], self._eps)
            y = linear(gelu(linear(x, *up), approximate=self._tanh), *down)
            x = layer_norm(x + y, shape, norm2[0], norm2[1], self._eps)
        return x

    def _pool(self, hidden: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Mean, first token or maximum over the tokens that are there; (n, dim) in float32."""
        if self._pooling == "cls":
            return hidden[:, 0].float()
        hidden = hidden.float()
        if self._pooling == "max":
            if mask is not None:
                hidden = hidden.masked_fill(~mask[:, :, None], -1e9)
            return hidden.amax(dim=1)
        if mask is None:
            return hidden.mean(dim=1)
        return (hidden * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1)[:, None]


def _layer(pair: Any, i: int) -> tuple[Any, ...]:
    """The weights of layer `i` with query, key and value stacked."""
    import torch

    at = f"encoder.layer.{i}"
    parts = [pair(f"{at}.attention.self.{name}") for name in ("query", "key", "value")]
    return (
        (torch.cat([w for w, _ in parts]), torch.cat([b for _, b in parts])),
        pair(f"{at}.attention.output.dense"),
        pair(f"{at}.attention.output.LayerNorm"),
        pair(f"{at}.intermediate.dense"),
        pair(f"{at}.output.dense"),
        pair(f"{at}.output.LayerNorm"),
    )
