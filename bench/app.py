"""The app's speed in headless Chromium: bytes of the first page, when it can be used, what an answer costs.

    python -m bench.app            prints JSON: kB transferred, seconds to the first usable page (cold and warm), the
                                   longest the page was blocked, and server CPU and waiting time of extractive answers

The server runs in this process over one small index, with the encoder that ships with ragkit; nothing else asks.
"""

from __future__ import annotations

import json
import shutil
import statistics
import tempfile
import threading
import time
import warnings
from pathlib import Path
from typing import Any

ANSWERS = 15
TEXT = "The finance director approves travel over {n},000 euros. Receipts of kind {n} are handed in within {n} days."
BLOCKED = """() => { window.blocked = 0; new PerformanceObserver((l) => { for (const e of l.getEntries())
    window.blocked += Math.max(0, e.duration - 50); }).observe({ type: 'longtask', buffered: true }); }"""


def main() -> None:
    """Measure, and print one JSON object."""
    import uvicorn
    from playwright.sync_api import sync_playwright
    from ragkit.ui import mount

    from ragkit.server import create_app
    from ragkit.server.service import Service
    from ragkit.server.settings import ServiceSettings

    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        service = Service(ServiceSettings(home=Path(folder), index="main", model="extractive", per_minute=0))
        service.workspace().create("main").add([{"id": str(n), "text": TEXT.format(n=n)} for n in range(2, 40)])
        config = uvicorn.Config(mount(create_app(service), service), port=0, log_level="error")
        socket, server = config.bind_socket(), uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        url = f"http://127.0.0.1:{socket.getsockname()[1]}/"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            context = browser.new_context(locale="en-US")
            told = {"cold": visit(context, url), "warm": visit(context, url)}
            told["answers"] = answers(context, url)
            browser.close()
        server.should_exit = True
        thread.join(10)
        service.close()
    print(json.dumps(told, indent=1))


def visit(context: Any, url: str) -> dict[str, float]:
    """Open the page once: kB over the wire, seconds until it can be used, milliseconds it was blocked."""
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    received: list[float] = []
    wire.on("Network.loadingFinished", lambda e: received.append(e["encodedDataLength"]))
    page.add_init_script(f"({BLOCKED})()")
    begun = time.perf_counter()
    page.goto(url)
    page.wait_for_selector("#rk-hero > *")
    usable = time.perf_counter() - begun
    page.wait_for_timeout(1500)  # what the page still fetches; its heartbeat never ends
    blocked = page.evaluate("window.blocked")
    page.close()
    return {"kB": round(sum(received) / 1000), "usable_s": round(usable, 2), "blocked_ms": round(blocked)}


def answers(context: Any, url: str) -> dict[str, float]:
    """Ask one question after another in one page; the first one loads the index and is not counted."""
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("#rk-hero > *")
    cpu, wall, searching = [], [], []
    for n in range(2, ANSWERS + 3):
        page.fill("#rk-question", f"Who approves travel over {n},000 euros?")
        before, begun = time.process_time(), time.perf_counter()
        page.press("#rk-question", "Enter")
        page.locator(".rk-turn").nth(n - 2).wait_for()
        searching.append(time.perf_counter() - begun)
        page.locator(".rk-turn").nth(n - 2).locator(".rk-meta").wait_for()
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - before)
    return {
        "server_cpu_ms": round(1000 * statistics.median(cpu[1:])),
        "wall_ms": round(1000 * statistics.median(wall[1:])),
        "shown_ms": round(1000 * statistics.median(searching[1:])),
    }


if __name__ == "__main__":
    main()
