"""`/v1/models`: an index is a model, and so is an index with a strategy; embeddings know encoders by name too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter

from ...index.group import JOINT
from ...store import IndexRecord
from ..failures import DOCUMENTED
from ..here import Here
from ..workspace import Workspace
from .refusing import ModelMissingError
from .shapes import ModelList, OneModel

__all__ = ["index_and_strategy", "router"]

router = APIRouter(prefix="/v1", tags=["OpenAI"], responses=DOCUMENTED)


def index_and_strategy(name: str, here: Workspace) -> tuple[str, str | None]:
    """The index (or several, "a+b") and the strategy that a model's name stands for. Raises ModelMissingError."""
    index, colon, strategy = name.partition(":")
    if colon and strategy not in here.strategies():
        raise ModelMissingError(f"no model {name!r}: after the colon goes one of {', '.join(here.strategies())}")
    there = {record.name for record in here.indexes()}
    if (missing := next((part for part in index.split(JOINT) if part not in there), None)) is not None:
        told = f"there is no index {missing!r}, see /v1/models; add documents to make one"
        raise ModelMissingError(f"no model {name!r}: {told}")
    return index, strategy or None


@router.get("/models", response_model=ModelList)
def models(here: Here) -> dict[str, Any]:
    """What `model` may be: each index, and each index with a strategy.

    `ragkit.description` says what it is, `ragkit.language_models` what `ragkit.model` of a request may be.
    """
    return {"object": "list", "data": [model for record in here.indexes() for model in _models_of(record, here)]}


@router.get("/models/{model:path}", response_model=OneModel)
def retrieve(model: str, here: Here) -> dict[str, Any]:
    """One of them."""
    index, _ = index_and_strategy(model, here)
    first = index.split(JOINT)[0]
    record = next(r for r in here.indexes() if r.name == first)
    found = next(m for m in _models_of(record, here) if m["id"] == first + model.removeprefix(index))
    return found if first == index else {**found, "id": model, "ragkit": {"index": index}}


def _models_of(record: IndexRecord, here: Workspace) -> Iterator[dict[str, Any]]:
    documents, chunks = here.store.counts(record.id)
    shared = {"index": record.name, "documents": documents, "chunks": chunks, "encoder": record.encoder}
    shared |= {"language_models": here.models()}
    for strategy in ("", *here.strategies()):
        told = f"answers from {record.name!r} by {strategy or here.default_strategy}"
        yield {
            "id": f"{record.name}:{strategy}" if strategy else record.name,
            "object": "model",
            "created": int(record.created_at.timestamp()),
            "owned_by": "ragkit",
            "ragkit": {**shared, "strategy": strategy or here.default_strategy, "description": told},
        }
