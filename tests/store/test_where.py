"""Metadata filters: the same answers on both databases, types respected, nothing from the user in the SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from ragkit.errors import UsageError
from ragkit.store import IndexRecord, Store
from ragkit.store.conditions import MAX_VALUES

from .samples import put

DOCUMENTS: dict[str, dict[str, Any]] = {
    "a": {"team": "finance", "year": 2019, "open": True, "day": "2019-05-01"},
    "b": {"team": "ops", "year": 2021, "open": False, "day": "2021-05-01"},
    "c": {"team": "ops", "year": 2023.5, "open": 1, "day": "2023-05-01"},
    "d": {"team": 5, "year": "2021", 'it\'s a "key" $.x': "Ж"},
    "e": {"tags": ["red", "blue", 7, True], "years": [2019, 2024.5], "none": []},
    "f": {"tags": "red", "years": 2020},
}


@pytest.fixture
def filled(store: Store, index: IndexRecord) -> Store:
    for name, metadata in DOCUMENTS.items():
        put(store, index.id, name, "0123456789", title=f"Title {name}", language="en", metadata=metadata)
    return store


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"team": "ops"}, "bc"),
        ({"team": ["finance", 5]}, "ad"),
        ({"team": []}, ""),
        ({"team": {"ne": "ops"}}, "adef"),
        ({"open": {"ne": True}}, "bcdef"),
        ({"open": True}, "a"),
        ({"open": 1}, "c"),
        ({"open": 1.0}, "c"),
        ({"year": 2021}, "b"),
        ({"year": 2021.0}, "b"),
        ({"year": "2021"}, "d"),
        ({"year": {"gte": 2021, "lt": 2024}}, "bc"),
        ({"year": {"gt": 2021}}, "c"),
        ({"year": {"lte": 2021}}, "ab"),
        ({"day": {"gte": "2020", "lt": "2022"}}, "b"),
        ({"team": "ops", "open": False}, "b"),
        ({'it\'s a "key" $.x': "Ж"}, "d"),
        ({"document_id": ["a", "d"]}, "ad"),
        ({"title": {"gt": "Title b"}}, "cdef"),
        ({"language": "en", "team": "finance"}, "a"),
        ({"media_type": "text/html"}, ""),
        ({"source": ""}, "abcdef"),
        ({"title": 5}, ""),
        ({"tags": "red"}, "ef"),
        ({"tags": ["blue", "green"]}, "e"),
        ({"tags": 7.0}, "e"),
        ({"tags": True}, "e"),
        ({"tags": "7"}, ""),
        ({"tags": {"ne": "blue"}}, "abcdf"),
        ({"tags": "red", "years": {"gt": 2021}}, "e"),
        ({"years": {"gte": 2020, "lt": 2022}}, "ef"),  # of e, one value meets the first and another the second
        ({"years": {"lte": 2019}}, "e"),
        ({"tags": {"gt": "green"}}, "ef"),
        ({"none": "red"}, ""),
        ({"day": {"gte": date(2020, 1, 1), "lt": date(2022, 1, 1)}}, "b"),
    ],
)
def test_filter_finds(filled: Store, index: IndexRecord, where: Mapping[str, Any], found: str) -> None:
    assert "".join(row.id for row in filled.documents(index.id, where=where)) == found
    chunks = [i for name in found for i in (c.id for c in filled.document_chunks(index.id, name))]
    assert filled.select_chunks(index.id, where).tolist() == sorted(chunks)


@pytest.mark.parametrize(
    ("where", "says"),
    [
        (
            {"taem": "ops"},
            "no document of this index has metadata 'taem'; known keys: .*source.*, day.*, year, years",
        ),
        ({"team": {"like": "o%"}}, "'like' is not an operator .*known: eq, ne, in, gt"),
        ({"team": {}}, "empty"),
        ({"team": {"in": "ops"}}, "wants a list"),
        ({"year": {"gt": True}}, "compare numbers or text"),
        ({"year": {"gt": float("inf")}}, "finite"),
        ({"year": 2**70}, "64 bits"),
        ({"year": None}, "NoneType"),
        ({"title": {"gt": 5}}, "is text"),
        ({"team": "x\0"}, "NUL"),
    ],
)
def test_bad_filter_is_refused(filled: Store, index: IndexRecord, where: Mapping[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        filled.select_chunks(index.id, where)


@pytest.mark.parametrize("hostile", ["') OR 1=1 --", "$", "$.team", '"', "%", ":index", "team') IS NOT NULL OR ('"])
def test_hostile_keys_and_values_are_only_data(filled: Store, index: IndexRecord, hostile: str) -> None:
    assert filled.select_chunks(index.id, {"team": hostile}).tolist() == []
    with pytest.raises(UsageError, match="known keys"):
        filled.select_chunks(index.id, {hostile: "ops"})
    assert filled.counts(index.id) == (6, 6)


def test_a_list_of_thousands_is_one_bound_value_and_one_beyond_the_limit_is_refused(
    filled: Store, index: IndexRecord
) -> None:
    def found(where: Mapping[str, Any]) -> str:
        return "".join(sorted(row.id for row in filled.documents(index.id, where=where)))

    many = [*range(-MAX_VALUES + 4, 0), "ops", True, 2023.5, 5]
    assert found({"team": many}) == "bcd"
    assert found({"year": many}) == "c" and found({"open": many}) == "a"
    assert found({"document_id": [*(f"x{n}" for n in range(2000)), "a", "d", 7]}) == "ad"
    assert found({"team": {"in": [f"x{n}" for n in range(2000)]}}) == ""
    with pytest.raises(UsageError, match=f"has {MAX_VALUES + 1} values, the limit is {MAX_VALUES}"):
        found({"team": [*many, "one more"]})
    with pytest.raises(UsageError, match="conditions, the limit is 100"):
        found({f"k{n}": 1 for n in range(101)})
