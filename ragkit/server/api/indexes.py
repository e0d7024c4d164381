"""`/api/indexes`: make, rename, fill, look through, check and delete them. No request can name a path of the server."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Request, UploadFile
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from ...store import IndexRecord
from ...types import to_plain
from ..failures import DOCUMENTED
from ..here import Here
from ..workspace import Upload, Workspace
from .shapes import Deleted, IndexInfo, NewIndex, Record, Records, Rename, Texts

__all__ = ["router", "sending"]

router = APIRouter(prefix="/api/indexes", tags=["Indexes"], responses=DOCUMENTED)
sending = APIRouter(prefix="/api", include_in_schema=False)  # the app's own way to send files
Named = Annotated[str, InPath(min_length=1, max_length=64)]
DocumentId = Annotated[str, Query(alias="id", min_length=1, max_length=2000)]
MAX_OFFSET = 2**40


class Report(BaseModel):
    """What came of an upload: counts by outcome, and each file that failed with its reason."""

    added: int
    replaced: int
    unchanged: int
    pruned: int
    chunks: int
    failures: list[dict[str, str]]
    seconds: float = Field(ge=0)


class HealthReport(BaseModel):
    """The state of an index; `problems` is empty when store and views are sound and agree."""

    index: str
    documents: int
    chunks: int
    sequence: int
    encoder: str
    problems: list[str]


def _told(here: Workspace, record: IndexRecord) -> dict[str, Any]:
    documents, chunks = here.store.counts(record.id)
    return {
        "name": record.name,
        "id": record.id,
        "documents": documents,
        "chunks": chunks,
        "encoder": record.encoder,
        "created_at": record.created_at.isoformat(),
        "recommended_budget": record.recommended_budget,
    }


@router.get("", response_model=list[IndexInfo])
def list_indexes(here: Here) -> list[dict[str, Any]]:
    """All indexes, by name."""
    return [_told(here, record) for record in here.indexes()]


@router.post("", status_code=201, response_model=IndexInfo)
def create_index(body: NewIndex, here: Here) -> dict[str, Any]:
    """Make an empty index."""
    return _told(here, here.create(body.name).record)


@router.get("/{name}", response_model=IndexInfo)
def show_index(name: Named, here: Here) -> dict[str, Any]:
    """One index."""
    return _told(here, here.store.index(name))


@router.patch("/{name}", response_model=IndexInfo)
def rename_index(name: Named, body: Rename, here: Here) -> dict[str, Any]:
    """Give an index another name."""
    return _told(here, here.rename(name, body.name))


@router.delete("/{name}", response_model=Deleted)
def delete_index(name: Named, here: Here) -> dict[str, int]:
    """Delete an index with its documents, traces and conversations."""
    here.drop(name)
    return {"deleted": 1}


@router.get("/{name}/documents", response_model=Records)
def list_documents(
    name: Named,
    here: Here,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=MAX_OFFSET)] = 0,
) -> dict[str, Any]:
    """The documents of an index in the order they were added."""
    return {"data": to_plain(here.index(name).documents(limit=limit, offset=offset))}


@router.post("/{name}/documents", response_model=Report)
def upload_documents(
    name: Named, here: Here, files: Annotated[list[UploadFile], File(description="one part for each file")]
) -> dict[str, Any]:
    """Add files; a file's name is its document's id. A bad file is reported and the rest goes in."""
    here.store.index(name)  # before anything is written
    with tempfile.TemporaryDirectory(prefix="ragkit-upload-") as folder:
        uploads = []
        for number, file in enumerate(files):
            path = Path(folder) / str(number)
            with path.open("wb") as out:
                shutil.copyfileobj(file.file, out)
            uploads.append(Upload(file.filename or "", path))
        report: dict[str, Any] = to_plain(here.add(name, uploads))
    return report


@sending.post("/uploads")
async def send_file(request: Request, here: Here, name: Annotated[str, Query(max_length=4000)]) -> dict[str, str]:
    """Send one file, the body as it is; the id by which its sender may use it, once."""
    return {"id": await here.inbox.receive(name, request.stream())}


@router.post("/{name}/texts", response_model=Report)
def add_texts(name: Named, body: Texts, here: Here) -> dict[str, Any]:
    """Add documents given as text."""
    texts = [t.model_dump(exclude_none=True) for t in body.documents]
    report: dict[str, Any] = to_plain(here.add(name, texts=texts))
    return report


@router.get("/{name}/document", response_model=Record)
def show_document(name: Named, id: DocumentId, here: Here) -> dict[str, Any]:
    """One whole document and its chunks; offsets of citations refer to its text."""
    index = here.index(name)
    return {"document": to_plain(index.document(id)), "chunks": to_plain(index.chunks(id))}


@router.delete("/{name}/document", response_model=Deleted)
def delete_document(name: Named, id: DocumentId, here: Here) -> dict[str, int]:
    """Delete one document."""
    return {"deleted": here.index(name).delete(id=id)}


@router.post("/{name}/verify", response_model=HealthReport)
def verify_index(name: Named, here: Here) -> dict[str, Any]:
    """Check store, snapshots and their agreement."""
    report: dict[str, Any] = to_plain(here.index(name).verify())
    return report


@router.post("/{name}/repair", response_model=HealthReport)
def repair_index(name: Named, here: Here) -> dict[str, Any]:
    """Rebuild the search views from the database, and verify."""
    report: dict[str, Any] = to_plain(here.index(name).repair())
    return report
