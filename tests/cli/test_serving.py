"""`serve` refuses to be open by accident, and says in one line what is missing."""

from __future__ import annotations

import builtins
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from ragkit import Index
from ragkit.errors import EngineError, NotFoundError, RagkitError
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


@pytest.fixture
def unbound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking a port fails the test."""

    def refuse(host: str, port: int) -> socket.socket:
        raise AssertionError(f"port {port} was taken")

    monkeypatch.setattr("ragkit.cli.serving.bind", refuse)


@pytest.mark.parametrize("command", ["serve", "ui"])
@pytest.mark.parametrize(("option", "says"), [("--model", "no model 'nosuch'"), ("--index", "no index named 'nosuch'")])
def test_names_are_checked_before_the_port_is_taken(
    ragkit: Run, rules: Index, unbound: None, command: str, option: str, says: str
) -> None:
    done = ragkit(command, option, "nosuch")
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert says in done.err


def test_strategy_that_does_not_exist_is_told_before_the_port_is_taken(ragkit: Run, unbound: None) -> None:
    done = ragkit("serve", "--strategy", "nosuch")
    assert done.code == 2 and "self_consistency" in done.err


def test_taken_port_is_one_line_with_the_remedy(ragkit: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = ragkit("serve", "--port", port, "--no-ui")
    assert done.code == 2
    assert f"port {port} of 127.0.0.1: address already in use" in done.err and "--port (0 takes" in done.err
    assert done.err.count("\n") == 1


def test_model_that_turns_out_not_to_be_there_ends_the_server(ragkit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from ragkit.server.service import Service

    def load(service: Service) -> None:
        raise NotFoundError("the model 'far/away' is not on this machine")

    monkeypatch.setattr(Service, "load", load)
    done = ragkit("serve", "--port", 0, "--no-ui")
    assert done.code == 3
    assert done.err.splitlines()[-1] == "error: the model 'far/away' is not on this machine"


@pytest.mark.parametrize(("failure", "ends"), [(NotFoundError("gone"), True), (EngineError("out of memory"), False)])
def test_only_a_model_that_cannot_be_meant_ends_the_server(
    capsys: pytest.CaptureFixture[str], failure: RagkitError, ends: bool
) -> None:
    from types import SimpleNamespace

    from ragkit.cli.output import Say
    from ragkit.cli.starting import Loading

    class Service:
        def load(self) -> None:
            raise failure

    server = SimpleNamespace(should_exit=False)
    loading = Loading(Service(), server, Say())
    loading.run()
    assert (server.should_exit, loading.error) == (ends, failure if ends else None)
    assert ("out of memory" in capsys.readouterr().err) is not ends


def test_index_that_the_first_upload_may_make_is_only_told(ragkit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(host: str, port: int) -> socket.socket:
        raise NotFoundError("bound")

    monkeypatch.setattr("ragkit.cli.serving.bind", stop)
    done = ragkit("ui", "--index", "papers")
    assert done.err.splitlines()[-1] == "error: bound"
    assert "note: no index named 'papers'" in done.err
