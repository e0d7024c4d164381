"""A langchain chat model under deadlines, caps and a temperature, and its thoughts written as text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from ragkit.engines import Deadlines, Delta, Request, Sample
from ragkit.engines.remote.langchain import LangChainEngine
from ragkit.errors import EngineError, EngineTimeoutError

from ...virtual import run


def messages(**options: Any) -> Request:
    return Request(messages=({"role": "user", "content": "capital of France?"},), **options)


class Slow(BaseChatModel):
    """Gives `pieces`, each after `wait` seconds; `tells` makes it report them while it is asked for all at once."""

    pieces: tuple[str, ...] = ("Pa", "ris")
    wait: float = 0.0
    tells: bool = False
    ends: str = "stop"

    @property
    def _llm_type(self) -> str:
        return "slow"

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> ChatResult:
        raise NotImplementedError

    async def _agenerate(
        self,
        messages: Any,
        stop: Any = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        for piece in self.pieces:
            await asyncio.sleep(self.wait)
            if self.tells and run_manager is not None:
                await run_manager.on_llm_new_token(piece)
        message = AIMessage(content="".join(self.pieces), response_metadata={"finish_reason": self.ends})
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _astream(
        self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        for piece in self.pieces:
            await asyncio.sleep(self.wait)
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
        yield ChatGenerationChunk(message=AIMessageChunk(content="", response_metadata={"finish_reason": self.ends}))


async def drain(engine: LangChainEngine, request: Request, *, streamed: bool) -> tuple[Sample, str, str]:
    """The sample, and thought and answer as they were streamed."""
    if not streamed:
        (sample,) = await engine.generate(request)
        return sample, sample.thinking, sample.answer
    items = [item async for item in engine.stream(request)]
    deltas = [d for d in items if isinstance(d, Delta)]
    assert isinstance(items[-1], Sample)
    thought, answer = ("".join(d.text for d in deltas if d.thinking is t) for t in (True, False))
    return items[-1], thought, answer


WORDS = ("x",) * 400


@pytest.mark.parametrize(
    ("streamed", "model", "deadlines", "seconds", "after_s", "text"),
    [
        (False, {"wait": 500.0}, None, None, 120.0, "silent for 120 s"),
        (True, {"wait": 500.0}, None, None, 120.0, "silent for 120 s"),
        (False, {"wait": 70.0, "pieces": WORDS, "tells": True}, None, None, 130.0, "silent for 60 s"),
        (True, {"wait": 70.0, "pieces": WORDS}, None, None, 130.0, "silent for 60 s"),
        (False, {"wait": 0.25, "pieces": WORDS}, None, 0.75, 0.75, "in its time"),
        (True, {"wait": 0.25, "pieces": WORDS}, None, 0.75, 0.75, "in its time"),
        (False, {"wait": 1.0, "pieces": WORDS, "tells": True}, Deadlines(total_s=5.0), None, 5.0, "in its time"),
        (True, {"wait": 1.0, "pieces": WORDS}, Deadlines(total_s=5.0), 9.0, 5.0, "in its time"),
    ],
)
def test_a_deadline_holds_whether_streamed_or_not(
    streamed: bool, model: dict[str, Any], deadlines: Deadlines | None, seconds: float | None, after_s: float, text: str
) -> None:
    async def late() -> float:
        engine = LangChainEngine(Slow(**model), deadlines=deadlines)
        with pytest.raises(EngineTimeoutError, match=text):
            await drain(engine, messages(seconds=seconds), streamed=streamed)
        return asyncio.get_running_loop().time()

    assert run(late())[0] == pytest.approx(after_s)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_long_answer_is_no_fault_while_tokens_are_heard(streamed: bool) -> None:
    engine = LangChainEngine(Slow(wait=50.0, pieces=WORDS, tells=True))
    (sample, _, _), took_s = run(drain(engine, messages(), streamed=streamed))
    assert (sample.answer, took_s) == ("x" * 400, pytest.approx(20_000))


def test_a_timeout_of_the_providers_own_is_its_failure() -> None:
    class Late(Slow):
        async def _agenerate(self, *args: Any, **kwargs: Any) -> ChatResult:
            raise TimeoutError("socket")

    with pytest.raises(EngineError, match="failed: socket") as caught:
        asyncio.run(LangChainEngine(Late()).generate(messages()))
    assert not isinstance(caught.value, EngineTimeoutError)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("pieces", "ends", "thinking", "answer"),
    [
        (("<think>secret plan</think>Paris <|im_end|>",), "stop", "secret plan", "Paris "),
        (("<th", "ink>secret plan</", "think>Paris <|im", "_end|>"), "stop", "secret plan", "Paris "),
        (("<think>", "plan"), "length", "plan", ""),
        (("Par", "is"), "max_tokens", "", "Paris"),
    ],
)
def test_a_thought_written_as_text_is_no_answer(
    pieces: tuple[str, ...], ends: str, thinking: str, answer: str, streamed: bool
) -> None:
    engine = LangChainEngine(Slow(pieces=pieces, ends=ends))
    sample, thought, said = asyncio.run(drain(engine, messages(), streamed=streamed))
    assert (sample.thinking, sample.answer) == (thought, said) == (thinking, answer)
    assert sample.finish_reason == ("stop" if ends == "stop" else "length")


def test_a_template_that_opens_the_thought_is_known_after_the_first_answer() -> None:
    engine = LangChainEngine(Slow(pieces=("pl", "an</think>", "Paris")))
    first, _, _ = asyncio.run(drain(engine, messages(), streamed=False))
    second, thought, said = asyncio.run(drain(engine, messages(), streamed=True))
    assert (first.thinking, first.answer) == (second.thinking, second.answer) == (thought, said) == ("plan", "Paris")


class Sampling(Slow):
    """Keeps what it is called with, its own fields included."""

    temperature: float | None = None
    seen: list[dict[str, Any]] = []

    async def _agenerate(self, *args: Any, **kwargs: Any) -> ChatResult:
        own = {name: getattr(self, name) for name in ("temperature", "num_predict") if hasattr(self, name)}
        self.seen.append({**own, **{k: v for k, v in kwargs.items() if k != "stop"}})
        return await super()._agenerate([])


class Capped(Sampling):
    max_tokens: int | None = None


class Ollama(Sampling):
    num_predict: int | None = None

    async def _agenerate(self, *args: Any, **kwargs: Any) -> ChatResult:
        assert not {"temperature", "num_predict"} & set(kwargs), "ChatOllama refuses them in a call"
        return await super()._agenerate(*args, **kwargs)


@pytest.mark.parametrize(
    ("model", "asked", "seen", "unsupported"),
    [
        (Capped(), {"thinking_tokens": 0}, {"temperature": 0.5, "max_tokens": 7}, ()),
        (Capped(), {"thinking_tokens": 100}, {"temperature": 0.5, "max_tokens": 107}, ()),
        (Capped(), {}, {"temperature": 0.5, "max_tokens": 4103}, ()),
        (Capped(max_tokens=50), {}, {"temperature": 0.5, "max_tokens": 50}, ()),
        (Capped(profile={"reasoning_output": False}), {}, {"temperature": 0.5, "max_tokens": 7}, ()),
        (Capped(profile={"max_output_tokens": 2048}), {}, {"temperature": 0.5, "max_tokens": 2048}, ()),
        (Capped(profile={"temperature": False}), {}, {"temperature": None, "max_tokens": 4103}, ("temperature",)),
        (Ollama(num_predict=-1), {"thinking_tokens": 0}, {"temperature": 0.5, "num_predict": 7}, ()),
        (Sampling(), {}, {"temperature": 0.5}, ("answer_tokens",)),
    ],
)
def test_a_cap_and_the_temperature_go_to_models_that_take_them(
    model: Sampling, asked: dict[str, Any], seen: dict[str, Any], unsupported: tuple[str, ...]
) -> None:
    model.seen = []
    engine = LangChainEngine(model)
    asyncio.run(engine.generate(messages(answer_tokens=7, temperature=0.5, **asked)))
    assert model.seen == [seen]
    assert engine.unsupported == ("thinking_tokens", "top_p", *unsupported)


def test_sampling_can_be_left_to_the_models_owner() -> None:
    model = Capped(max_tokens=50, temperature=1.0, seen=[])
    engine = LangChainEngine(model, sampling=False)
    asyncio.run(engine.generate(messages(answer_tokens=7)))
    assert model.seen == [{"temperature": 1.0}]
    assert engine.unsupported == ("thinking_tokens", "top_p", "answer_tokens", "temperature")
