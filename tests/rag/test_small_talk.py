"""Small talk is answered as such: without a search, without a model, and it is no matter to go on with."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit import RAG, Index
from ragkit.rag.memory import Conversation
from ragkit.rag.small_talk import NOTE, small_talk
from ragkit.text.languages import languages

from .scripted import ScriptedEngine

SAID = """
    thanks · Thank you so much! · hello · Hi there · ok · Ok, thanks a lot! · good morning · Got it, thank you. · Bye!
    Danke schön · Vielen Dank! · Hallo · Guten Tag! · alles klar · tschüss · Danke, das war alles
    спасибо · Спасибо большое! · Привет! · понятно, спасибо · до свидания · ок
    дякую · Щиро дякую! · Доброго дня · зрозуміло, дякую · до побачення
    merci beaucoup · Bonjour ! · d’accord · Comment allez-vous ? · C'est bon, merci
    ¡Hola! · Muchas gracias · de acuerdo · hasta luego
    dziękuję bardzo · Cześć! · rozumiem
    👍 · 👍🏽 · 🙏 · 👋 · ❤️
"""
QUESTIONS = """
    Thanks to whom was the bridge built? · How are you paid? · ok? · All right? · What is thanks? · ?! · … · 1 · Why?
    Wer hat Danke gesagt? · Что означает спасибо? · Хто сказав «дякую»? · How does hello world work in Rust? · -1 · €
"""


def each(written: str) -> list[str]:
    return [said.strip() for line in written.strip().splitlines() for said in line.split("·")]


@pytest.mark.parametrize("said", each(SAID))
def test_small_talk_is_told_in_many_languages(said: str) -> None:
    assert small_talk(said)


@pytest.mark.parametrize("asked", each(QUESTIONS))
def test_a_question_with_a_polite_word_in_it_is_a_question(asked: str) -> None:
    assert small_talk(asked) is None


def test_the_reply_is_in_the_language_it_was_said_in_or_that_was_spoken_before() -> None:
    assert small_talk("дякую") == "Будь ласка."
    assert small_talk("ok") == "Good. Ask on whenever you like."
    assert small_talk("👍", before="Хто затверджує відрядження?") == "Добре. Запитуйте далі, коли захочете."
    assert small_talk("ok", before="Wer genehmigt die Reise?") == "Gut. Fragen Sie jederzeit weiter."


def test_every_kind_that_a_language_knows_has_a_reply_in_it() -> None:
    for known in languages():
        if known.small_talk is not None:
            assert set(known.small_talk.said) == set(known.small_talk.replies), known.code


@pytest.fixture
def cars(home: Path) -> Index:
    made = Index("cars")
    prices = {"Astra 3": (80, 190, 310), "Borel 5": (95, 240, 420), "Cento X": (110, 260, 530)}
    made.add(
        [
            {"id": f"{car}-{job}", "title": f"{car} {job}", "text": f"The {job} of the {car} costs {price} euros."}
            for car, three in prices.items()
            for job, price in zip(("tyre change", "service", "windscreen replacement"), three, strict=True)
        ]
    )
    return made


def test_small_talk_needs_neither_search_nor_model(cars: Index) -> None:
    engine = ScriptedEngine("no")
    answer = RAG(cars, model=engine).ask("thanks")
    assert (answer.text, answer.status, answer.hits, answer.citations) == ("You are welcome.", "answered", (), ())
    assert NOTE in answer.notes
    assert engine.asked == []


def test_thanks_between_two_questions_change_nothing(cars: Index) -> None:
    talk = Conversation(RAG(cars))
    assert "95" in talk.ask("How much is a tyre change for the Borel 5?").text
    assert talk.ask("👍").text == "Good. Ask on whenever you like."
    assert talk.ask("thanks").understood == ""
    answer = talk.ask("What about a service?")
    assert answer.understood == "What about a service? (Borel 5)"
    assert [turn.asked for turn in talk.turns][1:3] == ["👍", "thanks"]


def test_a_follow_up_keeps_the_named_subject(cars: Index) -> None:
    talk = Conversation(RAG(cars))
    talk.ask("How much is a tyre change for the Borel 5?")
    said = [talk.ask(q).text for q in ("What about a service?", "What about a windscreen replacement?")]
    said.append(talk.ask("And for the Cento X?").text)
    for text, price in zip(said, ("240", "420", "530"), strict=True):
        assert price in text
        assert text.count("euros") == 1
