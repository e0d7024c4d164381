"""Control markers as text, where no token ids tell them apart: the thought before an answer, and strings of tool calls.

A server without a reasoning parser sends ``<think>plan</think>Paris<|im_end|>`` as its answer, one piece at a time. The
thought is what comes before the closing marker, whether the model wrote the opening one or the prompt ended with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from .budgets import scrub

__all__ = [
    "CONTROL_MARKERS",
    "THOUGHT_MARKERS",
    "TOOL_MARKERS",
    "ThoughtSplitter",
    "held_back",
    "opens_thought",
    "scrub_strings",
]

THOUGHT_MARKERS = {
    ("<think>", "</think>"): "qwen3",
    ("[THINK]", "[/THINK]"): "mistral",
    ("<seed:think>", "</seed:think>"): "seed_oss",
}
"""Opening and closing marker, and what vLLM calls the parser that knows them."""
TOOL_MARKERS = ("<tool_call>", "</tool_call>")
CONTROL_MARKERS = (
    *(marker for pair in THOUGHT_MARKERS for marker in pair),
    *TOOL_MARKERS,
    *("<tool_response>", "</tool_response>", "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>"),
    *("<start_of_turn>", "<end_of_turn>", "[INST]", "[/INST]"),
)
_CLOSING = tuple(closing for _, closing in THOUGHT_MARKERS)
_DROPPED = tuple(m for m in CONTROL_MARKERS if m not in TOOL_MARKERS)


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
        self._state: Literal["begin", "thought", "unsure", "answer"] = "thought" if opened else "begin"

    def skip_thought(self) -> None:
        """The thought comes by a way of its own: all text is the answer."""
        self._state, self.opened = "answer", False

    def push(self, text: str) -> list[tuple[str, bool]]:
        """Take a piece; return what is certain by now as (text, whether it is thought), at least one, perhaps empty."""
        self._pushed += 1
        out = self._take(text, last=False)
        if self._state == "thought" or any(thought for _, thought in out):
            self.thought_pieces = self._pushed
        return out or [("", self._state == "thought")]

    def flush(self, *, cut: bool = False) -> list[tuple[str, bool]]:
        """Return what is still held back; call it once, at the end. cut: the text broke off at a cap.

        A thought that only the prompt had opened, and that ends by itself unclosed, was the answer: it is given again.
        """
        out = self._take("", last=True)
        if self.opened and not cut and self._state == "thought" and self.thinking.strip():
            self.thinking, self.answer, self.thought_pieces, self.opened = "", self.thinking, 0, False
            out = [(self.answer, False)]
        return out

    def _take(self, new: str, *, last: bool) -> list[tuple[str, bool]]:
        out: list[tuple[str, bool]] = []
        text = self._held + new
        while True:
            text = scrub(text, [m for m in _DROPPED if m not in self._deciding()])
            if self._state == "begin":
                head = text.lstrip()
                pair = next((p for p in THOUGHT_MARKERS if head.startswith(p[0])), None)
                if pair:
                    text, self._ends, self._state = head[len(pair[0]) :], (pair[1],), "thought"
                    continue
                if not last and any(m.startswith(head) for m in _DROPPED):
                    self._held = text
                    return out
                self._state = "unsure"
            at, marker = min(((text.find(m), m) for m in self._deciding() if m in text), default=(len(text), ""))
            keep = 0 if marker or last else held_back(text, _DROPPED)
            self._held = text[at - keep : at]
            self._say(text[: at - keep], marker in self._ends, out)
            if not marker:
                return out
            text, self._state = text[at + len(marker) :], "answer"

    def _deciding(self) -> tuple[str, ...]:
        """Markers that tell thought from answer where the text stands now; the others are dropped."""
        if self._state == "thought":
            return self._ends
        return () if self._state == "answer" else tuple(m for pair in THOUGHT_MARKERS for m in pair)

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
