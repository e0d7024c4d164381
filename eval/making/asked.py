"""Questions that a language model writes, and the same model's answers by which they are verified.

A question stands where its quote is a slice of the document, the model answers it from the passage that it was made
of, and does not answer it from what the search finds besides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from ragkit.engines.base import Engine, Request
from ragkit.templates import PromptLibrary
from ragkit.text.languages import language

from ..metrics.answers import contains
from .corpus import Corpus, Said
from .proposals import Proposal, Quote
from .verify import FOUND_AMONG, without

__all__ = ["SCHEMA", "Sources", "read_reply", "refused_by_model", "sources", "write"]

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("question", "answer", "quote")},
    "required": ["question", "answer", "quote"],
    "additionalProperties": False,
}
_AROUND = 600  # characters of a passage on both sides of its sentence
_NOT_TOLD = 5  # other passages from which it must not be answered

Sources = tuple[Said, ...]
"""One sentence whose passage is asked about, or two of two documents that share a name, and the name's."""


def sources(corpus: Corpus, rng: Random, *, two: bool) -> Iterator[tuple[str, Sources, str]]:
    """(key, sentences, the name that joins them) of what a model may be asked to write a question about."""
    if not two:
        for said in corpus.in_turn(rng):
            yield f"asked {said.quote.document_id} {said.quote.start}", (said,), ""
        return
    names = sorted(corpus.named)
    rng.shuffle(names)
    for name in names:
        first = rng.choice(corpus.named[name])
        others = [s for s in corpus.named[name] if s.quote.document_id != first.quote.document_id]
        second = rng.choice(others)
        yield f"asked {name} {first.quote.document_id} {second.quote.document_id}", (first, second), name


def write(
    chosen: Sequence[tuple[str, Sources, str]], corpus: Corpus, engine: Engine, prompts: PromptLibrary
) -> list[Proposal | str]:
    """A proposal of each, or the reason why the model gave none."""
    requests = []
    for _, said, _ in chosen:
        known = language(said[0].language)
        messages = prompts.get("make_question").render(
            passages="\n\n".join(f"[{i}] {_passage(s, corpus)}" for i, s in enumerate(said, 1)),
            count=str(len(said)),
            language=known.name if known is not None else "the language of the passages",
        )
        requests.append(_request(engine, messages, schema=True))
    return [
        read_reply(reply, key, said, joint, corpus)
        for reply, (key, said, joint) in zip(_ask(engine, requests), chosen, strict=True)
    ]


def read_reply(reply: str, key: str, said: Sources, joint: str, corpus: Corpus) -> Proposal | str:
    """The proposal that a model's JSON makes."""
    found = re.search(r"\{.*\}", reply, re.DOTALL)
    try:
        told = json.loads(found[0]) if found else None
    except json.JSONDecodeError:
        told = None
    if not isinstance(told, dict) or not all(
        isinstance(told.get(n), str) and told[n].strip() for n in SCHEMA["required"]
    ):
        return "the model wrote no JSON of a question, an answer and a quote"
    quote, document = told["quote"].strip(), said[-1].quote.document_id
    at = corpus.text(document).find(quote)
    if at < 0:
        return "the quote is no slice of its document"
    if not contains(quote, [told["answer"]], said[0].language):
        return "the quote does not hold the answer"
    quotes = (*(s.quote for s in said[:-1]), Quote(document, at, at + len(quote), quote))
    kind = "two" if len(said) > 1 else "one"
    question = " ".join(told["question"].split())
    return Proposal(key, kind, question, told["answer"].strip(), quotes, said[0].language, "model", joint)


def refused_by_model(
    proposals: Sequence[Proposal], corpus: Corpus, engine: Engine, prompts: PromptLibrary
) -> list[str]:
    """Why each is no good question, "" where it is one: asked with its passages, without them, and with one of two."""
    requests, tries = [], []
    for number, p in enumerate(proposals):
        own = [_passage(Said(q, p.language), corpus) for q in p.quotes]
        where = {"document_id": {"ne": p.quotes[0].document_id}} if p.kind == "held out" else None
        others = without(corpus.index.search(p.question, FOUND_AMONG, where=where), p)
        far = [h.chunk.text for h in others][:_NOT_TOLD]
        asked = [(far, False)] if far else []
        if p.kind in ("one", "two"):
            asked.append((own, True))
        asked += [([part], False) for part in own] if p.kind == "two" else []
        for passages, answers in asked:
            text = "\n\n".join(f"[{i}] {part}" for i, part in enumerate(passages, 1))
            messages = prompts.get("check_question").render(passages=text, question=p.question)
            requests.append(_request(engine, messages))
            tries.append((number, answers, len(passages)))
    reasons = [""] * len(proposals)
    for (number, wanted, count), reply in zip(tries, _ask(engine, requests), strict=True):
        p = proposals[number]
        told = not re.match(r"\W*NONE\b", reply) and bool(reply.strip())
        right = told and contains(reply, [p.answer], p.language) == 1.0
        if wanted and not right:
            reasons[number] = reasons[number] or "the model does not answer it from its passage"
        elif not wanted and (right or (told and p.kind in ("changed", "held out"))):
            alone = (
                "one passage alone answers it"
                if p.kind == "two" and count == 1
                else "it is answered without its passage"
            )
            reasons[number] = reasons[number] or alone
    return reasons


def _passage(said: Said, corpus: Corpus) -> str:
    text = corpus.text(said.quote.document_id)
    return text[max(0, said.quote.start - _AROUND) : said.quote.end + _AROUND].strip()


def _request(engine: Engine, messages: Sequence[object], *, schema: bool = False) -> Request:
    can = engine.capabilities
    return Request(
        messages=tuple(messages),  # type: ignore[arg-type]
        thinking_tokens=0 if can.budget else None,
        answer_tokens=300 if schema else 60,
        json_schema=SCHEMA if schema and can.structured else None,
    )


def _ask(engine: Engine, requests: Sequence[Request]) -> list[str]:
    from ragkit.rag import loop

    return [samples[0].answer for samples in loop.run(engine.generate_many(requests))] if requests else []
