"""The documentation builds without a broken link, and its snippets do what the pages say, walked as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(python|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = sorted(p for p in DOCS.rglob("*.md") if FENCE.search(p.read_text()))


def script_of(page: Path) -> str:
    """One program of a page's snippets, in their order; shell lines are run where they stand."""
    parts = ["import subprocess, sys"]
    for language, code in FENCE.findall(page.read_text()):
        if language == "python":
            parts.append(code)
        else:
            for line in filter(None, map(str.strip, code.splitlines())):
                command = re.sub(r"^ragkit\b", "-m ragkit", line.partition("#")[0].strip()).split()
                parts.append(f"subprocess.run([sys.executable, *{command!r}], check=True)")
    return "\n".join(parts)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(DOCS).as_posix())
def test_every_snippet_of_a_page_runs_as_it_stands(page: Path, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RAGKIT_")}
    (tmp_path / "page.py").write_text(script_of(page))
    done = subprocess.run(
        [sys.executable, "page.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_site_builds_and_no_link_is_broken(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, (built.stdout + built.stderr)[-3000:]
    pages = {p.relative_to(tmp_path / "site").as_posix() for p in (tmp_path / "site").rglob("*.html")}
    assert {"index.html", "reference/commands.html", "reference/settings.html", "reference/python.html"} <= pages
    commands = (tmp_path / "site/reference/commands.html").read_text()
    assert "ragkit eval run" in commands and "--retrieval-only" in commands
    for page in (tmp_path / "site").rglob("*.html"):  # a reader without a network sees the same
        assert not re.findall(r'(?:src|href)="(https?://[^"]+\.(?:js|css|woff2?))"', page.read_text())
