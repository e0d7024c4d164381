"""Conversations in the plainest form: users and assistants in turn, and no system role.

    system: Be short.                                user: Be short.
    user: Hi.              becomes                         (blank line)
                                                           Hi.

Chat templates such as Gemma 2's refuse anything else.
"""

from __future__ import annotations

from collections.abc import Sequence

from .base import Message

__all__ = ["plain_turns"]


def plain_turns(messages: Sequence[Message]) -> list[Message]:
    """Return `messages` with the system's text before the first user's, and each speaker's neighbouring texts joined.

    A blank line stands between what was joined. Messages with tool calls, and those of tools, stay as they are.
    """
    system = [{**m, "role": "user"} for m in messages if m.get("role") == "system"]
    others = [m for m in messages if m.get("role") != "system"]
    first = next((k for k, m in enumerate(others) if m.get("role") == "user"), 0)
    turns: list[Message] = []
    for message in (*others[:first], *system, *others[first:]):
        if turns and _joins(turns[-1], message):
            texts = (turns[-1]["content"], message["content"])
            turns[-1] = {**turns[-1], "content": "\n\n".join(t for t in texts if t)}
        else:
            turns.append(message)
    return turns


def _joins(before: Message, after: Message) -> bool:
    """Whether two messages are texts of one speaker."""
    texts = all(isinstance(m.get("content"), str) and not m.get("tool_calls") for m in (before, after))
    return texts and before.get("role") == after.get("role") in ("user", "assistant")
