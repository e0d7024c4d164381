"""One live server for all tests of the app: nano on vLLM over a small invented world, and a headless Chromium.

The server runs in a thread of this process, so that a test can look into the engine; a file's tests share a browser,
each test has a page of its own, and no page may speak to another host.
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import need
from tests.server.live import serving

from .desk import Desk, desk_of

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 90_000  # a busy machine is not a failure
HOSTILE = (
    'x" onload=alert(1) <img src=http://evil.test/p.png onerror="window.hacked=1"><script>window.hacked=1</script>'
)


@pytest.hookimpl(tryfirst=True)  # before `-m "not slow"` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Walking through the app in a browser is slow, but for the main way and what the small desk serves.

    Warnings of Gradio's threads are not ours.
    """
    for item in items:
        if "tests/ui/" in str(item.fspath).replace("\\", "/"):
            item.add_marker(pytest.mark.filterwarnings("ignore"))
            walks = {"live", "browser"} & set(getattr(item, "fixturenames", ()))
            quick = item.get_closest_marker("main_way") or "desk" in getattr(item, "fixturenames", ())
            if walks and not quick:
                item.add_marker(pytest.mark.slow)


@dataclass
class Live:
    """The running app. `questions` can be answered from the index "world"."""

    url: str
    home: Path
    service: Any
    questions: list[dict[str, Any]]

    @property
    def engine(self) -> Any:
        """The engine behind the index "world"."""
        return self.service.workspace().rag("world").engine

    def busy(self) -> int:
        """Requests in the gate and in the engine."""
        flight = self.service.in_flight()
        return int(flight["running"] + flight["waiting"] + self.engine.running)

    def idle_within(self, seconds: float) -> bool:
        """Whether nothing is left at work before so many seconds are over."""
        return until(lambda: self.busy() == 0, seconds)


def until(true: Callable[[], bool], seconds: float) -> bool:
    """Look every 20 ms whether something has become true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return true()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The app over two indexes: "world", which nano can read, and "hostile", whose documents attack the page."""
    pytest.importorskip("gradio")
    pytest.importorskip("vllm", exc_type=ImportError)
    from ragkit.nano.world.corpus import write_corpus
    from ragkit.ui import mount

    from ragkit.server import create_app
    from ragkit.server.access.auth import current_user
    from ragkit.server.service import Service
    from ragkit.server.settings import ServiceSettings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = tmp_path_factory.mktemp("app")
        home = folder / "home"
        write_corpus(folder, seed=3, documents=40, questions=60)
        service = Service(ServiceSettings(home=home, index="world", model="nano", per_minute=0))
        space = service.workspace()
        documents = [json.loads(line) for line in (folder / "documents.jsonl").read_text().splitlines()]
        space.create("world").add(documents)
        space.create("hostile").add([{"id": "evil", "title": HOSTILE, "text": f"Kesta is based in Lind. {HOSTILE}"}])
        service.load()
        app = mount(create_app(service), service, current_user)
    questions = [json.loads(line) for line in (folder / "questions.jsonl").read_text().splitlines()]
    with serving(app) as url:
        yield Live(url, home, service, [q for q in questions if q["answers"]])
    service.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A small app whose model says what it is told to: seconds, not a minute.

    Of one file, no longer: while it is up, every engine that is opened in this process is its scripted one.
    """
    pytest.importorskip("gradio")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with desk_of(tmp_path_factory.mktemp("desk")) as made:
            yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium. While it is open an event loop runs in this thread, so that no asynchronous test could."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=need("chromium"), args=ARGS)
        yield found
        found.close()


@pytest.fixture
def open_page(live: Live, browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages of the app; at the end none of them may have spoken to another host or run a script not ours."""
    contexts: list[Any] = []
    foreign: list[str] = []

    def open_(path: str = "/", **options: Any) -> Any:
        context = browser.new_context(**{"locale": "en-US", "reduced_motion": "reduce", **options})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        context.on("request", lambda r: foreign.append(r.url) if _foreign(r.url, live.url) else None)
        context.on("dialog", lambda d: (foreign.append(f"dialog: {d.message}"), d.dismiss()))
        return opened(context, live.url + path)

    yield open_
    hacked = [page.evaluate("window.hacked") for context in contexts for page in context.pages if not page.is_closed()]
    for context in contexts:
        context.close()
    assert foreign == []
    assert not any(hacked)


def opened(context: Any, url: str) -> Any:
    """A new tab with the app, ready for a question."""
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("#rk-hero > *")
    return page


@pytest.fixture
def page(open_page: Callable[..., Any]) -> Any:
    """The app, opened."""
    return open_page()


def _foreign(url: str, own: str) -> bool:
    return not url.startswith((own, "data:", "blob:", "about:"))
