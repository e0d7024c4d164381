"""Hostile answers, thoughts and documents in a real browser: no request to another host, no script of theirs runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen

from ragkit.ui.words import LANGUAGES

from ragkit.rag.memory import details_of
from ragkit.store import Turn
from ragkit.types import Answer, Chunk, Citation, Hit

from .conftest import HOSTILE, Live
from .hostile import hostile_texts
from .test_chat import answered, ask


def turn_of(text: str) -> Turn:
    """A stored turn of which every part is hostile; its passage is too."""
    hit = Hit(Chunk(1, text, 0, 0, len(text), text, title=text, section=(text,)), 1.0)
    cited = Citation(1, text, text, text, 0, len(text), page=1, support=0.5)
    answer = Answer(
        text, text, "answered", (cited,), (hit,), thinking=text, unsupported=(text,), notes=(text,), model=text
    )
    return Turn(text, text, text, "answered", "", details_of(answer))


def test_three_hundred_hostile_answers_and_passages_are_shown_and_do_nothing(
    live: Live, open_page: Callable[..., Any]
) -> None:
    texts = hostile_texts()
    assert len(set(texts)) == 300
    stored = live.service.workspace().store.conversations
    talk = stored.create(title=HOSTILE)
    try:
        for text in texts:
            stored.append(talk.id, turn_of(text))
        page = open_page(f"/#c={talk.id}")
        page.wait_for_function("document.querySelectorAll('.rk-turn').length === 300")
        shown = page.evaluate(
            """async () => {
                let cited = 0;
                for (const turn of document.querySelectorAll('.rk-turn')) {
                    turn.querySelectorAll('details').forEach((d) => { d.open = true; });
                    turn.querySelector('.rk-tool-sources').click();
                    cited += document.querySelectorAll('#rk-sources mark').length;
                    document.querySelectorAll('#rk-sources *, .rk-turn *').length;
                }
                await new Promise((done) => setTimeout(done, 500));
                const bad = 'script, iframe, object, embed, img, image, link, style, form[action], base, meta, a[href]';
                return { cited, bad: document.querySelectorAll(
                    ['#rk-thread', '#rk-sources'].map((at) => bad.split(', ').map((b) => at + ' ' + b)).flat().join()
                ).length, attributes: [...document.querySelectorAll('#rk-thread *, #rk-sources *')].filter((n) =>
                    [...n.attributes].some((a) => a.name.startsWith('on') || a.name === 'src')).length };
            }"""
        )
        assert shown == {"cited": 300, "bad": 0, "attributes": 0}
        page.get_by_role("tab", name="History").click()
        page.locator(".rk-row-title").first.wait_for()
        assert page.locator(".rk-list script, .rk-list img").count() == 0
    finally:
        stored.delete(talk.id)


def test_a_hostile_document_streams_through_as_text(page: Any) -> None:
    page.select_option("#rk-index", "hostile")
    page.locator("#rk-more summary").click()
    page.select_option("#rk-model", "extractive")
    page.locator("#rk-more summary").click()
    turn = answered(ask(page, "Where is Kesta based?"))
    assert "Kesta is based in Lind." in turn.locator(".rk-answer").inner_text()
    assert "onload=alert(1)" in page.locator("#rk-sources").inner_text()


def test_the_served_page_names_no_other_host(live: Live) -> None:
    for language in LANGUAGES:
        path = "/" if language == "en" else f"/{language}/"
        with urlopen(Request(live.url + path, headers={"Accept-Language": language})) as answer:
            page = answer.read().decode()
        assert f'<html\n\tlang="{language}"' in page
        # what it would load or lead to; Gradio's examples of a file, in its description of the API, are neither
        loads = r"""(?:\b(?:src|href|action|srcset|content)=["']?|url\(["']?|@import\s+["']?)(?:https?:)?//([\w.:-]+)"""
        assert set(re.findall(loads, page)) <= {live.url.removeprefix("http://")}
