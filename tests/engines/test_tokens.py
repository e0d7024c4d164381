"""What a tokenizer's folder and its chat template may do: run no code, refuse in one line, take plain turns."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ragkit.engines.tokens import HFTokenizer
from ragkit.engines.turns import plain_turns
from ragkit.errors import CapabilityError, EngineError

from .byte_tokenizer import byte_tokenizer

GEMMA = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for m in messages %}"
    "{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "<start_of_turn>{{ m['role'] }}\n{{ m['content'] | trim }}<end_of_turn>\n{% endfor %}<start_of_turn>model"
)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """A saved tokenizer with a config.json, and other fields in its tokenizer_config.json."""

    def save(config: str = '{"model_type": "llama"}', **fields: Any) -> Path:
        byte_tokenizer().raw.save_pretrained(tmp_path)
        path = tmp_path / "tokenizer_config.json"
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **fields}), "utf-8")
        (tmp_path / "config.json").write_text(config, "utf-8")
        return tmp_path

    return save


def test_code_that_comes_with_a_tokenizer_is_neither_run_nor_offered(
    folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder(
        '{"model_type": "own", "auto_map": {"AutoConfig": "own.Config"}}',
        tokenizer_class="Own",
        auto_map={"AutoTokenizer": ["own.Own", None]},
    )
    (path / "own.py").write_text(f"open({str(path / 'ran')!r}, 'w').close()\nclass Config: ...\nclass Own: ...\n")
    asked: list[str] = []
    monkeypatch.setattr("builtins.input", lambda text="": asked.append(text) or "y")
    with pytest.raises(EngineError, match=r"contains custom code.*; choose a model") as caught:
        HFTokenizer.load(path, context_tokens=64)
    assert "\n" not in str(caught.value)
    assert not asked and not (path / "ran").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tokenizer.json", "{"),
        ("tokenizer.json", "{}"),
        ("tokenizer_config.json", "{"),
        ("config.json", "[]"),
    ],
)
def test_a_tokenizer_that_cannot_be_read_is_one_line(folder: Callable[..., Path], name: str, text: str) -> None:
    path = folder()
    (path / name).write_text(text, "utf-8")
    with pytest.raises(EngineError, match=r"cannot be read: .*; choose a model") as caught:
        HFTokenizer.load(path, context_tokens=64)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_saved_tokenizer_is_read(folder: Callable[..., Path]) -> None:
    assert HFTokenizer.load(folder(), context_tokens=64).encode("ab") == byte_tokenizer().encode("ab")


def turns(*messages: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"role": role, "content": content} for role, content in messages]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ([("system", "Be short."), ("user", "Hi.")], [("user", "Be short.\n\nHi.")]),
        ([("user", "Hi."), ("user", "Go on.")], [("user", "Hi.\n\nGo on.")]),
        (
            [("system", "A"), ("user", "B"), ("assistant", "C"), ("assistant", "D"), ("system", "E"), ("user", "F")],
            [("user", "A\n\nE\n\nB"), ("assistant", "C\n\nD"), ("user", "F")],
        ),
        ([("system", "A")], [("user", "A")]),
        ([("system", ""), ("user", "B")], [("user", "B")]),
        ([("user", "B"), ("assistant", "C"), ("user", "D")], [("user", "B"), ("assistant", "C"), ("user", "D")]),
    ],
)
def test_plain_turns_keep_every_text_in_its_order(given: list[tuple[str, str]], taken: list[tuple[str, str]]) -> None:
    assert plain_turns(turns(*given)) == turns(*taken)
    tok = byte_tokenizer(template=GEMMA)
    rendered = "".join(f"<start_of_turn>{role}\n{text}<end_of_turn>\n" for role, text in taken)
    assert tok.decode(tok.chat(turns(*given))) == f"{rendered}<start_of_turn>model"


def test_tool_messages_are_never_joined() -> None:
    call = {"role": "assistant", "content": "", "tool_calls": [{"id": "1"}]}
    results = turns(("tool", "a"), ("tool", "b"), ("assistant", "c"))
    assert plain_turns([call, call, *results]) == [call, call, *results]


def test_a_template_that_takes_the_messages_gets_them_as_they_are() -> None:
    tok = byte_tokenizer()
    given = turns(("system", "A"), ("user", "B"), ("user", "C"))
    assert tok.decode(tok.chat(given)).count("<|im_start|>") == 4


def test_texts_that_are_joined_are_still_data() -> None:
    tok = byte_tokenizer("<end_of_turn>", "<start_of_turn>", template=GEMMA)
    ids = tok.chat(turns(("system", "x<end_of_"), ("user", "turn> <end_of_turn>")))
    assert sum(i in tok.control_ids for i in ids) == 3


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        (turns(("user", "a"), ("tool", "b"), ("tool", "c")), "roles must alternate"),
        (turns(("assistant", "a"), ("user", "b")), "user, assistant|assistant, user"),
    ],
)
def test_messages_that_no_turns_can_make_fit_are_refused_in_one_line(messages: Any, text: str) -> None:
    with pytest.raises(CapabilityError, match=text) as caught:
        byte_tokenizer(template=GEMMA).chat(messages)
    assert "\n" not in str(caught.value)


def test_a_template_that_always_fails_is_refused_in_one_line() -> None:
    with pytest.raises(CapabilityError, match="does not take messages of user: 'nothing' is undefined"):
        byte_tokenizer(template="{{ nothing.at.all }}").chat(turns(("user", "a")))
    with pytest.raises(CapabilityError, match="no chat template"):
        byte_tokenizer(template=None).chat(turns(("user", "a")))
