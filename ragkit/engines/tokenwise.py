"""Budgets for every engine that works on ids: draw the thought, close it, draw the answer.

An engine that can continue a list of ids (`draw`, `draw_stream`) becomes a whole `Engine` here. The cap is hard by
construction: a thought is drawn with at most `cap` tokens, then ragkit appends the closing marker and draws the answer
with the markers banned. The second draw finds the first one's keys and values in the prefix cache, so its price is a
few tokens. Cutting a natural thought later (`fork`) runs exactly the same ids.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from ..errors import EngineDeadError
from ..types import Ended
from .base import Delta, EngineBase, Request, Sample, together
from .budgets import Room, is_open, room_for, split
from .draws import Draw, Drawn, Piece, Thought, tail
from .tokens import HFTokenizer, TextStream
from .toolcalls import read_tool_calls

__all__ = ["Plan", "TokenEngine"]


@dataclass(slots=True)
class Plan:
    """How one sample of a request is run."""

    prompt: tuple[int, ...]
    room: Room
    opened: bool
    thinks: bool
    deadline: float | None = None
    lead: tuple[int, ...] = ()
    ended: Ended = "natural"
    """What is reported when no thought is drawn."""


class TokenEngine(EngineBase):
    """An engine over `draw`; subclasses set `_tokenizer` and implement `draw` and `draw_stream`.

    single_pass: the engine can end a thought itself inside one draw; what comes out is counted all the same.
    """

    _tokenizer: HFTokenizer
    single_pass = False

    @property
    def tokenizer(self) -> HFTokenizer:
        """The view of the model's tokenizer."""
        return self._tokenizer

    async def draw(self, draw: Draw) -> Drawn:
        """Run one draw; cancelling the task aborts it."""
        raise NotImplementedError

    def draw_stream(self, draw: Draw) -> AsyncGenerator[Piece, None]:
        """Run one draw piece by piece; closing the iterator aborts it."""
        raise NotImplementedError

    async def drawn(self, pieces: AsyncGenerator[Piece, None]) -> Drawn:
        """Run a stream of pieces to its end and return the whole draw; the stream is closed in any case."""
        async with aclosing(pieces):
            async for piece in pieces:
                if piece.done is not None:
                    return piece.done
        raise EngineDeadError(f"the engine {self.name!r} ended a request without a result")

    async def generate(self, request: Request) -> list[Sample]:
        """Run one request; its samples share the prompt's cache."""
        self.check(request)
        plan = self._plan(request)
        if request.n == 1:
            return [await self._sample(request, plan)]
        return await together([self._sample(request, plan, k) for k in range(request.n)])

    async def answer(self, request: Request, thought: Thought) -> Sample:
        """Draw only the answer, after a thought that is given. `request.prompt_ids` is the prompt before `lead`.

        The sample's `prompt_tokens` count the thought too, since all of it was prompt.
        """
        self.check(request)
        prompt = request.prompt_ids
        context = self._tokenizer.context_tokens
        room = room_for(prompt=len(prompt) + len(thought.ids), context=context, cap=0, answer=request.answer_tokens)
        drawn = await self.draw(self._answer_draw(request, prompt, thought, room.answer, self._deadline(request)))
        sample = self._finish(request, prompt, thought, drawn)
        run = len(prompt) + len(thought.lead) + len(thought.ids) + len(thought.end)
        return dataclasses.replace(sample, prompt_tokens=run, cached_tokens=drawn.cached_tokens)

    async def stream(self, request: Request) -> AsyncGenerator[Delta | Sample, None]:
        """Yield the thought, then the answer, as they come; the last item is the Sample."""
        self.check(request, streaming=True)
        plan = self._plan(request)
        thought = Thought(ended=plan.ended)
        tok = self._tokenizer
        if plan.thinks:
            draw, left = self._thought_draw(request, plan), plan.room.thought
            whole = Drawn((), "length")
            shown = TextStream(tok)
            if draw.max_tokens:
                async with aclosing(self.draw_stream(draw)) as pieces:
                    async for piece in pieces:
                        ids, whole = piece.ids[:left], piece.done or whole
                        left -= len(ids)
                        text = shown.push(ids) + (shown.flush() if piece.done else "")
                        if ids or text:
                            yield Delta(text, True, ids, len(ids))
            thought = self._thought(plan, whole)
        shown = TextStream(tok, stop=request.stop, hidden=("<tool_call>",), dropped=tok.scrubbed)
        answer = self._answer_draw(request, plan.prompt, thought, plan.room.answer, plan.deadline)
        drawn: Drawn | None = None
        async with aclosing(self.draw_stream(answer)) as pieces:
            async for piece in pieces:
                drawn = piece.done
                text = shown.push(piece.ids) + (shown.flush() if drawn else "")
                if piece.ids or text:
                    yield Delta(text, False, piece.ids, len(piece.ids))
        if drawn is None:
            raise EngineDeadError(f"the engine {self.name!r} ended a stream without a result")
        yield self._finish(request, plan.prompt, thought, drawn)

    async def _sample(self, request: Request, plan: Plan, ordinal: int = 0) -> Sample:
        seed = None if request.seed is None else request.seed + ordinal
        request = dataclasses.replace(request, seed=seed)
        if self.single_pass and plan.thinks and plan.room.thought and request.json_schema is None:
            return await self._in_one_pass(request, plan)
        thought = Thought(ended=plan.ended)
        if plan.thinks:
            draw = self._thought_draw(request, plan)
            thought = self._thought(plan, await self.draw(draw) if draw.max_tokens else Drawn((), "length"))
        drawn = await self.draw(self._answer_draw(request, plan.prompt, thought, plan.room.answer, plan.deadline))
        return self._finish(request, plan.prompt, thought, drawn)

    async def _in_one_pass(self, request: Request, plan: Plan) -> Sample:
        """Let the engine end the thought; count what came out, and draw the answer by ids if it did not."""
        tok = self._tokenizer
        start, end = tok.think_start_id, tok.think_end_id
        assert start is not None and end is not None
        cap, answer_tokens = plan.room.thought, plan.room.answer
        draw = dataclasses.replace(
            self._thought_draw(request, plan),
            max_tokens=cap + 1 + answer_tokens,
            stop_ids=tok.stop_ids,
            stop=request.stop,
            logprobs=request.logprobs,
            thinking_tokens=cap,
            answer_tokens=answer_tokens,
        )
        drawn = await self.draw(draw)
        parts = split(drawn.ids, start=start, end=end, opened=True, cap=cap, stops=tok.stop_ids)
        thought = Thought(plan.lead, parts.thought, (end,), parts.ended, drawn.cached_tokens, parts.cut)
        if parts.cut or not parts.answer:
            again = self._answer_draw(request, plan.prompt, thought, answer_tokens, plan.deadline)
            return self._finish(request, plan.prompt, thought, await self.draw(again))
        return self._finish(request, plan.prompt, thought, tail(drawn, parts.answer, answer_tokens))

    def _deadline(self, request: Request) -> float | None:
        return None if request.seconds is None else asyncio.get_running_loop().time() + request.seconds

    def _plan(self, request: Request) -> Plan:
        """Decide on the prompt, whether a thought is drawn, and how many tokens it and the answer may take."""
        tok = self._tokenizer
        prompt = request.prompt_ids or tuple(
            tok.chat(request.messages, request.tools, thinking=request.thinking_tokens != 0)
        )
        start, end = tok.think_start_id, tok.think_end_id
        opened = is_open(prompt, start, end)
        closed = not opened and end is not None and end in prompt[-4:]
        thinks = start is not None and not closed
        room = room_for(
            prompt=len(prompt), context=tok.context_tokens, cap=request.thinking_tokens, answer=request.answer_tokens
        )
        lead = (start,) if thinks and not opened and start is not None else ()
        ended: Ended = "forced" if request.thinking_tokens == 0 else "natural"
        return Plan(prompt, room, opened, thinks, self._deadline(request), lead, ended)

    def _thought_draw(self, request: Request, plan: Plan) -> Draw:
        tok = self._tokenizer
        return Draw(
            prompt_ids=plan.prompt + plan.lead,
            max_tokens=plan.room.thought,
            temperature=request.temperature,
            top_p=request.top_p,
            stop_ids=(*_known(tok.think_end_id), *tok.stop_ids),
            banned_ids=_known(tok.think_start_id),
            seed=request.seed,
            deadline=plan.deadline,
        )

    def _thought(self, plan: Plan, drawn: Drawn) -> Thought:
        """Close a drawn thought. What an engine gave beyond the cap is cut here and counted."""
        end = _known(self._tokenizer.think_end_id)
        ids, cut = drawn.ids[: plan.room.thought], len(drawn.ids[plan.room.thought :])
        natural = bool(end) and drawn.stop_id == end[0] and not cut
        return Thought(plan.lead, ids, end, "natural" if natural else "forced", drawn.cached_tokens, cut)

    def _answer_draw(
        self, request: Request, prompt: tuple[int, ...], thought: Thought, max_tokens: int, deadline: float | None
    ) -> Draw:
        tok = self._tokenizer
        return Draw(
            prompt_ids=prompt + thought.lead + thought.ids + thought.end,
            max_tokens=max_tokens,
            temperature=request.temperature,
            top_p=request.top_p,
            stop_ids=tok.stop_ids,
            stop=request.stop,
            banned_ids=(*_known(tok.think_start_id), *_known(tok.think_end_id)),
            logprobs=request.logprobs,
            json_schema=request.json_schema,
            seed=request.seed,
            deadline=deadline,
        )

    def _finish(self, request: Request, prompt: tuple[int, ...], thought: Thought, drawn: Drawn) -> Sample:
        """Put a sample together; the answer's text holds no marker, and ends before a stop string."""
        tok = self._tokenizer
        text = tok.decode(drawn.ids)
        at = min((text.find(s) for s in request.stop if s in text), default=None)
        text = text if at is None else text[:at]
        answer, calls = read_tool_calls(tok.plain(text))
        capped = request.thinking_tokens is not None
        ended: Ended = "unsupported" if capped and tok.think_start_id is None else thought.ended
        return Sample(
            thinking=tok.decode(thought.ids),
            answer=answer,
            ended=ended,
            finish_reason="stop" if at is not None else drawn.finish_reason,
            thinking_ids=thought.ids,
            answer_ids=drawn.ids,
            lead_ids=thought.lead,
            end_ids=thought.end,
            thinking_tokens=len(thought.ids),
            answer_tokens=len(drawn.ids),
            prompt_tokens=len(prompt),
            cached_tokens=thought.cached_tokens if thought.ids else drawn.cached_tokens,
            cut=thought.cut,
            logprobs=drawn.logprobs,
            top_logprobs=drawn.top_logprobs,
            tool_calls=calls,
            prompt_ids=prompt,
        )


def _known(token: int | None) -> tuple[int, ...]:
    return () if token is None else (token,)
