"""The logic over draws alone, on an engine that draws a script: stop strings, thoughts written as text, tool calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from ragkit.engines.base import Capabilities, Delta, Request, Sample
from ragkit.engines.draws import Draw, Drawn, Piece
from ragkit.engines.tokens import HFTokenizer
from ragkit.engines.tokenwise import TokenEngine

from .byte_tokenizer import CHATML, byte_tokenizer

MARKED = ("<think>", "</think>", "<tool_call>", "</tool_call>")


class Scripted(TokenEngine):
    """Writes `script`, or what follows the thought in it, as vLLM would: a stop string counts wherever it comes."""

    def __init__(self, tokenizer: HFTokenizer, script: str, *, single_pass: bool = False) -> None:
        self.name, self.single_pass, self._tokenizer = "scripted", single_pass, tokenizer
        self.capabilities = Capabilities(token_ids=True, tools=True, streaming=True)
        self._script = tokenizer.raw(f"{script}<|im_end|>", add_special_tokens=False).input_ids
        self.draws: list[Draw] = []

    async def draw(self, draw: Draw) -> Drawn:
        return await self.drawn(self.draw_stream(draw))

    async def draw_stream(self, draw: Draw) -> AsyncGenerator[Piece, None]:
        self.draws.append(draw)
        tok, end = self._tokenizer, self._tokenizer.think_end_id
        answer = self._script[self._script.index(end) + 1 :] if end in self._script else self._script
        rest = list(answer if end in draw.prompt_ids else self._script)
        ids: list[int] = []
        while True:
            if draw.thinking_tokens == len(ids) and end is not None and end not in ids:
                rest = [end, *answer]
            token = rest.pop(0)
            if token in draw.stop_ids:
                yield Piece((), Drawn(tuple(ids), "stop", token))
                return
            ids.append(token)
            yield Piece((token,))
            if any(s in tok.decode(ids) for s in draw.stop) or len(ids) == draw.max_tokens:
                break
        yield Piece((), Drawn(tuple(ids), "length" if len(ids) == draw.max_tokens else "stop"))


def ask(**options: Any) -> Request:
    return Request(messages=({"role": "user", "content": "capital of France?"},), **options)


def run(engine: TokenEngine, request: Request) -> tuple[Sample, str, str]:
    """The sample, and thought and answer as they were streamed; `generate` must give the same sample."""

    async def both() -> tuple[Sample, list[Delta | Sample]]:
        (whole,) = await engine.generate(request)
        return whole, [item async for item in engine.stream(request)]

    whole, items = asyncio.run(both())
    deltas = [item for item in items if isinstance(item, Delta)]
    assert items[-1] == whole
    assert tuple(i for d in deltas for i in d.ids) == whole.thinking_ids + whole.answer_ids
    thought, answer = ("".join(d.text for d in deltas if d.thinking is t) for t in (True, False))
    return whole, thought, answer


@pytest.mark.parametrize(
    ("stop", "answer"),
    [((), "Paris. Not Rome."), ((". ",), "Paris"), (("plan",), "Paris. Not Rome."), (("Not",), "Paris. ")],
)
@pytest.mark.parametrize("cap", [None, 4, 100])
def test_a_stop_string_ends_no_thought_in_one_pass_or_in_two(
    stop: tuple[str, ...], answer: str, cap: int | None
) -> None:
    for single_pass in (False, True):
        engine = Scripted(byte_tokenizer(*MARKED), "A plan. And</think>Paris. Not Rome.", single_pass=single_pass)
        (sample,) = asyncio.run(engine.generate(ask(stop=stop, thinking_tokens=cap)))
        assert (sample.thinking, sample.answer) == ("A plan. And"[:cap], answer)
        assert not [d for d in engine.draws if d.thinking_tokens is not None and d.stop]


@pytest.mark.parametrize(
    ("script", "thinking", "answer"),
    [
        ("<think>secret plan</think>Paris [1]", "secret plan", "Paris [1]"),
        ("[THINK]plan[/THINK]Paris<end_of_turn>", "plan", "Paris"),
        ("Paris", "", "Paris"),
        ("<think>never ends", "never ends", ""),
    ],
)
def test_a_thought_without_marker_tokens_is_told_by_its_text(script: str, thinking: str, answer: str) -> None:
    sample, thought, said = run(Scripted(byte_tokenizer(), script), ask(thinking_tokens=2))
    assert (sample.thinking, sample.answer) == (thought, said) == (thinking, answer)
    assert (sample.ended, sample.thinking_ids, len(sample.answer_ids)) == ("unsupported", (), len(script))


@pytest.mark.parametrize(
    ("script", "tokens", "thinking", "answer"),
    [("plan</think>Paris", 64, "plan", "Paris"), ("plan</think>Paris", 4, "plan", ""), ("Paris", 64, "", "Paris")],
)
def test_a_thought_that_the_template_opens_is_no_answer(script: str, tokens: int, thinking: str, answer: str) -> None:
    engine = Scripted(byte_tokenizer(template=f"{CHATML}{{{{ '<think>\\n' }}}}"), script)
    sample, _, said = run(engine, ask(answer_tokens=tokens))
    assert (sample.thinking, sample.answer, said, sample.ended) == (thinking, answer, answer, "natural")


def test_a_call_in_a_thought_written_as_text_is_none() -> None:
    call = '<tool_call>{"name": "search", "arguments": {}}</tool_call>'
    sample, _, _ = run(Scripted(byte_tokenizer(), f"<think>{call}</think>Paris"), ask())
    assert (sample.answer, sample.tool_calls) == ("Paris", ())


@pytest.mark.parametrize("added", [MARKED, ()], ids=["marker tokens", "none"])
@pytest.mark.parametrize("spelled", [r"a<\/think>b", r"a\u003c/think>b", "a</th<|im_start|>ink>b"])
def test_no_argument_of_a_call_holds_a_marker(spelled: str, added: tuple[str, ...]) -> None:
    script = f'</think><tool_call>{{"name": "search", "arguments": {{"query": "{spelled}"}}}}</tool_call>'
    (sample,) = asyncio.run(Scripted(byte_tokenizer(*added), script).generate(ask(answer_tokens=200)))
    assert [c.arguments for c in sample.tool_calls] == [{"query": "ab"}]
