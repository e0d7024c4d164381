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
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePath
from typing import TypeVar

from ..changes import FloatArray, above
from ..embedding import EncoderLike
from ..errors import LoadError
from ..loaders import Parser, Source
from ..store import FileRow, IndexRecord, Moved, NewDocument, Store
from ..text.chunking import CHUNKER_VERSION, Passage, chunk_text
from ..text.language import detect_language
from ..types import Document
from .course import Course, Work
from .known import Known, below, is_gone
from .originals import Originals, is_upload
from .reports import AddReport, Failure, Note, Outcome, PaceCallback, Progress, ProgressCallback
from .trust import WHOLE, Trust, head, unknown_language

__all__ = ["Ingest", "content_hash", "embed_text"]

T = TypeVar("T")
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


@dataclass(frozen=True, slots=True)
class _Batch:
    """Documents that are embedded together, and the files that are read whole once these are stored."""

    pending: list[_Pending]
    read: list[tuple[Source, list[str]]]
    vectors: Future[FloatArray] | None
    work: Work


class Ingest:
    """One run of `add` or `sync` on one index. The caller holds the writer's lock.

    store and record None: a dry run on an index that is not there yet. dry_run: tell what would be done, do nothing.
    """

    def __init__(
        self,
        store: Store | None,
        record: IndexRecord | None,
        encoder: Callable[[], EncoderLike],
        progress: ProgressCallback | None = None,
        *,
        pace: PaceCallback | None = None,
        originals: Originals | None = None,
        dry_run: bool = False,
    ) -> None:
        self._course, self._originals = Course(pace), originals
        self._paged: set[str] = set()
        self._index_id = record.id if record else ""
        self._store, self._encoder, self._dry_run = store, encoder, dry_run
        self._known = Known(store, self._index_id)
        self._tell = progress or (lambda _: None)
        self._name = record.name if record else ""
        self._seen: set[str] = set()
        self._counts: Counter[Outcome] = Counter()
        self._failures: list[Failure] = []
        self._skipped: list[Failure] = []
        self._notes: list[Note] = []
        self._failed: set[str] = set()
        self._chunks = 0
        self._encoding = ""
        self._pool: ThreadPoolExecutor
        self._embedding: _Batch | None = None
        self._pending: list[_Pending] = []
        self._read: list[tuple[Source, list[str]]] = []
        self._waiting = 0

    def run(
        self,
        sources: Iterable[Source],
        *,
        prune: Sequence[str] = (),
        ignored: Callable[[str], bool] | None = None,
        encoding: str = "",
    ) -> AddReport:
        """Add every source; a bad one is reported and the rest goes in.

        prune: folders, by their real paths. Documents of files in them that are not there any more, or that `ignored`
        tells of, are deleted; a file that only has another name keeps its documents.
        """
        start = time.perf_counter()
        self._encoding = encoding
        gone: dict[str, FileRow] = {}
        sources = list(sources)
        self._course.begin(sources, [s for s in sources if encoding or not self._known.untouched(s)])
        if prune:
            listed = {source.id for source in sources}
            before = [p for p in self._known.files if p not in listed and below(p, prune) and is_gone(p)]
            gone = {path: self._known.files[path] for path in before}
        with Parser(encoding=encoding) as parser:
            self._take_all(lambda source: self._source(source, parser, gone), sources)
        if prune:
            self._prune(prune, listed, ignored)
        return self._report(start)

    def recut(self) -> AddReport:
        """Cut and embed anew every stored document whose passages an older version cut."""
        start = time.perf_counter()
        if self._store is not None:
            ids = [row.id for row in self._store.documents(self._index_id)]
            self._take_all(self._recut_one, ids)
            self._store.set_chunker(self._index_id, CHUNKER_VERSION)
        return self._report(start)

    def _recut_one(self, document_id: str) -> None:
        if self._store is not None:
            self._take(self._store.document(self._index_id, document_id))
        if self._waiting >= BATCH_CHUNKS:
            self._flush()

    def _take_all(self, take: Callable[[T], None], items: Iterable[T]) -> None:
        with ThreadPoolExecutor(1, "ragkit-encode") as self._pool:
            try:
                for item in items:
                    take(item)
                self._flush()
                self._store_embedded()
            except BaseException:
                self._course.stop()  # else the pool waits for vectors that nobody will store
                raise
        self._course.ends()

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
            unknown_language=unknown_language(self._kept_trust()),
            moved=self._counts["moved"],
            dry_run=self._dry_run,
        )

    def _source(self, source: Source, parser: Parser, gone: dict[str, FileRow]) -> None:
        untouched = () if self._encoding else self._known.untouched(source)
        if untouched:
            self._seen.update(untouched)
            self._counts["unchanged"] += len(untouched)
            self._tell(Progress(str(source), "unchanged"))
            return
        self._course.reads(source)
        try:
            documents = parser.parse(source)
        except LoadError as exc:
            self._course.took(source, 1.0, waits=False)
            self._failed.add(source.id)
            reason = str(exc).removeprefix(f"{source}: ")
            if source.aside:
                self._skipped.append(Failure(str(source), reason))
                self._tell(Progress(str(source), "skipped", reason=reason))
            else:
                self._fail(str(source), reason)
            return
        before = self._known.renamed(source, gone) if gone else None
        if before is not None and self._is_moved(source, before, documents):
            del gone[before.path]
            self._course.took(source, 1.0, waits=False)
            return
        if not self._dry_run:
            self._known.adopt(source, documents)
        failures = len(self._failures)
        if any(document.pages and document.id == source.id for document in documents):
            self._paged.add(source.id)
        characters = sum(len(document.text) for document in documents) or 1
        for document in documents:
            self._course.took(source, len(document.text) / characters, waits=self._take(document))
            if self._waiting >= BATCH_CHUNKS:
                self._flush()
        if source.kind == "file" and len(self._failures) == failures:
            self._read.append((source, [document.id for document in documents]))

    def _is_moved(self, source: Source, before: FileRow, documents: Sequence[Document]) -> bool:
        """Give the documents of a file that has another name now their new ids, unless they are no longer the same."""
        if len(documents) != len(before.documents):
            return False
        was = {name.removeprefix(before.path): name for name in before.documents}
        moves = []
        for document in documents:
            old = was.get(document.id.removeprefix(source.id))
            if old is None or self._known.hashes.get(old) not in _alike(document, before.path):
                return False
            moves.append(Moved(old, document.id, document.source, document.title, content_hash(document)))
        self._seen.update(name for move in moves for name in (move.old, move.new))
        if not self._dry_run and self._store is not None:
            self._known.move(moves)
            self._store.forget_files(self._index_id, [before.path])
            self._store.note_files(self._index_id, [self._known.row_of(source, [move.new for move in moves])])
        for document in documents:
            self._settle(document, "moved")
        return True

    def _take(self, document: Document) -> bool:
        """Cut a document that is new or changed; whether its passages wait to be embedded now."""
        source = document.source or document.id
        if document.id in self._seen:
            self._fail(source, f"a second document with the id {document.id!r} in this run; give it an id of its own")
            return False
        self._seen.add(document.id)
        digest = content_hash(document)
        stored = self._known.hashes.get(document.id)
        if stored == digest:
            self._settle(document, "unchanged")
            return False
        if self._dry_run:
            self._settle(document, "added" if stored is None else "replaced")
            return False
        document = _with_language(document)
        passages = self._cut(document)
        if not passages:
            self._fail(source, "holds no text; if it is a scan, run it through text recognition first")
            return False
        self._pending.append(_Pending(document, passages, digest, known=stored is not None))
        self._waiting += len(passages)
        return True

    @cached_property
    def _trust(self) -> Trust:
        """How far the encoder is trusted with each language; made with the first document that is cut."""
        return Trust(self._encoder(), self._kept_trust())

    def _kept_trust(self) -> object:
        return self._store.index(self._name).settings.get("trust") if self._store is not None else None

    def _cut(self, document: Document) -> list[Passage]:
        """The passages of a document: within the encoder's window as far as it is trusted with the language."""
        trust = self._trust.of(document.language, document.text)
        return chunk_text(
            document.text,
            media_type=document.media_type,
            pages=document.pages,
            count_tokens=self._encoder().count_tokens if trust >= WHOLE else None,
            max_tokens=int(self._room(document.title) / max(trust, WHOLE)),
        )

    def _room(self, title: str) -> int:
        """Tokens a passage may have beside its title in the encoder's window; a long title may take half of it."""
        window = self._encoder().max_tokens
        taken = self._encoder().count_tokens([f"{title}\n"])[0] if title else 0
        return max(window - taken, window // 2)

    def _flush(self) -> None:
        """Have the waiting documents embedded in the background, once those before them are stored."""
        self._store_embedded()
        pending, read, self._pending, self._read, self._waiting = self._pending, self._read, [], [], 0
        work = self._course.batch(sum(len(p.passages) for p in pending))
        vectors = None
        if pending:
            if self._trust.take([pair for p in pending for pair in p.languages_and_texts]) and self._store is not None:
                kept = self._store.index(self._name).settings
                self._store.set_settings(self._index_id, {**kept, "trust": self._trust.to_settings()})
            texts = [self._encoded(p.document, passage) for p in pending for passage in p.passages]
            vectors = self._pool.submit(self._encoder().encode, texts, progress=work)
        self._embedding = _Batch(pending, read, vectors, work)

    def _encoded(self, document: Document, passage: Passage) -> str:
        """What the encoder reads of a passage."""
        text = embed_text(above(document.title, passage.header, passage.text), passage.text)
        return text if self._trust.of(document.language, document.text) >= WHOLE else head(text)

    def _store_embedded(self) -> None:
        batch, self._embedding = self._embedding, None
        if batch is None:
            return
        if batch.vectors is not None and self._store is not None:
            vectors = batch.vectors.result()
            items, row = [], 0
            for item in batch.pending:
                rows = vectors[row : row + len(item.passages)]
                row += len(item.passages)
                items.append(NewDocument(item.document, item.passages, rows, item.digest))
            self._store.put_all(self._index_id, items)
            for item in batch.pending:
                self._known.hashes[item.document.id] = item.digest
                self._chunks += len(item.passages)
                self._settle(item.document, "replaced" if item.known else "added", len(item.passages))
        self._course.stored(batch.work)
        for source, ids in batch.read:
            self._keep(source)
            self._delete({name: str(source) for name in self._known.no_longer_in(source, ids)})
        if not self._dry_run and self._store is not None:
            self._store.note_files(self._index_id, [self._known.row_of(source, ids) for source, ids in batch.read])

    def _keep(self, source: Source) -> None:
        """Keep an upload with pages: of its file nothing else is left."""
        if self._originals is None or source.id not in self._paged or not is_upload(source):
            return
        try:
            self._originals.keep(source.id, source.path)
        except OSError as exc:
            told = f"its pages cannot be shown: a copy of it could not be kept ({exc.strerror or exc})"
            self._notes.append(Note(str(source), told))

    def _prune(self, folders: Sequence[str], listed: Set[str], ignored: Callable[[str], bool] | None) -> None:
        """Delete what came of files in these folders that are gone or ignored; never below what could not be read."""
        missing: dict[str, str] = {}
        for name, path in self._known.origin_of().items():
            if name in self._seen or path in listed or not below(path, folders) or below(path, self._failed):
                continue
            if is_gone(path) or (ignored is not None and ignored(path)):
                missing[name] = path
        self._delete(missing)
        if missing and not self._dry_run and self._store is not None:
            self._store.forget_files(self._index_id, sorted(set(missing.values())))

    def _delete(self, documents: Mapping[str, str]) -> None:
        """Delete documents, given with the file each came of."""
        if documents and not self._dry_run and self._store is not None:
            self._store.delete(self._index_id, list(documents))
            if self._originals is not None:
                self._originals.forget(documents)
        for name, path in documents.items():
            self._known.hashes.pop(name, None)
            self._counts["pruned"] += 1
            self._tell(Progress(path if name == path or name.startswith(f"{path}#") else name, "pruned"))

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


def _alike(document: Document, before: str) -> set[str]:
    """The hashes that this document may have had under its old name: its title may be that name."""
    old = PurePath(before)
    return {content_hash(document), *(content_hash(replace(document, title=title)) for title in (old.stem, old.name))}
