"""Commands over an index's health and the machine's: verify, repair, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .output import JsonOption, Say, say

__all__ = ["backup", "doctor", "repair", "restore", "verify"]

IndexArgument = Annotated[str | None, typer.Argument(help="Index [RAGKIT_INDEX, else 'default'].")]
DAMAGED = 5


def verify(index: IndexArgument = None, as_json: JsonOption = False) -> None:
    """Check an index: the database, every file's checksum, and that both views agree with the store."""
    from ..index import Index

    with Index(index, must_exist=True) as opened:
        _show(say(as_json), opened.verify())


def repair(
    index: IndexArgument = None,
    encoder: Annotated[str | None, typer.Option(help="Embed everything anew with this encoder.")] = None,
    passages: Annotated[bool, typer.Option("--passages", help="Cut anew what an older version cut.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Rebuild an index's views from the database; with --encoder, embed everything anew and switch;
    with --passages, cut documents anew that an older version of ragkit cut."""
    from ..index import Index

    speak = say(as_json)
    with Index(index, must_exist=True) as opened:
        if passages:
            speak.err.print(f"{opened.name}: {opened.recut()}", markup=False)
        _show(speak, opened.reembed(encoder) if encoder else opened.repair())


def _show(speak: Say, health: Any) -> None:
    if speak.as_json:
        speak.data(health)
    else:
        speak.out.print(
            f"{health.index}: {health.documents} documents, {health.chunks} chunks, encoder {health.encoder}: "
            + ("sound" if health else "damaged"),
            markup=False,
        )
        for problem in health.problems:
            speak.out.print(f"  - {problem}", markup=False)
        if not health:
            speak.err.print(f"rebuild it: ragkit repair {health.index}", markup=False)
    raise typer.Exit(0 if health else DAMAGED)


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; an earlier backup there is replaced.")],
    as_json: JsonOption = False,
) -> None:
    """Write a checked copy of the database, with all indexes, answers and conversations, while others go on."""
    from ..index import backup as write

    _tell(say(as_json), write(file))


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `ragkit backup` wrote.")], as_json: JsonOption = False
) -> None:
    """Put a backup in the place of the database; the one before is kept as ragkit.db-before-restore."""
    from ..index import restore as bring_back

    _tell(say(as_json), bring_back(file))


def _tell(speak: Say, report: Any) -> None:
    if speak.as_json:
        speak.data(report)
    else:
        speak.out.print(str(report), markup=False, soft_wrap=True)


def doctor(as_json: JsonOption = False) -> None:
    """Check what ragkit needs on this machine; each failure comes with its remedy."""
    from ..doctor import examine

    speak = say(as_json)
    checks = examine()
    if as_json:
        speak.data(checks)
    else:
        marks = {"ok": "[green]ok  [/]", "warn": "[yellow]warn[/]", "fail": "[bold red]FAIL[/]"}
        for check in checks:
            speak.out.print(f"{marks[check.state]} [bold]{check.name:<11}[/] ", end="")
            speak.out.print(check.detail, markup=False)
            if check.remedy:
                speak.out.print(f"     {'':<11} → {check.remedy}", style="dim", markup=False)
    states = {check.state for check in checks}
    raise typer.Exit(2 if "fail" in states else 1 if "warn" in states else 0)
