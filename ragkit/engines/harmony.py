"""OpenAI's harmony format (gpt-oss), read as it arrives and retold in the notation that everything else here reads.

    <|channel|>analysis<|message|>It names Ann.<|end|>           <think>It names Ann.</think>
    <|start|>assistant<|channel|>final<|message|>Ann.<|return|>  Ann.

    <|channel|>commentary to=functions.search <|constrain|>json<|message|>{"query": "x"}<|call|>
                                                                 <tool_call>{"name": "search", …}</tool_call>

Source: the format's description in github.com/openai/harmony.
"""

from __future__ import annotations

import json
import re
from typing import Literal

__all__ = ["HARMONY", "HarmonyReader"]

HARMONY = ("<|start|>", "<|channel|>", "<|constrain|>", "<|message|>", "<|end|>", "<|return|>", "<|call|>")
_MARK = re.compile("|".join(re.escape(m) for m in HARMONY))
_LONGEST = max(map(len, HARMONY))

Kind = Literal["outside", "header", "thought", "text", "call"]


class HarmonyReader:
    """Takes pieces of a completion; returns what they are in the plain notation. What is outside a message is dropped.

    >>> reader = HarmonyReader()
    >>> reader.push("<|channel|>analysis<|message|>hm<|end|>"), reader.push("<|channel|>final<|message|>Ann<|return|>")
    ('<think>hm', '</think>Ann')
    """

    def __init__(self) -> None:
        self._held = self._header = self._arguments = ""
        self._kind: Kind = "outside"
        self._thinks = self._thought = False

    def push(self, text: str) -> str:
        """Take a piece; return what is certain by now."""
        text, out = self._held + text, ""
        while mark := _MARK.search(text):
            out += self._say(text[: mark.start()]) + self._turn(mark[0])
            text = text[mark.end() :]
        keep = next((n for n in range(min(len(text), _LONGEST - 1), 0, -1) if _begins(text[-n:])), 0)
        self._held = text[len(text) - keep :]
        return out + self._say(text[: len(text) - keep])

    def flush(self) -> str:
        """Return what is left at the end: a call that was not closed, or a mark that was begun."""
        held, self._held = self._held, ""
        out = self._say(held)
        return out + (self._call() if self._kind == "call" else "")

    def _say(self, text: str) -> str:
        if self._kind == "header":
            self._header += text
        elif self._kind == "call":
            self._arguments += text
        return text if self._kind in ("thought", "text") else ""

    def _turn(self, mark: str) -> str:
        if mark == "<|message|>":
            return self._begin()
        out = self._call() if self._kind == "call" else ""
        if mark in ("<|start|>", "<|channel|>"):
            before = self._header if self._kind == "header" else ""
            self._kind, self._header = "header", before + (" channel=" if mark == "<|channel|>" else "")
        elif mark == "<|constrain|>":
            self._header += " "
        else:
            self._kind = "outside"
        return out

    def _begin(self) -> str:
        """The header is whole: what kind of message follows."""
        recipient = re.search(r"to=(?:functions\.)?([\w.-]+)", self._header)
        analysis = re.search(r"channel=\s*analysis\b", self._header)
        self._called, self._arguments = recipient[1] if recipient else "", ""
        if analysis and not recipient:
            if self._thought:  # a second thought after words of the answer: there is no place for it
                self._kind = "outside"
                return ""
            again, self._kind, self._thinks = self._thinks, "thought", True
            return "\n" if again else "<think>"
        closes, self._thinks = self._thinks, False
        self._thought = True
        self._kind = "call" if recipient else "text"
        return "</think>" if closes else ""

    def _call(self) -> str:
        arguments, self._arguments, self._kind = self._arguments.strip() or "{}", "", "outside"
        return f'<tool_call>{{"name": {json.dumps(self._called)}, "arguments": {arguments}}}</tool_call>'


def _begins(text: str) -> bool:
    return any(mark.startswith(text) for mark in HARMONY)
