"""The words of the pages Library and Evaluate, and of the figures that Evaluate shows, in every language."""

from __future__ import annotations

from collections.abc import Mapping

from . import (
    evaluate_en,
    evaluate_ru,
    evaluate_uk,
    figure_en,
    figure_ru,
    figure_uk,
    library_en,
    library_ru,
    library_uk,
)

__all__ = ["WORDS"]

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {**library_en.WORDS, **evaluate_en.WORDS, **figure_en.WORDS},
    "ru": {**library_ru.WORDS, **evaluate_ru.WORDS, **figure_ru.WORDS},
    "uk": {**library_uk.WORDS, **evaluate_uk.WORDS, **figure_uk.WORDS},
}
