"""Evaluate in a real browser: a sweep of a small world, runs that are stopped and resumed, compared, downloaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import HOSTILE, PATIENCE_MS, Live, until
from .test_library import serious

DONE = "#rp-eval-progress [data-phase=done]"


def evaluate_page(page: Any) -> Any:
    page.get_by_role("tab", name="Evaluate").click()
    page.wait_for_selector("#rp-eval-start", state="visible")
    page.wait_for_function("document.querySelector('input[aria-label=Index]')?.value")  # choices come with the tab
    return page


def choose_world(page: Any, *, seed: int, count: int) -> None:
    page.get_by_label("An invented world").check()
    page.get_by_label("Number of the world").fill(str(seed))
    page.get_by_label("Questions in it").fill(str(count))


def choose_sweep(page: Any, *, count: int, budgets: str) -> None:
    """The kind of measurement comes first: its settings follow it."""
    evaluate_page(page)
    choose_world(page, seed=7, count=count)
    page.get_by_label("Sweep of thinking", exact=True).check()
    page.get_by_role("button", name="More settings").click()
    page.get_by_label("Budgets of a sweep").fill(budgets)
    page.get_by_label("Budgets of a sweep").press("Tab")


def measure(page: Any, kind: str, until_: str = DONE) -> None:
    page.get_by_label(kind, exact=True).check()
    page.click("#rp-eval-start")
    page.wait_for_selector(until_)


def last(live: Live) -> Any:
    from ragkit.ui.evaluate.actions import evaluations_of

    return evaluations_of(live.service).last(live.service.workspace())


def test_a_sweep_of_few_questions_shows_its_curve_and_recommends_no_budget(page: Any, live: Live) -> None:
    choose_sweep(page, count=12, budgets="0,16,64")
    measure(page, "Sweep of thinking")
    page.wait_for_selector(".rp-chart svg")
    assert page.locator(".rp-chart").count() == 2  # curve and frontier
    tile = page.locator(".rp-tile").filter(has_text="recommended budget")
    assert tile.locator("b").inner_text() == "—"
    assert "too few questions" in tile.inner_text()
    assert page.locator("section.rp-run table").first.locator("tbody tr").count() == 4  # three caps and the natural
    assert page.locator("#rp-use-budget").count() == 0


@pytest.mark.slow
def test_the_budget_of_a_large_enough_sweep_becomes_the_indexs(page: Any, live: Live) -> None:
    choose_sweep(page, count=200, budgets="0,64")
    before = last(live)
    page.click("#rp-eval-start")
    assert until(lambda: last(live) is not before and (last(live).folder / "summary.json").is_file(), 300)
    page.wait_for_selector(".rp-recommended", timeout=PATIENCE_MS)
    summary = json.loads((last(live).folder / "summary.json").read_text())
    best = summary["curves"][0]["recommended"]["cap"]
    tile = page.locator(".rp-tile").filter(has_text="recommended budget")
    assert tile.locator("b").inner_text() == str(best)
    assert page.locator(".rp-recommended th").inner_text() == f"{best} ★"

    page.click("#rp-use-budget")
    page.wait_for_selector("#rp-used .good")
    kept = live.service.workspace().store.index("eval-nano-7-200").settings.get("budget")
    assert kept == (None if best == "natural" else best)
    assert last(live).folder.parent == live.home / "eval-runs"


@pytest.mark.slow
def test_two_runs_are_compared_once_their_difference_is_meant(page: Any, live: Live) -> None:
    evaluate_page(page)
    choose_world(page, seed=8, count=12)
    page.get_by_role("button", name="More settings").click()
    for budget in ("0", "200"):
        page.get_by_label("Thinking tokens (").fill(budget)
        measure(page, "Answers")
        page.wait_for_selector("section.rp-run")
        page.wait_for_function(
            "document.querySelector('#rp-eval-stop') === null || !document.querySelector('#rp-eval-stop').offsetParent"
        )
    page.get_by_role("tab", name="Compare").click()
    for side in ("#rp-run-a", "#rp-run-b"):
        page.click(f"{side} input")
        page.locator(f"{side} [role=option]").nth(1 if side.endswith("a") else 0).click()
    page.click("#rp-compare")
    page.wait_for_selector("#rp-compared .bad")
    assert "budget.thinking_tokens" in page.locator("#rp-compared").inner_text()  # it names what differs
    page.get_by_label("budget", exact=True).check()
    page.click("#rp-compare")
    page.wait_for_selector("#rp-compared [data-verdict]")
    assert page.locator("#rp-compared tbody tr").filter(has_text="accuracy").count() == 1

    page.get_by_role("tab", name="Earlier runs").click()
    page.wait_for_selector("#rp-runs tbody tr")
    with page.expect_download() as got:
        page.get_by_role("link", name="Report (HTML)").click()
    report = Path(got.value.path()).read_text(encoding="utf-8")
    assert "Content-Security-Policy" in report
    assert "nano:8:12" in report


@pytest.mark.slow
def test_a_closed_tab_loses_nothing_and_stop_keeps_what_was_drawn(open_page: Callable[..., Any], live: Live) -> None:
    page = evaluate_page(open_page())
    choose_world(page, seed=9, count=60)
    page.get_by_label("Answers", exact=True).check()
    page.click("#rp-eval-start")
    page.wait_for_selector("#rp-eval-progress [data-phase=asking]")
    page.close()
    running = last(live)
    assert not running.ended

    page = evaluate_page(open_page())
    page.wait_for_selector("#rp-eval-progress [data-phase=asking]")
    page.click("#rp-eval-start")  # one at a time
    page.wait_for_selector("#rp-eval-notice .bad")
    page.click("#rp-eval-stop")
    page.wait_for_selector("#rp-eval-progress [data-phase=stopped]")
    assert until(lambda: live.engine.running == 0, 10)
    drawn = len((running.folder / "samples.jsonl").read_text().splitlines())
    assert 0 < drawn < 60

    page.get_by_role("tab", name="Earlier runs").click()
    page.locator("#rp-runs button[data-act=resume]").first.click()
    page.wait_for_selector(DONE, timeout=4 * PATIENCE_MS)
    rows = [json.loads(line) for line in (running.folder / "samples.jsonl").read_text().splitlines()]
    assert len({row["key"] for row in rows}) == len(rows) == 60


@pytest.mark.slow
def test_a_bad_set_names_its_lines_and_hostile_questions_do_nothing(page: Any, live: Live) -> None:
    evaluate_page(page)
    lines = [
        json.dumps({"id": "q1", "question": f"Where is Kesta based? {HOSTILE}", "answers": [HOSTILE]}),
        "{not json <img src=x onerror=window.hacked=1>",
        json.dumps({"id": "q3", "question": "Who?", "answers": "nobody", "relevant": "x"}),
    ]
    page.get_by_label("My own file").check()
    page.set_input_files(
        "#rp-eval-file input[type=file]",
        [{"name": f"{HOSTILE[:40]}.jsonl", "mimeType": "application/jsonl", "buffer": "\n".join(lines).encode()}],
    )
    page.wait_for_selector("#rp-set-read .rp-bad li:nth-child(2)")
    told = page.locator("#rp-set-read").inner_text()
    assert "Line 2:" in told
    assert "Line 3:" in told

    page.get_by_label("Index", exact=True).click()
    page.get_by_role("option", name="hostile", exact=True).click()
    page.click("#rp-eval-start")
    page.wait_for_selector("#rp-eval-notice .bad")
    assert "line 2" in page.locator("#rp-eval-notice").inner_text()
    page.get_by_label("Leave invalid lines out").check()
    measure(page, "Answers")
    page.locator(".rp-failure summary", has_text="Kesta").click()  # this run's, no longer the last one's
    for tag in ("img", "script", "iframe"):
        assert page.locator(f"#rp-eval-run {tag}, #rp-set-read {tag}, #rp-runs {tag}").count() == 0


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_evaluate_is_accessible(open_page: Callable[..., Any], live: Live, scheme: str) -> None:
    page = evaluate_page(open_page(color_scheme=scheme))
    choose_world(page, seed=7, count=12)
    page.get_by_role("button", name="More settings").click()
    measure(page, "Sweep of thinking")
    page.wait_for_selector(".rp-chart svg")
    assert serious(page) == []
    page.get_by_role("tab", name="Earlier runs").click()
    page.wait_for_selector("#rp-runs tbody tr")
    assert serious(page) == []
    page.get_by_role("tab", name="Compare").click()
    assert serious(page) == []
