"""What rounds of retrieval buy: single-shot, `iterative` and `agent` on questions of one to four hops in a large world.

    python bench/multihop.py [--model nano] [--documents 2000] [-n 100] [--parts hops sampling necessity] [--out FILE]

An invented world of unseen names is indexed by ragkit; -n questions are asked of each number of hops, and as many that
have no answer. An answer counts when it is the expected sentence, citations aside; an unanswerable question counts when
the answer abstains. Citations are scored as in ALCE with the world as judge: a passage entails an answer iff it states
the relation last asked for, with the object that the answer names. Intervals are Wilson's at 95 %.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from ragkit.eval.metrics.citations import cited_sentences, score_citations
from ragkit.eval.metrics.statistics import estimate, mcnemar
from ragkit.nano.evaluate import bare, expected
from ragkit.nano.world.corpus import build_corpus, corpus_questions
from ragkit.nano.world.questions import Question
from ragkit.nano.world.worlds import World

from ragkit import Index
from ragkit.engines import Engine, open_engine
from ragkit.reasoning.base import Search, Strategy, Task
from ragkit.reasoning.necessity import necessity
from ragkit.reasoning.spending import Spend
from ragkit.reasoning.strategies.agent import Agent
from ragkit.reasoning.strategies.cot import ChainOfThought
from ragkit.reasoning.strategies.iterative import Iterative
from ragkit.reasoning.strategies.self_consistency import SelfConsistency
from ragkit.types import Answer, Budget, Done, Hit

KINDS = ("hop1", "hop2", "hop3", "hop4", "none")
TOGETHER = 16
THOUGHT, ANSWER = 512, 512  # tokens: far above what a right answer takes; they end loops


def limits(*, hops: int = 4, samples: int = 1) -> Budget:
    return Budget(thinking_tokens=THOUGHT * samples, hops=hops, samples=samples, answer_tokens=ANSWER)


def interval(marks: Sequence[bool]) -> dict[str, Any]:
    found = estimate(marks)
    return {"share": round(found.mean, 3), "low": round(found.low, 3), "high": round(found.high, 3), "n": found.n}


@dataclass(slots=True)
class Bench:
    """A world, its index, and the model."""

    world: World
    index: Index
    engine: Engine
    questions: dict[str, list[Question]]
    k: int
    hops: Sequence[int] = (4,)
    shots: int = 0
    bank: str | None = None

    async def search(self, query: str, k: int) -> list[Hit]:
        return await asyncio.to_thread(self.index.search, query, k)

    def task(self, question: Question, budget: Budget, search: Search | None = None) -> Task:
        return Task(
            question=question.text,
            search=search or self.search,
            encoder=lambda: self.index.encoder,
            engine=self.engine,
            budget=budget,
            k=self.k,
            spend=Spend(budget),
            live=False,
            shots=self.shots,
            bank=self.bank,
        )

    async def ask(
        self, strategy: Strategy, questions: Sequence[Question], budget: Budget, searches: Mapping[str, Search] = {}
    ) -> list[Answer]:
        gate = asyncio.Semaphore(TOGETHER)

        async def one(question: Question) -> Answer:
            async with gate:
                async for event in strategy.run(self.task(question, budget, searches.get(question.text))):
                    if isinstance(event, Done):
                        return event.answer
            raise RuntimeError(f"no answer to {question.text!r}")

        return list(await asyncio.gather(*(one(q) for q in questions)))

    def right(self, question: Question, answer: Answer) -> bool:
        if question.answer is None:
            return answer.status == "abstained" or bare(answer.text) == expected(self.world, question)
        return bool(bare(answer.text) == expected(self.world, question))

    def cell(self, name: str, questions: Sequence[Question], answers: Sequence[Answer]) -> dict[str, Any]:
        marks = [self.right(q, a) for q, a in zip(questions, answers, strict=True)]
        ledgers = [a.ledger for a in answers]
        mean = {
            key: round(sum(getattr(ledger, key) for ledger in ledgers) / len(ledgers), 2)
            for key in ("thinking_tokens", "hops", "tool_calls", "samples")
        }
        statuses = {s: sum(a.status == s for a in answers) for s in ("answered", "abstained", "exhausted")}
        return {"cell": name, **interval(marks), **mean, **statuses}

    def citations(self, name: str, questions: Sequence[Question], answers: Sequence[Answer]) -> dict[str, Any]:
        """Range, exactness and ALCE over the answers that answer a question with a chain of facts."""
        states = {p.text: set(p.facts) for p in self.world.passages}
        inside = exact = total = 0
        recall: list[float] = []
        precision: list[float] = []
        for question, answer in zip(questions, answers, strict=True):
            if answer.status == "abstained" or question.answer is None:
                continue
            numbers = {c.marker: c for c in answer.citations}
            for sentence in cited_sentences(answer.text):
                total += len(sentence.numbers)
                inside += sum(n in numbers for n in sentence.numbers)
            exact += sum(self.index.document(c.document_id).text[c.start : c.end] == c.quote for c in answer.citations)
            passages = {c.marker: self.index.document(c.document_id).text for c in answer.citations}
            score = score_citations(
                cited_sentences(answer.text), passages, partial(self._entails, states, question=question)
            )
            recall.append(score.recall)
            if score.citations:
                precision.append(score.precision)
        made = sum(len(a.citations) for q, a in zip(questions, answers, strict=True) if q.answer is not None)
        return {
            "cell": f"citations, {name}",
            "in_range": f"{inside}/{total}",
            "exact_spans": f"{exact}/{made}",
            "alce_recall": round(sum(recall) / max(1, len(recall)), 3),
            "alce_precision": round(sum(precision) / max(1, len(precision)), 3),
            "n": len(recall),
        }

    def _entails(self, states: Mapping[str, set[Any]], premise: str, claim: str, question: Question) -> bool:
        """Whether some passage states a fact whose relation was asked for and whose object the claim names."""
        facts = {f for text, held in states.items() if text in premise for f in held}
        last = question.lookups[-1]
        said = bare(claim)
        form = self.world.language.answer
        return any(f[1] == last[1] and said == bare(form.format(o=self.world.facts[f], cites="")) for f in facts)


async def part_hops(bench: Bench) -> Iterable[dict[str, Any]]:
    """The floor, then both strategies with four hops, then fewer hops."""
    rows: list[dict[str, Any]] = []

    def add(row: dict[str, Any]) -> None:
        rows.append(row)
        show([row])  # a table of this size takes its time

    for kind, questions in bench.questions.items():
        floor = await bench.ask(ChainOfThought(), questions, limits())
        add(bench.cell(f"single-shot {kind}", questions, floor))
        for strategy in (Iterative(), Agent()):
            for hops in bench.hops if kind in ("hop2", "hop3") else (4,):
                answers = await bench.ask(strategy, questions, limits(hops=hops))
                add(bench.cell(f"{strategy.name} {kind} hops={hops}", questions, answers))
                if hops == 4 and kind != "none":
                    add(bench.citations(f"{strategy.name} {kind}", questions, answers))
    return rows


async def oracle(bench: Bench, questions: Sequence[Question]) -> dict[str, Search]:
    """For each question a search that finds every needed document among likely distractors, in a fixed order."""
    searches: dict[str, Search] = {}
    for question in questions:
        found: dict[int, Hit] = {}
        for fact in question.lookups:
            needed = [h for h in await bench.search(fact[0], 20) if h.chunk.title == fact[0]][:1]
            wording = bench.world.language.wordings[fact[1]].query.format(x=fact[0])
            for hit in [*needed, *(await bench.search(wording, 4))]:
                found.setdefault(hit.chunk.id, hit)
        hits = sorted(found.values(), key=lambda h: h.chunk.id)
        Random(question.text).shuffle(hits)

        async def search(query: str, k: int, hits: list[Hit] = hits) -> list[Hit]:
            return hits

        searches[question.text] = search
    return searches


async def part_sampling(bench: Bench) -> Iterable[dict[str, Any]]:
    """Self-consistency of 8 against greedy, reading passages that hold the answer."""
    questions = [q for kind in ("hop2", "hop3", "hop4") for q in bench.questions[kind]]
    searches = await oracle(bench, questions)
    greedy = await bench.ask(ChainOfThought(), questions, limits(), searches)
    voted = await bench.ask(SelfConsistency(), questions, limits(samples=8), searches)
    rows = [bench.cell("greedy", questions, greedy), bench.cell("self-consistency of 8", questions, voted)]
    marks = [[bench.right(q, a) for q, a in zip(questions, answers, strict=True)] for answers in (greedy, voted)]
    rows.append({"cell": "McNemar p", "share": round(mcnemar(*marks), 4), "n": len(questions)})
    return rows


async def part_necessity(bench: Bench) -> Iterable[dict[str, Any]]:
    """Of right answers over passages that hold them: which removals change them."""
    questions = [q for kind in ("hop1", "hop2", "hop3") for q in bench.questions[kind]]
    searches = await oracle(bench, questions)
    answers = await bench.ask(ChainOfThought(), questions, limits(), searches)
    titles = {p.facts[0][0]: {f[0] for f in p.facts} for p in bench.world.passages}
    gold: list[bool] = []
    other: list[bool] = []
    for question, answer in zip(questions, answers, strict=True):
        if not bench.right(question, answer) or not answer.citations:
            continue
        report = await necessity(bench.task(question, limits()), answer, distractors=True)
        subjects = {fact[0] for fact in question.lookups}
        of = {h.chunk.id: h.chunk.title for h in answer.hits}
        for removal in report.removals:
            if removal.markers:
                gold.append(removal.changed)
            elif not titles.get(of[removal.chunk_id], {of[removal.chunk_id]}) & subjects:
                other.append(removal.changed)
    pairs = (("cited chunk removed flips", gold), ("distractor removed flips", other))
    return [{"cell": name, **interval(marks)} for name, marks in pairs if marks]


PARTS = {"hops": part_hops, "sampling": part_sampling, "necessity": part_necessity}


def show(rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        sys.stdout.write("  ".join(f"{k}={v}" if k != "cell" else f"{v:34}" for k, v in row.items()) + "\n")
    sys.stdout.flush()


def build(home: Path, documents: int, seed: int) -> tuple[World, Index]:
    """The world and its index; an index that is there already is used again."""
    world = build_corpus(seed, documents)
    index = Index(f"world-{seed}-{documents}", home=home)
    if len(index) == 0:
        pairs = zip(world.kinds, world.passages, strict=True)
        index.add([{"id": f"d{i}", "title": name, "text": p.text} for i, (name, p) in enumerate(pairs)])
    return world, index


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="nano")
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("-n", type=int, default=100, help="questions of each kind")
    parser.add_argument("-k", type=int, default=5)
    parser.add_argument("--hops", type=int, nargs="+", default=[4, 3, 2, 1], help="allowed, for questions of 2 and 3")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--home", type=Path, help="keep the index here and use it again")
    parser.add_argument("--out", type=Path)
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        world, index = build(a.home or Path(scratch), a.documents, a.seed)
        engine = open_engine(a.model)
        questions = {kind: corpus_questions(a.seed + 1, world, a.n, {kind: 1.0}) for kind in a.kinds}
        bench = Bench(world, index, engine, questions, a.k, a.hops)
        report: dict[str, Any] = {"documents": a.documents, "n": a.n, "k": a.k, "model": a.model}

        async def everything() -> None:
            for part in a.parts:
                begun = time.perf_counter()
                rows = list(await PARTS[part](bench))
                report[part] = rows
                report[f"{part}_seconds"] = round(time.perf_counter() - begun, 1)
                if part != "hops":  # shown as they came
                    show(rows)

        asyncio.run(everything())
        engine.close()
        index.close()
    if a.out:
        a.out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
