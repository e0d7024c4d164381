"""The words of Library and Evaluate: the same in every language, and a translation for whatever ragkit.eval says."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from ragkit.eval.metrics.metric import OWN
from ragkit.eval.reporting.pages import FIRST, tiles_of
from ragkit.ui.evaluate.figures import say
from ragkit.ui.words import LANGUAGES, Words, plural

WORDS = {code: {key: Words(code)(key) for key in Words(code)} for code in LANGUAGES}
ROOT = Path(__file__).parents[2] / "ui"
AS_THEY_ARE = re.compile(r"MRR|SimpleQA F|(hit|recall|all_gold|ndcg|ap)@\d+")  # names of the field


def fields(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_every_language_has_the_same_keys_and_fields() -> None:
    for language in LANGUAGES:
        assert set(WORDS[language]) == set(WORDS["en"])
        for key, text in WORDS[language].items():
            assert text.strip(), key
            assert fields(text) == fields(WORDS["en"][key]), f"{language} {key}"


def test_forms_are_as_many_as_the_language_needs() -> None:
    needed = {code: max(plural(code, number) for number in range(200)) for code in LANGUAGES}
    assert needed == {"en": 1, "de": 1, "pl": 2, "ru": 2, "uk": 2}
    for key in WORDS["en"]:
        wanted = needed if "|" in WORDS["en"][key] else dict.fromkeys(LANGUAGES, 0)
        assert {code: WORDS[code][key].count("|") for code in LANGUAGES} == wanted, key


def test_every_key_that_the_pages_use_exists() -> None:
    for path in [*ROOT.glob("library/*.py"), *ROOT.glob("evaluate/*.py")]:
        for key in re.findall(r't(?:\.count)?\(\s*"([a-z]+\.[a-z_]+)"', path.read_text(encoding="utf-8")):
            assert key in Words("en"), f"{path.name} uses {key}"


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_what_the_figures_are_called_is_translated(language: str) -> None:
    t = Words(language)
    names = {*FIRST.values(), *(word for metric in OWN if metric.group for word in (metric.label, metric.group))}
    for name in names:
        assert AS_THEY_ARE.fullmatch(name) or say(t, name) != name, name
    metrics = {"accuracy": {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 9}}
    summary = {
        "metrics": metrics,
        "latency_s": {"p50": 1.0, "p95": 2.0},
        "calibration": {"ece": 0.1, "brier": 0.2},
        "abstention": {"rejection": 0.5, "f": 0.5, "false_rejection": 0.1},
    }
    for tile in tiles_of(summary):
        assert AS_THEY_ARE.fullmatch(tile["name"]) or say(t, tile["name"]) != tile["name"]
        if re.search("[a-z]{3}", tile["detail"]):
            assert say(t, tile["detail"]) != tile["detail"], tile
