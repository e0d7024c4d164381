"""Sets made of one's own documents: every question is tied to its words, verified, and the same for the same seed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random

import pytest
from ragkit.eval.making import templates
from ragkit.eval.making.asked import read_reply
from ragkit.eval.making.corpus import Corpus, Said
from ragkit.eval.making.make import make
from ragkit.eval.making.proposals import Proposal, Quote, split_of
from ragkit.eval.making.verify import refused
from ragkit.eval.sets.reading import load_set

from ragkit.errors import EvalError
from ragkit.index import Index
from tests.fakes import ScriptedEngine, WordEncoder

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The project's own texts: the documentation in English, the primer in Russian and Ukrainian."""
    found = Index("own", home=tmp_path_factory.mktemp("home"), encoder=WordEncoder())
    found.add(
        [*sorted((ROOT / "docs" / "concepts").glob("*.md")), *sorted((ROOT / "eval/primer/documents").glob("*.md"))]
    )
    return found


def test_made_questions_are_tied_to_the_documents_and_read_as_a_set(index: Index, tmp_path: Path) -> None:
    out = tmp_path / "set.jsonl"
    made = make(index, 40, out, seed=3)
    questions = load_set(str(out)).questions
    assert len(questions) == len(made.lines) == 40
    assert {q.language for q in questions} >= {"en", "ru", "uk"}
    assert {q.meta["kind"] for q in questions} == {"single", "multi", "unanswerable"}
    for q in questions:
        for quote in q.meta["quotes"]:
            assert index.document(quote["document"]).text[quote["start"] : quote["end"]] == quote["text"]
        if q.answerable:
            assert q.answers[0] in q.meta["quotes"][-1]["text"]
            assert set(q.relevant) == {quote["document"] for quote in q.meta["quotes"]}
        assert len({split_of(quote["document"], 0.3) for quote in q.meta["quotes"]}) == 1
        if "where" in q.meta:
            hits = index.search(q.question, 10, where=q.meta["where"])
            assert q.meta["cluster"] not in {h.document_id for h in hits}
    assert sum(made.refused.values()) > 0
    assert all(made.refused)  # every reason is told in words


def test_the_same_seed_gives_the_same_set_and_a_stopped_run_goes_on(index: Index, tmp_path: Path) -> None:
    whole = make(index, 12, tmp_path / "whole.jsonl", seed=5)
    stopped = tmp_path / "stopped.jsonl"
    seen = 0

    class StopHereError(Exception):
        pass

    def stop(_: int) -> None:
        nonlocal seen
        seen += 1
        if seen == 4:
            raise StopHereError

    with pytest.raises(StopHereError):
        make(index, 12, stopped, seed=5, progress=stop)
    assert not stopped.exists()
    tried = stopped.with_suffix(".tried.jsonl")
    before = tried.read_text(encoding="utf-8")
    tried.write_text(before + '{"key": "cut of', encoding="utf-8")  # as a machine that stops leaves it
    assert make(index, 12, stopped, seed=5).lines == whole.lines
    assert make(index, 12, tmp_path / "other.jsonl", seed=6).lines != whole.lines
    with pytest.raises(EvalError, match="another index, seed or model"):
        make(index, 12, stopped, seed=6)


def test_a_changed_question_names_what_no_document_has(index: Index) -> None:
    corpus = Corpus(index, seed=1)
    kept = [p for p in list(templates.changed(corpus, Random(1)))[:30] if not refused(p, corpus)]
    everything = " ".join(corpus.text(d) for d in corpus.documents)
    assert len(kept) > 5
    for p in kept:
        assert p.changed in p.question
        assert not re.search(rf"(?<!\w){re.escape(p.changed)}(?!\w)", everything)
        assert p.line(0.3)["answers"] == []


def test_what_another_passage_says_too_is_refused(tmp_path: Path) -> None:
    index = Index("twice", home=tmp_path, encoder=WordEncoder())
    text = "In the year 1998 the works of Orm hired {} people for the new plant."
    index.add([{"id": "a", "text": text.format(340)}, {"id": "b", "text": text.format(340)}])
    corpus = Corpus(index, seed=1)
    assert {refused(p, corpus) for p in templates.gaps(corpus, Random(1))} == {"another passage answers it too"}
    assert {refused(p, corpus) for p in templates.held_out(corpus, Random(1))} == {"another document answers it too"}


def test_a_quote_that_is_no_slice_and_a_question_that_tells_its_answer_are_refused(index: Index) -> None:
    corpus = Corpus(index, seed=1)
    said = corpus.sentences(corpus.documents[0])[0]
    moved = Quote(said.quote.document_id, said.quote.start + 1, said.quote.end, said.quote.text)
    assert (
        refused(Proposal("k", "one", "What?", "x", (moved,), "en"), corpus) == "the quote is no slice of its document"
    )
    told = Proposal("k", "one", "Is it 340?", "340", (said.quote,), "en")
    assert refused(told, corpus) == "the question tells its answer"


def test_a_german_noun_is_no_name() -> None:
    assert not templates.is_name("Prüfsumme", "de")
    assert templates.is_name("Anna Borel", "de")
    assert templates.is_name("Borel", "en")


PLANT = "The plant of Orm was opened in the year 1998. It stands beside the river Wend."


def planted(home: Path) -> Index:
    index = Index("plant", home=home, encoder=WordEncoder())
    index.add(
        [{"id": "a", "text": PLANT}, {"id": "b", "text": "Bread is baked in the morning. Nobody eats all of it."}]
    )
    return index


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("no JSON", "the model wrote no JSON of a question, an answer and a quote"),
        ('{"question": "When?", "answer": "1998", "quote": "opened in 1998"}', "the quote is no slice of its document"),
        ('{"question": "When?", "answer": "1999", "quote": "in the year 1998"}', "the quote does not hold the answer"),
    ],
)
def test_what_a_model_wrote_is_read_strictly(tmp_path: Path, reply: str, reason: str) -> None:
    corpus = Corpus(planted(tmp_path), seed=1)
    said = Said(Quote("a", 0, 45, PLANT[:45]), "en")
    assert read_reply(reply, "k", (said,), "", corpus) == reason


WRITTEN = '{"question": "When was the plant of Orm opened?", "answer": "1998", "quote": "was opened in the year 1998"}'


@pytest.mark.parametrize(
    ("answers", "kept", "reason"),
    [
        (("NONE", "It was opened in 1998."), 1, ""),
        (("1998", "1998"), 0, "it is answered without its passage"),
        (("NONE", "NONE"), 0, "the model does not answer it from its passage"),
    ],
)
def test_a_model_s_question_is_kept_where_its_passage_and_nothing_else_answers(
    tmp_path: Path, answers: tuple[str, str], kept: int, reason: str
) -> None:
    from ragkit.eval.making.asked import refused_by_model, write

    from ragkit.templates import PromptLibrary

    corpus = Corpus(planted(tmp_path), seed=1)
    said = Said(Quote("a", 0, 45, PLANT[:45]), "en")
    (proposal,) = write([("k", (said,), "")], corpus, ScriptedEngine(WRITTEN), PromptLibrary())
    assert isinstance(proposal, Proposal)
    assert refused(proposal, corpus) == ""
    (told,) = refused_by_model([proposal], corpus, ScriptedEngine(*answers), PromptLibrary())
    assert (told == "", told) == (bool(kept), reason)


def test_an_empty_index_is_told(tmp_path: Path) -> None:
    index = Index("empty", home=tmp_path, encoder=WordEncoder())
    index.create()
    with pytest.raises(EvalError, match="holds no documents"):
        make(index, 5, tmp_path / "s.jsonl")


def test_the_journal_says_what_was_refused_and_why(index: Index, tmp_path: Path) -> None:
    made = make(index, 8, tmp_path / "s.jsonl", seed=2)
    rows = [json.loads(line) for line in (tmp_path / "s.tried.jsonl").read_text(encoding="utf-8").splitlines()[1:]]
    refusals = [r["refused"] for r in rows if r["refused"]]
    assert sorted(refusals) == sorted(r for r in made.refused.elements() if r != "it was asked already")
