"""A citation into a PDF: the page it stands on is drawn below the passage, the cited words marked on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from ragkit.server.uploads import Upload
from tests.loaders.test_pdf import make_pdf

from .conftest import PATIENCE_MS
from .desk import Desk
from .test_chat import answered, ask

RULE = "The finance director approves travel over 2,000 euros."
PAGES = [["Contents", "Nothing of note."], ["Rules of travel", *[""] * 34, RULE, "Receipts are due within ten days."]]
PLACES = """box => { const all = box.querySelector('img').getBoundingClientRect();
  return [...box.querySelectorAll('.rk-spot')].map(s => { const at = s.getBoundingClientRect();
    return [at.left - all.left, at.top - all.top, at.right - all.left, at.bottom - all.top]
      .map((side, n) => side / (n % 2 ? all.height : all.width)); }); }"""

IN_SIGHT = """spot => { const [at, frame] = [spot, spot.closest('.rk-sheet-frame')].map(n => n.getBoundingClientRect());
  return at.top >= frame.top && at.bottom <= frame.bottom && at.left >= frame.left && at.left < frame.right; }"""


@pytest.fixture(scope="module")
def pdf(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file that was uploaded to the index "papers"."""
    path = tmp_path_factory.mktemp("sent") / "rules"
    path.write_bytes(make_pdf(PAGES))
    desk.space.create("papers")
    assert desk.space.add("papers", [Upload("rules.pdf", path)]).added == 1
    yield path
    desk.space.drop("papers")


@pytest.fixture(params=["light", "dark"])
def page(desk: Desk, browser: Any, pdf: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Asked and answered; a wide light page and a narrow dark one."""
    width = 1280 if request.param == "light" else 380
    context = browser.new_context(
        locale="en-US", reduced_motion="reduce", color_scheme=request.param, viewport={"width": width, "height": 800}
    )
    context.set_default_timeout(PATIENCE_MS)
    tab = context.new_page()
    tab.goto(desk.url + "/")
    tab.wait_for_selector("#rk-index option[value='papers']", state="attached")
    tab.eval_on_selector("#rk-index", "s => { s.value = 'papers'; s.dispatchEvent(new Event('change')); }")
    desk.speaker.go.set()
    desk.speaker.says("The finance director approves travel over 2,000 euros. [1]")
    answered(ask(tab, "Who approves travel?"))
    tab.locator(".rk-answer .rk-cite").first.click()
    yield tab
    context.close()


def test_the_marks_on_the_drawn_page_cover_the_cited_words(page: Any, pdf: Path, desk: Desk) -> None:
    box = page.locator("#rk-sources .rk-sheet")
    summary = box.locator("summary")
    assert summary.inner_text() == "Page 2"
    summary.focus()
    page.keyboard.press("Enter")
    box.locator("img").wait_for()
    page.wait_for_function("document.querySelector('.rk-sheet img').naturalWidth > 0")
    assert "rules" in box.locator("img").get_attribute("alt").lower()
    assert page.locator(".rk-card-place").first.inner_text() == "page 2", "the page of the words, not of the passage"
    ((left, top, right, bottom),) = box.evaluate(PLACES)

    sheet = pypdfium2.PdfDocument(pdf)[1]
    text = sheet.get_textpage()
    at = text.get_text_range().index(RULE)
    letters = [text.get_charbox(n) for n in range(at, at + len(RULE) - 1) if RULE[n - at].isalnum()]
    wide, high = sheet.get_size()
    near = pytest.approx
    assert left == near(min(b[0] for b in letters) / wide, abs=0.004)
    assert right == near(max(b[2] for b in letters) / wide, abs=0.004)
    assert top == near(1 - max(b[3] for b in letters) / high, abs=0.004)
    assert bottom == near(1 - min(b[1] for b in letters) / high, abs=0.004)
    said = text.get_text_bounded(left * wide - 1, (1 - bottom) * high - 1, right * wide + 1, (1 - top) * high + 1)
    assert said.strip(" .") == RULE.strip(".")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut at the side"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "rk-sheet-frame", "the page is moved by the keyboard"
    page.wait_for_function(f"({IN_SIGHT})(document.querySelector('.rk-spot'))")  # it opens where the words are
    page.reload()
    page.locator(".rk-answer .rk-cite").first.click()
    page.locator("#rk-sources .rk-sheet summary", has_text="Page 2").wait_for()
    kept = desk.space.index("papers").original("rules.pdf")
    away = kept.rename(kept.with_suffix(".away"))
    try:
        with page.expect_response(lambda r: "/pages?" in r.url) as heard:
            page.reload()
        assert heard.value.json() == {"pages": []}
        page.locator("#rk-sources mark").first.wait_for(state="attached")
        assert page.locator(".rk-sheet").count() == 0, "what is not kept is not spoken of"
    finally:
        away.rename(kept)
