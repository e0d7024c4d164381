"""Commands over documents: add, search, ls, rm."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from ..asking import FOUND, MAX_K, Ask
from ..errors import NotFoundError, UsageError
from ..types import to_plain
from .choosing import AskedIndexOption, index_or_only, joined
from .output import IndexOption, JsonOption, QuietOption, counted, going_on, read_text, say, where_filter

if TYPE_CHECKING:
    from ..store import DocumentRow

__all__ = ["add", "ls", "rm", "search"]

WhereOption = Annotated[list[str], typer.Option("--where", "-w", help="Metadata filter key=value; repeat for more.")]


def add(
    sources: Annotated[list[str], typer.Argument(help="Files, folders, globs, URLs, or - for standard input.")],
    index: IndexOption = None,
    prune: Annotated[bool, typer.Option("--prune", help="Delete documents whose files are gone.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, do nothing.")] = False,
    allow_urls: Annotated[bool, typer.Option("--allow-urls", help="Fetch URLs.")] = False,
    encoder: Annotated[str | None, typer.Option(help="Encoder of a new index.")] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of text files, whatever they say; like cp1251.")] = "",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Add documents to an index; unchanged ones are skipped, a bad one is reported and the rest goes in."""
    speak = say(as_json, quiet)
    from ..index import Index
    from ..index.advice import advice
    from .progress import Course, conclude

    with Index(index, encoder=encoder) as opened, going_on(opened.name), Course(speak, every=dry_run) as course:
        report = opened.add(
            list(sources),
            allow_urls=allow_urls or None,
            prune=prune,
            dry_run=dry_run,
            encoding=encoding,
            progress=course.tell,
            pace=course.pace,
        )
        notes = advice(opened.record) if report.unknown_language else []
    if as_json:
        speak.data(report)
    else:
        conclude(speak.err, opened.name, report)
        for matter, remedy in notes:
            speak.err.print(f"{opened.name}: {matter}; better: {remedy}", markup=False, soft_wrap=True)
    raise typer.Exit(0 if report else 1)


def search(
    query: Annotated[str, typer.Argument(help="What to look for; - reads it from standard input.")],
    index: AskedIndexOption = [],  # noqa: B006
    k: Annotated[int, typer.Option("-k", help=f"Passages that are shown: 1 to max_k ({MAX_K}).")] = FOUND,
    mode: Annotated[str, typer.Option(help="hybrid, dense or lexical.")] = "hybrid",
    where: WhereOption = [],  # noqa: B006 - typer copies it
    expand: Annotated[int, typer.Option(help="Show this many neighbours on both sides.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Show the passages nearest to a question, with their scores and places."""
    speak = say(as_json)
    from ..config import settings
    from ..index import open_index

    text = read_text(query)
    Ask(k=k).checked(settings().limits)
    with open_index(index_or_only(speak, joined(index)), must_exist=True) as opened:
        hits = opened.search(text, k, mode=mode, where=where_filter(where), expand=expand)  # type: ignore[arg-type]
        for name in opened.behind:  # a reader never writes, so the next one would pay for it again
            told = f"{name} was read anew into memory, which takes a while; run `ragkit repair {name}` once to keep it"
            speak.err.print(told, style="yellow", markup=False, soft_wrap=True)
    if as_json:
        speak.data(hits)
        return
    for n, hit in enumerate(hits, 1):
        chunk = hit.chunk
        page = f", page {chunk.page}" if chunk.page is not None else ""
        parts = "  ".join(f"{name} {value:.2f}" for name, value in hit.scores.items())
        speak.out.print(f"[bold]{n}.[/] ", end="")
        name = f"{chunk.index}: {chunk.title}" if chunk.index and chunk.title else chunk.title or chunk.document_id
        speak.out.print(f"{name}{page}, characters {chunk.start}-{chunk.end}", markup=False)
        speak.out.print(f"   {hit.score:.3f}  {parts}", style="dim", markup=False)
        text = " ".join((hit.context or chunk.text).split())
        speak.out.print("   " + (text if len(text) < 400 else text[:400] + "…"), markup=False)
    if not hits:
        speak.err.print("nothing found")


def ls(
    index: Annotated[str | None, typer.Argument(help="List this index's documents; none: list the indexes.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also the indexes that evaluations made.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the indexes of the home, or the documents of one."""
    speak = say(as_json)
    from ..index import EVALUATION_PREFIX, Index, list_indexes, open_store
    from ..index.opening import place
    from ..index.originals import Originals

    if index is None:
        from ..config import settings

        config = settings()
        found = list_indexes()
        shown = [r for r in found if every or not r.name.startswith(EVALUATION_PREFIX)]
        if len(shown) < len(found):
            speak.err.print(f"without {len(found) - len(shown)} made by evaluations; --all lists them", style="dim")
        rows = [(r, *open_store(config).counts(r.id)) for r in shown]
        if as_json:
            speak.data([{**to_plain(r), "documents": d, "chunks": c} for r, d, c in rows])
            return
        for record, documents, chunks in rows:
            kept, size = Originals(config.home / record.id).counted()
            more = [f"{counted(kept, 'original')} kept, {size / 1e6:,.1f} MB"] if kept else []
            speak.row(record.name, counted(documents, "document"), counted(chunks, "chunk"), record.encoder, *more)
        if not found:
            speak.err.print(
                f"no index in {place(config)} yet; make one with `ragkit add FOLDER --index NAME`",
                markup=False,
                soft_wrap=True,
            )
        return
    with Index(index, must_exist=True) as opened:
        documents_ = opened.documents()
    if as_json:
        speak.data(documents_)
        return
    for row in documents_:
        speak.row(row.id, row.title, counted(row.chunks, "chunk"), row.language or "-")


def rm(
    documents: Annotated[list[str] | None, typer.Argument(help="Document ids, sources, or file names.")] = None,
    index: IndexOption = None,
    whole: Annotated[bool, typer.Option("--all", help="Delete the whole index.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete documents by id, source or file name, or a whole index."""
    speak = say(as_json)
    from ..index import Index

    if whole == bool(documents):
        raise UsageError("name documents to delete, or give --all for the whole index")
    with Index(index, must_exist=True) as opened:
        if whole:
            if not yes:
                typer.confirm(f"delete index {opened.name!r} with all its documents?", abort=True, err=True)
            count = len(opened.documents())
            opened.drop()
        else:
            rows = opened.documents()
            meant = {_meant(name, rows, opened.name) for name in documents or []}  # all, before the first is deleted
            count = sum(opened.delete(id=v) if key == "id" else opened.delete(source=v) for key, v in meant)
    if as_json:
        speak.data({"deleted": count})
    else:
        speak.err.print(f"{counted(count, 'document')} deleted from {opened.name}", markup=False)


def _meant(name: str, rows: Sequence[DocumentRow], index: str) -> tuple[str, str]:
    """What a name stands for, as ("id", …) or ("source", …): that itself, else the only source whose path ends so.

    Raises UsageError that lists several such sources, NotFoundError for none.
    """
    ids, sources = {row.id for row in rows}, {row.source for row in rows if row.source}
    path = Path(name)
    whole = str(path.parent.resolve() / path.name)  # the id of a file, see `loaders.finding.sources`
    for key, value, known in (("id", name, ids), ("source", name, sources), ("id", whole, ids)):
        if value in known:
            return key, value
    parts = path.parts
    ending = sorted(source for source in sources if parts and PurePath(source).parts[-len(parts) :] == parts)
    if len(ending) > 1:
        raise UsageError(f"{name!r} may be any of {', '.join(ending)}; give one of them whole")
    if not ending:
        raise NotFoundError(
            f"no document in {index!r} has the id, source or file name {name!r}; see `ragkit ls {quote(index)}`"
        )
    return "source", ending[0]
