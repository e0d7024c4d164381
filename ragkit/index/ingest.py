"""From sources to rows: parse, chunk, embed, store.

Documents are gathered until they fill an encoder batch, embedded together while the next are read and cut, and stored
in one transaction: a commit waits for the disk, and thirty small documents wait no longer than one. A document is
reported only after its transaction is on disk, whole; what was reported survives a kill, and a second run skips it by
its hash.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from ..changes import FloatArray, above
from ..embedding import EncoderLike
from ..errors import LoadError
from ..loaders import Parser, Source, discover
from ..store import IndexRecord, NewDocument, Store
from ..text.chunking import CHUNKER_VERSION, Passage, chunk_text
from ..text.language import detect_language
from ..types import Document
from .reports import AddReport, Failure, Note, Outcome, Progress, ProgressCallback
from .trust import WHOLE, Trust, head, unknown_language

__all__ = ["Ingest", "content_hash", "embed_text"]

BATCH_CHUNKS = 256  # passages embedded together: enough to sort by length, little enough to lose nothing


def content_hash(document: Document) -> str:
    """Sha256 over everything that shapes the stored rows, the chunker's version included."""
    parts = [CHUNKER_VERSION, document.title, document.text, document.media_type]
    parts += [json.dumps(dict(document.metadata), sort_keys=True, ensure_ascii=False), repr(document.pages)]
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def embed_text(title: str, text: str) -> str:
    """What is embedded for a passage: its document's title and its table's header, where there are, above its text."""
    return f"{title}\n{text}" if title and not text.startswith(title) else text


@dataclass(frozen=True, slots=True)
class _Pending:
    document: Document
    passages: list[Passage]
    digest: str
    known: bool

    @property
    def languages_and_texts(self) -> list[tuple[str, str]]:
        return [(self.document.language, passage.text) for passage in self.passages]


class Ingest:
    """One run of `add` on one index. The caller holds the writer's lock."""

    def __init__(
        self, store: Store, record: IndexRecord, encoder: EncoderLike, progress: ProgressCallback | None = None
    ) -> None:
        self._store, self._record, self._encoder = store, record, encoder
        self._tell = progress or (lambda _: None)
        self._trust = Trust(encoder, store.index(record.name).settings.get("trust"))
        self._seen: set[str] = set()
        self._counts: Counter[Outcome] = Counter()
        self._failures: list[Failure] = []
        self._skipped: list[Failure] = []
        self._notes: list[Note] = []
        self._chunks = 0
        self._pool: ThreadPoolExecutor
        self._embedding: tuple[list[_Pending], Future[FloatArray]] | None = None
        self._pending: list[_Pending] = []
        self._waiting = 0

    def run(
        self, sources: Sequence[object], *, allow_urls: bool = False, prune: bool = False, encoding: str = ""
    ) -> AddReport:
        """Add every source; a bad one is reported and the rest goes in."""
        start = time.perf_counter()
        found = discover(sources, allow_urls=allow_urls)
        with Parser(encoding=encoding) as parser:
            self._take_all(self._documents(found, parser))
        if prune:
            self._prune(sources)
        return self._report(start)

    def recut(self) -> AddReport:
        """Cut and embed anew every stored document whose passages an older version cut."""
        start = time.perf_counter()
        ids = [row.id for row in self._store.documents(self._record.id)]
        self._take_all(self._store.document(self._record.id, each) for each in ids)
        self._store.set_chunker(self._record.id, CHUNKER_VERSION)
        return self._report(start)

    def _take_all(self, documents: Iterable[Document]) -> None:
        with ThreadPoolExecutor(1, "ragkit-encode") as self._pool:
            for document in documents:
                self._take(document)
            self._flush()
            self._store_embedded()

    def _report(self, start: float) -> AddReport:
        return AddReport(
            added=self._counts["added"],
            replaced=self._counts["replaced"],
            unchanged=self._counts["unchanged"],
            pruned=self._counts["pruned"],
            chunks=self._chunks,
            failures=tuple(self._failures),
            seconds=time.perf_counter() - start,
            skipped=tuple(self._skipped),
            notes=tuple(self._notes),
            unknown_language=unknown_language(self._trust.to_settings()),
        )

    def _documents(self, sources: Iterator[Source], parser: Parser) -> Iterator[Document]:
        for source in sources:
            try:
                documents = parser.parse(source)
            except LoadError as exc:
                reason = str(exc).removeprefix(f"{source}: ")
                if source.aside:
                    self._skipped.append(Failure(str(source), reason))
                    self._tell(Progress(str(source), "skipped", reason=reason))
                else:
                    self._fail(str(source), reason)
                continue
            yield from documents

    def _take(self, document: Document) -> None:
        source = document.source or document.id
        if document.id in self._seen:
            self._fail(source, f"a second document with the id {document.id!r} in this run; give it an id of its own")
            return
        self._seen.add(document.id)
        digest = content_hash(document)
        stored = self._store.content_hash(self._record.id, document.id)
        if stored == digest:
            self._settle(document, "unchanged")
            return
        document = _with_language(document)
        passages = self._cut(document)
        if not passages:
            self._fail(source, "holds no text; if it is a scan, run it through text recognition first")
            return
        self._pending.append(_Pending(document, passages, digest, known=stored is not None))
        self._waiting += len(passages)
        if self._waiting >= BATCH_CHUNKS:
            self._flush()

    def _cut(self, document: Document) -> list[Passage]:
        """The passages of a document: within the encoder's window as far as it is trusted with the language."""
        trust = self._trust.of(document.language, document.text)
        return chunk_text(
            document.text,
            media_type=document.media_type,
            pages=document.pages,
            count_tokens=self._encoder.count_tokens if trust >= WHOLE else None,
            max_tokens=int(self._room(document.title) / max(trust, WHOLE)),
        )

    def _room(self, title: str) -> int:
        """Tokens a passage may have beside its title in the encoder's window; a long title may take half of it."""
        window = self._encoder.max_tokens
        taken = self._encoder.count_tokens([f"{title}\n"])[0] if title else 0
        return max(window - taken, window // 2)

    def _flush(self) -> None:
        """Have the waiting documents embedded in the background, once those before them are stored."""
        self._store_embedded()
        pending, self._pending, self._waiting = self._pending, [], 0
        if pending:
            if self._trust.take([pair for p in pending for pair in p.languages_and_texts]):
                kept = self._store.index(self._record.name).settings
                self._store.set_settings(self._record.id, {**kept, "trust": self._trust.to_settings()})
            texts = [self._encoded(p.document, passage) for p in pending for passage in p.passages]
            self._embedding = (pending, self._pool.submit(self._encoder.encode, texts))

    def _encoded(self, document: Document, passage: Passage) -> str:
        """What the encoder reads of a passage."""
        text = embed_text(above(document.title, passage.header, passage.text), passage.text)
        return text if self._trust.of(document.language, document.text) >= WHOLE else head(text)

    def _store_embedded(self) -> None:
        if self._embedding is None:
            return
        (pending, future), self._embedding = self._embedding, None
        vectors = future.result()
        items, row = [], 0
        for item in pending:
            rows = vectors[row : row + len(item.passages)]
            row += len(item.passages)
            items.append(NewDocument(item.document, item.passages, rows, item.digest))
        self._store.put_all(self._record.id, items)
        for item in pending:
            self._chunks += len(item.passages)
            self._settle(item.document, "replaced" if item.known else "added", len(item.passages))

    def _prune(self, sources: Sequence[object]) -> None:
        """Delete documents that came from the added folders and are there no more; unreadable files stay."""
        roots = [Path(str(s)).resolve() for s in sources if isinstance(s, (str, Path)) and Path(str(s)).is_dir()]
        failed = {f.source for f in self._failures}
        gone = [
            row
            for row in self._store.documents(self._record.id)
            if row.id not in self._seen and row.source not in failed and _below(row.source, roots)
        ]
        if gone:
            self._store.delete(self._record.id, [row.id for row in gone])
        for row in gone:
            self._counts["pruned"] += 1
            self._tell(Progress(row.source or row.id, "pruned", row.chunks))

    def _settle(self, document: Document, outcome: Outcome, chunks: int = 0) -> None:
        self._counts[outcome] += 1
        source, notes = document.source or document.id, document.notes if outcome != "unchanged" else ()
        self._notes += [Note(source, note) for note in notes]
        self._tell(Progress(source, outcome, chunks, notes=notes))

    def _fail(self, source: str, reason: str) -> None:
        self._failures.append(Failure(source, reason))
        self._tell(Progress(source, "failed", reason=reason))


def _with_language(document: Document) -> Document:
    if document.language:
        return document
    return replace(document, language=detect_language(document.text[:4000]))


def _below(source: str, roots: Sequence[Path]) -> bool:
    return bool(source) and any(Path(source).resolve().is_relative_to(root) for root in roots)
