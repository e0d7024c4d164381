"""How commands speak: data on stdout, progress on stderr, JSON on request, one line per error."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from ..errors import RagkitError, UsageError
from ..text.foreign import for_terminal
from ..types import to_plain

__all__ = [
    "IndexOption",
    "JsonOption",
    "ModelOption",
    "QuietOption",
    "Say",
    "checked",
    "counted",
    "fail",
    "going_on",
    "json_text",
    "printable",
    "read_text",
    "say",
    "where_filter",
]

_CONTROL = re.compile(r"[\x7f-\x9f]")  # what JSON leaves as it is and a terminal obeys
_NOT_UTF8 = "the question is not UTF-8 text; convert it, as with iconv -f CP1251 -t UTF-8"
IndexOption = Annotated[str | None, typer.Option("--index", "-i", help="Index to use [RAGKIT_INDEX, else 'default'].")]
ModelOption = Annotated[
    str | None,
    typer.Option(
        help="Model: nano (a test model that reads only invented worlds), a hub name, a folder, openai:URL#name, "
        "extractive (no model)."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no remarks.")]


@dataclass(slots=True)
class Say:
    """Where output goes; set once per command by `say`."""

    as_json: bool = False
    quiet: bool = False

    @property
    def out(self) -> Console:
        """Data."""
        return Terminal(highlight=False, emoji=False, soft_wrap=not sys.stdout.isatty(), no_color=_plain())

    @property
    def err(self) -> Console:
        """Progress and remarks."""
        wrap = sys.stderr.isatty()
        return Terminal(
            stderr=True, highlight=False, emoji=False, quiet=self.quiet, soft_wrap=not wrap, no_color=_plain()
        )

    def row(self, *cells: object) -> None:
        """Print one row of a list, its cells apart by tabs, for `cut` and the like."""
        typer.echo("\t".join(" ".join(printable(str(cell)).split()) for cell in cells))

    def line(self, value: Any) -> None:
        """Print a value as JSON on a line of its own, at once: one of many that come over time."""
        typer.echo(json_text(to_plain(value)))
        sys.stdout.flush()

    def data(self, value: Any) -> None:
        """Print a value as JSON on one line when it is many, indented when it is one."""
        typer.echo(json_text(to_plain(value), indent=None if isinstance(value, list) else 2))


_state = Say()


def say(as_json: bool = False, quiet: bool = False) -> Say:
    """Set how this command speaks and return the speaker."""
    _state.as_json, _state.quiet = as_json, quiet or as_json
    return _state


def fail(error: BaseException) -> NoReturn:
    """Print one line for `error` and leave with its exit code; under --json the line is an object on stdout."""
    debug = os.environ.get("RAGKIT_DEBUG") == "1"
    code = error.exit_code if isinstance(error, RagkitError) else 130 if isinstance(error, KeyboardInterrupt) else 1
    if isinstance(error, KeyboardInterrupt):
        text = str(error) or "interrupted; what was reported as done is kept"
    elif isinstance(error, RagkitError):
        text = " ".join(str(error).split())
    else:
        text = f"unexpected {type(error).__name__}: {' '.join(str(error).split())}; run with --debug to see where"
    if debug:
        Console(stderr=True).print_exception()
    if _state.as_json:
        typer.echo(json_text({"error": {"type": type(error).__name__, "message": text, "exit_code": code}}))
    else:
        Terminal(stderr=True, highlight=False, emoji=False, soft_wrap=True, no_color=_plain()).print(
            f"[bold red]error:[/] {_escape(text)}"
        )
    raise SystemExit(code)


@contextmanager
def going_on(index: str) -> Iterator[None]:
    """Around what puts documents into an index: an interruption ends in one line that says how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        fail(KeyboardInterrupt(f"interrupted; what went in is kept in {index!r}: run the same command again to go on"))


def printable(text: str) -> str:
    """Text of a model or a document without control characters, which a terminal would obey."""
    return for_terminal(text)


def json_text(value: Any, *, indent: int | None = None) -> str:
    """A value as JSON in which nothing is left that a terminal would obey; it reads back as the same."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class Terminal(Console):
    """Rich's console, but of every text it is given only what is seen comes out: what Rich writes itself stays."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Text as it is shown. Everything that is printed, and every cell of a table, comes through here."""
        return super().render_str(for_terminal(text), **options)


def counted(n: int, noun: str) -> str:
    """The number with its noun.

    >>> counted(1, "chunk"), counted(2, "chunk")
    ('1 chunk', '2 chunks')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def read_text(argument: str) -> str:
    """The question itself, or standard input for '-'. Raises UsageError where it is not UTF-8."""
    try:
        return checked(sys.stdin.read() if argument == "-" else argument)
    except UnicodeDecodeError as exc:
        raise UsageError(_NOT_UTF8) from exc


def checked(question: str) -> str:
    """The question itself. Raises UsageError where bytes of it were not UTF-8, which Python keeps as surrogates."""
    try:
        question.encode("utf-8")
    except UnicodeEncodeError as exc:
        raise UsageError(_NOT_UTF8) from exc
    return question


def where_filter(pairs: list[str]) -> dict[str, Any] | None:
    """Read repeated ``key=value`` options; numbers and true/false are read as such, ``a,b`` as any of."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"--where {pair!r} is not of the form key=value")
        values = [_value(v) for v in value.split(",")]
        found[key.strip()] = values if len(values) > 1 else values[0]
    return found or None


def _value(text: str) -> str | int | float | bool:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, (int, float, bool)) else text


def _plain() -> bool:
    return "NO_COLOR" in os.environ or _color(os.environ.get("RAGKIT_COLOR"), str(Path.cwd())) == "never"


@lru_cache(maxsize=2)
def _color(variable: str | None, folder: str) -> str:
    """The setting, read once for its two sources: every line that is printed asks for it."""
    from ..config import settings
    from ..errors import ConfigError

    try:
        return settings().color
    except ConfigError:  # told where the settings are used; an error must be printable all the same
        return variable or "auto"


def _escape(text: str) -> str:
    return text.replace("[", r"\[")
