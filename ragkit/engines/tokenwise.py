"""Budgets for every engine that works on ids: draw the thought, close it, draw the answer.

An engine that can continue a list of ids (`draw`, `draw_stream`) becomes a whole `Engine` here. The cap is hard by
construction: a thought is drawn with at most `cap` tokens, then ragkit appends the closing marker and draws the answer
with the markers banned. The second draw finds the first one's keys and values in the prefix cache, so its price is a
few tokens. Cutting a natural thought later (`fork`) runs exactly the same ids.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncGenerator
from contextlib import aclosing

from ..errors import EngineDeadError
from .base import Delta, EngineBase, Request, Sample, together
from .budgets import room_for, split
from .draws import Draw, Drawn, Piece, Thought, tail
from .markers import ThoughtSplitter, opens_thought
from .plans import Plan, deadline_of, plan_for
from .tokens import HFTokenizer, TextStream
from .toolcalls import calls_in

__all__ = ["TokenEngine"]

OPENING_IDS = 24  # the last ids of a prompt, enough for an opening marker spelled in single bytes


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
        plan = plan_for(request, self._tokenizer)
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
        drawn = await self.draw(self._answer_draw(request, prompt, thought, room.answer, deadline_of(request)))
        sample = self._finish(request, prompt, thought, drawn)
        run = len(prompt) + len(thought.lead) + len(thought.ids) + len(thought.end)
        return dataclasses.replace(sample, prompt_tokens=run, cached_tokens=drawn.cached_tokens)

    async def stream(self, request: Request) -> AsyncGenerator[Delta | Sample, None]:
        """Yield the thought, then the answer, as they come; the last item is the Sample."""
        self.check(request, streaming=True)
        plan = plan_for(request, self._tokenizer)
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
        parts = self._parts(plan.prompt)
        async with aclosing(self.draw_stream(answer)) as pieces:
            async for piece in pieces:
                drawn, ids = piece.done, piece.ids
                text = shown.push(ids) + (shown.flush() if drawn else "")
                said = parts.push(text) if parts else [(text, False)]
                said += parts.flush(cut=drawn.finish_reason == "length") if parts and drawn else []
                for text, thinking in said:
                    if ids or text:
                        yield Delta(text, thinking, ids, len(ids))
                    ids = ()
        if drawn is None:
            raise EngineDeadError(f"the engine {self.name!r} ended a stream without a result")
        yield self._finish(request, plan.prompt, thought, drawn)

    async def _sample(self, request: Request, plan: Plan, ordinal: int = 0) -> Sample:
        seed = None if request.seed is None else request.seed + ordinal
        request = dataclasses.replace(request, seed=seed)
        # one pass would hold the thought, too, to the stop strings and the schema
        apart = bool(request.stop) or request.json_schema is not None
        if self.single_pass and plan.thinks and plan.room.thought and not apart:
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

    def _parts(self, prompt: tuple[int, ...]) -> ThoughtSplitter | None:
        """What parts thought from answer by their text; None if the tokenizer has tokens for the markers."""
        tok = self._tokenizer
        if tok.think_start_id is not None:
            return None
        return ThoughtSplitter(opened=opens_thought(tok.decode(prompt[-OPENING_IDS:])))

    def _finish(self, request: Request, prompt: tuple[int, ...], thought: Thought, drawn: Drawn) -> Sample:
        """Put a sample together; the answer's text holds no marker, and ends before a stop string.

        A thought that the tokenizer has no markers for is told by its text; its ids stay with those of the answer.
        """
        tok = self._tokenizer
        text = tok.decode(drawn.ids)
        at = min((text.find(s) for s in request.stop if s in text), default=None)
        text = text if at is None else text[:at]
        thinking, answer = tok.decode(thought.ids), tok.plain(text)
        if parts := self._parts(prompt):
            parts.push(answer)
            parts.flush(cut=at is None and drawn.finish_reason == "length")
            thinking, answer = parts.thinking, parts.answer
        answer, thinking, calls = calls_in(answer, thinking, tok.plain)
        return Sample(
            thinking=thinking,
            answer=answer,
            ended="unsupported" if parts and request.thinking_tokens is not None else thought.ended,
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
