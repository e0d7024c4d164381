"""Every command, found by walking them: what reads makes nothing, no option is overwritten by its second mention."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from ragkit.cli import app as commands

from .conftest import Run


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, below in getattr(command, "commands", {}).items():
        yield from walk(below, (*path, name))
    if not hasattr(command, "commands"):
        yield path, command


commands._mount_leaves()
COMMANDS = dict(walk(typer.main.get_command(commands.app)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_an_option_that_repeats_means_several_or_is_refused(path: tuple[str, ...], ragkit: Run) -> None:
    for param in COMMANDS[path].params:
        if param.param_type_name != "option" or param.multiple or param.is_eager:
            continue
        for first in param.opts:
            for second in (*param.opts, *param.secondary_opts):
                if param.is_flag and not param.secondary_opts:
                    continue  # said twice, a flag means what it means said once
                value = [] if param.is_flag else ["1"]
                done = ragkit(*path, first, *value, second, *value)
                assert done.code == 2 and "is given 2 times" in done.err, (path, first, second, done)


ARGUMENTS: dict[str, tuple[str, ...]] = {
    "search": ("leave",), "ask": ("leave",), "ls": ("typo",), "rm": ("a.md",), "verify": ("typo",), "repair": ("typo",),
    "trace ls": (), "trace show": ("abcd",), "trace replay": ("abcd",), "trace diff": ("abcd", "bcde"),
    "trace rm": ("abcd",), "eval run": ("primer",), "eval sweep": ("primer",),
}  # fmt: skip
WRITES_OR_ASKS_NO_INDEX = {
    "demo", "add", "doctor", "plan", "serve", "ui", "chat",
    "prompts ls", "prompts show", "prompts check",
    "eval compare", "eval report", "eval calibrate", "eval profile", "eval score",
}  # fmt: skip


def test_every_command_is_known_to_read_or_not() -> None:
    assert {" ".join(path) for path in COMMANDS} == set(ARGUMENTS) | WRITES_OR_ASKS_NO_INDEX


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_command_that_reads_makes_nothing(name: str, ragkit: Run, home: Path) -> None:
    takes = {option for param in COMMANDS[tuple(name.split())].params for option in param.opts}
    done = ragkit(*name.split(), *ARGUMENTS[name], *(["--index", "typo"] if "--index" in takes else []))
    assert done.code or name == "trace ls", done
    assert not home.exists()
