"""Extractive answers are the documents' own sentences with exact spans, or an abstention with what is nearest."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ragkit.errors import RagkitError
from ragkit.index import Index
from ragkit.rag import RAG
from ragkit.reader import AnswerReader
from ragkit.reader.answers import Found
from ragkit.reader.candidates import Candidate, candidates
from ragkit.reasoning.strategies.extractive import NO_MODEL_NOTE, Extractive
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


def test_the_best_comes_first_and_chances_are_shares(rag: RAG) -> None:
    hits = rag.index.search("Who approves travel?", k=5)
    ranked = AnswerReader(WordEncoder()).read("Who approves travel?", candidates(hits))
    assert "approves" in ranked[0].candidate.text
    assert [f.chance for f in ranked] == sorted((f.chance for f in ranked), reverse=True)
    assert all(0.0 < f.chance < 1.0 for f in ranked)


class Sure:
    """A reader that is as sure as it is told to be of the sentences with a word."""

    name, low, high, more = "sure", 0.3, 0.6, 0.8

    def __init__(self, word: str, chance: float) -> None:
        self.word, self.chance = word, chance

    def read(self, question: str, found: Sequence[Candidate]) -> list[Found]:
        return sorted((Found(c, self.chance * (self.word in c.text)) for c in found), key=lambda f: -f.chance)


@pytest.mark.parametrize(
    ("chance", "status", "opening"),
    [(0.9, "answered", "Trains"), (0.4, "answered", "Probably: Trains"), (0.2, "abstained", "")],
)
def test_says_probably_between_yes_and_no(rag: RAG, chance: float, status: str, opening: str) -> None:
    rag.strategy = Extractive(reader=Sure("Trains", chance))
    answer = rag.ask("What is preferred?")
    assert (answer.status, answer.text.startswith(opening)) == (status, True)
    assert answer.confidence == (chance if status == "answered" else None)


def test_a_row_answers_under_its_column_names_and_on_its_own_lines() -> None:
    index = Index("prices", encoder=WordEncoder())
    table = "| Service | Price |\n| --- | --- |\n| Oil change | 60 |\n| Tyre change | 80 |\n"
    index.add([{"id": "prices", "text": f"# Prices\n\n{table}"}])
    answer = RAG(index, strategy=Extractive(reader=Sure("Tyre", 0.9))).ask("What does a tyre change cost?")
    assert answer.text == "| Service | Price |\n| --- | --- |\n| Tyre change | 80 |\n[1]"
    assert answer.citations[0].quote == "| Tyre change | 80 |"


def test_all_items_answer_where_several_are_asked_for() -> None:
    index = Index("steps", encoder=WordEncoder())
    index.add([{"id": "s", "text": "The rules are short.\n\n- Knock first.\n- Wipe your feet.\n- Close the door.\n"}])
    reader = Sure("Wipe", 0.9)
    answer = RAG(index, strategy=Extractive(reader=reader)).ask("What are the rules?")
    assert [c.quote for c in answer.citations] == ["Knock first.", "Wipe your feet.", "Close the door."]
    assert answer.text.count("\n") == 2
    one = RAG(index, strategy=Extractive(reader=reader)).ask("What about feet?")
    assert [c.quote for c in one.citations] == ["Wipe your feet."]


def test_lines_of_code_stay_apart() -> None:
    index = Index("code", encoder=WordEncoder())
    code = "    total = 0;\n    total += 1;"
    index.add([{"id": "c", "text": f"How to add:\n\n{code}\n"}])
    answer = RAG(index, strategy=Extractive(reader=Sure("total", 0.9))).ask("How is it added?")
    assert "total = 0;\n    total += 1;" in answer.text


def test_what_a_document_repeats_from_page_to_page_is_not_quoted() -> None:
    index = Index("pages", encoder=WordEncoder())
    pages = [f"Travel report of Acme Group, page {n}\n\nChapter {n} tells of {w}.\n\n" for n, w in enumerate("abcde")]
    index.add([{"id": "p", "text": "\n".join(pages)}])
    answer = RAG(index, strategy=Extractive(reader=Sure("Travel report", 0.9))).ask("What does the travel report tell?")
    assert answer.status == "abstained"


def test_all_likely_rows_answer_where_several_are_asked_for() -> None:
    index = Index("valves", encoder=WordEncoder())
    table = "| Valve | State |\n| --- | --- |\n| V1 | open |\n| V2 | shut |\n| V3 | open |\n"
    index.add([{"id": "v", "text": table}])
    answer = RAG(index, strategy=Extractive(reader=Sure("open", 0.9))).ask("Which valves are open? List them.")
    assert [c.quote for c in answer.citations] == ["| V1 | open |", "| V3 | open |"]


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("Кто утверждает отпуск?", "Вероятно: "),
        ("Хто затверджує відпустку?", "Ймовірно: "),
        ("Wer genehmigt den Urlaub?", "Wahrscheinlich: "),
    ],
)
def test_probably_is_said_in_the_language_of_the_question(rag: RAG, question: str, opening: str) -> None:
    rag.strategy = Extractive(reader=Sure("Отпуск", 0.4))
    assert rag.ask(question).text.startswith(opening)


def test_a_document_s_own_markers_and_links_obey_nothing_in_a_row() -> None:
    index = Index("rows", encoder=WordEncoder())
    index.add([{"id": "r", "text": "| A | B |\n| --- | --- |\n| tyre [7] | ![x](http://evil.example/x) |\n"}])
    text = RAG(index, strategy=Extractive(reader=Sure("tyre", 0.9))).ask("What of the tyre?").text
    assert "[7]" not in text
    assert "![x](" not in text


def test_the_setting_puts_the_plain_threshold_back(rag: RAG, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGKIT_READER", "off")
    answer = rag.ask("Who approves travel over 2,000 euros?")
    assert answer.citations[0].quote.startswith("The finance director approves")
    assert "robably" not in answer.text


def test_a_reader_that_is_not_there_is_told_in_one_line(rag: RAG, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGKIT_READER", "./no-such-model")
    with pytest.raises(RagkitError, match="no-such-model"):
        rag.ask("Who approves travel?")
