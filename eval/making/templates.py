"""Questions made without a model: a sentence with a gap, in the words of its document, and minimal pairs of it.

They are no conversation, but they are exact: the answer is one number, year or name, and what counts as right is known
to the letter. In the words of the document's language where `text.languages` has them, else in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random

from ragkit.reader.tokens import NUMBER, read_words
from ragkit.text import detect_language
from ragkit.text.languages import language

from ..sets.minimal import change, names_of, rivals
from .corpus import Corpus, Said
from .proposals import Proposal

__all__ = ["changed", "gaps", "held_out", "is_name", "joined"]

GAP, ONE, TWO = "___", "(1)", "(2)"
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_AROUND = 5  # words on each side of the second gap


def gaps(corpus: Corpus, rng: Random) -> Iterator[Proposal]:
    """A sentence without its number, year or name."""
    for said in corpus.in_turn(rng):
        options = _options(said.quote.text)
        if options:
            start, end, kind = rng.choice(options)
            quote = said.quote
            key = f"gap {quote.document_id} {quote.start} {start}"
            yield Proposal(key, "one", _ask(said, start, end, kind), quote.text[start:end], (quote,), said.language)


def _words(code: str) -> Mapping[str, str]:
    """The questions of a language, English ones where it has none."""
    known, english = language(code), language("en")
    assert english is not None
    return known.gaps if known is not None and known.gaps else english.gaps


def changed(corpus: Corpus, rng: Random) -> Iterator[Proposal]:
    """The same with another name or number beside the gap that no document has: nothing answers it."""
    everything = sorted(corpus.names)
    for proposal in gaps(corpus, rng):
        asked = _plain(proposal.quotes[0].text.replace(proposal.answer, GAP, 1))
        if asked not in proposal.question:
            continue
        for kind in rng.sample(("number", "name", "date"), 3):
            others = [_unheard(name, rng) for name in rng.sample(everything, min(5, len(everything)))]
            made = change(kind, asked, [*others, *rivals(asked)], rng)
            if made is not None and GAP in made.text:
                question = proposal.question.replace(asked, made.text)
                key = f"changed {proposal.key}"
                yield replace(proposal, key=key, kind="changed", question=question, changed=made.now)
                break


def held_out(corpus: Corpus, rng: Random) -> Iterator[Proposal]:
    """The same, asked where its document is not searched."""
    for proposal in gaps(corpus, rng):
        yield replace(proposal, key=f"held out {proposal.key}", kind="held out")


def joined(corpus: Corpus, rng: Random) -> Iterator[Proposal]:
    """A name is told by one document, and what another one says of it is asked for."""
    names = sorted(corpus.named)
    rng.shuffle(names)
    for name in names:
        sentences = corpus.named[name]
        first = rng.choice(sentences)
        others = [
            s for s in sentences if s.quote.document_id != first.quote.document_id and s.language == first.language
        ]
        if not others:
            continue
        second = rng.choice(others)
        text = second.quote.text
        at = text.find(name)
        options = [o for o in _options(text) if o[1] <= at or o[0] >= at + len(name)]
        if options and name not in first.quote.text.replace(name, "", 1):
            start, end, _ = rng.choice(options)
            words = _words(first.language)["two"]
            told = first.quote.text.replace(name, ONE, 1)
            key = (
                f"joined {first.quote.document_id} {first.quote.start} {second.quote.document_id} {second.quote.start}"
            )
            asked = words.format(_plain(told), _near(text, start, end, name))
            quotes = (first.quote, second.quote)
            yield Proposal(key, "two", asked, text[start:end], quotes, first.language, joint=name)


def _options(sentence: str) -> list[tuple[int, int, str]]:
    """(start, end, kind) of what can be left out: it stands once, and the rest still tells what is asked."""
    found = [
        (w.start, w.end, "year" if _YEAR.fullmatch(w.form) else "number")
        for w in read_words(sentence)
        if w.kind == NUMBER and sentence[w.start].isdigit() and w.start > 2 and _alone(sentence, w.start, w.end)
    ]
    code = detect_language(sentence)
    for name in dict.fromkeys(names_of(sentence)):
        if is_name(name, code) and (at := sentence.find(name)) > 2:
            found.append((at, at + len(name), "name"))
    return [f for f in found if len(re.findall(rf"(?<!\w){re.escape(sentence[f[0] : f[1]])}(?!\w)", sentence)) == 1]


def is_name(name: str, code: str) -> bool:
    """Whether it is more than a noun in a language that writes every noun with a capital letter."""
    known = language(code)
    nouns = known is not None and known.follow_ups is not None and known.follow_ups.nouns_capital
    return len(name) > 2 and (not nouns or " " in name or any(c.isupper() or c.isdigit() for c in name[1:]))


def _alone(sentence: str, start: int, end: int) -> bool:
    """Whether a number is one of its own, and no part of a name or of another number."""
    before, after = sentence[start - 1 : start], sentence[end : end + 1]
    return not (before.isalnum() or before in ".,-‐‑–/:" or after.isalnum() or after in "-‐‑/:")


def _ask(said: Said, start: int, end: int, kind: str) -> str:
    text = said.quote.text
    return _words(said.language)[kind].format(_plain(f"{text[:start]}{GAP}{text[end:]}"))


def _near(text: str, start: int, end: int, name: str) -> str:
    before, after = text[:start].split()[-_AROUND:], text[end:].split()[:_AROUND]
    return _plain(" ".join([*before, TWO, *after]).replace(name, ONE))


def _plain(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def _unheard(name: str, rng: Random) -> str:
    """A name like `name` that is none: two letters of its words change places with others."""
    letters = list(name)
    places = [i for i, c in enumerate(letters) if c.isalpha() and i > 0]
    for i in rng.sample(places, min(2, len(places))):
        letters[i] = rng.choice([c for c in name.lower() if c.isalpha()] + ["o" if name.isascii() else "о"])
    return "".join(letters)
