"""A real server, a real model: nano on vLLM behind uvicorn, asked by OpenAI's own client."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from ragkit.nano.world.corpus import build_corpus, corpus_questions

from ragkit.index import held
from ragkit.server import create_app
from ragkit.server.access import auth as auth_module
from ragkit.server.access import passwords
from ragkit.server.access.auth import Auth, add_user
from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings
from tests.fakes import WordEncoder
from tests.server.live import serving

pytest.importorskip("vllm")
THOUGHT = 128


@dataclass(frozen=True)
class Asked:
    """A question over one user's documents."""

    text: str
    passages: tuple[str, ...]


def world_of(seed: int) -> list[Asked]:
    world = build_corpus(seed, 20)
    texts = tuple(p.text for p in world.passages)
    return [Asked(q.text, texts) for q in corpus_questions(seed, world, 5, {"hop1": 0.8, "none": 0.2})]


@dataclass
class Served:
    service: Service
    base: str
    users: list[str]
    questions: dict[str, list[Asked]]

    @property
    def engine(self) -> Any:
        return self.service._held.get()

    def client(self, user: str = "") -> openai.OpenAI:
        return openai.OpenAI(base_url=f"{self.base}/v1", api_key=f"{user or self.users[0]}:password of it")

    def question(self, n: int = 0) -> list[dict[str, str]]:
        return [{"role": "user", "content": self.questions[self.users[0]][n].text}]

    def quiet(self, seconds: float) -> bool:
        """Whether nothing runs any more, in the gate and in the engine, within so many seconds."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not self.service.in_flight()["running"] and not self.engine.running:
                return True
            time.sleep(0.02)
        return False

    def add(self, users: list[str], file: Path) -> None:
        for seed, user in enumerate(users, len(self.users)):
            add_user(file, user, "password of it")
            here = self.service.workspace(user)
            here.create("mine")
            self.questions[user] = world_of(seed)
            texts = self.questions[user][0].passages
            here.add("mine", texts=[{"id": f"d{n}", "text": t} for n, t in enumerate(texts)])
        self.users += users


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("served")
    with pytest.MonkeyPatch.context() as patch:
        real = passwords.hash_password
        patch.setattr(auth_module, "hash_password", lambda p: real(p, cost=2**4, parallel=1))
        patch.setattr(held, "encoder_named", WordEncoder)
        service = Service(
            ServiceSettings(home=home, model="nano", strategy="cot", users=True, per_minute=0, max_waiting=300)
        )
        made = Served(service, "", [], {})
        made.add(["ann", "bob"], home / "users.txt")
        service.load()
        with serving(create_app(service, auth=Auth(users=home / "users.txt"))) as made.base:
            yield made
        service.close()


def test_the_official_client_reads_answer_thought_usage_and_evidence(served: Served) -> None:
    with served.client() as client:
        assert "mine" in [m.id for m in client.models.list()]
        told = client.chat.completions.create(
            model="mine", messages=served.question(), extra_body={"thinking_budget": THOUGHT}
        )
        message, usage = told.choices[0].message, told.usage
        assert message.content and message.reasoning
        assert usage is not None and usage.completion_tokens_details is not None
        assert 0 < (usage.completion_tokens_details.reasoning_tokens or 0) <= THOUGHT
        for cited in told.ragkit["citations"]:
            assert any(cited["quote"] in p for p in served.questions["ann"][0].passages)
        assert client.embeddings.create(model="mine", input="x").data[0].embedding


def test_the_official_client_streams_the_same_answer(served: Served) -> None:
    with served.client() as client:
        options: Any = {"model": "mine", "messages": served.question(), "extra_body": {"thinking_budget": THOUGHT}}
        whole = client.chat.completions.create(**options)
        parts = list(client.chat.completions.create(**options, stream=True, stream_options={"include_usage": True}))
    deltas = [c.choices[0].delta for c in parts if c.choices]
    assert "".join(d.content or "" for d in deltas) == whole.choices[0].message.content
    thought = "".join(getattr(d, "reasoning", None) or "" for d in deltas)
    assert thought == whole.choices[0].message.reasoning
    assert parts[-1].usage == whole.usage or parts[-1].usage.completion_tokens == whole.usage.completion_tokens
    assert sum(bool(getattr(d, "reasoning", None)) for d in deltas) > 3  # it came in pieces


def test_errors_are_the_official_client_s_own_exceptions(served: Served) -> None:
    with served.client() as client:
        with pytest.raises(openai.NotFoundError):
            client.chat.completions.create(model="nothing", messages=served.question())
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(model="mine", messages=[])
    with served.client("eve") as stranger, pytest.raises(openai.AuthenticationError):
        stranger.models.list()


def leave_in_the_middle(served: Served, *, stream: bool, strategy: str = "self_consistency") -> bool:
    """Ask, hang up once the engine works, and say whether it worked when the line was cut."""
    body = {
        "model": f"mine:{strategy}",
        "messages": served.question(),
        "stream": stream,
        "thinking_budget": 2000,
        "ragkit": {"samples": 8 if strategy == "self_consistency" else 1},
    }
    headers = {"authorization": f"Bearer {served.users[0]}:password of it"}

    async def run() -> bool:
        async with httpx.AsyncClient(base_url=served.base, headers=headers, timeout=60) as client:
            asking = asyncio.ensure_future(_read(client, body))
            for _ in range(3000):
                if served.engine.running or asking.done():
                    break
                await asyncio.sleep(0.002)
            worked = bool(served.engine.running)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            return worked

    return asyncio.run(run())


async def _read(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    async with client.stream("POST", "/v1/chat/completions", json=body) as reply:
        async for _ in reply.aiter_bytes():
            pass


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_goes_away_stops_the_engine(served: Served, stream: bool) -> None:
    worked = [leave_in_the_middle(served, stream=stream) for _ in range(3)]
    assert any(worked)
    assert served.quiet(3)
    assert served.service.in_flight() == {"running": 0, "waiting": 0}


@pytest.mark.slow
def test_fifty_clients_that_go_away_leave_nothing_in_the_engine(served: Served) -> None:
    worked = [leave_in_the_middle(served, stream=True, strategy="cot") for _ in range(50)]
    assert sum(worked) > 25
    assert served.quiet(3)


async def ask_all(served: Served, users: list[str]) -> tuple[list[str], int]:
    """Every user asks every question at once; what went wrong, and how many were told to wait."""
    wrong: list[str] = []
    queued = 0

    async def one(client: httpx.AsyncClient, user: str, asked: Asked) -> None:
        nonlocal queued
        headers = {"authorization": f"Bearer {user}:password of it"}
        body = {
            "model": "mine",
            "stream": True,
            "thinking_budget": THOUGHT,
            "ragkit": {"remember": True},
            "messages": [{"role": "user", "content": asked.text}],
        }
        text, last = "", {}  # type: tuple[str, dict[str, Any]]
        async with client.stream("POST", "/v1/chat/completions", json=body, headers=headers) as reply:
            if reply.status_code != 200:
                wrong.append(f"{reply.status_code}: {await reply.aread()!r}")
                return
            async for line in reply.aiter_lines():
                if not line.startswith("data: {"):
                    continue
                last = json.loads(line.removeprefix("data: "))
                if "error" in last:
                    wrong.append(str(last))
                    return
                queued += last["ragkit"].get("event") == "queued" if "ragkit" in last else 0
                text += last["choices"][0]["delta"].get("content", "")
        told = last["ragkit"]
        (turn,) = served.service.workspace(user).turns(told["conversation"])
        mine = all(any(c["quote"] in p for p in asked.passages) for c in told["citations"])
        if turn.asked != asked.text or turn.answer != text or not mine or not text.strip():
            wrong.append(f"{user}: {asked.text!r} got {text!r}")

    limits = httpx.Limits(max_connections=300)
    async with httpx.AsyncClient(base_url=served.base, timeout=300, limits=limits) as client:
        await asyncio.gather(*(one(client, u, q) for u in users for q in served.questions[u]))
    return wrong, queued


def test_users_who_ask_at_once_get_their_own_answers(served: Served) -> None:
    wrong, _ = asyncio.run(ask_all(served, served.users[:2]))
    assert wrong == []


@pytest.mark.slow
def test_fifty_users_with_five_questions_each_at_once(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    import resource

    users = [f"user{n}" for n in range(50)]
    served.add(users, served.service.config.home / "users.txt")
    used = []
    for round_ in range(2):
        start = time.monotonic()
        wrong, queued = asyncio.run(ask_all(served, users))
        assert wrong == []
        assert queued > 0
        used.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        with capsys.disabled():
            print(
                f"\nround {round_}: 250 answers in {time.monotonic() - start:.1f} s, peak {used[-1]:.0f} MiB", end=" "
            )
    assert served.quiet(3)
    assert used[1] - used[0] < 100  # MiB; the second round holds on to nothing
