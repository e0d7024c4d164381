"""What is chosen for one answer: the record of it, what holds where nothing is chosen, and what may be chosen at most.

The library, the commands, the server's three protocols, the app and the evaluation all make an `Ask`, and none of them
checks it: `RAG` does, so that the same number is refused everywhere with the same line. A choice that is left open is
the pipeline's; what that leaves open is the setting of `ragkit.toml` or RAGKIT_*.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict, get_type_hints

from .errors import UsageError
from .stopping import StoppingRule
from .types import Budget

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from .engines.base import Engine

__all__ = [
    "CHOICES",
    "FOUND",
    "MAX_K",
    "MAX_QUESTION",
    "MAX_SAMPLES",
    "OPEN",
    "Allowed",
    "Ask",
    "Choices",
    "K",
    "Limits",
    "checked_question",
    "read_budget",
    "spread",
]

Allowed = int | Budget | Literal["auto"]
"""Thinking tokens, a whole `Budget`, or "auto": until the answer has settled, by the rule kept with the index."""

K = 6  # passages that an answer reads
FOUND = 10  # passages that a search shows
MAX_K, MAX_SAMPLES = 100, 64  # settings of these names raise them
MAX_TOKENS = 10**9
MAX_HOPS, MAX_SECONDS = 100, 86_400
MAX_QUESTION = 20_000  # characters


class Named(Protocol):
    """A `ragkit.reasoning.base.Strategy`, of which this floor knows that it has a name."""

    name: str


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one answer may be asked for; settings of the same names."""

    max_k: int = MAX_K
    max_samples: int = MAX_SAMPLES


@dataclass(frozen=True, slots=True)
class Ask:
    """What is chosen for one answer; None leaves it open.

    budget: thinking tokens, a `Budget` of everything that may be spent, or "auto" (see `Allowed`). samples, hops,
    answer_tokens and seconds are the same parts of a budget, each by itself.
    """

    index: str | None = None
    model: str | Engine | BaseChatModel | None = None
    strategy: str | Named | None = None
    budget: Allowed | None = None
    samples: int | None = None
    k: int | None = None
    where: Mapping[str, Any] | None = None
    hops: int | None = None
    answer_tokens: int | None = None
    seconds: float | None = None

    def over(self, usual: Ask) -> Ask:
        """These choices, and the usual ones where they are open.

        A number of thinking tokens changes that part of a usual `Budget`; a `Budget` takes the place of all its parts.
        """
        given = {f.name: value for f in fields(self) if (value := getattr(self, f.name)) is not None}
        if isinstance(self.budget, Budget):
            usual = replace(usual, **dict.fromkeys(_PARTS))
        elif self.budget == "auto" and isinstance(usual.budget, Budget):
            usual = replace(usual, **{part: getattr(usual.budget, part) for part in _PARTS})
        elif isinstance(self.budget, int) and isinstance(usual.budget, Budget):
            given["budget"] = replace(usual.budget, thinking_tokens=self.budget, stopping=None)
        return replace(usual, **given)

    def checked(self, limits: Limits) -> Ask:
        """The same. Raises UsageError for a number outside its limits, with the limit and what to do."""
        parts = self.budget if isinstance(self.budget, Budget) else Budget()
        tokens = parts.thinking_tokens if isinstance(self.budget, Budget) else self.budget
        _within("k", self.k, 1, limits.max_k, raised_by="max_k")
        drawn = parts.samples if self.samples is None else self.samples
        _within("samples", drawn, 1, limits.max_samples, raised_by="max_samples")
        if tokens != "auto":
            _within("budget", tokens, 0, MAX_TOKENS, besides=" or auto")
        _within("hops", self.hops, 1, MAX_HOPS)
        _within("answer_tokens", self.answer_tokens, 1, MAX_TOKENS)
        _within("seconds", self.seconds, 0, MAX_SECONDS, kind=(int, float))
        return self

    def allowance(self, samples: int = 1, stopping: StoppingRule | None = None) -> Budget:
        """The budget that these choices make.

        samples: what the strategy draws where nothing else is chosen. stopping: the rule that "auto" stands for.
        """
        if self.budget == "auto":
            whole = Budget(samples=samples, stopping=stopping)
        else:
            whole = self.budget if isinstance(self.budget, Budget) else Budget(self.budget, samples=samples)
        return replace(whole, **{name: value for name in _PARTS if (value := getattr(self, name)) is not None})


_PARTS = ("samples", "hops", "answer_tokens", "seconds")


class Choices(TypedDict, total=False):
    """What may be chosen for a single question, as keywords: the fields of `Ask` but index and model."""

    strategy: str | Named | None
    budget: Allowed | None
    samples: int | None
    k: int | None
    where: Mapping[str, Any] | None
    hops: int | None
    answer_tokens: int | None
    seconds: float | None


OPEN = Ask()
"""Nothing is chosen."""

CHOICES: Mapping[str, str] = {
    "index": "index whose documents are asked",
    "model": "language model",
    "strategy": "how to reason",
    "budget": "thinking tokens of an answer, a hard cap; auto: until the answer has settled",
    "samples": f"answers drawn, of which one is given: 1 to max_samples ({MAX_SAMPLES})",
    "k": f"passages an answer may read: 1 to max_k ({MAX_K})",
    "where": 'metadata filter of every search, as {"team": "finance"}',
    "hops": f"rounds of searching: 1 to {MAX_HOPS}",
    "answer_tokens": "tokens of the answer itself, a hard cap",
    "seconds": f"wall time until the best answer so far is given: up to {MAX_SECONDS}",
}
"""Name of every choice -> what it is, for help texts and schemas."""


def checked_question(question: str) -> str:
    """The question. Raises UsageError for an empty one and for one that is a document."""
    if not isinstance(question, str) or not question.strip():
        raise UsageError("the question is empty; ask in words")
    if len(question) > MAX_QUESTION:
        raise UsageError(
            f"the question has {len(question):,} characters, the limit is {MAX_QUESTION:,}; "
            "put the text into a document and ask about it"
        )
    return question


def _within(
    name: str,
    value: float | str | None,
    least: int,
    most: int,
    *,
    raised_by: str = "",
    kind: tuple[type, ...] = (int,),
    besides: str = "",
) -> None:
    if value is None:
        return
    if isinstance(value, (str, bool)) or not isinstance(value, kind):
        whole = "whole " * (kind == (int,))
        raise UsageError(f"{name}={value!r} is no {whole}number; give one from {least} to {most}{besides}")
    if not least <= value <= most:
        remedy = f", or raise {raised_by} (RAGKIT_{raised_by.upper()})" if raised_by and value > most else ""
        raise UsageError(f"{name}={value} is outside {least} to {most}; choose one between them{remedy}")


def read_budget(told: str | None) -> Allowed | None:
    """A budget as it is typed: a number, or "auto". Raises UsageError for anything else."""
    if told is None or told == "auto":
        return "auto" if told else None
    try:
        return int(told)
    except ValueError:
        raise UsageError(f"budget {told!r} is no number of thinking tokens; give 0 or more, or auto") from None


def spread(function: Callable[..., Any], annotations: Mapping[str, Any], *, read: Mapping[str, Any] = {}) -> Any:
    """A function that takes an `ask: Ask`, as one that takes the choices by name: for frameworks that read signatures.

    annotations: of the choices it takes, in order; all may be left out. read: what makes a choice of what was given.
    """
    hints = get_type_hints(function, include_extras=True)

    def gathered(given: dict[str, Any]) -> dict[str, Any]:
        told = {name: given.pop(name) for name in annotations if name in given}
        return {**given, "ask": Ask(**{n: read[n](v) if n in read else v for n, v in told.items()})}

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def spreading(**given: Any) -> Any:
            return await function(**gathered(given))
    else:

        @functools.wraps(function)
        def spreading(**given: Any) -> Any:
            return function(**gathered(given))

    parameters = []
    for parameter in inspect.signature(function).parameters.values():
        named = annotations.items() if parameter.name == "ask" else [(parameter.name, hints[parameter.name])]
        default = None if parameter.name == "ask" else parameter.default
        parameters += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for name, annotation in named
        ]
    spreading.__signature__ = inspect.Signature(parameters, return_annotation=hints.get("return"))  # type: ignore[attr-defined]
    spreading.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": hints.get("return")}
    return spreading
