"""One record for a question: whatever door it comes by, the same defaults hold and the same limits, told alike."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from mcp import Client
from starlette.testclient import TestClient

import ragkit
from ragkit.asking import CHOICES, Ask, Choices, Limits
from ragkit.cli import main
from ragkit.config import Settings
from ragkit.errors import UsageError
from ragkit.index import core, held
from ragkit.rag import RAG, Conversation
from ragkit.server import create_app
from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings
from ragkit.server.tools import make_tools
from ragkit.stopping import StoppingRule
from ragkit.types import Budget
from tests.fakes import WordEncoder

QUESTION = "Who approves travel over 2,000 euros?"
BEYOND = (
    ("k", 0, "k=0 is outside 1 to 100; choose one between them"),
    ("k", 101, "k=101 is outside 1 to 100; choose one between them, or raise max_k (RAGKIT_MAX_K)"),
    ("samples", 0, "samples=0 is outside 1 to 64; choose one between them"),
    (
        "samples",
        65,
        "samples=65 is outside 1 to 64; choose one between them, or raise max_samples (RAGKIT_MAX_SAMPLES)",
    ),
    ("budget", -1, "budget=-1 is outside 0 to 1000000000; choose one between them"),
    ("budget", 10**9 + 1, "budget=1000000001 is outside 0 to 1000000000; choose one between them"),
)
Door = Callable[[dict[str, Any]], Awaitable[str]]
"""Asks with these choices, and gives what was refused, or "" for an answer."""


@pytest.fixture
def service(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(held, "encoder_named", WordEncoder)
    made = Service(ServiceSettings(home=home, per_minute=0))
    here = made.workspace()
    here.create("rules")
    here.add("rules", texts=[{"id": "travel", "text": "The finance director approves travel over 2,000 euros."}])
    yield made
    made.close()


def refused(work: Callable[[], object]) -> str:
    try:
        work()
    except UsageError as exc:
        return str(exc)
    return ""


@pytest.fixture
def doors(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Door]]:
    app = create_app(service)
    asked, numbers = tmp_path / "set.jsonl", count()
    asked.write_text(json.dumps({"question": QUESTION, "answers": ["the finance director"]}) + "\n")

    def command(*words: str) -> Door:
        async def door(chosen: dict[str, Any]) -> str:
            options = [w for n, v in chosen.items() for w in ("-k" if n == "k" else f"--{n}", str(v))]
            if words[0] != "ask":
                options += ["--out", str(tmp_path / f"out-{next(numbers)}")]
            monkeypatch.setattr(sys, "argv", ["ragkit", *words, "--index", "rules", "--json", *options])
            capsys.readouterr()
            with pytest.raises(SystemExit) as left:
                main()
            told = capsys.readouterr().out
            return str(json.loads(told)["error"]["message"]) if left.value.code else ""

        return door

    async def http(chosen: dict[str, Any]) -> str:
        reply = client.post("/api/ask", json={"index": "rules", "question": QUESTION, **chosen})
        assert reply.status_code in (200, 400)
        return "" if reply.status_code == 200 else str(reply.json()["error"]["message"])

    async def openai(chosen: dict[str, Any]) -> str:
        body = {"model": "rules", "messages": [{"role": "user", "content": QUESTION}], "ragkit": chosen}
        reply = client.post("/v1/chat/completions", json=body)
        return "" if reply.status_code == 200 else str(reply.json()["error"]["message"])

    async def mcp(chosen: dict[str, Any]) -> str:
        async with Client(make_tools(service)) as tools:
            reply = await tools.call_tool("ask", {"index": "rules", "question": QUESTION, **chosen})
        return reply.content[0].text.removeprefix("Error executing tool ask: ") if reply.is_error else ""

    async def sdk(chosen: dict[str, Any]) -> str:
        return refused(lambda: ragkit.ask(QUESTION, index="rules", **chosen))

    async def pipeline(chosen: dict[str, Any]) -> str:
        return refused(lambda: RAG("rules", **chosen))

    async def question(chosen: dict[str, Any]) -> str:
        return refused(lambda: RAG("rules").ask(QUESTION, **chosen))

    async def conversation(chosen: dict[str, Any]) -> str:
        return refused(lambda: Conversation(RAG("rules"), keep=False).ask(QUESTION, Ask(**chosen)))

    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield {
            "ragkit ask": command("ask", QUESTION),
            "ragkit batch": command("batch", str(asked)),
            "ragkit eval run": command("eval", "run", str(asked)),
            "/api/ask": http,
            "/v1/chat/completions": openai,
            "MCP": mcp,
            "ragkit.ask": sdk,
            "RAG": pipeline,
            "RAG.ask": question,
            "Conversation.ask": conversation,
        }


async def test_every_door_refuses_the_same_numbers_in_the_same_words(doors: dict[str, Door]) -> None:
    for name, value, told in BEYOND:
        said = {
            door: await ask({name: value})
            for door, ask in doors.items()
            if (door, name) != ("ragkit eval run", "samples")
        }
        assert said == dict.fromkeys(said, told)


async def test_every_door_takes_what_is_just_within_the_limits(doors: dict[str, Door]) -> None:
    for chosen in ({"k": 1}, {"k": 100}, {"budget": 0}, {"budget": 10**9}):
        assert {door: await ask(chosen) for door, ask in doors.items()} == dict.fromkeys(doors, "")


async def test_a_limit_that_is_set_holds_at_every_door_of_a_new_process(
    doors: dict[str, Door], service: Service, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGKIT_MAX_K", "7")
    service.close()  # pipelines that are open keep what held when they were opened
    for door, ask in doors.items():
        assert await ask({"k": 8}) == "k=8 is outside 1 to 7; choose one between them, or raise max_k (RAGKIT_MAX_K)", (
            door
        )


async def test_every_door_searches_with_the_same_number_of_passages(
    doors: dict[str, Door], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    search = core.Index.search
    monkeypatch.setattr(core.Index, "search", lambda self, q, k=10, **o: seen.append(k) or search(self, q, k, **o))
    for door, ask in doors.items():
        seen.clear()
        await ask({})
        assert set(seen) <= {6} and (seen or door == "RAG"), (door, seen)


def test_the_settings_show_the_defaults_and_the_limits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["ragkit", "config", "--json"])
    with pytest.raises(SystemExit):
        main()
    rows = {row["name"]: row["value"] for row in json.loads(capsys.readouterr().out)}
    assert (rows["k"], rows["max_k"], rows["max_samples"], rows["budget"]) == (6, 100, 64, None)
    assert Limits(rows["max_k"], rows["max_samples"]) == Limits()


def test_keywords_descriptions_and_record_name_the_same_choices() -> None:
    names = [f.name for f in dataclasses.fields(Ask)]
    assert list(CHOICES) == names
    assert list(Choices.__annotations__) == [n for n in names if n not in ("index", "model")]
    assert {n: str(Ask.__annotations__[n]) for n in Choices.__annotations__} == {
        n: t.__forward_arg__ for n, t in Choices.__annotations__.items()
    }
    assert set(names) & set(Settings.model_fields) == {"index", "model", "strategy", "budget", "k"}


def test_a_number_changes_the_thinking_of_a_budget_and_a_budget_takes_its_place() -> None:
    usual = Ask(budget=Budget(thinking_tokens=9, samples=3, seconds=30), k=4)
    assert Ask(budget=5).over(usual).allowance() == Budget(thinking_tokens=5, samples=3, seconds=30)
    assert Ask(budget=Budget(hops=2), seconds=1).over(usual).allowance() == Budget(hops=2, seconds=1)
    assert Ask(budget=Budget()).over(Ask(samples=8, hops=2)).allowance() == Budget()
    assert Ask(samples=2).over(Ask(budget=7)).allowance(8) == Budget(thinking_tokens=7, samples=2)
    assert Ask(budget=7).over(Ask()).allowance(8) == Budget(thinking_tokens=7, samples=8)
    rule = StoppingRule((0, 8), 2, 0.9)
    assert Ask(budget="auto").over(usual).allowance(1, rule) == Budget(samples=3, seconds=30, stopping=rule)
    assert Ask(budget=5).over(Ask(budget=Budget(stopping=rule))).allowance() == Budget(thinking_tokens=5)
    assert Ask(k=1).over(usual).k == 1 and Ask().over(usual) == usual
    assert get_type_hints(Ask.over)["return"] is Ask


@pytest.mark.parametrize(
    "wrong", [{"k": "many"}, {"k": True}, {"budget": 1.5}, {"seconds": -1}, {"hops": 0}, {"answer_tokens": 0}]
)
def test_what_is_no_number_or_below_its_limit_is_told_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"^{next(iter(wrong))}="):
        Ask(**wrong).checked(Limits())
