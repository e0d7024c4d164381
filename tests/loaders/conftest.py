"""One parser for a whole test module: starting the worker costs more than most tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ragkit.errors import LoadError
from ragkit.loaders import Parser, discover
from ragkit.types import Document

Read = Callable[[str, bytes | str], list[Document]]
Refusal = Callable[[str, bytes | str], str]


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser() as one:
        yield one


@pytest.fixture
def read(parser: Parser, tmp_path: Path) -> Read:
    """Write a file and parse it."""

    def write_and_parse(name: str, content: bytes | str) -> list[Document]:
        path = tmp_path / name
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        (source,) = discover([path])
        return parser.parse(source)

    return write_and_parse


@pytest.fixture
def refusal(read: Read) -> Refusal:
    """Write a file, see it refused, return the line a user gets."""

    def write_and_fail(name: str, content: bytes | str) -> str:
        with pytest.raises(LoadError) as caught:
            read(name, content)
        line = str(caught.value)
        assert name in line and "\n" not in line
        return line

    return write_and_fail
