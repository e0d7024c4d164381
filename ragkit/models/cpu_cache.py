"""What vLLM gets of a computer without a GPU: the memory there is, the cache for keys and values, the window it holds.

The engine starts by these sums (`engines.vllm.settings`), and `ragkit plan` answers by them.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import EngineError
from .facts import ModelFacts

__all__ = [
    "BLOCK_TOKENS",
    "GIB",
    "cache_bytes",
    "default_window",
    "free_bytes",
    "held_tokens",
    "least_window",
    "machine_bytes",
    "start_window",
    "weight_bytes",
]

GIB = 2**30
BLOCK_TOKENS = 32
MEMORY_SHARE = 0.9
RUNTIME_BYTES = 2 * GIB
"""For Python, the libraries and the activations."""
LEAST_CACHE = 256 * 2**20
FULL_WINDOWS = 32
UNKNOWN_CACHE = 4 * GIB
"""For a model of unknown sizes."""
LONGEST_WINDOW = 16384
"""Tokens; on a CPU a longer window is beyond patience, unless somebody asks for it."""
LEAST_WINDOW = 2048
"""Tokens; a shorter one has no room for passages, a thought and an answer."""


def machine_bytes(groups: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> int:
    """Return the memory of this machine, or the container's limit where that is less (cgroup v2 and v1).

    own: lists this process's groups, ``0::/a/b`` in v2 and ``4:memory:/a/b`` in v1; a limit of `/a` holds in `/a/b`.
    """
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    try:
        lines = own.read_text("utf-8").splitlines()
    except OSError:
        lines = []
    for line in ["0::/", "0:memory:/", *lines]:
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        root, name = (groups / "memory", "memory.limit_in_bytes") if controllers else (groups, "memory.max")
        inside = Path(path.lstrip("/"))
        limits += [n for part in (inside, *inside.parents) if (n := _limit(root / part / name))]
    return min(limits)


def weight_bytes(facts: ModelFacts, dtype: str) -> int:
    """Bytes of the weights when loaded as `dtype`; "auto" is what the facts count."""
    return facts.weight_bytes * (2 if dtype == "float32" and facts.quantization is None else 1)


def free_bytes(facts: ModelFacts, dtype: str, *, memory: int) -> int:
    """What a machine of `memory` bytes has left beside the weights and the runtime; below 0 if they do not fit."""
    return int(memory * MEMORY_SHARE) - RUNTIME_BYTES - weight_bytes(facts, dtype)


def cache_bytes(facts: ModelFacts | None, dtype: str, *, memory: int, window: int) -> int:
    """Return the size of the cache: 32 full windows of `window` tokens, but at least 256 MiB.

    Never more than a quarter of the memory, nor than the weights leave of it.
    """
    if facts is None:
        return max(LEAST_CACHE, min(UNKNOWN_CACHE, memory // 4))
    wanted = FULL_WINDOWS * window * _token_bytes(facts, dtype)
    return max(LEAST_CACHE, min(wanted, memory // 4, free_bytes(facts, dtype, memory=memory)))


def default_window(facts: ModelFacts) -> int:
    """Tokens of the window when nobody asks for another and the cache holds it."""
    return min(facts.context_tokens, LONGEST_WINDOW)


def least_window(facts: ModelFacts) -> int:
    """Tokens below which the engine does not start of itself."""
    return min(facts.context_tokens, LEAST_WINDOW)


def held_tokens(facts: ModelFacts, dtype: str, cache: int, *, block: int = BLOCK_TOKENS) -> int:
    """Return how many tokens a cache of `cache` bytes holds; vLLM keeps one block of it to itself."""
    return max(0, cache // (_token_bytes(facts, dtype) * block) - 1) * block


def start_window(facts: ModelFacts, dtype: str, cache: int, *, block: int = BLOCK_TOKENS) -> int:
    """Return the window that the engine starts with: the default one, or what fits the cache.

    Raises EngineError if that is below the least window.
    """
    held = held_tokens(facts, dtype, cache, block=block)
    if held < least_window(facts):
        raise EngineError(
            f"a cache of {cache / GIB:.2f} GiB holds {held:,} tokens of {facts.architecture}, below the "
            f"{least_window(facts):,} that a question with its passages takes; "
            "set max_model_len or kv_cache_gib, take a smaller model, or more memory"
        )
    return min(default_window(facts), held)


def _token_bytes(facts: ModelFacts, dtype: str) -> int:
    return facts.kv_bytes_per_token * (2 if dtype == "float32" else 1)


def _limit(file: Path) -> int | None:
    """None where there is no file, or it says "max"."""
    try:
        return int(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
