"""An answer as Markdown, HTML and BibTeX: everything that is cited is there, and nothing in it becomes markup."""

from __future__ import annotations

import html.parser

import pytest

from ragkit import Index
from ragkit.cli.answering.formats import written
from ragkit.types import Answer, Citation

from .conftest import Run

HOSTILE = Answer(
    "Who?",
    "It is <b>Orm</b> & co [1].\n\nSee [2] and [3].",
    "answered",
    (
        Citation(
            1, "Orm <script>alert(1)</script>", "A & B_{x} 50%", "a", 0, 9, page=3, source="https://x.org/a?b=1&c"
        ),
        Citation(2, "two", "A & B_{x} 50%", "b", 0, 3, source="/home/ann/b.pdf"),
    ),
)


def test_an_answer_is_short_where_it_is_looked_at_and_whole_in_a_notebook() -> None:
    assert repr(HOSTILE) == "<Answer answered: 'It is <b>Orm</b> & co [1]. See [2] and [3].', 2 citations, 0 passages>"
    assert len(repr(Answer("Q", "word " * 500, "answered"))) < 160
    shown = HOSTILE._repr_markdown_()
    assert shown.startswith(HOSTILE.text)
    assert "**[1]** A & B_{x} 50%, page 3\n\n> Orm" in shown


def test_html_links_markers_to_sources_and_holds_no_foreign_markup() -> None:
    page = written(HOSTILE, "html")
    tags: list[str] = []

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append(tag)

    Reader().feed(page)
    assert set(tags) == {"article", "p", "a", "ol", "li", "q"}
    assert '<a href="#source-1">[1]</a>' in page and 'id="source-1"' in page
    assert 'href="#source-3"' not in page, "a marker without a source is no link"
    assert 'href="https://x.org/a?b=1&amp;c"' in page


def test_bibtex_has_one_entry_a_document_with_pages_and_words() -> None:
    text = written(HOSTILE, "bibtex")
    assert text.count("@misc{") == 2
    assert "@misc{a-b-x-50," in text and "@misc{a-b-x-50-2," in text, "two documents of one title have two keys"
    assert r"title = {{A \& B\_\{x\} 50\%}}" in text
    assert "pages = {3}" in text and "url = {https://x.org/a?b=1&c}" in text
    assert written(Answer("Q", "Not in these documents.", "abstained"), "bibtex") == ""


@pytest.mark.usefixtures("rules")
def test_the_command_prints_the_answer_in_the_form_asked_for(ragkit: Run, rules: Index) -> None:
    question = "Who approves travel over 2,000 euros?"
    markdown = ragkit("ask", question, "--index", "rules", "--format", "md")
    assert markdown.out.startswith(
        "Probably: The finance director approves travel over 2,000 euros. [1]\n\n**[1]** Travel"
    )
    assert "@misc{travel," in ragkit("ask", question, "--index", "rules", "--format", "bibtex").out
    assert ragkit("ask", question, "--index", "rules", "--format", "pdf").code == 2
    assert ragkit("ask", question, "--index", "rules", "--format", "md", "--json").code == 2
