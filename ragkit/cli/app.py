"""The root command and how every command ends. Heavy parts are imported inside the commands that need them."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import click
import typer

from .. import __version__
from . import asking, documents, health
from .output import fail, say

__all__ = ["app", "main"]

app = typer.Typer(
    name="ragkit",
    help="Answers from your own documents, with a model on your own machine: cited, budgeted, measured.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(show: bool) -> None:
    if show:
        typer.echo(f"ragkit {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Options of every command."""
    if debug:
        os.environ["RAGKIT_DEBUG"] = "1"


for command in (
    asking.demo, documents.add, documents.search, asking.ask, documents.ls, documents.rm, health.verify, health.repair,
    health.doctor,
):  # fmt: skip
    app.command()(command)


def main() -> None:
    """Run the command line; never shows a traceback unless --debug asks for it."""
    try:
        code = app(standalone_mode=False)
    except click.exceptions.Abort:
        fail(KeyboardInterrupt())
    except click.ClickException as exc:
        if "--json" in sys.argv:
            say(as_json=True)
            from ..errors import UsageError

            fail(UsageError(exc.format_message()))
        exc.show()
        raise SystemExit(exc.exit_code) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except (Exception, KeyboardInterrupt) as exc:  # noqa: BLE001 - the one place where errors become lines
        fail(exc)
    raise SystemExit(code if isinstance(code, int) else 0)
