"""A small app for many tests in a browser: two indexes in words, and a model that says what it was told to.

The server is real, the encoder and the engine are not: an answer can hold what it likes, and takes as long as a test
wants it to.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ragkit.engines.base import Delta, Request, Sample
from ragkit.index import held
from ragkit.rag import engines
from tests.fakes import ScriptedEngine, WordEncoder
from tests.server.live import serving

__all__ = ["Desk", "Speaker", "desk_of"]

MODEL = "transformers:desk/Speaker-1B-Instruct"
HANDBOOK = (
    {
        "id": "travel",
        "title": "Travel",
        "source": "travel.md",
        "media_type": "text/markdown",
        "text": "# Travel\n\n## Who approves travel\n\nThe finance director approves travel over 2,000 euros.\n\n"
        "## Receipts\n\nReceipts are handed in within ten days of the journey.",
    },
    {
        "id": "leave",
        "title": "Leave",
        "source": "/srv/secret/handbook/leave.md",
        "text": "# Leave\n\n## Paid leave\n\nEvery employee has thirty days of paid leave a year.",
    },
)
SEATS = (
    {"id": "ann", "title": "Ann", "text": "Ann works at Veltro."},
    {"id": "veltro", "title": "Veltro", "text": "Veltro is based in Orm."},
    {"id": "orm", "title": "Orm", "text": "The mayor of Orm is Ilse Brand."},
)


class Speaker(ScriptedEngine):
    """Says the queued lines; `hold` stops it in the middle of an answer, before the word "HOLD", until it is let go."""

    def __init__(self) -> None:
        super().__init__("The finance director [1].")
        self.go = threading.Event()
        self.go.set()

    def says(self, *lines: str) -> None:
        """What the next answers are; the last one is given again and again."""
        self.queue[:] = lines

    def _next(self, request: Request) -> Sample:
        """As scripted; "{some words}" becomes the number of the passage of the prompt that holds them."""
        script = self.queue[0]

        def number(found: re.Match[str]) -> str:
            held = re.search(rf"\[(\d+)\][^\n]*{re.escape(found[1])}", self.prompt)
            return f"[{held[1]}]" if held else "[99]"

        self.queue[0] = re.sub(r"\{([^}]+)\}", number, script)
        try:
            return super()._next(request)
        finally:
            self.queue[:1] = [script] if len(self.queue) == 1 else self.queue[:1]

    async def stream(self, request: Request) -> AsyncIterator[Delta | Sample]:
        """As scripted, but waits at "HOLD"."""
        async for item in super().stream(request):
            if isinstance(item, Delta) and "HOLD" in item.text:
                while not self.go.is_set():
                    await asyncio.sleep(0.02)
            yield item


@dataclass
class Desk:
    """The running app; `speaker` answers in it."""

    url: str
    service: Any
    speaker: Speaker
    home: Path

    @property
    def space(self) -> Any:
        """What the one user of it has."""
        return self.service.workspace()


@contextmanager
def desk_of(folder: Path, **settings: Any) -> Iterator[Desk]:
    """Serve the app over the indexes "handbook" and "seats"."""
    from ragkit.ui import mount

    from ragkit.server import create_app
    from ragkit.server.access.auth import current_user
    from ragkit.server.service import Service
    from ragkit.server.settings import ServiceSettings

    speaker = Speaker()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "encoder_named", WordEncoder)
        patch.setattr(engines, "open_engine", lambda *_, **__: speaker)
        chosen = {"index": "handbook", "model": MODEL, "strategy": "direct", "per_minute": 0, **settings}
        service = Service(ServiceSettings(home=folder / "home", **chosen))
        for name, texts in (("handbook", HANDBOOK), ("seats", SEATS)):
            service.workspace().create(name).add(texts)
        app = mount(create_app(service), service, current_user)
        with serving(app) as url:
            yield Desk(url, service, speaker, folder / "home")
        service.close()


def words_of(text: str) -> str:
    """Letters and digits alone, to compare what is shown with what was written."""
    return re.sub(r"[\W_]+", "", text)
