"""The root command and how every command ends. Heavy parts are imported inside the commands that need them."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from typing import Annotated, Any

import typer

from .. import __version__
from ..errors import UsageError
from . import configuring, documents, engines, health, planning, prompts, serving, syncing, trusting
from .answering import asking, batch, chat, traces
from .commands import Commands
from .output import fail, say

__all__ = ["app", "main", "mount_leaves"]

app = Commands(
    name="ragkit",
    help="Answers from your own documents, with a model on your own machine: cited, budgeted, measured.",
    invoke_without_command=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


# Typer carries its own copy of click or uses the installed one, by version; this is the base of either's usage errors.
_USAGE: Any = typer.BadParameter.__mro__[1]


def _arguments() -> list[str]:
    """The command line with --debug in front: people add it to the end of a command that has just failed."""
    given = sys.argv[1:]
    end = given.index("--") if "--" in given else len(given)
    rest = [a for a in given[:end] if a != "--debug"]
    return [*(["--debug"] if len(rest) < end else []), *rest, *given[end:]]


def _version(show: bool) -> None:
    if show:
        typer.echo(f"ragkit {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks; anywhere in the line.")] = False,
) -> None:
    """Options of every command."""
    if debug:
        os.environ["RAGKIT_DEBUG"] = "1"
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


for command in (
    asking.demo,
    documents.add,
    syncing.sync,
    documents.search,
    asking.ask,
    batch.batch,
    chat.chat,
    documents.ls,
    documents.rm,
    health.verify,
    health.repair,
    health.backup,
    health.restore,
    health.doctor,
    planning.plan,
    serving.serve,
    serving.ui,
    trusting.trust,
    configuring.config,
):
    app.command()(command)
app.add_typer(engines.engines, name="engines")
app.add_typer(prompts.prompts, name="prompts")
app.add_typer(traces.trace, name="trace")


@lru_cache(maxsize=1)
def mount_leaves() -> None:
    """Add the commands of the packages above; they import this one, so not while it is being imported."""
    from ..eval.cli import eval_app
    from ..tune.cli import tune_app

    app.add_typer(eval_app, name="eval")
    app.add_typer(tune_app, name="tune")


def main() -> None:
    """Run the command line; never shows a traceback unless --debug asks for it."""
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")  # torch's own remarks are nothing a user can act on
    try:
        mount_leaves()
        code = app(_arguments(), prog_name="ragkit", standalone_mode=False)
    except typer.Abort:
        fail(KeyboardInterrupt())
    except _USAGE as exc:
        if type(exc).__name__ == "NoArgsIsHelpError":  # its message is the help, of many lines
            exc.show()
            raise SystemExit(exc.exit_code) from None
        say(as_json="--json" in sys.argv)
        command = exc.ctx.command_path if exc.ctx else "ragkit"
        problem = exc.format_message()
        fail(UsageError(f"{problem}{'' if problem.endswith(('.', '?')) else '.'} See `{command} --help`."))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except (Exception, KeyboardInterrupt) as exc:  # noqa: BLE001 - the one place where errors become lines
        fail(exc)
    raise SystemExit(code if isinstance(code, int) else 0)
