"""Start a real vLLM server on loopback, for tests and benchmarks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ragkit.models.facts import cpu_dtype, read_facts


@dataclass(slots=True)
class Served:
    """A running server; `kill` reaches its children too, for they share its process group."""

    url: str
    process: subprocess.Popen[bytes]

    def kill(self, sig: signal.Signals) -> None:
        os.killpg(self.process.pid, sig)

    def running(self) -> float:
        """Requests that the engine is working on or holds in its queue."""
        base = self.url.removesuffix("/v1")
        with urllib.request.urlopen(f"{base}/metrics", timeout=5) as response:
            lines = response.read().decode().splitlines()
        names = ("vllm:num_requests_running", "vllm:num_requests_waiting{")
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(names))


@contextmanager
def vllm_server(model: Path, log: Path, *, start_s: float = 400) -> Iterator[Served]:
    """Serve `model` until the block ends; `log` takes what the server says."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "vllm.entrypoints.openai.api_server"),
        *("--model", str(model), "--served-model-name", "tiny", "--host", "127.0.0.1", "--port", str(port)),
        *("--enforce-eager", "--max-num-seqs", "64", "--kv-cache-memory-bytes", str(2**28), "--block-size", "32"),
        *("--reasoning-parser", "qwen3", "--enable-auto-tool-choice", "--tool-call-parser", "hermes"),
        *("--enable-prompt-tokens-details", "--generation-config", "vllm", "--dtype", cpu_dtype(read_facts(model))),
        *("--structured-outputs-config", '{"backend": "guidance", "disable_any_whitespace": true}'),
    ]
    environment = {**os.environ, "VLLM_NO_USAGE_STATS": "1"}
    environment["VLLM_CPU_OMP_THREADS_BIND"] = "nobind"
    # the server is three processes that import the same: let the first one keep its bytecode
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment.setdefault("PYTHONPYCACHEPREFIX", str(log.parent / "bytecode"))
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment, start_new_session=True)
        try:
            _wait(port, process, log, start_s)
            yield Served(f"http://127.0.0.1:{port}/v1", process)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path, start_s: float) -> None:
    end = time.monotonic() + start_s
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    raise RuntimeError(f"the vLLM server did not start:\n{log.read_text()[-2000:]}")
