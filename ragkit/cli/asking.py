"""Commands that answer: ask and demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..types import Answer
from .output import IndexOption, JsonOption, ModelOption, QuietOption, Say, printable, read_text, say, where_filter

__all__ = ["ask", "demo", "show_answer", "show_sources"]

DEMO_INDEX = "primer"
DEMO_QUESTIONS = (
    "How many experts handle each token in the Switch Transformer?",
    "How far did the zero-shot phrase lift text-davinci-002 on MultiArith?",
    "Кто придумал оценивать прогнозы погоды средним квадратом отклонения?",
    "Коли було оприлюднено оптимізатор Adam?",
    "What is the price of a ticket to the opera in Vienna?",
)


def ask(
    question: Annotated[str, typer.Argument(help="The question; - reads it from standard input.")],
    index: IndexOption = None,
    model: ModelOption = None,
    budget: Annotated[int | None, typer.Option(help="Thinking tokens, a hard cap.")] = None,
    strategy: Annotated[str | None, typer.Option(help="How to reason.")] = None,
    k: Annotated[int | None, typer.Option("-k", help="Passages the answer may read.")] = None,
    where: Annotated[list[str], typer.Option("--where", "-w", help="Metadata filter key=value.")] = [],  # noqa: B006
    stream: Annotated[bool, typer.Option("--stream", help="Show thought and answer as they come.")] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Answer a question from the documents of an index, with citations."""
    speak = say(as_json, quiet)
    if stream:
        from ..rag import RAG
        from .streaming import show_events

        with RAG(index, model=model, budget=budget, strategy=strategy, k=k) as rag:
            show_events(speak, rag.events(read_text(question), where=where_filter(where)))
        return
    from ..rag import ask as answer_it

    answer = answer_it(
        read_text(question), index=index, model=model, budget=budget, strategy=strategy, k=k, where=where_filter(where)
    )
    if as_json:
        speak.data(answer)
    else:
        show_answer(speak, answer)


def show_answer(speak: Say, answer: Answer) -> None:
    """The text, then its sources."""
    style = "bold" if answer.status == "answered" else "bold yellow"
    speak.out.print(printable(answer.text), style=style, markup=False)
    show_sources(speak, answer)


def show_sources(speak: Say, answer: Answer) -> None:
    """Each source with its exact words; an abstention shows the nearest passages instead. Notes go to stderr."""
    out = speak.out
    for c in answer.citations:
        page = f", page {c.page}" if c.page is not None else ""
        place = f" · {c.source}" if c.source and c.source != c.document else ""
        out.print(f"  [{c.marker}] {c.document}{page}, characters {c.start}-{c.end}{place}", style="cyan", markup=False)
        out.print(f"      “{printable(' '.join(c.quote.split()))}”", style="dim", markup=False)
    if answer.status != "answered" and answer.hits:
        out.print("  nearest passages:", style="dim")
        for hit in answer.hits[:3]:
            text = printable(" ".join(hit.chunk.text.split()))
            out.print(f"  · {hit.chunk.title or hit.document_id}: {text[:160]}…", style="dim", markup=False)
    for note in answer.notes:
        speak.err.print(f"note: {printable(note)}", style="dim", markup=False)


def demo(quiet: QuietOption = False) -> None:
    """Index the shipped primer and answer questions about it in three languages, with sources."""
    speak = say(quiet=quiet)
    from importlib.resources import as_file, files

    from ..index import Index
    from ..rag import RAG

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
        style="dim", markup=False,
    )  # fmt: skip
