"""Pages that the code itself writes: commands, settings, the Python surface. Called by mkdocs at every build."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

__all__ = ["commands", "on_files", "python", "settings"]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """mkdocs asks for more files: give the generated ones."""
    for name, text in (("commands", commands()), ("settings", settings()), ("python", python())):
        files.append(File.generated(config, f"reference/{name}.md", content=text))
    return files


def commands() -> str:
    """Every command with its options, from the commands themselves."""
    import typer

    from ragkit.cli.app import app, mount_leaves

    mount_leaves()
    lines = [
        "# Commands",
        "",
        "stdout carries data, stderr progress; `--json` wherever there is data, errors too. Exit codes: 0 ok,",
        "1 failure, 2 usage, 3 not found, 5 index damaged, 75 locked by another writer, 130 interrupted.",
        "",
    ]
    for path, command in _leaves(typer.main.get_command(app), "ragkit"):
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [p for p in command.params if p.param_type_name == "option" and not getattr(p, "hidden", False)]
        usage = " ".join([path, *(_placeholder(p) for p in arguments), *(["[OPTIONS]"] if options else [])])
        lines += [f"## {path}", "", " ".join((command.help or "").split()), "", f"```\n{usage}\n```", ""]
        if options:
            lines += ["| option | meaning | default |", "|---|---|---|"]
            lines += [f"| `{', '.join(p.opts)}` | {_cell(getattr(p, 'help', ''))} | {_default(p)} |" for p in options]
            lines.append("")
    return "\n".join(lines)


def _leaves(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    if hasattr(command, "commands"):
        for name, inner in sorted(command.commands.items()):
            yield from _leaves(inner, f"{path} {name}")
    else:
        yield path, command


def _placeholder(parameter: Any) -> str:
    name = str(parameter.metavar or parameter.name or "").upper().strip("[]")
    name += "..." if parameter.nargs == -1 else ""
    return name if parameter.required else f"[{name}]"


def _default(option: Any) -> str:
    value = option.default
    if value is None or value == () or callable(value) or "required" in str(type(value)).lower():
        return ""
    return "" if value is False else f"`{value}`"


def settings() -> str:
    """Every setting, its name in the environment, what it is when nothing is said."""
    from ragkit.config import Settings

    lines = [
        "# Settings",
        "",
        "From `ragkit.toml` in the working folder, then `RAGKIT_*` in the environment, then what a call passes; later",
        "ones win. An unknown key is refused. `[vllm]` takes what `ragkit plan` advises.",
        "",
        "| setting | in the environment | meaning | default |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        value = field.get_default(call_default_factory=True)
        shown = "" if value in (None, "", {}) else f"`{value}`"
        lines.append(f"| `{name}` | `RAGKIT_{name.upper()}` | {_cell(field.description)} | {shown} |")
    return "\n".join(lines) + "\n"


def python() -> str:
    """The public names with their docstrings."""
    import ragkit

    lines = ["# Python", "", "What `import ragkit` gives. All else may change without a word in the changelog.", ""]
    for name in ragkit.__all__:
        thing = getattr(ragkit, name)
        lines += [f"## ragkit.{name}", "", f"```python\n{_signature(name, thing)}\n```", "", _doc(thing), ""]
        if inspect.isclass(thing):
            for method, function in inspect.getmembers(thing, inspect.isfunction):
                if not method.startswith("_") and method in vars(thing):
                    shown = _signature(f"{name}.{method}", function)
                    lines += [f"### {name}.{method}", "", f"```python\n{shown}\n```", "", _doc(function), ""]
    return "\n".join(lines)


def _signature(name: str, thing: Any) -> str:
    try:
        return f"{name}{inspect.signature(thing)}"
    except (TypeError, ValueError):
        return name


def _doc(thing: Any) -> str:
    return inspect.getdoc(thing) or ""


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")
