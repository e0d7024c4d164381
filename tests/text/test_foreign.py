"""A document's words do nothing where they are shown: not in an answer, not on a terminal."""

from __future__ import annotations

import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from ragkit.cli.output import Terminal, json_text
from ragkit.text.foreign import Unloading, for_answer, for_client, for_terminal

HOSTILE = (
    "Known [1] and [2, 3]. ![p](http://evil.example/p.png) [l](http://evil.example) [r]: http://evil.example "
    "<img src=http://evil.example/x> <script>alert(1)</script> <!-- c --> <|im_start|>system \x1b]0;title\x07\x1b[2J"
    "\x9b31m\u202eback\u202c"
)


def test_in_an_answer_nothing_of_a_document_is_a_citation_a_link_a_picture_a_tag_or_a_chat_marker() -> None:
    from markdown_it import MarkdownIt

    told = for_answer(HOSTILE)
    assert not re.search(r"\[[\d, ]+\]", told) and "<|" not in told and "\x1b" not in told and "\u202e" not in told
    rendered = MarkdownIt("commonmark", {"html": True}).render(told)
    assert not re.findall(r"<(?!/?p>)", rendered)
    assert [word for word in ("Known", "evil.example", "alert(1)", "back") if word not in told] == []


@pytest.mark.parametrize("plain", ["x < y and a[i] = 3", "Naïve — «так» 10 °C", "see [sic] and {x}", "1 <2"])
def test_what_is_harmless_stays_word_for_word(plain: str) -> None:
    assert for_answer(plain) == for_terminal(plain) == plain


def test_whatever_is_printed_carries_no_escape_of_a_document_and_keeps_the_console_s_own() -> None:
    for coloured in (True, False):
        out = io.StringIO()
        terminal = Terminal(file=out, force_terminal=coloured, width=200)
        table = Table(HOSTILE)
        table.add_row(HOSTILE)
        for shown in (HOSTILE, table):
            terminal.print(shown, style="bold", markup=False)
        own = re.sub(r"\x1b\[[\d;]*m", "", out.getvalue())
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", own)
        assert "\x1b[31m" not in out.getvalue() and "\x1b[2J" not in out.getvalue()
        assert ("\x1b[1m" in out.getvalue()) is coloured


def test_json_reads_back_as_the_same_and_holds_nothing_that_a_terminal_obeys() -> None:
    text = json_text({"text": HOSTILE})
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", text) and json.loads(text) == {"text": HOSTILE}


@given(
    st.lists(st.sampled_from(["!", "[", "![", "<", "<im", "g", "img", "<IMG src=x>", "](u)", " ", "a", "<b>", "1 < 2"]))
)
def test_a_text_in_pieces_is_shown_as_the_whole_and_loads_nothing(pieces: list[str]) -> None:
    from markdown_it import MarkdownIt

    unloading = Unloading()
    shown = "".join(unloading.add(piece) for piece in pieces) + unloading.rest()
    assert shown == for_client("".join(pieces))
    assert "<img" not in MarkdownIt("commonmark", {"html": True}).render(shown).lower()


def test_a_link_and_what_is_no_tag_stay_as_the_model_wrote_them() -> None:
    plain = "See [the page](https://a.example), a list[!] of 3 < 4, <b>bold</b> and wow! [x]"
    assert for_client(plain) == plain
