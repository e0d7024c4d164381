"""Does the store hold what it should? Every rule that the schema alone cannot keep."""

from __future__ import annotations

from sqlalchemy import func, literal, select, text

from ..errors import StoreError
from .catalog import Catalog, record_of
from .content import chunks, deletions, documents, lacks_vector, texts

__all__ = ["Health"]


class Health(Catalog):
    """Checks an index and the database under it; changes nothing."""

    def check(self, index_id: str) -> list[str]:
        """One line per problem, none when all is well. Reads every text once."""
        problems: list[str] = []
        with self._database.reading() as connection:
            if self._database.sqlite:
                try:
                    found = connection.execute(text("PRAGMA quick_check(5)")).scalars().all()
                except StoreError as exc:
                    return [str(exc)]
                problems += [f"the database is damaged: {line}" for line in found if line != "ok"]
                if problems:
                    return problems  # what else is read now may be anything
            record = record_of(connection, index_id)
            mine = chunks.c.index_id == index_id
            has_document = (
                select(literal(1))
                .where(documents.c.key == chunks.c.document_key, documents.c.index_id == index_id)
                .exists()
            )
            is_deleted = select(deletions.c.chunk_id).where(deletions.c.index_id == index_id)
            newest = select(func.max(deletions.c.sequence)).where(deletions.c.index_id == index_id).scalar_subquery()
            of_document = select(func.count()).where(chunks.c.document_key == documents.c.key).scalar_subquery()
            has_text = select(literal(1)).where(texts.c.document_key == documents.c.key).exists()
            count = select(func.count())
            of_documents = count.select_from(documents).where(documents.c.index_id == index_id)
            rules = {
                f"chunks without a vector of {record.dim} numbers": count.select_from(chunks).where(
                    mine, lacks_vector(record.fingerprint, record.dim)
                ),
                "chunks without a document": count.select_from(chunks).where(mine, ~has_document),
                "chunks that the log calls deleted": count.select_from(chunks).where(mine, chunks.c.id.in_(is_deleted)),
                "chunks newer than the log": count.select_from(chunks).where(mine, chunks.c.sequence > record.sequence),
                "deletions newer than the log": select(literal(1)).where(newest > record.sequence),
                "documents with another number of chunks": of_documents.where(documents.c.chunks != of_document),
                "documents without a text": of_documents.where(~has_text),
            }
            for what, rule in rules.items():
                broken = connection.execute(rule).scalar() or 0
                if broken:
                    problems.append(f"{record.name!r} has {broken} {what}")
        return problems + self._wrong_spans(index_id)

    def _wrong_spans(self, index_id: str) -> list[str]:
        """Chunks whose text is not the span of their document that they claim."""
        problems: list[str] = []
        last = 0
        page = (
            select(documents.c.key, documents.c.document_id, texts.c.text)
            .join(texts, texts.c.document_key == documents.c.key)
            .where(documents.c.index_id == index_id)
            .order_by(documents.c.key)
            .limit(50)
        )
        while True:
            with self._database.snapshot() as connection:
                some = connection.execute(page.where(documents.c.key > last)).all()
                if not some:
                    return problems
                whole = {row.key: row for row in some}
                spans = select(chunks.c.id, chunks.c.document_key, chunks.c.start, chunks.c.end, chunks.c.text)
                for row in connection.execute(spans.where(chunks.c.document_key.in_(list(whole)))):
                    document = whole[row.document_key]
                    if document.text[row.start : row.end] != row.text:
                        problems.append(
                            f"chunk {row.id} is not characters {row.start}-{row.end} of {document.document_id!r}"
                        )
            last = some[-1].key
