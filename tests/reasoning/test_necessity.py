"""Necessity: what an answer rests on changes it when taken away; what it does not rest on changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from ragkit.engines.base import Request, Sample
from ragkit.reasoning.necessity import necessity
from ragkit.reasoning.strategies.cot import ChainOfThought
from ragkit.types import Answer, Hit
from tests.fakes import finish, make_hits, make_task
from tests.reasoning.reader import ABSTENTION, HITS, QUESTION, RuleEngine, reads


class Batched(RuleEngine):
    batches = 0

    async def generate_many(self, requests: Sequence[Request]) -> list[list[Sample]]:
        self.batches += 1
        return await super().generate_many(requests)


async def answered(engine: RuleEngine, hits: list[Hit]) -> Answer:
    return (await finish(ChainOfThought(), make_task(QUESTION, hits, engine)))[0]


async def test_taking_away_the_cited_chunk_changes_the_answer_a_distractor_does_not() -> None:
    engine = Batched(reads)
    answer = await answered(engine, HITS)
    report = await necessity(make_task(QUESTION, HITS, engine), answer, distractors=True)
    assert {(r.chunk_id, r.markers): r.changed for r in report.removals} == {
        (1, ()): True,
        (2, ()): True,
        (3, (1,)): True,
        (4, ()): False,
        (5, ()): False,
    }
    assert (report.share, engine.batches) == (1.0, 1)
    assert next(r.text for r in report.removals if r.chunk_id == 3) == ABSTENTION
    assert report.ledger.samples == 6


async def test_only_cited_chunks_are_asked_about_unless_told() -> None:
    engine = Batched(reads)
    report = await necessity(make_task(QUESTION, HITS, engine), await answered(engine, HITS))
    assert [r.chunk_id for r in report.removals] == [3]


async def test_a_second_source_makes_a_citation_unnecessary_but_a_copy_does_not() -> None:
    for extra, needed in (("The mayor of Orm is Bo, they say.", False), ("Orm elected Bo  as mayor.", True)):
        hits = make_hits(*(h.chunk.text for h in HITS), extra)
        engine = RuleEngine(reads)
        report = await necessity(make_task(QUESTION, hits, engine), await answered(engine, hits))
        assert report.removals[0].changed is needed


async def test_an_answer_without_citations_has_no_necessity_and_asks_nothing() -> None:
    engine = Batched(lambda prompt: f"|{ABSTENTION}")
    report = await necessity(make_task(QUESTION, HITS, engine), await answered(engine, HITS))
    assert (report.share, report.removals, engine.batches) == (None, (), 0)


async def test_the_only_passage_taken_away_leaves_the_abstention() -> None:
    hits = make_hits("Orm elected Bo as mayor.")
    engine = Batched(lambda prompt: "|Bo is the mayor [1].")
    report = await necessity(make_task(QUESTION, hits, engine), await answered(engine, hits))
    assert [(r.text, r.changed) for r in report.removals] == [("Not in these documents.", True)]
