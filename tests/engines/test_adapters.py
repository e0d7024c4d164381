"""A model with an adapter: the same beside its weights, merged into them, and in every engine; never the base alone."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ragkit.engines import Request, Sample, open_engine
from ragkit.engines.merging import attach, merge, merged
from ragkit.engines.vllm.settings import VLLMSettings, engine_arguments
from ragkit.errors import MissingDependencyError, UsageError
from ragkit.models.adapters import Adapter, read_adapter
from ragkit.models.files import find_model
from ragkit.rag import loop

pytest.importorskip("peft")
EXPERTS = ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]


def random_adapter(base: Path, folder: Path, *, experts: bool = False, seed: int = 3, scale: float = 1.0) -> Path:
    """An adapter of random numbers, far enough from zero to change what is said."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    load: Any = AutoModelForCausalLM.from_pretrained
    model = load(str(base), dtype="float32")
    config: dict[str, Any] = {"target_parameters": EXPERTS} if experts else {}
    made = get_peft_model(model, LoraConfig(r=4, target_modules=["q_proj", "v_proj"], **config))
    for name, value in made.named_parameters():
        if "lora_B" in name:
            value.data.normal_(0, scale * 0.05)
    made.save_pretrained(folder)
    return folder


def dense(folder: Path, tiny: Path) -> Path:
    """A tiny Llama with the tokenizer of the tiny mixture of experts."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    shape: dict[str, Any] = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 2, "vocab_size": 272}
    heads: dict[str, Any] = {"num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 512}
    ends: dict[str, Any] = {"eos_token_id": 2, "pad_token_id": 0, "bos_token_id": None}
    torch.manual_seed(7)
    LlamaForCausalLM(LlamaConfig(**shape, **heads, **ends, initializer_range=0.3)).save_pretrained(folder)
    for file in tiny.glob("tokenizer*"):
        shutil.copy(file, folder / file.name)
    shutil.copy(tiny / "chat_template.jinja", folder) if (tiny / "chat_template.jinja").exists() else None
    return folder


@pytest.fixture(autouse=True)
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def said(
    model: str, questions: Sequence[str] = ("who are you?", "and where?", "why so?"), tokens: int = 12
) -> list[list[int]]:
    engine = open_engine(model)
    try:
        chats = [engine.tokenizer.chat([{"role": "user", "content": q}]) for q in questions]
        asked = [Request(prompt_ids=tuple(c), thinking_tokens=tokens, answer_tokens=tokens) for c in chats]
        found: list[list[Sample]] = loop.run(engine.generate_many(asked))
        return [[*s[0].thinking_ids, *s[0].answer_ids] for s in found]
    finally:
        engine.close()


@pytest.mark.parametrize("experts", [False, True], ids=["attention", "experts"])
def test_beside_the_weights_and_merged_an_adapter_says_the_same_and_not_what_the_base_says(
    tiny: Path, tmp_path: Path, experts: bool
) -> None:
    adapter = random_adapter(tiny, tmp_path / "a", experts=experts)
    live = said(f"transformers:{tiny}+{adapter}")
    folder = merged(tiny, read_adapter(adapter))
    assert live == said(f"transformers:{folder}") != said(f"transformers:{tiny}")
    assert merged(tiny, read_adapter(adapter)) == folder
    assert [p for p in folder.parent.iterdir() if p.is_dir()] == [folder]


@pytest.mark.slow
def test_vllm_serves_a_mixture_of_experts_merged_where_it_cannot_apply_the_adapter(tiny: Path, tmp_path: Path) -> None:
    pytest.importorskip("vllm", exc_type=ImportError)
    adapter = random_adapter(tiny, tmp_path / "a", experts=True)
    assert said(f"vllm:{tiny}+{adapter}") == said(f"transformers:{tiny}+{adapter}")
    assert list((tmp_path / "cache" / "ragkit" / "merged").glob("*/config.json"))


def test_vllm_applies_an_adapter_live_where_it_can(tiny: Path, tmp_path: Path) -> None:
    pytest.importorskip("vllm", exc_type=ImportError)
    base = dense(tmp_path / "dense", tiny)
    adapter = random_adapter(base, tmp_path / "a", scale=4.0)
    live = said(f"vllm:{base}+{adapter}")
    assert live == said(f"transformers:{base}+{adapter}") != said(f"transformers:{base}")
    assert not (tmp_path / "cache" / "ragkit").exists()


def made(rank: int) -> Adapter:
    return Adapter(Path("runs/a"), "ab" * 8, rank, "", "", "")


@pytest.mark.parametrize(("rank", "room"), [(1, 1), (4, 8), (16, 16), (33, 64), (512, 512)])
def test_vllm_is_told_of_the_least_room_that_holds_the_rank(tiny: Path, rank: int, room: int) -> None:
    arguments = engine_arguments(tiny, VLLMSettings(), cpu=False, adapter=made(rank))
    assert (arguments["enable_lora"], arguments["max_loras"], arguments["max_lora_rank"]) == (True, 1, room)
    assert "enable_lora" not in engine_arguments(tiny, VLLMSettings(), cpu=False)


def test_what_vllm_cannot_apply_is_merged(tiny: Path, tmp_path: Path) -> None:
    pytest.importorskip("vllm", exc_type=ImportError)
    from ragkit.engines.vllm.engine import only_merged

    plain, experts = (read_adapter(random_adapter(tiny, tmp_path / str(e), experts=e)) for e in (False, True))
    assert only_merged(plain, tiny, cpu=False) == ""
    assert "mixture of experts" in only_merged(plain, tiny, cpu=True)
    assert only_merged(experts, tiny, cpu=False) == "it changes experts"
    assert "exceeds" in only_merged(made(600), tiny, cpu=False)


def test_an_adapter_that_finds_no_place_is_refused_and_never_served_as_the_bare_base(
    tiny: Path, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    folder = random_adapter(tiny, tmp_path / "a")
    file = folder / "adapter_model.safetensors"
    save_file({k.replace("layers.1.", "layers.9."): v for k, v in load_file(file).items()}, file)
    with pytest.raises(UsageError, match=r"of its tensors have no place"):
        open_engine(f"transformers:{tiny}+{folder}")


def test_a_merge_that_cannot_be_written_leaves_nothing(tiny: Path, tmp_path: Path) -> None:
    adapter = read_adapter(random_adapter(tiny, tmp_path / "a"))
    out = tmp_path / "m"
    out.mkdir()
    with pytest.raises(UsageError, match="is there already"):
        merge(tiny, adapter, out)
    assert [p.name for p in tmp_path.iterdir() if "part" in p.name] == []


def test_without_peft_one_line_names_the_extra(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = read_adapter(random_adapter(tiny, tmp_path / "a"))
    monkeypatch.setitem(__import__("sys").modules, "peft", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'ragkit\[tune\]'"):
        attach(object(), adapter)


@pytest.mark.slow
def test_the_readers_live_adapter_and_its_merged_model_write_the_same_ids_on_200_questions(tmp_path: Path) -> None:
    from ragkit.eval.sets.reading import load_set
    from ragkit.eval.sets.worlds import world_folder

    os.environ.setdefault("OMP_NUM_THREADS", "1")
    nano = find_model("nano")
    adapter = random_adapter(nano, tmp_path / "a", experts=True, scale=0.2)
    world_folder("nano:5:200", tmp_path)
    questions = [q.question for q in load_set("nano:5:200", home=tmp_path).questions]
    assert len(questions) == 200
    folder = merged(nano, read_adapter(adapter))
    live = said(f"transformers:nano+{adapter}", questions, 64)
    assert live == said(f"transformers:{folder}", questions, 64) != said("transformers:nano", questions, 64)
