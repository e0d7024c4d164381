"""What every test shares: a home of its own, no network, no telemetry, no tool silently missing in CI."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("ragkit", deadline=None)  # a busy machine is not a failure
settings.register_profile("ci", deadline=None, derandomize=True)  # the same examples for the same code
settings.load_profile("ci" if os.environ.get("CI") == "true" else "ragkit")

os.environ.update(
    HF_HUB_OFFLINE="1",
    TOKENIZERS_PARALLELISM="false",
    VLLM_NO_USAGE_STATS="1",
    DO_NOT_TRACK="1",
    GRADIO_ANALYTICS_ENABLED="False",
    LANGSMITH_TRACING="false",
)


SHARED = (
    "engine",
    "vllm_engine",
    "transformers_engine",
    "live",
    "desk",
)  # they take seconds and hundreds of MiB


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers, tests that share an engine stay on one of them, and a file's tests stay together."""
    for item in items:
        file = item.nodeid.partition("::")[0]
        shared = any(name in getattr(item, "fixturenames", ()) for name in SHARED)
        item.add_marker(pytest.mark.xdist_group(str(Path(file).parent) if shared else file))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """RAGKIT_HOME in the test's own folder; settings of the machine do not reach the test."""
    for name in list(os.environ):
        if name.startswith("RAGKIT_"):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    monkeypatch.setenv("RAGKIT_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    return home


def need(tool: str) -> str:
    """Path of a program that a test runs; skips without it, fails in CI, where it must be installed."""
    found = shutil.which(tool)
    if found is None:
        reason = f"{tool} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}; .ci/run should install it")
        pytest.skip(reason)
    return found
