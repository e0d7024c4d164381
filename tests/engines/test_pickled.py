"""Weights that are pickled are refused by every engine before a byte of them is read: a pickle runs what it says."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from ragkit.engines.registry import open_engine
from ragkit.engines.vllm.settings import VLLMSettings, engine_arguments
from ragkit.errors import UsageError


class Runs:
    """Unpickled, it makes a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> Any:
        return Path.touch, (self.target,)


@pytest.mark.parametrize("kind", ["vllm", "transformers"])
def test_a_folder_with_pickled_weights_is_refused_and_nothing_of_it_runs(kind: str, tiny: Path, tmp_path: Path) -> None:
    if kind == "vllm":
        pytest.importorskip("vllm", exc_type=ImportError)
    import torch

    folder, trace = tmp_path / "model", tmp_path / "ran"
    shutil.copytree(tiny, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    torch.save({"weight": Runs(trace)}, folder / "pytorch_model.bin")
    with pytest.raises(UsageError, match=r"no safetensors weights.*convert it"):
        open_engine(f"{kind}:{folder}")
    assert not trace.exists()


def test_no_setting_lets_vllm_take_pickled_weights(tiny: Path) -> None:
    assert engine_arguments(tiny, VLLMSettings(), cpu=True)["load_format"] == "safetensors"
    with pytest.raises(UsageError, match="load_format='pt': ragkit reads safetensors alone"):
        VLLMSettings(extra={"load_format": "pt"})
