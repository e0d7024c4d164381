"""When two answers are the same answer: what a vote counts.

The citation markers, the sentence around the answer and the question's own words say nothing about which answer it is:
"Orm [2]", "The answer is Orm." and "It is based in Orm." (asked where something is based) are one. Where the question
offers a choice ("Ann or Bo?"), which of the offered words comes first counts too.
"""

from __future__ import annotations

import re

from ..citing.abstention import is_abstention, is_garbled
from ..citing.citations import MARKER
from ..text.folding import fold
from ..text.language import detect_language, function_words, words

__all__ = ["ABSTAINS", "vote_key"]

ABSTAINS = "∅"
_NOT = frozenset(
    ("not", "no", "never", "none", "nor", "cannot", "не", "нет", "ни", "ні", "немає", "kein", "keine", "nicht", "nie")
)
_SAYS = frozenset(("answer", "ответ", "відповідь", "antwort", "is", "the"))
_OR = frozenset(("or", "или", "либо", "або", "чи", "oder"))
_THOUSANDS = re.compile(r"(?<=\d)[,\u00a0\u202f ](?=\d{3}\b)")


def vote_key(question: str, answer: str) -> str:
    """Return what stands for `answer` in a vote; equal for answers that say the same.

    >>> q = "Where is the employer of Ann based?"
    >>> vote_key(q, "The answer is Orm [2].") == vote_key(q, "It is based in Orm.") == "orm"
    True
    """
    if is_garbled(answer) or is_abstention(answer):
        return ABSTAINS
    text = fold(_THOUSANDS.sub("", MARKER.sub(" ", answer)))
    said = words(text)
    stop = (function_words(detect_language(answer)) | function_words(detect_language(question)) | _SAYS) - _NOT
    read = [fold(w) for w in words(question)]
    asked = set(read)
    own = [w for w in said if w not in stop and w not in asked]
    if own:
        offered = {read[j] for i, w in enumerate(read) if w in _OR for j in (i - 1, i + 1) if 0 <= j < len(read)}
        picked = [w for w in said if w in offered][:1]
        return " ".join([*picked, *sorted(set(own))])
    return " ".join(w for w in said if w not in _SAYS) or text.strip()
