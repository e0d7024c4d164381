"""Leave-one-out attribution: ask again without a cited passage, and see whether the answer changes.

    report = await necessity(task, answer)
    [(r.markers, r.changed) for r in report.removals]     # ((1,), True): without [1] there is another answer

The question is asked once more over all the answer's passages (the baseline) and once without each cited chunk, all
greedy and in one batch. A removal *changes* the answer when what is said then is another answer than the baseline's,
as votes compare them; an abstention is another answer. A chunk is taken away together with its copies. The share of
citations whose removal changes the answer is the answer's necessity; a distractor's removal should change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..augment.packing import same_text
from ..citing.abstention import abstention
from ..engines.base import Request
from ..types import Answer, Hit, Ledger
from .answering import engine_of, read
from .base import Task
from .generation import Prompt, answer_room
from .spending import Spend
from .votes import vote_key

__all__ = ["Necessity", "Removal", "necessity"]


@dataclass(frozen=True, slots=True)
class Removal:
    """What is answered without one chunk. `markers`: the answer's citations of it, none for a distractor."""

    chunk_id: int
    markers: tuple[int, ...]
    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Necessity:
    """All removals of one answer. `ledger` is what asking again cost, apart from the answer's own."""

    baseline: str
    removals: tuple[Removal, ...]
    ledger: Ledger

    @property
    def share(self) -> float | None:
        """Share of cited chunks whose removal changes the answer; None without citations."""
        cited = [r.changed for r in self.removals if r.markers]
        return sum(cited) / len(cited) if cited else None


async def necessity(task: Task, answer: Answer, *, distractors: bool = False) -> Necessity:
    """Ask `answer`'s question again without each cited chunk; with `distractors` also without each other chunk.

    Every ask may spend the task's thinking budget. Raises UsageError without a language model.
    """
    markers: dict[int, list[int]] = {}
    for citation in answer.citations:
        markers.setdefault(citation.chunk_id, []).append(citation.marker)
    held = {hit.chunk.id: hit for hit in answer.hits}
    chosen = [c for c in held if c in markers or distractors]
    spend = Spend(task.budget)
    if not chosen:
        return Necessity(answer.text, (), spend.ledger())
    texts = await _ask(replace(task, spend=spend), [answer.hits, *(_without(answer.hits, held[c]) for c in chosen)])
    keys = [vote_key(task.question, text) for text in texts]
    removals = tuple(
        Removal(c, tuple(markers.get(c, ())), text, key != keys[0])
        for c, text, key in zip(chosen, texts[1:], keys[1:], strict=True)
    )
    return Necessity(texts[0], removals, spend.ledger())


def _without(hits: Sequence[Hit], gone: Hit) -> tuple[Hit, ...]:
    text = same_text(gone.chunk.text)
    return tuple(h for h in hits if h.chunk.id != gone.chunk.id and same_text(h.chunk.text) != text)


async def _ask(task: Task, readings: Sequence[Sequence[Hit]]) -> list[str]:
    """The answers to the question over each set of hits; without a passage to read it is the abstention."""
    engine = engine_of(task)
    thinking = engine.capabilities.budget and task.budget.thinking_tokens != 0
    left_out = task.spend.left_out
    prompts = [(await read(task, hits, thinking=thinking)) for hits in readings]
    task.spend.left_out = left_out  # counted with the answer already
    asked = [k for k, reading in enumerate(prompts) if reading.packed.passages]
    requests = [_request(task, prompts[k].prompt) for k in asked]
    texts = [abstention(task.wording)] * len(readings)
    for k, samples in zip(asked, await engine.generate_many(requests), strict=True):
        task.spend.charge(samples[0])
        texts[k] = samples[0].answer
    return texts


def _request(task: Task, prompt: Prompt) -> Request:
    engine = engine_of(task)
    cap = task.budget.thinking_tokens if prompt.thinking else 0
    return Request(
        prompt_ids=prompt.ids,
        messages=() if prompt.ids else prompt.messages,
        thinking_tokens=cap if engine.capabilities.budget else None,
        answer_tokens=answer_room(task, engine),
        seconds=task.budget.seconds or None,
    )
