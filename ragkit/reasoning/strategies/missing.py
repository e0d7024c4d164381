"""Query decomposition: the fact that a model's text still lacks becomes the next query.

Three signs, the surest first: a line ``SEARCH: …`` in the answer, as the prompt asks for; a sentence of the thought or
the answer that says a fact is not given ("The seat of Veltro is not given."); an abstention, whose query is the last
thing known and the question.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ...citing.abstention import is_abstention
from ...citing.markers import marker
from ...text.hidden import strip_hidden
from ...text.languages import Language, languages
from ...text.sentences import sentence_spans

__all__ = ["asks_to_search", "next_query"]

MAX_QUERY = 400
_SEARCH = re.compile(r"^[\s>*_`-]*(?:SEARCH|QUERY)\s*[:：][\s*_`\"“«]*(.+?)[\s*_`\"”»]*$", re.MULTILINE)


@lru_cache(maxsize=2)
def _not_given(known: tuple[Language, ...]) -> tuple[re.Pattern[str], ...]:
    told = (pattern for each in known if each.refusals is not None for pattern in each.refusals.not_given)
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in told)


@lru_cache(maxsize=2)
def _nothing(known: tuple[Language, ...]) -> re.Pattern[str]:
    """What is no fact to look for: "the answer", "this"."""
    told = "|".join(each.refusals.it for each in known if each.refusals is not None and each.refusals.it)
    return re.compile(told, re.IGNORECASE)


def asks_to_search(text: str) -> str | None:
    """The query of the first ``SEARCH:`` line, or None."""
    found = _SEARCH.search(text)
    return _tidy(found[1]) or None if found else None


def next_query(question: str, thinking: str, answer: str) -> str | None:
    """What to search for next, or None when the answer lacks nothing.

    >>> thought = "The employer of Ann is Veltro [1]. The seat of Veltro is not given."
    >>> next_query("Where is Ann's employer based?", thought, "The answer is not in the documents.")
    'seat of Veltro'
    """
    asked = asks_to_search(answer)
    if asked is not None:
        return asked
    lacks = is_abstention(answer) or not answer.strip()
    said = _missing(answer)
    if said is not None and (lacks or not marker().search(answer)):
        return said
    if not lacks:
        return None
    return _missing(thinking) or _onwards(question, thinking)


def _missing(text: str) -> str | None:
    """The last fact that `text` says is not given."""
    for sentence in reversed(_sentences(text)):
        for pattern in _not_given(languages()):
            found = pattern.search(sentence)
            if found:
                what = _tidy(found["what"])
                if what and not _nothing(languages()).match(what):
                    return what
    return None


def _onwards(question: str, thinking: str) -> str | None:
    """Without a hint: the last thing the thought is sure of, then the question."""
    known = [s for s in _sentences(thinking) if marker().search(s)]
    return _tidy(f"{marker().sub('', known[-1])} {question}") if known else None


def _sentences(text: str) -> list[str]:
    return [" ".join(text[a:b].split()) for a, b in sentence_spans(text)]


def _tidy(text: str) -> str:
    """One visible line without markers, ``seat of Veltro`` and not ``Veltro: seat``."""
    line = " ".join(marker().sub(" ", strip_hidden(text)).replace(":", " ").split())
    return line.strip(" .,;!?\"'«»“”")[:MAX_QUERY]
