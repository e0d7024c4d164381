"""Trust in the encoder is learnt from an index's own text, and spent where it is deserved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ragkit import Index
from ragkit.changes import FloatArray
from ragkit.index.advice import BETTER_ENCODER, advice
from ragkit.index.trust import HEAD_CHARACTERS, POOL, Agreement, Trust, agreement, head

from ..fakes import WordEncoder

COUNTRIES = [f"{a}{b}land" for a in ("North", "Vorder", "Green", "Iron", "Salt", "Wind", "Deep") for b in "abcdefg"]


def page(country: str) -> str:
    return (
        f"The people of {country} live by the sea. In {country} the harvest of {country.lower()}berries is in autumn. "
        f"Ships from the port of {country} carry wood and wool."
    )


PAGES = [page(country) for country in COUNTRIES]
RUSSIAN = [
    f"Город {c} стоит на реке. В городе {c} живут рыбаки и купцы. Каждую осень в {c} проходит большая ярмарка."
    for c in ("Тверин", "Ольхов", "Липецкой", "Серпуж", "Моршан", "Калязь", "Ростовец", "Угличин")
]


class BlindEncoder(WordEncoder):
    """Every text looks alike to it, though its tokenizer knows all words; it remembers what it was given."""

    def __init__(self, pieces: float = 1.2) -> None:
        super().__init__("blind-32")
        self.given: list[str] = []
        self._pieces = pieces

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatArray:
        self.given += texts
        return np.full((len(texts), self.dim), self.dim**-0.5, np.float32)

    def pieces_per_word(self, text: str) -> float:
        return self._pieces


def records(texts: Sequence[str]) -> list[dict[str, Any]]:
    return [{"id": str(i), "text": text} for i, text in enumerate(texts)]


def test_an_encoder_that_finds_what_the_words_find_is_trusted_and_a_blind_one_is_not() -> None:
    questions, dense, lexical = agreement(WordEncoder(dim=512), PAGES, "en")
    assert questions == POOL and dense >= 0.9 * lexical > 0
    questions, dense, lexical = agreement(BlindEncoder(), PAGES, "en")
    assert questions == POOL and dense <= 2 and lexical >= POOL // 2


def test_trust_is_what_the_tokenizer_lets_expect_until_enough_passages_were_seen() -> None:
    trust = Trust(BlindEncoder())
    trust.take([("en", text) for text in PAGES[: POOL - 1]])
    assert trust.of("en", PAGES[0]) == 1.0
    trust.take([("en", text) for text in PAGES])
    assert trust.of("en", PAGES[0]) == 0.0


def test_learning_is_the_same_for_the_same_text_and_survives_keeping() -> None:
    def learnt() -> dict[str, Any]:
        trust = Trust(BlindEncoder())
        trust.take([("en", text) for text in PAGES])
        return trust.to_settings()

    assert learnt() == learnt()
    assert Trust(BlindEncoder(), learnt()).to_settings() == learnt()
    assert Trust(WordEncoder(), learnt()).to_settings()["languages"] == {}  # another encoder's is not believed


def test_a_language_is_asked_about_again_when_it_has_grown_fourfold() -> None:
    assert not Agreement(passages=POOL - 1).is_due and Agreement(passages=POOL).is_due
    assert not Agreement(passages=4 * POOL - 1, asked_at=POOL).is_due
    assert Agreement(passages=4 * POOL, asked_at=POOL).is_due


def test_a_question_in_a_language_that_the_index_lacks_is_trusted_no_more_than_its_own() -> None:
    trust = Trust(BlindEncoder(pieces=6.0))
    trust.take([("ru", text) for text in RUSSIAN])
    other = Trust(WordEncoder())
    assert other.of_question("en", "Who lives there?") == 1.0
    assert trust.of_question("en", "Who lives there?") == 0.0


def test_what_the_encoder_does_not_know_costs_it_a_head_alone_and_is_said(tmp_path: Path) -> None:
    encoder = BlindEncoder(pieces=6.0)
    with Index("ru", home=tmp_path, encoder=encoder) as index:
        report = index.add(records([" ".join([text] * 8) for text in RUSSIAN]))
        assert report.unknown_language == "ru"
        assert max(map(len, encoder.given)) <= HEAD_CHARACTERS
        assert index.search("ярмарка в Угличине", k=1)[0].document_id == "7"
        [(matter, remedy)] = advice(index.record)
        assert "Russian" in matter and remedy == f"ragkit repair ru --encoder {BETTER_ENCODER}"


def test_a_known_language_is_read_as_a_whole_and_nothing_is_said(tmp_path: Path) -> None:
    with Index("en", home=tmp_path, encoder=WordEncoder(dim=512)) as index:
        assert index.add(records(PAGES)).unknown_language is None
        assert advice(index.record) == []


def test_passages_of_a_known_encoder_keep_to_its_window_and_of_an_unknown_one_to_what_is_read(tmp_path: Path) -> None:
    text = " ".join(RUSSIAN)
    with Index("a", home=tmp_path, encoder=WordEncoder()) as known:
        known.add(records([text]))
    with Index("b", home=tmp_path, encoder=BlindEncoder(pieces=6.0)) as unknown:
        unknown.add(records([text]))
    assert len(known) > len(unknown) == 1


def test_trust_is_learnt_anew_with_another_encoder(tmp_path: Path) -> None:
    with Index("en", home=tmp_path, encoder=BlindEncoder()) as index:
        assert index.add(records(PAGES)).unknown_language == "en"
        index.reembed(WordEncoder(dim=512))
        assert advice(index.record) == []


def test_what_an_older_version_cut_is_told_and_cut_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        for module in ("held", "ingest"):
            patched.setattr(f"ragkit.index.{module}.CHUNKER_VERSION", "0")
        with Index("old", home=tmp_path, encoder=WordEncoder()) as index:
            index.add(records(PAGES[:3]))
    with Index("old", home=tmp_path, encoder=WordEncoder()) as index:
        assert index.search("Northaland", k=1)[0].document_id == "0"
        assert [remedy for _, remedy in advice(index.record)] == ["ragkit repair old --passages"]
        assert index.recut().replaced == 3
        assert advice(index.record) == [] and index.verify()
        assert index.recut().unchanged == 3


def test_a_head_ends_with_a_word() -> None:
    assert head("short") == "short"
    assert head("слово " * 40) == ("слово " * 16).strip()
    assert len(head("字" * 400)) == HEAD_CHARACTERS
