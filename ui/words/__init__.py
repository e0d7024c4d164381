"""The interface's words: `t = Words("uk")`, then `t("chat.send")`. One dictionary a language, the same keys in all.

A key is `place.thing`. A text may hold fields: `t("chat.waiting", place=3)`. The words of Library and Evaluate are
in `pages`, the others in `en`, `ru` and `uk`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from . import en, pages, ru, uk

__all__ = ["LANGUAGES", "Words", "plural", "preferred"]

LANGUAGES: Mapping[str, str] = {"en": "English", "ru": "Русский", "uk": "Українська"}

_TABLES: Mapping[str, Mapping[str, str]] = {
    "en": {**en.WORDS, **pages.WORDS["en"]},
    "ru": {**ru.WORDS, **pages.WORDS["ru"]},
    "uk": {**uk.WORDS, **pages.WORDS["uk"]},
}


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

    def count(self, key: str, number: int) -> str:
        """`key` holds the forms "one|few|many"; "1 документ", "3 документи", "12 документів"."""
        forms = self._table[key].split("|")
        return f"{number:,} {forms[min(plural(self.language, number), len(forms) - 1)]}".replace(",", "\u202f")

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def part(self, prefix: str) -> dict[str, str]:
        """All texts whose key begins with `prefix`, without it: what a script in the browser needs."""
        return {key[len(prefix) :]: text for key, text in self._table.items() if key.startswith(prefix)}


def plural(language: str, number: int) -> int:
    """Which of the forms one, few, many (0, 1, 2) a number takes; English has one (0) and many (1)."""
    if language == "en":
        return 0 if number == 1 else 1
    tens, ones = number % 100, number % 10
    if ones == 1 and tens != 11:
        return 0
    return 1 if 2 <= ones <= 4 and not 12 <= tens <= 14 else 2


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
