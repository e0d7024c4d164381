"""A row far below its table's header is found, read and cited by the names of its columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.augment import pack_context
from ragkit.index import Index
from ragkit.rag import RAG
from ragkit.types import Chunk, Document


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    home = tmp_path_factory.mktemp("home")
    rows = "".join(f"Worker{n},Dept{n % 7},R{100 + n},{n % 31}\n" for n in range(300))
    (home / "staff.csv").write_text("Employee,Department,Room,Leave days\n" + rows)
    rows = "".join(f"| V{n:03} | {n % 50} bar | Worker{n} |\n" for n in range(300))
    (home / "valves.md").write_text("# Valves\n\n| Valve | Pressure | Owner |\n| --- | --- | --- |\n" + rows)
    for number in range(20):
        (home / f"{number}.txt").write_text(f"Memo {number} of the board on leave, pressure and owners of rooms.")
    index = Index("tables", home=home / "indexes")
    index.add(home / "staff.csv", home / "valves.md", *home.glob("*.txt"))
    return index


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("Who owns valve V150 and at which pressure?", "| V150 | 0 bar | Worker150 |"),
        ("How many leave days does Worker250 have?", "Worker250,Dept5,R350,2"),
    ],
)
def test_row_is_found_first_and_answers(index: Index, question: str, row: str) -> None:
    hit = index.search(question, k=1)[0]
    assert row in hit.chunk.text
    assert hit.chunk.text == index.document(hit.document_id).text[hit.chunk.start : hit.chunk.end]
    answer = RAG(index).ask(question)
    assert [c.quote for c in answer.citations] == [row]


def test_prompt_shows_the_column_names_before_the_rows(index: Index) -> None:
    packed = pack_context(index.search("leave days of Worker250", k=1), count=len, room_tokens=10_000)
    assert packed.text.startswith("[1] staff: Employee,Department,Room,Leave days … Worker")


def test_page_of_a_citation_is_the_page_of_its_quote(tmp_path: Path) -> None:
    first, second = "The lease began in March. ", "The rent is nine hundred euros a month."
    index = Index("paged", home=tmp_path)
    index.add(Document("lease", first + second, pages=(0, len(first))))
    assert [c.breaks for c in index.chunks("lease")] == [(len(first),)]
    answer = RAG(index).ask("How much is the rent a month?")
    assert [(c.quote, c.page) for c in answer.citations] == [(second, 2)]


def test_page_at_counts_the_breaks_up_to_an_offset() -> None:
    chunk = Chunk(1, "d", 0, 10, 90, "x" * 80, page=3, breaks=(40, 40, 70))
    assert [chunk.page_at(at) for at in (10, 39, 40, 69, 70)] == [3, 3, 5, 5, 6]
    assert Chunk(1, "d", 0, 0, 1, "x").page_at(0) is None
