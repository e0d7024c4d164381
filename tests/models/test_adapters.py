"""An adapter is named behind its base; what is none, or does not belong to the base, is told in one line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from ragkit.eval.running.asking import model_identity
from safetensors.numpy import save_file

from ragkit.engines import choose, describe, open_engine
from ragkit.errors import NotFoundError, UsageError
from ragkit.models.adapters import check_base, read_adapter, split_model
from ragkit.models.files import weights_hash


def write_adapter(folder: Path, width: int = 8, rank: int = 4, **config: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": rank, **config}))
    name = "base_model.model.model.layers.0.self_attn.q_proj"
    weights = {f"{name}.lora_A.weight": np.zeros((rank, width), np.float32), f"{name}.lora_B.weight": np.zeros((8, 4))}
    save_file(weights, folder / "adapter_model.safetensors")
    return folder


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer.json").write_text("{}")
    weight = {"model.layers.0.self_attn.q_proj.weight": np.zeros((8, 8), np.float32)}
    save_file(weight, folder / "model.safetensors")
    return folder


def test_the_last_plus_parts_base_and_adapter_unless_it_belongs_to_a_folder(tmp_path: Path) -> None:
    assert split_model("Qwen/Qwen3-4B") == ("Qwen/Qwen3-4B", "")
    assert split_model("nano+runs/a") == ("nano", "runs/a")
    odd = tmp_path / "c++" / "adapter+1"
    odd.mkdir(parents=True)
    assert split_model(str(odd)) == (str(odd), "")
    assert split_model(f"nano+{odd}") == ("nano", str(odd))


@pytest.mark.parametrize("name", ["+runs/a", "nano+"])
def test_an_empty_side_of_the_plus_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"write base\+adapter"):
        split_model(name)


def test_base_and_adapter_are_chosen_for_every_engine_that_loads_weights() -> None:
    assert (choose("transformers:nano+runs/a").target, choose("vllm:nano+runs/a").adapter) == ("nano", "runs/a")
    assert choose("openai:http://h/v1#a+b").name == "a+b"


def test_what_is_no_adapter_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no adapter"):
        read_adapter(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"holds no adapter_config\.json"):
        read_adapter(tmp_path / "empty")
    with pytest.raises(UsageError, match="LoRA alone"):
        read_adapter(write_adapter(tmp_path / "other", peft_type="IA3"))
    pickled = write_adapter(tmp_path / "pickled")
    (pickled / "adapter_model.safetensors").rename(pickled / "adapter_model.bin")
    with pytest.raises(UsageError, match="only pickled weights, which ragkit never loads"):
        read_adapter(pickled)
    torn = write_adapter(tmp_path / "torn")
    (torn / "adapter_config.json").write_text("{")
    with pytest.raises(UsageError, match="cannot be read as JSON"):
        read_adapter(torn)


def test_an_adapter_that_did_not_pass_its_test_says_so(tmp_path: Path) -> None:
    write_adapter(tmp_path / "run" / "refused")
    with pytest.raises(UsageError, match="did not pass its test"):
        read_adapter(tmp_path / "run")


def test_an_adapter_of_other_shapes_or_layers_is_refused_with_the_name_of_its_base(base: Path, tmp_path: Path) -> None:
    check_base(read_adapter(write_adapter(tmp_path / "fits")), base)
    wide = read_adapter(write_adapter(tmp_path / "wide", width=16, base_model_name_or_path="org/wide"))
    with pytest.raises(UsageError, match="takes 16 numbers, the model's 8; name its base, 'org/wide'"):
        check_base(wide, base)
    (base / "model.safetensors").unlink()
    save_file({"transformer.h.0.attn.weight": np.zeros((8, 8), np.float32)}, base / "model.safetensors")
    with pytest.raises(UsageError, match="has none of the layers that it changes"):
        check_base(read_adapter(tmp_path / "fits"), base)


def test_an_adapter_that_knows_its_base_takes_no_other_of_the_same_shape(base: Path, tmp_path: Path) -> None:
    folder = write_adapter(tmp_path / "a")
    known = {"base": "mine", "base_weights": weights_hash(base)}
    (folder / "tuned.json").write_text(json.dumps(known))
    check_base(read_adapter(folder), base)
    weight = {"model.layers.0.self_attn.q_proj.weight": np.ones((8, 8), np.float32)}
    save_file(weight, base / "model.safetensors")
    with pytest.raises(UsageError, match="trained on 'mine', whose weights differ"):
        check_base(read_adapter(folder), base)


def test_the_adapter_is_part_of_what_a_run_is_known_by(base: Path, tmp_path: Path) -> None:
    folder = write_adapter(tmp_path / "a")
    model = f"transformers:{base}+{folder}"
    first = model_identity(model)
    assert first["weights"] == model_identity(f"transformers:{base}")["weights"]
    assert first["adapter"] == read_adapter(folder).hash
    assert describe(model).line.endswith(f"{base} + {folder} ({read_adapter(folder).hash})")
    write_adapter(folder, rank=2)
    assert model_identity(model)["adapter"] != first["adapter"]


def test_a_missing_adapter_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no adapter"):
        open_engine(f"transformers:org/name+{tmp_path / 'gone'}")


def test_ranks_of_single_layers_count(tmp_path: Path) -> None:
    assert read_adapter(write_adapter(tmp_path / "a", rank_pattern={"q_proj": 40})).rank == 40
    assert read_adapter(write_adapter(tmp_path / "b", use_dora=True)).only_merged == "it is a DoRA"
    assert read_adapter(write_adapter(tmp_path / "c", target_parameters=["x"])).only_merged == "it changes experts"
    assert os.sep not in read_adapter(tmp_path / "a").hash
