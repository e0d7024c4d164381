"""Markers in every form that models write are read as the numbers they mean; what only looks like one is left alone."""

from __future__ import annotations

import time

import pytest

from ragkit.citing.markers import find_markers, unfinished, without_markers


def numbers(text: str) -> list[tuple[int, ...]]:
    return [marker.numbers for marker in find_markers(text)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("[2]", (2,)),
        ("[ 2 ]", (2,)),
        ("[1, 3; 5]", (1, 3, 5)),
        ("[1-2]", (1, 2)),
        ("[1–3]", (1, 2, 3)),
        ("[1—2, 5]", (1, 2, 5)),
        ("[3-1]", (3, 1)),
        ("[1 and 2]", (1, 2)),
        ("[1 и 2]", (1, 2)),
        ("【1】", (1,)),
        ("【2†source】", (2,)),
        ("［3］", (3,)),
        ("[^1]", (1,)),
        ("[#4]", (4,)),
        ("[Passage 1]", (1,)),
        ("[PASSAGES 1-3]", (1, 2, 3)),
        ("[Passage 1, Passage 2]", (1, 2)),
        ("[Passage 1 - Passage 3]", (1, 2, 3)),
        ("[Source: 2]", (2,)),
        ("[doc2]", (2,)),
        ("[Источник 2]", (2,)),
        ("[отрывки 1 и 3]", (1, 3)),
        ("[Документ №4]", (4,)),
        ("[уривок 1]", (1,)),
        ("[джерела 1, 2]", (1, 2)),
        ("[99]", (99,)),
        ("[12345]", (12345,)),
        ("[2024]", (2024,)),
        ("[2020-2024]", (2020, 2024)),
        ("[1-500]", (1, 500)),
        ("[0]", (0,)),
        ("[01]", (1,)),
        ("`[1]`", (1,)),
    ],
)
def test_every_form_is_read_as_what_it_means(written: str, meant: tuple[int, ...]) -> None:
    assert numbers(f"It is so {written}.") == [meant]
    assert without_markers(f"It is so {written.strip('`')}.") == "It is so."


@pytest.mark.parametrize(
    "text",
    [
        "The interval is [0.93, 0.96].",
        "Cosines lie in [0, 1].",
        "He writes «в [2024] году».",
        'He writes "in [2024] it began".',
        "He wrote recieve [sic].",
        "See [the rules](https://example.org/1) and [page 3].",
        "The first element is a[0], as in `x[1] + y[2]` and `[1, 2, x]`.",
        "An open bracket [1 and no more.",
        "Empty [] and [,].",
        "[Table 2] and [Figure 1] and [1a].",
    ],
)
def test_what_is_no_marker_stays(text: str) -> None:
    assert numbers(text) == []
    assert without_markers(text) == text


def test_a_quotation_guards_years_only() -> None:
    assert numbers("He said «it is Orm [2]» in [1999].") == [(2,), (1999,)]


def test_what_may_become_a_marker_is_unfinished() -> None:
    assert all(unfinished(f"So. {t}", 4) for t in ("[", "[Passage 1, Pass", "【1", "[^"))
    assert not any(unfinished(f"So. {t}", 4) for t in ("[1]", "And [1", "[1] and", "[" + "a" * 200))


@pytest.mark.parametrize(
    "text",
    ["[1" + " " * 50_000, "[1" + ", 1" * 20_000, "[" * 50_000, "[passage " * 10_000, "[1] " * 10_000, "`" * 50_000],
)
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    began = time.perf_counter()
    list(find_markers(text))
    without_markers(text)
    assert time.perf_counter() - began < 5
