"""The History tab: conversations outlive the process, are found, opened, renamed, deleted. Every tab is accessible."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import PATIENCE_MS, Live, until
from .test_chat import answered, ask

SERVE = """
import sys, uvicorn
from pathlib import Path
from ragkit.server import create_app
from ragkit.server.access.auth import current_user
from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings
from ragkit.ui import mount
service = Service(ServiceSettings(home=Path(sys.argv[1]), index="world", model="extractive"))
uvicorn.run(mount(create_app(service), service, current_user), host="127.0.0.1", port=0)
"""


@pytest.fixture
def question(live: Live) -> str:
    return next(str(q["question"]) for q in live.questions if q["meta"]["kind"] == "hop1")


def test_a_conversation_is_found_after_a_restart_with_its_sources(
    live: Live, page: Any, question: str, browser: Any, tmp_path: Path
) -> None:
    answered(ask(page, question))
    conversation = page.evaluate("location.hash")
    words = page.locator("#rk-sources mark").first.text_content()
    log = (tmp_path / "log").open("w+")
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", SERVE, str(live.home)],
        stdout=log,
        stderr=subprocess.STDOUT,
        env={k: v for k, v in os.environ.items() if k != "RAGKIT_HOME"},
    )
    try:
        found: list[str] = []

        def told() -> bool:
            found.extend(re.findall(r"http://127\.0\.0\.1:\d+", (tmp_path / "log").read_text()))
            return bool(found) or server.poll() is not None

        assert until(told, 4 * PATIENCE_MS / 1000) and found, (tmp_path / "log").read_text()
        fresh = browser.new_context(locale="en-US").new_page()
        fresh.set_default_timeout(PATIENCE_MS)
        fresh.goto(found[0] + "/" + conversation)
        fresh.locator(".rk-turn .rk-meta").wait_for()
        assert fresh.locator(".rk-question-text").inner_text() == question
        assert fresh.locator("#rk-sources mark").first.text_content() == words
        assert fresh.locator(".rk-thought").count() >= 1
        fresh.get_by_role("tab", name="History").click()
        fresh.locator(".rk-row-title", has_text=question).first.wait_for()
        fresh.context.close()
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def test_conversations_are_searched_opened_renamed_and_deleted(live: Live, page: Any) -> None:
    stored = live.service.workspace().store.conversations
    from ragkit.store import Turn

    for word in ("walrus", "heron"):
        talk = stored.create(title=f"About a {word}")
        stored.append(talk.id, Turn(f"Who saw the {word}?", "", f"Nobody saw the {word}.", "answered"))
    page.get_by_role("tab", name="History").click()
    page.fill("#rk-search", "walrus")
    page.wait_for_function("document.querySelectorAll('.rk-row').length === 1")
    page.get_by_role("button", name="Rename: About a walrus").click()
    page.fill(".rk-rename input", "A tusked beast")
    page.press(".rk-rename input", "Enter")
    page.locator(".rk-row-title", has_text="A tusked beast").wait_for()
    page.locator(".rk-open").click()
    page.locator(".rk-answer", has_text="Nobody saw the walrus.").wait_for()
    assert page.locator("#rk-title").inner_text() == "A tusked beast"
    page.get_by_role("tab", name="History").click()
    page.get_by_role("button", name="Delete: A tusked beast").click()
    assert page.get_by_text("Delete for good?").is_visible()
    page.locator(".rk-row-tools .rk-danger").click()
    page.locator("#rk-list-empty", has_text="Nothing was found.").wait_for()
    assert [c.title for c in stored.newest(containing="heron")] == ["About a heron"]
    assert stored.newest(containing="walrus") == []


def test_no_tab_has_a_serious_fault_of_accessibility(open_page: Callable[..., Any], question: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page()
    answered(ask(page, question))
    faults: dict[str, list[str]] = {}
    for dark in (False, True):
        if dark:
            page.click("#rk-theme")
        for name in page.get_by_role("tab").all_inner_texts():
            page.get_by_role("tab", name=name, exact=True).click()
            page.wait_for_timeout(300)
            found = Axe().run(page).response["violations"]
            bad = [v for v in found if v["impact"] in ("serious", "critical")]
            faults[f"{name}, {'dark' if dark else 'light'}"] = [
                f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in bad
            ]
    assert not any(faults.values()), faults
