"""How much there is to read in a text: the measure of passages, the same in every language.

A word is one unit, and so is a punctuation mark. Where words are not set apart, two Chinese or Japanese characters make
one and four letters of Thai, Lao, Khmer or Burmese, which is how many a word has there. A long compound, a URL or a
hash counts once for every twelve letters. English text has about as many units as an encoder has word pieces for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .scripts import MARKS

__all__ = ["UNIT_CHARACTERS", "reading_units", "word_runs"]

UNIT_CHARACTERS = 12  # no unit is longer
_UNIT = re.compile(
    r"[\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]{1,2}"
    r"|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{1,4}"
    rf"|\w[\w{MARKS}]{{0,{UNIT_CHARACTERS - 1}}}"
    r"|[^\w\s]"
)
_RUN = re.compile(rf"[^\W_](?:[^\W_]|[{MARKS}])*")


def reading_units(texts: Sequence[str]) -> list[int]:
    """Return how many units each text has.

    >>> reading_units(["Who approves travel?", "谁批准出差？", "Donaudampfschifffahrt", ""])
    [4, 4, 2, 0]
    """
    return [len(_UNIT.findall(text)) for text in texts]


def word_runs(text: str) -> list[str]:
    """Return the runs of letters and digits, with the marks on them: words, where words are set apart.

    >>> word_runs("state-of-the-art हिन्दी")
    ['state', 'of', 'the', 'art', 'हिन्दी']
    """
    return _RUN.findall(text)
