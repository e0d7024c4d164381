"""A home is made by what writes to it, and named where something is missing from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit import Index
from tests.fakes import WordEncoder

from .conftest import Run


@pytest.mark.parametrize(
    "arguments",
    [
        ("ls",),
        ("search", "x", "-i", "papers"),
        ("ask", "x"),
        ("rm", "x", "-i", "papers"),
        ("verify", "papers"),
        ("trace", "ls"),
        ("trace", "show", "abcd"),
        ("trace", "rm", "--all"),
        ("add", "./nofolder", "-i", "papers"),
    ],
)
def test_what_only_reads_or_fails_leaves_no_home_behind(ragkit: Run, home: Path, arguments: tuple[str, ...]) -> None:
    done = ragkit(*arguments)
    assert done.code == (0 if "ls" in arguments else 3)
    assert not home.exists()


def test_missing_index_is_told_with_the_home_and_how_to_make_it(ragkit: Run, rules: Index, home: Path) -> None:
    assert ragkit("ask", "x", "-i", "my papers").err == (
        f"error: no index named 'my papers' in {home} (there are: rules); name one with --index rules, or make "
        "it with `ragkit add FOLDER --index 'my papers'`\n"
    )


def test_folder_that_is_not_there_makes_no_index(ragkit: Run, rules: Index) -> None:
    assert ragkit("add", "./nofolder", "--index", "papers").code == 3
    assert [row["name"] for row in ragkit("ls", "--json").data] == ["rules"]


def test_indexes_that_evaluations_made_are_listed_when_asked_for(ragkit: Run, home: Path) -> None:
    for name in ("papers", "eval-nano-7"):
        Index(name, encoder=WordEncoder()).add({"id": "a", "text": "Ann works at Veltro."})
    done = ragkit("ls")
    assert (done.out.split("\t")[0], len(done.out.splitlines())) == ("papers", 1)
    assert "without 1 made by evaluations" in done.err
    assert [row["name"] for row in ragkit("ls", "--json").data] == ["papers"]
    assert {row["name"] for row in ragkit("ls", "--all", "--json").data} == {"papers", "eval-nano-7"}
