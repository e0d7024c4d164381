"""Control markers as text, where no token ids tell them apart: the thought before an answer, and strings of tool calls.

A server without a reasoning parser sends ``<think>plan</think>Paris<|im_end|>`` as its answer, one piece at a time. The
thought is what comes before the closing marker, whether the model wrote the opening one or the prompt ended with it.
Which markers there are stands in `notations`; harmony's messages are retold in them first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from .budgets import scrub
from .harmony import HarmonyReader
from .notations import CONTROL_MARKERS, NOTATIONS, THOUGHT_MARKERS, TOOL_MARKERS, WRAPPERS

__all__ = [
    "CONTROL_MARKERS",
    "THOUGHT_MARKERS",
    "TOOL_MARKERS",
    "ThoughtSplitter",
    "held_back",
    "opens_thought",
    "scrub_strings",
]

_CLOSING = tuple(closing for _, closing in THOUGHT_MARKERS)
_DROPPED = tuple(m for m in CONTROL_MARKERS if m not in TOOL_MARKERS)
_BEGINNINGS = (*_DROPPED, *(n.opening for n in NOTATIONS))
_HARMONY_BEGINS = ("<|channel|>", "<|start|>")
_HARD_MARKERS = tuple(m for pair in THOUGHT_MARKERS for m in pair)
_MEANINGLESS_FIRST = tuple(m for m in _DROPPED if m not in (*_HARD_MARKERS, *_HARMONY_BEGINS))


def held_back(text: str, markers: Iterable[str]) -> int:
    """Return how many characters at the end of `text` may be the beginning of one of `markers`, or of several nested.

    >>> held_back("so </th<|im", ["</think>", "<|im_end|>"])
    8
    """
    begun = {m[:n] for m in markers for n in range(1, len(m))}
    end = len(text)
    while longest := max((len(b) for b in begun if text.endswith(b, 0, end)), default=0):
        end -= longest
    return len(text) - end


def opens_thought(prompt: str) -> bool:
    """Whether a prompt ends inside a thought that it opens itself."""
    return prompt.rstrip().endswith(tuple(opening for opening, _ in THOUGHT_MARKERS))


def scrub_strings(value: Any, plain: Callable[[str], str] = str) -> Any:
    """Return parsed JSON with no control marker in any of its strings, those that name fields included.

    plain: what else to do to each string, such as taking out the markers of one tokenizer.

    >>> scrub_strings({"query": "a</think>b", "k": 3})
    {'query': 'ab', 'k': 3}
    """
    if isinstance(value, str):
        return scrub(plain(value), CONTROL_MARKERS)
    if isinstance(value, Mapping):
        return {scrub_strings(str(k), plain): scrub_strings(v, plain) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [scrub_strings(v, plain) for v in value]
    return value


class ThoughtSplitter:
    """Part text, as it arrives, into the thought that it begins with and the answer; neither holds a control marker.

    >>> parts = ThoughtSplitter()
    >>> [parts.push(piece) for piece in ("<thi", "nk>2 + 2</thi", "nk>4<|im_end|>")]
    [[('', False)], [('2 + 2', True)], [('4', False)]]

    opened: the prompt ends inside a thought. When it is not known to, and a closing marker comes without an opening
    one, all before it was thought: `thinking` and `answer` say so, though pieces given out by then were called answer.
    `opened` tells afterwards what was found. Markers of tool calls stay in the answer, for whoever reads the calls.
    thought_pieces: how many of the pieces pushed were part of the thought.
    """

    def __init__(self, *, opened: bool = False) -> None:
        self.thinking = self.answer = ""
        self.opened = opened
        self.thought_pieces = 0
        self._pushed = 0
        self._held = ""
        self._ends = _CLOSING
        self._soft = ""  # what the thought was opened with, where the words may be the answer's own
        self._harmony: HarmonyReader | None = None
        self._wrapper: str | None = None  # the tag that closes the whole answer, once one has opened it
        self._state: Literal["begin", "thought", "unsure", "answer"] = "thought" if opened else "begin"

    def skip_thought(self) -> None:
        """The thought comes by a way of its own: all text is the answer."""
        self._state, self.opened = "answer", False

    def push(self, text: str) -> list[tuple[str, bool]]:
        """Take a piece; return what is certain by now as (text, whether it is thought), at least one, perhaps empty."""
        self._pushed += 1
        out = self._take(self._harmony.push(text) if self._harmony else text, last=False)
        if self._state == "thought" or any(thought for _, thought in out):
            self.thought_pieces = self._pushed
        return out or [("", self._state == "thought")]

    def flush(self, *, cut: bool = False) -> list[tuple[str, bool]]:
        """Return what is still held back; call it once, at the end. cut: the text broke off at a cap.

        A thought that only the prompt had opened, or that began with words an answer may begin with, and that ends by
        itself unclosed, was the answer: it is given again.
        """
        out = self._take(self._harmony.flush() if self._harmony else "", last=True)
        if (self.opened or self._soft) and not cut and self._state == "thought" and self.thinking.strip():
            self.thinking, self.answer, self.thought_pieces, self.opened = "", self._soft + self.thinking, 0, False
            out = [(self.answer, False)]
        return out

    def _take(self, new: str, *, last: bool) -> list[tuple[str, bool]]:
        out: list[tuple[str, bool]] = []
        text = self._held + new
        while True:
            if self._state == "begin":
                decided, text = self._begin(text, last=last)
                if not decided:
                    self._held = text
                    return out
            dropped = [m for m in _DROPPED if m not in self._deciding()]
            text = scrub(text, [*dropped, *((self._wrapper,) if self._wrapper else ())])
            if self._state != "thought" and not self.answer.strip() and self._wrapper is None:
                decided, text = self._unwrapped(text, last=last)
                if not decided:
                    self._held = text
                    return out
            at, marker = min(((text.find(m), m) for m in self._deciding() if m in text), default=(len(text), ""))
            waits = (*_DROPPED, *self._ends, *((self._wrapper,) if self._wrapper else ()))
            keep = 0 if marker or last else held_back(text, waits)
            self._held = text[at - keep : at]
            self._say(text[: at - keep], marker in self._ends, out)
            if not marker:
                return out
            text, self._state, self._soft = text[at + len(marker) :], "answer", ""

    def _begin(self, text: str, *, last: bool) -> tuple[bool, str]:
        """Look at the very beginning. Return whether it is decided what it is, and the text that is left to read."""
        head = text.lstrip()
        while marker := next((m for m in _MEANINGLESS_FIRST if head.startswith(m)), None):
            text = head = head[len(marker) :].lstrip()
        if self._harmony is None and head.startswith(_HARMONY_BEGINS):
            self._harmony = HarmonyReader()
            told = self._harmony.push(head) + (self._harmony.flush() if last else "")
            return self._begin(told, last=last)
        notation = next((n for n in NOTATIONS if head.startswith(n.opening)), None)
        rest = head[len(notation.opening) :] if notation else ""
        glued = notation is not None and notation.opening.isalpha()  # a word opens where the next is glued to it
        if not last and (any(m.startswith(head) for m in _BEGINNINGS) or (glued and not rest)):
            return False, text
        if notation is None or (glued and not rest[:1].isupper()):
            self._state = "unsure"
            return True, text
        self._state, self._ends = "thought", (notation.closing,)
        self._soft = "" if notation.hard else notation.opening
        return True, rest

    def _unwrapped(self, text: str, *, last: bool) -> tuple[bool, str]:
        """Take the opening tag off a wrapped answer. Return whether it is decided if there is one, and the rest."""
        head = text.lstrip()
        for opening, closing in WRAPPERS:
            if head.startswith(opening):
                self._wrapper = closing
                return True, scrub(head[len(opening) :], (closing,))
            if not last and head and opening.startswith(head):
                return False, text
        return True, text

    def _deciding(self) -> tuple[str, ...]:
        """Markers that tell thought from answer where the text stands now; the others are dropped."""
        if self._state == "thought":
            return self._ends
        return () if self._state == "answer" else _HARD_MARKERS

    def _say(self, text: str, closes: bool, out: list[tuple[str, bool]]) -> None:
        """Add certain text to the thought or the answer. closes: a closing marker stands after it."""
        thought = self._state == "thought" or (self._state == "unsure" and closes)
        if self._state == "unsure" and closes:
            self.thinking, self.answer, self.opened, self.thought_pieces = self.answer, "", True, self._pushed
        if thought:
            self.thinking += text
        else:
            self.answer += text
        if text:
            out.append((text, thought))
