"""Which language and script a text is in, and its words.

The language is told by script first; within Latin and Cyrillic by function words, telltale letters and common letter
groups, each worth a few points. That is small, needs no model, and is right on a sentence; on two words it is a guess.
Which script that is, where Latin and Cyrillic letters mix, is not told by counting letters: a Russian question about
"FlashAttention" is Russian, an English one about the word "привет" is English.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from functools import lru_cache

from .folding import APOSTROPHES, fold
from .hidden import strip_hidden
from .language_tables import ASKING, FUNCTION_WORDS, GROUPS, LACKING, LETTERS, OF_SCRIPT, OWNERS, RARE, RUNS, STARTS

__all__ = ["detect_language", "function_words", "script_of", "strip_hidden", "words"]

_SAMPLE = 4000  # characters looked at: more changes no answer
_LEAST_POINTS = 0.9
_FOREIGN = 3.0  # points against a language for a letter that its alphabet lacks
# What a few words without other signs are more often than not: plain ASCII English, Cyrillic Russian.
_BONUS = {"Latn": ("en", 1.0), "Cyrl": ("ru", 1.5)}
# The tables by what is looked up in a text, so that only what occurs in it costs time.
_LETTERS, _LACKING = (
    {
        script: {c: tuple(code for code in table for x in table[code] if x == c) for c in set("".join(table.values()))}
        for script, table in tables.items()
    }
    for tables in (LETTERS, LACKING)
)
_GROUPS = {s: {c: [(g, 0.3 * len(g)) for g in groups] for c, groups in t.items()} for s, t in GROUPS.items()}
_ALL_GROUPS = {s: tuple(dict.fromkeys(g for groups in t.values() for g in groups)) for s, t in GROUPS.items()}
_WORD = re.compile(  # ʼ is a letter to Unicode, and an apostrophe to us
    rf"[^\W_ʼ](?:[^\Wʼ]|[\u0300-\u036f]|[{APOSTROPHES}\u00ad\u200c\u200d-](?=[^\W_ʼ]))*"
)

# What a word of a mixed text weighs, beside 1 for a function word: any Cyrillic word tells more than a Latin one,
# which is a name or a term as often as not.
_ANY_WORD = {"Latn": 1 / 16, "Cyrl": 1 / 4}
_OPENS = 8.0  # weight of a first word that is Cyrillic, or asks in Latin letters
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
    if script in FUNCTION_WORDS:
        return _by_points(lowered, script)
    return OF_SCRIPT.get(script, "")


@lru_cache(maxsize=64)
def function_words(language: str) -> frozenset[str]:
    """The commonest words of a language (articles, pronouns …), lower-cased and folded; none for unknown ones."""
    written = [w for table in FUNCTION_WORDS.values() for w in table.get(language, "").split()]
    return frozenset([*written, *map(fold, written)])


def words(text: str) -> list[str]:
    """Return the words of `text` as written: letters, marks and digits, with inner apostrophes and hyphens."""
    return _WORD.findall(text)


def _leading_script(text: str) -> str:
    """The script of the language a text is written in, where Latin and Cyrillic letters mix; else of most letters."""
    present = _scripts(text)
    if not (present["Latn"] and present["Cyrl"]) or present.most_common(1)[0][0] not in _ANY_WORD:
        return script_of(text)
    weights: dict[str, float] = {}
    for told in [_QUOTATION.sub(" ", text), text] if len(text) <= _QUOTING else [text]:
        weights = _weights(told)
        if max(weights.values()) >= 1:
            break  # else nothing but names stands outside the quotation marks, as in JSON
    return max(weights, key=lambda script: weights[script])


def _weights(text: str) -> dict[str, float]:
    """What speaks for each script of a mixed text."""
    found = [(word, script) for word in words(text) if (script := _script_of_word(word))]
    weights = dict.fromkeys(_ANY_WORD, 0.0)
    common = {script: Counter[str]() for script in _ANY_WORD}
    for at, (word, script) in enumerate(found):
        weights[script] += _ANY_WORD[script]
        if word.islower() or (at == 0 and script == "Cyrl"):  # "Attention Is All You Need", "The Beatles" are names
            common[script].update(OWNERS[script].get(word.lower(), ()))
    for script, owners in common.items():
        weights[script] += max(owners.values(), default=0)
    if found:
        first, script = found[0]
        if script == "Cyrl" or (first.lower() in ASKING and not first.isupper()):  # the WHO is a name
            weights[script] += _OPENS
    return weights


def _script_of_word(word: str) -> str:
    """Cyrillic for a word with two such letters ("GPU-сервер") or of one alone; Latin for one with Latin letters."""
    scripts = [_script(char) for char in word]
    cyrillic = scripts.count("Cyrl")
    if cyrillic > 1 or (cyrillic and "Latn" not in scripts):
        return "Cyrl"
    return "Latn" if "Latn" in scripts else ""


def _scripts(text: str) -> Counter[str]:
    text = text[:_SAMPLE]
    if text.isascii():
        return Counter(Latn=1) if text.lower() != text.upper() else Counter()
    counts: Counter[str] = Counter()
    for char, times in Counter(text).items():
        script = _script(char)
        if script:
            counts[script] += times
    return counts


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    """The script of a letter; "" for what is none, or of no interest."""
    at = bisect_right(STARTS, ord(char)) - 1
    return RUNS[at][1] if char.isalpha() and at >= 0 else ""


def _arabic(lowered: str) -> str:
    if any(c in lowered for c in "ٹڈڑےں"):
        return "ur"
    return "fa" if any(c in lowered for c in "پچژگیک") else "ar"


def _by_points(lowered: str, script: str) -> str:
    """Add up what speaks for each language of a script; the most points win, if there are enough."""
    points = dict.fromkeys(FUNCTION_WORDS[script], 0.0)
    found = words(lowered)
    if not lowered.isascii():
        lowered = "".join(char if _script(char) in ("", script) else " " for char in lowered)
    for word in found:
        owners = OWNERS[script].get(word, ())
        for code in owners:
            points[code] += 3.0 / len(owners) + (1.0 if len(word) > 2 else 0.5)
    own, lacking = Counter[str](), Counter[str]()
    for letter, times in Counter(lowered).items():
        for code in _LETTERS[script].get(letter, ()):
            own[code] += min(times, 1 + len(found)) * (3 if letter in RARE else 1)
        for code in _LACKING[script].get(letter, ()):
            lacking[code] += times
    for code, value in own.items():
        points[code] += value
    times_of = {group: times for group in _ALL_GROUPS[script] if (times := lowered.count(group))}
    for code, groups in _GROUPS[script].items():
        points[code] += sum(weight * times_of[group] for group, weight in groups if group in times_of)
    for code, times in lacking.items():
        points[code] -= _FOREIGN * times
    if len(found) > 1 and (script != "Latn" or lowered.isascii()):
        usual, bonus = _BONUS[script]
        points[usual] += bonus
    code, best = max(points.items(), key=lambda item: item[1])
    return code if best >= _LEAST_POINTS else ""
