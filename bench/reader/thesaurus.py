"""Words said otherwise, by the thesauri of LibreOffice (`th_*_v2.dat`, in Debian's packages mythes-*).

Only a word of one meaning is replaced, by a synonym of one word that is no broader and no opposite term.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

__all__ = ["Thesaurus", "read_thesauri"]

Thesaurus = dict[str, tuple[str, ...]]
_SHORTEST = 5  # letters of a word that is replaced
_NOTE = re.compile(r"\s*\((?!ugs|geh)[^)]*\)")  # "(generic term)", "(antonym)": not the same
_WORD = re.compile(rf"[^\W\d_]{{{_SHORTEST},}}")


def read_thesauri(folder: Path) -> dict[str, Thesaurus]:
    """Synonyms of each word by language, of every thesaurus below `folder`."""
    found: dict[str, Thesaurus] = {}
    for path in sorted(folder.rglob("th_*_v2.dat")):
        found.setdefault(path.name.split("_")[1], {}).update(_entries(path))
    return found


def reworded(sentence: str, words: Thesaurus, rng: Random, *, most: int = 3) -> str:
    """`sentence` with up to `most` words replaced by synonyms."""
    fits = [m for m in _WORD.finditer(sentence) if m[0].islower() and m[0] in words]
    for m in sorted(rng.sample(fits, min(len(fits), rng.randint(1, most))), key=lambda m: -m.start()):
        sentence = sentence[: m.start()] + rng.choice(words[m[0]]) + sentence[m.end() :]
    return sentence


def _entries(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    lines = raw.decode(raw.split(b"\n", 1)[0].decode().strip(), errors="replace").splitlines()[1:]
    at = 0
    while at < len(lines):
        word, _, count = lines[at].partition("|")
        meanings = int(count) if count.isdigit() else 0
        if meanings == 1 and _WORD.fullmatch(word):
            terms = lines[at + 1].split("|")[1:]
            same = tuple(t for t in terms if not _NOTE.search(t) and re.fullmatch(r"[^\W\d_]{3,}", t) and t != word)
            if same:
                yield word, same
        at += 1 + meanings
