"""The words of the pages Library and Evaluate, and of the figures that Evaluate shows, in every language."""

from __future__ import annotations

from collections.abc import Mapping

from . import (
    words_evaluate_en,
    words_evaluate_ru,
    words_evaluate_uk,
    words_figure_en,
    words_figure_ru,
    words_figure_uk,
    words_library_en,
    words_library_ru,
    words_library_uk,
)

__all__ = ["WORDS"]

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {**words_library_en.WORDS, **words_evaluate_en.WORDS, **words_figure_en.WORDS},
    "ru": {**words_library_ru.WORDS, **words_evaluate_ru.WORDS, **words_figure_ru.WORDS},
    "uk": {**words_library_uk.WORDS, **words_evaluate_uk.WORDS, **words_figure_uk.WORDS},
}
