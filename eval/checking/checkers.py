"""Does a document support a claim? Three checkers, from the most to the least trusted.

`NLIChecker`      a fact-checking model (balanced accuracy on LLM-AggreFact: Bespoke-MiniCheck-7B 77.4, FactCG-DeBERTa
                  75.6, MiniCheck-FT5 75.0, HHEM-2.1-Open 71.8)
`ServedChecker`   the served model, its probability of "yes"; the document comes first, so that its cache pays
`LexicalChecker`  words, numbers and embeddings in common: a support score, not entailment, and named so

`ragkit eval calibrate` measures how good each is on labelled claims.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Protocol

from ragkit.embedding import EncoderLike
from ragkit.engines.base import Engine, Request, Sample
from ragkit.reader.pair_model import PairModel
from ragkit.templates import PromptLibrary
from ragkit.text import sentence_spans, words

__all__ = ["Checker", "LexicalChecker", "NLIChecker", "ServedChecker"]

WINDOW_CHARACTERS = 1600  # of a document that an NLI model reads at once; the best window decides
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class Checker(Protocol):
    """Chances that each (document, claim) is supported; None where the checker gave no readable verdict."""

    name: str
    threshold: float

    def check(self, pairs: Sequence[tuple[str, str]]) -> list[float | None]: ...


class NLIChecker:
    """A model of two texts, of the hub or a folder, with a label for entailed or supported (`reader.pair_model`)."""

    def __init__(self, model: str, *, batch_size: int = 16, device: str | None = None) -> None:
        self._model = PairModel(model, batch_size=batch_size, device=device)
        self.name, self.threshold = f"nli-{model}", 0.5

    def check(self, pairs: Sequence[tuple[str, str]]) -> list[float | None]:
        """The best window of each document decides."""
        flat = [(i, w, claim) for i, (document, claim) in enumerate(pairs) for w in windows(document)]
        chances = self._model.chances([(w, claim) for _, w, claim in flat], cut="only_first").tolist()
        best: list[float | None] = [None] * len(pairs)
        for (i, _, _), chance in zip(flat, chances, strict=True):
            best[i] = max(chance, best[i] or 0.0)
        return best


def windows(document: str, size: int = WINDOW_CHARACTERS) -> list[str]:
    """The document in whole sentences of about `size` characters, neighbours sharing one sentence."""
    pieces, current = [], ""
    last = ""
    for start, end in sentence_spans(document):
        sentence = document[start:end]
        if current and len(current) + len(sentence) > size:
            pieces.append(current)
            current = last
        current = f"{current} {sentence}".strip()
        last = sentence
    return [*pieces, current] if current or not pieces else pieces


class ServedChecker:
    """The served model, asked for one word. With log-probabilities: P(yes) / (P(yes) + P(no)); else the word itself."""

    def __init__(self, engine: Engine, *, prompts: PromptLibrary | None = None, name: str = "claim_check") -> None:
        self._engine = engine
        self._prompt = (prompts or PromptLibrary()).get(name)
        self.name, self.threshold = f"served-{engine.name}-{self._prompt.hash[:8]}", 0.5

    def check(self, pairs: Sequence[tuple[str, str]]) -> list[float | None]:
        """All pairs together, ordered by document, so that claims of one document share its cache."""
        from ragkit.rag import loop

        order = sorted(range(len(pairs)), key=lambda i: pairs[i][0])
        requests = [self._request(*pairs[i]) for i in order]
        found: list[float | None] = [None] * len(pairs)
        for i, samples in zip(order, loop.run(self._engine.generate_many(requests)), strict=True):
            found[i] = self._chance(samples[0])
        return found

    def _request(self, document: str, claim: str) -> Request:
        can = self._engine.capabilities
        return Request(
            messages=tuple(self._prompt.render(passages=document, claim=claim)),
            thinking_tokens=0 if can.budget else None,
            answer_tokens=4,
            logprobs=20 if can.logprobs and can.token_ids else 0,
        )

    def _chance(self, sample: Sample) -> float | None:
        said = _word(sample.answer)
        if sample.top_logprobs:
            masses = {"yes": 0.0, "no": 0.0}
            for token, logprob in sample.top_logprobs[0].items():
                word = _word(self._engine.tokenizer.decode([token]))
                if word in masses:
                    masses[word] += math.exp(logprob)
            total = sum(masses.values())
            return masses["yes"] / total if total > 0.05 else None  # a model that says neither gave no verdict
        return {"yes": 1.0, "no": 0.0}.get(said)


def _word(text: str) -> str:
    found = re.match(r"\W*(\w+)", text.lower())
    return found[1] if found else ""


class LexicalChecker:
    """Support by surface: the share of the claim's words in the document's best sentences, and their embeddings.

    A number of the claim that the document lacks halves the score. It cannot see a negation or swapped roles: on the
    shipped claims, which are made of those, it is hardly better than a coin. Hence the last resort, and its name.
    """

    def __init__(self, encoder: EncoderLike | None = None) -> None:
        self._encoder = encoder
        self.name = "lexical" if encoder is None else "lexical-embedding"
        self.threshold = 0.5

    def check(self, pairs: Sequence[tuple[str, str]]) -> list[float | None]:
        """Never unparsed: a claim without words counts as supported by nothing."""
        cosines = self._cosines(pairs) if self._encoder is not None else [None] * len(pairs)
        return [self._score(d, c, cosine) for (d, c), cosine in zip(pairs, cosines, strict=True)]

    @staticmethod
    def _score(document: str, claim: str, cosine: float | None) -> float:
        wanted = [_stem(w) for w in words(claim) if len(w) > 2]
        if not wanted:
            return 0.0
        have = {_stem(w) for w in words(document)}
        coverage = sum(w in have for w in wanted) / len(wanted)
        score = coverage**2 if cosine is None else 0.5 * coverage**2 + 0.5 * max(0.0, cosine)
        numbers, known = set(_NUMBER.findall(claim)), set(_NUMBER.findall(document))
        return score if numbers <= known else score / 2

    def _cosines(self, pairs: Sequence[tuple[str, str]]) -> list[float | None]:
        """Of each claim and the nearest sentence of its document; every text is embedded once."""
        assert self._encoder is not None
        sentences = {d: [d[a:b] for a, b in sentence_spans(d)] or [d] for d, _ in pairs}
        texts = list(dict.fromkeys([s for part in sentences.values() for s in part] + [c for _, c in pairs]))
        rows: dict[str, Any] = dict(zip(texts, self._encoder.encode(texts), strict=True))
        return [max(float(rows[s] @ rows[c]) for s in sentences[d]) for d, c in pairs]


def _stem(word: str) -> str:
    """A word's first letters: endings are cut, whatever the language."""
    return word.lower()[: max(4, len(word) - 3)] if len(word) > 5 else word.lower()
