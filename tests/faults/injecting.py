"""Compile the injector once for a test run, and start a harness under it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import need

ROOT = Path(__file__).resolve().parents[2]


def injector(folder: Path) -> Path:
    """The compiled library; skips where there is no C compiler, fails in CI."""
    library = folder / "injector.so"
    compiler = need("cc")
    source = Path(__file__).with_name("injector.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True)
    return library


def harness(module: str, *arguments: str, library: Path | None = None) -> Any:
    """Run `python -m tests.faults.MODULE` and return the JSON it prints."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"} | ({"LD_PRELOAD": str(library)} if library else {})
    done = subprocess.run(
        [sys.executable, "-m", f"tests.faults.{module}", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])
