"""When two answers are the same answer: what a vote counts.

The citation markers, the sentence around the answer and the question's own words say nothing about which answer it is:
"Orm [2]", "The answer is Orm." and "It is based in Orm." (asked where something is based) are one. Where the question
offers a choice ("Ann or Bo?"), which of the offered words comes first counts too.
"""

from __future__ import annotations

import re

from ..citing.abstention import is_abstention, is_garbled
from ..citing.markers import marker
from ..text.folding import fold
from ..text.language import detect_language, function_words, words
from ..text.lexicon import every

__all__ = ["ABSTAINS", "vote_key"]

ABSTAINS = "∅"
_THOUSANDS = re.compile(r"(?<=\d)[,\u00a0\u202f ](?=\d{3}\b)")


def vote_key(question: str, answer: str) -> str:
    """Return what stands for `answer` in a vote; equal for answers that say the same.

    >>> q = "Where is the employer of Ann based?"
    >>> vote_key(q, "The answer is Orm [2].") == vote_key(q, "It is based in Orm.") == "orm"
    True
    """
    if is_garbled(answer) or is_abstention(answer):
        return ABSTAINS
    text = fold(_THOUSANDS.sub("", marker().sub(" ", answer)))
    said = words(text)
    says, either = every("answer", "answer_is"), every("ors")
    common = function_words(detect_language(answer)) | function_words(detect_language(question))
    stop = (common | says) - every("negations")
    read = [fold(w) for w in words(question)]
    asked = set(read)
    own = [w for w in said if w not in stop and w not in asked]
    if own:
        offered = {read[j] for i, w in enumerate(read) if w in either for j in (i - 1, i + 1) if 0 <= j < len(read)}
        picked = [w for w in said if w in offered][:1]
        return " ".join([*picked, *sorted(set(own))])
    return " ".join(w for w in said if w not in says) or text.strip()
