"""The chat format: what training packs is what the chat template renders and the tokenizer decodes."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from ragkit.nano.chat import CITATIONS, END_THINK, SPECIAL_TOKENS, THINK, context_text, question_text, written_text
from ragkit.nano.training.curriculum import SHORT, lesson_at, make_batch, make_world, pick_question
from ragkit.nano.training.packing import ALWAYS_AT_START, NEVER, Cut, Packer
from ragkit.nano.transcripts import Conversation, read, search
from ragkit.nano.world.worlds import World

SEARCH = [{"type": "function", "function": {"name": "search", "parameters": {"type": "object"}}}]


def a_talk(seed: int, *, language: str = "en", searching: bool = False) -> tuple[World, Conversation]:
    rng = Random(seed)
    world = make_world(rng, level=2, language=language, split="test", long=False, searching=searching)
    question = pick_question(rng, world, {"hop2": 1.0, "none": 1.0})
    assert question is not None
    return world, search(rng, world, question) if searching else read(world, question)


def as_messages(world: World, talk: Conversation) -> list[dict[str, Any]]:
    given = f"{talk.passages}\n\n" if talk.passages else ""
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "Answer from the passages only, and cite them."},
        {"role": "user", "content": f"{given}{world.language.question}{talk.question}"},
    ]
    for turn in talk.turns:
        message: dict[str, Any] = {"role": "assistant", "reasoning_content": turn.thought, "content": turn.answer or ""}
        messages.append(message)
        if turn.query is not None:
            arguments = json.dumps({"query": turn.query}, ensure_ascii=False)
            message["tool_calls"] = [{"type": "function", "function": {"name": "search", "arguments": arguments}}]
            messages.append({"role": "tool", "content": turn.results})
    return messages


def test_fixed_tokens_are_single_and_numbers_are_whole(tokenizer: Any) -> None:
    for text in (*SPECIAL_TOKENS, *CITATIONS, *(f" {n}" for n in range(201))):
        assert len(tokenizer.encode(text, add_special_tokens=False)) == 1, text
    assert not set(CITATIONS) & set(tokenizer.all_special_tokens)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_decoding_gives_back_every_character(tokenizer: Any, language: str) -> None:
    for seed in range(10):
        _world, talk = a_talk(seed, language=language)
        text = f"{talk.passages}\n\n{talk.question} {talk.turns[0].thought}{talk.turns[0].answer} Ünïcode ½ [41] [7]."
        assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False)) == text


@pytest.mark.parametrize("searching", [False, True])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_training_rows_are_the_rendered_chat(tokenizer: Any, packer: Packer, searching: bool, language: str) -> None:
    for seed in range(6):
        world, talk = a_talk(seed, language=language, searching=searching)
        item = packer.item(world, [talk], Random(0), NEVER, 4096)
        text = tokenizer.apply_chat_template(
            as_messages(world, talk), tools=SEARCH if searching else None, tokenize=False
        )
        assert item.ids == tokenizer.encode(text.rstrip("\n"), add_special_tokens=False)
        assert item.positions == list(range(len(item.ids)))


def test_a_prompt_ends_where_the_model_begins_to_write(tokenizer: Any) -> None:
    world, talk = a_talk(1)
    messages = as_messages(world, talk)[:2]
    text = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    assert text == context_text(talk) + question_text(world.language.question, talk)
    shut = tokenizer.apply_chat_template(messages, add_generation_prompt=True, enable_thinking=False, tokenize=False)
    assert shut == text + THINK + END_THINK


def test_thoughts_of_earlier_questions_are_dropped_and_other_tools_ignored(tokenizer: Any) -> None:
    world, talk = a_talk(2)
    messages = as_messages(world, talk)
    again = [*messages, {"role": "user", "content": "Question: Who?"}]
    text = tokenizer.apply_chat_template(again, add_generation_prompt=True, tokenize=False)
    assert talk.turns[0].thought not in text
    assert THINK not in text
    assert talk.turns[0].answer is not None
    assert talk.turns[0].answer in text
    tools = [{"type": "function", "function": {"name": "calculator"}}, *SEARCH]
    assert tokenizer.apply_chat_template(messages, tools=tools, tokenize=False) == tokenizer.apply_chat_template(
        messages, tools=SEARCH, tokenize=False
    )


def test_a_cut_thought_carries_no_loss_on_its_closing_tag(packer: Packer) -> None:
    _world, talk = a_talk(3)
    for seed in range(30):
        ids, weights = packer.written(talk.turns[0].thought, written_text(talk.turns[0]), Random(seed), Cut(1.0, 0.0))
        close = ids.index(packer.end_think)
        assert weights[close] == 0
        answer = packer.encode(written_text(talk.turns[0]))
        assert ids[-len(answer) :] == answer
        assert all(weights[-len(answer) :])
    ids, _ = packer.written("A thought.", " An answer.", Random(1), ALWAYS_AT_START)
    assert ids == [packer.think, packer.end_think, *packer.encode(" An answer.")]


def test_batches_are_full_rows_and_the_same_for_a_seed(packer: Packer) -> None:
    one, two = (make_batch(5, packer, 0.5, 4 * SHORT) for _ in range(2))
    for name, array in one.items():
        assert (array == two[name]).all()
        assert array.size == 4 * SHORT
    assert (one["documents"] >= 0).mean() > 0.85
    assert one["weights"].sum() > 0.2 * one["weights"].size
    assert lesson_at(0.0) != lesson_at(1.0)


def test_questions_beside_one_another_share_only_the_passages(packer: Packer) -> None:
    rng = Random(4)
    world = make_world(rng, level=2, language="en", split="train", long=False, searching=False)
    questions = [q for kind in ("hop1", "hop2", "none") if (q := pick_question(rng, world, {kind: 1.0})) is not None]
    item = packer.item(world, [read(world, q) for q in questions], rng, NEVER, 4096)
    starts = {item.positions[item.segments.index(segment)] for segment in range(1, len(questions) + 1)}
    assert starts == {item.segments.count(0)}, "each question starts right after the passages"
