"""Looking for an index makes nothing; the error says where it was looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.errors import NotFoundError, StoreError
from ragkit.index import Index, list_indexes
from tests.fakes import WordEncoder


def test_index_that_was_only_looked_for_leaves_nothing_behind(home: Path) -> None:
    with pytest.raises(NotFoundError, match=rf"{home} .*none yet.*ragkit add FOLDER --index papers"):
        Index("papers", must_exist=True)
    assert list_indexes() == []
    assert len(Index("papers")) == 0
    assert not home.exists()


def test_source_that_is_not_there_makes_no_index(home: Path) -> None:
    with pytest.raises(NotFoundError, match="nofolder"):
        Index("handbook", encoder=WordEncoder()).add("nofolder")
    assert not home.exists()


def test_home_that_cannot_be_one_is_told_when_it_is_opened(home: Path) -> None:
    home.write_text("a file in the way")
    with pytest.raises(StoreError, match="RAGKIT_HOME"):
        Index("papers", must_exist=True)


def test_address_of_a_database_is_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAGKIT_DATABASE", f"sqlite:///{tmp_path}/secret.db")
    with pytest.raises(NotFoundError, match="in the configured database") as caught:
        Index("papers", must_exist=True)
    assert "secret" not in str(caught.value)
