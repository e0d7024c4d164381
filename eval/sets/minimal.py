"""Minimal pairs: a sentence of a text with one thing changed, so that its text no longer supports it.

    number      another number, or another of the same text
    date        another year, month or day
    name        another name of the same text, or of a list
    negation    one added or taken away
    opposite    more for less, all for some, first for last
    role        two names or two numbers of the sentence change places
    overreach   some becomes all, can becomes always does, one of becomes the only

and rewordings that keep it true: a lead-in, a bracket dropped, a number written otherwise, a clause by itself.
English, Russian, Ukrainian, German; what needs no grammar works in any language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from ragkit.reader.tokens import NAME, NUMBER, read_words
from ragkit.reader.vocabulary import OPPOSITES
from ragkit.text import detect_language
from ragkit.text.folding import fold

__all__ = ["CHANGES", "Change", "change", "names_of", "reword"]


@dataclass(frozen=True, slots=True)
class Change:
    """A changed sentence, what kind of change it is, and the words that took another's place."""

    text: str
    kind: str
    was: str
    now: str


_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
_MONTH = {name: months.split() for months in _MONTHS.values() for name in months.split()}
_YEAR = re.compile(r"(?<![\d.,])(1[5-9]\d\d|20\d\d)(?![\d.,]?\d)")
_PLAIN_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w])")
_SPELLED = {
    "en": "two three four five six seven eight nine ten twelve fifteen twenty thirty",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn zwölf fünfzehn zwanzig dreißig",
    "ru": "два три четыре пять шесть семь восемь девять десять двенадцать двадцать тридцать",
    "uk": "два три чотири п'ять шість сім вісім дев'ять десять дванадцять двадцять тридцять",
}
_SPELLED_OF = {w: words.split() for words in _SPELLED.values() for w in words.split()}

# (where a negation goes, what it looks like there), and (one that can go, what is left)
_ADD = {
    "en": (
        (r"\b(is|are|was|were|can|could|will|would|should|must|may|might|does|do|did)\b(?! not|n't)", r"\1 not"),
        (r"\b(has|have|had) (?=\w+ed\b|been\b)", r"\1 not "),
        (r"\bha(?:s|ve) (?=\d|an? |the |more )", "does not have "),
        (r"(?<=[\w)] )(?<!is )(?<!are )(?<!was )(?<!were )(?<!be )(?<!been )(?<!the )(?<!a )(?<!and )(?<!an )"
         r"(introduced|published|showed|found|received|became|began|made|used|won|led|gave|took|released|wrote|joined|"
         r"served|played|moved|lived|died|won|uses|has|makes|returns|contains|allows|provides|requires|gives)\b",
         r"never \1"),
    ),
    "de": ((r"\b(ist|sind|war|waren|wird|werden|wurde|wurden|kann|können|muss|müssen|darf|soll)\b(?! nicht)",
            r"\1 nicht"),
           (r"\b(hat|haben|hatte) (ein\w*)\b", r"\1 k\2")),
    "ru": ((r"(?<![\w-])(?<!не )((?:был|была|было|были|будет|может|могут|можно|является|являются|следует|нужно|должен|"
            r"должна|имеет|есть)|[а-яё]{3,}(?:ает|яет|ует|ит|ают|яют|уют|ится|ается|ются|ался|алась|ались|ился|илась|"
            r"или|ила|ило|ил|ала|али|ало|ал))(?!\w)", r"не \1"),),
    "uk": ((r"(?<![\w-])(?<!не )((?:був|була|було|були|буде|може|можуть|можна|слід|потрібно|має|мають|є)|"
            r"[а-яіїєґ]{3,}(?:ає|яє|ує|ить|ають|яють|ують|иться|ається|ються|ався|алася|алися|ила|или|ило|ала|али|"
            r"ало|ав|ив))(?!\w)", r"не \1"),),
    "fr": ((r"\b(est|sont|était|a|ont|peut|peuvent|doit|doivent)\b", r"ne \1 pas"),),
    "es": ((r"(?<!no )\b(es|son|era|fue|fueron|tiene|tienen|puede|pueden|debe|deben|está|hay|ha|han)\b", r"no \1"),),
}  # fmt: skip
_REMOVE = {
    "en": ((r"\b(is|are|was|were|can|could|will|would|should|must|may|does|do|did|has|have|had) not\b", r"\1"),
           (r"\bcannot\b", "can"), (r"\b(is|are|was|were|could|would|should|does|do|did|has|have|had)n't\b", r"\1"),
           (r"\b(never|no longer) ", ""), (r"\bwithout\b", "with"), (r"\bno (?=\w+s\b)", "some ")),
    "de": ((r"\bnicht ", ""), (r"\bk(ein\w*)", r"\1"), (r"\bohne\b", "mit"), (r"\bnie(?:mals)? ", "")),
    "ru": ((r"(?<!\w)не ", ""), (r"(?<!\w)никогда не ", "всегда "), (r"(?<!\w)нельзя(?!\w)", "можно"),
           (r"(?<!\w)без (?=\w)", "при наличии ")),
    "uk": ((r"(?<!\w)не ", ""), (r"(?<!\w)ніколи не ", "завжди "), (r"(?<!\w)немає(?!\w)", "є")),
    "fr": ((r"\bne (\w+) pas\b", r"\1"), (r"\bsans\b", "avec")),
    "es": ((r"\bno (?=\w)", ""), (r"\bsin\b", "con")),
}  # fmt: skip
_LEADS = {
    "en": ("According to the document, ", "The text says that ", "In fact, ", "As stated, ", "It is said that "),
    "de": ("Laut Text: ", "Dem Dokument zufolge gilt: ", "Es heißt: "),
    "ru": ("Согласно тексту, ", "В документе сказано, что ", "Как указано, ", "Отметим, что "),
    "uk": ("Згідно з текстом, ", "У документі сказано, що ", "Як зазначено, "),
    "fr": ("Selon le texte, ",), "es": ("Según el texto, ",),
}  # fmt: skip
_SAME = (
    ("approximately", "about"),
    ("began", "started"),
    ("big", "large"),
    ("show", "demonstrate"),
    ("shows", "reveals"),
    ("use", "employ"),
    ("uses", "makes use of"),
    ("used", "employed"),
    ("also", "too"),
    ("important", "significant"),
    ("many", "numerous"),
    ("because", "since"),
    ("however", "but"),
    ("located", "placed"),
    ("founded", "established"),
    ("purchased", "bought"),
    ("received", "got"),
    ("built", "constructed"),
    ("died", "passed away"),
    ("such as", "like"),
    ("for example", "for instance"),
    ("children", "kids"),
    ("is able to", "can"),
    ("released", "published"),
    ("company", "firm"),
    ("created", "made"),
    ("helped", "assisted"),
    ("primarily", "mainly"),
    ("nearly", "almost"),
    ("требуется", "нужно"),
    ("является", "это"),
    ("около", "примерно"),
    ("однако", "но"),
    ("также", "тоже"),
    ("используется", "применяется"),
    ("который", "что"),
    ("например", "к примеру"),
    ("большой", "крупный"),
    ("використовується", "застосовується"),
    ("також", "теж"),
    ("близько", "приблизно"),
    ("однак", "але"),
    ("наприклад", "приміром"),
)


_OPENERS = frozenset(
    [
        "the",
        "a",
        "an",
        "this",
        "these",
        "it",
        "in",
        "on",
        "at",
        "for",
        "when",
        "if",
        "as",
        "he",
        "she",
        "they",
        "there",
        "most",
        "some",
        "all",
        "each",
        "every",
        "one",
        "two",
        "three",
        "after",
        "в",
        "на",
        "и",
        "по",
        "для",
        "если",
        "когда",
        "это",
        "эти",
        "он",
        "она",
        "они",
        "после",
        "до",
        "при",
        "из",
        "с",
        "у",
        "а",
        "к",
        "под",
        "за",
        "від",
        "після",
        "при",
        "якщо",
        "коли",
        "це",
        "ці",
        "він",
        "вона",
        "вони",
        "з",
        "із",
        "der",
        "die",
        "das",
        "ein",
        "eine",
        "im",
        "in",
        "am",
        "bei",
        "wenn",
        "als",
        "es",
        "er",
        "sie",
        "nach",
        "für",
    ]
)


def change(kind: str, sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    """Return `sentence` with one thing of `kind` changed, or None where it holds nothing to change.

    others: names of the same text or of a list, one of which takes a name's place.
    """
    made = CHANGES[kind](sentence, others, rng)
    return made if made is not None and fold(made.text) != fold(sentence) else None


def names_of(text: str) -> list[str]:
    """The names in `text`, words written with capitals inside a sentence, neighbours together."""
    spans: list[list[int]] = []
    for word in read_words(text):
        if word.kind != NAME:
            continue
        if spans and re.fullmatch(r"[ \u00a0]|\. ", text[spans[-1][1] : word.start]):
            spans[-1][1] = word.end
        else:
            spans.append([word.start, word.end])
    return [text[a:b] for a, b in spans]


def reword(sentence: str, rng: Random, *, strength: int = 2) -> str:
    """Return `sentence` said otherwise and still true: up to `strength` small changes."""
    language = detect_language(sentence) or "en"
    ways: list[Callable[[str], str]] = [
        lambda s: re.sub(r"\s*\([^()]*\)", "", s),
        lambda s: _lead(s, language, rng),
        lambda s: re.sub(r"(?<=\d),(?=\d{3}\b)", "", s),
        lambda s: re.sub(
            r"\A(?:However|But|And|So|Also|Moreover|Thus|Therefore|Но|И|А|Але|Однак|Однако|Aber),?\s+", "", s
        ),
        lambda s: _synonyms(s, rng),
        lambda s: _synonyms(s, rng),
        lambda s: _part(s, rng),
        lambda s: re.sub(r"[*_`]", "", s),
    ]
    text = sentence
    for way in rng.sample(ways, strength + 1):
        text = way(text)
    return text


def _lead(sentence: str, language: str, rng: Random) -> str:
    lead = rng.choice(_LEADS.get(language, _LEADS["en"]))
    keeps = sentence[:1].isupper() and sentence[1:2].islower() and sentence.split()[0].lower() in _OPENERS
    return lead + (sentence[:1].lower() + sentence[1:] if keeps else sentence)


def _synonyms(sentence: str, rng: Random) -> str:
    fits = [(a, b) for pair in _SAME for a, b in (pair, pair[::-1]) if re.search(rf"(?<!\w){a}(?!\w)", sentence)]
    if not fits:
        return sentence
    a, b = rng.choice(fits)
    return re.sub(rf"(?<!\w){a}(?!\w)", b, sentence, count=1)


def _part(sentence: str, rng: Random) -> str:
    """A clause that stands by itself: what comes before a semicolon or ", which", ", and"."""
    cuts = [
        m.start() for m in re.finditer(r"; |, (?:which|where|and|while|but|а|и|но|що|який|яка|und|aber) ", sentence)
    ]
    cuts = [c for c in cuts if len(sentence[:c].split()) >= 5 and "," not in sentence[:c]]
    return sentence[: rng.choice(cuts)] + "." if cuts else sentence


def _number(sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    spans = [m for m in _PLAIN_NUMBER.finditer(sentence) if not _YEAR.fullmatch(m[0])]
    spelled = [m for m in re.finditer(r"[\w']+", sentence) if m[0].lower() in _SPELLED_OF]
    found = spans + spelled
    if not found:
        return None
    m = rng.choice(found)
    if m in spelled:
        now = rng.choice([w for w in _SPELLED_OF[m[0].lower()] if w != m[0].lower()])
        now = now.capitalize() if m[0][0].isupper() else now
    else:
        rivals = [o for o in others if _PLAIN_NUMBER.fullmatch(o) and o != m[0] and not _YEAR.fullmatch(o)]
        now = rng.choice(rivals) if rivals and rng.random() < 0.4 else _other_number(m[0], rng)
    return Change(sentence[: m.start()] + now + sentence[m.end() :], "number", m[0], now)


def _other_number(number: str, rng: Random) -> str:
    digits = [i for i, c in enumerate(number) if c.isdigit()]
    roll = rng.random()
    if roll < 0.15 and number.isdigit():
        return number + "0"
    if roll < 0.3 and number.isdigit() and int(number) > 1:
        return str(int(number) * rng.choice((2, 3)))
    at = rng.choice(digits)
    new = rng.choice([d for d in "123456789" if d != number[at]])
    return number[:at] + new + number[at + 1 :]


def _date(sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    years = list(_YEAR.finditer(sentence))
    months = [m for m in re.finditer(r"\w+", sentence) if m[0] in _MONTH]
    also_words = ("May", "March", "mai", "mars")  # which are months only beside a number
    months = [m for m in months if m[0] not in also_words or re.match(r",? \d", sentence[m.end() :])]
    if not years and not months:
        return None
    m = rng.choice(years + months)
    if m in months:
        now = rng.choice([x for x in _MONTH[m[0]] if x != m[0]])
    else:
        rivals = [o for o in others if _YEAR.fullmatch(o) and o != m[0]]
        by = rng.choice((-20, -10, -5, -3, -2, -1, 1, 2, 3, 5, 10))
        now = rng.choice(rivals) if rivals and rng.random() < 0.4 else str(int(m[0]) + by)
    return Change(sentence[: m.start()] + now + sentence[m.end() :], "date", m[0], now)


def _name(sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    here = names_of(sentence)
    said = fold(sentence)
    if not here:
        return None
    was = rng.choice(here)
    alike = [
        o
        for o in dict.fromkeys(others)
        if not (fold(o) in said or o[:1].isdigit() or set(o.split()) & set(was.split()))
        and o.isascii() == was.isascii()
    ]
    same = [o for o in alike if len(o.split()) == len(was.split())] or alike
    if not same:
        return None
    now = rng.choice(same)
    return Change(sentence.replace(was, now, 1), "name", was, now)


def _negation(sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    language = detect_language(sentence) or "en"
    tables = [t.get(language, ()) for t in (_REMOVE, _ADD)]
    for table in tables:
        options = [(m, into) for pattern, into in table for m in re.finditer(pattern, sentence)]
        if options:
            m, into = rng.choice(options)
            now = m.expand(into)
            return Change(sentence[: m.start()] + now + sentence[m.end() :], "negation", m[0], now)
    return None


def _opposite(sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    found = [w for w in read_words(sentence) if w.form in OPPOSITES]
    if not found:
        return None
    w = rng.choice(found)
    now = rng.choice(sorted(OPPOSITES[w.form]))
    was = sentence[w.start : w.end]
    now = now.capitalize() if was[:1].isupper() else now
    return Change(sentence[: w.start] + now + sentence[w.end :], "opposite", was, now)


def _role(sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    opening = next((n for n in others if sentence.startswith(n) and n[:1].isupper()), "")
    here = [n for n in dict.fromkeys([*names_of(sentence), opening]) if n]
    numbers = list(dict.fromkeys(m[0] for m in _PLAIN_NUMBER.finditer(sentence) if not _YEAR.fullmatch(m[0])))
    if len(numbers) > 1 and (len(here) < 2 or rng.random() < 0.3):
        here = numbers
    if len(here) < 2:
        return None
    a, b = rng.sample(here, 2)
    if a in b or b in a or re.search(rf"{re.escape(a)}[,/ ]+(?:(?:and|и|і|та|und|et|y) )?{re.escape(b)}|"
                                     rf"{re.escape(b)}[,/ ]+(?:(?:and|и|і|та|und|et|y) "
                                     rf")?{re.escape(a)}", sentence):  # fmt: skip
        return None  # a list: its order says nothing
    text = sentence.replace(a, "\0", 1).replace(b, a, 1).replace("\0", b, 1)
    return Change(text, "role", f"{a} … {b}", f"{b} … {a}")


_FURTHER = {
    "en": (
        (r"\b(?:some|many|most|several|a few|certain)(?= (?!of\b)\w+)", "all"),
        (r"\b(?:often|usually|sometimes|typically|generally|frequently|mostly|mainly)\b", "always"),
        (r"\b(?:can|may|might|could)(?! not|n't|not)\b", "will always"),
        (r"\b(?:rarely|seldom|hardly ever)\b", "never"),
        (r"\b(?:about|almost|nearly|around|roughly|up to|at least|at most|more than|less than)(?= \d)", "exactly"),
        (r"\bone of the\b", "the only one of the"),
        (r"\b(?:partly|largely|in part)\b", "entirely"),
    ),
    "de": (
        (r"\b(?:einige|viele|manche|mehrere|die meisten)\b", "alle"),
        (r"\b(?:oft|meist|manchmal|gewöhnlich|häufig)\b", "immer"),
        (r"\b(?:etwa|fast|rund|ungefähr)(?= \d)", "genau"),
    ),
    "ru": (
        (r"(?<!\w)(?:некоторые|многие|большинство|часть)(?!\w)", "все"),
        (r"(?<!\w)(?:часто|обычно|иногда|как правило|в основном)(?!\w)", "всегда"),
        (r"(?<!\w)(?:может|могут)(?= \w+ть)", "всегда должны"),
        (r"(?<!\w)(?:около|почти|примерно|более|не менее|до)(?= \d)", "ровно"),
        (r"(?<!\w)(?:редко)(?!\w)", "никогда не"),
    ),
    "uk": (
        (r"(?<!\w)(?:деякі|багато|більшість|частина)(?!\w)", "усі"),
        (r"(?<!\w)(?:часто|зазвичай|іноді|як правило|здебільшого)(?!\w)", "завжди"),
        (r"(?<!\w)(?:може|можуть)(?= \w+ти)", "завжди мають"),
        (r"(?<!\w)(?:близько|майже|приблизно|понад|не менше|до)(?= \d)", "рівно"),
        (r"(?<!\w)(?:рідко)(?!\w)", "ніколи не"),
    ),
}  # fmt: skip


def _overreach(sentence: str, others: Sequence[str], rng: Random) -> Change | None:
    table = _FURTHER.get(detect_language(sentence) or "en", ())
    options = [(m, now) for pattern, now in table for m in re.finditer(pattern, sentence)]
    if not options:
        return None
    m, now = rng.choice(options)
    return Change(sentence[: m.start()] + now + sentence[m.end() :], "overreach", m[0], now)


CHANGES: dict[str, Callable[[str, Sequence[str], Random], Change | None]] = {
    "number": _number, "date": _date, "name": _name, "negation": _negation, "opposite": _opposite, "role": _role,
    "overreach": _overreach,
}  # fmt: skip


def rivals(text: str) -> list[str]:
    """Names and numbers of `text`, each of which can take another's place."""
    return names_of(text) + [text[w.start : w.end] for w in read_words(text) if w.kind == NUMBER]
