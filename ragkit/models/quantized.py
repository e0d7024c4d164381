"""How many bytes one quantised weight takes, read from the ``quantization_config`` of a ``config.json``.

A weight costs its own bits and its share of what its group keeps in common: a scale of 16 bits, and a zero point
where the format has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import Any

__all__ = ["BITSANDBYTES_4BIT", "bytes_per_weight"]

BITSANDBYTES_4BIT = 0.56
"""Four bits and a float32 scale for 64 of them, rounded."""
MXFP4 = (4 + 8 / 32) / 8
"""Four bits and a scale of eight for 32 of them."""
NVFP4 = (4 + 8 / 16) / 8
"""Four bits and a scale of eight for 16 of them."""


def bytes_per_weight(quantization: Mapping[str, Any]) -> float:
    """Return the mean over the groups of layers where there are several; one byte for a method with no width given.

    >>> bytes_per_weight({"quant_method": "awq", "bits": 4, "group_size": 128})
    0.51953125
    """
    method = str(quantization.get("quant_method")).lower()
    layers = [g.get("weights") for g in (quantization.get("config_groups") or {}).values()]
    if weights := [w for w in layers if w and w.get("num_bits")]:  # compressed-tensors, modelopt
        return fmean(_of_group(w) for w in weights)
    legacy = quantization.get("quantization") or {}
    algorithm = str(quantization.get("quant_algo") or legacy.get("quant_algo") or method).lower()
    if algorithm == "bitsandbytes":
        return 1.0 if quantization.get("load_in_8bit") else BITSANDBYTES_4BIT
    if "mxfp4" in algorithm:
        return MXFP4
    if "fp4" in algorithm:
        return NVFP4
    bits = quantization.get("bits") or (4 if method in {"awq", "gptq"} or "awq" in algorithm else 8)
    if bits == 8 and method not in {"awq", "gptq"}:
        return 1.0
    return _bytes(int(bits), int(quantization.get("group_size") or 128), zero_point=True)


def _of_group(weights: Mapping[str, Any]) -> float:
    bits, size = int(weights["num_bits"]), int(weights.get("group_size") or 0)
    if bits == 4 and weights.get("type") == "float":
        return MXFP4 if size == 32 else NVFP4
    return _bytes(bits, size, zero_point=weights.get("symmetric") is False)


def _bytes(bits: int, group: int, *, zero_point: bool) -> float:
    """group: weights under one scale; 0 or -1 for a whole row or more, whose scale weighs nothing."""
    shared = 16 + bits * zero_point
    return (bits + (shared / group if group > 0 else 0)) / 8
