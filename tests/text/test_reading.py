"""How much there is to read: the same for a sentence whatever language it is in."""

from __future__ import annotations

import pytest

from ragkit.text.chunking import MOST_UNITS, chunk_text
from ragkit.text.reading import reading_units

SENTENCE = {
    "en": "The committee decided yesterday that the new library will be opened in the spring of next year.",
    "de": "Der Ausschuss beschloss gestern, dass die neue Bibliothek im Frühjahr nächsten Jahres eröffnet wird.",
    "ru": "Комитет вчера решил, что новая библиотека будет открыта весной следующего года.",
    "el": "Η επιτροπή αποφάσισε χθες ότι η νέα βιβλιοθήκη θα ανοίξει την άνοιξη του επόμενου έτους.",
    "hi": "समिति ने कल निर्णय लिया कि नया पुस्तकालय अगले वर्ष वसंत में खोला जाएगा।",
    "zh": "委员会昨天决定，新图书馆将于明年春天开放。",
    "ja": "委員会は昨日、新しい図書館を来年の春に開館することを決定した。",
    "th": "คณะกรรมการตัดสินใจเมื่อวานนี้ว่าห้องสมุดแห่งใหม่จะเปิดในฤดูใบไม้ผลิปีหน้า",
}


def test_one_sentence_measures_alike_in_eight_languages() -> None:
    units = reading_units([*SENTENCE.values()])
    assert max(units) <= 1.6 * min(units)


@pytest.mark.parametrize("language", SENTENCE)
def test_a_page_falls_into_as_many_passages_in_every_language(language: str) -> None:
    english = len(chunk_text(" ".join([SENTENCE["en"]] * 60)))
    passages = chunk_text(" ".join([SENTENCE[language]] * 60))
    assert english * 0.6 <= len(passages) <= english * 1.4
    assert all(units <= MOST_UNITS for units in reading_units([p.text for p in passages]))


def test_what_has_no_words_is_measured_by_its_length() -> None:
    assert reading_units(["x" * 120, "ab" * 3, "…"]) == [10, 1, 1]
    assert all(len(p.text) <= 12 * MOST_UNITS for p in chunk_text("x" * 50_000))
