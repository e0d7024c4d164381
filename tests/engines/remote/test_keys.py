"""A key goes to the host it was given for and to nobody else; a folder's file sends nothing away without a word."""

from __future__ import annotations

import asyncio
import contextlib
import json
import stat
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ragkit.eval.options import engine_of

from ragkit.engines import consent, open_engine
from ragkit.engines.base import Deadlines
from ragkit.engines.remote.http import Server
from ragkit.engines.remote.keys import key_for
from ragkit.errors import ConfigError, EngineError, RagkitError
from ragkit.rag.engines import hold

ELSEWHERE = "openai:http://models.example/v1#m"


@contextlib.contextmanager
def recording(redirect: str = "") -> Iterator[tuple[str, list[str | None]]]:
    """A real server that notes the Authorization header of all it is sent, and may send on to another."""
    heard: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers["authorization"])
            self.rfile.read(int(self.headers["content-length"] or 0))
            self.send_response(307 if redirect else 200)
            if redirect:
                self.send_header("location", redirect + self.path)
            body = json.dumps({"data": [{"id": "m", "max_model_len": 1024}]}).encode()
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
    finally:
        server.shutdown()
        server.server_close()


def speak(url: str) -> None:
    """Everything that is ever sent to a server."""
    server = Server(f"{url}/v1", deadlines=Deadlines(5.0, 5.0))
    with contextlib.suppress(RagkitError):
        server.get("/models")
    server.post("/completions", {}, timeout_s=5)

    async def stream() -> None:
        async for _ in server.events("/chat/completions", {}):
            pass

    with contextlib.suppress(RagkitError):
        asyncio.run(stream())


def test_each_server_gets_its_own_key_and_ragkit_s_own_key_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGKIT_API_KEY", "of-my-own-server")
    monkeypatch.setenv("OPENAI_API_KEY", "of-openai")
    with recording() as (one, heard_one), recording() as (two, heard_two), recording() as (three, heard_three):
        keys = {one: "key-one", two: "key-two"}
        words = " ".join(f"{url.removeprefix('http://')}={key}" for url, key in keys.items())
        monkeypatch.setenv("RAGKIT_MODEL_KEYS", words)
        for url in (one, two, three):
            speak(url)
    assert set(heard_one) == {"Bearer key-one"} and len(heard_one) == 3
    assert set(heard_two) == {"Bearer key-two"}
    assert set(heard_three) == {None} and len(heard_three) == 3


def test_a_server_that_sends_on_to_another_takes_no_key_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with recording() as (thief, taken), recording(redirect=thief) as (named, heard):
        monkeypatch.setenv("RAGKIT_MODEL_KEYS", f"{named.removeprefix('http://')}=the-key")
        speak(named)
    assert set(heard) == {"Bearer the-key"} and taken == []


def test_a_key_is_for_its_port_and_openai_s_for_https(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGKIT_MODEL_KEYS", "models.example=a models.example:8000=b [::1]:81=c")
    monkeypatch.setenv("OPENAI_API_KEY", "o")
    found = {
        "https://models.example/v1": "a",
        "http://MODELS.example:80/v1": "a",
        "http://models.example:8000/v1": "b",
        "http://models.example:8001/v1": None,
        "http://models.example.evil/v1": None,
        "http://[::1]:81": "c",
        "http://models.example@evil/v1": None,
        "https://api.openai.com/v1": "o",
        "http://api.openai.com/v1": None,
        "https://api.openai.com.evil/v1": None,
    }
    assert {url: key_for(url) for url in found} == found
    monkeypatch.setenv("RAGKIT_MODEL_KEYS", "a-key-alone")
    with pytest.raises(ConfigError, match="word 1 of RAGKIT_MODEL_KEYS") as told:
        key_for("https://models.example")
    assert "a-key-alone" not in str(told.value)


def test_who_moves_from_the_old_variable_is_told_where_the_key_goes_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGKIT_API_KEY", "x")
    server = Server("http://models.example/v1", deadlines=Deadlines())
    with pytest.raises(EngineError, match=r"set RAGKIT_MODEL_KEYS='models.example=KEY'; RAGKIT_API_KEY is the key of"):
        server._check(401, b"")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("RAGKIT_MODEL", raising=False)
    found = tmp_path / "project"
    found.mkdir()
    monkeypatch.chdir(found)
    (found / "ragkit.toml").write_text(f'model = "{ELSEWHERE}"\n')
    return found


def test_a_model_elsewhere_that_only_the_folder_names_waits_for_a_word(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=r"models\.example.*ragkit trust"):
        hold(ELSEWHERE)
    hold("openai:http://other.example/v1#m")  # named by whoever calls
    assert consent.trust() == ELSEWHERE
    hold(ELSEWHERE)
    kept = tmp_path / "config" / "ragkit" / "trusted.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600 and list(folder.iterdir()) == [folder / "ragkit.toml"]
    (folder / "ragkit.toml").write_text('model = "openai:http://evil.example/v1#m"\n')  # another one is another word
    with pytest.raises(ConfigError, match=r"evil\.example"):
        hold("openai:http://evil.example/v1#m")
    (folder / "ragkit.toml").write_text(f'model = "{ELSEWHERE}"\n')
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ragkit.toml").write_text(f'model = "{ELSEWHERE}"\n')
    with pytest.raises(ConfigError):
        hold(ELSEWHERE)  # another folder
    monkeypatch.setenv("RAGKIT_MODEL", ELSEWHERE)
    hold(ELSEWHERE)
    monkeypatch.delenv("RAGKIT_MODEL")
    monkeypatch.chdir(folder)
    consent.trust(revoke=True)
    with pytest.raises(ConfigError):
        hold(ELSEWHERE)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:1", "[::1]:9", "127.9.9.9"])
def test_a_server_on_this_machine_needs_no_word(folder: Path, host: str) -> None:
    (folder / "ragkit.toml").write_text(f'model = "openai:http://{host}/v1#m"\n')
    hold(f"openai:http://{host}/v1#m")


@pytest.mark.parametrize("opening", [lambda: open_engine(), lambda: open_engine(ELSEWHERE), lambda: engine_of(None)])
def test_no_way_to_an_engine_goes_past_the_word(folder: Path, opening: Callable[[], object]) -> None:
    with pytest.raises(ConfigError, match=r"models\.example.*ragkit trust"):
        opening()


@pytest.mark.parametrize("named", ["mine", "./mine", "transformers:mine", "org/name+mine", "{folder}/mine"])
def test_a_model_file_that_only_the_folder_names_waits_for_a_word(folder: Path, named: str) -> None:
    (folder / "mine").mkdir()
    model = named.format(folder=folder)
    (folder / "ragkit.toml").write_text(f'model = "{model}"\n')
    with pytest.raises(ConfigError, match=r"the model in (.*/)?mine"):
        hold(model)
    consent.trust()
    consent.require(model)


@pytest.mark.parametrize("model", ["nano", "org/name", "transformers:org/name", "extractive"])
def test_a_model_by_its_public_name_needs_no_word(folder: Path, model: str) -> None:
    (folder / "ragkit.toml").write_text(f'model = "{model}"\n')
    consent.require(model)
