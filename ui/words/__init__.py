"""The interface's words: `t = Words("uk")`, then `t("chat.send")`. One table a language, the same keys in all.

A key is `place.thing`: `[chat]`, `send = "…"` in `en.toml`. A text may hold fields: `t("chat.waiting", place=3)`.
To add a language, add `xx.toml` beside these, with its own name in `language` and its rule for numbers in `plural`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from typing import Any

__all__ = ["LANGUAGES", "Words", "plural", "preferred"]


def _read() -> dict[str, dict[str, Any]]:
    """Every table by its language's code, English first."""
    found = sorted((f for f in files(__name__).iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    tables = {f.name.removesuffix(".toml"): tomllib.loads(f.read_text(encoding="utf-8")) for f in found}
    return {"en": tables.pop("en"), **tables}


def _flat(table: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"{place}.{thing}": text
        for place, texts in table.items()
        if isinstance(texts, dict)
        for thing, text in texts.items()
    }


_READ = _read()
LANGUAGES: Mapping[str, str] = {code: table["language"] for code, table in _READ.items()}
_TABLES: Mapping[str, Mapping[str, str]] = {code: _flat(table) for code, table in _READ.items()}


class Words:
    """The texts of one language. An unknown key raises KeyError: a label is never silently its own key."""

    def __init__(self, language: str = "en") -> None:
        if language not in _TABLES:
            raise KeyError(f"no words for {language!r}; there are {', '.join(_TABLES)}")
        self.language = language
        self._table = _TABLES[language]

    def __call__(self, key: str, **fields: object) -> str:
        text = self._table[key]
        return text.format(**fields) if fields else text

    def get(self, key: str, otherwise: str) -> str:
        """The text of `key`; what has no word in the tables, as a name of another package's, is shown as it is."""
        return self._table.get(key, otherwise)

    def count(self, key: str, number: int) -> str:
        """`key` holds the forms "one|few|many"; "1 документ", "3 документи", "12 документів"."""
        forms = self._table[key].split("|")
        return f"{self.number(number)} {forms[min(plural(self.language, number), len(forms) - 1)]}"

    def number(self, value: int) -> str:
        """Thousands parted by a narrow space, as ISO 80000 has it: "1,024" is about one where decimals have commas."""
        return f"{value:,}".replace(",", "\u202f")

    def decimal(self, value: float, places: int) -> str:
        """A number with so many decimals: "1.5" in English, "1,5" elsewhere."""
        whole, _, rest = f"{value:.{places}f}".partition(".")
        return f"{whole}{self._table['app.decimal']}{rest}" if rest else whole

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def part(self, prefix: str) -> dict[str, str]:
        """All texts whose key begins with `prefix`, without it: what a script in the browser needs."""
        return {key[len(prefix) :]: text for key, text in self._table.items() if key.startswith(prefix)}


def plural(language: str, number: int) -> int:
    """Which of the forms one, few, many (0, 1, 2) a number takes; a language of two forms has one (0) and many (1)."""
    return _PLURALS[_READ[language]["plural"]](number)


def _english(number: int) -> int:
    return 0 if number == 1 else 1


def _few(number: int) -> bool:
    return 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14


def _east_slavic(number: int) -> int:
    if number % 10 == 1 and number % 100 != 11:
        return 0
    return 1 if _few(number) else 2


def _polish(number: int) -> int:
    """As in the Slavic languages further east, but 21 is many."""
    if number == 1:
        return 0
    return 1 if _few(number) else 2


# The rules of Unicode's CLDR for whole numbers, by the name that a table gives as `plural`.
_PLURALS: Mapping[str, Callable[[int], int]] = {"english": _english, "east-slavic": _east_slavic, "polish": _polish}


def preferred(accept_language: str) -> str:
    """The language a browser asks for first that ragkit speaks: "ru-RU,ru;q=0.9,en;q=0.8" is "ru"; else "en"."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        if weight > 0 and tag[:2].lower() in LANGUAGES and tag[2:3] in ("", "-"):
            wanted.append((-weight, place, tag[:2].lower()))
    return min(wanted)[2] if wanted else "en"
