"""Many questions into one file, an answer a line as it comes; a run that was cut short goes on where it stopped.

    {"id": "1", "question": "Who approves travel?", "answer": {"text": "The finance director [1].", …}}
    {"id": "2", "question": "…", "error": {"type": "EngineError", "message": "…"}}

A question that failed is asked again by the next run; its later line counts.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import EngineError, RagkitError, UsageError
from . import loop

if TYPE_CHECKING:
    from .core import RAG

__all__ = ["Asked", "Batch", "read_questions"]

CONCURRENCY = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its name in the file: its `id`, or the number of its line."""

    id: str
    question: str


def read_questions(text: str) -> list[Asked]:
    """One question a line, or JSON lines with "question" and perhaps "id". Raises UsageError with the line at fault."""
    found: dict[str, Asked] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        asked = _asked(line.strip(), number)
        if asked.id in found:
            raise UsageError(f"line {number}: id {asked.id!r} stands there twice; give each question its own")
        found[asked.id] = asked
    if not found:
        raise UsageError("there is no question to ask; write one a line")
    return list(found.values())


def _asked(line: str, number: int) -> Asked:
    if not line.startswith("{"):
        return Asked(str(number), line)
    try:
        row = json.loads(line)
    except ValueError as exc:
        raise UsageError(f"line {number} is not JSON ({exc}); correct it") from exc
    if not isinstance(row.get("question"), str) or not row["question"].strip():
        raise UsageError(f'line {number} has no "question"; a line is {{"question": "Who …?"}}')
    return Asked(str(row.get("id", number)), row["question"])


class Batch:
    """The answers to many questions in the file `out`.

    A last line that was cut in the middle is taken off. Raises UsageError where the file is of another pipeline, or of
    other questions under the same names.
    """

    def __init__(self, rag: RAG, questions: Sequence[Asked], out: Path) -> None:
        self._rag, self._out = rag, out
        done = self._done({asked.id: asked for asked in questions})
        self.left = [asked for asked in questions if asked.id not in done]
        self.done = len(done)

    def run(
        self, tell: Callable[[Asked, str], None] = lambda asked, said: None, *, concurrency: int = CONCURRENCY
    ) -> int:
        """Ask what is left, and return how many failed. tell: called with each question and what came of it."""
        if concurrency < 1:
            raise UsageError(f"concurrency={concurrency} is below 1; ask at least one question at a time")
        failed = 0
        waiting = iter(self.left)
        with self._out.open("a", encoding="utf-8") as file:

            async def worker() -> None:
                nonlocal failed
                for asked in waiting:
                    row, said = await self._ask(asked)
                    failed += "error" in row
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
                    file.flush()
                    tell(asked, said)

            async def everything() -> None:
                async with asyncio.TaskGroup() as group:
                    for _ in range(min(concurrency, len(self.left))):
                        group.create_task(worker())

            loop.run(everything())
        return failed

    async def _ask(self, asked: Asked) -> tuple[dict[str, Any], str]:
        """The line of a question, and what came of it in words."""
        row: dict[str, Any] = {"id": asked.id, "question": asked.question}
        try:
            answer = await self._rag.aask(asked.question)
            if answer.status == "failed":
                raise EngineError(answer.notes[-1] if answer.notes else answer.text)
        except RagkitError as exc:
            return {**row, "error": {"type": type(exc).__name__, "message": str(exc)}}, str(exc)
        return {**row, "answer": answer.to_dict()}, answer.text

    def _done(self, questions: dict[str, Asked]) -> set[str]:
        done: set[str] = set()
        for row in self._rows():
            asked = questions.get(str(row.get("id")))
            if asked is not None and row.get("question") != asked.question:
                raise UsageError(
                    f"{self._out} holds another question of the name {asked.id!r}; name another file with --out"
                )
            answer = row.get("answer")
            if answer is None:
                continue
            if answer.get("model") != self._rag.model:
                raise UsageError(
                    f"{self._out} was begun with the model {answer.get('model')!r}, this is {self._rag.model!r}; "
                    "name another file with --out"
                )
            if asked is not None:
                done.add(asked.id)
        return done

    def _rows(self) -> Iterator[dict[str, Any]]:
        if not self._out.exists():
            return
        whole = self._out.read_bytes()
        kept = whole[: whole.rfind(b"\n") + 1]
        for number, line in enumerate(kept.splitlines(), 1):
            try:
                row = json.loads(line)
            except ValueError as exc:
                raise UsageError(f"{self._out} line {number} is no answer of a batch; name another file") from exc
            if not isinstance(row, dict):
                raise UsageError(f"{self._out} line {number} is no answer of a batch; name another file")
            yield row
        if len(kept) < len(whole):  # the line that was being written when the run ended
            with self._out.open("r+b") as file:
                file.truncate(len(kept))
