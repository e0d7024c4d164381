"""A real server: uvicorn in a thread on a free port of loopback, or the real command in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn


@contextmanager
def serving(app: Any, **more: Any) -> Iterator[str]:
    """Serve `app` until the block ends; gives its address without a slash at the end."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="error", access_log=False, timeout_graceful_shutdown=2, **more
    )
    server = uvicorn.Server(config)
    socket = config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        socket.close()


@contextmanager
def served(home: Path, *options: str) -> Iterator[tuple[str, int]]:
    """`ragkit serve` in a process that may open 1,024 files, as on most machines: its address and its process id."""
    command = [sys.executable, "-c", "from ragkit.cli import main; main()", "serve", "--port", "0"]
    shell = ["bash", "-c", 'ulimit -n 1024; exec "$@"', "-", *command, "--model", "extractive", *options]
    environment = {**os.environ, "RAGKIT_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(shell, stderr=subprocess.PIPE, text=True, env=environment, cwd=home) as process:
        assert process.stderr is not None
        try:
            said = ""
            while not (found := re.search(r"http://\S+:(\d+)/", said)):
                line = process.stderr.readline()
                assert line, said
                said += line
            threading.Thread(target=process.stderr.read, daemon=True).start()  # a full pipe would hold the server up
            url = f"http://127.0.0.1:{found[1]}"
            with httpx.Client(base_url=url, timeout=60, transport=httpx.HTTPTransport(retries=5)) as client:
                assert client.get("/health").status_code == 200
            yield url, process.pid
        finally:
            process.terminate()
            process.wait(30)
