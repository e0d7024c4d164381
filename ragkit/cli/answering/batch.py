"""`ragkit batch`: a file of questions into a file of answers, one a line, resumable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...asking import Ask
from ...errors import NotFoundError, UsageError
from ..choosing import pipeline, takes_ask
from ..output import JsonOption, QuietOption, printable, say

__all__ = ["batch"]


@takes_ask()
def batch(
    questions: Annotated[Path, typer.Argument(help='Questions, one a line, or JSON lines with "question" and "id".')],
    out: Annotated[Path, typer.Option("--out", "-o", help="JSON lines of answers; an earlier run's is gone on with.")],
    ask: Ask,
    concurrency: Annotated[int, typer.Option(min=1, help="Questions in flight.")] = 16,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Answer every question of a file; run it again to go on after an interruption."""
    speak = say(as_json, quiet)
    from ...rag.batches import Asked, Batch, read_questions

    try:
        asked = read_questions(questions.read_text(encoding="utf-8"))
    except OSError as exc:
        raise NotFoundError(f"{questions} cannot be read: {exc.strerror}; name a file of questions") from exc
    except UnicodeDecodeError as exc:
        raise UsageError(f"{questions} is not UTF-8 (byte {exc.start}); save it as UTF-8") from exc

    def tell(one: Asked, said: str) -> None:
        line = printable(" ".join(said.split()))
        speak.err.print(f"{one.id}: {line[:100]}", style="dim", markup=False)

    with pipeline(speak, ask) as rag:
        work = Batch(rag, asked, out)
        if work.done:
            speak.err.print(f"{work.done} of {len(asked)} are answered in {out} already", style="dim", markup=False)
        failed = work.run(tell, concurrency=concurrency)
    if as_json:
        speak.data({"out": str(out), "questions": len(asked), "asked": len(work.left), "failed": failed})
    else:
        speak.out.print(f"{len(work.left) - failed} answered, {failed} failed: {out}", markup=False)
    if failed:
        raise typer.Exit(1)
