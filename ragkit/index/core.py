"""The `Index` that callers hold: add, search, delete, verify, repair, re-embed."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ..asking import FOUND
from ..embedding import EncoderLike
from ..errors import NotFoundError, StoreDamagedError, StoreError, UsageError
from ..loaders import Box, Source, Wanted, boxes, discover
from ..store import DocumentRow, parse_where
from ..types import Chunk, Document, Hit
from .context import expand_hits
from .folders import Folders
from .held import HeldIndex
from .ingest import Ingest
from .known import digest_of
from .opening import reranker_named
from .originals import Originals
from .reembedding import stage_all
from .reports import AddReport, Health, PaceCallback, ProgressCallback
from .searching import ChunkReader, Mode, check_query, rank, reorder, to_hits
from .watching import follow

__all__ = ["Index"]

logger = logging.getLogger(__name__)

Expand = int | Literal["section"]
RERANK_DEPTH = 4  # a reranker reads this many times k candidates


class Index(HeldIndex):
    """A named, searchable set of documents; made by `create` or the first `add`, never by reading.

    name: 1-64 characters. home: folder of the database and the views (RAGKIT_HOME, else ./indexes).
    encoder: model name or an object with `Encoder`'s members; an existing index keeps its own.
    view: what finds vectors, "faiss" or another of `ragkit.catalogue.VIEWS` (RAGKIT_VIEW). factory: the same as
    view="faiss:FACTORY", a FAISS factory string instead of the choice by size. must_exist: raise NotFoundError for a
    name that is not there now, rather than at the first question.
    """

    def add(
        self,
        *sources: object,
        allow_urls: bool | None = None,
        prune: bool = False,
        encoding: str = "",
        dry_run: bool = False,
        progress: ProgressCallback | None = None,
        pace: PaceCallback | None = None,
    ) -> AddReport:
        """Add files, folders, globs, URLs (opt-in), dicts or langchain Documents; lists of them too.

        A file that was not touched since it was read is not opened; unchanged documents are skipped by content hash,
        changed ones replaced; rows that a file no longer holds go. prune: delete documents of files that are gone from
        the added folders, told by whole paths, and never below what could not be read. dry_run: report what would be
        done, do nothing. encoding: what text files are in, whatever they say themselves. A bad source is reported and
        skipped. progress: told of each document that is settled; pace: told how far the run is.
        Raises IndexLockedError while another process writes, NotFoundError for a missing path.
        """
        self._check_open()
        flat = [item for s in sources for item in (s if isinstance(s, (list, tuple)) else [s])]
        if not flat:
            raise UsageError("nothing to add; name files, folders, globs or records")
        allowed = self._config.allow_urls if allow_urls is None else allow_urls
        found = discover(flat, allow_urls=allowed)  # raises before an index is made for what is not there
        paths = [Path(item) for item in flat if isinstance(item, (str, Path))]
        folders = [path.resolve().as_posix() for path in paths if path.is_dir()]
        roots = folders if prune else ()
        return self._ingest(found, roots, dry_run=dry_run, encoding=encoding, progress=progress, pace=pace)

    def sync(
        self,
        *folders: str | Path,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        allow_empty: bool = False,
        encoding: str = "",
        dry_run: bool = False,
        progress: ProgressCallback | None = None,
        pace: PaceCallback | None = None,
    ) -> AddReport:
        """Make the index hold of these folders what is in them now: new files come in, changed ones anew, others go.

        Left out, and deleted if the index has it, is what a .gitignore or .ragkitignore ignores, matches a glob of
        exclude, or none of include (globs as in a .gitignore, below the folder). A file that fails keeps its last good
        version, one that has another name its vectors, and nothing is deleted below a folder that cannot be read.
        Raises UsageError for a folder that lost all its files, unless allow_empty; the rest is as with `add`.
        """
        self._check_open()
        tree = Folders(folders, include=include, exclude=exclude)
        record = self._record or self._find()
        if record is not None and not allow_empty:
            tree.check_not_empty(self._store.files(record.id), self.name)
        return self._ingest(
            tree.sources(),
            tree.roots,
            ignored=tree.ignored,
            dry_run=dry_run,
            encoding=encoding,
            progress=progress,
            pace=pace,
        )

    def watch(
        self,
        *folders: str | Path,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        allow_empty: bool = False,
        encoding: str = "",
        stop: threading.Event | None = None,
        progress: ProgressCallback | None = None,
        pace: PaceCallback | None = None,
    ) -> Iterator[AddReport]:
        """`sync` now and after each change of these folders, until `stop` is set: a report for each that did something.

        The index is free for other writers in between. WATCHFILES_FORCE_POLLING=1 finds changes on network drives.
        """

        def once(allow: bool) -> AddReport:
            return self.sync(
                *folders,
                include=include,
                exclude=exclude,
                allow_empty=allow_empty or allow,
                encoding=encoding,
                progress=progress,
                pace=pace,
            )

        def rules() -> list[Wanted]:
            return [Wanted(str(Path(f).expanduser()), include=include, exclude=exclude) for f in folders]

        return follow([wanted.root for wanted in rules()], rules, once, stop or threading.Event())

    def _ingest(
        self,
        sources: Iterable[Source],
        prune: Sequence[str],
        *,
        ignored: Callable[[str], bool] | None = None,
        dry_run: bool = False,
        encoding: str = "",
        progress: ProgressCallback | None = None,
        pace: PaceCallback | None = None,
    ) -> AddReport:
        if dry_run:
            record = self._record or self._find()
            store = self._store if record else None
            trial = Ingest(store, record, lambda: self.encoder, progress, pace=pace, dry_run=True)
            return trial.run(sources, prune=prune, ignored=ignored, encoding=encoding)
        self.create()
        with self._writing():
            kept = Originals(self.folder) if self.keeps_originals else None
            ingest = Ingest(self._store, self.record, lambda: self.encoder, progress, pace=pace, originals=kept)
            before = self._store.sequence(self.record.id)
            try:
                report = ingest.run(sources, prune=prune, ignored=ignored, encoding=encoding)
            except Exception:
                self._publish_since(before)
                raise
            self._publish_since(before)  # not when interrupted: that ends at once, and the next run publishes
            return report

    def search(
        self,
        query: str,
        k: int = FOUND,
        *,
        mode: Mode = "hybrid",
        where: Mapping[str, Any] | None = None,
        expand: Expand = 0,
        rerank: bool | None = None,
    ) -> list[Hit]:
        """Return the `k` best chunks, best first; fewer when the index (or the filter) holds fewer.

        where: metadata filter, e.g. {"team": "finance", "year": {"gte": 2020}}. expand: n fills each hit's `context`
        with n neighbours on both sides, "section" with its whole section. rerank: reorder with the configured
        cross-encoder (default: when one is configured).
        """
        self._check_open()
        query = check_query(query, k, mode)
        conditions = parse_where(where) if where else ()
        use_reranker = bool(self._config.reranker) if rerank is None else rerank
        if use_reranker and not self._config.reranker:
            raise UsageError("rerank=True but no reranker is configured; set RAGKIT_RERANKER to a cross-encoder")
        depth = RERANK_DEPTH * k if use_reranker else k
        read = ChunkReader(self._store)
        ranking = rank(query, depth, mode, read=read, live=self.live, encoder=self.encoder, where=conditions)
        if conditions and not len(ranking.ids):
            self._store.check_keys(self.record.id, conditions)  # a key that no document has is mistyped
        hits = to_hits(read, ranking.top(depth))
        if use_reranker:
            hits = reorder(reranker_named(self._config.reranker), query, hits)[:k]
        return expand_hits(self._store, self.record.id, hits, expand) if expand else hits

    def delete(
        self, *, id: str | None = None, source: str | None = None, where: Mapping[str, Any] | None = None
    ) -> int:
        """Delete the documents that match all that is given; returns how many. Raises NotFoundError for none."""
        if id is None and source is None and not where:
            raise UsageError("name what to delete: id=, source= or where=")
        with self._writing():
            rows = self._store.documents(self.record.id, source=source, where=where)
            ids = [row.id for row in rows if id is None or row.id == id]
            if not ids:
                raise NotFoundError(
                    f"no document in {self.name!r} matches {id or source or where!r}; see `ragkit ls {self.name}`"
                )
            deleted = self._store.delete(self.record.id, ids)
            Originals(self.folder).forget(ids)
            try:
                self.live.publish()
            except StoreError as exc:  # a full disk: they are deleted all the same, and the next writer publishes
                logger.warning("%d documents of %r are deleted, but: %s", deleted.documents, self.name, exc)
        return deleted.documents

    def documents(
        self, *, where: Mapping[str, Any] | None = None, limit: int | None = None, offset: int = 0
    ) -> list[DocumentRow]:
        """The documents, with chunk counts, in the order they were added."""
        self._check_open()
        return self._store.documents(self.record.id, where=where, limit=limit, offset=offset)

    def document(self, document_id: str) -> Document:
        """One whole document. Raises NotFoundError."""
        self._check_open()
        return self._store.document(self.record.id, document_id)

    def chunks(self, document_id: str) -> list[Chunk]:
        """The chunks of one document, in order."""
        self._check_open()
        return self._store.document_chunks(self.record.id, document_id)

    @property
    def keeps_originals(self) -> bool:
        """Whether uploaded PDFs are kept in the index's folder: its own setting, else that of `ragkit.toml`."""
        own = self._record.settings.get("keep_originals") if self._record is not None else None
        return own if isinstance(own, bool) else self._config.keep_originals

    def keep_originals(self, keep: bool) -> None:
        """Keep uploaded PDFs from now on, or delete those that are kept and keep none."""
        with self._writing():
            self._store.set_settings(self.record.id, {**self._store.index(self.name).settings, "keep_originals": keep})
            self._record = self._find()
            if not keep:
                shutil.rmtree(Originals(self.folder).folder, ignore_errors=True)

    def original(self, document_id: str) -> Path | None:
        """The file that a document came of: the kept upload, or the file in its place if it is as it was read."""
        self._check_open()
        kept = Originals(self.folder).path(document_id)
        if kept.is_file():
            return kept
        row = self._store.files(self.record.id).get(document_id)
        return Path(document_id) if row is not None and row.digest and digest_of(document_id) == row.digest else None

    def boxes(self, document_id: str, start: int, end: int) -> list[Box]:
        """Where the document's words from start to end stand on the pages of its PDF, see `ragkit.loaders.boxes`.

        None where the original is gone or another one now.
        """
        original = self.original(document_id)
        return [] if original is None else boxes(self.document(document_id), start, end, original=original)

    def __len__(self) -> int:
        return 0 if self._record is None else self._store.counts(self._record.id)[1]

    def verify(self) -> Health:
        """Check store, snapshots and their agreement; repairs nothing."""
        self._check_open()
        problems = [*self._store.check(self.record.id), *self.live.verify()]
        record = self._store.index(self.name)
        documents, chunks = self._store.counts(record.id)
        return Health(self.name, documents, chunks, record.sequence, record.encoder, tuple(problems))

    def repair(self) -> Health:
        """Rebuild both views from the store and verify; the store itself is never changed.

        Raises StoreDamagedError while the store fails its own checks: sound views are never replaced by damaged data.
        """
        with self._writing():
            problems = self._store.check(self.record.id)
            if problems:
                raise StoreDamagedError(
                    f"the database of {self.name!r} is damaged ({problems[0]}{_and_more(problems)}); nothing was "
                    "rebuilt from it: restore a backup with `ragkit restore FILE` (PostgreSQL: pg_restore)"
                )
            self.live.rebuild()
        return self.verify()

    def recut(self, *, progress: ProgressCallback | None = None) -> AddReport:
        """Cut documents anew that an older version of ragkit cut, and embed their passages; the rest stays."""
        with self._writing():
            report = Ingest(self._store, self.record, lambda: self.encoder, progress).recut()
            self._record = self._find()
            self.live.publish()
        return report

    def reembed(self, encoder: str | EncoderLike, *, progress: ProgressCallback | None = None) -> Health:
        """Embed every chunk anew and switch in one transaction; until then the old encoder serves."""
        new = self._chosen(encoder)
        with self._writing():
            record = self.record
            stage_all(self._store, record, new)
            self._store.switch_encoder(record.id, encoder=new.name, fingerprint=new.fingerprint, dim=new.dim)
            self._record, self._asked_encoder, self._opened_encoder = self._find(), None, new
            self.live.publish(force=True)
        return self.verify()

    def drop(self) -> None:
        """Delete the index with all its documents and files."""
        with self._writing():
            folder = self.folder
            self._store.drop_index(self.name)
            self._record = None  # before the views go: who asks meanwhile opens none of what is gone
            self._release(f"index {self.name!r} was deleted; create it again with `ragkit add`")
            shutil.rmtree(folder, ignore_errors=True)


def _and_more(problems: list[str]) -> str:
    return f", and {len(problems) - 1} more" if len(problems) > 1 else ""
