"""Which files of a folder are wanted: as git itself decides, and by the caller's globs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ragkit.errors import NotFoundError, UsageError
from ragkit.loaders import Wanted, discover_folder

NAMES = ("a.md", "b.txt", "build", "docs", "x y.md")
RULES = ["*.md", "build/", "/docs", "docs/a.md", "!a.md", "**/b.txt", "docs/**", "!docs/", "#no", "!", "["]


def found(folder: Path, **globs: list[str]) -> set[str]:
    wanted = Wanted(str(folder), **globs)
    sources = list(discover_folder(folder, wanted))
    assert all(wanted.takes(source.id) for source in sources if not source.refusal)
    return {os.path.relpath(source.id, folder.resolve()) for source in sources}


def by_git(repository: Path, folder: Path) -> set[str]:
    command = ["git", "ls-files", "-z", "--others", "--exclude-per-directory=.gitignore", "."]
    said = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    return {name for name in said.split("\0") if name and not Path(name).name.startswith(".")}


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@given(
    st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3), min_size=1, max_size=8),
    st.dictionaries(st.sampled_from(("", "docs", "build", "docs/docs")), st.lists(st.sampled_from(RULES), max_size=4)),
    st.booleans(),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_git_ignores_is_ignored(
    tmp_path: Path, files: list[list[str]], rules: dict[str, list[str]], below: bool
) -> None:
    repository = tmp_path / "repository"
    shutil.rmtree(repository, ignore_errors=True)
    repository.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=repository, check=True)
    for parts in files:
        path = repository.joinpath(*parts)
        if not any(p.is_file() for p in path.parents) and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("text")
    for name, lines in rules.items():
        if (repository / name).is_dir():
            (repository / name / ".gitignore").write_text("\n".join(lines))
    folder = repository / "docs" if below and (repository / "docs").is_dir() else repository
    assert found(folder) == by_git(repository, folder)


def test_ragkitignore_has_the_last_word_and_works_without_git(tmp_path: Path) -> None:
    for name in ("keep.md", "secret.md", "data/report.md", "data/raw.csv", "note.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text")
    (tmp_path / ".gitignore").write_text("data/\n")
    (tmp_path / ".ragkitignore").write_text("secret.md\n!data/\n")
    assert found(tmp_path) == {"keep.md", "data/report.md", "data/raw.csv", "note.txt"}
    assert found(tmp_path, include=["*.md"]) == {"keep.md", "data/report.md"}
    assert found(tmp_path, exclude=["data/", "*.txt"]) == {"keep.md"}
    (tmp_path / "data/.ragkitignore").write_text("*.csv\n")
    assert found(tmp_path, include=["data/**"]) == {"data/report.md"}


def test_a_folder_whose_rules_cannot_be_read_is_refused_and_not_entered(tmp_path: Path) -> None:
    (tmp_path / "open.md").write_text("text")
    (tmp_path / "deep/deeper").mkdir(parents=True)
    (tmp_path / "deep/deeper/secret.md").write_text("text")
    (tmp_path / "deep/.gitignore").mkdir()
    sources = list(discover_folder(tmp_path, Wanted(str(tmp_path))))
    assert [(Path(s.id).name, bool(s.refusal)) for s in sources] == [("open.md", False), ("deep", True)]
    assert ".gitignore cannot be read" in sources[1].refusal


def test_what_is_no_folder_and_what_is_no_glob_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("text")
    with pytest.raises(UsageError, match="no folder"):
        discover_folder(tmp_path / "a.md", Wanted(str(tmp_path)))
    with pytest.raises(NotFoundError):
        discover_folder(tmp_path / "none", Wanted(str(tmp_path)))
    for wrong in ("", "!"):
        with pytest.raises(UsageError, match="no glob"):
            Wanted(str(tmp_path), include=[wrong])
