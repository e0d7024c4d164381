"""Extractive answers are the documents' own sentences with exact spans, or an abstention with what is nearest."""

from __future__ import annotations

import pytest

from ragkit.index import Index
from ragkit.rag import RAG
from ragkit.reasoning.strategies.extractive import NO_MODEL_NOTE, best_sentences, coverage, stems
from tests.fakes import WordEncoder

RULES = """# Travel rules

The finance director approves travel over 2,000 euros. Trains are preferred to flights.

## Claims

1. Claims are handed in within thirty days.
- The receipts are kept for ten years.
"""


class LatinEncoder(WordEncoder):
    """Does not know Cyrillic, as the default encoder does not: the words decide."""

    def pieces_per_word(self, text: str) -> float:
        return 1.2 if text.isascii() else 6.0


@pytest.fixture
def rag() -> RAG:
    index = Index("rules", encoder=WordEncoder())
    index.add(
        [
            {"id": "travel", "title": "Travel rules", "text": RULES},
            {"id": "отпуск", "text": "Отпуск утверждает начальник отдела. Заявление подают за две недели."},
        ]
    )
    return RAG(index)


def test_coverage_counts_rare_words_more_and_words_beside_half() -> None:
    said = [stems("the cat sleeps"), stems("the dog sleeps"), stems("the dog barks")]
    none: frozenset[str] = frozenset()
    shares = coverage("Which cat sleeps?", [(s, none) for s in said])
    assert shares[0] == pytest.approx(1.0)
    assert 0 < shares[1] < 0.5  # "sleeps" is in two sentences, "cat" in one, so it weighs less
    assert shares[2] == 0.0
    beside = coverage("Which cat sleeps?", [(stems("the cat"), stems("it sleeps"))])[0]
    assert 0.5 < beside < 1.0  # "cat" is said, "sleeps" stands beside and counts half


def test_words_are_compared_whatever_they_are_typed_with() -> None:
    assert stems("Отчёт п’ять") == stems("отчет пʼять")
    assert coverage("Ещё чёрный чай?", [(stems("Еще черный чай."), frozenset())]) == [1.0]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Кто сдаёт отчёт?", "Отчет сдает бухгалтер."),
        ("Кто сдает отчет?", "Отчёт сдаёт бухгалтер."),
        ("Хто п'є каву?", "Каву п’є директор."),
        ("Хто п’є каву?", "Каву пʼє директор."),
        ("Хто отримує п`ять об‘єктів?", "П'ять об'єктів отримує Дем′ян."),
    ],
)
def test_spelling_with_or_without_dots_and_any_apostrophe_finds_the_sentence_as_it_is_written(
    question: str, text: str
) -> None:
    index = Index("spelling", encoder=LatinEncoder())
    index.add([{"id": "x", "text": f"Первое предложение. {text} Останнє речення."}])
    answer = RAG(index).ask(question)
    assert [c.quote for c in answer.citations] == [text]
    (citation,) = answer.citations
    assert index.document("x").text[citation.start : citation.end] == text


def test_words_are_compared_by_their_first_letters() -> None:
    assert stems("утверждает начальника") == stems("утверждать начальнику")


@pytest.mark.parametrize(
    ("question", "words", "document"),
    [
        ("Who approves travel over 2,000 euros?", "finance director", "travel"),
        ("Within how many days are claims handed in?", "thirty days", "travel"),
        ("Кто утверждает отпуск?", "начальник отдела", "отпуск"),
    ],
)
def test_quotes_are_slices_of_the_document(rag: RAG, question: str, words: str, document: str) -> None:
    answer = rag.ask(question)
    assert answer.status == "answered"
    first = answer.citations[0]
    assert words in first.quote
    assert first.document_id == document
    for c in answer.citations:
        assert rag.index.document(c.document_id).text[c.start : c.end] == c.quote
        assert f"[{c.marker}]" in answer.text
    assert NO_MODEL_NOTE in answer.notes
    assert answer.ledger.thinking_tokens == 0


def test_list_markers_and_headings_are_no_part_of_an_answer(rag: RAG) -> None:
    for question in ("How long are the receipts kept?", "When are claims handed in?"):
        for c in rag.ask(question).citations:
            assert not c.quote.startswith(("-", "1.", "#"))


def test_abstains_in_the_language_of_the_question_and_shows_the_nearest(rag: RAG) -> None:
    answer = rag.ask("Какая высота горы Эверест над уровнем моря?")
    assert (answer.status, answer.citations) == ("abstained", ())
    assert answer.text
    assert not answer.text.isascii()
    assert answer.hits


def test_empty_index_abstains() -> None:
    index = Index("one", encoder=WordEncoder())
    index.add([{"id": "x", "text": "soon gone"}])
    index.delete(id="x")
    assert RAG(index).ask("Is there anything?").status == "abstained"


def test_best_sentence_is_first_and_evidence_is_a_share(rag: RAG) -> None:
    hits = rag.index.search("Who approves travel?", k=5)
    ranked = best_sentences("Who approves travel?", hits, WordEncoder())
    assert "approves" in ranked[0].text
    assert [s.score for s in ranked] == sorted((s.score for s in ranked), reverse=True)
    assert all(0.0 <= s.evidence <= 1.0 for s in ranked)
