"""A tokenizer that keeps text and control apart, and a decoder that turns arriving ids into text.

Whatever comes from documents or users is data: `encode` and `chat` guarantee that no piece of it becomes a control
token (`<think>`, `<|im_end|>`, `<tool_call>`…), for any tokenizer: the ids are looked at, not only the text.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import CapabilityError, EngineError, UsageError
from .base import Message
from .budgets import is_open, neutralise, scrub
from .markers import THOUGHT_MARKERS, TOOL_MARKERS, held_back
from .turns import plain_turns

__all__ = ["THOUGHT_MARKERS", "TOOL_MARKERS", "HFTokenizer", "TextStream"]


class HFTokenizer:
    """A Hugging Face tokenizer seen as `base.Tokenizer`. `context_tokens` is set by the engine that owns it."""

    def __init__(self, tokenizer: Any, *, context_tokens: int) -> None:
        self.raw = tokenizer
        self.context_tokens = context_tokens
        added = {int(i): str(t.content) for i, t in tokenizer.added_tokens_decoder.items()}
        vocabulary = {text: i for i, text in added.items()}
        pair = next(((a, b) for a, b in THOUGHT_MARKERS if a in vocabulary and b in vocabulary), None)
        self.think_start_id: int | None = vocabulary[pair[0]] if pair else None
        self.think_end_id: int | None = vocabulary[pair[1]] if pair else None
        self.reasoning_parser: str | None = THOUGHT_MARKERS[pair] if pair else None
        special = {str(t.content) for t in tokenizer.added_tokens_decoder.values() if t.special}
        control = {i: text for i, text in added.items() if self._is_control(text, text in special)}
        self.specials = tuple(control.values())
        self.control_ids = frozenset(control)
        self.scrubbed = tuple((special | set(pair or ())) - set(TOOL_MARKERS))
        ends = {tokenizer.eos_token_id, *(vocabulary.get(t) for t in ("<|im_end|>", "<|eot_id|>", "<end_of_turn>"))}
        self.stop_ids: tuple[int, ...] = tuple(sorted(int(i) for i in ends if i is not None))

    @classmethod
    def load(cls, model: str | Path, *, context_tokens: int) -> HFTokenizer:
        """Read the tokenizer of a folder or of a model in the cache; code that comes with it is never run.

        Raises EngineError if there is none that transformers itself can read.
        """
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from transformers import AutoTokenizer

        try:
            # False, not left open: open means to ask on the terminal, and to run the folder's code on "y"
            raw = AutoTokenizer.from_pretrained(str(model), trust_remote_code=False)
        except (OSError, ValueError, KeyError, TypeError) as exc:
            told = _first_line(exc).rstrip(" .")
            raise EngineError(
                f"the tokenizer of {str(model)!r} cannot be read: {told}; choose a model with a tokenizer.json that "
                "needs no code of its own"
            ) from exc
        return cls(raw, context_tokens=context_tokens)

    def _is_control(self, text: str, special: bool) -> bool:
        """Tell control tokens from words merely added to the vocabulary, such as ``[1]`` or runs of spaces."""
        if not text.strip():
            return False
        known = any(text in pair for pair in (*THOUGHT_MARKERS, TOOL_MARKERS)) or re.fullmatch(r"<\|.*\|>", text)
        return special or bool(known) or (len(text) > 2 and text in str(self.raw.chat_template or ""))

    def clean(self, text: str) -> str:
        """Return `text` such that encoding it yields no control token; a text without markers stays as it is."""
        for candidate in (text, unicodedata.normalize("NFKC", text), re.sub(r"[^\w\s.,;:?!()'-]", " ", text)):
            safe = neutralise(candidate, self.specials)
            if self.control_ids.isdisjoint(self._ids(safe)):
                return safe
        raise UsageError(f"the text beginning {text[:40]!r} cannot be told from control tokens; leave it out")

    def encode(self, text: str) -> list[int]:
        """Return the ids of `text` as data, without control tokens."""
        return self._ids(self.clean(text))

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of `ids`, control tokens included."""
        return str(self.raw.decode(list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False))

    def plain(self, text: str) -> str:
        """Return model output without any marker that is not a tool call."""
        return scrub(text, self.scrubbed)

    def chat(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = (), *, thinking: bool = True
    ) -> list[int]:
        """Return the prompt of a conversation, ending in an open thought, or in a closed one if not `thinking`.

        Every string inside the messages and the tools is data. Raises CapabilityError if the model has no chat format,
        or one that does not take such messages.
        """
        ids = self._ids(self._rendered(messages, tools, thinking))
        start, end = self.think_start_id, self.think_end_id
        if start is None or end is None:
            return ids
        opened = is_open(ids, start, end)
        if thinking:
            return ids if opened else [*ids, start]
        if opened:
            return [*ids, end]
        return ids if self._ends_with(ids, end) else [*ids, start, end]

    def _rendered(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]], thinking: bool) -> str:
        """Fill in the chat template; one that refuses the messages gets them as plain alternating turns."""
        from jinja2 import TemplateError

        if self.raw.chat_template is None:
            raise CapabilityError("the model has no chat template; choose an instruction-tuned model")

        def fill(given: Sequence[Message]) -> str:
            text = self.raw.apply_chat_template(
                [self._clean_tree(dict(m)) for m in given],
                tools=[self._clean_tree(dict(t)) for t in tools] or None,
                add_generation_prompt=True,
                tokenize=False,
                enable_thinking=thinking,
            )
            return str(text)

        try:
            return fill(messages)
        except TemplateError:
            try:
                return fill(plain_turns(messages))
            except TemplateError as exc:
                roles = ", ".join(dict.fromkeys(str(m.get("role")) for m in messages))
                raise CapabilityError(
                    f"the model's chat template does not take messages of {roles}: {_first_line(exc)}; "
                    "choose another model or strategy"
                ) from exc

    def _ends_with(self, ids: Sequence[int], marker: int) -> bool:
        """Whether nothing but white space follows `marker`."""
        for k in range(len(ids) - 1, max(-1, len(ids) - 4), -1):
            if ids[k] == marker:
                return True
            if self.decode(ids[k : k + 1]).strip():
                return False
        return False

    def _clean_tree(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, Mapping):
            return {k: v if k in ("role", "type") else self._clean_tree(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._clean_tree(v) for v in value]
        return value

    def _ids(self, text: str) -> list[int]:
        return list(self.raw(text, add_special_tokens=False).input_ids)


def _first_line(exc: Exception) -> str:
    return (str(exc).strip() or type(exc).__name__).splitlines()[0]


class TextStream:
    """Decode ids as they arrive: text comes out as soon as its bytes are complete, and is never taken back.

    `stop` strings and `hidden` ones (such as the opening of a tool call) hold back what might begin one of them; after
    one of them has come, nothing more comes out and `stopped` tells which it was. `dropped` ones are left out.
    """

    def __init__(
        self,
        tokenizer: HFTokenizer,
        *,
        stop: Sequence[str] = (),
        hidden: Sequence[str] = (),
        dropped: Sequence[str] = (),
    ) -> None:
        self._tokenizer = tokenizer
        self._ends = (*stop, *hidden)
        self._dropped = tuple(dropped)
        self._ids: list[int] = []
        self._prefix = self._read = 0
        self._held = ""
        self.stopped: str | None = None

    def push(self, ids: Sequence[int]) -> str:
        """Take new ids; return the text that is certain by now."""
        self._ids.extend(ids)
        before = self._tokenizer.decode(self._ids[self._prefix : self._read])
        after = self._tokenizer.decode(self._ids[self._prefix :])
        if len(after) <= len(before) or after.endswith("\ufffd"):
            return ""
        self._prefix, self._read = self._read, len(self._ids)
        return self._release(after[len(before) :])

    def flush(self) -> str:
        """Return what is still held back; call it once, at the end."""
        if self.stopped is not None:
            return ""
        rest = self._tokenizer.decode(self._ids[self._prefix :])[
            len(self._tokenizer.decode(self._ids[self._prefix : self._read])) :
        ]
        out = self._release(rest) + ("" if self.stopped is not None else self._held)
        self._held = ""
        return out

    def _release(self, new: str) -> str:
        if self.stopped is not None:
            return ""
        text = scrub(self._held + new, self._dropped)
        found = [(text.find(e), e) for e in self._ends if e in text]
        if found:
            at, self.stopped = min(found)
            self._held = ""
            return text[:at]
        keep = held_back(text, (*self._ends, *self._dropped))
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]
