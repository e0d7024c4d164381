"""Training: the model is Qwen3-MoE to the number, learns, and goes on after a kill; the shipped weights load."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from ragkit.nano import WEIGHTS
from ragkit.nano.plot import plot_curve
from ragkit.nano.training.checkpoint import find_checkpoint, load_model
from ragkit.nano.training.curriculum import make_world, pick_question
from ragkit.nano.training.export import export_weights, load_exported, transformers_config
from ragkit.nano.training.model import Nano, NanoConfig
from ragkit.nano.training.optimizer import Optimizer, orthogonal
from ragkit.nano.training.packing import NEVER, Item, Packer, stack
from ragkit.nano.training.probe import build_probe, run_probe
from ragkit.nano.training.tokenizer import build_tokenizer, load_tokenizer
from ragkit.nano.training.train import Trainer, TrainOptions, rate_scale, train
from ragkit.nano.transcripts import read
from transformers import AutoModelForCausalLM, Qwen3MoeForCausalLM

SMALL = {"hidden_size": 32, "layers": 2, "heads": 2, "kv_heads": 1, "head_dim": 16, "experts": 4, "expert_size": 16}


def small_options(out: Path, **changes: Any) -> TrainOptions:
    values: dict[str, Any] = {
        "tokens": 640,
        "feeders": 0,
        "compile": False,
        "probe_count": 0,
        "report_every": 1,
        "sizes": SMALL,
    }
    return TrainOptions(out=out, **{**values, **changes})


def an_item(packer: Packer, kinds: tuple[str, ...] = ("hop2",)) -> Item:
    rng = Random(8)
    world = make_world(rng, level=1, language="en", split="train", long=False, searching=False)
    questions = [q for kind in kinds if (q := pick_question(rng, world, {kind: 1.0})) is not None]
    return packer.item(world, [read(world, q) for q in questions], rng, NEVER, 4096)


def logits(model: Nano, item: Item, packer: Packer) -> torch.Tensor:
    t = {k: torch.from_numpy(v) for k, v in stack([[item]], len(item.ids), packer.pad).items()}
    with torch.no_grad():
        return model.logits(model.hidden(t["ids"], t["positions"], t["documents"], t["segments"])[0])[0]


def test_the_training_model_computes_what_transformers_computes() -> None:
    torch.manual_seed(0)
    tokenizer = build_tokenizer()
    model = Nano(NanoConfig(vocab_size=len(tokenizer), **SMALL))
    theirs: Any = Qwen3MoeForCausalLM(transformers_config(model.config, tokenizer))
    theirs.load_state_dict(model.state_dict(), strict=False)
    theirs.tie_weights()
    theirs = theirs.to(torch.bfloat16).eval()
    packer = Packer(tokenizer)
    item = an_item(packer)
    with torch.no_grad():
        wanted = theirs(torch.tensor([item.ids])).logits[0].float()
    got = logits(model, item, packer)
    assert torch.nn.functional.cosine_similarity(got, wanted, dim=-1).median() > 0.999


def test_a_question_beside_others_is_read_as_if_alone() -> None:
    torch.manual_seed(0)
    packer = Packer(build_tokenizer())
    model = Nano(NanoConfig(vocab_size=2100, **SMALL))
    both = an_item(packer, ("hop1", "hop2"))
    where = [i for i, segment in enumerate(both.segments) if segment in (0, 2)]
    alone = Item(*([values[i] for i in where] for values in (both.ids, both.weights, both.positions, both.segments)))
    assert torch.allclose(logits(model, both, packer)[where], logits(model, alone, packer), atol=0.05)


def test_muon_steps_are_nearly_orthogonal() -> None:
    x = orthogonal(torch.randn(3, 16, 40)).float()
    values = torch.linalg.svdvals(x)
    assert values.min() > 0.5
    assert values.max() < 1.5


def test_the_rate_rises_stays_and_falls() -> None:
    assert rate_scale(0, 0.0) == pytest.approx(0.01)
    assert rate_scale(5000, 0.3) == 1.0
    assert rate_scale(5000, 1.0) == pytest.approx(0.02)


def test_a_few_steps_lower_the_loss_on_a_batch(tmp_path: Path) -> None:
    trainer = Trainer(small_options(tmp_path / "run", max_steps=1000))
    batch = stack([[an_item(trainer.packer, ("hop1", "hop2"))]], 640, trainer.packer.pad)
    trainer.progress.step = 100
    losses = [trainer.step(batch) for _ in range(12)]
    assert losses[-1] < 0.8 * losses[0]


def test_training_goes_on_where_its_checkpoint_was(tmp_path: Path) -> None:
    run = tmp_path / "run"
    train(small_options(run, max_steps=2))
    _, first = load_model(find_checkpoint(run) or run)
    train(small_options(run, max_steps=4))
    model, second = load_model(find_checkpoint(run) or run)
    assert (first.step, second.step) == (2, 4)
    assert second.tokens == 2 * first.tokens
    lines = [json.loads(line) for line in (run / "curve.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3, 4]
    export_weights(run, tmp_path / "weights")
    again = load_exported(tmp_path / "weights")
    assert torch.equal(again.model.norm.weight, model.model.norm.weight.bfloat16().float())
    assert Optimizer(model).parameters.keys() == Optimizer(again).parameters.keys()


def test_a_checkpoint_half_written_is_passed_over(tmp_path: Path) -> None:
    run = tmp_path / "run"
    train(small_options(run, max_steps=1))
    (run / "checkpoint").rename(run / "checkpoint.old")
    (run / "checkpoint").mkdir()
    assert find_checkpoint(run) == run / "checkpoint.old"


def test_the_curve_is_drawn(tmp_path: Path) -> None:
    curve = tmp_path / "curve.jsonl"
    rows = [{"minutes": 1, "loss": 2.0}, {"minutes": 2, "loss": 1.0}, {"minutes": 2, "accuracy": {"en/hop1": 0.5}}]
    curve.write_text("".join(json.dumps(row) + "\n" for row in rows))
    plot_curve(curve, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_the_shipped_weights_load_in_transformers_and_are_small() -> None:
    assert (WEIGHTS / "model.safetensors").stat().st_size < 12e6
    model: Any = AutoModelForCausalLM.from_pretrained(WEIGHTS)
    assert type(model) is Qwen3MoeForCausalLM
    tokenizer = load_tokenizer(WEIGHTS)
    assert len(tokenizer) == model.config.vocab_size
    assert (WEIGHTS / "chat_template.jinja").read_text() == tokenizer.chat_template


def test_the_shipped_reader_reads_chains_of_two_with_unseen_names() -> None:
    packer = Packer(load_tokenizer(WEIGHTS))
    samples = [s for s in build_probe(packer, 6) if s.cell in ("en/hop1", "en/hop2")]
    assert min(run_probe(load_exported(WEIGHTS), packer, samples).values()) > 0.6
