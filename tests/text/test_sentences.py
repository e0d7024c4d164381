"""Sentence spans: exact, complete, and right about abbreviations in four languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragkit.text import sentence_spans

from .growth import grows_linearly


def split(text: str) -> list[str]:
    return [text[a:b] for a, b in sentence_spans(text)]


# "|" marks where one sentence ends and the next begins.
CASES = [
    # English
    "Dr. Smith went to Washington. |He paid $3.14 for it. |Why?",
    "U.S. Steel grew by 4.5 percent. |It is based in the U.S. |The company moved.",
    'He said "Stop." |Then he left. |(It was late.) |"Why?" she asked.',
    "Wait... |No, well... maybe. |Really?! |Yes!",
    "Use a tool, e.g. a hammer, i.e. a heavy one. |See Fig. 3 and Sec. 2.1 for details.",
    "J. R. R. Tolkien wrote it. |George W. Bush read it.",
    "Apple Inc. was founded in 1976. |It left at 5 p.m. |Everyone slept.",
    "Smith et al. (2003) disagree. |So do Jones et al. |The paper follows.",
    "It costs No. 5 at most. |See vol. 2, pp. 10 to 12.",
    "Version 3.11.2 is out. |Visit example.org. |Done.",
    "She asked what he meant by 'soon'. |He said nothing.",
    "The bill passed in 1990. |Then came the reform.",
    # German
    "Er kam z. B. am 3. Oktober 1990 nach Berlin. |Dort wohnte er, d. h. er mietete.",
    "Die Fa. Müller liefert Schrauben usw. |Danach schließt sie.",
    "Es gab ca. 20 Leute, u. a. Herrn Dr. Meier. |Alle gingen.",
    "Im Jahr 1990. |Dann kam die Wende.",
    "Das Gesetz (vgl. Abs. 2 Nr. 4) gilt bzw. gilt nicht. |Punkt.",
    "Die 2. Auflage erschien im 19. Jahrhundert. |Sie war teuer.",
    "„Kommst du?“, fragte sie. |„Ja.“ |Er kam.",
    "Das kostet 1.234,56 Euro. |Das sind 5 Mio. Euro zu viel.",
    # Russian
    "Это, т. е. Москва, и т. д. |Потом он ушёл.",
    "Это было в 1990 г. |Он жил в г. Москва на ул. Ленина, д. 5.",
    "А. С. Пушкин родился в 1799 году. |Он писал стихи.",
    "«Что это?» — спросил он. |«Не знаю.» |Она ушла.",
    "Цена выросла до 3,5 млн. рублей, т. к. спрос вырос. |См. рис. 4.",
    "Они купили хлеб, молоко и др. |Потом пошли домой.",
    # Ukrainian
    "Це, т. зв. «Рада», і т. д. |Потім він пішов.",
    "У м. Київ на вул. Хрещатик, буд. 5. |Там тихо.",
    "Т. Г. Шевченко народився 1814 р. |Він писав вірші.",
    "Ціна зросла на 2,5 %. |Чому? |Ніхто не знає…",
    # no spaces between sentences
    "これは文です。|次の文です！|「はい。」|と言った。",
    "北京在哪里？|在中国。",
]


@pytest.mark.parametrize("marked", CASES)
def test_sentences_end_where_a_reader_ends_them(marked: str) -> None:
    assert split(marked.replace("|", "")) == [part.strip() for part in marked.split("|")]


def test_headings_lists_and_blank_lines_end_sentences_without_a_stop() -> None:
    text = (
        "Travel policy\nAll travel over 2,000 euros is approved by the director of finance.\n\n"
        "- flights\n- trains. Also buses\n1. First\n2. Second\n\nA line that was wrapped in the\nmiddle goes on. End"
    )
    assert split(text) == [
        "Travel policy",
        "All travel over 2,000 euros is approved by the director of finance.",
        "- flights",
        "- trains.",
        "Also buses",
        "1. First",
        "2. Second",
        "A line that was wrapped in the\nmiddle goes on.",
        "End",
    ]


@pytest.mark.parametrize("text", ["", "  ", "\n\r\n\t"])
def test_nothing_visible_gives_no_sentence(text: str) -> None:
    assert sentence_spans(text) == []


_PIECES = st.sampled_from(
    [
        "a",
        "Б",
        "3",
        ".",
        ". ",
        "...",
        "!",
        "?”",
        "。",
        "\n",
        "\r\n",
        "\n\n",
        " ",
        "- ",
        "# ",
        "г.",
        "z. B.",
        "Dr.",
        "(",
        "|",
    ]
)


@given(st.one_of(st.text(), st.lists(_PIECES).map("".join)))
def test_spans_are_ordered_stripped_and_cover_every_visible_character(text: str) -> None:
    covered, last = set[int](), 0
    for start, end in sentence_spans(text):
        assert last <= start < end
        assert text[start:end] == text[start:end].strip()
        covered.update(range(start, end))
        last = end
    assert all(i in covered or char.isspace() for i, char in enumerate(text))


@pytest.mark.parametrize("unit", ["a", "a. ", ".", "A.\n", "a\n", '."', "т. д. ", "1. ", "\n"])
def test_time_is_linear_in_the_length(unit: str) -> None:
    assert grows_linearly(sentence_spans, unit, 200_000)
