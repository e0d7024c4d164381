"""What would a strategy ask? An engine that writes down the prompt it is given, with a model's own tokenizer.

The strategy is run as it is; its first call ends it. So a prompt that is learnt from is, to the token, the prompt that
is served, whatever becomes of templates, packing and budgets.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from ..engines.base import Capabilities, Delta, EngineBase, Message, Request, Sample
from ..engines.tokens import HFTokenizer
from ..errors import UsageError
from ..reasoning import strategy as make_strategy
from ..reasoning.base import Task
from ..reasoning.generation import Prompt

__all__ = ["Scribe", "asked_by"]


class _Asked(Exception):  # noqa: N818 - not an error: the strategy has asked, and that was all
    """Carries the prompt out of the strategy."""

    def __init__(self, prompt: Prompt) -> None:
        super().__init__()
        self.prompt = prompt


class _Remembering:
    """A tokenizer that remembers of which messages its last prompts were made."""

    def __init__(self, inner: HFTokenizer) -> None:
        self._inner = inner
        self.made: dict[tuple[int, ...], Prompt] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def chat(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = (), *, thinking: bool = True
    ) -> list[int]:
        """As the tokenizer does."""
        ids = self._inner.chat(messages, tools, thinking=thinking)
        self.made[tuple(ids)] = Prompt(tuple(messages), thinking, tuple(tools), tuple(ids))
        return ids


class Scribe(EngineBase):
    """Stands in for the engine of a model whose tokenizer is given; asked to write, it ends the strategy."""

    def __init__(self, tokenizer: HFTokenizer) -> None:
        self.name = "scribe"
        self.tokenizer = _Remembering(tokenizer)
        self.capabilities = Capabilities(budget=tokenizer.think_start_id is not None, token_ids=True)

    async def generate(self, request: Request) -> list[Sample]:
        """Raise the prompt."""
        raise _Asked(self.tokenizer.made[request.prompt_ids])

    def stream(self, request: Request) -> AsyncIterator[Delta | Sample]:
        """Raise the prompt."""
        raise _Asked(self.tokenizer.made[request.prompt_ids])


async def asked_by(strategy: str, task: Task) -> Prompt | None:
    """The prompt that the strategy asks of `task`, whose engine is a Scribe; None where it ends without asking.

    Raises UsageError for a strategy whose prompt holds tools: it takes several turns.
    """
    try:
        async for _ in make_strategy(strategy).run(task):
            pass
    except _Asked as asked:
        if asked.prompt.tools:
            raise UsageError(f"the strategy {strategy!r} takes several turns; rows are made for those of one") from None
        return asked.prompt
    return None
