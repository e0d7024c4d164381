"""What a question asks for, and how a sentence fits it: features of a question and a passage, in any language.

The kind of answer is read off the question's words ("when", «сколько», "wie viele"); a passage without a name or
number that the question names does not answer it, however alike it sounds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..text.folding import fold
from .tokens import FUNCTION, NAME, NUMBER, Word, read_words

__all__ = ["FIT", "fit", "kind_asked", "wants_many"]

FIT = (
    "covered",
    "covered_aside",
    "names_missing",
    "numbers_missing",
    "kind_fits",
    "kind_lacks",
    "new_words",
    "is_short",
    "wants_reason",
    "no_words",
)

_KINDS = {
    "number": (
        r"how (?:many|much|long|old|far|big|large|tall|high|often|fast|deep|wide|heavy)|what (?:number|"
        r"percentage|percent|"
        r"share|amount|size|rate|price|score)|сколько|скольк\w+|какое число|как (?:долго|часто|много)|насколько|"
        r"какова? (?:доля|цена)|скільки|скільк\w+|наскільки|як (?:довго|часто|багато)|wie ?(?:viele?|lange|oft|"
        r"hoch|groß|alt|"
        r"weit|schnell)|combien|cu[aá]nt[oa]s?|qué (?:porcentaje|número)"
    ),
    "time": (
        r"when|what (?:year|date|day|month|century|decade|time)|(?:in |on )?(?:which|what) (?:year|day|date|"
        r"month|century)|"
        r"когда|в как\w+ год\w+|какого числа|коли|у як\w+ ро\w+|в якому ро\w+|wann|in welchem jahr|quand|en "
        r"quelle année|"
        r"cu[aá]ndo|en qué año"
    ),
    "person": r"who|whom|whose|кто|кого|кому|кем|чей|чья|хто|кого|кому|ким|чий|чия|wer|wen|wem|wessen|qui|qui[eé]n\w*",
    "place": r"where|which (?:city|country|town)|где|куда|откуда|де|куди|звідки|wo|wohin|woher|où|d[oó]nde",
    "reason": r"why|how come|почему|зачем|отчего|чому|навіщо|warum|weshalb|wieso|pourquoi|por qué",
    "way": r"how (?:do|does|did|can|is|are|to)|как|як|wie|comment|c[oó]mo",
}
_ASKED = {kind: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)") for kind, pattern in _KINDS.items()}
_MONTHS = re.compile(
    r"(?<!\w)(?:january|february|march|april|june|july|august|september|october|november|december|monday|tuesday|"
    r"wednesday|thursday|friday|saturday|sunday|январ\w+|феврал\w+|март\w*|апрел\w+|ма[яй]|июн\w+|июл\w+|"
    r"август\w*|сентябр\w+|"
    r"октябр\w+|ноябр\w+|декабр\w+|січ\w+|лют\w+|берез\w+|квіт\w+|трав\w+|черв\w+|лип\w+|серп\w+|верес\w+|жовт\w+|"
    r"листопад\w*|груд\w+|januar|februar|märz|mai|juni|juli|oktober|dezember|century|век\w*|століт\w+|"
    r"jahrhundert)(?!\w)"
)
_REASONS = re.compile(
    r"(?<!\w)(?:because|since|due to|so that|in order to|therefore|as a result|caus\w+|reason\w*|потому|поэтому|"
    r"так как|"
    r"чтобы|из-за|причин\w+|тому що|оскільки|щоб|через те|бо|причин\w+|weil|da|damit|wegen|deshalb|parce que|"
    r"car|afin|porque)"
    r"(?!\w)"
)
_MANY = re.compile(
    r"(?<!\w)(?:which \w+s are|what are|list|name (?:all|the|three|two|four|five)|which of|what (?:kinds|types|"
    r"steps|parts|"
    r"options|columns)|какие|перечисл\w+|назов\w+|які|переліч\w+|назв\w+|welche|nenne|liste|quels|quelles|"
    r"cu[aá]les)(?!\w)"
)


def kind_asked(question: str) -> str:
    """number, time, person, place, reason, way, or "" where the words do not tell."""
    folded = fold(question)
    found = [(m.start(), kind) for kind, pattern in _ASKED.items() if (m := pattern.search(folded))]
    return min(found, key=lambda item: item[0])[1] if found else ""


def wants_many(question: str) -> bool:
    """Whether the question asks for several items: "which are", «какие», "list"."""
    return _MANY.search(fold(question)) is not None


def fit(question: str, sentence: str, aside: str, passage: str, weights: dict[str, float]) -> list[float]:
    """Return the features named in FIT of a sentence.

    aside: what stands beside it and tells what it is about: title, headings, the sentence before.
    passage: all that the reader sees around it. weights: of the question's stems, by their rarity.
    """
    asked = [w for w in read_words(question) if w.kind != FUNCTION]
    said, around, whole = read_words(sentence), read_words(aside), read_words(passage)
    forms, stems = {w.form for w in said}, {w.stem for w in said}
    forms_aside, stems_aside = {w.form for w in around}, {w.stem for w in around}
    forms_all, stems_all = {w.form for w in whole} | forms_aside, {w.stem for w in whole} | stems_aside
    total = sum(weights.get(w.stem, 1.0) for w in asked) or 1.0
    covered = sum(weights.get(w.stem, 1.0) for w in asked if w.form in forms or w.stem in stems) / total
    beside = sum(
        weights.get(w.stem, 1.0)
        for w in asked
        if w.stem not in stems and (w.form in forms_aside or w.stem in stems_aside)
    )
    missing_names = sum(w.kind == NAME and w.form not in forms_all and w.stem not in stems_all for w in asked)
    missing_numbers = sum(w.kind == NUMBER and w.form not in forms_all for w in asked)
    own = [w for w in said if w.stem not in {a.stem for a in asked} and w.kind != FUNCTION]
    fits = _fits(kind_asked(question), sentence, own)
    return [
        covered,
        beside / total,
        1 - 0.5**missing_names,
        1 - 0.5**missing_numbers,
        float(fits is True),
        float(fits is False),
        min(1.0, len(own) / 12),
        float(len(said) < 4),
        float(kind_asked(question) in ("reason", "way")),
        float(not asked),
    ]


def _fits(kind: str, sentence: str, own: Sequence[Word]) -> bool | None:
    """Whether the sentence holds a word of the kind asked for that the question does not have; None: cannot be told."""
    if kind == "number":
        return any(w.kind == NUMBER for w in own)
    if kind == "time":
        dated = any(w.kind == NUMBER for w in own) or _MONTHS.search(fold(sentence)) is not None
        return dated or None if re.search(r"\d", sentence) else dated
    if kind == "person":
        return any(w.kind == NAME for w in own) or sentence[:1].isupper() or None
    if kind == "place":
        return any(w.kind == NAME for w in own) or None
    if kind == "reason":
        return _REASONS.search(fold(sentence)) is not None or None
    return None
