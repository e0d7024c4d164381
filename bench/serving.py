"""What the server adds: seconds until the first streamed token beyond the engine's own first token.

    python bench/serving.py [--page] [--model nano] [-n 40] [--documents 200] [--out FILE]

A real uvicorn server on loopback and the engine share this process. For each question, asked alone, the engine's own
wait (from the call of `stream` to its first piece) is taken off the client's: from the request to the first chunk with
text. What is left is HTTP, the gate, the search, the prompt and the way back. Between two questions there is a pause,
as there is when a person reads: in it the last answer's trace is committed. --page asks in the app, in a headless
Chromium: from the key to the frame that shows the first words, and where that time goes. Percentiles in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from ragkit.nano.world.corpus import build_corpus, corpus_questions

from ragkit.server import create_app
from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings

PAUSE_S = 2.0
WATCH = """() => {
    const now = () => Date.now();  // as Python's time.time(): the clock of performance.now() drifts away from it
    document.querySelector('#rk-question').addEventListener('keydown', (e) => {
        if (e.key === 'Enter') { window.pressed = now(); window.seen = 0; } }, true);
    new MutationObserver(() => {
        const turn = document.querySelector('.rk-turn:last-child');
        const text = turn && [...turn.querySelectorAll('.rk-thought-text, .rk-answer')].some((n) => n.textContent);
        if (text && !window.seen) requestAnimationFrame(() => { window.seen = window.seen || now(); });
    }).observe(document.querySelector('#rk-thread'), {subtree: true, childList: true, characterData: true});
}"""


class Timing:
    """Notes when the engine is first called for a question and when that call's first piece comes, in Unix seconds."""

    def __init__(self, engine: Any) -> None:
        self._stream, self.called, self.first = engine.stream, 0.0, 0.0
        engine.stream = self.stream

    async def stream(self, request: Any) -> AsyncIterator[Any]:
        waiting = not self.called
        if waiting:
            self.called = time.time()
        async for item in self._stream(request):
            if waiting:
                self.first, waiting = time.time(), False
            yield item


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve `app` until the block ends; gives its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", access_log=False)
    server, socket = uvicorn.Server(config), config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def through_v1(url: str, questions: Sequence[str], timing: Timing) -> Iterator[dict[str, float]]:
    """Ask through the API; one row of seconds for each question."""
    with httpx.Client(base_url=url, timeout=300) as client:
        for question in questions:
            time.sleep(PAUSE_S)
            body = {"model": "world", "stream": True, "messages": [{"role": "user", "content": question}]}
            start, first = time.time(), 0.0
            with client.stream("POST", "/v1/chat/completions", json=body) as reply:
                reply.raise_for_status()
                for line in reply.iter_lines():
                    if not first and line.startswith("data: {"):
                        delta = json.loads(line.removeprefix("data: "))["choices"][0]["delta"]
                        if delta.get("reasoning") or delta.get("content"):
                            first = time.time()
            yield row(start, timing, first) | {"whole": time.time() - start}


def in_page(url: str, questions: Sequence[str], timing: Timing) -> Iterator[dict[str, float]]:
    """Ask in the app, each question in a new conversation."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_page(locale="en-US", reduced_motion="reduce")
        page.set_default_timeout(120_000)
        page.goto(url)
        page.wait_for_selector("#rk-hero > *")
        page.evaluate(WATCH)
        for question in questions:
            time.sleep(PAUSE_S)
            if page.locator(".rk-turn").count():
                page.click("#rk-new")
            page.fill("#rk-question", question)
            page.press("#rk-question", "Enter")
            page.locator(".rk-turn").last.locator(".rk-meta").wait_for()
            pressed, seen = page.evaluate("[window.pressed, window.seen]")
            yield row(pressed / 1000, timing, seen / 1000)
        chromium.close()


def row(start: float, timing: Timing, first: float) -> dict[str, float]:
    """Where the time until the first words went."""
    before, engine, after = timing.called - start, timing.first - timing.called, first - timing.first
    timing.called = timing.first = 0.0
    return {"beyond_engine": before + after, "before": before, "engine": engine, "after": after}


def percentile(values: Sequence[float], share: float) -> float:
    return round(1000 * sorted(values)[min(len(values) - 1, int(share * len(values)))], 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--model", default="nano")
    parser.add_argument("-n", type=int, default=40)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--out", type=Path)
    told = parser.parse_args()
    world = build_corpus(7, told.documents)
    questions = [q.text for q in corpus_questions(8, world, told.n, {"hop1": 0.5, "hop2": 0.5})]
    with tempfile.TemporaryDirectory() as home:
        service = Service(ServiceSettings(home=Path(home), model=told.model, strategy="cot", per_minute=0))
        here = service.workspace()
        here.create("world")
        here.add("world", texts=[{"id": f"d{n}", "text": p.text} for n, p in enumerate(world.passages)])
        service.load()
        timing = Timing(here.rag("world").engine)
        app = create_app(service)
        if told.page:
            from ragkit.ui import mount

            app = mount(app, service)
        with served(app) as url:
            asking = in_page if told.page else through_v1
            rows = list(asking(url, [questions[0], *questions], timing))[1:]  # the first one warms up
        service.close()
    found = {
        f"{name}_ms": {"p50": percentile(v, 0.5), "p95": percentile(v, 0.95)}
        for name in rows[0]
        for v in [[row[name] for row in rows]]
    }
    text = json.dumps({"n": told.n, "model": told.model, "documents": told.documents, **found}, indent=2)
    print(text)
    if told.out:
        told.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
