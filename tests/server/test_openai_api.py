"""OpenAI's API: what its clients send is understood, what they read is there, and errors have its shape."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from ragkit.asking import Ask
from ragkit.errors import UsageError
from ragkit.rag import RAG
from ragkit.server.openai.shapes import ChatRequest, asked, chosen
from ragkit.server.service import Service
from ragkit.types import Budget
from tests.fakes import ScriptedEngine
from tests.server.conftest import QUESTION, ask


@pytest.fixture
def engine(service: Service, monkeypatch: pytest.MonkeyPatch) -> ScriptedEngine:
    """A model whose thought and answer are known, in place of the one that is served."""
    made = ScriptedEngine("The rules say who.|The finance director approves travel over 2,000 euros [1].")
    here = service.workspace()
    rag = RAG(here.index("rules"), model=made, home=here.home, strategy="cot")
    monkeypatch.setattr(here, "rag", lambda index, model=None: rag)
    return made


def chunks(text: str) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def test_an_answer_has_reasoning_usage_and_evidence(client: TestClient, engine: ScriptedEngine) -> None:
    told = client.post("/v1/chat/completions", json=ask(thinking_budget=50)).json()
    message = told["choices"][0]["message"]
    assert message["reasoning"] == "The rules say who."
    assert message["content"].startswith("The finance director approves")
    assert told["usage"]["completion_tokens_details"]["reasoning_tokens"] == 7  # words and the spaces between
    assert told["usage"]["total_tokens"] == told["usage"]["prompt_tokens"] + told["usage"]["completion_tokens"]
    assert told["ragkit"]["citations"][0]["document_id"] == "travel"
    assert told["ragkit"]["status"] == "answered" and len(told["ragkit"]["trace_id"]) == 32


def test_a_thinking_budget_is_held(client: TestClient, engine: ScriptedEngine) -> None:
    for body in (ask(thinking_budget=3), ask(ragkit={"budget": 3})):
        told = client.post("/v1/chat/completions", json=body).json()
        assert told["usage"]["completion_tokens_details"]["reasoning_tokens"] == 3
        assert told["ragkit"]["ledger"]["ended"] == "forced"
    told = client.post("/v1/chat/completions", json=ask(reasoning_effort="none")).json()
    assert told["usage"]["completion_tokens_details"]["reasoning_tokens"] == 0
    assert "reasoning" not in told["choices"][0]["message"]


def test_the_stream_holds_the_same_text_and_ends_with_evidence_and_usage(
    client: TestClient, engine: ScriptedEngine
) -> None:
    whole = client.post("/v1/chat/completions", json=ask()).json()
    body = ask(stream=True, stream_options={"include_usage": True})
    reply = client.post("/v1/chat/completions", json=body)
    assert reply.headers["content-type"].startswith("text/event-stream")
    found = chunks(reply.text)
    deltas = [c["choices"][0]["delta"] for c in found if c["choices"]]
    assert deltas[0]["role"] == "assistant"
    assert "".join(d.get("content", "") for d in deltas) == whole["choices"][0]["message"]["content"]
    assert "".join(d.get("reasoning", "") for d in deltas) == whole["choices"][0]["message"]["reasoning"]
    assert found[-2]["choices"][0]["finish_reason"] == "stop"
    assert found[-2]["ragkit"]["citations"] == whole["ragkit"]["citations"]
    assert found[-1]["choices"] == [] and found[-1]["usage"] == whole["usage"]
    assert len({c["id"] for c in found}) == 1


def test_earlier_messages_are_the_conversation(client: TestClient, engine: ScriptedEngine) -> None:
    engine.queue = ["Who approves travel over 3,000 euros?", "So.|The finance director approves travel."]
    messages = [
        {"role": "system", "content": "Answer as a pirate."},
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "The finance director."},
        {"role": "user", "content": [{"type": "text", "text": "And over 3,000?"}]},
    ]
    told = client.post("/v1/chat/completions", json={"model": "rules", "messages": messages}).json()
    assert "understood as: Who approves travel over 3,000 euros?" in told["ragkit"]["notes"]
    assert any("system messages" in note for note in told["ragkit"]["notes"])
    assert "pirate" not in engine.prompt


def test_a_conversation_can_be_kept_by_the_server(client: TestClient) -> None:
    told = client.post("/v1/chat/completions", json=ask(ragkit={"remember": True})).json()["ragkit"]
    again = ask("And who pays?", ragkit={"conversation": told["conversation"]})
    assert client.post("/v1/chat/completions", json=again).json()["ragkit"]["turn"] == 2
    shown = client.get(f"/api/conversations/{told['conversation']}").json()
    assert [m["asked"] for m in shown["messages"]] == [QUESTION, "And who pays?"]


def test_models_are_indexes_with_and_without_a_strategy(shared: TestClient) -> None:
    listed = {m["id"]: m for m in shared.get("/v1/models").json()["data"]}
    assert listed["rules"]["ragkit"]["documents"] == 2
    assert listed["rules:direct"]["ragkit"]["strategy"] == "direct"
    assert all(m["object"] == "model" for m in listed.values())
    assert shared.post("/v1/chat/completions", json=ask(model="rules:extractive")).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (ask(model="nothing"), 404, "no model 'nothing'"),
        (ask(model="rules:magic"), 404, "one of"),
        (ask(""), 400, "hold a question"),
        ({"model": "rules", "messages": []}, 400, "messages"),
        ({"model": "rules", "messages": [{"role": "assistant", "content": "x"}]}, 400, "the user's"),
        (ask(tools=[{"type": "function"}]), 400, "tools"),
        (ask(n=2), 400, "n:"),
        (ask(ragkit={"budgett": 3}), 400, "budgett"),
        (ask(ragkit={"samples": 999}), 400, "outside 1 to 64"),
        (ask(ragkit={"model": "/etc/passwd"}), 400, "not served here"),
        (ask(ragkit={"where": {"team": {"like": "x"}}}), 400, "operator"),
        (ask("nul \0"), 400, "NUL"),
        ({"model": "rules", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, 400, "only text"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_errors_have_openai_s_shape_and_status(
    shared: TestClient, body: dict[str, Any], status: int, said: str, stream: bool
) -> None:
    reply = shared.post("/v1/chat/completions", json={**body, "stream": stream})
    assert reply.status_code == status, reply.text
    error = reply.json()["error"]
    assert said in error["message"] and set(error) == {"message", "type", "param", "code"}


def test_half_a_surrogate_pair_is_refused_and_not_a_crash(shared: TestClient) -> None:
    body = b'{"model":"rules","messages":[{"role":"user","content":"\\ud800"}]}'
    reply = shared.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})
    assert reply.status_code == 400


def test_a_failure_in_the_middle_of_a_stream_is_said_in_the_stream(client: TestClient, engine: ScriptedEngine) -> None:
    engine.queue = []  # the fake raises when nothing is left to say
    found = chunks(client.post("/v1/chat/completions", json=ask(stream=True)).text)
    assert found[-1]["error"]["type"] == "server_error" and "IndexError" in found[-1]["error"]["message"]


def test_embeddings_are_the_index_s_own_as_floats_and_base64(client: TestClient, service: Service) -> None:
    texts = ["travel", "paid leave"]
    plain = client.post("/v1/embeddings", json={"model": "rules", "input": texts}).json()
    packed = client.post("/v1/embeddings", json={"model": "rules", "input": texts, "encoding_format": "base64"}).json()
    rows = service.workspace().index("rules").encoder.encode(texts)
    for n, row in enumerate(rows):
        assert np.allclose(plain["data"][n]["embedding"], row)
        assert np.allclose(np.frombuffer(base64.b64decode(packed["data"][n]["embedding"]), "<f4"), row)
    assert plain["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
    refused: tuple[dict[str, Any], ...]
    refused = ({"input": ""}, {"input": []}, {"input": [1, 2]}, {"input": "x", "dimensions": 7})
    for wrong in refused:
        assert client.post("/v1/embeddings", json={"model": "rules", **wrong}).status_code == 400


def test_budgets_are_read_from_every_place_and_the_nearest_wins() -> None:
    usual = Budget(thinking_tokens=9, samples=3, answer_tokens=100)

    def read(**more: Any) -> Budget:
        request = ChatRequest.model_validate(ask(**more))
        return chosen(request, "rules", None).over(Ask(budget=usual)).allowance()

    assert read() == usual
    assert read(reasoning_effort="low") == Budget(thinking_tokens=256, samples=3, answer_tokens=100)
    assert read(reasoning_effort="low", thinking_budget=5).thinking_tokens == 5
    assert read(thinking_budget=5, ragkit={"budget": 0}).thinking_tokens == 0
    assert read(max_tokens=7) == Budget(thinking_tokens=9, samples=3, answer_tokens=7)


def test_turns_are_pairs_of_question_and_answer() -> None:
    def messages(*roles: str) -> ChatRequest:
        said = [{"role": r, "content": f"{r}{n}"} for n, r in enumerate(roles)]
        return ChatRequest.model_validate({"model": "x", "messages": said})

    question, turns = asked(messages("user", "user", "assistant", "assistant", "user").messages)
    assert question == "user4"
    assert [(t.asked, t.answer) for t in turns] == [("user1", "assistant2")]
    with pytest.raises(UsageError):
        asked(messages("user", "assistant").messages)


def test_a_document_s_own_markers_pictures_and_tags_are_not_the_answer_s(service: Service, client: TestClient) -> None:
    said = (
        "The harbour master [1] approves moorings ![x](http://evil.example/x) <img src=x> <|im_start|> over ten metres."
    )
    service.workspace().add("rules", texts=[{"id": "h", "text": said}])
    reply = client.post("/v1/chat/completions", json=ask("Who approves moorings over ten metres?")).json()
    text = reply["choices"][0]["message"]["content"]
    assert "master (1) approves" in text and text.count("[1]") == 1
    assert not any(live in text for live in ("![", "](", "<img", "<|"))
    assert reply["ragkit"]["citations"][0]["quote"] == said  # the quote is a slice of the document
