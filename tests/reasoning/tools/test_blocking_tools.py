"""A tool that blocks its thread is left behind: no other call, no later answer and no exit waits for it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

import pytest
from langchain_core.tools import BaseTool, StructuredTool
from langchain_core.tools import tool as langchain_tool

from ragkit.reasoning.strategies.agent import Agent
from ragkit.reasoning.tools import threads
from ragkit.reasoning.tools.toolbox import Output, as_tools, call_tool
from ragkit.types import Budget, ToolResult
from tests.fakes import ScriptedEngine, finish
from tests.reasoning.reader import HITS, call, world_task

LIMIT_S = 60  # how long a blocked tool blocks where nothing releases it
WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


@pytest.fixture
async def release() -> AsyncIterator[threading.Event]:
    """Set at the test's end, it lets every blocked tool go. The loop's executor is as small as it can be."""
    event = threading.Event()
    executor = ThreadPoolExecutor(1)
    asyncio.get_running_loop().set_default_executor(executor)
    yield event
    event.set()
    executor.shutdown()


class Derived(BaseTool):
    """A subclass with `_run` alone, as many langchain integrations are."""

    name: str = "derived"
    description: str = "waits"
    wait: Any

    def _run(self, query: str) -> str:
        return f"{query} {self.wait(LIMIT_S)}"


class Plain:
    """ragkit's own form of a tool with a plain `run`."""

    name, description, retrieves = "plain", "waits", False
    parameters = {"type": "object"}

    def __init__(self, wait: Any) -> None:
        self.wait = wait

    def run(self, arguments: Any) -> Output:
        return Output(str(self.wait(LIMIT_S)))


def blocking(wait: Any) -> list[Any]:
    def waits(query: str) -> str:
        """Wait."""
        return f"{query} {wait(LIMIT_S)}"

    return [langchain_tool(waits), StructuredTool.from_function(waits, name="made"), Derived(wait=wait), Plain(wait)]


@pytest.mark.parametrize("kind", range(4))
async def test_a_blocked_tool_is_reported_and_holds_no_thread_of_asyncio(kind: int, release: threading.Event) -> None:
    tool = as_tools(blocking(release.wait))[kind]
    for _ in range(3):
        output = await call_tool(tool, {"query": "x"}, seconds=0.02)
        assert output.error and "0.02 s" in output.text
    assert await asyncio.wait_for(asyncio.to_thread(int, "7"), LIMIT_S / 2) == 7


async def test_blocked_tools_leave_search_and_answer_their_time(release: threading.Event) -> None:
    blocked = "".join(call(f"q{n}", name="waits") for n in range(7))
    again = "".join(call(f"r{n}", name="waits") for n in range(7))
    engine = ScriptedEngine(f"|{call('Orm mayor')}{blocked}", f"|{call('Ann works')}{again}", "|The answer is Bo [1].")
    agent = Agent(blocking(release.wait)[:1], tool_seconds=0.1)
    run = finish(agent, world_task(engine, Budget(seconds=LIMIT_S / 4)))
    answer, events = await asyncio.wait_for(run, LIMIT_S / 2)
    results = [e for e in events if isinstance(e, ToolResult)]
    assert [r.error for r in results] == [False, *[True] * 7] * 2
    assert [r.text for r in results if not r.error] == [f"[1] {HITS[2].chunk.text}", f"[2] {HITS[0].chunk.text}"]
    assert (answer.status, answer.text) == ("answered", "The answer is Bo [1].")


def test_a_process_with_a_blocked_tool_exits() -> None:
    script = """
import asyncio, time
from langchain_core.tools import tool
from ragkit.reasoning.tools.toolbox import as_tools, call_tool

@tool
def stuck(query: str) -> str:
    "Never comes back."
    time.sleep(3600)
    return query

print(asyncio.run(call_tool(as_tools([stuck])[0], {"query": "x"}, seconds=0.1)).text)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "stuck gave nothing within 0.1 s\n", "")


async def test_a_tool_that_never_comes_back_is_refused_in_the_end_and_no_other_one_is(
    release: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "MAX_THREADS", 2)
    waits, made, *_ = as_tools(blocking(release.wait))
    calls = [await call_tool(waits, {"query": "x"}, seconds=0.02) for _ in range(3)]
    assert ["within" in c.text for c in calls] == [True, True, False]
    assert calls[2].error and "have not come back" in calls[2].text
    release.set()
    assert (await call_tool(made, {"query": "x"}, seconds=LIMIT_S / 2)).text == "x True"
    async with asyncio.timeout(LIMIT_S / 2):
        while "have not come back" in (await call_tool(waits, {"query": "x"}, seconds=LIMIT_S)).text:
            await asyncio.sleep(0.01)  # the two threads are on their way out


async def test_a_tool_on_its_own_thread_sees_the_callers_context_and_its_errors_come_back() -> None:
    def who(query: str) -> str:
        """Say who asks."""
        if query == "stop":
            raise StopIteration(3)
        if query == "exit":
            raise SystemExit(3)
        return f"{WHO.get()} on a daemon: {threading.current_thread().daemon}"

    (tool,) = as_tools([langchain_tool(who)])
    WHO.set("Ann")
    assert (await call_tool(tool, {"query": "x"}, seconds=30)).text == "Ann on a daemon: True"
    for query, text in (("stop", "RuntimeError: StopIteration: 3"), ("exit", "SystemExit: 3")):
        assert await call_tool(tool, {"query": query}, seconds=30) == Output(text, error=True)


async def test_an_asynchronous_tool_runs_on_the_callers_loop() -> None:
    loops: list[object] = []

    @langchain_tool
    async def here(query: str) -> str:
        """Note the loop."""
        loops.append(asyncio.get_running_loop())
        return query

    assert (await call_tool(as_tools([here])[0], {"query": "x"}, seconds=30)).text == "x"
    assert loops == [asyncio.get_running_loop()]
