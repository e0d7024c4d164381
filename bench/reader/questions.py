"""Examples for the reader: a question, a window of a document, whether the window answers, and the answer's span in it.

    {"first": question, "second": window, "label": 0 or 1, "start": …, "end": …, "source": …, "held": …, "group": …}

start and end are characters of the window, null where nothing is marked. A window is whole sentences, often under its
title, as the reader is given them. Beside the sets' own unanswerable questions there are answered ones over the
likeliest wrong window of the same document, gaps made of sentences in any language, table rows, and invented worlds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from ragkit.eval.sets.minimal import names_of
from ragkit.nano.world.questions import chain_question, unanswerable_question
from ragkit.nano.world.worlds import build_world, write_passages

from ragkit.reader.evidence import tokens_of
from ragkit.reader.tokens import FUNCTION, NUMBER, read_words
from ragkit.text import detect_language, sentence_spans

from .sources import article, held, read_jsonl, texts_in
from .tables import table_examples
from .transliterate import respell

__all__ = ["question_examples"]

WINDOW_TOKENS = 95
Example = dict[str, Any]
MOST = {"wrong window": 1600, "gap": 900, "world": 500, "table": 900, "respelled": 900, "de": 500}


def question_examples(data: Path, texts: Path | None, *, seed: int = 1) -> list[Example]:
    """Every example, in a fixed order."""
    rng = Random(seed)
    squad = [*_squad(data / "squad20_dev", rng, prefix=True)]
    marked = [e for e in squad if e["source"] == "squad"]
    wrong = [e for e in squad if e["source"] == "wrong window"]
    found = marked + rng.sample(wrong, min(len(wrong), MOST["wrong window"]))
    tests = {e["group"] for e in squad if e["held"]}
    german = [e for e in _squad(data / "xquad_de", rng, prefix=False) if e["group"] not in tests]
    found += rng.sample(german, min(len(german), MOST["de"]))
    found += [*_selected(data / "clapnq_dev", rng), *_spans(data / "chunking_eval", rng)]
    gaps = [*_gaps(data, texts, rng)]
    found += rng.sample(gaps, min(len(gaps), MOST["gap"]))
    found += [_respelled(e) for e in rng.sample(marked, min(len(marked), MOST["respelled"]))]
    found += _worlds(rng) + table_examples(rng, MOST["table"])
    return found


def _example(
    question: str, window: str, span: tuple[int, int] | None, label: bool, source: str, group: str, language: str = "en"
) -> Example:
    return {
        "first": question,
        "second": window,
        "start": span and span[0],
        "end": span and span[1],
        "label": int(label),
        "source": source,
        "group": group,
        "held": held(group),
        "language": language,
        "task": "reader",
    }


def window_around(text: str, at: int | None, rng: Random, *, budget: float = WINDOW_TOKENS) -> tuple[int, int]:
    """Whole sentences around a character, or from a random place, within about `budget` tokens."""
    spans = sentence_spans(text) or [(0, len(text))]
    costs = [tokens_of(text[a:b]) for a, b in spans]
    here = rng.randrange(len(spans)) if at is None else next((i for i, s in enumerate(spans) if s[1] > at), 0)
    low = high = here
    room = budget - costs[here]
    while True:
        options = [i for i in (low - 1, high + 1) if 0 <= i < len(spans) and costs[i] <= room]
        if not options:
            return spans[low][0], spans[high][1]
        i = rng.choice(options)
        low, high = min(low, i), max(high, i)
        room -= costs[i]


def _titled(window: str, title: str, span: tuple[int, int] | None, rng: Random) -> tuple[str, tuple[int, int] | None]:
    if not title or rng.random() < 0.5:
        return window, span
    head = f"{title}\n"
    return head + window, span and (span[0] + len(head), span[1] + len(head))


def _squad(folder: Path, rng: Random, *, prefix: bool) -> Iterator[Example]:
    documents = {d["id"]: d["text"] for d in read_jsonl(folder / "documents.jsonl")}
    of_article: dict[str, list[str]] = {}
    for name in documents:
        of_article.setdefault(article(name), []).append(name)
    for q in read_jsonl(folder / "questions.jsonl"):
        name = q["relevant"][0] if q["relevant"] else q["meta"]["paragraph"]
        group, text = article(name), documents[name]
        language = q["meta"].get("lang", "en")
        title = group.replace("_", " ") if prefix else ""
        if not q["answers"]:
            a, b = window_around(text, None, rng, budget=WINDOW_TOKENS * 1.2)
            window, _ = _titled(text[a:b], title, None, rng)
            yield _example(q["question"], window, None, False, "squad", group, language)
            continue
        answer = q["answers"][0]
        place = _place(text, answer, q["question"])
        if place is None:
            continue
        a, b = window_around(text, place, rng, budget=WINDOW_TOKENS * 1.2)
        span = (place - a, place - a + len(answer))
        if span[0] < 0 or span[1] > b - a:
            continue
        window, span_ = _titled(text[a:b], title, span, rng)
        yield _example(q["question"], window, span_, True, "squad", group, language)
        others = [n for n in of_article[group] if n != name and answer not in documents[n]]
        if others and language == "en":
            asked = {w.stem for w in read_words(q["question"]) if w.kind != FUNCTION}
            others = rng.sample(others, min(len(others), 12))
            best = max(others, key=lambda n: sum(w.stem in asked for w in read_words(documents[n])))
            a, b = window_around(documents[best], None, rng)
            window, _ = _titled(documents[best][a:b], title, None, rng)
            yield _example(q["question"], window, None, False, "wrong window", group, language)


def _place(text: str, answer: str, question: str) -> int | None:
    """The occurrence of an answer whose sentence shares most words with the question."""
    places = [m.start() for m in re.finditer(re.escape(answer), text)]
    if len(places) < 2:
        return places[0] if places else None
    asked = {w.stem for w in read_words(question) if w.kind != FUNCTION}
    spans = sentence_spans(text)

    def shared(at: int) -> int:
        sentence = next((text[a:b] for a, b in spans if b > at), "")
        return len(asked & {w.stem for w in read_words(sentence)})

    return max(places, key=shared)


def _selected(folder: Path, rng: Random) -> Iterator[Example]:
    """Long answers: the sentences that people selected."""
    documents = {d["id"]: d for d in read_jsonl(folder / "documents.jsonl")}
    for q in read_jsonl(folder / "questions.jsonl"):
        name = (q["relevant"] or [q["meta"].get("passage")])[0]
        if name not in documents:
            continue
        text, title = documents[name]["text"], documents[name].get("title", "")
        chosen = [s for part in q["meta"].get("selected") or [] for s in (part if isinstance(part, list) else [part])]
        places = [(text.find(s), s) for s in chosen if isinstance(s, str) and text.find(s) >= 0]
        question = q["question"] if q["question"].endswith("?") else q["question"] + "?"
        if q["answers"] and places:
            at, sentence = min(places)
            a, b = window_around(text, at, rng)
            span = (max(0, at - a), min(b - a, at - a + len(sentence)))
            window, span_ = _titled(text[a:b], title, span, rng)
            yield _example(question, window, span_, True, "clapnq", name)
        elif not q["answers"]:
            a, b = window_around(text, None, rng)
            window, _ = _titled(text[a:b], title, None, rng)
            yield _example(question, window, None, False, "clapnq", name)


def _spans(folder: Path, rng: Random) -> Iterator[Example]:
    """Questions with marked evidence in long documents, each also over a part of its document without it."""
    documents = {d["id"]: d["text"] for d in read_jsonl(folder / "documents.jsonl")}
    for q in read_jsonl(folder / "questions.jsonl"):
        text, group = documents[q["relevant"][0]], q["id"]
        (start, end), *more = q["meta"]["spans"]
        a, b = window_around(text, start, rng)
        if end <= b:
            yield _example(q["question"], text[a:b], (start - a, end - a), True, "chunking", group)
        asked = {w.stem for w in read_words(q["question"]) if w.kind != FUNCTION}
        best, most = None, -1
        for _ in range(12):
            c, d = window_around(text, rng.randrange(len(text)), rng)
            shared = len(asked & {w.stem for w in read_words(text[c:d])})
            if shared > most and all(d < s or c > e for s, e in [(start, end), *more]):
                best, most = (c, d), shared
        if best:
            yield _example(q["question"], text[best[0] : best[1]], None, False, "wrong window", group)


_ASKS = {
    "en": {"year": ("When", "In which year"), "number": ("How many", "What number"), "name": ("Who", "What", "Which")},
    "ru": {
        "year": ("Когда", "В каком году"),
        "number": ("Сколько", "Какое число"),
        "name": ("Кто", "Что", "Какой", "Где"),
    },
    "uk": {"year": ("Коли", "У якому році"), "number": ("Скільки", "Яке число"), "name": ("Хто", "Що", "Який", "Де")},
    "de": {
        "year": ("Wann", "In welchem Jahr"),
        "number": ("Wie viele", "Welche Zahl"),
        "name": ("Wer", "Was", "Welche"),
    },
}


def _gaps(data: Path, texts: Path | None, rng: Random) -> Iterator[Example]:
    """A sentence without its number, year or name, behind a question word; half of them over a window without it."""
    for name, text in _plain_texts(data, texts):
        language = detect_language(text)
        if language not in _ASKS:
            continue
        for a, b in sentence_spans(text):
            sentence = text[a:b]
            if not 6 <= len(sentence.split()) <= 35 or "\n\n" in sentence or rng.random() < 0.6:
                continue
            found = [
                (w.start, w.end, "year" if re.fullmatch(r"1[5-9]\d\d|20\d\d", w.form) else "number")
                for w in read_words(sentence)
                if w.kind == NUMBER and sentence[w.start].isdigit()
            ]
            found += [
                (m.start(), m.end(), "name") for n in names_of(sentence) if (m := re.search(re.escape(n), sentence))
            ]
            if not found:
                continue
            start, end, kind = rng.choice(found)
            rest = sentence[:start] + " " + sentence[end:]
            keep = [w for w in re.findall(r"[\w'’-]+", rest) if rng.random() < 0.75]
            if len(keep) < 4:
                continue
            question = f"{rng.choice(_ASKS[language][kind])} {' '.join(keep[:14])}?"
            c, d = window_around(text, a, rng, budget=WINDOW_TOKENS)
            window = text[c:d]
            if rng.random() < 0.5:
                yield _example(question, window, (a - c + start, a - c + end), True, "gap", name, language)
            else:  # the same window with the sentence taken out
                window = (text[c:a].rstrip() + " " + text[b:d].lstrip()).strip()
                if len(window) > 60:
                    yield _example(question, window, None, False, "gap", name, language)


def _plain_texts(data: Path, texts: Path | None) -> Iterator[tuple[str, str]]:
    for row in read_jsonl(data / "claims_terra_ru" / "claims.jsonl"):
        yield row["evidence"][:200], row["evidence"]
    for d in read_jsonl(data / "hotpotqa_100" / "documents.jsonl"):
        yield f"hotpotqa_100/{d['id']}", d["text"]
    if texts is not None:
        yield from ((name, text[:20000]) for name, text in texts_in(texts))


def _respelled(example: Example) -> Example:
    """The same in letters that the encoder cannot read; the span is found again by respelling what stands before it."""
    second = example["second"]
    made = {**example, "first": respell(example["first"]), "language": "xx", "source": f"respelled {example['source']}"}
    if example["start"] is None:
        return {**made, "second": respell(second)}
    before, answer = respell(second[: example["start"]]), respell(second[example["start"] : example["end"]])
    after = respell(second[example["end"] :])
    if not answer or tokens_of(before + answer) > 160:
        cut = second.rfind(". ", 0, example["start"]) + 1
        before = respell(second[cut : example["start"]])
    start = len(before) + 1
    return {**made, "second": f"{before} {answer} {after}", "start": start, "end": start + len(answer)}


def _worlds(rng: Random) -> list[Example]:
    found: list[Example] = []
    while len(found) < MOST["world"]:
        language = rng.choice(("en", "ru"))
        world = build_world(rng, language=language, split="train", widths=(3, 3), extra=6, numbers=True)
        write_passages(rng, world, about_one=rng.random() < 0.5)
        answered = rng.random() < 0.55
        question = chain_question(rng, world, 1) if answered else unanswerable_question(rng, world, 1)
        if question is None:
            continue
        passages = [p.text for p in world.passages]
        home = next((p.text for p in world.passages if question.lookups[0] in p.facts), None)
        chosen = rng.sample([p for p in passages if p != home], min(2, len(passages) - 1))
        if answered and home:
            chosen = rng.sample([home, *chosen[:1]], min(2, 1 + len(chosen[:1])))
        window = " ".join(chosen)
        span = None
        if question.answer is not None and home is not None:
            at = window.find(question.answer, window.find(home))
            if at < 0:
                continue
            span = (at, at + len(question.answer))
        found.append(_example(question.text, window, span, answered, "world", f"world{len(found)}", language))
    return found
