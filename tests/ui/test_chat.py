"""The Chat tab in a real browser, with nano thinking on vLLM: ask, read, check, stop, ask again, take back, vote."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from ragkit.ui.chat import answers

from .conftest import Live, until

LONG = {"rk-strategy": "self_consistency", "rk-samples": "16"}  # keeps the engine at work for a while


def ask(page: Any, question: str) -> Any:
    """Type a question and press Enter; returns its turn."""
    page.fill("#rk-question", question)
    page.press("#rk-question", "Enter")
    return page.locator(".rk-turn").last


def answered(turn: Any) -> Any:
    """Wait until the turn's answer is complete."""
    turn.locator(".rk-meta").wait_for()
    return turn


def longer(page: Any) -> None:
    """Have every question take a while."""
    page.select_option("#rk-strategy", LONG["rk-strategy"])
    page.locator("#rk-more summary").click()
    page.fill("#rk-samples", LONG["rk-samples"])
    page.locator("#rk-more summary").click()


@pytest.fixture
def question(live: Live) -> str:
    """A question that nano answers with a citation."""
    return next(str(q["question"]) for q in live.questions if q["meta"]["kind"] == "hop1")


@pytest.mark.main_way
def test_a_thought_and_an_answer_stream_and_a_citation_leads_to_its_exact_words(
    live: Live, page: Any, question: str
) -> None:
    page.evaluate(
        """() => { window.grown = 0; new MutationObserver((all) => { for (const m of all)
             if (m.target.closest?.('.rk-thought-text') || m.target.matches?.('.rk-answer')) window.grown += 1; })
           .observe(document.querySelector('#rk-thread'), {subtree: true, childList: true}); }"""
    )
    turn = answered(ask(page, question))
    assert page.evaluate("window.grown") > 1, "the text came in pieces"
    assert turn.locator(".rk-question-text").inner_text() == question
    label = turn.locator(".rk-thought summary").last.inner_text()
    assert re.search(r"Thought · \d+ tokens · came to its own end", label)
    assert not turn.locator(".rk-thought").last.get_attribute("open"), "a finished thought is folded away"
    assert turn.locator(".rk-thought-text").last.text_content()

    cite = turn.locator(".rk-answer .rk-cite").first
    cite.focus()
    page.keyboard.press("Enter")
    mark = page.locator("#rk-sources mark[data-n='1']")
    mark.wait_for()
    assert mark.evaluate("m => m === document.activeElement"), "the focus goes along"
    assert "rk-flash" in (mark.get_attribute("class") or "")
    space = live.service.workspace()
    kept = space.turns(space.conversations()[0].id)[-1].details["citations"][0]
    assert mark.text_content() == kept["quote"]
    text = space.index("world").document(kept["document_id"]).text
    assert text[kept["start"] : kept["end"]] == kept["quote"]
    assert page.locator(".rk-card").first.locator("strong").inner_text()
    assert "%" in page.locator(".rk-figures").first.inner_text()


def test_a_budget_is_obeyed_and_the_thought_says_that_it_was_cut(page: Any, live: Live) -> None:
    hard = next(q["question"] for q in live.questions if q["meta"]["hops"] >= 2)
    page.select_option("#rk-strategy", "cot")  # left to itself, a budget of 4 is no thinking at all
    slider = page.locator("#rk-budget")
    slider.fill("1")
    assert slider.get_attribute("aria-valuetext") == "64 tokens"
    page.evaluate("document.querySelector('#rk-budget').dataset.steps = '[0, 4, 128]'; 0")
    slider.fill("1")
    turn = answered(ask(page, hard))
    assert "4 of 4 tokens · cut at the budget" in turn.locator(".rk-thought summary").last.inner_text()


def test_the_recommended_budget_is_preset_and_named(live: Live, open_page: Callable[..., Any]) -> None:
    space = live.service.workspace()
    record = space.store.index("world")
    space.store.set_settings(record.id, {**record.settings, "budget": 96})
    try:
        page = open_page()
        page.wait_for_function("document.querySelector('#rk-budget-text').textContent !== ''")
        assert page.locator("#rk-budget-text").inner_text() == "96 tokens · recommended"
    finally:
        space.store.set_settings(record.id, dict(record.settings))


def test_stop_aborts_the_engines_request_and_keeps_the_question(page: Any, live: Live, question: str) -> None:
    longer(page)
    turn = ask(page, question)
    assert until(lambda: live.engine.running > 0, 30)
    page.click("#rk-stop")
    turn.locator(".rk-note", has_text="Stopped").wait_for()
    assert live.idle_within(3)
    space = live.service.workspace()
    assert [(t.asked, t.status) for t in space.turns(space.conversations()[0].id)] == [(question, "stopped")]
    assert page.locator("#rk-send").is_visible()


def test_a_closed_tab_leaves_nothing_in_the_engine(
    open_page: Callable[..., Any], live: Live, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "LINGER_S", 0.2)
    for _ in range(2):
        close_in_the_middle(open_page(), live, question)


@pytest.mark.slow
def test_fifty_closed_tabs_leave_nothing_in_the_engine(
    open_page: Callable[..., Any], live: Live, question: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "LINGER_S", 0.2)
    for _ in range(50):
        close_in_the_middle(open_page(), live, question)


def close_in_the_middle(page: Any, live: Live, question: str) -> None:
    longer(page)
    ask(page, question)
    assert until(lambda: live.engine.running > 0, 30)
    page.context.close()
    assert live.idle_within(3)


def test_retry_edit_undo_and_a_vote_change_what_is_stored(page: Any, live: Live, question: str) -> None:
    space = live.service.workspace()
    other = next(q["question"] for q in live.questions if q["question"] != question and q["meta"]["kind"] == "hop1")
    turn = answered(ask(page, question))
    conversation = page.evaluate("location.hash").removeprefix("#c=")
    first = space.turns(conversation)[0].trace_id

    turn.get_by_role("button", name="Good answer").click()
    assert until(lambda: getattr(space.vote_on(first), "value", None) == 1, 20)
    turn.locator(".rk-tool-good[aria-pressed=true]").wait_for()

    turn.get_by_role("button", name="Ask again").click()
    page.locator(f".rk-turn:not([data-trace='{first}']) .rk-meta").wait_for()
    (again,) = space.turns(conversation)
    assert again.asked == question and again.trace_id != first

    page.get_by_role("button", name="Edit the question").click()
    page.fill(".rk-edit textarea", other)
    page.locator(".rk-edit .rk-primary").click()
    page.locator(f".rk-turn:not([data-trace='{again.trace_id}']) .rk-meta").wait_for()
    assert [t.asked for t in space.turns(conversation)] == [other]

    page.get_by_role("button", name="Take back").click()
    assert until(lambda: space.turns(conversation) == [], 20)
    assert page.input_value("#rk-question") == other
    assert page.locator(".rk-turn").count() == 0


def test_a_conversation_is_exported_with_its_sources(page: Any, question: str) -> None:
    answered(ask(page, question))
    with page.expect_download() as download:
        page.click("#rk-export")
    text = download.value.path().read_text(encoding="utf-8")
    assert f"## {question}" in text and re.search(r"^\[1\] .*“.+”", text, re.M)
    assert download.value.suggested_filename.endswith(".md")


@pytest.mark.parametrize("width", [380, 800, 1280])
def test_the_further_settings_open_within_the_window(open_page: Callable[..., Any], width: int) -> None:
    page = open_page("/de/", viewport={"width": width, "height": 800})
    for _ in range(2):  # with every control in the row, and with the few that are left without a model
        page.locator("#rk-more summary").click()
        box = page.locator(".rk-more-inside").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        page.select_option("#rk-model", "extractive")
        page.locator("#rk-more summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_a_model_answers_are_quotes_and_an_abstention_shows_the_nearest_passages(page: Any) -> None:
    page.locator("#rk-more summary").click()
    page.select_option("#rk-model", "extractive")
    page.locator("#rk-more summary").click()
    assert not page.locator("#rk-strategy").is_visible()
    turn = answered(ask(page, "How warm is the surface of the planet Venus?"))
    assert turn.get_attribute("data-status") == "abstained"
    assert turn.locator(".rk-calm").first.is_visible()
    assert page.locator("#rk-sources .rk-panel-title").inner_text() == "Nearest passages"
    assert page.locator("#rk-sources .rk-card").count() > 0


def test_those_who_wait_are_told_their_place(open_page: Callable[..., Any], live: Live, question: str) -> None:
    gate = live.service.gate
    usual, gate.max_running = gate.max_running, 1
    try:
        one, two = open_page(), open_page()
        longer(one)
        ask(one, question)
        assert until(lambda: gate.running == 1, 30)
        waiting = ask(two, question)
        waiting.locator(".rk-queued", has_text="number 1 in the line").wait_for()
        one.click("#rk-stop")
        answered(waiting)
    finally:
        gate.max_running = usual
    assert live.idle_within(3)


def test_on_a_phone_the_sources_are_a_sheet_that_opens_and_closes(open_page: Callable[..., Any], question: str) -> None:
    page = open_page(viewport={"width": 380, "height": 760})
    turn = answered(ask(page, question))
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    assert not page.locator("#rk-panel").is_visible()
    turn.locator(".rk-answer .rk-cite").first.click()
    page.locator("#rk-sources mark").first.wait_for()
    page.keyboard.press("Escape")
    page.locator("#rk-panel").wait_for(state="hidden")
    assert turn.locator(".rk-answer .rk-cite").first.evaluate("c => c === document.activeElement")


def test_the_page_speaks_the_browsers_language_and_another_when_told(open_page: Callable[..., Any]) -> None:
    page = open_page(locale="uk-UA")
    assert page.url.rstrip("/").endswith("/uk")
    assert page.locator("html").get_attribute("lang") == "uk"
    assert page.get_by_role("tab", name="Історія").is_visible()
    page.select_option("#rk-language", "ru")
    page.get_by_role("tab", name="История").wait_for()
    page.goto(page.url.rsplit("/ru", 1)[0] + "/")
    assert page.url.rstrip("/").endswith("/ru"), "the choice is kept"


def test_light_and_dark_follow_the_system_until_chosen(open_page: Callable[..., Any]) -> None:
    page = open_page(color_scheme="dark")
    assert page.evaluate("document.body.classList.contains('dark')")
    page.click("#rk-theme")
    assert not page.evaluate("document.body.classList.contains('dark')")
    page.reload()
    page.wait_for_selector("#rk-hero > *")
    assert not page.evaluate("document.body.classList.contains('dark')"), "the choice is kept"
