"""What a command takes when it was not told: the only index, which stderr tells; options that say their values."""

from __future__ import annotations

import sys
from io import BytesIO, TextIOWrapper

import pytest

from ragkit import Index
from ragkit.cli.choosing import STRATEGY_NAMES, tell_of_model
from ragkit.cli.output import Say
from ragkit.reasoning import STRATEGIES
from tests.fakes import WordEncoder

from .conftest import Run

ONLY = "index 'rules', the only one here\n"
TRAVEL = "Who approves travel over 2,000 euros?"


@pytest.mark.parametrize("command", [("ask", TRAVEL), ("ask", TRAVEL, "--stream"), ("search", TRAVEL), ("chat",)])
def test_only_index_is_taken_and_told(
    ragkit: Run, rules: Index, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(TRAVEL.encode())))
    done = ragkit(*command)
    assert (done.code, done.err.startswith(ONLY)) == (0, True)
    assert "finance director" in done.out
    assert "the only one" not in done.out


def test_only_index_is_not_taken_where_another_was_named(
    ragkit: Run, rules: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ragkit("ask", TRAVEL, "-i", "other").code == 3
    monkeypatch.setenv("RAGKIT_INDEX", "other")
    done = ragkit("ask", TRAVEL)
    assert (done.code, ONLY in done.err) == (3, False)


def test_one_of_several_indexes_is_not_guessed(ragkit: Run, rules: Index) -> None:
    Index("more", encoder=WordEncoder()).add({"id": "x", "text": "Something else."})
    done = ragkit("ask", TRAVEL)
    assert done.code == 3
    assert "no index named 'default'" in done.err and "name one with --index" in done.err


def test_index_of_the_default_name_is_taken_without_a_word(ragkit: Run, rules: Index) -> None:
    rules.drop()
    Index("default", encoder=WordEncoder()).add({"id": "x", "text": "The finance director approves travel."})
    assert "the only one" not in ragkit("search", "travel").err


def test_deleting_wants_the_index_named(ragkit: Run, rules: Index) -> None:
    assert ragkit("rm", "--all", "--yes").code == 3
    assert ragkit("rm", "travel").code == 3
    assert len(rules.documents()) == 2


def test_budget_without_a_model_is_told_to_cap_nothing(ragkit: Run, rules: Index) -> None:
    idle = "no model is configured: the budget has nothing to cap"
    assert idle in ragkit("ask", TRAVEL, "-i", "rules", "--budget", 1024).err
    assert idle not in ragkit("ask", TRAVEL, "-i", "rules").err
    assert idle not in ragkit("ask", TRAVEL, "-i", "rules", "--budget", 1024, "-q").err


def test_help_names_every_strategy_and_kind_of_model(ragkit: Run) -> None:
    assert sorted(STRATEGY_NAMES.split(", ")) == sorted(STRATEGIES)
    for command in ("ask", "chat", "serve"):
        shown = " ".join(ragkit(command, "--help").out.split())
        assert STRATEGY_NAMES in shown, command
        for kind in ("nano (a test model", "a hub name", "a folder", "openai:URL#name", "extractive (no model)"):
            assert kind in shown, (command, kind)


def test_standard_input_that_is_not_utf8_is_refused(ragkit: Run, rules: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    for errors in ("strict", "surrogateescape"):
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO("Кто?".encode("cp1251")), "utf-8", errors))
        done = ragkit("ask", "-", "-i", "rules")
        assert (done.code, done.err.startswith("error: the question is not UTF-8 text")) == (2, True)


def test_nano_is_told_to_be_no_reader_of_real_documents(capsys: pytest.CaptureFixture[str]) -> None:
    tell_of_model(Say(), "nano")
    assert "reads invented worlds alone" in capsys.readouterr().err
    tell_of_model(Say(), "extractive")
    assert capsys.readouterr().err == ""
