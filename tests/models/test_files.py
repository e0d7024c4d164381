"""A model is taken when it is whole; what the cache lacks is fetched, and what cannot be had is named in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.engines import find_model
from ragkit.errors import NotFoundError
from ragkit.models.files import missing_files
from tests.hub import WHOLE, Hub, hub, whole, write

__all__ = ["hub", "whole"]

SHARD = "model-00001-of-00016.safetensors"


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        (WHOLE, ()),
        (("config.json", "model.safetensors", "tokenizer.json"), ()),
        (("config.json", "consolidated.safetensors", "tekken.json"), ()),
        (("config.json", "pytorch_model.bin", "vocab.txt"), ()),
        (("config.json", "tokenizer.json"), ("model.safetensors",)),
        (("config.json", "model.safetensors", "tokenizer_config.json"), ("tokenizer.json",)),
        (("model.safetensors", "tokenizer.model"), ("config.json",)),
        (WHOLE[:3] + WHOLE[4:], ("model-00002-of-00002.safetensors",)),
    ],
)
def test_what_a_model_lacks_is_named(tmp_path: Path, files: tuple[str, ...], missing: tuple[str, ...]) -> None:
    assert missing_files(write(tmp_path / "m", *files)) == missing


def test_one_shard_without_the_index_tells_how_many_there_are(tmp_path: Path) -> None:
    missing = missing_files(write(tmp_path / "m", "config.json", SHARD, "tokenizer.json"))
    assert (len(missing), missing[:2]) == (16, ("model.safetensors.index.json", "model-00002-of-00016.safetensors"))


def test_a_link_to_a_blob_that_is_gone_is_a_missing_file(whole: Path) -> None:
    (whole / "tokenizer.json").unlink()
    (whole / "tokenizer.json").symlink_to(whole / "gone")
    assert missing_files(whole) == ("tokenizer.json",)


def test_an_unreadable_index_is_one_line(whole: Path) -> None:
    (whole / "model.safetensors.index.json").write_text("[")
    with pytest.raises(NotFoundError, match="is no index of weights"):
        find_model(str(whole))


def test_a_folder_is_a_model_only_when_it_is_whole(whole: Path) -> None:
    assert find_model(str(whole)) == whole
    (whole / "model-00001-of-00002.safetensors").unlink()
    with pytest.raises(NotFoundError, match=r"holds no model-00001-of-00002\.safetensors; copy the whole model"):
        find_model(str(whole))


def test_a_whole_snapshot_is_taken_without_asking_the_hub(hub: Hub) -> None:
    assert find_model("org/name") == find_model("org/name") == hub.cache("org/name")
    assert hub.downloads == ["org/name"]


def test_an_interrupted_download_is_resumed(hub: Hub) -> None:
    folder = hub.cache("org/name", "config.json", "model-00001-of-00002.safetensors")
    assert find_model("org/name") == folder
    assert hub.downloads == ["org/name"]
    assert missing_files(folder) == ()


def test_offline_an_interrupted_download_is_one_line_with_what_it_lacks(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    hub.cache("org/name", "config.json", SHARD)
    with pytest.raises(NotFoundError) as caught:
        find_model("org/name")
    text = str(caught.value)
    assert "only in part: it lacks model.safetensors.index.json, model-00002-of-00016.safetensors" in text
    assert ("and 14 more" in text, "HF_HUB_OFFLINE" in text, "\n" in text) == (True, True, False)
    assert hub.downloads == []


def test_a_download_that_fails_or_brings_too_little_is_one_line(hub: Hub) -> None:
    hub.fails = ConnectionError("no route\nto the hub")
    with pytest.raises(NotFoundError, match=r"is not on this machine: no route; check the name and the network"):
        find_model("org/name")
    hub.fails, hub.brings = None, ("config.json", "tokenizer.json")
    with pytest.raises(NotFoundError, match=r"it lacks model\.safetensors: the download brought no more"):
        find_model("org/name")


def test_a_model_that_is_not_there_gets_one_line_with_both_remedies() -> None:
    with pytest.raises(NotFoundError) as caught:
        find_model("nobody/none")
    text = str(caught.value)
    assert ("models--nobody--none" in text, "unset it" in text, "\n" in text) == (True, True, False)


@pytest.mark.parametrize("name", ["./nothing/here", "a/b/c", "word"])
def test_what_can_be_no_model_is_not_looked_up(hub: Hub, name: str) -> None:
    with pytest.raises(NotFoundError, match="there is no model"):
        find_model(name)
    assert hub.downloads == []
