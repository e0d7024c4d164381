"""What one user may see and do, and that nobody sees another's."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ragkit.asking import Ask
from ragkit.errors import BusyError, ConfigError, NotFoundError, UsageError
from ragkit.rag import RAG
from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings
from ragkit.server.uploads import plain_name
from ragkit.server.workspace import Queued, Turned, Upload, Workspace
from ragkit.types import Answer, Done
from tests.fakes import ScriptedEngine
from tests.server.conftest import QUESTION, TEXTS, filled

ASK = Ask(index="rules")


async def events(here: Workspace, question: str = QUESTION, ask: Ask = ASK, **options: object) -> list[object]:
    return [e async for e in here.stream(question, ask, **options)]  # type: ignore[arg-type]


async def answer(
    here: Workspace, question: str = QUESTION, ask: Ask = ASK, **options: object
) -> tuple[Answer, Turned | None]:
    found = await events(here, question, ask, **options)
    assert isinstance(found[-1], Done)
    return found[-1].answer, next((e for e in found if isinstance(e, Turned)), None)


async def test_an_answer_is_remembered_with_all_that_shows_it_again(service: Service) -> None:
    here = service.workspace()
    given, turned = await answer(here)
    assert turned is not None and turned.ordinal == 1
    (turn,) = here.turns(turned.conversation_id)
    assert (turn.asked, turn.answer, turn.trace_id) == (QUESTION, given.text, given.trace_id)
    (cited,) = turn.details["citations"]
    text = here.index("rules").document(cited["document_id"]).text
    assert text[cited["start"] : cited["end"]] == cited["quote"] == given.citations[0].quote
    assert turn.details["ledger"]["hops"] == given.ledger.hops
    assert [h["document_id"] for h in turn.details["hits"]] == [h.document_id for h in given.hits]


async def test_a_conversation_goes_on_is_cut_found_renamed_and_deleted(service: Service) -> None:
    here = service.workspace()
    _, turned = await answer(here)
    assert turned is not None
    name = turned.conversation_id
    _, second = await answer(here, "And how many days of paid leave?", conversation=name)
    assert second == Turned(name, 2)
    assert [c.id for c in here.conversations("PAID leave")] == [name]
    assert here.conversations("nothing like it%") == []
    assert here.truncate(name, 1) == 1
    assert len(here.turns(name)) == 1
    here.rename_conversation(name, "Кто платит за поездку?")
    assert [c.title for c in here.conversations("КТО ПЛАТИТ")] == ["Кто платит за поездку?"]
    here.delete_conversation(name)
    with pytest.raises(NotFoundError):
        here.turns(name)


async def test_history_of_the_caller_is_used_and_nothing_is_kept(service: Service) -> None:
    here = service.workspace()
    given, turned = await answer(here, remember=False)
    assert turned is None and here.conversations() == []
    assert given.trace_id


async def test_votes_are_cast_changed_and_taken_back(service: Service) -> None:
    here = service.workspace()
    given, _ = await answer(here)
    here.vote(given.trace_id, 1)
    here.vote(given.trace_id, -1, "wrong page")
    vote = here.vote_on(given.trace_id)
    assert vote is not None and (vote.value, vote.comment) == (-1, "wrong page")
    here.vote(given.trace_id, 0)
    assert here.vote_on(given.trace_id) is None


async def test_users_see_their_own_indexes_conversations_and_traces_alone(home: Path, words: None) -> None:
    service = filled(Service(ServiceSettings(home=home, users=True)), "ann")
    ann, bob = service.workspace("ann"), service.workspace("bob")
    given, turned = await answer(ann)
    assert turned is not None
    assert bob.indexes() == [] and bob.conversations() == []
    for reach in (
        lambda: bob.index("rules"),
        lambda: bob.turns(turned.conversation_id),
        lambda: bob.trace(given.trace_id),
        lambda: bob.vote(given.trace_id, 1),
        lambda: bob.truncate(turned.conversation_id, 0),
    ):
        with pytest.raises(NotFoundError):
            reach()
    assert ann.home != bob.home and ann.home.parent == home / "users"
    assert len(ann.home.name) == 36  # a UUID: no part of a name is in a path
    assert service.workspace("../../etc").home.parent == home / "users"
    service.close()


def test_users_over_one_database_are_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGKIT_DATABASE", "postgresql+psycopg://u@h/d")
    with pytest.raises(ConfigError, match="serve without users"):
        Service(ServiceSettings(home=home, users=True))


def test_indexes_are_made_renamed_and_dropped(service: Service) -> None:
    here = service.workspace()
    with pytest.raises(UsageError, match="exists"):
        here.create("rules")
    here.rename("rules", "handbook")
    assert [r.name for r in here.indexes()] == ["handbook"]
    assert here.index("handbook").search("travel")[0].document_id == "travel"
    with pytest.raises(NotFoundError):
        here.index("rules")
    here.drop("handbook")
    assert here.indexes() == []


def test_an_index_made_anew_under_its_old_name_is_not_mistaken_for_the_old(service: Service) -> None:
    here = service.workspace()
    before = here.index("rules")
    before.drop()  # as another process would
    here.create("rules")
    assert here.index("rules") is not before and len(here.index("rules")) == 0


def test_uploads_are_documents_by_their_names(service: Service, tmp_path: Path) -> None:
    here, file = service.workspace(), tmp_path / "0"
    file.write_text("# Trains\n\nSecond class, always.")
    report = here.add("rules", [Upload("../a\\b/trains.md", file), Upload("prog.exe", file)])
    assert report.added == 1 and [f.source for f in report.failures] == ["prog.exe"]
    rows = {d.id: d for d in here.index("rules").documents()}
    assert rows["a/b/trains.md"].title == "Trains"
    assert str(tmp_path) not in repr(rows)


def test_limits_are_told_with_the_limit(
    home: Path, words: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAGKIT_MAX_K", "5")
    monkeypatch.setenv("RAGKIT_MAX_SAMPLES", "3")
    service = filled(Service(ServiceSettings(home=home, max_upload_mb=1, max_uploads=2)))
    here, big = service.workspace(), tmp_path / "big"
    big.write_bytes(b"x" * (2**20 + 1))
    report = here.add("rules", [Upload("big.txt", big)])
    assert "exceed the limit of 1048576" in report.failures[0].reason
    with pytest.raises(UsageError, match="limit of 2"):
        here.add("rules", [Upload("a.txt", big)] * 3)
    for wrong in (Ask(samples=4), Ask(k=6), Ask(strategy="magic"), Ask(model="/etc/passwd")):
        with pytest.raises(UsageError):
            asyncio.run(answer(here, ask=wrong.over(ASK)))
    with pytest.raises(UsageError, match="empty"):
        asyncio.run(answer(here, "  "))
    assert service.in_flight() == {"running": 0, "waiting": 0}


@pytest.mark.parametrize("name", ["", "..", "///", "\x00", "\u202e"])
def test_names_that_name_nothing_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        plain_name(name)


async def test_all_places_taken_the_next_is_told_its_position_and_the_one_after_that_is_busy(
    home: Path, words: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = filled(Service(ServiceSettings(home=home, max_running=1, max_waiting=1, per_minute=0)))
    here = service.workspace()
    engine = ScriptedEngine("The finance director. [1]", delay_s=0.3)
    slow = RAG(here.index("rules"), model=engine, home=home, strategy="direct")
    monkeypatch.setattr(here, "rag", lambda index, model=None: slow)
    first = asyncio.ensure_future(answer(here))
    while not service.in_flight()["running"]:
        await asyncio.sleep(0.005)
    second = asyncio.ensure_future(events(here))
    while not service.in_flight()["waiting"]:
        await asyncio.sleep(0.005)
    with pytest.raises(BusyError):
        await answer(here)
    await first
    told = await second
    assert told[0] == Queued(1) and isinstance(told[-1], Done)
    assert service.in_flight() == {"running": 0, "waiting": 0}


async def test_closing_the_stream_gives_the_place_back_and_leaves_no_turn(service: Service) -> None:
    here = service.workspace()
    stream = here.stream(QUESTION, ASK)
    await anext(stream)
    assert service.in_flight()["running"] == 1
    await stream.aclose()
    assert service.in_flight()["running"] == 0
    assert here.conversations() == []


async def test_streams_of_many_users_do_not_mix(home: Path, words: None) -> None:
    service = Service(ServiceSettings(home=home, users=True, per_minute=0, max_running=4, max_waiting=100))
    users = [f"user{n}" for n in range(6)]
    for user in users:
        here = service.workspace(user)
        here.create("rules")
        here.add("rules", texts=[{**TEXTS[0], "text": f"The boss of {user} approves travel over 2,000 euros."}])
    given = await asyncio.gather(*(answer(service.workspace(u)) for u in users for _ in range(3)))
    for n, (one, _) in enumerate(given):
        assert f"boss of {users[n // 3]} approves" in one.text
    for user in users:
        assert len(service.workspace(user).conversations()) == 3
    service.close()
