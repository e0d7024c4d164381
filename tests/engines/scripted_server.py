"""A server on loopback that a test scripts: what it lists, and what it answers to each POST."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[[Any, dict[str, Any]], None]


@contextmanager
def serving(
    script: Script, *, root: str = "none", names: tuple[str, ...] = ("m",), listed: tuple[int, bytes] | None = None
) -> Iterator[str]:
    """A server on loopback that lists `names`, or answers `listed`, and answers POSTs by `script(handler, payload)`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            cards = [{"id": n, "root": root, "max_model_len": 1024} for n in names]
            send_bytes(self, *(listed or (200, json.dumps({"data": cards}).encode())))

        def do_POST(self) -> None:
            script(self, json.loads(self.rfile.read(int(self.headers["content-length"]))))

        def log_message(self, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(handler: Any, status: int, document: Any) -> None:
    send_bytes(handler, status, json.dumps(document).encode())


def send_bytes(handler: Any, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
    handler.send_response(status)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def events(handler: Any, *items: Any) -> None:
    handler.send_response(200)
    handler.send_header("content-type", "text/event-stream")
    handler.end_headers()
    for item in items:
        data = item if isinstance(item, str) else json.dumps(item)
        handler.wfile.write(f"data: {data}\n\n".encode())
        handler.wfile.flush()
