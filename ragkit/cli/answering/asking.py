"""Commands that answer: ask and demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...asking import Ask
from ...errors import UsageError
from ..choosing import pipeline, takes_ask
from ..output import JsonOption, QuietOption, Say, read_text, say
from .formats import FORMATS, written
from .showing import show_answer

__all__ = ["ask", "demo"]

DEMO_INDEX = "primer"
DEMO_QUESTIONS = (
    "How many experts handle each token in the Switch Transformer?",
    "How far did the zero-shot phrase lift text-davinci-002 on MultiArith?",
    "Кто придумал оценивать прогнозы погоды средним квадратом отклонения?",
    "Коли було оприлюднено оптимізатор Adam?",
    "What is the price of a ticket to the opera in Vienna?",
)


@takes_ask()
def ask(
    question: Annotated[str, typer.Argument(help="The question; - reads it from standard input.")],
    ask: Ask,
    shots: Annotated[int, typer.Option(min=0, help="Worked examples shown to the model.")] = 0,
    bank: Annotated[str | None, typer.Option(help="JSONL file of worked examples [the shipped ones].")] = None,
    stream: Annotated[bool, typer.Option("--stream", help="Show thought and answer as they come.")] = False,
    form: Annotated[
        str | None, typer.Option("--format", help="Print the answer as md or html, or its documents as bibtex [text].")
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Answer a question from the documents of an index, with citations."""
    speak = say(as_json, quiet)
    if form is not None and (as_json or stream):
        raise UsageError(f"--format {form} and {'--json' if as_json else '--stream'} exclude each other; give one")
    if form is not None and form not in FORMATS:
        raise UsageError(f"--format {form!r} is none of {', '.join(FORMATS)}")
    text = read_text(question)
    with pipeline(speak, ask, shots=shots, bank=bank) as rag:
        if stream:
            from .streaming import show_events

            show_events(speak, rag.events(text))
            return
        answer = rag.ask(text)
    if as_json:
        speak.data(answer)
    elif form is not None and form != "text":
        typer.echo(written(answer, form))
    else:
        show_answer(speak, answer)


def demo(quiet: QuietOption = False) -> None:
    """Index the shipped primer and answer questions about it in three languages, with sources."""
    speak = say(quiet=quiet)
    from importlib.resources import as_file, files

    from ...index import Index
    from ...rag import RAG

    with as_file(files("ragkit.eval") / "primer" / "documents") as folder:
        index = Index(DEMO_INDEX)
        report = index.add(Path(folder))
    speak.err.print(f"index {DEMO_INDEX!r}: {report}\n", style="dim", markup=False)
    rag = RAG(index)
    for n, question in enumerate(DEMO_QUESTIONS):
        answer = rag.ask(question)
        speak.out.print(f"\n? {question}", style="bold cyan", markup=False)
        show_answer(Say(quiet=quiet or n > 0), answer)
    speak.err.print(
        f'\nAsk your own: ragkit add FOLDER --index NAME, then ragkit ask "…" --index NAME\n'
        f'Or this index: ragkit ask "What is a KV cache?" --index {DEMO_INDEX}\n'
        f"Or in a browser: ragkit ui --index {DEMO_INDEX}",
        style="dim",
        markup=False,
    )
