"""A cross-encoder: the encoder's own body, adapted, reading two texts together.

    x       = words + places + marks            marks: which words the two texts share (`flags`)
    W x     = W₀ x + up (down x)                of every layer; merged into W₀ when an adapter is loaded
    pooled  = first token, mean of all, maximum over the first text
    chance  = σ(w · gelu(V pooled))             whether the second text supports, or answers, the first
    span    = two scores of each token          where an answer begins and ends

Low-rank adaptation: Hu et al. 2021 (arXiv:2106.09685).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .flags import flag_tokens

if TYPE_CHECKING:
    import torch

__all__ = ["MATRICES", "Body", "Pair", "Tensors", "merge", "pool", "read_body", "read_pairs", "run"]

Tensors = dict[str, "torch.Tensor"]
MATRICES = ("qkv", "out", "up", "down")  # of each layer
_FIRST_TOKENS = 64  # of the first text at most


@dataclass(frozen=True, slots=True)
class Body:
    """An encoder's weights by name ("0.qkv.weight", …), and its shape."""

    weights: Tensors
    layers: int
    heads: int
    dim: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts as tokens: ids, marks, the side of each token (-1: special), and its offsets in its text."""

    ids: tuple[int, ...]
    marks: tuple[int, ...]
    sides: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]


def read_body(layout: Any, dtype: torch.dtype) -> Body:
    """Read the weights of an encoder of the BERT family. layout: `embedding.files.Layout`."""
    import torch
    from safetensors.torch import load_file

    found = {k.removeprefix("bert."): v for k, v in load_file(layout.transformer / "model.safetensors").items()}
    get = found.__getitem__
    places = get("embeddings.position_embeddings.weight") + get("embeddings.token_type_embeddings.weight")[0]
    weights: Tensors = {
        "words": get("embeddings.word_embeddings.weight"),
        "places": places,
        "norm.weight": get("embeddings.LayerNorm.weight"),
        "norm.bias": get("embeddings.LayerNorm.bias"),
    }
    layers = int(layout.config["num_hidden_layers"])
    names = {
        "out": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm2": "output.LayerNorm",
    }
    for i in range(layers):
        at = f"encoder.layer.{i}"
        for part in ("weight", "bias"):
            three = [get(f"{at}.attention.self.{name}.{part}") for name in ("query", "key", "value")]
            weights[f"{i}.qkv.{part}"] = torch.cat(three)
            for ours, theirs in names.items():
                weights[f"{i}.{ours}.{part}"] = get(f"{at}.{theirs}.{part}")
    made = {name: value.to(dtype).contiguous() for name, value in weights.items()}
    return Body(made, layers, int(layout.config["num_attention_heads"]), int(layout.config["hidden_size"]))


def merge(body: Body, adapter: Mapping[str, torch.Tensor]) -> Body:
    """The body with an adapter's low-rank deltas added to its matrices, and its biases, norms and marks in place."""
    weights = dict(body.weights)
    for name, value in adapter.items():
        kind, _, rest = name.partition(".")
        if kind == "delta":
            weights[rest] = (weights[rest].float() + value.float()).to(weights[rest].dtype)
        elif kind == "lora" and rest.endswith(".in"):
            matrix = rest.removesuffix(".in") + ".weight"
            change = adapter[f"lora.{rest.removesuffix('.in')}.out"].float() @ value.float()
            weights[matrix] = (weights[matrix].float() + change).to(weights[matrix].dtype)
        elif kind in ("marks", "head"):
            weights[name] = value.to(weights["words"].dtype if kind == "marks" else value.float().dtype)
    return Body(weights, body.layers, body.heads, body.dim)


def run(
    body: Body,
    ids: torch.Tensor,
    marks: torch.Tensor,
    mask: torch.Tensor,
    low_rank: Mapping[str, torch.Tensor] | None = None,
) -> torch.Tensor:
    """Hidden states of pairs, shape (n, t, dim). ids, marks: (n, t); mask: (n, t), true where a token is.

    low_rank: an adapter's matrices while it is trained, instead of merged.
    """
    import torch
    from torch.nn.functional import embedding, gelu, layer_norm, linear

    w, (n, t), shape = body.weights, ids.shape, (body.dim,)

    def project(x: torch.Tensor, name: str) -> torch.Tensor:
        y = linear(x, w[f"{name}.weight"], w[f"{name}.bias"])
        if low_rank is not None:
            small = linear(x, low_rank[f"{name}.in"]).flatten(0, 1)
            y = torch.addmm(y.flatten(0, 1), small, low_rank[f"{name}.out"].T).view_as(y)
        return y

    x = embedding(ids, w["words"]) + w["places"][:t] + embedding(marks, w["marks.table"])
    x = layer_norm(x, shape, w["norm.weight"], w["norm.bias"], 1e-12)
    closed = torch.zeros(mask.shape, dtype=x.dtype).masked_fill(~mask, -1e4)[:, None, None, :]
    scale = (body.dim // body.heads) ** -0.5
    for i in range(body.layers):
        q, k, v = project(x, f"{i}.qkv").view(n, t, 3, body.heads, -1).permute(2, 0, 3, 1, 4)
        # written out: on a CPU, at these lengths, torch's fused attention takes ten times as long to go back through
        y = torch.softmax((q * scale) @ k.transpose(-1, -2) + closed, dim=-1) @ v
        y = project(y.transpose(1, 2).reshape(n, t, body.dim), f"{i}.out")
        x = layer_norm(x + y, shape, w[f"{i}.norm1.weight"], w[f"{i}.norm1.bias"], 1e-12)
        y = project(gelu(project(x, f"{i}.up")), f"{i}.down")
        x = layer_norm(x + y, shape, w[f"{i}.norm2.weight"], w[f"{i}.norm2.bias"], 1e-12)
    return x


def pool(hidden: torch.Tensor, mask: torch.Tensor, first: torch.Tensor) -> torch.Tensor:
    """First token, mean and maximum over the first text, shape (n, 3 · dim), in float32. first: (n, t)."""
    import torch

    hidden = hidden.float()
    mean = (hidden * mask[:, :, None]).sum(1) / mask.sum(1)[:, None]
    most = hidden.masked_fill(~first[:, :, None], -1e4).amax(1)
    return torch.cat([hidden[:, 0], mean, most], dim=-1)


def judge(weights: Mapping[str, torch.Tensor], task: str, pooled: torch.Tensor) -> torch.Tensor:
    """Log-odds of each pair, shape (n,), from its pooled states, by the head of a task."""
    from torch.nn.functional import gelu, linear

    inner = gelu(linear(pooled, weights[f"head.{task}.in.weight"], weights[f"head.{task}.in.bias"]))
    return linear(inner, weights[f"head.{task}.out.weight"], weights[f"head.{task}.out.bias"])[:, 0]


def read_pairs(tokenizer: Any, pairs: Sequence[tuple[str, str]], longest: int) -> list[Pair]:
    """Tokenise pairs of texts; the second is cut so that a pair has `longest` tokens at most.

    tokenizer: of the tokenizers library, without truncation and padding.
    """
    found = []
    firsts = tokenizer.encode_batch([a for a, _ in pairs], add_special_tokens=False)
    seconds = tokenizer.encode_batch([b for _, b in pairs], add_special_tokens=False)
    begin, end = (tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]"))
    for (a, b), one, two in zip(pairs, firsts, seconds, strict=True):
        p = min(len(one.ids), _FIRST_TOKENS)
        q = min(len(two.ids), longest - p - 3)
        ids = [begin, *one.ids[:p], end, *two.ids[:q], end]
        offsets = [(0, 0), *one.offsets[:p], (0, 0), *two.offsets[:q], (0, 0)]
        sides = [-1, *[0] * p, -1, *[1] * q, -1]
        marks = flag_tokens(a, b, offsets, [None if s < 0 else s for s in sides])
        found.append(Pair(tuple(ids), tuple(marks.tolist()), tuple(sides), tuple(offsets)))
    return found


def grids(pairs: Sequence[Pair]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """(ids, marks, mask, first), each of shape (n, longest)."""
    import torch

    longest = max(len(p.ids) for p in pairs)
    ids, marks = (np.zeros((len(pairs), longest), dtype=np.int64) for _ in range(2))
    sides = np.full((len(pairs), longest), -2, dtype=np.int64)
    for row, p in enumerate(pairs):
        ids[row, : len(p.ids)], marks[row, : len(p.ids)], sides[row, : len(p.ids)] = p.ids, p.marks, p.sides
    return tuple(map(torch.from_numpy, (ids, marks, sides > -2, sides == 0)))


def batches(pairs: Sequence[Pair], tokens: int) -> Iterator[list[int]]:
    """Positions of pairs of about equal length, within `tokens` a batch."""
    order = sorted(range(len(pairs)), key=lambda i: -len(pairs[i].ids))
    at = 0
    while at < len(order):
        size = max(1, tokens // len(pairs[order[at]].ids))
        yield order[at : at + size]
        at += size
