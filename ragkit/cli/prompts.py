"""`ragkit prompts`: list, show and check the prompts that models are asked with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import RagkitError
from .commands import Commands
from .output import JsonOption, say

__all__ = ["prompts"]

prompts = Commands(help="List, show and check prompts.", no_args_is_help=True)
USAGE = 2


def _library() -> Any:
    from ..config import settings
    from ..templates import PromptLibrary

    return PromptLibrary(settings().prompts)


@prompts.command()
def ls(as_json: JsonOption = False) -> None:
    """List the prompts, with version, hash and where each comes from."""
    speak = say(as_json)
    library = _library()
    found = [library.get(name) for name in library.names()]
    if as_json:
        speak.data([_facts(p) for p in found])
        return
    for p in found:
        speak.row(p.name, f"v{p.version}", p.hash[:12], p.origin, p.description)


@prompts.command()
def show(name: Annotated[str, typer.Argument(help="A prompt's name.")], as_json: JsonOption = False) -> None:
    """Show one prompt: its variables and its messages as templates."""
    speak = say(as_json)
    prompt = _library().get(name)
    if as_json:
        messages = [{"role": role, "template": text} for role, text in prompt.sections]
        speak.data({**_facts(prompt), "messages": messages})
        return
    head = f"{prompt.name} v{prompt.version} ({prompt.origin}): {prompt.description}"
    speak.err.print(head, style="dim", markup=False, soft_wrap=True)
    speak.err.print(f"variables: {', '.join(prompt.variables)}", style="dim", markup=False)
    for role, text in prompt.sections:
        speak.out.print(f"# {role}", style="bold cyan", markup=False)
        speak.out.print(f"{text}\n", markup=False, soft_wrap=True)


@prompts.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Prompt files; none: all of the library.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check prompts: front matter, sections, syntax, and that the variables are those declared, used and given."""
    speak = say(as_json)
    from ..errors import NotFoundError
    from ..templates import Prompt

    library = _library()
    checks: list[dict[str, str]] = []
    for item in files if files else library.names():
        problem = ""
        try:
            if isinstance(item, Path):
                if not item.is_file():
                    raise NotFoundError(f"no file at {item}")
                prompt = Prompt.parse(item.read_text(encoding="utf-8"), str(item))
            else:
                prompt = library.get(item)
            problem = library.misfit(prompt)
        except RagkitError as exc:
            problem = str(exc)
        except UnicodeDecodeError as exc:
            problem = f"{item} is not UTF-8 text: {exc.reason} at byte {exc.start}"
        checks.append({"prompt": str(item), "problem": problem})
    if as_json:
        speak.data(checks)
    else:
        for one in checks:
            line = f"{one['prompt']}: {one['problem'] or 'good'}"
            speak.out.print(line, markup=False, soft_wrap=True, style="red" if one["problem"] else None)
    raise typer.Exit(USAGE if any(one["problem"] for one in checks) else 0)


def _facts(prompt: Any) -> dict[str, Any]:
    names = ("name", "version", "description", "variables", "origin", "hash")
    return {name: getattr(prompt, name) for name in names}
