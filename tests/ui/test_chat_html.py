"""What becomes HTML: answers, passages, operations. No browser here; test_chat_hostile shows the same to Chromium."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ragkit.ui.chat import answers
from ragkit.ui.chat.answers import Answering
from ragkit.ui.chat.export import export_markdown, file_name
from ragkit.ui.chat.feed import Feed, Pump, Stopped
from ragkit.ui.chat.stream import Telling
from ragkit.ui.chat.view import thought_label, view_of_answer, view_of_turn, whole
from ragkit.ui.safe_html import ALLOWED, blocks_of, clean
from ragkit.ui.words import Words, preferred

from ragkit.store import Turn
from ragkit.types import Answer, Chunk, Citation, Hit, Ledger, Retrieved, Token, ToolCall, ToolResult

DOCUMENT = "Kesta is based in Lind. It has 310 <employees>. The rest is silence."
EN = Words("en")


def answer(text: str = "Kesta sits in Lind. [1] It is old.", **more: object) -> Answer:
    hit = Hit(Chunk(7, "d", 0, 0, len(DOCUMENT), DOCUMENT, title="Kesta & Co", section=("Seat",), page=3), 12.5)
    cited = Citation(1, "Kesta is based in Lind.", "Kesta & Co", "d", 0, 23, page=3, chunk_id=7, support=0.9)
    kept = {"citations": (cited,), "hits": (hit,), "unsupported": ("It is old.",), "thinking": "So <b>Lind</b>."}
    return Answer("Where is Kesta?", text, **{"status": "answered", **kept, **more})  # type: ignore[arg-type]


class Tags(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_markers_become_buttons_only_where_a_citation_stands_behind_them() -> None:
    (block,) = blocks_of("One [1], two [2], `code [1]`, [^1].", markers={1}, cite="Source {n}")
    assert block.count("<button") == 1
    assert 'data-cite="1" aria-label="Source 1">1</button>' in block
    assert "two [2]" in block and "<code>code [1]</code>" in block and "[^1]" in block


@pytest.mark.parametrize(
    "text",
    [
        "[a](https://evil.test)",
        "![a](https://evil.test/a.png)",
        "<https://evil.test>",
        "https://evil.test",
        "[a][r]\n\n[r]: https://evil.test",
        "<img src=https://evil.test>",
        "<svg onload=alert(1)>",
        "$\\href{x}{y}$",
        "[a](javascript:alert(1))",
        "```html\n<script>alert(1)</script>\n```",
        "<style>@import 'https://evil.test'</style>",
        "| a |\n|---|\n| <iframe src=https://evil.test> |",
        "&lt;script&gt;",
        "<a href='data:text/html,x'>y</a>",
    ],
)
def test_nothing_in_an_answer_can_load_run_or_lead_away(text: str) -> None:
    markup = "".join(blocks_of(text))
    assert {tag for tag, _ in Tags(markup).found} <= set(ALLOWED)
    assert not re.search(r"<[^>]*(href|src|style|on\w+)\s*=", markup)


@given(st.text(alphabet=st.sampled_from(list("<>/\"'=&;:#![]()`*_|-\n ab1$\\\ue000\ue001")), max_size=120))
def test_any_text_comes_out_within_the_allow_list(text: str) -> None:
    for markup in (clean(text), *blocks_of(text, markers={1}, unsupported=["a b"])):
        for tag, attributes in Tags(markup).found:
            assert set(attributes) <= ALLOWED[tag]


@given(st.lists(st.sampled_from(["<p>", "</p>", "<em>", "<b onclick=x>", "</em>", "<br>", "<li>", "x", "</div>"])))
def test_what_is_cleaned_is_well_formed_and_cleaning_it_again_changes_nothing(parts: list[str]) -> None:
    once = clean("".join(parts))
    assert clean(once) == once
    assert once.count("<p ") == once.count("</p>") and once.count("<em>") == once.count("</em>")


def test_sentences_without_a_source_are_marked_also_over_emphasis_and_in_lists() -> None:
    (block,) = blocks_of("- Good. [1]\n- **Bad** one.", markers={1}, unsupported=["- **Bad** one."], no_source="none")
    assert block.count('class="rk-unsupported" title="none"') == 2
    assert "Good. <button" in block


def test_the_panel_marks_the_exact_words_and_keeps_the_rest_of_the_passage() -> None:
    panel = whole(view_of_answer(answer()), EN, turn="t1")["panel"]
    assert '<mark id="rk-t1-1" data-n="1" tabindex="-1">Kesta is based in Lind.</mark>' in panel
    assert "310 &lt;employees&gt;" in panel and "Kesta &amp; Co" in panel
    assert "page 3 · Seat" in panel and "90%" in panel and "12.5" in panel


def test_quotes_that_overlap_are_marked_without_losing_a_letter() -> None:
    cites = tuple(Citation(n, DOCUMENT[a:b], "K", "d", a, b) for n, (a, b) in enumerate([(0, 23), (9, 40)], 1))
    panel = whole(view_of_answer(answer(citations=cites)), EN, turn="t")["panel"]
    passage = re.search(r'rk-passage" dir="auto">(.*?)</div>', panel, re.S)
    assert passage is not None
    shown = re.sub(r"<[^>]+>", "", passage[1]).replace("&lt;", "<").replace("&gt;", ">")
    assert shown == DOCUMENT


def test_a_stored_turn_shows_what_the_fresh_answer_showed() -> None:
    from ragkit.rag.memory import details_of

    fresh = answer()
    turn = Turn(fresh.question, fresh.question, fresh.text, fresh.status, "", details_of(fresh, 64))
    assert view_of_turn(turn, lambda _: None).budget == 64, "so that the thought is shown against it"
    old = whole(view_of_turn(turn, {"d": DOCUMENT}.get), EN, turn="t1")
    new = whole(view_of_answer(fresh), EN, turn="t1")
    assert old["answer"] == new["answer"] and old["notes"] == new["notes"] and old["copy"] == new["copy"]
    assert "<mark" in old["panel"] and old["panel"].replace(" · Seat", "") == new["panel"].replace(" · Seat", "")
    gone = whole(view_of_turn(turn, lambda _: None), EN, turn="t1")
    assert "Kesta is based in Lind.</mark>" in gone["panel"], "the quote outlives its document"


def test_an_abstention_is_calm_and_shows_the_nearest_passages() -> None:
    parts = whole(view_of_answer(answer("I do not know.", status="abstained", citations=())), EN, turn="t")
    assert "No answer was found" in parts["notes"] and "rk-warn" not in parts["notes"].split("</p>")[0]
    assert "Nearest passages" in parts["panel"] and "silence" in parts["panel"]


def test_a_thought_says_what_it_spent_and_how_it_ended() -> None:
    assert thought_label(EN, 1212, 2048, "natural") == "Thought · 1\u202f212 of 2\u202f048 tokens · came to its own end"
    assert thought_label(EN, 64, 64, "forced").endswith("64 of 64 tokens · cut at the budget")
    assert thought_label(EN, 5, None) == "Thinking · 5 tokens"


def test_a_search_that_the_model_calls_for_is_one_step_unless_it_found_nothing_out() -> None:
    feed = Feed()
    telling = Telling(feed, EN, turn="t1", budget=None)

    def steps() -> list[str]:
        told = [json.loads(line) for line in feed.lines]
        return [op["html"] for op in told if op["op"] == "step"]

    call = ToolCall("c1", "search", {"query": "seat of Veltro"})
    telling.tell([call, Retrieved("seat of Veltro", ()), ToolResult("c1", "search", "No passage was found.")])
    assert len(steps()) == 1 and "seat of Veltro" in steps()[0]
    telling.tell([call, ToolResult("c1", "search", "You have searched for this before.")])
    assert len(steps()) == 2 and "searched for this before" in steps()[1]
    telling.tell([call, Retrieved("x", ()), ToolResult("c1", "search", "it broke", error=True)])
    assert len(steps()) == 4 and "it broke" in steps()[3]


def test_an_export_holds_questions_answers_and_sources() -> None:
    text = export_markdown("Seats", [view_of_answer(answer(ledger=Ledger()))], EN)
    assert text.startswith("# Seats\n\n## Where is Kesta?\n\nKesta sits in Lind. [1] It is old.")
    assert "[1] Kesta & Co, page 3: “Kesta is based in Lind.”" in text
    assert file_name("Где? / ../x") == "Где-x.md" and file_name("///") == "conversation.md"


def test_operations_are_one_json_object_a_line() -> None:
    feed = Feed()
    feed.tell("a", html="<b>x</b>\n")
    feed.tell("b", n=1)
    assert all(line.count("\n") == 1 and line.endswith("\n") for line in feed.lines)
    assert [json.loads(line) for line in feed.lines] == [{"op": "a", "html": "<b>x</b>\n"}, {"op": "b", "n": 1}]


async def test_an_answer_that_nobody_hears_any_more_is_stopped_and_one_that_is_heard_again_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(answers, "LINGER_S", 0.1)
    go = asyncio.Event()

    async def source() -> AsyncGenerator[object]:
        yield Token("One ")
        await go.wait()
        yield Token("two")

    def begin() -> Answering:
        feed = Feed()
        return Answering(source(), feed, Telling(feed, EN, turn="t", budget=None))

    heard = begin()
    first = heard.listen()
    assert "One" in await anext(first)
    await first.aclose()  # type: ignore[attr-defined]
    again = heard.listen(0)
    assert "One" in await anext(again), "from its beginning"
    await asyncio.sleep(0.2)  # longer than it would linger
    go.set()
    assert "two" in "".join([told async for told in again])

    go.clear()
    lonely = begin()
    await asyncio.wait_for(lonely.finished(), 10)
    assert '"op":"stopped"' in lonely.feed.lines[-1]


async def test_a_pump_gives_the_first_item_at_once_then_bundles_and_tells_errors() -> None:
    async def source() -> AsyncGenerator[int]:
        yield 1
        await asyncio.sleep(0)
        yield 2
        yield 3
        raise ValueError("no more")

    bundles = [b async for b in Pump(source()).bundles()]
    flat = [item for bundle in bundles for item in bundle]
    assert flat[:3] == [1, 2, 3] and isinstance(flat[3], ValueError)
    assert Pump.running == 0


async def test_stopping_a_pump_closes_its_source() -> None:
    closed = asyncio.Event()

    async def source() -> AsyncGenerator[int]:
        try:
            yield 1
            await asyncio.sleep(60)
        finally:
            closed.set()

    pump = Pump(source())
    told: list[object] = []
    async for bundle in pump.bundles():
        told += bundle
        pump.stop()
    assert closed.is_set() and isinstance(told[-1], Stopped)


async def test_leaving_the_bundles_closes_the_source() -> None:
    closed = asyncio.Event()

    async def source() -> AsyncGenerator[int]:
        try:
            while True:
                yield 1
                await asyncio.sleep(0)
        finally:
            closed.set()

    bundles = Pump(source()).bundles()
    await anext(bundles)
    await bundles.aclose()  # type: ignore[attr-defined]
    assert closed.is_set()


def test_the_browsers_language_is_followed_where_it_is_known() -> None:
    assert preferred("fr,uk;q=0.8,en;q=0.5") == "uk" and preferred("ru-RU,ru;q=0.9,en;q=0.8") == "ru"
    assert preferred("") == preferred("fr, es;q=x") == preferred("rue") == "en"
