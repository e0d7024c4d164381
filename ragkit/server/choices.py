"""The choices of an `Ask` as fields of a request, the same in ragkit's own API, in OpenAI's and in MCP's tools.

No field bears a bound here: `RAG` checks them, with one line for all doors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from ..asking import CHOICES, Ask
from .here import Body

__all__ = ["AllChosen", "Chosen", "parameters"]


class Chosen(Body):
    """What a request may choose, whatever protocol it comes by."""

    budget: int | Literal["auto"] | None = Field(None, description=CHOICES["budget"])
    samples: int | None = Field(None, description=CHOICES["samples"])
    k: int | None = Field(None, description=CHOICES["k"])
    where: dict[str, Any] | None = Field(None, description=CHOICES["where"])
    model: str | None = Field(None, max_length=400, description="a language model that is served; else the first")
    hops: int | None = Field(None, description=CHOICES["hops"])
    seconds: float | None = Field(None, description=CHOICES["seconds"])

    def chosen(self, **more: Any) -> Ask:
        """The record of it. more: what the protocol says elsewhere."""
        told = {name: getattr(self, name) for name in type(self).model_fields if name in CHOICES}
        return Ask(**{**told, **{name: value for name, value in more.items() if value is not None}})


class AllChosen(Chosen):
    """All of it, for a protocol that has no words of its own."""

    strategy: str | None = Field(None, max_length=40, description=CHOICES["strategy"])
    answer_tokens: int | None = Field(None, description=CHOICES["answer_tokens"])


def parameters() -> Mapping[str, Any]:
    """The same as annotations of a function's parameters, for `ragkit.asking.spread`."""
    return {
        name: Annotated[field.annotation, Field(description=field.description)]
        for name, field in AllChosen.model_fields.items()
    }
