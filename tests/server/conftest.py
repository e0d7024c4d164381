"""A service over a small index whose encoder stands in for the real one, and a client that speaks to it in process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ragkit.index import held
from ragkit.server import create_app
from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings
from tests.fakes import WordEncoder

TEXTS = (
    {
        "id": "travel",
        "title": "Travel",
        "text": "The finance director approves travel over 2,000 euros.",
        "metadata": {"team": "finance"},
    },
    {
        "id": "leave",
        "title": "Leave",
        "text": "Every employee has thirty days of paid leave a year.",
        "metadata": {"team": "people"},
    },
)
QUESTION = "Who approves travel over 2,000 euros?"
BASE = "http://127.0.0.1"


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "encoder_named", WordEncoder)


def filled(service: Service, user: str = "") -> Service:
    here = service.workspace(user)
    here.create("rules")
    here.add("rules", texts=TEXTS)
    return service


@pytest.fixture
def service(home: Path, words: None) -> Iterator[Service]:
    made = filled(Service(ServiceSettings(home=home, per_minute=0)))
    yield made
    made.close()


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(service), base_url=BASE, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """One client for all tests of a module that change nothing; a service takes seconds to make."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "encoder_named", WordEncoder)
        service = filled(Service(ServiceSettings(home=tmp_path_factory.mktemp("shared"), per_minute=0)))
        with TestClient(create_app(service), base_url=BASE, raise_server_exceptions=False) as made:
            yield made
        service.close()


def ask(question: str = QUESTION, model: str = "rules", **more: object) -> dict[str, object]:
    return {"model": model, "messages": [{"role": "user", "content": question}], **more}
