"""MCP as its own client sees it: over HTTP in process, and over stdio in a subprocess."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from starlette.testclient import TestClient

from ragkit.server import create_app
from ragkit.server.access.auth import Auth
from ragkit.server.service import Service
from ragkit.server.tools import make_tools
from tests.server.conftest import BASE, QUESTION


def result(reply: Any) -> Any:
    assert not reply.is_error, reply.content
    content = reply.structured_content
    return content.get("result", content) if isinstance(content, dict) else json.loads(reply.content[0].text)


async def test_a_client_lists_searches_and_asks(service: Service) -> None:
    async with Client(make_tools(service)) as client:
        assert {t.name for t in (await client.list_tools()).tools} == {"indexes", "search", "ask"}
        assert result(await client.call_tool("indexes", {})) == [{"name": "rules", "documents": 2}]
        hits = result(await client.call_tool("search", {"index": "rules", "query": "travel", "k": 1}))
        assert hits[0]["document_id"] == "travel"
        told = result(await client.call_tool("ask", {"index": "rules", "question": QUESTION, "budget": 10}))
        assert told["status"] == "answered" and told["citations"][0]["quote"] in hits[0]["text"]
        wrong = await client.call_tool("ask", {"index": "nothing", "question": QUESTION})
        assert wrong.is_error and "no index named 'nothing'" in wrong.content[0].text


async def test_over_http_with_a_key(service: Service) -> None:
    app = create_app(service, auth=Auth(api_key="the-key"))
    async with app.router.lifespan_context(app):

        def http(key: str) -> httpx2.AsyncClient:
            transport = httpx2.ASGITransport(app=app)
            return httpx2.AsyncClient(transport=transport, base_url=BASE, headers={"authorization": f"Bearer {key}"})

        async with http("the-key") as right, Client(streamable_http_client(f"{BASE}/mcp", http_client=right)) as client:
            told = result(await client.call_tool("ask", {"index": "rules", "question": QUESTION}))
            assert told["status"] == "answered"
        async with http("wrong") as wrong:
            assert (await wrong.post("/mcp", json={})).status_code == 401


@pytest.mark.slow
async def test_over_stdio(home: Path) -> None:
    import os
    import sys

    from mcp import StdioServerParameters
    from mcp.client.stdio import stdio_client

    code = "import sys; sys.argv[1:] = ['serve', '--mcp-stdio']; from ragkit.cli import main; main()"
    command = StdioServerParameters(
        command=sys.executable, args=["-c", code], env={**os.environ, "RAGKIT_HOME": str(home)}
    )
    async with Client(stdio_client(command)) as client:
        assert result(await client.call_tool("indexes", {})) == []


async def test_tools_are_served_again_when_the_app_is_started_again(service: Service) -> None:
    app = create_app(service)
    hello = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    for _ in range(2):
        with TestClient(app, base_url=BASE) as client:
            said = client.post("/mcp", json=hello, headers={"accept": "application/json, text/event-stream"})
            assert said.status_code == 200
            assert "search" in said.text
