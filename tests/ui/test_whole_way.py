"""The whole way in one browser: files go in, a question is asked, a citation clicked, its exact words are marked."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Live
from .test_chat import answered, ask
from .test_library import pick, upload


@pytest.mark.main_way
def test_from_a_file_to_the_exact_words_behind_its_answer(page: Any, live: Live) -> None:
    space, name = live.service.workspace(), "whole way"
    space.create(name)
    try:
        page.get_by_role("tab", name="Library").click()
        page.wait_for_selector("#rp-library-summary p")
        pick(page, name)
        page.wait_for_selector("#rp-documents .rp-empty")
        documents = (live.home.parent / "documents.jsonl").read_bytes()
        upload(page, [{"name": "world.jsonl", "mimeType": "application/jsonl", "buffer": documents}])
        assert len(space.index(name).documents()) == len(documents.splitlines())

        page.get_by_role("tab", name="Chat").click()
        page.wait_for_selector(f"#rk-index option[value='{name}']", state="attached")
        page.select_option("#rk-index", name)
        question = next(q for q in live.questions if q["meta"]["kind"] == "hop1")
        turn = answered(ask(page, question["question"]))
        turn.locator(".rk-answer .rk-cite").first.click()
        mark = page.locator("#rk-sources mark[data-n='1']")
        mark.wait_for()
        kept = space.turns(space.conversations()[0].id)[-1].details["citations"][0]
        text = space.index(name).document(kept["document_id"]).text
        assert mark.text_content() == kept["quote"] == text[kept["start"] : kept["end"]]
    finally:
        space.drop(name)
