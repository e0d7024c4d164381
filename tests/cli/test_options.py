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


commands.mount_leaves()
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


MAKES_OR_STAYS = {"demo", "add", "sync", "serve", "ui", "chat"}  # what makes an index, or stays until it is stopped
GIVEN = {"eval run": ("primer",), "eval sweep": ("primer",), "trace show": ("abcd",), "trace replay": ("abcd",)}


def names_an_index(command: Any) -> bool:
    return any("--index" in param.opts or param.name == "index" for param in command.params)


READING = [" ".join(path) for path, command in COMMANDS.items() if names_an_index(command)]


@pytest.mark.parametrize("name", sorted(set(READING) - MAKES_OR_STAYS))
def test_a_command_that_reads_makes_nothing(name: str, ragkit: Run, home: Path) -> None:
    params = COMMANDS[tuple(name.split())].params
    required = ["typo" for param in params if param.param_type_name == "argument"]
    named = ["--index", "typo"] if any("--index" in param.opts for param in params) else []
    done = ragkit(*name.split(), *GIVEN.get(name, required), *named)
    assert done.code, done
    assert not home.exists()
