"""`/v1/embeddings`: unit vectors by the encoder of an index; `model` is the index, or the encoder's own name."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

from fastapi import APIRouter, Request

from ..failures import DOCUMENTED
from ..here import Here, while_connected
from ..workspace import Workspace
from .models import index_and_strategy
from .refusing import FieldError
from .shapes import EmbeddingRequest, Embeddings

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["OpenAI"], responses=DOCUMENTED)
BATCH = 64


@router.post("/embeddings", response_model=Embeddings)
async def embeddings(request: Request, body: EmbeddingRequest, here: Here) -> dict[str, Any]:
    """Embed texts with the encoder of an index; unit vectors."""
    texts = body.texts
    index = await asyncio.to_thread(here.index, await asyncio.to_thread(_index_of, body.model, here))
    encoder = await asyncio.to_thread(lambda: index.encoder)
    if body.dimensions not in (None, encoder.dim):
        raise FieldError("dimensions", f"{body.dimensions}; this encoder makes {encoder.dim}; leave it out")

    async def all_of_them() -> list[Any]:
        rows: list[Any] = []
        for start in range(0, len(texts), BATCH):
            rows.extend(await asyncio.to_thread(encoder.encode, texts[start : start + BATCH]))
        return rows

    rows = await while_connected(request.receive, all_of_them())
    tokens = sum(await asyncio.to_thread(encoder.count_tokens, texts))
    data = [
        {
            "object": "embedding",
            "index": n,
            "embedding": row.tolist()
            if body.encoding_format == "float"
            else base64.b64encode(row.astype("<f4").tobytes()).decode(),
        }
        for n, row in enumerate(rows)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": body.model, "usage": usage}


def _index_of(model: str, here: Workspace) -> str:
    """The index whose encoder `model` names: the index itself, or one that was embedded by an encoder of that name."""
    records = here.indexes()
    if not any(record.name == model for record in records):
        for record in records:
            if model in (record.encoder, record.encoder.rpartition("/")[2]):
                return record.name
    return index_and_strategy(model, here)[0]
