"""Conversations: follow-ups stand alone with and without a model, histories stay short, nothing is lost or invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit import RAG, Budget, Index
from ragkit.engines.base import Request
from ragkit.errors import EngineError, NotFoundError
from ragkit.rag import flush_traces
from ragkit.rag.followups import MAX_HISTORY_CHARACTERS, compact, rewrite
from ragkit.rag.leaning import points_back, stand_alone
from ragkit.rag.memory import PENDING, STOPPED, Conversation
from ragkit.rag.replay import question_of
from ragkit.store import Turn
from ragkit.templates import PromptLibrary
from ragkit.types import Done, Token
from tests.fakes import WordEncoder

from .scripted import ScriptedEngine

TEXTS = {
    "travel": "The finance director approves travel over 2,000 euros. Approval takes five days.",
    "leave": "Every employee has thirty days of paid leave a year.",
}


@pytest.fixture
def index(home: Path) -> Index:
    made = Index("handbook", encoder=WordEncoder())
    made.add([{"id": name, "title": name, "text": text} for name, text in TEXTS.items()])
    return made


def turn(question: str, answer: str = "The finance director.") -> Turn:
    return Turn(question, question, answer, "answered")


@pytest.mark.parametrize(
    ("question", "leans"),
    [
        ("How long does it take?", True),
        ("And for trains?", True),
        ("And who hands in receipts?", False),
        ("А кто подписывает авансовый отчёт?", False),
        ("А хто підписує авансовий звіт?", False),
        ("Why?", True),
        ("What about the hotel in Berlin?", True),
        ("Who approves travel over 2,000 euros?", False),
        ("What is attention?", False),
        ("Are there parking places at the Lyon office?", False),
        ("How many rooms are there in the Lyon office?", False),
        ("How much is one day of parking in Lyon?", False),
        ("Which one is cheaper for employees?", True),
        ("Who works there on Sundays?", True),
        ("Und wie lange dauert das Verfahren?", True),
        ("Wann wird er bezahlt?", True),
        ("Wer bezahlt das Hotel in Berlin?", False),
        ("А сколько он стоит?", True),
        ("Кто утверждает командировку?", False),
        ("А скільки часу це займає?", True),
        ("Хто затверджує відрядження?", False),
    ],
)
def test_questions_that_lean_on_the_one_before_are_told_in_four_languages(question: str, leans: bool) -> None:
    assert points_back(question) is leans


def test_rule_carries_the_words_that_the_question_lacks() -> None:
    before = "Who approves travel over 2,000 euros?"
    assert stand_alone("How long does it take?", before) == "How long does it take? (approves travel 2,000 euros)"
    assert stand_alone("And cheaper trips?", before) == "And cheaper trips? (approves)"
    assert (
        stand_alone("And in Berlin?", "What is the night limit for hotels in Lyon?")
        == "And in Berlin? (night limit hotels)"
    )
    assert stand_alone("А больничный?", "Кто согласует отпуск?") == "А больничный? (согласует)"
    assert stand_alone("А лікарняний?", "Хто погоджує відпустку?") == "А лікарняний? (погоджує)"
    assert stand_alone("Who pays for the hotel?", before) == "Who pays for the hotel?"
    assert stand_alone("Why?", "") == "Why?"


@pytest.mark.parametrize(
    ("question", "before", "carried"),
    [
        ("What about a service?", "How much is a tyre change for the Borel 5?", "Borel 5"),
        ("What about a windscreen?", "What about a service? (Borel 5)", "Borel 5"),
        ("And for the Astra 3?", "How much is a tyre change for the Borel 5?", "tyre change"),
        ("And the RX-4410-B?", "How much does the rotor RX-4410-C weigh?", "rotor weigh"),
        ("Und eine Inspektion?", "Was kostet ein Reifenwechsel für den Borel 5?", "kostet Borel 5"),
        ("Und für den Astra 3?", "Was kostet ein Reifenwechsel für den Borel 5?", "kostet Reifenwechsel"),
        ("Und billigere Reisen?", "Wer genehmigt Reisen über 2.000 Euro?", "genehmigt"),
        ("А техобслуживание?", "Сколько стоит замена шин для Borel 5?", "стоит Borel 5"),
        ("А для Astra 3?", "Сколько стоит замена шин для Borel 5?", "стоит замена шин"),
        ("А техобслуговування?", "Скільки коштує заміна шин для Borel 5?", "коштує Borel 5"),
        ("Et une révision ?", "Combien coûte un changement de pneus pour la Borel 5 ?", "coûte Borel 5"),
        ("¿Y una revisión?", "¿Cuánto cuesta un cambio de neumáticos para el Borel 5?", "cuesta Borel 5"),
        ("A przegląd?", "Ile kosztuje wymiana opon dla Borel 5?", "kosztuje Borel 5"),
    ],
)
def test_a_new_matter_keeps_the_named_thing_and_a_new_name_keeps_the_matter(
    question: str, before: str, carried: str
) -> None:
    assert stand_alone(question, before) == f"{question} ({carried})"


async def test_model_rewrites_and_its_line_is_taken() -> None:
    line = "How long does the approval of travel over 2,000 euros take?"
    engine = ScriptedEngine(f'"{line}"')
    text, sample = await rewrite(
        "How long does it take?",
        [turn("Who approves travel over 2,000 euros?", "The approval is the director's.")],
        engine=engine,
        prompts=PromptLibrary(),
    )
    assert text == line
    assert sample is not None
    assert sample.thinking_tokens == 0
    assert engine.asked[0].thinking_tokens == 0
    assert "Question: Who approves travel" in str(engine.asked[0].messages[-1]["content"])


@pytest.mark.parametrize(
    "line",
    [
        "The answer is not in the documents.",
        "It takes five working days on average, said the minister of transport.",
        "How long?\nIt takes five days.",
        "",
        "Wie lange dauert die Genehmigung?",
        "take " * 200,
    ],
)
async def test_line_that_is_no_rewriting_gives_way_to_the_rule(line: str) -> None:
    text, sample = await rewrite(
        "How long does it take?", [turn("Who approves travel?")], engine=ScriptedEngine(line), prompts=PromptLibrary()
    )
    assert text == "How long does it take? (approves travel)"
    assert sample is not None, "what the model spent is booked all the same"


async def test_engine_that_fails_does_not_end_the_conversation() -> None:
    def fail(request: Request) -> str:
        raise EngineError("gone")

    text, sample = await rewrite("Why?", [turn("Who?")], engine=ScriptedEngine(fail), prompts=PromptLibrary())
    assert (text, sample) == ("Why?", None)


def test_long_history_is_compacted_and_says_what_was_left_out() -> None:
    turns = [turn(f"question {n} " + "x" * 300, f"answer {n} " + "y" * 1000) for n in range(60)]
    text = compact(turns)
    assert len(text) <= MAX_HISTORY_CHARACTERS
    lines = text.splitlines()
    assert lines[0].endswith("earlier questions left out)")
    left_out = int(lines[0].strip("(").split()[0])
    shown = [line for line in lines if line.startswith("Question:")]
    assert left_out + len(shown) == 60
    assert shown[-1].startswith("Question: question 59")
    assert len([line for line in lines if line.startswith("Answer:")]) == 3


def test_conversation_without_a_model_finds_what_the_follow_up_means(index: Index) -> None:
    talk = Conversation(RAG(index))
    assert talk.turns == []
    talk.ask("Who approves travel over 2,000 euros?")
    second = talk.ask("And how long does it take?")
    assert second.question == "And how long does it take?"
    assert second.notes[0] == "understood as: And how long does it take? (approves travel 2,000 euros)"
    assert second.hits[0].document_id == "travel"
    assert [t.asked for t in talk.turns] == ["Who approves travel over 2,000 euros?", "And how long does it take?"]
    again = Conversation(RAG(index), talk.id)
    assert [t.trace_id for t in again.turns] == [t.trace_id for t in talk.turns]
    with pytest.raises(NotFoundError):
        Conversation(RAG(index), "nope")


def test_what_rewriting_spent_is_in_the_ledger(index: Index) -> None:
    engine = ScriptedEngine("The finance director [1].", "How long does travel approval take?", "Five days [1].")
    talk = Conversation(RAG(index, model=engine, strategy="direct", budget=50))
    first = talk.ask("Who approves travel?")
    second = talk.ask("How long does it take?")
    assert first.ledger.answer_tokens == 4
    assert second.ledger.answer_tokens == 6 + 3
    assert second.ledger.thinking_tokens == 0
    assert len(engine.asked) == 3


async def test_rewriting_is_a_part_of_the_answer_of_its_seconds_and_of_its_trace(index: Index) -> None:
    line = "How long does travel approval take?"
    engine = ScriptedEngine("The finance director [1].", line, "Five days [1].")
    rag = RAG(index, model=engine, strategy="direct", budget=Budget(thinking_tokens=50, seconds=30))
    talk = Conversation(rag)
    await talk.aask("Who approves travel?")
    second = await talk.aask("How long does it take?")
    assert (second.question, second.understood) == ("How long does it take?", line)
    assert engine.asked[1].seconds is not None
    assert 0 < engine.asked[1].seconds <= 30
    flush_traces()
    trace = rag.store.traces.get(second.trace_id)
    assert trace.question == "How long does it take?"
    assert set(trace.record["prompts"]) == {"followup", "answer"}
    assert len(trace.record["calls"]) == 2
    assert talk.turns[1].understood == question_of(trace) == line


async def test_no_seconds_left_for_a_model_leaves_the_rule() -> None:
    engine = ScriptedEngine("never asked")
    text, sample = await rewrite(
        "Why?", [turn("Who approves travel?")], engine=engine, prompts=PromptLibrary(), seconds=0
    )
    assert (text, sample, engine.asked) == ("Why? (approves travel)", None, [])


def test_the_answer_follows_the_language_of_what_was_asked_not_of_what_was_said_before(index: Index) -> None:
    talk = Conversation(RAG(index))
    talk.ask("Who approves travel over 2,000 euros?")
    assert talk.ask("А сколько стоит жильё?").text == "В этих документах ответа нет."


def test_a_turn_remembers_what_it_was_allowed_to_think(index: Index) -> None:
    talk = Conversation(RAG(index, model=ScriptedEngine(*["The finance director [1]."] * 6), budget=50))
    talk.ask("Who approves travel over 2,000 euros?")
    talk.ask("Who approves travel over 2,000 euros?", budget=7)
    talk.ask("Who approves travel over 2,000 euros?", budget=Budget())
    assert [t.details.get("budget") for t in talk.turns] == [50, 7, None]


async def test_a_question_kept_early_is_there_before_its_answer_and_what_came_of_a_stopped_one(index: Index) -> None:
    engine = ScriptedEngine("The finance director approves travel [1]. It takes five days, says the handbook [1].")
    talk = Conversation(RAG(index, model=engine, strategy="direct", budget=50), early=True)
    events = talk.stream("Who approves travel?")
    await anext(events)
    assert [(t.asked, t.status, t.answer) for t in talk.turns] == [("Who approves travel?", PENDING, "")]
    async for event in events:
        if isinstance(event, Token):
            break
    await events.aclose()
    (kept,) = talk.turns
    assert kept.status == STOPPED and kept.answer.startswith("The")
    assert kept.details["hits"]
    answer = await talk.aask("How long does it take?")
    assert [t.status for t in talk.turns] == [STOPPED, "answered"] and talk.turns[1].answer == answer.text
    assert "Who approves travel?" in str(engine.asked[-2].messages), "a follow-up leans on it"


async def test_a_question_kept_early_whose_answer_fails_says_why(index: Index) -> None:
    def breaks(_: Request) -> str:
        raise EngineError("the engine is gone")

    talk = Conversation(RAG(index, model=ScriptedEngine(breaks), strategy="direct"), early=True)
    with pytest.raises(EngineError):
        await talk.aask("Who approves travel?")
    (kept,) = talk.turns
    assert kept.status == "failed" and kept.details["notes"] == ["the engine is gone"]


async def test_answer_that_is_stopped_leaves_no_turn(index: Index) -> None:
    talk = Conversation(RAG(index))
    events = talk.stream("Who approves travel?")
    assert not isinstance(await anext(events), Done)
    await events.aclose()
    assert talk.id == ""
    await talk.aask("Who approves travel?")
    assert len(talk.turns) == 1
