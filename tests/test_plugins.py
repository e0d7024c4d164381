"""A package of a user's own adds one of each kind by name; nothing else is touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ragkit.errors import UsageError
from ragkit.index import Index
from ragkit.plugins import Offer, Registry

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "plugin"
Said = dict[str, tuple[str, str]]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as pip installs it, in a folder of its own."""
    source, target = tmp_path_factory.mktemp("source") / "plugin", tmp_path_factory.mktemp("installed")
    shutil.copytree(EXAMPLE, source)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"),
            *("--disable-pip-version-check", "--target", str(target), str(source)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return target


WORDS = "The finance director approves travel"
ASK = ("ask", "Who approves travel?", "--index", "notes")
COMMANDS = {
    "add": ("add", "travel.notes", "--index", "notes"),
    "search": ("search", "travel", "--index", "notes", "--json"),
    "strategy": (*ASK, "--strategy", "headline", "--json"),
    "help": ("ask", "--help"),
    "unknown strategy": (*ASK, "--strategy", "sorcery"),
    "engine": (*ASK, "--model", f"parrot:{WORDS}", "--json"),
    "unknown engine": (*ASK, "--model", "sorcery:x"),
    "metric": ("eval", "run", "set.jsonl", "--index", "notes", "--strategy", "headline", "--json"),
    "doctor": ("doctor", "--json"),
}
ALL_IN_ONE = """
import contextlib, io, json, sys
from ragkit.cli import main
said = {}
for name, arguments in json.load(sys.stdin).items():
    sys.argv, out, err = ["ragkit", *arguments], io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.suppress(SystemExit):
        main()
    said[name] = [out.getvalue(), err.getvalue()]
json.dump(said, sys.stdout)
"""


@pytest.fixture(scope="module")
def said(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """stdout and stderr of each command, all run in one process that has the example on its path."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "travel.notes").write_text(f"Travel policy\n{WORDS}.\n")
    (folder / "set.jsonl").write_text('{"id": "1", "question": "Who approves travel?", "answers": ["director"]}\n')
    done = subprocess.run(
        [sys.executable, "-c", ALL_IN_ONE],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed), "RAGKIT_HOME": str(folder / "indexes"), "COLUMNS": "200"},
        input=json.dumps(COMMANDS),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {name: (out, err) for name, (out, err) in json.loads(done.stdout).items()}


def test_a_format_is_read(said: Said) -> None:
    (hit,) = json.loads(said["search"][0])
    assert hit["chunk"]["title"] == "Travel policy"
    assert hit["chunk"]["text"] == f"{WORDS}."


def test_a_strategy_answers_and_stands_in_the_help(said: Said) -> None:
    answer = json.loads(said["strategy"][0])
    assert (answer["text"], answer["strategy"]) == ("Travel policy", "headline")
    assert "headline" in said["help"][0]
    refused = said["unknown strategy"][1]
    assert "unknown strategy 'sorcery'" in refused and "headline" in refused


def test_an_engine_is_opened_by_its_prefix(said: Said) -> None:
    answer = json.loads(said["engine"][0])
    assert answer["text"].startswith(WORDS) and answer["citations"][0]["quote"] == f"{WORDS}."
    assert "parrot:" in said["unknown engine"][1]


def test_a_metric_is_among_the_figures(said: Said) -> None:
    assert json.loads(said["metric"][0])["metrics"]["brevity"]["mean"] == 0.5


def test_doctor_lists_what_is_added(said: Said) -> None:
    for what in ("strategy 'headline'", "engine 'parrot'", "format 'notes'", "metric 'brevity'", "view 'scan'"):
        assert f"{what} from ragkit-example 1.0" in said["doctor"][0]


def test_a_view_finds_what_faiss_finds(installed: Path, tmp_path: Path) -> None:
    """Searched in its own process: filtered, after a deletion, and named by the setting."""
    code = (
        "import json, ragkit\n"
        "texts = {f'd{n}': f'The director of office {n} approves travel to city {n % 7}.' for n in range(30)}\n"
        "rows = [{'id': i, 'text': t, 'metadata': {'odd': bool(int(i[1:]) % 2)}} for i, t in texts.items()]\n"
        "index = ragkit.Index('offices')\n"
        "index.add(rows); index.delete(id='d3')\n"
        "found = {}\n"
        "for view in (None, 'faiss'):\n"
        "    opened = ragkit.Index('offices', view=view)\n"
        "    asked = [opened.search('travel to city 3', 5, mode=m, where=w) for m in ('dense', 'hybrid')\n"
        "             for w in (None, {'odd': True}, {'document_id': ['d3', 'd10']})]\n"
        "    hits = [[(h.document_id, round(h.score, 3)) for h in hits] for hits in asked]\n"
        "    found[type(opened.live.vectors).__name__] = [hits, opened.verify().problems]\n"
        "print(json.dumps(found))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed), "RAGKIT_VIEW": "scan"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {"Scan", "VectorView"}
    assert found["Scan"] == found["VectorView"] and found["Scan"][1] == []
    assert [len(hits) for hits in found["Scan"][0]] == [5, 5, 1, 5, 5, 1]


def test_a_view_that_nobody_offers_is_one_line_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"unknown view 'sorcery'; known: faiss"):
        Index("notes", view="sorcery:x")


def test_names_are_read_without_importing_what_they_name() -> None:
    code = (
        "import sys; from ragkit.catalogue import REGISTRIES; print([list(r) for r in REGISTRIES]);"
        "print(*{m for m in sys.modules if m.startswith('ragkit.')})"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split("\n")
    assert "agent" in out[0]
    light = {"ragkit.catalogue", "ragkit.errors", "ragkit.plugins", "ragkit.stopping", "ragkit.types"}
    assert set(out[1].split()) <= light


def test_every_name_of_ragkits_own_can_be_loaded() -> None:
    from ragkit.catalogue import REGISTRIES

    for registry in REGISTRIES:
        for offer in registry.values():
            assert callable(offer.load()) and offer.about, offer.name


def test_a_package_that_cannot_be_imported_is_named_and_takes_no_name_of_ragkits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "broken-2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 2\n")
    (info / "entry_points.txt").write_text("[tests.things]\nlost = nowhere_at_all:Thing\nmine = nowhere_at_all:Other\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = Registry("thing", "tests.things", [Offer("mine", "pathlib:Path")])
    assert list(registry) == ["mine", "lost"] and registry.load("mine") is Path
    assert [offer.package for offer in registry.clashes()] == ["broken 2"]
    from ragkit.errors import ConfigError

    with pytest.raises(ConfigError, match="'lost' of broken 2 cannot be loaded from nowhere_at_all:Thing"):
        registry.load("lost")
