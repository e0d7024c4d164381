"""`ragkit sync`: an index that holds what is in a folder, now or for as long as it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import UsageError
from .output import IndexOption, JsonOption, QuietOption, going_on, say

__all__ = ["sync"]

_GLOB = "Repeat for more; as in a .gitignore."


def sync(
    folders: Annotated[list[Path], typer.Argument(help="Folders.", metavar="FOLDER...")],
    index: IndexOption = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on as files change, until Ctrl-C.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, do nothing.")] = False,
    include: Annotated[list[str], typer.Option(help=f"Take only files that match this glob. {_GLOB}")] = [],  # noqa: B006 - typer copies it
    exclude: Annotated[list[str], typer.Option(help=f"Leave out what matches this glob. {_GLOB}")] = [],  # noqa: B006
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Delete all of a folder that is empty now, as a missing drive is.")
    ] = False,
    encoder: Annotated[str | None, typer.Option(help="Encoder of a new index.")] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of text files, whatever they say; like cp1251.")] = "",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make an index hold what is in folders now: new files come in, changed ones anew, deleted and ignored ones go.

    .gitignore and .ragkitignore files are heeded. A file that fails keeps its last good version.
    """
    speak = say(as_json, quiet)
    from ..index import Index
    from .progress import Course, conclude

    if watch and dry_run:
        raise UsageError("--watch and --dry-run exclude each other: a dry run is over at once")
    fine = True
    with Index(index, encoder=encoder) as opened, going_on(opened.name), Course(speak, every=dry_run) as course:
        if watch:
            reports = opened.watch(
                *folders,
                include=include,
                exclude=exclude,
                allow_empty=allow_empty,
                encoding=encoding,
                progress=course.tell,
                pace=course.pace,
            )
        else:
            report = opened.sync(
                *folders,
                include=include,
                exclude=exclude,
                allow_empty=allow_empty,
                dry_run=dry_run,
                encoding=encoding,
                progress=course.tell,
                pace=course.pace,
            )
            reports = iter([report])
        for report in reports:
            fine = bool(report)
            if as_json:
                speak.line(report) if watch else speak.data(report)
            else:
                conclude(course.err, opened.name, report)
            if watch:
                course.rest()
    raise typer.Exit(0 if fine else 1)
