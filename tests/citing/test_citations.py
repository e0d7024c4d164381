"""Citations hold: every quotation is the document's own words, and no marker survives that names nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ragkit.augment import pack_context
from ragkit.augment.packing import NumberedPassage
from ragkit.citing.citations import Checked, CitationChecker, check_citations
from ragkit.citing.markers import marker
from ragkit.types import Hit
from tests.fakes import WordEncoder, make_hits

QUESTION = "Where is the employer of Ann based?"
TEXTS = (
    "Ann works at Veltro. She has worked there for years [9].",
    "Veltro was founded in 1990. Veltro is based in Orm.\nOrm is small.",
    "Bread is baked in the morning.",
)


def passages(*texts: str) -> tuple[NumberedPassage, ...]:
    return pack_context(make_hits(*texts), count=len, room_tokens=100_000).passages


def source(hits: tuple[Hit, ...], document_id: str) -> str:
    """The document that `make_hits` pretends the chunk stands in."""
    return next("?????" + h.chunk.text for h in hits if h.document_id == document_id)


def check(text: str, question: str = QUESTION, *, encoder: bool = False) -> Checked:
    return check_citations(text, question, passages(*TEXTS), WordEncoder if encoder else None)


def holds(checked: Checked, packed: tuple[NumberedPassage, ...]) -> None:
    hits = tuple(h for p in packed for h in p.hits)
    shown = [int(n) for m in marker().findall(checked.text) for n in re.findall(r"\d+", m)]
    assert list(dict.fromkeys(shown)) == list(range(1, len(checked.citations) + 1))
    for n, citation in enumerate(checked.citations, 1):
        assert citation.marker == n
        assert source(hits, citation.document_id)[citation.start : citation.end] == citation.quote
        assert citation.quote.strip()
        assert citation.support is None or 0 <= citation.support <= 1


@pytest.mark.parametrize("encoder", [False, True])
def test_the_best_sentence_of_the_cited_passage_is_quoted(encoder: bool) -> None:
    checked = check("The answer is Orm [2].", encoder=encoder)
    assert checked.text == "The answer is Orm [1]."
    assert [c.quote for c in checked.citations] == ["Veltro is based in Orm."]
    assert checked.unsupported == checked.removed == ()


def test_markers_are_renumbered_by_appearance_one_for_each_quotation() -> None:
    checked = check(
        "Veltro is based in Orm [2]. Ann works at Veltro [1]. It is in Orm [2]. It was founded in 1990 [2]."
    )
    assert checked.text.endswith("Orm [1]. Ann works at Veltro [2]. It is in Orm [1]. It was founded in 1990 [3].")
    assert [c.chunk_id for c in checked.citations] == [2, 1, 2]


def test_a_list_of_numbers_is_taken_apart() -> None:
    assert check("Ann's employer Veltro is in Orm [1, 2].").text == "Ann's employer Veltro is in Orm [1][2]."


def test_markers_behind_the_full_stop_belong_to_the_sentence_before() -> None:
    checked = check("Ann works at Veltro. [1] Veltro is based in Orm. [2]")
    assert [c.quote for c in checked.citations] == ["Ann works at Veltro.", "Veltro is based in Orm."]
    assert checked.unsupported == ()


def test_a_number_without_a_passage_is_removed_and_reported() -> None:
    checked = check("It is Orm [2][9]. Mars is red [7].")
    assert checked.text == "It is Orm [1]. Mars is red."
    assert checked.removed == ("[9] names no passage", "[7] names no passage")
    assert checked.unsupported == ("Mars is red.",)


def test_a_passage_that_has_nothing_to_do_with_it_is_removed() -> None:
    checked = check("Veltro is based in Orm [3].")
    assert checked.text == "Veltro is based in Orm."
    assert checked.removed and "nothing to do" in checked.removed[0]


def test_a_step_that_shares_words_with_the_question_alone_is_kept() -> None:
    assert len(check("It is Orm [1][2].").citations) == 2


def test_a_sentence_without_citation_is_reported() -> None:
    assert check("Ann works at Veltro [1]. Cats sleep a lot.").unsupported == ("Cats sleep a lot.",)


def test_support_across_scripts_is_not_pretended() -> None:
    checked = check("Работодатель находится в Орме [2].", "Где работодатель?")
    assert [c.support for c in checked.citations] == [None]


@pytest.mark.parametrize(
    ("question", "answer", "text"),
    [
        ("Кто сдаёт отчёт?", "Отчёт сдаёт Пётр [1].", "Отчет сдает Петр."),
        ("Кто сдает отчет?", "Отчет сдает Петр [1].", "Отчёт сдаёт Пётр."),
        ("Скільки об'єктів?", "П'ять об'єктів [1].", "П’ять об’єктів."),
        ("Скільки об’єктів?", "Пʼять обʼєктів [1].", "П'ять об'єктів."),
    ],
)
def test_another_spelling_of_the_same_words_supports_as_the_same_does(question: str, answer: str, text: str) -> None:
    checked = check_citations(answer, question, passages(text))
    same = check_citations(f"{text} [1]", question, passages(text))
    assert [c.quote for c in checked.citations] == [text]
    assert checked.citations[0].support == same.citations[0].support
    assert checked.removed == checked.unsupported == ()


@pytest.mark.parametrize(
    ("question", "answer", "text"),
    [
        ("Кто одобряет путешествия?", "Путешествия одобряет руководитель [1].", "Подорожі схвалює керівник."),
        ("Хто схвалює подорожі?", "Подорожі схвалює керівник [1].", "Путешествия одобряет руководитель."),
        ("Who approves travel?", "The head approves travel [1].", "Die Reise genehmigt der Leiter der Abteilung."),
    ],
)
def test_support_across_languages_of_one_script_is_not_pretended(question: str, answer: str, text: str) -> None:
    checked = check_citations(answer, question, passages(text))
    assert (checked.text, checked.removed, checked.unsupported) == (answer, (), ())
    assert [(c.quote, c.support) for c in checked.citations] == [(text, None)]


@pytest.mark.parametrize(
    ("question", "answer", "text"),
    [
        ("How long does it take?", "It takes 30 days [1].", "The approval takes 5 days."),
        ("Сколько длится отпуск?", "Отпуск длится 45 дней [1].", "Отпуск длится 28 календарных дней."),
        ("Сколько длится отпуск?", "Отпуск длится 45 дней [1].", "The leave is 28 days long."),
    ],
)
def test_a_figure_from_nowhere_is_unsupported_and_its_marker_stays(question: str, answer: str, text: str) -> None:
    checked = check_citations(answer, question, passages(text))
    assert (checked.text, checked.removed) == (answer, ())
    assert checked.unsupported == (answer.replace(" [1]", ""),)
    assert check_citations(f"{text} [1]", question, passages(text)).unsupported == ()


def test_figures_that_follow_from_the_cited_passages_are_supported() -> None:
    staff = passages(
        "Kesta has a staff of 33.", "Bread is baked.", "Velm employs 24 people.", "Ann and Bo live in Orm."
    )
    for question, answer in (
        ("How many people work at Kesta and Velm together?", "The answer is 57 [1] [3]."),
        ("How many people work at Kesta and Velm together?", "Kesta has 33 [1]. Velm has 24, so it is 57 [3]."),
        ("How many of Kesta and Velm have people?", "The answer is 2 [1] [3]."),
        ("Is the staff of Kesta 30?", "The staff of Kesta is not 30 [1]."),
    ):
        assert check_citations(answer, question, staff).unsupported == ()


@pytest.mark.parametrize(
    "marker",
    [
        "[1-2]",
        "[1–2]",
        "[1, 2]",
        "【1】【2】",
        "[^1][^2]",
        "[Passage 1][Source 2]",
        "[Passages 1 and 2]",
        "[ 1;2 ]",
    ],
)
@pytest.mark.parametrize("step", [1, 3, 1000])
def test_variants_of_markers_are_the_same_citations_however_they_are_cut(marker: str, step: int) -> None:
    for text in (f"Ann's employer Veltro is in Orm {marker}.", f"Ann's employer Veltro is in Orm. {marker}"):
        text += " It was founded in 1990 [2]. The end of it."
        checker = CitationChecker(QUESTION, passages(*TEXTS))
        out = "".join(checker.push(text[at : at + step])[0] for at in range(0, len(text), step)) + checker.finish()[0]
        assert [c.chunk_id for c in checker.citations] == [1, 2, 2]
        assert re.sub(r"[ .]", "", out) == "Ann'semployerVeltroisinOrm[1][2]Itwasfoundedin1990[3]Theendofit"
        assert checker.removed == []


@pytest.mark.parametrize(
    ("marker", "numbers"),
    [
        ("[12345]", [12345]),
        ("【9】", [9]),
        ("[Passage 9]", [9]),
        ("[8-9]", [8, 9]),
        ("[^7]", [7]),
        ("[2024]", [2024]),
    ],
)
def test_variants_that_name_no_passage_are_removed_and_reported(marker: str, numbers: list[int]) -> None:
    checked = check(f"Veltro is based in Orm {marker}.")
    assert checked.text == "Veltro is based in Orm."
    assert checked.removed == tuple(f"[{n}] names no passage" for n in numbers)


@pytest.mark.parametrize(
    "said", ["[sic]", "[0.93, 0.96]", "[0, 1]", "[Orm](https://example.org)", "a[0]", "`a[1]`", "«в [2024] году»"]
)
def test_what_only_looks_like_a_marker_is_left_alone(said: str) -> None:
    checked = check(f"Veltro {said} is based in Orm [2].")
    assert checked.text == f"Veltro {said} is based in Orm [1]."
    assert checked.removed == ()


def test_closeness_orders_support() -> None:
    good, poor = (
        check(t).citations[0].support or 0.0 for t in ("Veltro is based in Orm [2].", "Veltro sells cheese [2].")
    )
    assert good > poor


PIECES = (
    "[1]", "[2]", "[3]", "[9]", "[1, 2]", "[", "]", "[[9]1]", "[0]", "Veltro is in Orm", ". ", "! ", " ", "\n\n",
    "e.g. ", "Ann", "\u200b", "Орм", "1990", "[ 1 ]", "[12345]", "(1)", "【1】", "【", "】", "[^", "[Passage 2]",
    "[1-3]", "[0, 1]", "and 2", "†x", "-",
)  # fmt: skip
plain = st.text(st.characters(exclude_characters='`"«»“”„'), max_size=5)  # in code and quotations brackets may stay
written = st.lists(st.sampled_from(PIECES) | plain, max_size=14).map("".join)


@settings(deadline=None)
@given(written)
@example("[[9]1] x")
@example("[1]")
@example("[\u200b1]")
@example("x [[[9]9]1]")
def test_whatever_is_written_quotations_equal_the_source_and_markers_count_up(text: str) -> None:
    holds(check(text), passages(*TEXTS))


@settings(deadline=None)
@given(written, st.integers(1, 7))
def test_streamed_text_is_never_taken_back_and_equals_the_whole(text: str, step: int) -> None:
    checker = CitationChecker(QUESTION, passages(*TEXTS))
    out = ""
    cited: list[Any] = []
    for at in range(0, len(text), step):
        piece, new = checker.push(text[at : at + step])
        out, cited = out + piece, cited + new
    piece, new = checker.finish()
    assert (out + piece).strip() == checker.checked().text
    assert [c.marker for c in cited + new] == [c.marker for c in checker.citations]
    holds(checker.checked(), passages(*TEXTS))


def test_text_before_a_bracket_streams_at_once() -> None:
    checker = CitationChecker(QUESTION, passages(*TEXTS))
    assert checker.push("The answer ")[0] == "The answer"
    assert checker.push("is Orm [2")[0] == " is Orm"


def test_passages_can_be_added_while_the_answer_is_sought() -> None:
    checker = CitationChecker(QUESTION, ())
    checker.add(passages(*TEXTS))
    checker.push("It is Orm [2].")
    assert checker.finish()[0].endswith("[1].")
