"""Which language and script a text is in, and its words.

The language is told by script first; within Latin and Cyrillic by function words, telltale letters and common letter
groups, each worth a few points. That is small, needs no model, and is right on a sentence; on two words it is a guess.
Which script that is, where Latin letters mix with others, is not told by counting letters: "DECnet是什么" is Chinese, a
Russian question about "FlashAttention" is Russian, an English one about the word "привет" is English.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from .folding import APOSTROPHES, fold
from .hidden import strip_hidden
from .languages import Language, language, languages
from .scripts import MARKS, OF_SCRIPT, script_of_char

__all__ = ["detect_language", "function_words", "script_of", "strip_hidden", "words"]

_SAMPLE = 4000  # characters looked at: more changes no answer
_LEAST_POINTS = 0.9
_FOREIGN = 3.0  # points against a language for a letter that its alphabet lacks
_WORD = re.compile(  # ʼ is a letter to Unicode, and an apostrophe to us
    rf"[^\W_ʼ](?:[^\Wʼ]|[{MARKS}]|[{APOSTROPHES}\u00ad\u200c\u200d-](?=[^\W_ʼ]))*"
)

# What a word of a mixed text weighs, beside 1 for a function word: any word of another script tells more than a Latin
# one, which is a name or a term as often as not.
_LATIN_WORD, _OTHER_WORD = 1 / 16, 1 / 4
_OPENS = 8.0  # weight of a first word that is of another script, or asks in Latin letters
_EAST = ("Hani", "Hira", "Kana")
_RUNNING = (*_EAST, "Hang", "Thai", "Laoo", "Khmr", "Mymr", "Tibt")  # words are not set apart, or hardly
_LETTERS_OF_A_WORD = 2
_QUOTATION = re.compile(r"«[^«»\n]*»|\"[^\"\n]*\"|“[^”\n]*”|„[^“”\n]*[“”]|`[^`\n]*`")
_QUOTING = 300  # characters of a text that can be a question about what it quotes


def script_of(text: str) -> str:
    """Return the ISO 15924 code of the script most letters are in, "" when there are none; Japanese says "Jpan"."""
    counts = _scripts(text)
    if not counts:
        return ""
    kana = counts["Hira"] + counts["Kana"]
    if kana > 0 and kana + counts["Hani"] > counts.total() // 2:
        return "Jpan"
    return counts.most_common(1)[0][0]


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of the language of `text`, "" when nothing tells.

    >>> detect_language("Wer genehmigt die Reise?"), detect_language("Хто затверджує відрядження?")
    ('de', 'uk')
    """
    sample = unicodedata.normalize("NFC", text[:_SAMPLE])
    script = _leading_script(sample)
    lowered = sample.lower()
    if script == "Jpan":
        return "ja"
    if script == "Arab":
        return _arabic(lowered)
    signs = _signs(languages()).get(script)
    if signs is not None:
        return _by_points(lowered, script, signs)
    return OF_SCRIPT.get(script, "")


def function_words(code: str) -> frozenset[str]:
    """The commonest words of a language (articles, pronouns …), lower-cased and folded; none for unknown ones."""
    known = language(code)
    return _function_words(known) if known is not None and known.detection is not None else frozenset()


@lru_cache(maxsize=64)
def _function_words(known: Language) -> frozenset[str]:
    written = known.detection.words.split() if known.detection is not None else []
    return frozenset([*written, *map(fold, written)])


def words(text: str) -> list[str]:
    """Return the words of `text` as written: letters, marks and digits, with inner apostrophes and hyphens."""
    return _WORD.findall(text)


def _leading_script(text: str) -> str:
    """The script of the language a text is written in, where Latin and other letters mix; else of most letters."""
    present = _scripts(text)
    other = next((script for script, _ in present.most_common() if script != "Latn"), "")
    if not (present["Latn"] and other):
        return script_of(text)
    weights: dict[str, float] = {}
    for told in [_QUOTATION.sub(" ", text), text] if len(text) <= _QUOTING else [text]:
        weights = _weights(told, other)
        if max(weights.values()) >= 1:
            break  # else nothing but names stands outside the quotation marks, as in JSON
    if weights["Latn"] > weights[other]:
        return "Latn"
    return other if other not in _EAST else "Jpan" if present["Hira"] + present["Kana"] else "Hani"


def _weights(text: str, other: str) -> dict[str, float]:
    """What speaks for Latin and for the other script of a mixed text."""
    found = [(word, *_letters_of(word, other)) for word in words(text)]
    found = [(word, latin, own) for word, latin, own in found if latin or own]
    weights = {"Latn": 0.0, other: 0.0}
    common = {"Latn": Counter[str](), other: Counter[str]()}
    signs = _signs(languages())
    for at, (word, latin, own) in enumerate(found):
        script = other if own else "Latn"
        weights["Latn"] += _LATIN_WORD if latin and (not own or other in _RUNNING) else 0
        weights[other] += _OTHER_WORD * (own / _LETTERS_OF_A_WORD if other in _RUNNING else min(own, 1))
        if script in signs and (word.islower() or (at == 0 and own)):  # "Attention Is All You Need" is a name
            common[script].update(signs[script].owners.get(word.lower(), ()))
    for script, owners in common.items():
        weights[script] += max(owners.values(), default=0)
    if found:
        first, latin, own = found[0]
        if own and (not latin or other not in _RUNNING):
            weights[other] += _OPENS
        elif first.lower() in signs["Latn"].asking and not first.isupper():  # the WHO is a name
            weights["Latn"] += _OPENS
    return weights


def _letters_of(word: str, other: str) -> tuple[int, int]:
    """How many letters of a word are Latin and how many of the other script.

    A word of two scripts is the other's if it has two letters of it ("GPU-сервер", not "α-helix"); a letter of most
    scripts that stands alone is a symbol ("β decay").
    """
    scripts = [script_of_char(char) for char in word]
    latin, own = scripts.count("Latn"), sum(s == other or (s in _EAST and other in _EAST) for s in scripts)
    if other not in _RUNNING and own == 1 and (latin or other != "Cyrl"):
        own = 0
    return latin, own


def _scripts(text: str) -> Counter[str]:
    text = text[:_SAMPLE]
    if text.isascii():
        return Counter(Latn=1) if text.lower() != text.upper() else Counter()
    counts: Counter[str] = Counter()
    for char, times in Counter(text).items():
        script = script_of_char(char)
        if script:
            counts[script] += times
    return counts


def _arabic(lowered: str) -> str:
    if any(c in lowered for c in "ٹڈڑےں"):
        return "ur"
    return "fa" if any(c in lowered for c in "پچژگیک") else "ar"


@dataclass(frozen=True, slots=True)
class _Signs:
    """What is known of the languages of one script, by what is looked up in a text: only what occurs costs time.

    owners, letters, lacking: a word, a letter, a foreign letter -> the languages it speaks of. groups: language -> runs
    of letters and their weights; all_groups: each once.
    """

    codes: tuple[str, ...]
    owners: Mapping[str, tuple[str, ...]]
    letters: Mapping[str, tuple[str, ...]]
    lacking: Mapping[str, tuple[str, ...]]
    rare: frozenset[str]
    groups: Mapping[str, tuple[tuple[str, float], ...]]
    all_groups: tuple[str, ...]
    asking: frozenset[str]
    usual: tuple[tuple[str, float], ...]


@lru_cache(maxsize=2)
def _signs(known: tuple[Language, ...]) -> dict[str, _Signs]:
    """The signs of each script that several languages share."""
    scripts = dict.fromkeys(each.script for each in known if each.detection is not None)
    return {script: _signs_of([each for each in known if each.script == script]) for script in scripts}


def _signs_of(known: list[Language]) -> _Signs:
    told = {each.code: each.detection for each in known if each.detection is not None}
    groups = {code: tuple(dict.fromkeys(d.groups.split())) for code, d in told.items()}
    return _Signs(
        codes=tuple(told),
        owners=_turned({code: d.words.split() for code, d in told.items()}),
        letters=_turned({code: list(d.letters) for code, d in told.items()}),
        lacking=_turned({code: list(d.lacking) for code, d in told.items()}),
        rare=frozenset("".join(d.rare for d in told.values())),
        groups={code: tuple((group, 0.3 * len(group)) for group in own) for code, own in groups.items() if own},
        all_groups=tuple(dict.fromkeys(group for own in groups.values() for group in own)),
        asking=frozenset(word for d in told.values() for word in d.asking.split()),
        usual=tuple((code, d.usual) for code, d in told.items() if d.usual),
    )


def _turned(table: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """sign -> the languages that have it, once for each time."""
    found: dict[str, list[str]] = {}
    for code, signs in table.items():
        for sign in signs:
            found.setdefault(sign, []).append(code)
    return {sign: tuple(codes) for sign, codes in found.items()}


def _by_points(lowered: str, script: str, signs: _Signs) -> str:
    """Add up what speaks for each language of a script; the most points win, if there are enough."""
    points = dict.fromkeys(signs.codes, 0.0)
    found = words(lowered)
    if not lowered.isascii():
        lowered = "".join(char if script_of_char(char) in ("", script) else " " for char in lowered)
    for word in found:
        owners = signs.owners.get(word, ())
        for code in owners:
            points[code] += 3.0 / len(owners) + (1.0 if len(word) > 2 else 0.5)
    own, lacking = Counter[str](), Counter[str]()
    for letter, times in Counter(lowered).items():
        for code in signs.letters.get(letter, ()):
            own[code] += min(times, 1 + len(found)) * (3 if letter in signs.rare else 1)
        for code in signs.lacking.get(letter, ()):
            lacking[code] += times
    for code, value in own.items():
        points[code] += value
    times_of = {group: times for group in signs.all_groups if (times := lowered.count(group))}
    for code, groups in signs.groups.items():
        points[code] += sum(weight * times_of[group] for group, weight in groups if group in times_of)
    for code, times in lacking.items():
        points[code] -= _FOREIGN * times
    if len(found) > 1 and (script != "Latn" or lowered.isascii()):
        for code, bonus in signs.usual:
            points[code] += bonus
    code, best = max(points.items(), key=lambda item: item[1])
    return code if best >= _LEAST_POINTS else ""
