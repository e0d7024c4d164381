"""Other people's clients against the real server: OpenAI's own, and what stands on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import SecretStr

from ragkit.index import held
from ragkit.rag import RAG
from ragkit.server import create_app
from ragkit.server.service import Service
from ragkit.server.settings import ServiceSettings
from ragkit.server.workspace import Workspace
from tests.fakes import ScriptedEngine, WordEncoder
from tests.server.conftest import QUESTION, filled
from tests.server.live import serving

SAID = "The finance director approves travel over 2,000 euros [1]. END Ask again."
ASK: list[Any] = [{"role": "user", "content": QUESTION}]


@pytest.fixture(scope="module")
def engine() -> ScriptedEngine:
    return ScriptedEngine(f"The rules say who.|{SAID}")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, engine: ScriptedEngine) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held, "encoder_named", WordEncoder)
        service = filled(Service(ServiceSettings(home=tmp_path_factory.mktemp("served"), per_minute=0)))
        here = service.workspace()
        rag = RAG(here.index("rules"), model=engine, home=here.home, strategy="cot")
        patch.setattr(Workspace, "rag", lambda self, index, model=None: rag)
        with serving(create_app(service)) as base:
            yield f"{base}/v1"
        service.close()


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=url, api_key="none", max_retries=0) as made:
        yield made


def test_models_are_listed_and_retrieved_and_a_missing_one_is_model_not_found(client: openai.OpenAI) -> None:
    listed = [model.id for model in client.models.list()]
    assert "rules" in listed and "rules:direct" in listed
    for name in ("rules", "rules:direct", "rules+rules"):
        assert client.models.retrieve(name).id == name
    wrong: tuple[Any, ...] = (
        lambda: client.models.retrieve("nothing"),
        lambda: client.chat.completions.create(model="nothing", messages=ASK),
        lambda: client.embeddings.create(model="nothing", input="x"),
        lambda: client.responses.create(model="nothing", input="x"),
    )
    for call in wrong:
        with pytest.raises(openai.NotFoundError) as caught:
            call()
        assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
        assert "no model 'nothing'" in caught.value.message


def test_a_chat_is_whole_and_streamed_the_same_with_its_usage(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="rules", messages=ASK)
    assert whole.choices[0].finish_reason == "stop"
    assert whole.usage is not None and whole.usage.total_tokens > whole.usage.completion_tokens > 0
    text, reasons, usages = "", [], []
    options: Any = {"include_usage": True}
    for chunk in client.chat.completions.create(model="rules", messages=ASK, stream=True, stream_options=options):
        text += "".join(choice.delta.content or "" for choice in chunk.choices)
        reasons += [choice.finish_reason for choice in chunk.choices if choice.finish_reason]
        usages += [chunk.usage] if chunk.usage else []
    assert text == whole.choices[0].message.content == SAID
    assert reasons == ["stop"] and usages == [whole.usage]


@pytest.mark.parametrize("stop", ["END", ["never", " END"], ["Ask", "2,000 euros [1]. E"]])
def test_an_answer_ends_before_the_first_stop_string(client: openai.OpenAI, stop: Any) -> None:
    expected = SAID[: min(at for s in ([stop] if isinstance(stop, str) else stop) if (at := SAID.find(s)) >= 0)]
    whole = client.chat.completions.create(model="rules", messages=ASK, stop=stop)
    assert (whole.choices[0].message.content, whole.choices[0].finish_reason) == (expected, "stop")
    streamed = client.chat.completions.create(model="rules", messages=ASK, stop=stop, stream=True)
    assert "".join(c.delta.content or "" for chunk in streamed for c in chunk.choices) == expected


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_an_answer_that_is_cut_says_length(client: openai.OpenAI, field: str) -> None:
    most: Any = {field: 5}
    whole = client.chat.completions.create(model="rules", messages=ASK, **most)
    assert whole.choices[0].finish_reason == "length"
    assert whole.choices[0].message.content == "The finance director"
    streamed = client.chat.completions.create(model="rules", messages=ASK, stream=True, **most)
    assert [c.finish_reason for chunk in streamed for c in chunk.choices][-1] == "length"
    told = client.responses.create(model="rules", input=QUESTION, max_output_tokens=5)
    assert told.status == "incomplete" and told.incomplete_details is not None
    assert told.incomplete_details.reason == "max_output_tokens"


def test_temperature_top_p_and_seed_reach_the_model(client: openai.OpenAI, engine: ScriptedEngine) -> None:
    client.chat.completions.create(model="rules", messages=ASK, temperature=1.3, top_p=0.7, seed=17)
    last = engine.history[-1]
    assert (last.temperature, last.top_p, last.seed) == (1.3, 0.7, 17)
    client.chat.completions.create(model="rules", messages=ASK)
    last = engine.history[-1]
    assert (last.temperature, last.top_p, last.seed) == (0.0, 1.0, None)
    client.responses.create(model="rules", input=QUESTION, temperature=0.4, top_p=0.9)
    assert (engine.history[-1].temperature, engine.history[-1].top_p) == (0.4, 0.9)


SERVED: dict[str, Any] = {
    "n": 1,
    "logprobs": False,
    "response_format": {"type": "text"},
    "tool_choice": "none",
    "presence_penalty": 0,
    "frequency_penalty": 0.0,
    "logit_bias": {},
    "modalities": ["text"],
    "store": False,
    "user": "ann",
    "metadata": {"a": "b"},
    "parallel_tool_calls": True,
    "service_tier": "auto",
    "temperature": 2,
    "reasoning_effort": "low",
}
REFUSED: dict[str, Any] = {
    "n": 2,
    "logprobs": True,
    "top_logprobs": 3,
    "response_format": {"type": "json_object"},
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
    "tool_choice": "required",
    "presence_penalty": 0.5,
    "frequency_penalty": -1,
    "logit_bias": {"5": 1},
    "modalities": ["audio"],
    "audio": {"voice": "alloy", "format": "wav"},
    "store": True,
    "web_search_options": {},
    "temperature": 2.1,
    "top_p": 0,
    "stop": [""],
    "max_tokens": 0,
    "seed": "x",
    "functions": [{"name": "f"}],
    "frequency": 1,
}


@pytest.mark.parametrize("field", list(SERVED))
def test_a_field_that_asks_for_what_there_is_is_served(client: openai.OpenAI, field: str) -> None:
    assert client.chat.completions.create(model="rules", messages=ASK, extra_body={field: SERVED[field]}).choices


@pytest.mark.parametrize("field", list(REFUSED))
def test_a_field_that_cannot_be_served_is_refused_by_its_name(client: openai.OpenAI, field: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="rules", messages=ASK, extra_body={field: REFUSED[field]})
    assert field in caught.value.message
    assert caught.value.type == "invalid_request_error" and "\n" not in caught.value.message


def test_developer_messages_are_told_of_and_tool_results_refused(client: openai.OpenAI) -> None:
    told = client.chat.completions.create(
        model="rules", messages=[{"role": "developer", "content": "Speak like a pirate."}, *ASK]
    )
    assert any("no effect" in note for note in told.model_extra["ragkit"]["notes"])
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(
            model="rules", messages=[*ASK, {"role": "tool", "tool_call_id": "1", "content": "5"}]
        )
    assert caught.value.param == "messages.1.role"


def test_embeddings_take_the_encoder_s_name_and_refuse_what_it_cannot_make(client: openai.OpenAI) -> None:
    name = client.models.retrieve("rules").model_extra["ragkit"]["encoder"]
    for model in ("rules", name, name.rpartition("/")[2]):
        made = client.embeddings.create(model=model, input=["travel", "leave"], dimensions=32)
        assert [len(row.embedding) for row in made.data] == [32, 32]
        assert made.usage.total_tokens == 2
    for field, value in (("dimensions", 8), ("input", [1, 2, 3]), ("input", [[1, 2], [3]]), ("input", "")):
        with pytest.raises(openai.BadRequestError) as caught:
            client.embeddings.create(**{"model": "rules", "input": "travel", field: value})
        assert field in caught.value.message


def test_a_response_has_thought_text_and_citations_at_their_markers(client: openai.OpenAI) -> None:
    told = client.responses.create(model="rules", input=QUESTION, instructions="Be brief.", reasoning={"effort": "low"})
    assert (told.status, told.output_text) == ("completed", SAID)
    assert [item.type for item in told.output] == ["reasoning", "message"]
    (note,) = told.output[-1].content[0].annotations
    assert note.type == "file_citation" and note.file_id == "travel"
    assert SAID[note.index :].startswith("[1]")
    assert told.usage is not None and told.usage.output_tokens_details.reasoning_tokens > 0
    talk: list[Any] = [
        {"role": "user", "content": "Who approves travel?"},
        *told.output,
        {"role": "user", "content": [{"type": "input_text", "text": "And over 3,000 euros?"}]},
    ]
    assert client.responses.create(model="rules", input=talk).output_text == SAID


def test_a_streamed_response_is_numbered_and_adds_up_to_the_whole(client: openai.OpenAI) -> None:
    events = list(client.responses.create(model="rules", input=QUESTION, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    kinds = [event.type for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"] and kinds[-1] == "response.completed"
    assert kinds.count("response.output_item.added") == kinds.count("response.output_item.done") == 2
    assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == SAID
    assert "".join(e.delta for e in events if e.type == "response.reasoning_text.delta") == "The rules say who."
    with client.responses.stream(model="rules", input=QUESTION) as stream:
        assert stream.get_final_response().output_text == SAID


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tools", [{"type": "web_search"}]),
        ("store", True),
        ("previous_response_id", "resp_1"),
        ("text", {"format": {"type": "json_object"}}),
        ("background", True),
        ("input", [{"type": "function_call_output", "call_id": "1", "output": "5"}]),
        ("input", [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}]),
        ("frequency", 1),
    ],
)
def test_a_response_refuses_by_name_what_it_cannot_serve(client: openai.OpenAI, field: str, value: Any) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model="rules", input="travel", extra_body={field: value})
    assert field in caught.value.message


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/nothing", 404, "unknown_url"),
        ("post", "/images/generations", 404, "unknown_url"),
        ("get", "/chat/completions", 405, "method_not_supported"),
        ("delete", "/models/rules", 405, "method_not_supported"),
        ("post", "/models", 405, "method_not_supported"),
    ],
)
def test_what_is_not_there_is_said_in_the_one_shape(
    client: openai.OpenAI, method: str, path: str, status: int, code: str
) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        getattr(client, method)(path, cast_to=object)
    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert caught.value.type == "invalid_request_error"
    assert (caught.value.response.headers.get("allow") is not None) is (status == 405)


@pytest.mark.parametrize("responses", [False, True])
def test_langchain_s_chat_model_asks_streams_and_counts(url: str, responses: bool) -> None:
    key = SecretStr("none")
    model = ChatOpenAI(base_url=url, api_key=key, model="rules", temperature=0.2, use_responses_api=responses)
    told = model.invoke([("system", "Be brief."), ("user", QUESTION)])
    assert told.text == SAID
    assert told.usage_metadata is not None and told.usage_metadata["output_token_details"]["reasoning"] == 7
    assert "".join(chunk.text for chunk in model.stream(QUESTION)) == SAID
    with pytest.raises(openai.BadRequestError, match="tools"):
        model.bind_tools([{"type": "function", "function": {"name": "f", "parameters": {}}}]).invoke(QUESTION)


def test_langchain_s_embeddings_take_text(url: str) -> None:
    key = SecretStr("none")
    made = OpenAIEmbeddings(base_url=url, api_key=key, model="rules", check_embedding_ctx_length=False)
    assert len(made.embed_query("travel")) == 32
