"""Any model of two texts takes the place of the reader and of the checker, by its name (tiny random ones here)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ragkit.eval.options import checker_of

from ragkit.errors import NotFoundError, UsageError
from ragkit.index import Index
from ragkit.rag import RAG
from ragkit.reader.candidates import candidates
from ragkit.reader.choosing import reader_of
from ragkit.reader.named import NamedReader
from ragkit.reader.pair_model import PairModel
from tests.fakes import WordEncoder
from tests.reader.test_candidates import hit

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "who", "paid", "the", "bill", "anna", "did", "it", "rained"]


def save(path: Path, labels: tuple[str, ...]) -> Path:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(0)
    BertTokenizerFast(vocab={w: i for i, w in enumerate(WORDS)}, model_max_length=32).save_pretrained(path)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        id2label=dict(enumerate(labels)),
        label2id={name: i for i, name in enumerate(labels)},
    )
    BertForSequenceClassification(config).save_pretrained(path)
    return path


@pytest.mark.parametrize("labels", [("LABEL_0",), ("contradiction", "neutral", "entailment")])
def test_a_cross_encoder_and_an_nli_model_read_and_check(tmp_path: Path, labels: tuple[str, ...]) -> None:
    folder = str(save(tmp_path, labels))
    found = candidates([hit("Anna paid the bill. It rained.")])
    ranked = reader_of(folder, WordEncoder()).read("Who paid?", found)
    assert len(ranked) == 2
    assert ranked[0].chance >= ranked[1].chance
    chances = checker_of(folder, None, None).check([("Anna paid the bill.", "Anna paid."), ("It rained.", "It did.")])
    assert all(c is not None and 0 < c < 1 for c in chances)


def test_the_order_of_pairs_is_kept_whatever_their_lengths(tmp_path: Path) -> None:
    model = PairModel(str(save(tmp_path, ("LABEL_0",))), batch_size=1)
    pairs = [("who", "anna paid the bill"), ("who", "it"), ("who paid", "anna did")]
    together = model.chances(pairs)
    alone = np.array([model.chances([p])[0] for p in pairs])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_setting_names_the_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(save(tmp_path, ("LABEL_0",)))
    index = Index("bills", encoder=WordEncoder())
    index.add([{"id": "a", "text": "Anna paid the bill. It rained."}])
    monkeypatch.setenv("RAGKIT_READER", folder)
    answer = RAG(index).ask("Who paid the bill?")
    expected = NamedReader(folder).read("Who paid the bill?", candidates(index.search("Who paid the bill?", k=5)))
    assert answer.confidence in (None, round(expected[0].chance, 3))


def test_weights_that_are_pickled_and_models_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no-such-model"):
        NamedReader(str(tmp_path / "no-such-model"))
    folder = save(tmp_path / "pickled", ("LABEL_0",))
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises((UsageError, NotFoundError)):
        NamedReader(str(folder))
