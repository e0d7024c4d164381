"""A model that gives no answer has failed: it has not said that the documents hold none."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ragkit.eval.sets.reading import Question

from ragkit.engines import Deadlines
from ragkit.engines.remote.http import Server
from ragkit.engines.remote.openai_chat import OpenAIChatEngine
from ragkit.reasoning import strategy
from ragkit.types import Answer, Done
from tests.engines.scripted_server import events, serving
from tests.fakes import make_hits, make_task

HITS = make_hits("Ann works at Veltro.", "Veltro is based in Orm.")
SAID = "Veltro is based in Orm [2]."


def ask(*deltas: dict[str, Any], finish: str = "stop", question: str = "Where is Veltro based?") -> Answer:
    """The answer of a server that sends these deltas."""
    chunks = [{"choices": [{"delta": d}]} for d in deltas]
    last = {"choices": [{"delta": {}, "finish_reason": finish}]}

    async def run(url: str) -> Answer:
        task = make_task(question, HITS, OpenAIChatEngine(Server(url, deadlines=Deadlines()), "m"))
        found = [e.answer async for e in strategy("direct").run(task) if isinstance(e, Done)]
        return found[0]

    with serving(lambda handler, payload: events(handler, *chunks, last, "[DONE]")) as url:
        return asyncio.run(run(url))


@pytest.mark.parametrize(
    ("deltas", "finish", "note"),
    [
        ([], "content_filter", "content filter"),
        ([{"content": None}], "stop", "an empty answer"),
        ([], "stop", "an empty answer"),
        ([{"content": "…"}], "stop", "no usable text"),
    ],
)
def test_each_way_to_give_nothing_is_told_by_itself(deltas: list[dict[str, Any]], finish: str, note: str) -> None:
    answer = ask(*deltas, finish=finish)
    assert (answer.status, answer.text, answer.citations) == ("failed", "The model gave no answer.", ())
    assert any(note in n for n in answer.notes)


def test_the_sentence_is_in_the_questions_language() -> None:
    assert ask(question="Где находится компания Veltro?").text == "Модель не дала ответа."


def test_a_thought_that_took_all_tokens_is_exhausted_with_what_the_documents_hold() -> None:
    answer = ask({"reasoning_content": "let me think about it " * 9}, finish="length")
    assert answer.status == "exhausted" and "Veltro is based in Orm." in answer.text
    assert any("went into the model's thought" in n for n in answer.notes)


@pytest.mark.parametrize("delta", [{"reasoning_content": SAID}, {"content": f"<think>{SAID}"}])
def test_an_answer_that_only_the_thought_holds_is_given_and_told(delta: dict[str, Any]) -> None:
    answer = ask(delta)
    assert (answer.status, answer.text) == ("answered", "Veltro is based in Orm [1].")
    assert [c.quote for c in answer.citations] == ["Veltro is based in Orm."]
    assert any("sent as a thought" in n for n in answer.notes)


async def test_evaluation_counts_a_failure_as_neither_right_nor_wrong() -> None:
    from ragkit.eval.running.asking import Asker
    from ragkit.eval.running.runner import SampleJob

    from ragkit.errors import EngineError

    class Silent:
        async def aask(self, question: str, **options: Any) -> Answer:
            return Answer(question, "The model gave no answer.", "failed", notes=("the model gave an empty answer",))

    with pytest.raises(EngineError, match="empty answer"):
        await Asker(Silent())(SampleJob(Question("q", "Who?", ()), 0, "k"))
