"""What people do without thinking — reload, go back, stop, lose the server — loses neither question nor answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ragkit.errors import StoreError
from ragkit.server.workspace import Workspace

from .conftest import PATIENCE_MS, until
from .desk import Desk
from .test_chat import answered, ask

LONG = "The finance director approves travel. [1] Each needs a form that is signed by hand. HOLD And this comes later."


@pytest.fixture(scope="module")
def tab(desk: Desk, browser: Any) -> Iterator[Any]:
    """One tab for all tests of this file."""
    context = browser.new_context(locale="en-US", reduced_motion="reduce", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.fixture
def chat(desk: Desk, tab: Any) -> Iterator[Any]:
    """The tab with a new conversation."""
    desk.speaker.go.set()
    desk.speaker.says("The finance director approves it. [1]")
    tab.goto("about:blank")
    tab.goto(desk.url + "/")
    tab.wait_for_selector("#rk-hero > *")
    yield tab
    desk.speaker.go.set()


def begun(desk: Desk, page: Any, question: str = "Who approves travel?") -> Any:
    """Ask, and wait until the first half of the answer is shown."""
    desk.speaker.go.clear()
    desk.speaker.says(LONG)
    turn = ask(page, question)
    turn.locator(".rk-answer .rk-cite").wait_for()
    return turn


def test_a_reload_in_the_middle_loses_nothing_and_the_answer_goes_on(desk: Desk, chat: Any) -> None:
    begun(desk, chat)
    assert desk.space.turns(desk.space.conversations()[0].id)[-1].asked == "Who approves travel?", "kept at once"
    chat.reload()
    turn = chat.locator(".rk-turn").last
    turn.locator(".rk-answer", has_text="The finance director approves travel.").wait_for()
    assert turn.locator(".rk-question-text").inner_text() == "Who approves travel?"
    assert chat.locator("#rk-stop").is_visible(), "it is still being answered, and can be stopped"
    desk.speaker.go.set()
    answered(turn)
    assert "And this comes later." in turn.locator(".rk-answer").inner_text()
    assert [t.status for t in desk.space.turns(desk.space.conversations()[0].id)] == ["answered"]


def test_what_came_before_a_stop_is_kept_and_named_as_such(desk: Desk, chat: Any) -> None:
    begun(desk, chat, "Who approves travel by train?")
    chat.click("#rk-stop")
    note = chat.locator(".rk-turn .rk-note", has_text="Stopped")
    note.wait_for()
    assert until(lambda: desk.service.in_flight() == {"running": 0, "waiting": 0}, 10)
    chat.reload()
    note.wait_for()
    turn = chat.locator(".rk-turn").last
    assert "The finance director approves travel." in turn.locator(".rk-answer").inner_text()
    assert "later" not in turn.locator(".rk-answer").inner_text()
    assert turn.locator(".rk-cite").count() == 1, "its sources too"
    assert desk.space.turns(desk.space.conversations()[0].id)[-1].status == "stopped"


def test_a_setting_that_cannot_be_says_so_and_the_question_stays(chat: Any) -> None:
    chat.locator("#rk-more summary").click()
    chat.fill("#rk-k", "999")
    chat.locator("#rk-more summary").click()
    chat.fill("#rk-question", "Who approves travel?")
    chat.press("#rk-question", "Enter")
    told = chat.locator("#rk-settings-fault")
    told.wait_for()
    assert "Passages" in told.inner_text() and "100" in told.inner_text()
    assert chat.locator("#rk-k").is_visible(), "what is wrong is in sight"
    assert chat.input_value("#rk-question") == "Who approves travel?"
    chat.fill("#rk-k", "5")
    chat.press("#rk-question", "Enter")
    answered(chat.locator(".rk-turn").last)


def test_conversations_and_tabs_are_addresses(desk: Desk, chat: Any) -> None:
    answered(ask(chat, "Who approves travel?"))
    first = chat.url
    assert "#c=" in first
    chat.click("#rk-new")
    assert "#c=" not in chat.url
    answered(ask(chat, "Who approves travel at night?"))
    second = chat.url
    chat.get_by_role("tab", name="Library").click()
    chat.wait_for_url("**/#library")
    chat.get_by_role("tab", name="Evaluate").click()
    chat.wait_for_url("**/#evaluate")
    chat.go_back()
    chat.wait_for_url("**/#library")
    assert chat.get_by_role("tab", name="Library").get_attribute("aria-selected") == "true"
    chat.go_back()
    chat.locator(".rk-question-text", has_text="at night").wait_for()
    assert chat.url == second
    chat.go_back()
    chat.locator("#rk-hero > *").first.wait_for()
    chat.go_back()
    chat.locator(".rk-question-text", has_text=re.compile("travel[?]$")).wait_for()
    assert chat.url == first
    chat.go_forward()
    chat.go_forward()
    chat.locator(".rk-question-text", has_text="at night").wait_for()
    chat.goto("about:blank")
    chat.goto(desk.url + "/#library")  # a bookmark
    chat.wait_for_selector("#rp-library-summary p")
    assert chat.get_by_role("tab", name="Library").get_attribute("aria-selected") == "true"


def test_a_server_that_is_gone_is_named_and_the_question_stays(chat: Any) -> None:
    chat.context.set_offline(True)
    try:
        ask(chat, "Who approves travel?")
        chat.locator(".rk-note", has_text="cannot be reached").wait_for()
        assert "Begin with your documents" not in chat.locator("#rk-chat").inner_text()
        asked = [chat.input_value("#rk-question"), *chat.locator(".rk-question-text").all_inner_texts()]
        assert "Who approves travel?" in asked
    finally:
        chat.context.set_offline(False)
    chat.get_by_role("button", name="Ask again").click()
    answered(chat.locator(".rk-turn").last)


def test_a_locked_database_is_named_and_is_no_empty_library(
    desk: Desk, tab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(_: Workspace) -> Any:
        raise StoreError("the database is locked by another process; end it and try again")

    with monkeypatch.context() as patch:
        patch.setattr(Workspace, "store", property(locked))
        tab.goto("about:blank")
        tab.goto(desk.url + "/")
        tab.locator("#rk-hero .rk-warn").wait_for()
        assert "Begin with your documents" not in tab.locator("#rk-chat").inner_text()
        tab.fill("#rk-question", "Who approves travel?")
        tab.press("#rk-question", "Enter")
        tab.locator(".rk-turn .rk-warn").wait_for()
    tab.get_by_role("button", name="Ask again").click()
    answered(tab.locator(".rk-turn").last)


def test_an_answer_of_three_steps_shows_each_step_s_passage_in_order_under_one_number(desk: Desk, chat: Any) -> None:
    chat.select_option("#rk-index", "seats")
    chat.select_option("#rk-strategy", "cot")
    desk.speaker.says(
        "Ann works at Veltro {Ann works}. Veltro is based in Orm {Veltro is based}. So I look for the mayor of Orm "
        "{mayor of Orm}.|The mayor is Ilse Brand {mayor of Orm}."
    )
    turn = answered(ask(chat, "Who is the mayor of the town where Ann works?"))
    assert turn.locator(".rk-answer .rk-cite").all_inner_texts() == ["1"]
    cards = chat.locator("#rk-sources > .rk-card")
    assert cards.locator("strong").all_inner_texts() == ["Ann", "Veltro", "Orm"]
    assert cards.locator(".rk-badge").all_inner_texts() == ["2", "3", "1"]
    marked = [chat.locator(f"#rk-sources mark[data-n='{n}']").inner_text() for n in (2, 3, 1)]
    assert marked == ["Ann works at Veltro.", "Veltro is based in Orm.", "The mayor of Orm is Ilse Brand."]
    turn.locator(".rk-thought summary").last.click()
    assert turn.locator(".rk-thought .rk-cite").all_inner_texts() == ["2", "3", "1"], "the same numbers in the thought"
    chat.reload()
    chat.locator("#rk-sources > .rk-card").nth(2).wait_for()
    assert chat.locator("#rk-sources > .rk-card .rk-badge").all_inner_texts() == ["2", "3", "1"]


def test_what_is_suggested_is_answered_by_the_documents_and_so_are_two_questions_to_go_on_with(
    desk: Desk, chat: Any
) -> None:
    chat.select_option("#rk-index", "handbook")
    chat.locator(".rk-hero .rk-example").first.wait_for()
    questions = chat.locator(".rk-hero .rk-example").all_inner_texts()
    assert 2 <= len(questions) <= 3 and any("Receipts" in q or "Who approves travel" in q for q in questions)
    for question in questions:
        (heading,) = [h for h in ("Receipts", "Who approves travel", "Leave") if f"“{h}”" in question]
        found = desk.space.index("handbook").search(question, 2)
        assert any(heading in (*hit.chunk.section, hit.chunk.title) for hit in found), "the search finds its passage"
    chat.locator(".rk-hero .rk-example").first.click()
    turn = answered(chat.locator(".rk-turn").last)
    more = turn.locator(".rk-further .rk-example")
    more.first.wait_for()
    assert 1 <= more.count() <= 2 and not set(more.all_inner_texts()) & {questions[0]}


def test_after_an_upload_the_chat_asks_the_new_documents_at_once(desk: Desk, chat: Any) -> None:
    desk.space.create("fresh")
    try:
        chat.get_by_role("tab", name="Library").click()
        chat.wait_for_selector("#rp-library-summary p")
        chat.click("#rp-library-index input")
        chat.get_by_role("option", name="fresh", exact=True).click()
        chat.wait_for_selector("#rp-documents .rp-empty")
        sent = {"name": "lamps.md", "mimeType": "text/plain", "buffer": b"# Lamps\n\nThe red lamp hangs in the hall."}
        chat.set_input_files("#rp-library-files input[type=file]", [sent])
        chat.wait_for_selector("#rp-documents tbody tr")
        chat.evaluate("document.getElementById('rk-tab-chat-button').click()")
        shown = chat.evaluate(
            "[document.querySelector('#rk-index').value, document.querySelector('#rk-hero').innerText]"
        )
        assert shown[0] == "fresh" and "“fresh”" in shown[1] and "Begin" not in shown[1]
    finally:
        desk.space.drop("fresh")
