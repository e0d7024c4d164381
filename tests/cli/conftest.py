"""Commands run in this process, and a small index to ask."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ragkit import Index
from ragkit.cli import main
from tests.fakes import WordEncoder


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """One JSON value for each line."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Result]


@pytest.fixture
def ragkit(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def call(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["ragkit", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsys.readouterr()
        return Result(int(left.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture
def rules(home: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    """An index `rules` whose encoder stands in for the real one."""
    from ragkit.index import held

    monkeypatch.setattr(held, "encoder_named", WordEncoder)
    made = Index("rules", encoder=WordEncoder())
    made.add(
        {"id": "travel", "title": "Travel", "text": "The finance director approves travel over 2,000 euros."},
        {"id": "leave", "title": "Leave", "text": "Every employee has thirty days of paid leave a year."},
    )
    return made
