"""One writer at a time, told at once; a dead writer locks nobody out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.errors import IndexLockedError, StoreError
from ragkit.store import writer_lock

HOLD = (
    "import sys; from pathlib import Path; from ragkit.store import writer_lock\n"
    "with writer_lock(Path(sys.argv[1]), 'faq'): print('held', flush=True); sys.stdin.read()"
)


def holder(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_second_writer_learns_who_writes_until_that_one_is_killed(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        with (
            pytest.raises(IndexLockedError, match=rf"pid {process.pid}\) is writing to 'faq'"),
            writer_lock(tmp_path, "faq"),
        ):
            pass
        process.kill()
    assert (tmp_path / "write.pid").exists()
    with writer_lock(tmp_path, "faq"):
        pass
    assert not (tmp_path / "write.pid").exists()


def test_lock_is_held_within_the_process_too(tmp_path: Path) -> None:
    with writer_lock(tmp_path), pytest.raises(IndexLockedError), writer_lock(tmp_path):
        pass


def test_lock_is_released_when_the_block_raises(tmp_path: Path) -> None:
    with pytest.raises(KeyError), writer_lock(tmp_path):
        raise KeyError
    with writer_lock(tmp_path):
        pass


def test_stale_files_do_not_lock(tmp_path: Path) -> None:
    (tmp_path / "write.lock").write_text("left behind")
    (tmp_path / "write.pid").write_text("not a number")
    with writer_lock(tmp_path):
        pass


def test_folder_that_is_no_folder_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be locked"), writer_lock(tmp_path / "file"):
        pass
