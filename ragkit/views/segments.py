"""One tantivy index in a folder of this process's own: schema, writer, and the files that make up its committed state.

tantivy replaces meta.json by renaming and never changes a finished segment file, so files linked in from a snapshot
stay as they are there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..changes import FloatArray, IdArray
from ..errors import StoreError
from .analysis import Analysis, load_tantivy

__all__ = ["MANAGED", "META", "Segments"]

META, MANAGED = "meta.json", ".managed.json"
WRITER_HEAP_BYTES = 128 << 20  # the most; a segment is written when it is full


class Segments:
    """The index in `folder`, opened if files are there, else created; without a folder, in memory.

    Reads see everything written before them. `failed` is true once the disk refused a write: rows that were not
    committed are lost, start again from an empty folder.
    """

    def __init__(self, folder: Path | None, analysis: Analysis) -> None:
        tantivy = load_tantivy()
        self._folder = folder
        self._analysis = analysis
        self._tantivy = tantivy
        self._writer: Any = None
        self._searcher: Any = None
        self._dirty = False
        self.failed = False
        self._analyzers: list[str] = []
        try:
            where = () if folder is None else (str(folder),)
            self._index: Any = tantivy.Index(self._schema(), *where)
        except (OSError, ValueError) as exc:
            raise ValueError(f"tantivy cannot open its files: {exc}") from exc
        self._index.config_reader("manual", 0)
        self.schema = self._index.schema
        self._refresh()

    def __len__(self) -> int:
        self.commit()
        return int(self._searcher.num_docs)

    @property
    def folder(self) -> Path:
        """Where the files are. Raises StoreError when they are in memory."""
        if self._folder is None:
            raise StoreError("no folder had room for the words of this index, which are in memory; free some space")
        return self._folder

    @property
    def rows(self) -> int:
        """Chunks in the segments, those deleted but not yet merged away included."""
        self.commit()
        if self._folder is None:
            return int(self._searcher.num_docs)
        return sum(int(segment["max_doc"]) for segment in self._meta())

    def write(self, chunks: Iterable[tuple[int, str, str]], deleted: Sequence[int]) -> None:
        """Delete ids, then add (id, text, language) chunks; seen by reads, which commit first.

        Many small commits would make many small segments, each of which costs every search something.
        Raises StoreError when the disk refuses; then what was not committed is lost.
        """
        try:
            self._dirty = True
            if self._writer is None:
                self._writer = self._index.writer(WRITER_HEAP_BYTES, 1)
            if deleted:  # by query: deletion by term takes an id for a signed number and finds nothing
                ids = self._tantivy.Query.term_set_query(self.schema, "id", list(deleted))
                self._writer.delete_documents_by_query(ids)
            for number, text, language in chunks:
                self._writer.add_document(self._document(number, text, language))
        except (OSError, ValueError) as exc:
            raise self._refused(exc) from exc

    def commit(self) -> None:
        """Make everything written visible to reads. StoreError when the disk refuses."""
        if not self._dirty:
            return
        try:
            self._writer.commit()
            self._dirty = False
            self._refresh()
        except (OSError, ValueError) as exc:
            raise self._refused(exc) from exc

    @property
    def analyzers(self) -> list[str]:
        """The analysers that the index was filled with, the most frequent first."""
        self.commit()
        return self._analyzers

    def run(self, query: Any, k: int) -> tuple[IdArray, FloatArray]:
        """The k best chunks of a query: ids and scores; equal scores in order of id."""
        self.commit()
        hits = self._searcher.search(query, max(1, min(k, len(self))), count=False).hits
        if not hits:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        ids = np.array(self._searcher.fast_field_values("id", [address for _, address in hits]), np.int64)
        scores = np.array([score for score, _ in hits], np.float32)
        order = np.lexsort((ids, -scores))
        return ids[order], scores[order]

    def frequency(self, field: str, term: str) -> int:
        """How many chunks hold a term."""
        self.commit()
        return int(self._searcher.doc_freq(field, term))

    def settle(self) -> list[str]:
        """End all merging, let go of the writer, and name the files of the committed state."""
        self.commit()
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None
            self._refresh()
        live = {segment["segment_id"].replace("-", ""): segment["deletes"] for segment in self._meta()}
        names = [META]
        for path in sorted(self.folder.iterdir()):
            segment, _, rest = path.name.partition(".")
            if segment not in live:
                continue
            if rest.endswith("del"):
                deletes = live[segment]
                if deletes is None or rest != f"{deletes['opstamp']}.del":
                    continue
            names.append(path.name)
        (self.folder / MANAGED).unlink(missing_ok=True)  # perhaps a link into a snapshot: never write through it
        (self.folder / MANAGED).write_text(json.dumps(names))
        return [*names, MANAGED]

    def close(self) -> None:
        """Stop the writer; what was not committed is lost."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
        self._writer = self._searcher = self._index = None

    def _refused(self, exc: Exception) -> StoreError:
        self._writer, self._dirty, self.failed = None, False, True
        return StoreError(f"cannot write the lexical view in {self.folder}: {exc}; free some space and try again")

    def _refresh(self) -> None:
        self._index.reload()
        self._searcher = self._index.searcher()
        counts = {name: self._searcher.doc_freq("analyzer", name) for name in self._analysis.names}
        self._analyzers = sorted((name for name in counts if counts[name]), key=lambda name: -counts[name])

    def _meta(self) -> list[dict[str, Any]]:
        try:
            segments: list[dict[str, Any]] = json.loads((self.folder / META).read_text())["segments"]
        except (OSError, ValueError) as exc:
            self.failed = True
            raise StoreError(f"the working copy of the lexical view in {self.folder} is gone; open it again") from exc
        return segments

    def _document(self, number: int, text: str, language: str) -> Any:
        analyzer = self._analysis.name_of(language)
        document = self._tantivy.Document()
        document.add_unsigned("id", number)
        document.add_text("analyzer", analyzer)
        document.add_pre_tokenized_text("words", self._analysis.tokens(text, analyzer))
        if (grams := self._analysis.gram_tokens(text, analyzer)) is not None:
            document.add_pre_tokenized_text("grams", grams)
        return document

    def _schema(self) -> Any:
        builder = self._tantivy.SchemaBuilder()
        builder.add_unsigned_field("id", indexed=True, fast=True)
        builder.add_text_field("analyzer", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("words", tokenizer_name="raw", index_option="freq")
        builder.add_text_field("grams", tokenizer_name="raw", index_option="freq")
        return builder.build()
