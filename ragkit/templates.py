"""Prompts as files: Markdown with front matter, read strictly, rendered in a sandbox.

    ---
    name: answer
    version: 1
    description: one answer from numbered passages
    variables: passages, question, abstention
    ---
    # system
    Answer from the passages only …

    # user
    {{ passages }}

A line `# system`, `# user` or `# assistant` of the *template* opens a message; text that is filled in cannot. A missing
or an unknown variable raises. A file of the same name in the user's folder wins over the shipped one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from .errors import NotFoundError, PromptError

__all__ = ["Prompt", "PromptLibrary"]

_ROLE = re.compile(r"^# (system|user|assistant)[ \t]*\n", re.MULTILINE)
_HEAD = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_KEYS = ("name", "version", "description", "variables")
_NAME = re.compile(r"[a-z][a-z0-9_-]*\Z")


@dataclass(frozen=True)
class Prompt:
    """One template: its front matter, its messages, and where it came from."""

    name: str
    version: str
    description: str
    variables: tuple[str, ...]
    sections: tuple[tuple[str, str], ...]
    origin: str
    hash: str

    @classmethod
    def parse(cls, source: str, origin: str) -> Prompt:
        """Read a prompt file's text. Raises PromptError with the line that is wrong."""
        source = source.replace("\r\n", "\n")
        head = _HEAD.match(source)
        if head is None:
            raise PromptError(f"{origin} has no front matter; begin it with '---', the keys {', '.join(_KEYS)}, '---'")
        fields: dict[str, str] = {}
        for line in head[1].splitlines():
            key, colon, value = line.partition(":")
            if not colon or key.strip() not in _KEYS or key.strip() in fields:
                raise PromptError(f"{origin}: front matter line {line!r}; each of {', '.join(_KEYS)} stands once")
            fields[key.strip()] = value.strip()
        missing = [k for k in _KEYS if k not in fields]
        if missing:
            raise PromptError(f"{origin}: front matter lacks {', '.join(missing)}")
        parts = _ROLE.split(source[head.end() :])
        if parts[0].strip() or len(parts) < 3:
            raise PromptError(f"{origin}: text outside a section; begin each message with '# system' or '# user'")
        sections = tuple((role, text.strip()) for role, text in zip(parts[1::2], parts[2::2], strict=True))
        names = tuple(v.strip() for v in fields["variables"].split(",") if v.strip())
        prompt = cls(
            fields["name"],
            fields["version"],
            fields["description"],
            names,
            sections,
            origin,
            hashlib.sha256(source.encode()).hexdigest(),
        )
        prompt.check()
        return prompt

    def check(self) -> None:
        """Raise PromptError if the variables used are not exactly those declared, or a section does not compile."""
        from jinja2 import TemplateSyntaxError, meta

        used: set[str] = set()
        for _, text in self.sections:
            try:
                used |= meta.find_undeclared_variables(self._environment.parse(text))
            except TemplateSyntaxError as exc:
                raise PromptError(f"{self.origin}: {exc.message} (line {exc.lineno} of its section)") from exc
        if used != set(self.variables):
            raise PromptError(
                f"{self.origin} declares the variables {_list(self.variables)} but uses {_list(used)}; make them equal"
            )

    @cached_property
    def _environment(self) -> Any:
        from jinja2 import StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)

    @cached_property
    def _templates(self) -> tuple[tuple[str, Any], ...]:
        return tuple((role, self._environment.from_string(text)) for role, text in self.sections)

    def render(self, **variables: Any) -> tuple[Mapping[str, str], ...]:
        """Fill in and return chat messages. Raises PromptError for a missing or an unknown variable."""
        if set(variables) != set(self.variables):
            missing, strange = set(self.variables) - set(variables), set(variables) - set(self.variables)
            what = f"lacks {_list(missing)}" if missing else f"does not know {_list(strange)}"
            raise PromptError(f"prompt {self.name!r} {what}; it takes {_list(self.variables)}")
        from jinja2 import TemplateError
        from jinja2.exceptions import SecurityError

        try:
            return tuple({"role": role, "content": t.render(**variables)} for role, t in self._templates)
        except (TemplateError, SecurityError, TypeError) as exc:
            raise PromptError(f"prompt {self.name!r} could not be filled in: {exc}") from exc


class PromptLibrary:
    """The shipped prompts, with those of `folder` in their place where the names are equal."""

    def __init__(self, folder: str | Path | None = None) -> None:
        self._folder = None if folder is None else Path(folder)
        if self._folder is not None and not self._folder.is_dir():
            raise NotFoundError(f"no folder of prompts at {self._folder}; correct RAGKIT_PROMPTS or make it")
        self._read: dict[str, Prompt] = {}

    def names(self) -> list[str]:
        """Every prompt's name."""
        shipped = {f.name[:-3] for f in files("ragkit.prompts").iterdir() if f.name.endswith(".md")}
        own = {p.stem for p in self._folder.glob("*.md")} if self._folder else set()
        return sorted(n for n in shipped | own if _NAME.match(n))

    @staticmethod
    def misfit(prompt: Prompt) -> str:
        """Why a prompt cannot stand in for the shipped one of its name; "" when it can, or when there is none."""
        shipped = files("ragkit.prompts") / f"{prompt.name}.md"
        if not _NAME.match(prompt.name) or not shipped.is_file():
            return ""
        given = set(Prompt.parse(shipped.read_text(encoding="utf-8"), prompt.name).variables)
        if strange := set(prompt.variables) - given:
            return f"uses {_list(strange)}, which is not given to {prompt.name!r}; it is given {_list(given)}"
        if lost := (given & {"passages", "question"}) - set(prompt.variables):
            return f"leaves out {_list(lost)}: a model would answer without them"
        return ""

    def get(self, name: str) -> Prompt:
        """The prompt of that name. Raises NotFoundError; a path is not a name."""
        if name not in self._read:
            if not _NAME.match(name):
                raise NotFoundError(f"{name!r} is not a prompt's name; known: {', '.join(self.names())}")
            own = self._folder / f"{name}.md" if self._folder else None
            shipped = files("ragkit.prompts") / f"{name}.md"
            if own is not None and own.is_file():
                prompt = Prompt.parse(own.read_text(encoding="utf-8"), str(own))
            elif shipped.is_file():
                prompt = Prompt.parse(shipped.read_text(encoding="utf-8"), f"ragkit/prompts/{name}.md")
            else:
                raise NotFoundError(f"no prompt named {name!r}; known: {', '.join(self.names())}")
            if prompt.name != name:
                raise PromptError(f"{prompt.origin} names itself {prompt.name!r}; name and file must be equal")
            self._read[name] = prompt
        return self._read[name]

    def render(self, name: str, **variables: Any) -> tuple[Mapping[str, str], ...]:
        """Fill in the prompt of that name."""
        return self.get(name).render(**variables)


def _list(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"
