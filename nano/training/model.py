"""The reader as it is trained: Qwen3-MoE with every expert computed at once and a mask for packed rows.

Parameter names and shapes are those of `transformers.Qwen3MoeForCausalLM`, so a state dict moves over unchanged. Two
things differ, for speed on a small machine: all experts run as two large products with the routing weights zeroed
outside the top-k, and attention is written out in query chunks (the fused CPU kernel is slow backwards). A row may hold
several texts, and several questions about one text: `documents` and `segments` say who sees whom.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

HIDDEN_BY_MASK = -30000.0


@dataclass(frozen=True, slots=True)
class NanoConfig:
    """The sizes of the model; about 3 million parameters by default."""

    vocab_size: int
    hidden_size: int = 256
    layers: int = 4
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 64
    experts: int = 8
    experts_per_token: int = 2
    expert_size: int = 64
    max_positions: int = 4096
    rope_theta: float = 10000.0

    def to_dict(self) -> dict[str, Any]:
        """Return the sizes as plain values."""
        return asdict(self)


class RMSNorm(nn.Module):
    """Root-mean-square norm with a learnt scale."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), 1e-6)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn the halves of each head by its position; x: (batch, length, heads, head_dim)."""
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class Attention(nn.Module):
    """Grouped-query attention with normalised queries and keys, in chunks of queries."""

    chunk = 128

    def __init__(self, c: NanoConfig) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = c.heads, c.kv_heads, c.head_dim
        self.q_proj = nn.Linear(c.hidden_size, c.heads * c.head_dim, bias=False)
        self.k_proj = nn.Linear(c.hidden_size, c.kv_heads * c.head_dim, bias=False)
        self.v_proj = nn.Linear(c.hidden_size, c.kv_heads * c.head_dim, bias=False)
        self.o_proj = nn.Linear(c.heads * c.head_dim, c.hidden_size, bias=False)
        self.q_norm = RMSNorm(c.head_dim)
        self.k_norm = RMSNorm(c.head_dim)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, bias: Tensor) -> Tensor:
        """x: (batch, length, hidden); bias: (batch, 1, length, length), 0 where seen."""
        batch, length, _ = x.shape
        weight = torch.cat([self.q_proj.weight, self.k_proj.weight, self.v_proj.weight]).to(x.dtype)
        rows = F.linear(x, weight).view(batch, length, self.heads + 2 * self.kv_heads, self.head_dim)
        q, k, v = torch.split(rows, [self.heads, self.kv_heads, self.kv_heads], 2)
        q = rotate(self.q_norm(q), cos, sin).transpose(1, 2) * self.head_dim**-0.5
        k = rotate(self.k_norm(k), cos, sin).transpose(1, 2)
        v = v.transpose(1, 2)
        repeat = self.heads // self.kv_heads
        k, v = k.repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1)
        parts = []
        for start in range(0, length, self.chunk):
            end = min(length, start + self.chunk)
            scores = q[:, :, start:end] @ k[:, :, :end].transpose(-1, -2) + bias[:, :, start:end, :end]
            parts.append(scores.float().softmax(-1).to(x.dtype) @ v[:, :, :end])
        mixed = torch.cat(parts, 2).transpose(1, 2).reshape(batch, length, -1)
        return F.linear(mixed, self.o_proj.weight.to(x.dtype))


class Experts(nn.Module):
    """The weights of all experts, stacked."""

    def __init__(self, c: NanoConfig) -> None:
        super().__init__()
        self.gate_up_proj = nn.Parameter(torch.empty(c.experts, 2 * c.expert_size, c.hidden_size))
        self.down_proj = nn.Parameter(torch.empty(c.experts, c.hidden_size, c.expert_size))


class Router(nn.Module):
    """The weights that choose experts."""

    def __init__(self, c: NanoConfig) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(c.experts, c.hidden_size))


class MixtureOfExperts(nn.Module):
    """Top-k experts per token, computed densely; returns the balance loss (Switch Transformer, eq. 4) beside."""

    def __init__(self, c: NanoConfig) -> None:
        super().__init__()
        self.config = c
        self.experts = Experts(c)
        self.gate = Router(c)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        c = self.config
        shape = x.shape
        x = x.reshape(-1, c.hidden_size)
        chances = F.linear(x.float(), self.gate.weight.float()).softmax(-1)
        best, chosen = chances.topk(c.experts_per_token, -1)
        weights = torch.zeros_like(chances).scatter(1, chosen, best / best.sum(-1, keepdim=True))
        share = (weights > 0).float().mean(0) / c.experts_per_token
        balance = c.experts * (share * chances.mean(0)).sum()
        up = self.experts.gate_up_proj.to(x.dtype).reshape(-1, c.hidden_size)
        hidden = F.linear(x, up).view(-1, c.experts, 2, c.expert_size)
        hidden = F.silu(hidden[:, :, 0]) * hidden[:, :, 1] * weights.to(x.dtype).unsqueeze(-1)
        down = self.experts.down_proj.to(x.dtype).permute(1, 0, 2).reshape(c.hidden_size, -1)
        return F.linear(hidden.reshape(x.shape[0], -1), down).view(shape), balance


class Layer(nn.Module):
    """Attention, then experts, each behind a norm and added to the stream."""

    def __init__(self, c: NanoConfig) -> None:
        super().__init__()
        self.self_attn = Attention(c)
        self.mlp = MixtureOfExperts(c)
        self.input_layernorm = RMSNorm(c.hidden_size)
        self.post_attention_layernorm = RMSNorm(c.hidden_size)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, bias)
        mixed, balance = self.mlp(self.post_attention_layernorm(x))
        return x + mixed, balance


class Body(nn.Module):
    """Embeddings, layers and the last norm, under the names transformers uses."""

    def __init__(self, c: NanoConfig) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(c.vocab_size, c.hidden_size)
        self.layers = nn.ModuleList(Layer(c) for _ in range(c.layers))
        self.norm = RMSNorm(c.hidden_size)


class Nano(nn.Module):
    """The whole reader; input and output embeddings are tied."""

    def __init__(self, config: NanoConfig) -> None:
        super().__init__()
        self.config = config
        self.compute_dtype = torch.bfloat16
        self.model = Body(config)
        for name, weight in self.named_parameters():
            if weight.dim() > 1:
                inside = "o_proj" in name or "down_proj" in name
                scale = 0.02 if "embed" in name else weight.shape[-1] ** -0.5
                nn.init.normal_(weight, std=scale / (2 * config.layers) ** 0.5 if inside else scale)
        half = torch.arange(0, config.head_dim, 2).float() / config.head_dim
        angles = torch.arange(config.max_positions).float()[:, None] * config.rope_theta**-half
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def hidden(self, ids: Tensor, positions: Tensor, documents: Tensor, segments: Tensor) -> tuple[Tensor, Tensor]:
        """Return the last hidden states in `compute_dtype`, (batch, length, hidden), and the balance loss.

        All arguments are int64, (batch, length). A token sees earlier ones of its own document that are of segment 0
        (the shared passages) or of its own segment.
        """
        x = F.embedding(ids, self.model.embed_tokens.weight).to(self.compute_dtype)
        cos = self.cos[positions].unsqueeze(2).to(x.dtype)
        sin = self.sin[positions].unsqueeze(2).to(x.dtype)
        order = torch.arange(ids.shape[1], device=ids.device)
        seen = (documents[:, :, None] == documents[:, None]) & (order[:, None] >= order)
        seen &= (segments[:, None] == 0) | (segments[:, :, None] == segments[:, None])
        bias = torch.where(seen, 0.0, HIDDEN_BY_MASK).to(x.dtype).unsqueeze(1)
        balance = torch.zeros((), device=ids.device)
        for layer in self.model.layers:
            x, extra = layer(x, cos, sin, bias)
            balance = balance + extra
        return self.model.norm(x), balance

    def logits(self, hidden: Tensor) -> Tensor:
        """Return float32 scores over the vocabulary for hidden states of any leading shape."""
        return F.linear(hidden, self.model.embed_tokens.weight.to(hidden.dtype)).float()
