"""Question sets: what is read, what is refused, and how the refusal names its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ragkit.eval.sets.reading import EXAMPLE, load_set, make_set, select

from ragkit.errors import EvalError, NotFoundError, UsageError

GOOD = '{"id": "a", "question": "Who?", "answers": ["Ada"], "relevant": ["d1"], "meta": {"language": "en"}}'


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_reads_jsonl_with_either_name_for_gold(tmp_path: Path) -> None:
    file = write(tmp_path / "s.jsonl", GOOD, "", '{"id": 7, "question": "Q", "golden_answers": ["x", "y"]}')
    first, second = load_set(file).questions
    assert (first.answers, first.relevant, first.cluster) == (("Ada",), ("d1",), "d:d1")
    assert (second.id, second.answers, second.cluster) == ("7", ("x", "y"), "q:7")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{broken", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"id": true, "question": "Q", "answers": []}', "neither text nor a whole number"),
        ('{"id": "b", "answers": []}', "no question"),
        ('{"id": "b", "question": "Q"}', "missing gold"),
        ('{"id": "b", "question": "Q", "answers": [3]}', "not a list of texts"),
        ('{"id": "b", "question": "Q", "answers": [], "relevant": "d"}', "relevant"),
        ('{"id": "a", "question": "Q", "answers": []}', "stands on line 1 already"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_bad_line_stops_with_its_number_or_is_left_out(tmp_path: Path, line: str, reason: str) -> None:
    file = write(tmp_path / "s.jsonl", GOOD, "", line, GOOD.replace('"a"', '"c"'))
    with pytest.raises(EvalError, match=rf"line 3: .*{reason}.*--skip-invalid"):
        load_set(file)
    loaded = load_set(file, skip_invalid=True)
    assert [q.id for q in loaded.questions] == ["a", "c"]
    assert [(s.line, reason in s.reason) for s in loaded.skipped] == [(3, True)]


def test_all_bad_lines_are_told_at_once_and_what_a_line_is(tmp_path: Path) -> None:
    two = write(tmp_path / "s.jsonl", '{"question": "Q"}', GOOD, '{"answers": ["x"]}')
    with pytest.raises(EvalError) as refused:
        load_set(two)
    assert "2 lines that are no question: line 1: missing gold" in str(refused.value)
    assert "; line 3: no question; correct them, or pass --skip-invalid" in str(refused.value)
    assert str(refused.value).endswith(EXAMPLE)
    with pytest.raises(EvalError, match=r"9 lines .*line 5: \S+ \S+ \S+ \S+; and 4 more; correct"):
        load_set(write(tmp_path / "t.jsonl", *["[]"] * 9))


def test_the_example_is_a_question() -> None:
    (one,) = make_set("s", [json.loads(EXAMPLE)]).questions
    assert (one.answers, one.relevant) == (("Ada",), ("doc7",))


def test_a_question_without_an_id_is_named_by_its_line(tmp_path: Path) -> None:
    bare = '{"question": "Q", "answers": []}'
    assert [q.id for q in load_set(write(tmp_path / "s.jsonl", GOOD, "", bare)).questions] == ["a", "3"]
    assert [q.id for q in load_set(write(tmp_path / "s.csv", "question,answers", "Q,x", "R,y")).questions] == ["2", "3"]
    named = write(tmp_path / "t.jsonl", bare.replace("{", '{"id": 2, '), bare)
    with pytest.raises(EvalError, match="line 2: id '2' stands on line 1 already"):
        load_set(named)


@pytest.mark.parametrize("field", ["answers", "golden_answers", "answer"])
def test_gold_is_a_text_or_a_list_under_each_of_its_names(tmp_path: Path, field: str) -> None:
    golds: list[Any] = ["x", ["x", "y"], []]
    rows = [{"question": "Q", field: gold} for gold in golds]
    assert [q.answers for q in make_set("s", rows).questions] == [("x",), ("x", "y"), ()]
    (one,) = load_set(write(tmp_path / "s.csv", f"question,{field}", "Q,x|y")).questions
    assert one.answers == ("x", "y") and not one.meta


def test_bytes_that_are_not_utf8_are_one_bad_line(tmp_path: Path) -> None:
    file = tmp_path / "s.jsonl"
    file.write_bytes(GOOD.encode() + b'\n{"id": "\xff"}\n')
    assert len(load_set(file, skip_invalid=True)) == 1
    with pytest.raises(EvalError, match="line 2: not UTF-8"):
        load_set(file)


def test_a_line_separator_inside_a_text_ends_no_line(tmp_path: Path) -> None:
    file = write(
        tmp_path / "s.jsonl", json.dumps({"id": "a", "question": "x\u2028y", "answers": []}, ensure_ascii=False)
    )
    assert load_set(file).questions[0].question == "x\u2028y"


def test_reads_csv_with_lists_and_other_columns_as_meta(tmp_path: Path) -> None:
    file = write(
        tmp_path / "s.csv", "id,question,answers,relevant,language", '1,"Who, then?",Ada|Bob,"[""d1""]",de', "2,Q,,,"
    )
    one, two = load_set(file).questions
    assert (one.question, one.answers, one.relevant, one.language) == ("Who, then?", ("Ada", "Bob"), ("d1",), "de")
    assert not two.answerable


def test_csv_with_a_short_row_names_its_line(tmp_path: Path) -> None:
    file = write(tmp_path / "s.csv", "id,question,answers", "1,Q")
    with pytest.raises(EvalError, match="line 2: not 3 columns"):
        load_set(file)


def test_a_folder_brings_its_documents(tmp_path: Path) -> None:
    write(tmp_path / "questions.jsonl", GOOD)
    assert load_set(tmp_path).documents is None
    write(tmp_path / "documents.jsonl", '{"id": "d1", "text": "Ada."}')
    assert load_set(tmp_path).documents == tmp_path / "documents.jsonl"


def test_the_primer_is_shipped() -> None:
    primer = load_set("primer")
    assert len(primer) > 100 and primer.documents is not None and primer.documents.is_dir()


def test_worlds_are_the_same_for_the_same_seed_and_each_question_searches_its_own() -> None:
    one, two, other = load_set("nano:3:20"), load_set("nano:3:20"), load_set("nano:4:20")
    assert one.sha256 == two.sha256 != other.sha256
    assert len(one) == 20 and one.documents is not None
    documents = {d["id"]: d for d in map(json.loads, one.documents.read_text(encoding="utf-8").splitlines())}
    for q in one.questions:
        assert all(documents[r]["metadata"] == q.meta["where"] for r in q.relevant)


def test_nothing_of_that_name_and_nothing_usable(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no question set"):
        load_set("nowhere")
    with pytest.raises(EvalError, match=r"no usable question .*a line is \{"):
        load_set(write(tmp_path / "s.jsonl", "x"), skip_invalid=True)
    with pytest.raises(UsageError, match="whole numbers"):
        load_set("nano:x")


def test_the_hash_tells_every_change() -> None:
    base = {"id": "a", "question": "Q", "answers": ["x"], "relevant": ["d"], "meta": {}}
    changed = [{**base, k: v} for k, v in {"id": "b", "question": "R", "answers": ["y"], "relevant": []}.items()]
    assert len({make_set("s", [row]).sha256 for row in [base, *changed]}) == 5


def test_selection_by_number_share_ids_and_seed() -> None:
    rows = [{"id": str(i), "question": "Q", "answers": []} for i in range(10)]
    whole = make_set("s", rows)
    assert [q.id for q in select(whole, limit=3).questions] == ["0", "1", "2"]
    assert len(select(whole, limit=0.5)) == 5
    assert select(whole, limit=4, seed=1).sha256 == select(whole, limit=4, seed=1).sha256
    assert [q.id for q in select(whole, ids=["7", "2"]).questions] == ["7", "2"]
    with pytest.raises(UsageError, match="not in 's'"):
        select(whole, ids=["x"])
    with pytest.raises(UsageError, match="not above 0"):
        select(whole, limit=0)
