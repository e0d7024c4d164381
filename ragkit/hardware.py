"""What this machine's processors multiply well."""

from __future__ import annotations

__all__ = ["multiplies_bfloat16"]


def multiplies_bfloat16(device: str = "cpu") -> bool:
    """Whether `device` ("cpu", "cuda", "cuda:1", ...) multiplies bfloat16 in hardware.

    CPUs without AMX or AVX512-BF16 emulate it, up to twenty times slower than float32.
    """
    import torch

    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported())
    checks = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return device == "cpu" and any(getattr(torch.cpu, check, bool)() for check in checks)
