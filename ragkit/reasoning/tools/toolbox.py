"""Tools an agent may call: what one is, those that come with ragkit, and any langchain-core tool.

A tool takes arguments that its JSON schema accepts and gives back an `Output`: hits, which the agent numbers and packs
like every passage, or plain text, which is shown but cannot be cited. What a tool gives is data: it stays on its lines,
hidden characters and control markers in it are gone. A tool that raises or hangs gives an error text, never an
exception; one that blocks has a thread of its own (`threads`), and holds up neither other work nor exit.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from ...augment.packing import clean_line
from ...engines.markers import CONTROL_MARKERS
from ...errors import RagkitError, UsageError
from ...types import Chunk, Hit
from ..base import ChunksOf
from ..evidence import Evidence
from .arithmetic import calculate
from .schema import schema_problem
from .threads import unblocked

__all__ = [
    "Calculator",
    "OpenDocument",
    "Output",
    "SearchTool",
    "Tool",
    "as_tools",
    "call_tool",
    "clean_text",
    "declare",
]

MAX_CHARACTERS = 8000  # of a tool's plain text
MAX_QUERY = 1000
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class Output:
    """What a call gave: hits to be numbered, or text. `query`: what was searched for, where it was a search."""

    text: str = ""
    hits: tuple[Hit, ...] = ()
    query: str | None = None
    error: bool = False


@runtime_checkable
class Tool(Protocol):
    """One tool. `parameters` is the JSON schema of its arguments; `retrieves`: a call costs a hop of the budget.

    A `run` that is a plain function may block.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    retrieves: bool

    async def run(self, arguments: Mapping[str, Any]) -> Output: ...


def _object(properties: Mapping[str, Any], *required: str) -> Mapping[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


class SearchTool:
    """Searches the index under the caller's filter."""

    name = "search"
    description = "Search the documents; returns numbered passages."
    parameters = _object(
        {"query": {"type": "string", "minLength": 1, "maxLength": MAX_QUERY, "description": "what to look for"}},
        "query",
    )
    retrieves = True

    def __init__(self, find: Callable[[str], Awaitable[Sequence[Hit]]]) -> None:
        self._find = find

    async def run(self, arguments: Mapping[str, Any]) -> Output:
        """Return the best hits."""
        query = str(arguments["query"]).strip()
        if not query:
            return Output("the query is empty; say what to look for", error=True)
        return Output(hits=tuple(await self._find(query)), query=query)


class OpenDocument:
    """Opens the section around a passage that was shown, or its whole document."""

    name = "open_document"
    description = "Read on around a passage that was shown: its section, or its whole document."
    parameters = _object(
        {
            "passage": {"type": "integer", "minimum": 1, "description": "the passage's number"},
            "whole": {"type": "boolean", "description": "true opens the whole document"},
        },
        "passage",
    )
    retrieves = True

    def __init__(self, chunks: ChunksOf, evidence: Evidence) -> None:
        self._chunks, self._evidence = chunks, evidence

    async def run(self, arguments: Mapping[str, Any]) -> Output:
        """Return the chunks as hits in the document's order."""
        number = int(arguments["passage"])
        held = self._evidence.passages
        if not 1 <= number <= len(held):
            known = f"1 to {len(held)}" if held else "none; search first"
            return Output(f"there is no passage {str(number)[:20]}; known: {known}", error=True)
        around = held[number - 1].hits
        chunks = await self._chunks(held[number - 1].document_id)
        if not arguments.get("whole"):
            chunks = _section(chunks, around[0].chunk, around[-1].chunk)
        return Output(hits=tuple(Hit(c, 0.0) for c in chunks))


def _section(chunks: Sequence[Chunk], first: Chunk, last: Chunk) -> list[Chunk]:
    """The chunks of the section that holds `first`, and the neighbours of `first` to `last`."""
    return [
        c
        for c in chunks
        if first.ordinal - 1 <= c.ordinal <= last.ordinal + 1 or (first.section and c.section == first.section)
    ]


class Calculator:
    """Exact arithmetic, on numbers as documents write them (`arithmetic`)."""

    name = "calculator"
    description = "Calculate, for example (1200 - 350) * 3 / 4. 1,500 and 1 500 are read as 1500, 1,5 as 1.5."
    parameters = _object({"expression": {"type": "string", "minLength": 1, "maxLength": 200}}, "expression")
    retrieves = False

    async def run(self, arguments: Mapping[str, Any]) -> Output:
        """Return the value."""
        return Output(calculate(str(arguments["expression"])))


class LangChainTool:
    """A langchain-core tool: its own schema; documents it returns are shown as text.

    One without an asynchronous form is called by `invoke`: its `ainvoke` would block a thread of asyncio's.
    """

    retrieves = True

    def __init__(self, tool: Any) -> None:
        from langchain_core.tools import BaseTool
        from langchain_core.utils.function_calling import convert_to_openai_tool

        function = convert_to_openai_tool(tool)["function"]
        self.name = str(function["name"])
        self.description = str(function.get("description", ""))
        self.parameters: Mapping[str, Any] = function.get("parameters") or _object({})
        inherited = getattr(type(tool), "_arun", None) is BaseTool._arun
        blocks = tool.coroutine is None if hasattr(tool, "coroutine") else inherited
        self._call = tool.invoke if blocks else tool.ainvoke

    async def run(self, arguments: Mapping[str, Any]) -> Output:
        """Return what the tool gave, as text."""
        return Output(_plain(await unblocked(self.name, self._call, dict(arguments))))


def _plain(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "\n".join(_plain(v) for v in value)
    if isinstance(value, Mapping) and isinstance(value.get("text"), str):
        return str(value["text"])
    for name in ("page_content", "content"):  # a document, a message
        if hasattr(value, name):
            return _plain(getattr(value, name))
    return str(value)


def as_tools(tools: Sequence[Any]) -> list[Tool]:
    """Read what a caller offers as tools. Raises UsageError for what is none, and for two of one name."""
    read: list[Tool] = []
    for tool in tools:
        if hasattr(tool, "ainvoke") and hasattr(tool, "name") and hasattr(tool, "args_schema"):
            tool = LangChainTool(tool)
        if not isinstance(tool, Tool):
            raise UsageError(
                f"{tool!r:.80} is no tool; give a langchain-core tool, or one with name, parameters and run"
            )
        if not _NAME.match(tool.name):
            raise UsageError(f"the tool name {tool.name!r} is not 1-64 letters, digits, '-' and '_'; rename it")
        if tool.name in {t.name for t in read}:
            raise UsageError(f"two tools are named {tool.name!r}; rename one")
        read.append(tool)
    return read


def declare(tool: Tool) -> Mapping[str, Any]:
    """The tool as chat templates and servers take it."""
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
    }


async def call_tool(tool: Tool, arguments: Mapping[str, Any], *, seconds: float) -> Output:
    """Validate and run one call; whatever goes wrong comes back as an Output with ``error=True``."""
    problem = schema_problem(arguments, tool.parameters)
    if problem is not None:
        return Output(f"{tool.name}: {problem}", error=True)
    work = asyncio.ensure_future(_guarded(tool, arguments))
    try:
        done, _ = await asyncio.wait({work}, timeout=seconds)
    finally:
        if not work.done():
            work.cancel()  # not awaited: a tool that will not stop must not hold the answer
    if not done:
        return Output(f"{tool.name} gave nothing within {seconds:g} s", error=True)
    if work.cancelled():
        return Output(f"{tool.name} was cancelled", error=True)
    return work.result()


async def _guarded(tool: Tool, arguments: Mapping[str, Any]) -> Output:
    """Turn any failure into a line; SystemExit too, which would otherwise stop the event loop."""
    try:
        output = await unblocked(tool.name, tool.run, arguments)
    except RagkitError as exc:
        return Output(str(exc), error=True)
    except (Exception, SystemExit) as exc:  # noqa: BLE001 - a tool is foreign code: what it raises is reported
        first = (str(exc).strip() or "no message").splitlines()[0]
        return Output(f"{type(exc).__name__}: {first}"[:300], error=True)
    return output if isinstance(output, Output) else Output(_plain(output))


def clean_text(text: str, specials: Sequence[str] = ()) -> str:
    """A tool's plain text as the model may see it: visible, without markers, its ``[1]`` written ``(1)``.

    Text beyond MAX_CHARACTERS is left out, and says so.
    """
    markers = (*CONTROL_MARKERS, *specials)
    lines = [line for raw in text[:MAX_CHARACTERS].splitlines() if (line := clean_line(raw, markers))]
    rest = len(text) - MAX_CHARACTERS
    if rest > 0:
        lines.append(f"({rest} more characters are left out)")
    return "\n".join(lines)
