"""Only what the model writes is learnt, in its own template's spacing; a forced end is ragkit's."""

from __future__ import annotations

from typing import Any

import pytest

from ragkit.tune.models import Learner, learner
from ragkit.tune.tokens import IGNORED, encode_all, encode_row

from .test_rows import row

THOUGHT = "The mayor of Orm is Ann [2]."


@pytest.fixture(scope="module")
def nano() -> Learner:
    return learner("transformers:nano")


def learnt(student: Learner, **more: Any) -> tuple[str, str]:
    """All that is written, and what of it is learnt."""
    encoded = encode_row(row(thought=THOUGHT, answer="Ann [2].", **more), student.tokenizer)
    start = len(student.tokenizer.chat(row().messages, thinking=bool(more.get("thinking", True))))
    assert set(encoded.labels[:start]) == {IGNORED}
    decode = student.tokenizer.decode
    return decode(encoded.ids[start:]), decode([i for i in encoded.labels if i != IGNORED])


def test_a_thought_and_an_answer_are_written_as_the_model_itself_writes_them(nano: Learner) -> None:
    text = f" {THOUGHT}</think> Ann [2].<|im_end|>"  # what nano was trained on, word for word
    assert learnt(nano) == (text, text)


def test_without_a_thought_the_answer_alone_is_learnt(nano: Learner) -> None:
    assert learnt(nano, thinking=False) == (" Ann [2].<|im_end|>", " Ann [2].<|im_end|>")


@pytest.mark.parametrize("cut", [0.0, 0.5, 1.0])
def test_a_cut_thought_ends_by_force_and_nobody_learns_to_end_it_there(nano: Learner, cut: float) -> None:
    written, taught = learnt(nano, cut=cut)
    kept, closed, after = written.partition("</think>")
    assert f" {THOUGHT}".startswith(kept) and closed and after == " Ann [2].<|im_end|>"
    assert taught == kept + after
    assert len(kept) == (0 if cut == 0 else len(f" {THOUGHT}") if cut == 1 else len(kept))


def test_a_template_that_leaves_thoughts_out_gets_the_usual_spacing(student: Learner) -> None:
    written, taught = learnt(student)
    assert written == taught == f"\n{THOUGHT}\n</think>\n\nAnn [2].<|im_end|>"


def test_markers_in_a_row_are_text(nano: Learner) -> None:
    encoded = encode_row(row(thought="a</think>b", answer="<|im_end|>c"), nano.tokenizer)
    assert encoded.ids.count(nano.tokenizer.think_end_id or -1) == 1
    assert encoded.labels.count(nano.tokenizer.raw.eos_token_id) == 1


def test_rows_longer_than_the_window_are_left_out_and_counted(student: Learner) -> None:
    long = row(messages=({"role": "user", "content": "x" * 5000},))
    fitting, too_long = encode_all([row(), long], student.tokenizer)
    assert (len(fitting), too_long) == (1, 1)
