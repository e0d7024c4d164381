"""One room for each language: what ragkit knows of it is in its module, and a package of one's own can add another."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragkit.citing.abstention import abstention, is_abstention, language_name
from ragkit.citing.figures import unfounded
from ragkit.citing.markers import find_markers
from ragkit.rag.leaning import stand_alone
from ragkit.rag.small_talk import small_talk
from ragkit.reasoning.strategies.aloud import split_reasoning
from ragkit.reasoning.votes import vote_key
from ragkit.text import detect_language, fold, sentence_spans
from ragkit.text.languages import languages, register, unregister

ROOT = Path(__file__).resolve().parents[2]

VELLISH = r"""
from ragkit.text.languages import (
    Detection, FollowUps, Language, Numbers, Refusals, Sentences, SmallTalk,
)

LANGUAGE = Language(
    code="qv", name="Vellish",
    detection=Detection(words="vu sel nar keto oru tem", letters="ŵŷ", rare="ŵŷ", asking="keto oru"),
    folds={"ŵ": "w"},
    sentences=Sentences(never="prk", ands="vu"),
    refusals=Refusals(
        own="Nar dokŷra vesh.", parts={"NOUN": "dokŷra tekso"}, sentences=(r"sel DOCUMENTS nar \w+",),
        openings="ŵerna",
    ),
    numbers=Numbers(words={7: "zept", 30: "trŷdo"}),
    follow_ups=FollowUps(pointing="oŷ", openings="vu_", before_details="pro", articles="un"),
    small_talk=SmallTalk(said={"thanks": "dŷnki"}, replies={"thanks": "Nar pro vesh."}),
    yes="ŷa", no="nŷo", negations="nar", ors="ali", answer="respŷa", answer_is="estŷ", reasoning="pensŷa",
    sources="tekso",
)
"""


@pytest.fixture
def vellish() -> Iterator[None]:
    made: dict[str, object] = {}
    exec(compile(VELLISH, "qv.py", "exec"), made)  # noqa: S102 - the file that a user would add
    register(made["LANGUAGE"])  # type: ignore[arg-type]
    yield
    unregister("qv")


@pytest.mark.usefixtures("vellish")
def test_a_language_of_one_file_is_known_wherever_languages_matter() -> None:
    question = "Keto estŷ oru sel Borel 5?"
    assert detect_language("keto vu oru ŵerna sel tem") == "qv"
    assert language_name("keto vu oru ŵerna sel tem") == "Vellish"
    assert fold("ŵerna") == "werna"
    text = "Oru prk. Sŷlo vu tem. Keto oru nar."
    assert [text[a:b] for a, b in sentence_spans(text)] == ["Oru prk. Sŷlo vu tem.", "Keto oru nar."]
    assert abstention("keto vu oru ŵerna sel tem?") == "Nar dokŷra vesh."
    assert is_abstention("ŵerna, sel tekso nar mŷla")
    assert not is_abstention("ŷa, sel tekso nar mŷla")
    assert unfounded("37 dŷno", ["Oru sel trŷdo-zept dŷno vu tem ŵe"]) == ()
    assert [m.numbers for m in find_markers("Orm [tekso 2 vu 3]")] == [(2, 3)]
    assert split_reasoning("Pensŷa: 1 + 1\nRespŷa: 2") == ("1 + 1", "2")
    assert vote_key(question, "Respŷa estŷ Orm.") == vote_key(question, "Orm")
    assert stand_alone("Vu un ŵilo sel?", "Oru keto sel un tŷro pro sel Borel 5?").endswith("(Borel 5)")
    assert small_talk("Dŷnki!") == "Nar pro vesh."


def test_a_language_is_gone_when_it_is_taken_back(vellish: None) -> None:
    unregister("qv")
    assert "qv" not in {each.code for each in languages()}
    assert small_talk("dŷnki") is None


def test_a_package_of_ones_own_brings_a_language(tmp_path: Path) -> None:
    (tmp_path / "vellish.py").write_text(VELLISH, encoding="utf-8")
    info = tmp_path / "vellish-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: vellish\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[ragkit.languages]\nqv = vellish:LANGUAGE\n")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from ragkit.rag.small_talk import small_talk\nfrom ragkit.text import detect_language\n"
        "print(small_talk('D\\u0177nki'), detect_language('keto vu oru \\u0175erna sel tem'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "Nar pro vesh. qv", done.stderr


@pytest.mark.parametrize("code", ["de", "es", "fr", "pl", "ru", "uk"])
def test_a_language_is_named_in_its_module_and_its_table_of_words_alone(code: str) -> None:
    own = {ROOT / "ragkit/text/languages" / f"{code}.py", ROOT / "ui/words" / f"{code}.toml"}
    naming = {
        path
        for folder in ("ragkit", "eval", "ui", "prompts")
        for path in (ROOT / folder).rglob("*.py")
        if "loaders" not in path.parts  # old encodings are told by the letters of what was written in them
        and path.name != "minimal_words.py"  # how a sentence is falsified for training is data of that set alone
        and any(isinstance(n, ast.Constant) and n.value == code for n in ast.walk(ast.parse(path.read_text("utf-8"))))
    }
    assert naming <= own
    assert len(own) <= 2


def test_a_language_module_is_complete() -> None:
    for code in ("de", "en", "es", "fr", "pl", "ru", "uk"):
        (known,) = (each for each in languages() if each.code == code)
        missing = [name for name in known.__slots__ if not getattr(known, name)]
        assert set(missing) <= {"stemmer", "folds", "asks_for_one", "thousands", "apart", "name_endings"}, (
            f"{code} lacks {missing}"
        )
