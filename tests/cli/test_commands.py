"""The commands do what they say, on the real encoder; data on stdout, one line per error, the right exit code."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragkit import Index
from tests.fakes import WordEncoder

from .conftest import Run

HANDBOOK = {
    "travel.md": "# Travel\n\nThe finance director approves travel over 2,000 euros. Trains are preferred to flights.",
    "leave.md": "# Leave\n\nEvery employee has thirty days of paid leave a year.",
    "remote.md": "# Remote work\n\nRemote work is possible on two days a week.",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """A home with an index `handbook` over a folder of three files, made once."""
    root = tmp_path_factory.mktemp("built")
    docs, home = root / "docs", root / "home"
    docs.mkdir()
    for name, text in HANDBOOK.items():
        (docs / name).write_text(text)
    from ragkit.index import Index

    with Index("handbook", home=home) as index:
        assert index.add(docs)
    yield docs, home


@pytest.fixture
def handbook(built: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAGKIT_HOME", str(built[1]))
    return built[0]


def test_add_reports_each_file_and_exits_1_when_one_failed(ragkit: Run, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("The moon orbits the earth.")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 broken")
    done = ragkit("add", tmp_path / "good.txt", tmp_path / "bad.pdf", "--index", "sky")
    assert done.code == 1
    assert done.out == ""
    assert "added" in done.err
    assert "bad.pdf" in done.err
    again = ragkit("add", tmp_path / "good.txt", "--index", "sky", "--json")
    assert (again.code, again.data["unchanged"], again.data["failures"]) == (0, 1, [])


def test_answer_quotes_the_document_word_for_word(ragkit: Run, handbook: Path) -> None:
    done = ragkit("ask", "Who approves travel over 2,000 euros?", "--index", "handbook", "--json")
    answer = done.data
    assert (done.code, answer["status"]) == (0, "answered")
    cited = answer["citations"][0]
    text = (handbook / "travel.md").read_text()
    assert "finance director" in cited["quote"]
    assert text[cited["start"] : cited["end"]] == cited["quote"]
    assert answer["notes"]
    shown = ragkit("ask", "Who approves travel over 2,000 euros?", "--index", "handbook")
    assert "[1]" in shown.out
    assert "no language model is configured" in shown.err


def test_question_without_an_answer_is_abstained_with_the_nearest_passages(ragkit: Run, handbook: Path) -> None:
    done = ragkit("ask", "How tall is Mount Everest?", "--index", "handbook")
    assert done.code == 0
    assert "Not in these documents" in done.out
    assert "nearest passages" in done.out


def test_texts_that_look_like_emoji_codes_are_shown_as_they_are(ragkit: Run, home: Path) -> None:
    from ragkit.index import Index

    with Index("net", home=home) as index:
        index.add({"id": "mac", "text": "The printer in room ten has the address 00:ab:12:top:34."})
    assert "00:ab:12:top:34" in ragkit("ask", "Which address has the printer in room ten?", "-i", "net").out


def test_question_from_standard_input(ragkit: Run, handbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO("How many days of leave does an employee have?\n"))
    assert "thirty" in ragkit("ask", "-", "--index", "handbook", "-q").out


def test_search_list_verify(ragkit: Run, handbook: Path) -> None:
    hits = ragkit("search", "remote work", "--index", "handbook", "-k", 2, "--json").data
    assert [len(hits), hits[0]["chunk"]["title"]] == [2, "Remote work"]
    assert {"dense", "lexical"} <= set(hits[0]["scores"])
    assert ragkit("ls", "--json").data[0]["documents"] == 3
    assert len(ragkit("ls", "handbook", "--json").data) == 3
    health = ragkit("verify", "handbook", "--json")
    assert (health.code, health.data["problems"]) == (0, [])


def test_a_search_that_had_to_make_a_view_anew_says_how_to_keep_it(
    ragkit: Run, handbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.views.lexical.PUBLISH_ROWS", 2)
    assert ragkit("repair", "handbook").code == 0
    assert "repair" not in ragkit("search", "remote work", "--index", "handbook").err
    monkeypatch.setattr("ragkit.views.lexical.ANALYSIS", "another")
    done = ragkit("search", "remote work", "--index", "handbook")
    assert "Remote work" in done.out
    assert "run `ragkit repair handbook` once to keep it" in done.err


def test_remove_by_source_then_whole(ragkit: Run, tmp_path: Path) -> None:
    for name, text in HANDBOOK.items():
        (tmp_path / name).write_text(text)
    ragkit("add", *(tmp_path / n for n in HANDBOOK), "--index", "short")
    assert ragkit("rm", tmp_path / "leave.md", "--index", "short", "--json").data == {"deleted": 1}
    assert ragkit("rm", tmp_path / "leave.md", "--index", "short").code == 3
    assert ragkit("rm", "--all", "--yes", "--index", "short").code == 0
    assert ragkit("ls", "short").code == 3


def test_remove_by_a_file_name_that_only_one_document_has(ragkit: Run, tmp_path: Path) -> None:
    for name in ("docs/old/plan.md", "docs/new/plan.md", "docs/new/rates.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n\nWhat {name} says.")
    ragkit("add", "docs", "--index", "short")
    several = ragkit("rm", "rates.md", "plan.md", "--index", "short")
    assert (several.code, several.err.count("\n")) == (2, 1)
    assert "docs/new/plan.md, docs/old/plan.md" in several.err
    assert len(ragkit("ls", "short", "--json").data) == 3
    done = ragkit("rm", "rates.md", "new/plan.md", "./new/plan.md", "--index", "short")
    assert done.err == "2 documents deleted from short\n"
    assert ragkit("rm", "docs/../docs/old/plan.md", "--index", "short").err == "1 document deleted from short\n"
    assert "short\t0 documents\t0 chunks" in ragkit("ls").out


def test_one_of_a_thing_is_named_in_the_singular(ragkit: Run, tmp_path: Path) -> None:
    (tmp_path / "moon.md").write_text("The moon orbits the earth.")
    assert ragkit("add", "moon.md", "--index", "sky").err.startswith("    added moon.md  1 chunk\n")
    assert ragkit("ls").out.startswith("sky\t1 document\t1 chunk\t")
    assert "\t1 chunk\t" in ragkit("ls", "sky").out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("add", "nowhere/at/all"), 3, "nowhere"),
        (("add", "empty"), 2, "empty"),
        (("ask", "What?", "--index", "unknown"), 3, "unknown"),
        (("ask", "", "--index", "handbook"), 2, "empty"),
        (("search", "x", "--index", "handbook", "-k", "0"), 2, "k=0 is outside 1 to 100"),
        (("ask", "x", "--index", "handbook", "-k", "0"), 2, "k=0 is outside 1 to 100"),
        (("ask", "x", "--index", "handbook", "-k", "1001"), 2, "raise max_k"),
        (("ask", "x", "--index", "handbook", "--budget", "-1"), 2, "budget=-1"),
        (("ask", "\udcd1\udcea", "--index", "handbook"), 2, "not UTF-8"),
        (("search", "\udcd1\udcea", "--index", "handbook"), 2, "not UTF-8"),
        (("rm", "gone.md", "--index", "handbook"), 3, "ragkit ls handbook"),
        (("search", "x", "--index", "handbook", "--mode", "best"), 2, "best"),
        (("search", "x", "--index", "handbook", "--where", "team"), 2, "team"),
        (("search", "x", "--index", "handbook", "--where", "colour=red"), 2, "colour"),
        (("ask", "x", "--index", "../up"), 2, "name"),
        (("ask", "x", "--index", "a\0b"), 2, "name"),
        (("ask", "x", "--index", "x" * 300), 2, "300"),
        (("ask", "x", "--index", "🎉"), 2, "name"),
        (("add", "https://example.org/a.html"), 2, "allow"),
        (("rm", "--index", "handbook"), 2, "--all"),
    ],
)
def test_bad_input_is_one_clear_line_with_its_exit_code(
    ragkit: Run, handbook: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    (tmp_path / "empty").mkdir()
    done = ragkit(*arguments)
    assert (done.code, done.out) == (code, "")
    assert says in done.err
    assert done.err.startswith("error: ")
    assert len(done.err.strip().splitlines()) == 1
    as_json = ragkit(*arguments, "--json")
    assert as_json.code == code
    assert as_json.data["error"]["exit_code"] == code


def test_unknown_option_is_usage(ragkit: Run) -> None:
    assert ragkit("ask", "--wrong").code == 2
    assert ragkit("ask", "--wrong", "--json").data["error"]["exit_code"] == 2


def test_unknown_command_names_the_help_that_lists_the_known_ones(ragkit: Run) -> None:
    assert "`ragkit --help`" in ragkit("asq").err
    assert "`ragkit trace --help`" in ragkit("trace", "lss").err
    assert "`ragkit trace rm --help`" in ragkit("trace", "rm", "--wrong").err


@pytest.mark.parametrize("group", ["trace", "eval", "prompts"])
def test_group_without_a_command_shows_its_help_as_it_is(ragkit: Run, group: str) -> None:
    done = ragkit(group)
    assert (done.code, done.out) == (2, "")
    assert f"Usage: ragkit {group} [OPTIONS]" in done.err.splitlines()[0]
    assert len(done.err.splitlines()) > 5


def test_unexpected_error_shows_a_traceback_only_with_debug(
    ragkit: Run, handbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ragkit.index import Index

    def burst(*_: object, **__: object) -> None:
        raise KeyError("inside")

    monkeypatch.setattr(Index, "search", burst)
    plain = ragkit("search", "x", "--index", "handbook")
    assert (plain.code, "Traceback" in plain.err) == (1, False)
    assert "--debug" in plain.err
    assert "burst" in ragkit("--debug", "search", "x", "--index", "handbook").err
    monkeypatch.delenv("RAGKIT_DEBUG")
    assert "burst" in ragkit("search", "x", "--index", "handbook", "--debug").err
    monkeypatch.delenv("RAGKIT_DEBUG")
    assert "burst" not in ragkit("search", "--index", "handbook", "--", "--debug").err


def test_doctor_names_each_part_and_a_remedy_for_what_is_missing(
    ragkit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    checks = {c["name"]: c for c in ragkit("doctor", "--json").data}
    assert {"python", "sqlite", "faiss", "torch", "vllm", "encoder", "home", "disk"} <= set(checks)
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("RAGKIT_HOME", str(tmp_path / "file"))
    done = ragkit("doctor", "--json")
    home = next(c for c in done.data if c["name"] == "home")
    assert (done.code, home["state"]) == (2, "fail")
    assert "RAGKIT_HOME" in home["remedy"]


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['ragkit', '--help']\nfrom ragkit.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print({'torch', 'faiss', 'sqlalchemy', 'numpy', 'vllm'} & set(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip().endswith("set()")


def test_several_indexes_are_asked_at_once(ragkit: Run, rules: Index) -> None:
    other = Index("notes", encoder=WordEncoder())
    other.add({"id": "travel", "title": "Journeys", "text": "Ships travel from Kiel to Oslo in twenty hours."})
    both = ("--index", "rules", "--index", "notes")
    hits = ragkit("search", "travel", *both, "--json").data
    assert {hit["chunk"]["index"] for hit in hits} == {"rules", "notes"}
    assert "rules: Travel, characters 0-" in ragkit("search", "travel over euros", *both).out
    answer = ragkit("ask", "Who approves travel over 2,000 euros?", *both, "--json").data
    assert answer["citations"][0]["index"] == "rules"
    assert "rules: Travel, characters" in ragkit("ask", "Who approves travel over 2,000 euros?", *both).out
    missing = ragkit("ask", "Who?", "--index", "rules", "--index", "none")
    assert (missing.code, "no index named 'none'" in missing.err, missing.err.count("\n")) == (3, True, 1)
