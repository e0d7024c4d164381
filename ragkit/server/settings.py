"""What a service may be told when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError

__all__ = ["EXTRACTIVE", "MIB", "ServiceSettings"]

MIB = 1024 * 1024
EXTRACTIVE = "extractive"  # the model that is none: sentences of the documents, word for word


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """What `ragkit serve` was told; None leaves it to ragkit.toml and RAGKIT_*.

    users: people log in, each with a home of their own. max_running: questions answered at once. max_waiting: places in
    the line behind them. per_minute: questions of one user within a minute, 0: no limit. max_upload_mb: of one
    file, in MiB; max_uploads: files of one request.
    """

    home: Path | None = None
    index: str | None = None
    model: str | None = None
    strategy: str | None = None
    users: bool = False
    max_running: int = 16
    max_waiting: int = 64
    per_minute: int = 60
    max_upload_mb: int = 100
    max_uploads: int = 1000

    def __post_init__(self) -> None:
        least = {"max_waiting": 0, "per_minute": 0}
        for name in (
            "max_running",
            "max_waiting",
            "per_minute",
            "max_upload_mb",
            "max_uploads",
        ):
            if getattr(self, name) < least.get(name, 1):
                raise UsageError(f"{name}={getattr(self, name)} is below {least.get(name, 1)}; give that or more")
