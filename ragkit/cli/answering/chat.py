"""`ragkit chat`: a conversation in the terminal. Ctrl-C stops the answer, not the chat; Ctrl-D, quit or exit leaves."""

from __future__ import annotations

import importlib.util
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated

import typer

from ...asking import Allowed, Ask, Limits, read_budget
from ...errors import RagkitError, UsageError
from ...types import Answer
from ..choosing import pipeline, takes_ask
from ..output import JsonOption, QuietOption, Say, checked, printable, say
from .showing import show_sources
from .streaming import show_events

if TYPE_CHECKING:
    from ...rag import RAG, Conversation

__all__ = ["chat"]

HELP = """\
/sources         the sources of the last answer, whole passages
/history         what was asked and answered so far
/budget [N|auto|off]  thinking tokens of each answer; without a number, show it
/new             begin another conversation
/help            this list
/quit            leave (quit, exit and Ctrl-D too); Ctrl-C stops an answer"""


@takes_ask()
def chat(
    ask: Ask,
    conversation: Annotated[str | None, typer.Option(help="Go on with this conversation; 'last': the newest.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Talk with the documents of an index; follow-up questions are understood from what was said before."""
    speak = say(as_json, quiet)
    from ...rag import Conversation

    with pipeline(speak, ask) as rag:
        talk = Conversation(rag, _newest(rag) if conversation == "last" else conversation)
        speak.err.print(f"{rag.index.name}, {rag.model}; /help lists the commands", style="dim", markup=False)
        _Chat(speak, talk, ask.budget).run()


def _newest(rag: RAG) -> str | None:
    found = rag.store.conversations.newest(index_id=rag.index.record.id, limit=1)
    return found[0].id if found else None


class _Chat:
    def __init__(self, speak: Say, talk: Conversation, budget: Allowed | None) -> None:
        self._speak, self._talk, self._budget = speak, talk, budget
        self._answer: Answer | None = None
        self._terminal = sys.stdin.isatty()
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(errors="surrogateescape")  # a line that is not UTF-8 is refused, and the rest read
        if self._terminal and importlib.util.find_spec("readline"):
            import readline  # arrows and history in input()

            readline.set_history_length(1000)

    def run(self) -> None:
        """Read and answer until the end."""
        while (line := self._read()) is not None:
            try:
                if line.lower() in ("quit", "exit") or line.split()[:1] in (["/quit"], ["/exit"]):
                    return
                if line.startswith("/"):
                    self._command(line)
                elif line:
                    events = self._talk.events(checked(line), Ask(budget=self._budget))
                    try:
                        self._answer = show_events(self._speak, events)
                    finally:
                        events.close()  # type: ignore[attr-defined]
            except KeyboardInterrupt:
                self._say("\nstopped; ask on, or /quit")
            except RagkitError as exc:
                self._say(f"error: {' '.join(str(exc).split())}")

    def _read(self) -> str | None:
        """The next line without blanks around it; None at the end."""
        while True:
            try:
                line = input("\n? ") if self._terminal else sys.stdin.readline()
            except EOFError:
                return None
            except KeyboardInterrupt:
                self._say("\n/quit or Ctrl-D leaves")
                continue
            return None if not self._terminal and not line else line.strip()

    def _command(self, line: str) -> None:
        name, *rest = line.split()
        commands = {
            "/help": lambda: self._say(HELP),
            "/sources": self._sources,
            "/history": self._history,
            "/budget": lambda: self._set_budget(rest),
            "/new": self._new,
        }
        if name not in commands:
            raise UsageError(f"{name} is no command; {', '.join(commands)} and /quit are")
        commands[name]()

    def _sources(self) -> None:
        if self._answer is None:
            self._say("nothing was answered yet")
            return
        if self._speak.as_json:
            self._speak.data(self._answer.hits)
            return
        show_sources(self._speak, self._answer)
        for hit in self._answer.hits:
            chunk = hit.chunk
            place = f"{chunk.title or chunk.document_id}, characters {chunk.start}-{chunk.end}"
            self._speak.out.print(f"  · {place}", style="cyan", markup=False)
            self._speak.out.print(f"    {printable(' '.join(chunk.text.split()))}", style="dim", markup=False)

    def _history(self) -> None:
        turns = self._talk.turns
        if self._speak.as_json:
            self._speak.data(turns)
            return
        for turn in turns:
            self._speak.out.print(f"? {printable(turn.asked)}", style="bold cyan", markup=False)
            self._speak.out.print(printable(turn.answer), markup=False)
        self._say(f"conversation {self._talk.id}" if turns else "nothing was asked yet")

    def _set_budget(self, rest: list[str]) -> None:
        if rest:
            told = None if rest[0] == "off" else read_budget(rest[0])
            self._budget = Ask(budget=told).checked(Limits()).budget
        used = self._answer.ledger.thinking_tokens if self._answer is not None else 0
        own = "the pipeline's own" if self._budget is None else f"{self._budget}"
        own += " thinking tokens" if isinstance(self._budget, int) else ""
        self._say(f"budget: {own}; the last answer used {used}")

    def _new(self) -> None:
        from ...rag import Conversation

        self._talk, self._answer = Conversation(self._talk.rag), None
        self._say("a new conversation")

    def _say(self, text: str) -> None:
        self._speak.err.print(text, style="dim", markup=False, soft_wrap=True)
