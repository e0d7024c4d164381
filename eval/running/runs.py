"""A run's folder: manifest.json (what was run), samples.jsonl (every sample, as it ended), summary.json (the figures).

The manifest is written first and never changed. A sample counts when its line is on the disk; a line that a crash tore
is cut off when the folder is opened again. One process writes; reading needs no lock.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from ragkit.errors import EvalError, IndexLockedError, NotFoundError

__all__ = ["Run", "SampleLog", "differences", "read_run", "sample_key", "write_json"]

FORMAT = 1


def sample_key(fingerprint: Mapping[str, Any], *parts: Any) -> str:
    """sha256 over everything that could change a sample."""
    text = json.dumps([fingerprint, *parts], ensure_ascii=False, sort_keys=True, default=list)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def differences(a: Mapping[str, Any], b: Mapping[str, Any], under: str = "") -> dict[str, tuple[Any, Any]]:
    """Fields in which two fingerprints differ, by dotted name, with both values."""
    found: dict[str, tuple[Any, Any]] = {}
    for name in [*a, *(n for n in b if n not in a)]:
        one, two = a.get(name), b.get(name)
        if isinstance(one, Mapping) and isinstance(two, Mapping):
            found |= differences(one, two, f"{under}{name}.")
        elif one != two:
            found[f"{under}{name}"] = (one, two)
    return found


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file as a whole: a reader sees the old one or the new one."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=1, allow_nan=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as exc:
        raise EvalError(_unwritable(path, exc)) from exc


def _unwritable(path: Path, exc: OSError) -> str:
    return f"{path} cannot be written: {exc.strerror}; free the disk, or make it writable, and run the same again"


class SampleLog:
    """Lines appended to a file, each on the disk before it counts. Reads back the keys that are there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.keys: set[str] = set()
        self.failed: set[str] = set()
        self._end = self._recover()
        try:
            self._file = path.open("ab")
        except OSError as exc:
            raise EvalError(_unwritable(path, exc)) from exc

    def _recover(self) -> int:
        """Cut off what a crash left half written; collect the keys of what is whole."""
        if not self.path.exists():
            return 0
        end = 0
        with self.path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                if not raw.endswith(b"\n"):
                    break
                try:
                    row = json.loads(raw)
                    key = row["key"]
                except (ValueError, KeyError, TypeError) as exc:
                    raise EvalError(
                        f"{self.path} line {number} is no sample; the file was changed; start a new run"
                    ) from exc
                self.keys.add(key)
                (self.failed.add if row.get("error") else self.failed.discard)(key)
                end += len(raw)
        if end < self.path.stat().st_size:
            try:
                os.truncate(self.path, end)
            except OSError as exc:
                raise EvalError(_unwritable(self.path, exc)) from exc
        return end

    def append(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows and wait for the disk. A full disk raises EvalError and leaves the file as it was before."""
        data = b"".join(json.dumps(r, ensure_ascii=False, allow_nan=False).encode() + b"\n" for r in rows)
        try:
            self._file.write(data)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as exc:
            self._cut()
            raise EvalError(
                f"{self.path} cannot be written ({exc.strerror}) after {len(self.keys)} samples, which are kept; "
                "free the disk and run the same again: it goes on from there"
            ) from exc
        self._end += len(data)
        for row in rows:
            self.keys.add(row["key"])
            (self.failed.add if row.get("error") else self.failed.discard)(row["key"])

    def _cut(self) -> None:
        """Take back what was written by half; where even that is refused, `_recover` does it when the run goes on."""
        with contextlib.suppress(OSError):
            os.truncate(self.path, self._end)

    def close(self) -> None:
        """Close the file."""
        try:
            self._file.close()
        except OSError:  # what could not be written was reported by append
            return


class Run:
    """A run being written. Opening an existing folder resumes it, if the fingerprints agree.

    Raises EvalError naming what differs, IndexLockedError while another process writes to the same folder.
    """

    def __init__(self, folder: str | Path, manifest: Mapping[str, Any]) -> None:
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise EvalError(f"{self.folder} cannot be made: {exc.strerror}; name another folder with --out") from exc
        self._lock = FileLock(self.folder / "write.lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise IndexLockedError(f"another process is writing the run in {self.folder}; wait for it to end") from None
        except OSError as exc:
            raise EvalError(_unwritable(self.folder, exc)) from exc
        try:
            self.manifest = self._open(manifest)
            self.log = SampleLog(self.folder / "samples.jsonl")
        except BaseException:
            self._lock.release()
            raise

    def _open(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        path = self.folder / "manifest.json"
        if not path.exists():
            write_json(path, {"format": FORMAT, **manifest})
            return {"format": FORMAT, **manifest}
        there = _manifest(path)
        found = differences(there["fingerprint"], json.loads(json.dumps(manifest["fingerprint"], default=list)))
        if found:
            name, (one, two) = next(iter(found.items()))
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            raise EvalError(
                f"the run in {self.folder} was made with another {name} ({_short(one)}, now {_short(two)}){more}; "
                "name another folder with --out, or undo the change"
            )
        return there

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.log.close()
        self._lock.release()


def read_run(folder: str | Path) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
    """A run's manifest and its samples, one by one, the last one of each key; a torn last line is passed over."""
    path = Path(folder)
    if not (path / "manifest.json").is_file():
        raise NotFoundError(f"no run in {path}: there is no manifest.json; make one with `ragkit eval run`")
    return _manifest(path / "manifest.json"), _samples(path / "samples.jsonl")


def _samples(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    last: dict[str, int] = {}
    for at, row in _rows(path):
        last[row["key"]] = at
    for at, row in _rows(path):
        if last[row["key"]] == at:
            yield row


def _rows(path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if raw.endswith(b"\n"):
                try:
                    yield number, json.loads(raw)
                except ValueError as exc:
                    raise EvalError(f"{path} line {number} is no sample; the file was changed") from exc


def _manifest(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise EvalError(f"{path} cannot be read as JSON; the run was damaged, start a new one") from exc
    if not isinstance(value, dict) or "fingerprint" not in value:
        raise EvalError(f"{path} is no manifest of a run; name a folder made by `ragkit eval`")
    if value.get("format") != FORMAT:
        raise EvalError(f"{path} has format {value.get('format')!r}, this version reads {FORMAT}; run it again")
    return value


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}…"
