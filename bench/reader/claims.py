"""Examples for the checker: a claim, the evidence for it, and whether the evidence supports it.

    {"first": claim, "second": evidence, "label": 0 or 1, "source": …, "held": …, "group": document, "kind": …}

Labelled sets, statements made of answered questions, minimal pairs of sentences of any text, and facts of invented
worlds. Evidence is cut as it is when the checker is used (`ragkit.reader.evidence`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from ragkit.eval.sets.minimal import CHANGES, change, reword, rivals
from ragkit.nano.world.worlds import LANGUAGES, build_world, write_passages

from ragkit.reader.evidence import choose_evidence, tokens_of
from ragkit.reader.tokens import read_words
from ragkit.text import detect_language, sentence_spans

from .sources import article, held, read_jsonl, texts_in
from .thesaurus import Thesaurus, read_thesauri, reworded
from .transliterate import respell

__all__ = ["claim_examples"]

EVIDENCE_TOKENS = 95
HOLDS = 1.6  # weight of a claim that holds: there are about as many fewer of them
Example = dict[str, Any]

MOST = {
    "squad": 9000,
    "changed": 3600,
    "en": 7000,
    "ru": 2500,
    "uk": 2500,
    "de": 900,
    "world": 900,
    "respelled": 1500,
    "factcg": 3200,
    "begin": 3700,
    "wice": 1100,
    "terra": 2700,
}


def claim_examples(data: Path, texts: Path | None, *, seed: int = 1) -> list[Example]:
    """Every example, in a fixed order."""
    rng = Random(seed)
    found = []
    labelled = [*_labelled(data)]
    rng.shuffle(labelled)
    for name in ("factcg", "begin", "wice", "terra"):
        found += [e for e in labelled if e["source"] == name][: MOST[name]]
    statements = [*_statements(data, rng)]
    rng.shuffle(statements)
    found += statements[: MOST["squad"]]
    found += _changed(found, rng)
    words = read_thesauri(texts) if texts is not None else {}
    by_language: dict[str, list[Example]] = {}
    for name, text in _all_texts(data, texts):
        for pair in _minimal(name, text, words, rng):
            by_language.setdefault(pair["language"], []).append(pair)
    for language in ("en", "ru", "uk", "de"):
        pairs = by_language.get(language, [])
        rng.shuffle(pairs)
        found += pairs[: MOST[language]]
    english = [e for e in found if e["language"] == "en" and e["source"] != "begin"]
    found += [_respelled(e) for e in rng.sample(english, min(len(english), MOST["respelled"]))]
    found += _worlds(rng)
    return found


def _example(
    claim: str, evidence: str, label: bool, source: str, group: str, kind: str = "", language: str = ""
) -> Example:
    return {
        "first": claim,
        "second": _cut(claim, evidence),
        "label": int(label),
        "weight": HOLDS if label else 1.0,
        "source": source,
        "group": group,
        "held": held(group),
        "kind": kind,
        "language": language or detect_language(claim),
        "task": "checker",
    }


def _cut(claim: str, evidence: str) -> str:
    if tokens_of(evidence) <= EVIDENCE_TOKENS:
        return evidence
    return " ".join(evidence[a:b] for a, b in choose_evidence(claim, evidence, tokens=EVIDENCE_TOKENS))


def _labelled(data: Path) -> Iterator[Example]:
    for folder in sorted(data.glob("claims_*")):
        name = folder.name.removeprefix("claims_").split("_")[0]
        for row in read_jsonl(folder / "claims.jsonl"):
            group = row["evidence"][:200]
            yield _example(row["claim"], row["evidence"], row["label"] == "supported", name, group, "", row["lang"])


def _statements(data: Path, rng: Random) -> Iterator[Example]:
    """Answered questions as statements: the right answer, and another of the same paragraph that answers otherwise."""
    documents = {d["id"]: d["text"] for d in read_jsonl(data / "squad20_dev" / "documents.jsonl")}
    asked: dict[str, list[dict[str, Any]]] = {}
    for q in read_jsonl(data / "squad20_dev" / "questions.jsonl"):
        asked.setdefault(q["meta"]["paragraph"], []).append(q)
    for paragraph, questions in asked.items():
        text = documents[paragraph]
        answers = [a for q in questions for a in q["answers"]]
        for q in questions:
            if q["answers"]:
                right = rng.choice(q["answers"])
                yield _example(statement(q["question"], right), text, True, "squad", article(paragraph), "answer")
                others = [a for a in answers if a not in q["answers"] and _alike(a, right)]
                others = others or [n for n in rivals(text) if _alike(n, right) and n not in " ".join(q["answers"])]
                if others:
                    wrong = statement(q["question"], rng.choice(others))
                    yield _example(wrong, text, False, "squad", article(paragraph), "answer")
            elif rng.random() < 0.5:
                tempting = [n for n in (answers or rivals(text)) if _fits(q["question"], n)]
                if tempting:
                    wrong = statement(q["question"], rng.choice(tempting))
                    yield _example(wrong, text, False, "squad", article(paragraph), "unanswerable")


def _alike(a: str, b: str) -> bool:
    return bool(re.search(r"\d", a)) == bool(re.search(r"\d", b)) and a[:1].isupper() == b[:1].isupper()


def _fits(question: str, answer: str) -> bool:
    number = re.search(r"(?i)\b(when|year|how (?:many|much|long|old|far))\b", question)
    return bool(number) == bool(re.search(r"\d", answer))


_FORMS = (
    (
        r"(?i)^(?:who|what|which [\w ]{2,30}?) (?=(?:is|was|are|were|has|had|did|can|does|do|will|would|could)?\s?\w+)",
        None,
    ),
)
_AUXILIARY = re.compile(
    r"(?i)^(?P<in>(?:in|on|at|by|to|for|from|of|with) )?(?P<wh>who|whom|what|which|when|where|how many|how much|"
    r"how long)"
    r"(?P<noun>(?: [\w'-]+){0,4}?) (?P<aux>is|was|are|were|did|does|do|has|had|have|can|could|will|would) "
    r"(?P<rest>.+?)\s*\??$"
)


def statement(question: str, answer: str) -> str:
    """The answer of a question as a statement; where its grammar is not known, the question followed by the answer."""
    question, answer = question.strip(), answer.strip().rstrip(".")
    m = _AUXILIARY.match(question)
    if m is None:
        plain = re.match(
            r"(?i)^(?:who|what|which(?: \w+)?) (\w+(?:ed|s|d|t|ew|ame|ook|ote|ave|on)) (.+?)\s*\??$", question
        )
        if plain:
            return f"{answer} {plain[1]} {plain[2]}."
        return f"{question} {answer}."
    aux, rest = m["aux"].lower(), m["rest"]
    place = m["in"] or (
        "in " if m["wh"].lower() in ("when", "where") and not re.match(r"(?i)(in|on|at|by) ", answer) else ""
    )
    noun = m["noun"].strip()
    said = f"{answer} {noun}" if m["wh"].lower().startswith("how") and noun else answer
    if aux in ("is", "was", "are", "were") and not m["in"] and m["wh"].lower() in ("who", "what", "which"):
        if noun:
            return f"The {noun} {aux} {rest} is {answer}." if len(rest.split()) > 2 else f"{answer} {aux} {rest}."
        return f"{rest[:1].upper()}{rest[1:]} {aux} {answer}." if len(rest.split()) < 9 else f"{answer} {aux} {rest}."
    tail = f"{place}{said}"
    auxiliary = "" if aux in ("did", "does", "do") else f"{aux} "
    words = rest.split()
    if aux in ("did", "does", "do"):
        return f"{rest[:1].upper()}{rest[1:]} {tail}."
    return f"{' '.join(words)} {auxiliary}{tail}."


def _all_texts(data: Path, texts: Path | None) -> Iterator[tuple[str, str]]:
    for folder in ("squad20_dev", "hotpotqa_100", "clapnq_dev", "chunking_eval", "xquad_de"):
        for d in read_jsonl(data / folder / "documents.jsonl"):
            name = article(d["id"]) if folder in ("squad20_dev",) else f"{folder}/{d['id']}"
            if folder != "xquad_de" or not held(name):
                yield name, d["text"][:6000]
    for row in read_jsonl(data / "claims_terra_ru" / "claims.jsonl"):
        yield row["evidence"][:200], row["evidence"]
    if texts is not None:
        yield from ((name, text[:20000]) for name, text in texts_in(texts))


def _minimal(name: str, text: str, words: dict[str, Thesaurus], rng: Random) -> Iterator[Example]:
    """From a third of the sentences: reworded and kept, or changed, or their source taken away, or joined."""
    spans = [s for s in sentence_spans(text) if 5 <= len(text[s[0] : s[1]].split()) <= 45]
    others = rivals(text)
    language = detect_language(text)
    if language not in ("en", "ru", "uk", "de"):
        return
    budget = EVIDENCE_TOKENS
    for i, (a, b) in enumerate(spans):
        sentence = " ".join(text[a:b].split())
        if tokens_of(sentence) > budget * 0.7 or rng.random() < 0.5:
            continue
        low = max(0, i - rng.randint(0, 2))
        near = [" ".join(text[slice(*s)].split()) for s in spans[low : i + rng.randint(1, 3)]]
        while tokens_of(" ".join(near)) > budget and (more := [s for s in near if s != sentence]):
            near.remove(more[-1])
        evidence = " ".join(near)
        kinds = sorted(
            CHANGES, key=lambda kind: rng.random() - 0.6 * (kind in ("number", "date"))
        )  # the rarer ones first
        changed = [c for kind in kinds if (c := change(kind, sentence, others, rng)) is not None]
        same = words.get(language, {})
        kept = _otherwise(reword(sentence, rng, strength=rng.randint(0, 3)), same, rng)
        yield _example(kept, evidence, True, "minimal", name, "kept", language)
        for c in changed[:2]:
            said = _otherwise(reword(c.text, rng, strength=rng.randint(0, 2)), same, rng)
            yield _example(said, evidence, False, "minimal", name, c.kind, language)
        without = " ".join(s for s in near if s != sentence)
        if without and rng.random() < 0.4 and len(read_words(sentence)) > 6:
            yield _example(kept, without, False, "minimal", name, "removed", language)
        if without and rng.random() < 0.25:
            other = next(s for s in near if s != sentence)
            spoilt = changed[0].text if changed and rng.random() < 0.5 else ""
            joined = f"{(spoilt or sentence).rstrip('.')}, and {other[:1].lower() + other[1:]}"
            joined = joined if language == "en" else f"{spoilt or sentence} {other}"
            yield _example(joined, evidence, not spoilt, "minimal", name, "joined", language)


def _otherwise(sentence: str, words: Thesaurus, rng: Random) -> str:
    return reworded(sentence, words, rng) if rng.random() < 0.5 else sentence


def _changed(found: list[Example], rng: Random) -> list[Example]:
    """Claims in words of their own that hold, with one thing changed so that they no longer do."""
    made = []
    for e in found:
        if not e["label"] or e["kind"] == "unanswerable":
            continue
        others = rivals(e["second"])
        kinds = sorted(CHANGES, key=lambda kind: rng.random())
        changes = (change(kind, e["first"], others, rng) for kind in kinds)
        c = next((c for c in changes if c is not None and c.now not in e["first"]), None)
        if c is not None:
            made.append({**e, "first": c.text, "label": 0, "weight": 1.0, "kind": c.kind})
    return rng.sample(made, min(len(made), MOST["changed"]))


def _respelled(example: Example) -> Example:
    first, second = respell(example["first"]), respell(example["second"])
    return {**example, "first": first, "second": _cut(first, second), "language": "xx"}


def _worlds(rng: Random) -> list[Example]:
    found: list[Example] = []
    while len(found) < MOST["world"]:
        language = rng.choice(("en", "ru"))
        world = build_world(rng, language=language, split="train", widths=(3, 3), extra=6, numbers=True)
        write_passages(rng, world, about_one=rng.random() < 0.5)
        for fact in rng.sample(list(world.facts), min(4, len(world.facts))):
            home = next(p.text for p in world.passages if fact in p.facts)
            same = [p.text for p in world.passages if p.text != home]
            evidence = " ".join(rng.sample([home, *rng.sample(same, min(1, len(same)))], min(2, 1 + len(same))))
            true = world.facts[fact]
            wrong = sorted({o for (_, r), o in world.facts.items() if r == fact[1] and o != true})
            claimed = rng.choice(wrong) if wrong and rng.random() < 0.55 else true
            form = rng.choice(LANGUAGES[language].wordings[fact[1]].statements)
            said = form.format(s=fact[0], o=claimed)
            found.append(_example(said, evidence, claimed == true, "world", f"world{len(found)}", "name", language))
    return found
