"""JSON, JSONL, CSV, TSV and the records of Python callers."""

from __future__ import annotations

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.documents import Document as LangChainDocument

from ragkit.errors import LoadError
from ragkit.loaders import Parser, discover
from ragkit.loaders.parsed import Job
from ragkit.loaders.worker import parse_bytes
from ragkit.types import Document

from .conftest import Read, Refusal


def test_jsonl_records_become_documents_with_their_ids_and_metadata(read: Read) -> None:
    lines = [
        {"id": "a", "title": "First", "text": "One.\r\n", "metadata": {"year": 2024, "tags": ["x"], "gone": None}},
        {"id": 7, "text": "Two.", "team": "finance"},
        {"text": "Three.", "source": "https://example.com/3"},
        {"id": "blank", "text": " "},
    ]
    documents = read("corpus.jsonl", "\n\n".join(json.dumps(line) for line in lines))
    assert [d.id.rpartition("/")[2] for d in documents] == ["corpus.jsonl#a", "corpus.jsonl#7", "corpus.jsonl#5"]
    assert [d.text for d in documents] == ["One.\n", "Two.", "Three."]
    assert documents[0].metadata == {"year": 2024, "tags": ["x"]} and documents[1].metadata == {"team": "finance"}
    assert documents[0].source.endswith("corpus.jsonl") and documents[2].source == "https://example.com/3"


def test_json_lists_records_and_other_json(read: Read) -> None:
    both = read("a.json", '[{"id": "x", "text": "1"}, {"id": "y", "text": "2"}]')
    assert [d.id.rpartition("/")[2] for d in both] == ["a.json#x", "a.json#y"]
    (single,) = read("one.json", '{"title": "T", "text": "only"}')
    assert single.id.endswith("one.json") and (single.title, single.text) == ("T", "only")
    (other,) = read("conf.json", '{"b": [1, "я"], "n": NaN}')
    assert other.text == '{\n "b": [\n  1,\n  "я"\n ],\n "n": "NaN"\n}\n' and other.media_type == "application/json"
    (lines,) = read("questions.jsonl", '{"question": "Who?"}\n{"question": "Why?"}\n')
    assert lines.text == '{"question": "Who?"}\n{"question": "Why?"}\n'


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.jsonl", '{"text": "x"}\n{"text": ', "line 2 is not valid JSON"),
        ("b.jsonl", '{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}', "have the same id 'a'"),
        ("c.jsonl", '{"text": "x"}\n{"title": "y"}', 'line 2 has no "text"'),
        ("d.jsonl", '{"text": "x"}\n[1]', "line 2 is no record"),
        ("e.jsonl", '{"id": {}, "text": "x"}', "line 1 has the id {}"),
        ("f.jsonl", '{"text": "x", "metadata": [1]}', "metadata of type list"),
        ("g.json", "[" * 200_000, "nests too deeply"),
        ("h.csv", "id,text\n1,a,b\n", "line 2 has 3 cells for 2 columns"),
        ("i.csv", 'id,text\n1,"a\n', "is not valid CSV"),
        ("j.csv", "text,year,year\nx,1,2\n", "its header repeats year"),
        ("k.json", '[{"text": ""}]', "it holds no text"),
    ],
)
def test_a_broken_file_of_records_says_where(refusal: Refusal, name: str, content: str, reason: str) -> None:
    assert reason in refusal(name, content)


def test_csv_rows_become_documents_and_columns_of_numbers_become_numbers(read: Read) -> None:
    csv = 'ID,Title,Text,year,price,zip,team\n1,T,"Hello,\nworld",2020,1.5,01234,a\n,,Second,2021,2,99999,\n'
    first, second = read("rows.csv", csv)
    assert first.id.endswith("/rows.csv#1") and (first.title, first.text) == ("T", "Hello,\nworld")
    assert first.metadata == {"year": 2020, "price": 1.5, "zip": "01234", "team": "a"}
    assert second.id.endswith("rows.csv#2") and second.metadata == {"year": 2021, "price": 2.0, "zip": "99999"}


def test_tsv_and_semicolons_are_known(read: Read) -> None:
    assert [d.text for d in read("a.tsv", "id\ttext\n1\ta;b,c\n")] == ["a;b,c"]
    assert [d.text for d in read("b.csv", "id;text\n1;a,b\n")] == ["a,b"]


def test_csv_without_a_text_column_is_one_document(read: Read) -> None:
    (document,) = read("prices.csv", "item,price\r\nhotel,150\r\n")
    assert document.text == "item,price\nhotel,150\n" and document.media_type == "text/csv"


def test_a_russian_csv_from_excel_is_read(read: Read) -> None:
    (document,) = read("a.csv", "id;text;отдел\r\n1;Командировки утверждает директор;Финансы\r\n".encode("cp1251"))
    assert document.text == "Командировки утверждает директор" and document.metadata == {"отдел": "Финансы"}


@given(st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=5))
def test_jsonl_gives_back_every_text_that_is_not_blank(rows: list[tuple[str, str]]) -> None:
    lines = "\n".join(json.dumps({"id": f"r{i}", "title": title, "text": text}) for i, (text, title) in enumerate(rows))
    try:
        found = {d.key: d.text for d in parse_bytes(lines.encode(), "jsonl", Job("x.jsonl"))}
    except LoadError:
        found = {}
    from ragkit.loaders.parsed import clean

    assert found == {f"r{i}": clean(text) for i, (text, _) in enumerate(rows) if clean(text).strip()}


def test_dicts_documents_and_langchain_documents_are_records() -> None:
    own = Document("own", "Text", "T", "s.pdf", {"a": 1}, (0, 2), "application/pdf", "en")
    chain = LangChainDocument(page_content="Page", metadata={"source": "r.pdf", "title": "R", "page": 3})
    named = LangChainDocument(page_content="Page", id="lc")
    with Parser() as parser:
        sources = list(discover([{"id": 5, "text": "hi", "metadata": {"k": True}}, own, chain, named, {"text": "a"}]))
        given, same, page, with_id, hashed = [parser.parse(source)[0] for source in sources]
        assert parser._worker is None  # records need no subprocess
    assert (given.id, given.text, given.metadata) == ("5", "hi", {"k": True})
    assert same == own
    assert (page.source, page.title, page.metadata) == ("r.pdf", "R", {"page": 3})
    assert page.id.startswith("record:") and with_id.id == "lc"
    assert hashed.id == next(iter(discover({"text": "a"}))).id != next(iter(discover({"text": "b"}))).id


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"id": "x"}, 'no "text"'),
        ({"id": "x", "text": "  "}, "it holds no text"),
        ({"id": True, "text": "x"}, "has the id True"),
        ({"text": "x", "metadata": 3}, "metadata of type int"),
    ],
)
def test_a_bad_record_is_refused_alone(parser: Parser, record: dict[str, object], reason: str) -> None:
    bad, good = discover([record, {"text": "fine"}])
    with pytest.raises(LoadError, match=reason):
        parser.parse(bad)
    assert parser.parse(good)[0].text == "fine"


def test_separator_that_excel_states_is_used_and_names_no_column(read: Read) -> None:
    (document,) = read("a.csv", "sep=;\r\nid;text;note\r\n1;Trains first;a, b\r\n")
    assert (document.text, dict(document.metadata)) == ("Trains first", {"note": "a, b"})


def test_no_two_rows_of_a_file_share_an_id_though_some_state_theirs(read: Read) -> None:
    documents = read(
        "rows.jsonl", '{"id": "2", "text": "a"}\n{"text": "b"}\n{"id": "row 2", "text": "c"}\n{"text": "d"}'
    )
    assert [d.id.rpartition("#")[2] for d in documents] == ["2", "row row 2", "row 2", "4"]


def test_lists_in_metadata_stay_lists_and_dates_are_iso_text() -> None:
    record = {
        "text": "hi",
        "metadata": {
            "tags": ["red", 7, None],
            "deep": [["a"]],
            "day": datetime.date(2026, 3, 5),
            "at": datetime.datetime(2026, 3, 5, 10),
        },
    }
    with Parser() as parser:
        (document,) = parser.parse(next(iter(discover(record))))
    assert document.metadata == {
        "tags": ["red", 7],
        "deep": '[["a"]]',
        "day": "2026-03-05",
        "at": "2026-03-05T10:00:00",
    }
