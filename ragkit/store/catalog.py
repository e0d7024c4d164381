"""The indexes of a store: create, find, rename, drop, count, and their number in the log."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ..errors import NotFoundError, UsageError
from .connect import Database
from .content import chunks, documents, indexes, marks
from .integrity import checksums
from .integrity.checks import check_index_name
from .migrate import migrate
from .pgvector import tables as halftables
from .records import IndexRecord

__all__ = ["Catalog"]

_STATE = select(indexes.c.sequence, indexes.c.lineage).where(indexes.c.id == bindparam("id"))
_MARK = (  # a number within a transaction has the mark of the whole
    select(marks.c.mark)
    .where(marks.c.index_id == bindparam("id"), marks.c.sequence >= bindparam("sequence"))
    .order_by(marks.c.sequence)
    .limit(1)
)


class Catalog:
    """Opens a database and knows its indexes."""

    def __init__(self, url: str) -> None:
        self._database = Database(url)
        try:
            migrate(self._database)
        except BaseException:
            self._database.close()
            raise

    def create_index(self, name: str, *, encoder: str, fingerprint: str, dim: int, chunker: str) -> IndexRecord:
        """Make an empty index at sequence 0. Raises UsageError when the name is taken."""
        name = check_index_name(name)
        if dim < 1:
            raise UsageError(f"dim={dim} is below 1; give the length of the encoder's vectors")
        row: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "name": name,
            "sequence": 0,
            "encoder": encoder,
            "fingerprint": fingerprint,
            "dim": dim,
            "chunker": chunker,
            "settings": {},
            "created_at": datetime.now(UTC),
        }
        with _NameTaken(name), self._database.writing() as connection:
            connection.execute(insert(indexes), {**row, "lineage": "", "checksum": checksums.of_index(row)})
        return IndexRecord(**row)

    def indexes(self) -> list[IndexRecord]:
        """All indexes, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(indexes).order_by(indexes.c.created_at, indexes.c.id))
            return [_record(row) for row in rows]

    def index(self, name: str) -> IndexRecord:
        """One index by name. Raises NotFoundError naming the known ones."""
        name = check_index_name(name)
        with self._database.reading() as connection:
            row = connection.execute(select(indexes).where(indexes.c.name == name)).first()
            if row is not None:
                return _record(row)
            known = connection.execute(select(indexes.c.name).order_by(indexes.c.name)).scalars().all()
        raise NotFoundError(f"no index named {name!r} (there are: {', '.join(known) or 'none yet'})")

    def rename_index(self, name: str, new: str) -> IndexRecord:
        """Give an index another name; its id and files stay. Raises NotFoundError, UsageError when `new` is taken."""
        record = self.index(name)
        new = check_index_name(new)
        with _NameTaken(new), self._database.writing() as connection:
            connection.execute(update(indexes).where(indexes.c.id == record.id).values(name=new))
            reckon_index(connection, record.id)
        return self.index(new)

    def drop_index(self, name: str) -> IndexRecord:
        """Delete an index with all it holds; returns what it was. Raises NotFoundError."""
        record = self.index(name)
        with self._database.writing() as connection:
            halftables.drop_table(connection, record.id)
            connection.execute(delete(indexes).where(indexes.c.id == record.id))
        return record

    def set_settings(self, index_id: str, settings: Mapping[str, Any]) -> None:
        """Replace the settings kept with an index. Raises UsageError for what is not JSON."""
        try:
            kept = json.loads(json.dumps(dict(settings), allow_nan=False))
        except (TypeError, ValueError) as exc:
            raise UsageError(f"settings cannot be kept as JSON: {exc}; use text, numbers, lists and dicts") from exc
        with self._database.writing() as connection:
            changed = connection.execute(update(indexes).where(indexes.c.id == index_id).values(settings=kept))
            if not changed.rowcount:
                raise gone(index_id)
            reckon_index(connection, index_id)

    def recommend_budget(self, name: str, thinking_tokens: int | None) -> IndexRecord:
        """Keep the thinking tokens of an index's answers unless told otherwise; None takes them back.

        Returns the index as it was. Raises NotFoundError.
        """
        record = self.index(name)
        kept = {key: value for key, value in record.settings.items() if key != "budget"}
        self.set_settings(record.id, kept if thinking_tokens is None else {**kept, "budget": thinking_tokens})
        return record

    def set_chunker(self, index_id: str, version: str) -> None:
        """Keep by which version the passages of an index are cut."""
        with self._database.writing() as connection:
            changed = connection.execute(update(indexes).where(indexes.c.id == index_id).values(chunker=version))
            if not changed.rowcount:
                raise gone(index_id)
            reckon_index(connection, index_id)

    def counts(self, index_id: str) -> tuple[int, int]:
        """How many documents and chunks an index holds."""
        of_documents = select(func.count()).select_from(documents).where(documents.c.index_id == index_id)
        of_chunks = select(func.count()).select_from(chunks).where(chunks.c.index_id == index_id)
        with self._database.reading() as connection:
            row = connection.execute(select(of_documents.scalar_subquery(), of_chunks.scalar_subquery())).one()
        return int(row[0]), int(row[1])

    def sequence(self, index_id: str) -> int:
        """The number of the newest change, 0 for an empty index."""
        return self.state(index_id)[0]

    def state(self, index_id: str) -> tuple[int, str]:
        """The number of the newest change and its mark; 0 and "" for an empty index. Asked on every search."""
        with self._database.reading() as connection:
            found = connection.execute(_STATE, {"id": index_id}).first()
            if found is None:
                raise gone(index_id)
            return int(found[0]), str(found[1])

    def holds(self, index_id: str, sequence: int, lineage: str) -> bool:
        """Whether a view that stands at this number with this mark follows the history of this very index."""
        if sequence == 0:
            return True
        with self._database.reading() as connection:
            return bool(lineage) and mark_at(connection, index_id, sequence) == lineage

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._database.close()


class _NameTaken:
    """Turns the broken uniqueness of a name, seen at any point of the transaction, into one clear line."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        cause = error.__cause__ if error is not None else None
        if isinstance(cause, IntegrityError):
            raise UsageError(f"an index named {self._name!r} exists; open it or choose another name") from cause


def record_of(connection: Connection, index_id: str) -> IndexRecord:
    """The record of an index by id. Raises NotFoundError when it was dropped."""
    row = connection.execute(select(indexes).where(indexes.c.id == index_id)).first()
    if row is None:
        raise gone(index_id)
    return _record(row)


def mark_at(connection: Connection, index_id: str, sequence: int) -> str:
    """The mark of the transaction that made the change of this number; "" when there is none."""
    return str(connection.execute(_MARK, {"id": index_id, "sequence": sequence}).scalar() or "")


def reckon_index(connection: Connection, index_id: str) -> None:
    """Make the checksum of an index's row anew, after a change of it."""
    row = connection.execute(select(indexes).where(indexes.c.id == index_id)).one()
    kept = update(indexes).where(indexes.c.id == index_id).values(checksum=checksums.of_index(row._asdict()))
    connection.execute(kept)


def gone(index_id: str) -> NotFoundError:
    """The error for an index that another process dropped."""
    return NotFoundError(f"the index {index_id} is not in the store any more; open it again by its name")


def _record(row: Row[Any]) -> IndexRecord:
    created = row.created_at if row.created_at.tzinfo else row.created_at.replace(tzinfo=UTC)
    return IndexRecord(
        row.id,
        row.name,
        int(row.sequence),
        row.encoder,
        row.fingerprint,
        int(row.dim),
        row.chunker,
        created,
        row.settings,
        row.lineage,
    )
