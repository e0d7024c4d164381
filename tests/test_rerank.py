"""The cross-encoder reranker, with a tiny random model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ragkit.errors import NotFoundError
from ragkit.rerank import CrossEncoderReranker


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("cross-encoder")
    vocabulary = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "who",
        "paid",
        "the",
        "bill",
        "anna",
        "did",
        "it",
        "rained",
    ]
    (path / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizerFast(vocab={w: i for i, w in enumerate(vocabulary)}, model_max_length=32).save_pretrained(path)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        num_labels=1,
    )
    BertForSequenceClassification(config).save_pretrained(path)
    return path


def test_scores_depend_on_the_pair_not_on_its_company(folder: Path) -> None:
    reranker = CrossEncoderReranker(str(folder), device="cpu", batch_size=2)
    texts = ["anna paid the bill", "it rained", "anna did it"]
    scores = reranker.score("who paid", texts)
    assert scores.shape == (3,) and scores.dtype == np.float32
    assert len(set(scores.tolist())) == 3
    np.testing.assert_allclose(scores[::-1], reranker.score("who paid", texts[::-1]), atol=1e-6)
    np.testing.assert_allclose(scores[:1], reranker.score("who paid", texts[:1]), atol=1e-6)


def test_no_texts_have_no_scores(folder: Path) -> None:
    assert CrossEncoderReranker(str(folder), device="cpu").score("who", []).shape == (0,)


def test_a_missing_model_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="cannot be loaded") as caught:
        CrossEncoderReranker(str(tmp_path / "nowhere"))
    assert "\n" not in str(caught.value)
