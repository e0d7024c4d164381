"""`serve` refuses to be open by accident, and says in one line what is missing."""

from __future__ import annotations

import builtins
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run


def test_another_host_needs_protection(ragkit: Run) -> None:
    done = ragkit("serve", "--host", "0.0.0.0")
    assert done.code == 2
    assert "--auth FILE or --api-key KEY" in done.err and done.err.count("\n") == 1


@pytest.mark.parametrize("command", ["serve", "ui"])
def test_without_the_extra_one_line_names_it(ragkit: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    real = builtins.__import__

    def lacking(name: str, *args: Any) -> Any:
        if name == "uvicorn":
            raise ModuleNotFoundError(name, name=name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", lacking)
    done = ragkit(command)
    assert done.code == 1
    assert "pip install 'ragkit[ui]'" in done.err and done.err.count("\n") == 1


def test_a_user_is_added_by_asking_for_a_password(ragkit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import typer

    monkeypatch.setattr(typer, "prompt", lambda *a, **b: "correct horse")
    assert ragkit("serve", "--add-user", "ann").code == 2
    done = ragkit("serve", "--add-user", "ann", "--auth", tmp_path / "users")
    assert done.code == 0, done.err
    text = (tmp_path / "users").read_text()
    assert text.startswith("ann:scrypt$") and "correct horse" not in text
    assert stat.S_IMODE((tmp_path / "users").stat().st_mode) == 0o600


def test_users_over_one_database_are_refused(ragkit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "users").write_text("")
    monkeypatch.setenv("RAGKIT_DATABASE", "postgresql+psycopg://u@h/d")
    done = ragkit("serve", "--auth", tmp_path / "users")
    assert done.code == 2 and "kept apart" in done.err
