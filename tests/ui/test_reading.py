"""What an answer looks like in a browser: layout survives marks, formulas are drawn, nothing leads away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ragkit.citing.citations import check_citations
from ragkit.rag.memory import details_of
from ragkit.store import Turn
from ragkit.types import Answer

from .conftest import PATIENCE_MS
from .desk import Desk, words_of

MIXED = """A first sentence without any source.

| Office | Seat | Rooms |
|---|---|---|
| Kesta | Lind | 12 |
| Veltro | **Orm** | 40 |

1. The bridge of Orm is old.
2. It was painted *in green* in 1998.

```python
def seat(name):
    return SEATS[name]  # the seat
```

After the code comes a sentence. And `one more` with a code word."""
RICH = r"""The price is $5 for one and $7 for two. Then $E = mc^2$ holds, and \(a_1\) too:

$$\sum_{i=1}^{n} \frac{i}{2}$$

See [the handbook](https://evil.test/book?a=1) and ![a chart](https://evil.test/p.png).

```python
def seat(name): return "Orm"
```

| a | b | c | d | e | f | g | h | i | j | k | l |
|---|---|---|---|---|---|---|---|---|---|---|---|
| longwordhere | longwordhere | longwordhere | longwordhere | longwordhere | longwordhere | 7 | 8 | 9 | 10 | 11 | 12 |

مرحبا بالعالم

And an English line."""


@pytest.fixture(scope="module")
def tab(desk: Desk, browser: Any) -> Iterator[Any]:
    """One tab for all tests of this file."""
    context = browser.new_context(locale="en-US", reduced_motion="reduce", viewport={"width": 800, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(desk.url + "/#library")
    yield page
    context.close()


def shown(desk: Desk, page: Any, answer: Answer) -> Any:
    """A stored answer, opened."""
    stored = desk.space.store.conversations
    talk = stored.create(title="t")
    turn = Turn(answer.question, answer.question, answer.text, answer.status, "", details_of(answer))
    stored.append(talk.id, turn)
    page.goto(f"{desk.url}/#c={talk.id}")
    page.wait_for_function("id => document.querySelector('#rk-chat')?.dataset.conversation === id", arg=talk.id)
    return page.locator(".rk-turn").last


def test_what_has_no_source_is_underlined_where_it_stands_and_as_often_as_is_said(desk: Desk, tab: Any) -> None:
    unsupported = check_citations(MIXED, "What is where?", []).unsupported
    sentences = {s for s in unsupported if s != "```python"}
    assert len(unsupported) >= 5
    turn = shown(desk, tab, Answer("What is where?", MIXED, "answered", unsupported=unsupported))
    block = turn.locator(".rk-answer")
    assert block.locator("table tbody tr").count() == 2 and block.locator("td").count() == 6
    assert block.locator("pre").count() == 1 and block.locator("ol li").count() == 2
    assert "After the code" not in block.locator("pre").inner_text()
    assert words_of(block.inner_text()).replace("1", "").replace("Copythecode", "") == words_of(
        re.sub(r"```(?:python)?|\||---|^\d\.", "", MIXED, flags=re.M)
    ).replace("1", "")
    said = int(re.search(r"\d+", turn.locator(".rk-note.rk-warn").first.inner_text())[0])  # type: ignore[index]
    marked = block.evaluate("b => new Set([...b.querySelectorAll('.rk-unsupported')].map(m => m.dataset.claim)).size")
    assert said == marked == len(sentences)
    underlined = words_of("".join(block.locator(".rk-unsupported").all_inner_texts()))
    assert words_of("A first sentence without any source") in underlined
    assert (
        words_of("After the code comes a sentence") in underlined and words_of("It was painted in green") in underlined
    )


def test_one_sentence_without_a_source_in_a_table_is_one_mark(desk: Desk, tab: Any) -> None:
    text = "| Office | Seat |\n|---|---|\n| Kesta | Lind |"
    turn = shown(desk, tab, Answer("?", text, "answered", unsupported=("| Kesta | Lind |",)))
    assert turn.locator(".rk-unsupported").all_inner_texts() == ["Kesta", "Lind"]
    assert turn.locator("th").all_inner_texts() == ["Office", "Seat"]
    assert turn.locator(".rk-note.rk-warn").first.inner_text().startswith("1 ")


def test_formulas_code_links_wide_tables_and_other_directions_are_read_well(desk: Desk, tab: Any) -> None:
    turn = shown(desk, tab, Answer("?", RICH, "answered"))
    block = turn.locator(".rk-answer")
    assert block.locator("math").count() == 3 and block.locator("math[display=block]").count() == 1
    assert block.locator("math mfrac").bounding_box()["height"] > 15, "it is drawn as a fraction"
    assert "$5 for one and $7" in block.inner_text(), "prices are no formulas"

    assert block.locator("a, img").count() == 0
    assert "the handbook" in block.inner_text() and "https://evil.test/book?a=1" in block.inner_text()
    assert "](" not in block.inner_text()

    keyword = block.locator("pre .hl-k").first
    assert keyword.inner_text() == "def"
    assert keyword.evaluate("k => getComputedStyle(k).color !== getComputedStyle(k.closest('pre')).color")
    block.locator(".rk-code").get_by_role("button", name="Copy the code").click()
    assert tab.evaluate("navigator.clipboard.readText()") == 'def seat(name): return "Orm"\n'

    frame = block.locator(".rk-table")
    assert frame.evaluate("f => f.scrollWidth > f.clientWidth"), "it scrolls by itself"
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")

    arabic = block.locator("p", has_text="مرحبا")
    assert arabic.evaluate("p => getComputedStyle(p).direction") == "rtl"
    assert block.locator("p", has_text="English line").evaluate("p => getComputedStyle(p).direction") == "ltr"


def test_the_library_names_no_path_is_sorted_and_forgets_a_filter(desk: Desk, tab: Any) -> None:
    tab.goto(desk.url + "/#library")
    tab.click("#rp-library-index input")
    tab.get_by_role("option", name="handbook", exact=True).click()
    tab.locator("#rp-documents .rp-name", has_text="Travel").wait_for()
    assert tab.locator("#rp-documents .rp-name").all_inner_texts() == ["Leave", "Travel"]
    page = tab.locator("#rk-tab-library").inner_text()
    assert "/srv" not in page and "secret" not in page and "leave.md" in page
    kinds = tab.locator("#rp-documents tbody tr td:nth-child(2)").all_inner_texts()
    assert kinds == ["Markdown", "Markdown"]
    filter_ = tab.locator("#rp-library-filter").locator("input, textarea")
    filter_.press_sequentially("travel")
    tab.wait_for_function("document.querySelectorAll('#rp-documents tbody tr').length === 1")
    tab.click("#rp-library-index input")
    tab.get_by_role("option", name="seats", exact=True).click()
    tab.locator("#rp-documents .rp-name", has_text="Veltro").wait_for()
    assert filter_.input_value() == "" and tab.locator("#rp-documents tbody tr").count() == 3
    edges = tab.evaluate(
        """['#rp-library-index', '#rp-library-summary p', '#rp-library-files label', '#rp-library-filter',
            '#rp-documents table'].map((s) => Math.round(document.querySelector(s).getBoundingClientRect().left))"""
    )
    assert max(edges) - min(edges) <= 1, edges


def test_a_model_and_a_strategy_are_named_as_people_know_them(desk: Desk, tab: Any) -> None:
    tab.goto(desk.url + "/#library")
    tab.goto(desk.url + "/")
    tab.wait_for_selector("#rk-model option", state="attached")
    assert tab.locator("#rk-model option").all_text_contents() == ["Speaker-1B-Instruct", "No model, quotes only"]
    answer = Answer("?", "Yes.", "answered", model="openai:http://10.0.0.1:8001/v1#qwen3", strategy="self_consistency")
    meta = shown(desk, tab, answer).locator(".rk-meta").inner_text()
    assert "qwen3" in meta and "10.0.0.1" not in meta and "Vote over samples" in meta and "self_" not in meta
