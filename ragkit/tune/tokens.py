"""Rows as token ids: the prompt as it is served, then what the model should write, in its chat template's own spacing.

<|im_start|>user … <|im_start|>assistant <think>| The mayor is Ann [2].</think> Ann [2].<|im_end|>
labels: nothing up to here                      | all of this; not a </think> that ragkit forces
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..engines.tokens import HFTokenizer
from ..reasoning.strategies.aloud import ANSWER
from .rows import Row

__all__ = ["IGNORED", "Encoded", "encode_all", "encode_row", "written_ids"]

IGNORED = -100
_THOUGHT, _ANSWER = "thoughtmark", "answermark"


@dataclass(frozen=True, slots=True)
class Encoded:
    """ids of prompt and completion; labels of the same length, IGNORED where nothing is learnt."""

    ids: tuple[int, ...]
    labels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Spacing:
    """What a chat template writes before a thought, after it, and between its end and the answer."""

    before: str = "\n"
    after: str = "\n"
    answer: str = "\n\n"


def encode_row(row: Row, tokenizer: HFTokenizer) -> Encoded:
    """Ids and labels of one row."""
    prompt = tokenizer.chat(row.messages, thinking=row.thinking)
    written, taught = written_ids(tokenizer, prompt, row.thought, row.answer, thinking=row.thinking, cut=row.cut)
    labels = [i if learn else IGNORED for i, learn in zip(written, taught, strict=True)]
    return Encoded((*prompt, *written), (*([IGNORED] * len(prompt)), *labels))


def encode_all(rows: Iterable[Row], tokenizer: HFTokenizer) -> tuple[list[Encoded], int]:
    """All rows that fit the model's window, and how many do not."""
    encoded = [encode_row(row, tokenizer) for row in rows]
    fitting = [e for e in encoded if len(e.ids) <= tokenizer.context_tokens]
    return fitting, len(encoded) - len(fitting)


def written_ids(
    tokenizer: HFTokenizer,
    prompt: Sequence[int],
    thought: str,
    answer: str,
    *,
    thinking: bool,
    cut: float | None = None,
) -> tuple[list[int], list[bool]]:
    """What the model writes after `prompt`, and which of it is learnt.

    cut: the share of the thought after which it is ended by force; the end is then ragkit's, and not learnt. A model
    without thoughts of its own writes them aloud, as the prompt asks.
    """
    end, stops = tokenizer.think_end_id, tokenizer.stop_ids
    ids: list[int] = []
    learnt: list[bool] = []

    def add(new: Sequence[int], learn: bool = True) -> None:
        ids.extend(new)
        learnt.extend([learn] * len(new))

    if end is None or tokenizer.think_start_id is None:
        add(tokenizer.encode(f"Reasoning: {thought}\n{ANSWER} {answer}" if thought else answer))
    else:
        space = _spacing(tokenizer)
        if thinking:
            inside = tokenizer.encode(f"{space.before}{thought}{space.after}" if thought else space.before)
            add(inside if cut is None else inside[: int(cut * len(inside))])
            add([end], learn=cut is None)
        told = tokenizer.decode(prompt[-4:]) if not thinking else ""
        add(tokenizer.encode(answer if told[-1:].isspace() else f"{space.answer}{answer}"))
    add(stops[:1] if tokenizer.raw.eos_token_id not in stops else [tokenizer.raw.eos_token_id])
    return ids, learnt


@lru_cache(maxsize=8)
def _spacing(tokenizer: HFTokenizer) -> _Spacing:
    """Seen in what the template makes of a turn that thinks; the usual spacing where it leaves thoughts out."""
    start, end = (tokenizer.decode([i or 0]) for i in (tokenizer.think_start_id, tokenizer.think_end_id))
    turn = {"role": "assistant", "reasoning_content": _THOUGHT, "content": _ANSWER}
    text = str(tokenizer.raw.apply_chat_template([{"role": "user", "content": "?"}, turn], tokenize=False))
    head, found, tail = text.partition(_THOUGHT)
    _, opened, lead = head.rpartition(start)
    after, closed, rest = tail.partition(end)
    answer, told, _ = rest.partition(_ANSWER)
    return _Spacing(lead, after, answer) if found and opened and closed and told and not answer.strip() else _Spacing()
