"""What can answer: sentences and rows, each once; no heading."""

from __future__ import annotations

from ragkit.reader.candidates import candidates, windows
from ragkit.types import Chunk, Hit


def hit(text: str, *, start: int = 0, title: str = "", section: tuple[str, ...] = (), document: str = "d") -> Hit:
    chunk = Chunk(
        id=start,
        document_id=document,
        ordinal=0,
        text=text,
        start=start,
        end=start + len(text),
        title=title,
        section=section,
    )
    return Hit(chunk=chunk, score=1.0, scores={})


def texts(*hits: Hit) -> list[str]:
    return [c.text for c in candidates(hits)]


def test_headings_are_no_answers() -> None:
    text = "Large models\n\nGPT-3\n\nIt was published in 2020.\n\n## Parameters\n\nThere are 175 billion parameters."
    found = texts(hit(text, section=("GPT-3",)))
    assert found == ["It was published in 2020.", "There are 175 billion parameters."]


def test_a_name_with_a_digit_that_stands_alone_is_a_heading_and_a_figure_is_none() -> None:
    text = "They are large.\n\nGPT-2\n\nIt has 1.5 billion.\n\nTotal 60 €\n\nIt is due."
    assert texts(hit(text, start=9)) == ["They are large.", "It has 1.5 billion.", "Total 60 €", "It is due."]


def test_a_sentence_knows_the_heading_above_it() -> None:
    first, second = candidates([hit("GPT-3\n\nIt is of 2020.\n\nGPT-2\n\nIt is of 2019.", start=9)])
    assert (first.heading, second.heading) == ("GPT-3", "GPT-2")
    assert "GPT-2" in second.aside
    assert [w.text.split("\n")[0] for w in windows([first, second])] == ["GPT-3", "GPT-2"]


def test_rows_are_read_one_by_one() -> None:
    table = "| Valve | Owner |\n| --- | --- |\n| V150 | Ann |\n| V151 | Bob |\n"
    assert [len(w.members) for w in windows(candidates([hit(table)]))] == [1, 1]


def test_the_same_sentence_is_offered_once() -> None:
    assert texts(hit("The oil is changed yearly."), hit("The oil is changed  yearly.", document="e")) == [
        "The oil is changed yearly."
    ]


def test_rows_keep_their_column_names() -> None:
    (row,) = candidates([hit("| Service | Price |\n| --- | --- |\n| Tyre change | 80 |\n")])
    assert (row.text, row.header) == ("| Tyre change | 80 |", "| Service | Price |")


def test_spans_are_those_of_the_document() -> None:
    text = "First one. - no\n\n- An item of a list.\n- Another one."
    document = "x" * 7 + text
    for c in candidates([hit(text, start=7)]):
        assert document[c.start : c.end] == c.text


def test_windows_hold_every_candidate_where_it_says() -> None:
    text = " ".join(f"Sentence number {i} is about the matter in hand." for i in range(60))
    found = candidates([hit(text, title="A title")])
    read = windows(found)
    assert len(read) > 2
    assert sorted(i for w in read for i, _, _ in w.members) == list(range(60))
    for w in read:
        assert w.text.startswith("A title\n")
        for i, a, b in w.members:
            assert w.text[a:b] == found[i].text
