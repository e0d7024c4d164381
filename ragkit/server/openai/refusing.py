"""What is refused of OpenAI's API, by the name of the field: what is accepted works, the rest is not accepted.

A field that says nothing (its value is the API's own default) is accepted, since clients send those too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import NotFoundError, UsageError

__all__ = ["OWN_TOOLS", "UNSERVED", "FieldError", "ModelMissingError", "refuse_unserved"]

OWN_TOOLS = "a model here calls ragkit's own tools; choose them with the model `INDEX:agent`"
# Field -> what else the default may be written as, and what to do instead.
UNSERVED: Mapping[str, tuple[tuple[Any, ...], str]] = {
    "n": ((1,), "one answer is given; ragkit.samples draws several and gives the best"),
    "logprobs": ((False,), "an answer is checked against its sources; ragkit.unsupported names what they do not say"),
    "top_logprobs": ((0,), "see logprobs"),
    "response_format": (({"type": "text"},), "an answer is text; ragkit.citations has its evidence as data"),
    "tools": (([],), OWN_TOOLS),
    "tool_choice": (
        ("none", "auto"),
        "a model here calls ragkit's own tools; choose them with the model `INDEX:agent`",
    ),
    "functions": (([],), OWN_TOOLS),
    "function_call": (("none", "auto"), OWN_TOOLS),
    "presence_penalty": ((0,), "an answer repeats what its sources say"),
    "frequency_penalty": ((0,), "an answer repeats what its sources say"),
    "logit_bias": (({},), "an answer keeps to its sources"),
    "modalities": ((["text"],), "an answer is text"),
    "audio": ((), "an answer is text"),
    "web_search_options": ((), "only the documents of the index are searched"),
    "store": ((False,), "ragkit.remember keeps a conversation"),
    "verbosity": (("medium",), "max_completion_tokens bounds an answer's length"),
    "service_tier": (("auto", "default"), "there is one"),
}


class FieldError(UsageError):
    """A field of a request that cannot be served. param: its name, as OpenAI's errors tell it."""

    def __init__(self, param: str, message: str, *, code: str = "unsupported_parameter") -> None:
        super().__init__(f"{param}: {message}")
        self.param, self.code = param, code


class ModelMissingError(NotFoundError):
    """There is no index of the name that `model` gives."""

    param, code = "model", "model_not_found"


def refuse_unserved(request: Any, unserved: Mapping[str, tuple[tuple[Any, ...], str]] = UNSERVED) -> None:
    """Raises FieldError for the first field that asks for what is not served. request: a model with those fields."""
    for name, (defaults, instead) in unserved.items():
        value = getattr(request, name, None)
        if value is not None and value not in defaults:
            shown = str(value) if len(str(value)) <= 60 else f"{str(value)[:59]}…"
            raise FieldError(name, f"{shown} is not served; {instead}; leave it out")
