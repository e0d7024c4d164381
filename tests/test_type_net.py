"""The type check sees every folder: an error planted in any of them is reported, under the project's own settings."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLANTED = 'def broken() -> int:\n    return "no"\n\n\ndef untyped(x):\n    return x\n'


def test_an_error_planted_in_each_root_folder_is_reported(tmp_path: Path) -> None:
    """A copy of the tree's outline, not of its modules: the check takes seconds, and what it is told is the same."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / ".types", tmp_path / ".types", symlinks=True)
    folders = {path.parent.relative_to(ROOT) for path in ROOT.glob("*/__init__.py")}
    assert {"bench", "eval", "nano", "prompts", "ragkit", "tests", "ui"} == {str(f) for f in folders}
    for folder in folders:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
        (tmp_path / folder / "planted.py").write_text(PLANTED)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache"), "--no-warn-unused-configs"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    for folder in folders:
        assert f"{folder}/planted.py:2: error: Incompatible return value" in done.stdout, done.stdout + done.stderr
        assert f"{folder}/planted.py:5: error: Function is missing a type annotation" in done.stdout


def test_every_folder_that_is_installed_elsewhere_is_linked_for_the_check() -> None:
    places = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-dir"]
    for package, folder in places.items():
        link = ROOT / ".types" / Path(*package.split("."))
        assert link.is_symlink() and link.resolve() == ROOT / folder
