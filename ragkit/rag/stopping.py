"""The rule behind ``budget="auto"``: kept with the index it was fitted on, for the model it was fitted with."""

from __future__ import annotations

from typing import Any

from ..errors import UsageError
from ..index import Group
from ..stopping import StoppingRule

__all__ = ["stopping_rule"]

_ONE_THOUGHT = ("cot", "auto")  # strategies of one search and one thought, as the sweep that fits the rule
_WITHOUT_THOUGHT = ("direct", "extractive")


def stopping_rule(index: Any, model: str, strategy: str) -> StoppingRule | None:
    """The rule of `index` for `model`; None for a strategy that does not think.

    Raises UsageError where there is none, where it is another model's, and for strategies that think more than once.
    """
    if strategy in _WITHOUT_THOUGHT:
        return None
    if strategy not in _ONE_THOUGHT:
        raise UsageError(
            f"budget auto stops the one thought of strategy cot; {strategy} takes a number of tokens (budget=256)"
        )
    if isinstance(index, Group):
        raise UsageError("budget auto follows the rule of one index; over several name a number of tokens (budget=256)")
    kept = index.record.settings.get("stopping")
    name = index.name
    if kept is None:
        raise UsageError(
            f"index {name!r} has no stopping rule for budget auto; fit one on questions of your own: "
            f"ragkit eval sweep SET --index {name} --auto --write-config"
        )
    rule = StoppingRule.from_dict(kept)
    if rule.model != model:
        raise UsageError(
            f"the stopping rule of index {name!r} was fitted with the model {rule.model}, not {model}; "
            f"fit it again: ragkit eval sweep SET --index {name} --model {model} --auto --write-config"
        )
    return rule
