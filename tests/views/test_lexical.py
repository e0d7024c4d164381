"""The lexical view against BM25 written out: any language, any order of additions, deletions and publications."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from math import log
from pathlib import Path

import numpy as np
import pytest

from ragkit.errors import StoreError, UsageError
from ragkit.text import fold
from ragkit.views import lexical
from ragkit.views.lexical import LexicalView

from .data import changes

NOUNS = [
    "river",
    "stone",
    "window",
    "garden",
    "letter",
    "engine",
    "market",
    "doctor",
    "forest",
    "bridge",
    "planet",
    "silver",
    "winter",
    "teacher",
]
VERBS = [
    "opens",
    "carries",
    "paints",
    "follows",
    "measures",
    "builds",
    "answers",
    "repairs",
    "remembers",
    "crosses",
]


def passages(count: int, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    words = [*NOUNS, *VERBS, *(f"{noun}{i}" for noun in NOUNS for i in range(8))]
    return [" ".join(rng.choices(words, k=rng.randint(3, 5))) for _ in range(count)]


def view_of(folder: Path, texts: Sequence[str] = (), languages: Sequence[str] | None = None) -> LexicalView:
    view = LexicalView.open(folder)
    if texts:
        view.apply(changes(1, range(len(texts)), texts=texts, languages=languages))
    return view


def bm25(query: Counter[str], documents: list[list[str]], weight: float = 1.0) -> np.ndarray:
    """Robertson & Zaragoza 2009 with Lucene's IDF, k1 = 1.2, b = 0.75; each distinct query term counts once."""
    n, average = len(documents), sum(map(len, documents)) / len(documents)
    counts = [Counter(document) for document in documents]
    out = np.zeros(n)
    for term in query:
        df = sum(term in count for count in counts)
        idf = log(1 + (n - df + 0.5) / (df + 0.5))
        for i, count in enumerate(counts):
            norm = 1.2 * (0.25 + 0.75 * len(documents[i]) / average)
            out[i] += weight * idf * count[term] * 2.2 / (count[term] + norm) if count[term] else 0.0
    return out


def grams(text: str) -> list[str]:
    text = " ".join(text.lower().split())
    return [text[i : i + 4] for i in range(len(text) - 3)]


def test_scores_are_bm25_of_words_and_of_grams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "GRAM_SHARE", 1.0)
    monkeypatch.setattr(lexical, "WORD_SHARE", 1.0)
    texts = passages(120)
    view = view_of(tmp_path, texts, ["xx"] * len(texts))
    for query in passages(10, seed=9):
        expected = bm25(Counter(query.split()), [text.split() for text in texts])
        expected += bm25(Counter(grams(query)), [grams(text) for text in texts], 1 / 3)
        ids, scores = view.search(query, 10, language="")
        np.testing.assert_allclose(scores, expected[ids], rtol=2e-2)  # tantivy rounds lengths above 40
        np.testing.assert_allclose(scores, np.sort(expected)[::-1][:10], rtol=2e-2)


def test_weights_are_idf_in_query_order(tmp_path: Path) -> None:
    view = view_of(tmp_path, ["the stones", "a stone bridge", "a bridge", "rivers"])
    two, one = log(1 + 2.5 / 2.5), log(1 + 3.5 / 1.5)
    words, weights = zip(*view.weights("Stones, river of stones!", language="en"), strict=True)
    assert words == ("stone", "river", "of", "stone")
    assert weights == pytest.approx((two, one, 0.0, two))
    assert view.stems("Old Rivers", "are crossing", language="en") == ["old", "river", "are", "cross"]


MIXED = {
    "en": "The committee was running the elections in spring.",
    "de": "Die Häuser der Bundesbank stehen in Frankfurt.",
    "ru": "Столица России расположена на Москве-реке.",
    "uk": "Дніпровські пороги описано у працях істориків.",
    "ja": "東京は日本の首都です",
    "fr": "Les élections présidentielles françaises",
}


@pytest.mark.parametrize(
    ("query", "language", "found"),
    [
        ("run election", "en", "en"),
        ("Haus", "de", "de"),
        ("haus", "en", "de"),
        ("Bundesbank", "", "de"),
        ("Bundesbank", "fr", "de"),
        ("elections", "de", "en"),
        ("столицы", "ru", "ru"),
        ("порогів дніпровських", "uk", "uk"),
        ("首都", "ja", "ja"),
        ("日本の首都はどこですか", "", "ja"),
        ("élection présidentielle", "fr", "fr"),
    ],
)
def test_a_query_finds_its_language_and_its_exact_words_in_others(
    tmp_path: Path, query: str, language: str, found: str
) -> None:
    view = view_of(tmp_path, [*MIXED.values()], [*MIXED])
    ids, _ = view.search(query, 3, language=language)
    assert [*MIXED][ids[0]] == found


@pytest.mark.parametrize(
    ("language", "asked", "written"),
    [
        ("ru", "человек шёл", "Люди идут"),
        ("uk", "київ", "Столицю перенесли до Києва"),
        ("pl", "dokument", "Praca z dokumentami"),
        ("hi", "लड़का", "लड़कों की किताब"),
        ("cs", "soubor", "Otevření souborů"),
    ],
)
def test_inflected_words_are_found_by_their_dictionary_form_or_stem(
    tmp_path: Path, language: str, asked: str, written: str
) -> None:
    view = view_of(tmp_path, [written, "something else", "and more"], [language] * 3)
    stems = view.stems("", written, language=language)
    assert {word for word, weight in view.weights(asked, language=language) if weight} & set(stems)


@pytest.mark.parametrize(("language", "size"), [("en", 5), ("ru", 4), ("tr", 3), ("", 4)])
def test_each_language_has_grams_of_its_own_length(tmp_path: Path, language: str, size: int) -> None:
    view = view_of(tmp_path, ["xabcdefgx", "other", "words"], [language] * 3)
    word = "abcdefg"
    assert len(view.search(word[:size], 3, language=language)[0]) == 1
    assert len(view.search(word[: size - 1], 3, language=language)[0]) == 0


def test_where_words_are_not_set_apart_pairs_keep_their_tone_signs(tmp_path: Path) -> None:
    view = view_of(tmp_path, ["ติดตั้ง", "อื่น", "ใด"], ["th"] * 3)
    assert view.stems("", "ตั้ง", language="th") == ["ตั", "ั้", "้ง"]


@pytest.mark.parametrize(
    ("query", "passage", "language"),
    [
        ("счёт", "Пришел счет", "ru"),
        ("счет", "Пришёл счёт", "ru"),
        ("пʼять", "Їх п’ять", "uk"),
        ("п'ять", "Їх пʼять", "uk"),
        ("ﬁle", "A FILE", "en"),
        ("İzmir", "izmir", "tr"),
    ],
)
def test_words_and_grams_do_not_depend_on_how_a_word_is_typed(
    tmp_path: Path, query: str, passage: str, language: str
) -> None:
    other = fold(passage)
    view = view_of(tmp_path, [passage, other, "something else"], [language] * 3)
    ids, scores = view.search(query, 3, language=language)
    assert ids.tolist() == [0, 1]
    assert scores[0] == scores[1]
    assert view.weights(query, language=language) == view.weights(fold(query), language=language)
    assert view.stems("", passage, language=language) == view.stems("", other, language=language)


@pytest.mark.parametrize(
    "query",
    ["", "  ", "()", "AND OR NOT", '"', "words:*", "id:[0 TO 9]", "a" * 100_000, "+-&|!{}^~*?:\\/", "\x00\u202e", "🦉"],
)
def test_no_query_is_read_as_syntax(tmp_path: Path, query: str) -> None:
    view = view_of(tmp_path, passages(20))
    ids, scores = view.search(query, 5, language="en")
    assert len(ids) == len(scores) == 0
    assert all(weight == 0 for _, weight in view.weights(query, language="en"))


def test_k_below_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="k=0"):
        view_of(tmp_path).search("river", 0, language="en")


@pytest.mark.parametrize("few", [0, 40, 5_000])
def test_a_filter_never_starves(tmp_path: Path, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "FILTER_IDS", few)
    view = view_of(tmp_path, passages(600))
    everything = dict(zip(*(a.tolist() for a in view.search("river garden", 600, language="en")), strict=True))
    for step in (1, 7, 50):
        allowed = np.arange(0, 700, step)[::-1]
        ids, scores = view.search("river garden", 10, language="en", allowed=allowed)
        best = sorted(((-s, i) for i, s in everything.items() if i % step == 0))[:10]
        np.testing.assert_allclose(scores, [-s for s, _ in best], rtol=1e-5)
        assert all(i % step == 0 for i in ids.tolist())
    assert len(view.search("river", 5, language="en", allowed=np.array([], np.int64))[0]) == 0


def top(view: LexicalView, queries: Sequence[str]) -> list[dict[int, float]]:
    found = [view.search(query, 10, language="en") for query in queries]
    return [dict(zip(ids.tolist(), np.round(scores, 4).tolist(), strict=True)) for ids, scores in found]


def test_scores_do_not_depend_on_how_rows_were_added(tmp_path: Path) -> None:
    texts, queries = passages(300), passages(20, seed=5)
    whole = view_of(tmp_path / "whole", texts)
    pieces = LexicalView.open(tmp_path / "pieces")
    for start in range(0, 300, 20):
        part = texts[start : start + 20]
        pieces.apply(changes(start + 1, range(start, start + 20), texts=part))
        assert len(pieces) == start + 20  # read, so committed
        if start % 100 == 0:
            pieces.publish()
            pieces.close()
            pieces = LexicalView.open(tmp_path / "pieces")
    for a, b in zip(top(whole, queries), top(pieces, queries), strict=True):
        assert sorted(a.values()) == pytest.approx(sorted(b.values()), abs=2e-4)


def test_deleted_chunks_are_gone_and_a_rebuild_restores_the_statistics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexical, "REBUILD_ROWS", 10)
    texts, queries = passages(300), passages(20, seed=5)
    view = view_of(tmp_path / "a", texts)
    view.apply(changes(2, deleted=range(0, 150)))
    assert len(view) == 150 and view.needs_rebuild
    assert all(i >= 150 for found in top(view, queries) for i in found)
    view.reset()
    view.apply(changes(2, range(150, 300), texts=texts[150:]))
    fresh = view_of(tmp_path / "b", texts[150:])
    assert not view.needs_rebuild
    for a, b in zip(top(view, queries), top(fresh, queries), strict=True):
        assert sorted(a.values()) == pytest.approx(sorted(b.values()), abs=2e-4)


def test_adding_an_id_again_replaces_it(tmp_path: Path) -> None:
    view = view_of(tmp_path, ["a river", "a stone"])
    view.apply(changes(2, [1], texts=["a forest"]))
    assert len(view) == 2
    assert len(view.search("stone", 5, language="en")[0]) == 0
    assert view.search("forest", 5, language="en")[0].tolist() == [1]


def test_a_published_view_opens_as_it_was(tmp_path: Path) -> None:
    view = view_of(tmp_path, passages(100))
    view.apply(changes(2, deleted=[3]))
    view.publish()
    again = LexicalView.open(tmp_path)
    assert (len(again), again.sequence, again.problems) == (99, 2, [])
    assert top(again, NOUNS) == top(view, NOUNS)
    assert view.verify() == [] and not again.needs_publish


def test_what_a_reader_replays_stays_its_own(tmp_path: Path) -> None:
    writer = view_of(tmp_path, passages(100))
    writer.publish()
    reader = LexicalView.open(tmp_path)
    reader.apply(changes(2, [500], texts=["a unique hippopotamus"], deleted=range(50)))
    assert len(reader) == 51 and len(writer) == 100
    assert writer.verify() == []
    assert len(LexicalView.open(tmp_path)) == 100


def test_readers_survive_later_publications(tmp_path: Path) -> None:
    writer = view_of(tmp_path, passages(100))
    writer.publish()
    reader = LexicalView.open(tmp_path)
    before = top(reader, NOUNS)
    for sequence in (2, 3, 4):
        writer.apply(changes(sequence, [200 + sequence], texts=["river"], deleted=range(sequence)))
        writer.publish()
    assert top(reader, NOUNS) == before
    assert sorted(path.name for path in tmp_path.glob("gen-*")) == ["gen-3", "gen-4"]


def test_closing_leaves_only_snapshots(tmp_path: Path) -> None:
    view = view_of(tmp_path, passages(10))
    view.publish()
    view.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["CURRENT", "gen-1"]


def test_other_analysis_is_another_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    view_of(tmp_path, passages(10)).publish()
    monkeypatch.setattr(lexical, "ANALYSIS", "next")
    again = LexicalView.open(tmp_path)
    assert (len(again), again.sequence, again.problems) == (0, 0, [])


def test_a_lost_working_copy_is_reported_in_one_line(tmp_path: Path) -> None:
    view = view_of(tmp_path, passages(10))
    view.publish()
    for path in tmp_path.glob("private-*/*"):
        path.unlink()
    with pytest.raises(StoreError, match="lexical view"):
        view.publish()
    assert LexicalView.open(tmp_path).sequence == 1


def test_a_refused_write_sends_the_view_back_to_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDisk:
        def add_document(self, _: object) -> None:
            raise OSError(28, "No space left on device")

    view = view_of(tmp_path, passages(10))
    monkeypatch.setattr(view._segments, "_writer", FullDisk())
    with pytest.raises(StoreError, match="No space left on device"):
        view.apply(changes(2, [10], texts=["river"]))
    assert view.sequence == 0
    view.apply(changes(2, range(11), texts=[*passages(10), "river"]))
    assert (len(view), view.sequence) == (11, 2)


def test_publishing_is_due_after_a_share_of_changes(tmp_path: Path) -> None:
    view = view_of(tmp_path, passages(60))
    assert not view.needs_publish
    view.apply(changes(2, range(60, 80), texts=passages(20)))
    assert view.needs_publish
    view.publish()
    assert not view.needs_publish
