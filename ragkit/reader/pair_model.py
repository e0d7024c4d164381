"""Any sequence classification model of two texts by name: cross-encoders, rerankers, models of inference.

A model of one label gives log-odds, of which the chance is the logistic function; of several labels, the chance of the
one that means entailed, supported or relevant. No code of a model's is run, and no pickled weights are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import EvalError, MissingDependencyError, NotFoundError
from ..models.files import find_model, refuse_pickled

__all__ = ["PairModel", "positive_label"]

_POSITIVE = ("entail", "support", "consistent", "factual", "grounded", "relevant")
_NEGATED = ("not", "non", "un", "in", "ir", "contra", "hallucinat", "no_")


class PairModel:
    """A model of the hub, or of a folder. Raises NotFoundError where it cannot be loaded."""

    def __init__(self, name: str, *, batch_size: int = 16, device: str | None = None) -> None:
        try:
            import torch
            from transformers import AutoModelForSequenceClassification, AutoTokenizer
        except ImportError as exc:
            raise MissingDependencyError(f"the model {name!r}", extra="cpu") from exc
        self.name, self._batch, self._torch = name, batch_size, torch
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        folder = find_model(name)
        refuse_pickled(folder)
        load = AutoModelForSequenceClassification.from_pretrained
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
            model: Any = load(folder, trust_remote_code=False, use_safetensors=True)
        except (OSError, ValueError, KeyError) as exc:
            raise NotFoundError(
                f"{name!r} is no model of two texts that transformers can load ({type(exc).__name__}); "
                "name a cross-encoder, a reranker or a model of natural language inference in safetensors"
            ) from exc
        self._model = model.to(self._device).eval()
        self._label = positive_label(model.config.id2label, name)

    def chances(self, pairs: Sequence[tuple[str, str]], *, cut: str = "longest_first") -> npt.NDArray[np.float32]:
        """The chance of each pair, shape (n,). cut: what is cut where both do not fit, as tokenizers name it."""
        out = np.zeros(len(pairs), dtype=np.float32)
        order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]) + len(pairs[i][1]))
        for start in range(0, len(order), self._batch):
            rows = order[start : start + self._batch]
            inputs = self._tokenizer(
                [pairs[i][0] for i in rows],
                [pairs[i][1] for i in rows],
                truncation=cut,
                padding=True,
                return_tensors="pt",
            ).to(self._device)
            with self._torch.inference_mode():
                logits = self._model(**inputs).logits.float()
            one = logits.shape[1] == 1
            out[rows] = (logits[:, 0].sigmoid() if one else logits.softmax(-1)[:, self._label]).cpu().numpy()
        return out


def positive_label(labels: Mapping[int, str], model: str) -> int:
    """Number of the label that means yes. Raises EvalError naming the labels when none does."""
    if len(labels) == 1:
        return 0
    for number, label in labels.items():
        text = str(label).lower().replace("-", "_")
        if any(w in text for w in _POSITIVE) and not text.startswith(_NEGATED):
            return int(number)
    raise EvalError(
        f"{model!r} has the labels {', '.join(labels.values())}, none of which means 'supported' or 'relevant'; "
        "name a cross-encoder of one label, or a model for natural language inference or fact checking"
    )
