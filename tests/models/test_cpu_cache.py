"""The cache and the window on a CPU: what vLLM accepts, on machines and in containers of every size."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ragkit.engines import VLLMSettings
from ragkit.engines.vllm import settings as vllm_settings
from ragkit.engines.vllm.settings import engine_arguments
from ragkit.errors import EngineError
from ragkit.models import facts
from ragkit.models.cpu_cache import (
    GIB,
    cache_bytes,
    free_bytes,
    held_tokens,
    least_window,
    machine_bytes,
    start_window,
)
from ragkit.models.facts import facts_of
from ragkit.models.plan import plan_for

from ..published import LLAMA_8B, QWEN3_06B

HOST = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
UNLIMITED_V1 = "9223372036854771712"


@pytest.fixture(autouse=True)
def emulated_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "multiplies_bfloat16", lambda: False)


def arguments(folder: Path, memory_gib: float, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> dict[str, Any]:
    (folder / "config.json").write_text(json.dumps(QWEN3_06B))
    monkeypatch.setattr(vllm_settings, "machine_bytes", lambda: int(memory_gib * GIB))
    return engine_arguments(folder, VLLMSettings(**settings), cpu=True)


def needed_bytes(window: int, *, token: int, block: int = 32) -> int:
    """What vLLM wants for one window: whole blocks, and one that it keeps to itself."""
    return (-(-window // block) + 1) * block * token


@pytest.mark.parametrize("memory_gib", [6, 8, 12, 16, 64])
def test_one_window_always_fits_the_cache(memory_gib: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = arguments(tmp_path, memory_gib, monkeypatch)
    assert given["dtype"] == "float32"
    window, cache = given["max_model_len"], given["kv_cache_memory_bytes"]
    assert needed_bytes(window, token=2 * 114_688) <= cache <= memory_gib * GIB / 4
    assert 2048 <= window <= 16384
    assert window == 16384 or needed_bytes(window + 32, token=2 * 114_688) > cache


@pytest.mark.parametrize("memory_gib", [8, 16, 64])
def test_the_plan_says_the_window_that_the_engine_takes(
    memory_gib: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = arguments(tmp_path, memory_gib, monkeypatch)
    made = plan_for("m", facts_of(QWEN3_06B), memory_gib=memory_gib, chunks=0)
    assert (made.context_tokens, made.cache_bytes) == (given["max_model_len"], given["kv_cache_memory_bytes"])
    assert (made.dtype, made.weight_bytes) == ("float32", 2 * 2 * 596_049_920)


def test_a_window_or_a_cache_that_was_chosen_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert arguments(tmp_path, 8, monkeypatch, max_model_len=16384)["max_model_len"] == 16384
    given = arguments(tmp_path, 8, monkeypatch, kv_cache_gib=1, block_tokens=16)
    assert given["kv_cache_memory_bytes"] == GIB
    assert given["max_model_len"] == (GIB // (2 * 114_688 * 16) - 1) * 16


def test_a_machine_too_small_for_the_least_window_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EngineError, match=r"holds 1,120 tokens .* below the 2,048 .*max_model_len") as caught:
        arguments(tmp_path, 4, monkeypatch)
    assert "\n" not in str(caught.value)
    assert arguments(tmp_path, 4, monkeypatch, max_model_len=1024)["max_model_len"] == 1024
    assert not plan_for("m", facts_of(QWEN3_06B), memory_gib=4).fits


def test_large_weights_leave_the_cache_what_they_can() -> None:
    big = facts_of(LLAMA_8B)
    memory = 20 * GIB
    assert cache_bytes(big, "auto", memory=memory, window=16384) == free_bytes(big, "auto", memory=memory) < memory // 4
    assert cache_bytes(big, "auto", memory=16 * GIB, window=16384) == 256 * 2**20
    assert cache_bytes(None, "auto", memory=64 * GIB, window=0) == 4 * GIB


def test_a_model_with_a_short_window_starts_with_it() -> None:
    short = facts_of({**QWEN3_06B, "max_position_embeddings": 1024})
    assert least_window(short) == start_window(short, "auto", GIB) == 1024
    assert held_tokens(short, "auto", -GIB) == 0


def groups(folder: Path, **limits: str) -> Path:
    for name, limit in limits.items():
        path = folder / name.replace("__", "/")
        path.mkdir(parents=True, exist_ok=True)
        file = "memory.limit_in_bytes" if name.startswith("memory") else "memory.max"
        (path / file).write_text(f"{limit}\n")
    return folder


def test_the_memory_is_the_machines_where_nothing_limits_it(tmp_path: Path) -> None:
    own = tmp_path / "own"
    assert machine_bytes(tmp_path, own) == HOST
    own.write_text("4:memory:/a\n1:name=systemd:/b\n0::/c\n")
    limits = groups(tmp_path / "groups", memory__a=UNLIMITED_V1, memory=UNLIMITED_V1, c="max")
    assert machine_bytes(limits, own) == HOST


@pytest.mark.parametrize("place", ["memory", "memory__a", "memory__a__b", "c", "c__d"])
def test_a_containers_limit_holds_below_it_too(place: str, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("9:cpu,cpuacct:/x\n4:blkio,memory:/a/b\n0::/c/d\n")
    assert machine_bytes(groups(tmp_path / "groups", **{place: str(HOST // 2)}), own) == HOST // 2


def test_a_container_that_sees_its_own_group_as_the_root_is_limited_by_it(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text(str(HOST // 4))
    (tmp_path / "own").write_text("0::/\n")
    assert machine_bytes(tmp_path, tmp_path / "own") == HOST // 4
    assert machine_bytes(tmp_path, tmp_path / "none") == HOST // 4
