"""`repair` builds views from a sound store only; `verify` tells the two apart."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import text

from ragkit.errors import StoreDamagedError
from ragkit.index import Index
from ragkit.views.manifest import MANIFEST, _digest
from tests.fakes import WordEncoder


@pytest.fixture
def index() -> Index:
    index = Index("handbook", encoder=WordEncoder())
    index.add([{"id": f"d{i}", "text": f"Rule number{i} of travel."} for i in range(30)])
    index.live.publish(force=True)
    return index


def test_damaged_store_is_never_built_from(index: Index) -> None:
    before = {path: path.read_bytes() for path in index.folder.rglob("gen-*/*")}
    with index._store._database.writing() as connection:
        connection.execute(text("UPDATE chunks SET text = 'Rule number9 of travex.' WHERE text LIKE '%number9 %'"))
    assert any("is not what was written" in problem for problem in index.verify().problems)
    with pytest.raises(StoreDamagedError, match=r"nothing was rebuilt .*ragkit restore FILE") as caught:
        index.repair()
    assert "\n" not in str(caught.value)
    assert {path: path.read_bytes() for path in index.folder.rglob("gen-*/*")} == before


def test_snapshots_of_the_version_before_are_made_anew_without_a_word(index: Index) -> None:

    for kind in ("vectors", "lexical"):
        (manifest,) = (index.folder / kind).glob(f"gen-*/{MANIFEST}")
        record = json.loads(manifest.read_bytes())["manifest"]
        del record["lineage"]
        record["format"] = 1
        data = json.dumps({"manifest": record, "sha256": _digest(record)}, sort_keys=True, indent=1).encode() + b"\n"
        manifest.write_bytes(data)
        current = index.folder / kind / "CURRENT"

        current.write_text(f"{manifest.parent.name} {hashlib.sha256(data).hexdigest()}\n")
    again = Index("handbook", encoder=WordEncoder())
    assert again.search("number9", k=1, mode="lexical")[0].document_id == "d9"
    assert again.verify().problems == ()
    assert again.repair()


def test_kill_before_the_first_snapshot_is_named_is_no_damage(index: Index, tmp_path: Path) -> None:
    for kind in ("vectors", "lexical"):
        (index.folder / kind / "CURRENT").write_bytes(b"none\n")  # as it stands until the first generation is whole
    again = Index("handbook", encoder=WordEncoder())
    assert again.verify().problems == ()
    assert again.search("number9", k=1, mode="lexical")[0].document_id == "d9"
