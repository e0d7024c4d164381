"""What must be so in a process before vLLM starts in it: environment, warnings, leave to use the processor's tiles."""

from __future__ import annotations

import contextlib
import importlib.metadata
import logging
import os
import warnings
from collections.abc import Iterator

__all__ = ["allow_amx", "first_line", "is_cuda_build", "quiet_imports", "set_environment"]


def set_environment(*, compiled: bool) -> None:
    """In process, no usage statistics, quiet; a value that the user has set stays."""
    os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
    for name, value in {
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        "VLLM_LOGGING_LEVEL": "ERROR",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        **({} if compiled else {"TORCHDYNAMO_DISABLE": "1"}),  # the first log-probabilities would compile for 5 s
    }.items():
        os.environ.setdefault(name, value)


def allow_amx() -> None:
    """Ask the system for leave to use the AMX registers.

    vLLM 0.32 leaves that to chance: if the first prompt of a process has one token, it dies of an illegal instruction.
    """
    import torch

    ask = getattr(torch.cpu, "_init_amx", None)
    if ask is not None:
        ask()


def is_cuda_build() -> bool:
    """Whether the CUDA build of vLLM is installed; told without importing it."""
    try:
        importlib.metadata.distribution("vllm-cpu")
    except importlib.metadata.PackageNotFoundError:
        return True
    return False


def first_line(exc: BaseException) -> str:
    return (str(exc).strip() or type(exc).__name__).splitlines()[0]


@contextlib.contextmanager
def quiet_imports() -> Iterator[None]:
    """vLLM and its parts warn about each other on import and start; that is nothing a user can act on."""
    triton = logging.getLogger("torch._library.triton")
    level = triton.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        triton.setLevel(logging.ERROR)
        try:
            yield
        finally:
            triton.setLevel(level)
