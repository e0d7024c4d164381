"""A run's folder: what was trained on what, the curve, the checkpoints, and at its top the adapter that was kept.

tuned.json          base and its hash, set and its hash, options; written first
curve.jsonl         {"step", "loss"} or {"step", "dev_loss"} a line
checkpoints/        gone when the run is done
result.json         the losses and the gate's verdict; last: its existence means that the run is done
adapter_config.json, adapter_model.safetensors      kept; else the same in refused/
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ..errors import EngineError, IndexLockedError, UsageError
from ..models.adapters import TUNED

__all__ = ["Curve", "TuneRun", "disk_told", "last_checkpoint"]

_FULL = ("PytorchStreamWriter", os.strerror(errno.ENOSPC))  # what torch says of a disk
STATE = "trainer_state.json"  # the trainer writes it last


class TuneRun:
    """A folder that one process trains in. Opening an existing one goes on with it, if it is the same training."""

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        self.folder = folder
        with disk_told(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(folder / "write.lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise IndexLockedError(f"another process is training in {folder}; wait for it to end") from None
        try:
            self._begin(json.loads(json.dumps(about)))
        except BaseException:
            self._lock.release()
            raise

    def _begin(self, about: dict[str, Any]) -> None:
        path = self.folder / TUNED
        if not path.exists():
            if any(p.name not in ("write.lock", f"{TUNED}.part") for p in self.folder.iterdir()):
                raise UsageError(f"{self.folder} holds other files; name an empty folder, or a new one, with --out")
            self.write(TUNED, about)
            return
        there = json.loads(path.read_text(encoding="utf-8"))
        for name in dict.fromkeys([*about, *there]):
            if about.get(name) != there.get(name):
                raise UsageError(
                    f"the run in {self.folder} was begun with {name}={there.get(name)!r}, now it is "
                    f"{about.get(name)!r}; name another folder with --out, or undo the change"
                )

    @property
    def checkpoints(self) -> Path:
        """Where the trainer saves."""
        return self.folder / "checkpoints"

    @property
    def result(self) -> dict[str, Any] | None:
        """What came of the run, None while it is not done."""
        return self._read("result.json")

    @property
    def trained(self) -> dict[str, Any] | None:
        """The figures of the training, None while that is not done."""
        return self._read("trained.json") if (self.folder / "candidate").exists() else None

    def _read(self, name: str) -> dict[str, Any] | None:
        path = self.folder / name
        if not path.exists():
            return None
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def write(self, name: str, value: Mapping[str, Any]) -> None:
        """Write a JSON file as a whole."""
        part = self.folder / f"{name}.part"
        with disk_told(self.folder):
            with part.open("w", encoding="utf-8") as file:
                json.dump(value, file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.folder / name)

    def finish(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """The run is done: its checkpoints go, its result stays, and is returned as it will be read."""
        self.write("result.json", result)
        shutil.rmtree(self.checkpoints, ignore_errors=True)
        return self._read("result.json") or {}

    def close(self) -> None:
        """Let others train here."""
        self._lock.release()


class Curve:
    """curve.jsonl: one point a line; those at or after the step that is resumed from are dropped first."""

    def __init__(self, path: Path, *, resumed_at: int = 0) -> None:
        self.path = path
        kept = [p for p in self.points(path) if p["step"] <= resumed_at]
        with disk_told(path.parent):
            path.write_text("".join(json.dumps(p) + "\n" for p in kept), encoding="utf-8")

    def add(self, step: int, **values: float) -> None:
        """Append a point."""
        with disk_told(self.path.parent), self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **{k: round(float(v), 6) for k, v in values.items()}}) + "\n")

    @staticmethod
    def points(path: Path) -> list[dict[str, Any]]:
        """All whole points of a curve's file."""
        if not path.exists():
            return []
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]  # what a kill tore has no end
        return [json.loads(line) for line in lines]


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end; those that were not are removed."""
    whole: list[Path] = []
    for path in folder.glob("checkpoint-*"):
        try:
            json.loads((path / STATE).read_text(encoding="utf-8"))
            whole.append(path)
        except (OSError, ValueError):
            shutil.rmtree(path, ignore_errors=True)
    return max(whole, key=lambda p: int(p.name.rpartition("-")[2]), default=None)


@contextmanager
def disk_told(folder: Path) -> Iterator[None]:
    """Turn what the disk says into one line; safetensors and torch hide it in errors of their own."""
    try:
        yield
    except OSError as exc:
        raise EngineError(_told(folder, exc.strerror or str(exc))) from exc
    except Exception as exc:
        text = str(exc)
        if (
            type(exc).__name__ == "SafetensorError"
            or "PytorchStreamWriter" in text
            or os.strerror(errno.ENOSPC) in text
        ):
            raise EngineError(_told(folder, text.splitlines()[0])) from exc
        raise


def _told(folder: Path, why: str) -> str:
    return f"{folder} cannot be written: {why}; free the disk and run the same again: it goes on from its checkpoint"
