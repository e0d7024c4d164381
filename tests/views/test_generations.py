"""Snapshots: complete or absent, whatever the disk or the process does; every changed byte is noticed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.errors import StoreError
from ragkit.views.generations import Generations
from ragkit.views.manifest import Generation, Manifest
from ragkit.views.private import PrivateFolder


def publish(folder: Path, sequence: int, content: bytes = b"abc") -> None:
    files = {"a.bin": [content], "b.bin": [b"", b"rows", b"more"]}
    Generations(folder, "test").publish(Manifest("test", sequence, 3, fingerprint="f"), files)


def read(generation: Generation) -> tuple[int, bytes, bytes]:
    return generation.manifest.sequence, bytes(generation.read("a.bin")), bytes(generation.read("b.bin"))


def opened(folder: Path) -> tuple[tuple[int, bytes, bytes] | None, list[str]]:
    return Generations(folder, "test").open(read, fingerprint="f")


def test_nothing_published_is_no_problem(tmp_path: Path) -> None:
    assert opened(tmp_path / "absent") == (None, [])


def test_what_was_published_is_read_back(tmp_path: Path) -> None:
    publish(tmp_path, 7)
    assert opened(tmp_path) == ((7, b"abc", b"rowsmore"), [])
    assert Generations(tmp_path, "test").verify() == []


def test_mapped_files_are_verified_too(tmp_path: Path) -> None:
    publish(tmp_path, 7)
    generations = Generations(tmp_path, "test")
    content, _ = generations.open(lambda g: bytes(g.map("b.bin")), fingerprint="f")
    assert content == b"rowsmore"
    (tmp_path / "gen-1" / "b.bin").write_bytes(b"rowsmorf")
    content, problems = generations.open(lambda g: bytes(g.map("b.bin")), fingerprint="f")
    assert content is None and len(problems) == 1


def test_the_generation_before_is_kept_and_older_ones_are_removed(tmp_path: Path) -> None:
    for sequence in range(1, 6):
        publish(tmp_path, sequence)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["CURRENT", "gen-4", "gen-5"]


def test_a_death_while_an_older_generation_is_removed_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = shutil.rmtree

    def die(path: Path, ignore_errors: bool = False) -> None:
        if not (Path(path) / "manifest.json").exists():
            remove(path, ignore_errors=ignore_errors)
            return
        next(p for p in sorted(Path(path).iterdir()) if p.suffix == ".bin").unlink()
        raise KeyboardInterrupt

    publish(tmp_path, 1)
    publish(tmp_path, 2)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("ragkit.views.generations.shutil.rmtree", die)
        publish(tmp_path, 3)
    assert Generations(tmp_path, "test").verify() == []
    publish(tmp_path, 4)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["CURRENT", "gen-3", "gen-4"]


def test_another_fingerprint_is_passed_over(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    assert Generations(tmp_path, "test").open(read, fingerprint="other") == (None, [])


def test_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    publish(tmp_path, 2)
    for path in (tmp_path / "CURRENT", *(tmp_path / "gen-2").iterdir()):
        sound = path.read_bytes()
        for at in range(len(sound)):
            path.write_bytes(sound[:at] + bytes([sound[at] ^ (1 << at % 8)]) + sound[at + 1 :])
            served, problems = opened(tmp_path)
            assert problems, (path.name, at)
            assert served in ((1, b"abc", b"rowsmore"), (2, b"abc", b"rowsmore")), (path.name, at)
        for cut in (b"", sound[:-1], sound + b"\n"):
            path.write_bytes(cut)
            assert opened(tmp_path)[1], (path.name, len(cut))
        path.unlink()
        assert opened(tmp_path)[1], path.name
        path.write_bytes(sound)
    assert opened(tmp_path) == ((2, b"abc", b"rowsmore"), [])


def test_a_damaged_generation_gives_way_to_the_one_before(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    publish(tmp_path, 2)
    (tmp_path / "gen-2" / "a.bin").write_bytes(b"abd")
    served, problems = opened(tmp_path)
    assert served == (1, b"abc", b"rowsmore")
    assert problems == [f"{tmp_path / 'gen-2'}: the sha256 of a.bin is not the manifest's"]


@pytest.mark.parametrize("step", range(1, 9))
def test_a_death_at_any_step_leaves_a_whole_generation(
    tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    publish(tmp_path, 1)
    calls = 0

    def dies(real: object) -> object:
        def call(*args: object) -> object:
            nonlocal calls
            calls += 1
            if calls == step:
                raise Killed
            return real(*args)  # type: ignore[operator]

        return call

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", dies(os.fsync))
        patch.setattr(Path, "rename", dies(Path.rename))
        patch.setattr(Path, "replace", dies(Path.replace))
        with pytest.raises(Killed):
            publish(tmp_path, 2)
    served, problems = opened(tmp_path)
    assert served is not None and served[0] in (1, 2) and not problems
    publish(tmp_path, 3)
    assert opened(tmp_path) == ((3, b"abc", b"rowsmore"), [])


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_refusing_disk_is_one_line_and_leaves_the_old_generation(
    tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    publish(tmp_path, 1)
    with monkeypatch.context() as patch:
        patch.setattr(os if call == "fsync" else Path, call, refuse)
        with pytest.raises(StoreError, match="No space left on device; free some space"):
            publish(tmp_path, 2)
    assert opened(tmp_path) == ((1, b"abc", b"rowsmore"), [])
    assert [p.name for p in tmp_path.glob("private-*")] == []


def test_a_real_write_limit_is_reported(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    script = (
        "import resource, sys; from pathlib import Path; from tests.views.test_generations import publish\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "publish(Path(sys.argv[1]), 2, bytes(1_000_000))\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "StoreError: cannot write generation 2" in done.stderr
    assert opened(tmp_path) == ((1, b"abc", b"rowsmore"), [])


def test_folders_of_the_dead_are_swept_and_those_of_the_living_are_not(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from ragkit.views.private import PrivateFolder\n"
        "folder = PrivateFolder(Path(sys.argv[1])); (folder.path / 'x').write_text('x'); os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=Path(__file__).parents[2], check=True)
    living = PrivateFolder(tmp_path)
    assert len(list(tmp_path.glob("private-*.lock"))) == 2
    Generations(tmp_path, "test").sweep()
    assert sorted(tmp_path.glob("private-*")) == sorted([living.path, living.path.with_suffix(".lock")])
    living.close()
    assert list(tmp_path.glob("private-*")) == []


def open_and_close(folder: Path, times: int) -> None:
    """What every reader does: sweep, take a folder of its own, use it, give it back."""
    for _ in range(times):
        Generations(folder, "test").sweep()
        private = PrivateFolder(folder)
        (private.path / "mine").write_text("mine")
        Generations(folder, "test").sweep()
        assert (private.path / "mine").read_text() == "mine"
        private.close()


def test_two_hundred_openings_at_once_do_not_disturb_one_another_and_leave_nothing(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from concurrent.futures import ThreadPoolExecutor\n"
        "from tests.views.test_generations import open_and_close\n"
        "with ThreadPoolExecutor(25) as pool:\n"
        "    for done in [pool.submit(open_and_close, Path(sys.argv[1]), 2) for _ in range(25)]: done.result()\n"
    )
    root = Path(__file__).parents[2]
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=root, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [process.communicate()[1] for process in processes]
    assert ["".join(text.splitlines()[-1:]) for text in said] == [""] * 4
    assert list(tmp_path.glob("private-*")) == []


def test_a_folder_that_nobody_closed_goes_with_its_process(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from ragkit.views.private import PrivateFolder\n"
        "kept = PrivateFolder(Path(sys.argv[1])); PrivateFolder(Path(sys.argv[1]))\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=Path(__file__).parents[2], check=True)
    assert list(tmp_path.glob("private-*")) == []


def test_a_reader_overtaken_by_two_publications_starts_again(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    overtaken = False

    def slow(generation: Generation) -> tuple[int, bytes, bytes]:
        nonlocal overtaken
        if not overtaken:
            overtaken = True
            publish(tmp_path, 2)
            publish(tmp_path, 3)
        return read(generation)

    assert Generations(tmp_path, "test").open(slow, fingerprint="f") == ((3, b"abc", b"rowsmore"), [])
