"""Muon for matrices, Adam for the rest, with a state of plain named tensors.

Muon (Jordan et al. 2024) makes each momentum matrix orthogonal by five Newton-Schulz steps; experts are treated as the
separate matrices they are. Embeddings, norms and routers go by Adam (Kingma & Ba 2015).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def orthogonal(update: Tensor, dtype: torch.dtype = torch.bfloat16) -> Tensor:
    """Return (nearly) the closest orthogonal matrix to each matrix of a stack, scaled for its shape."""
    x = update.to(dtype)
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        a = x @ x.mT
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    if tall:
        x = x.mT
    scaled: Tensor = x * max(1.0, x.shape[-2] / x.shape[-1]) ** 0.5
    return scaled


class Optimizer:
    """Steps every parameter of a model; `state` maps "parameter/slot" to a tensor and can be saved as it is."""

    def __init__(
        self, model: nn.Module, *, muon_rate: float = 0.02, adam_rate: float = 4e-3, dtype: torch.dtype = torch.bfloat16
    ) -> None:
        self.dtype = dtype
        self.rates = {"muon": muon_rate, "adam": adam_rate}
        self.parameters = dict(model.named_parameters())
        self.state: dict[str, Tensor] = {}
        for name, p in self.parameters.items():
            self.state[f"{name}/mean"] = torch.zeros_like(p)
            if not self.is_matrix(name, p):
                self.state[f"{name}/square"] = torch.zeros_like(p)
        self.steps = 0

    @staticmethod
    def is_matrix(name: str, parameter: Tensor) -> bool:
        """Return whether Muon steps this parameter."""
        return parameter.dim() > 1 and "embed" not in name and "mlp.gate." not in name

    @torch.no_grad()
    def step(self, scale: float) -> None:
        """Apply the gradients at `scale` times the base rates, and clear them."""
        self.steps += 1
        for name, p in self.parameters.items():
            if p.grad is None:
                continue
            mean = self.state[f"{name}/mean"]
            if self.is_matrix(name, p):
                mean.lerp_(p.grad, 0.05)
                update = p.grad.lerp(mean, 0.95)
                if "gate_up" in name:  # two matrices in one
                    update = update.view(update.shape[0] * 2, update.shape[1] // 2, update.shape[2])
                rate = self.rates["muon"] * scale
                made = orthogonal(update, self.dtype).reshape(p.shape).to(p.dtype)
                p.mul_(1 - rate * 0.01).add_(made, alpha=-rate)
            else:
                square = self.state[f"{name}/square"]
                mean.lerp_(p.grad, 0.1)
                square.lerp_(p.grad.square(), 0.05)
                seen = (square / (1 - 0.95**self.steps)).sqrt_().add_(1e-8)
                p.addcdiv_(mean, seen, value=-self.rates["adam"] * scale / (1 - 0.9**self.steps))
            p.grad = None
