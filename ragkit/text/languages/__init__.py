"""The languages that ragkit knows, one module each; whatever needs to know something of a language asks here.

A new language is a file `xx.py` in this folder with a `LANGUAGE`, or one that a package of your own registers: under
the entry point group ``ragkit.languages``, or with `register`. Languages of which ragkit knows no more than how to tell
them are in `told`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from .base import Detection, FollowUps, Language, Numbers, Refusals, Sentences, SmallTalk, Talk, entries

__all__ = [
    "Detection",
    "FollowUps",
    "Language",
    "Numbers",
    "Refusals",
    "Sentences",
    "SmallTalk",
    "Talk",
    "entries",
    "language",
    "languages",
    "register",
    "unregister",
]

GROUP = "ragkit.languages"
_APART = ("base", "told")
_added: dict[str, Language] = {}
_known: tuple[Language, ...] = ()


def languages() -> tuple[Language, ...]:
    """All languages; of two for which as much speaks, the earlier is taken: the usual one, or the one known better.

    The tuple is the same object until a language is registered: what is made of it can be cached by it.
    """
    global _known
    if not _known:
        found = {**_shipped(), **_of_packages(), **_added}
        _known = tuple(sorted(found.values(), key=_usual, reverse=True))
    return _known


def language(code: str) -> Language | None:
    """The language of an ISO 639-1 code, None for an unknown one."""
    return _by_code(languages()).get(code)


def register(new: Language) -> None:
    """Add a language, or put a fuller record in the place of one. It counts from the next question on."""
    global _known
    _added[new.code], _known = new, ()


def unregister(code: str) -> None:
    """Take back what `register` did."""
    global _known
    _added.pop(code, None)
    _known = ()


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Language]:
    """The languages of this folder; a module of its own goes before the entry in `told`."""
    from .told import LANGUAGES

    modules = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _APART)
    own: list[Language] = [importlib.import_module(f".{name}", __name__).LANGUAGE for name in modules]
    found = {each.code: each for each in own}
    return found | {each.code: each for each in LANGUAGES if each.code not in found}


@lru_cache(maxsize=1)
def _of_packages() -> dict[str, Language]:
    """The languages that installed packages bring."""
    from importlib.metadata import entry_points

    found = [entry.load() for entry in entry_points(group=GROUP)]
    return {each.code: each for each in found}


@lru_cache(maxsize=2)
def _by_code(known: tuple[Language, ...]) -> dict[str, Language]:
    return {each.code: each for each in known}


def _usual(each: Language) -> float:
    return each.detection.usual if each.detection is not None else 0.0
