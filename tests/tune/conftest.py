"""A tiny random model, and an index of small documents with questions whose answers they hold."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from ragkit.eval.sets.reading import Question

from ragkit.index import Index
from ragkit.tune.models import Learner, learner
from tests.engines.tiny_model import build
from tests.fakes import WordEncoder

TOWNS = ("Orm", "Velt", "Krag", "Dunn", "Ashby", "Torv", "Lund", "Sund", "Mel", "Brack")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return build(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def student(tiny: Path) -> Learner:
    found = learner(f"transformers:{tiny}")
    found.tokenizer.context_tokens = 4096  # one byte is a token here
    return found


@pytest.fixture
def index(home: Path) -> Index:
    made = Index("towns", encoder=WordEncoder())
    made.add(
        [{"id": t, "text": f"The mayor of {t} is Master{i}. The river of {t} is wide."} for i, t in enumerate(TOWNS)]
    )
    return made


@pytest.fixture
def questions() -> list[Question]:
    return [Question(t, f"Who is the mayor of {t}?", (f"Master{i}",), (t,)) for i, t in enumerate(TOWNS)]
