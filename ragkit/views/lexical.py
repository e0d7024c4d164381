"""The lexical view: which chunks share a query's words, by BM25 over stems and over character n-grams.

A snapshot is opened by linking its files into a folder of this process's own, where newer rows are committed;
publishing links the segments into a new generation.

tantivy counts deleted chunks in its statistics until their segment is merged, so scores drift as chunks are deleted;
`needs_rebuild` tells when a replay from the start is due to bring them back to what the store implies.
"""

from __future__ import annotations

from math import log
from pathlib import Path

import numpy as np

from ..changes import Changes, FloatArray, IdArray
from ..errors import UsageError
from .analysis import ANALYSIS, Analysis, load_tantivy
from .generations import Belongs, Generations, anywhere, link_or_copy
from .manifest import Generation, Manifest
from .private import PrivateFolder
from .queries import Queries
from .rows import ascending
from .segments import MANAGED, META, Segments
from .working import WorkingPlaces, refuses

__all__ = ["LexicalView"]

FILTER_IDS = 1_000  # a filter this small is given to tantivy; a larger one is applied to what it returns
GRAM_WEIGHT = 1 / 3  # of a gram beside a word: grams overlap
WORD_SHARE, LEAST_WORDS = 0.3, 3  # words of more than this share of the chunks are left out, if enough others remain
GRAM_SHARE, LEAST_GRAMS = 0.1, 8
MOST_TERMS = 256  # of a very long query: the rarest ones
RARE = 50  # chunks; a term of no more is never left out
PUBLISH_ROWS, PUBLISH_SHARE = 64, 0.1
REBUILD_ROWS, REBUILD_SHARE = 256, 0.2


class LexicalView:
    """A tantivy index and the place in the log it stands at. Open with `LexicalView.open`."""

    kind = "lexical"

    def __init__(self, folder: Path, *, fingerprint: str = "") -> None:
        self._generations = Generations(folder, "lexical")
        self._fingerprint = f"{fingerprint} analysis {ANALYSIS} {load_tantivy().__version__.split(',')[-1].strip()}"
        self._analysis = Analysis()
        self.problems: list[str] = []
        self._forgotten = False
        self._private: PrivateFolder | None = None
        self._places = WorkingPlaces(folder)
        self._last_id, self._changed, self._sequence, self._lineage = -1, 0, 0, ""
        self._start_empty()

    @classmethod
    def open(cls, folder: Path, *, fingerprint: str = "", belongs: Belongs = anywhere) -> LexicalView:
        """The newest sound snapshot; else the one before; else an empty view at sequence 0. See `problems`."""
        view = cls(folder, fingerprint=fingerprint)
        view._generations.sweep()
        _, view.problems = view._generations.open(view._load, fingerprint=view._fingerprint, belongs=belongs)
        return view

    @property
    def sequence(self) -> int:
        """The place in the log that the view stands at; 0 again after a write that the disk refused."""
        return 0 if self._segments.failed else self._sequence

    @property
    def lineage(self) -> str:
        """The store's mark of that place."""
        return "" if self._segments.failed else self._lineage

    @property
    def ids(self) -> IdArray:
        """The ids of all chunks, sorted."""
        return np.sort(self._segments.run(self._queries.everything(), max(1, len(self)))[0])

    def held(self) -> IdArray:
        """The same, as every view that follows the log tells it."""
        return self.ids

    def __len__(self) -> int:
        return len(self._segments)

    @property
    def failed(self) -> bool:
        """Whether the disk refused a write; the view then stands at 0, and begins anew elsewhere."""
        return self._segments.failed

    @property
    def in_memory(self) -> bool:
        """Whether no folder had room for a working copy."""
        return self._private is None

    def commit(self) -> None:
        """Make what was applied visible to searches. Raises StoreError when the disk refuses, see `failed`."""
        self._segments.commit()

    @property
    def needs_publish(self) -> bool:
        """Whether enough has changed since the snapshot that opening it would be slow."""
        return self._changed > max(PUBLISH_ROWS, PUBLISH_SHARE * len(self))

    @property
    def needs_rebuild(self) -> bool:
        """Whether deleted chunks weigh on the statistics; the remedy is `reset` and a replay from 0."""
        rows = self._segments.rows
        return rows - len(self) > max(REBUILD_ROWS, REBUILD_SHARE * rows)

    def apply(self, changes: Changes) -> None:
        """Take one batch of the log; a chunk that is already here is replaced, never doubled.

        Raises StoreError when the disk refuses; the view is then empty, at sequence 0, to be replayed.
        """
        if self._segments.failed:
            self._places.leave()
            self._start_empty()
        ids = changes.ids.tolist()
        known = [number for number in ids if number <= self._last_id]
        deleted = [*known, *changes.deleted.tolist()]
        if ids or deleted:
            texts = [self._analysis.indexed(a, b) for a, b in zip(changes.titles, changes.texts, strict=True)]
            self._segments.write(zip(ids, texts, changes.languages, strict=True), deleted)
            self._last_id = max(self._last_id, *ids) if ids else self._last_id
            self._changed += len(ids) + len(deleted)
        self._sequence, self._lineage = changes.sequence, changes.lineage

    def search(
        self, query: str, k: int, *, language: str, allowed: IdArray | None = None
    ) -> tuple[IdArray, FloatArray]:
        """The chunks that share the query's words, best first: ids and scores, at most k of each.

        The score is BM25 of distinct words + BM25 of distinct grams / 3; terms that a large share of the chunks
        hold are left out, they cost the most time and tell the least.
        language: ISO 639-1 code of the query, or "". allowed: only these ids may be returned.
        """
        if k < 1:
            raise UsageError(f"k={k} is below 1; ask for at least one hit")
        own, present = self._own(language), self._segments.analyzers
        words = self._telling("words", self._analysis.query_words(query, own, present), WORD_SHARE, LEAST_WORDS)
        grams = dict.fromkeys(self._analysis.grams(query, [own, *present]), GRAM_WEIGHT)
        wanted = self._queries.any_of(words, self._telling("grams", grams, GRAM_SHARE, LEAST_GRAMS))
        allowed = None if allowed is None else ascending(allowed)
        if wanted is None or not len(self) or (allowed is not None and not len(allowed)):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if allowed is None:
            return self._segments.run(wanted, k)
        if len(allowed) <= FILTER_IDS:
            return self._segments.run(self._queries.among(allowed, wanted), k)
        fetch = 2 * k * len(self) // len(allowed) + k
        while True:
            ids, scores = self._segments.run(wanted, fetch)
            kept = allowed[np.minimum(np.searchsorted(allowed, ids), len(allowed) - 1)] == ids
            if kept.sum() >= k or len(ids) < fetch:
                return ids[kept][:k], scores[kept][:k]
            fetch *= 4

    def weights(self, query: str, *, language: str) -> list[tuple[str, float]]:
        """The query's words in order, repeats kept, with their IDF ln(1 + (N - df + .5) / (df + .5)), 0 if unknown."""
        chunks = len(self)
        out = []
        for word in self._analysis.words(query, self._own(language)):
            df = self._segments.frequency("words", word)
            out.append((word, log(1 + max(chunks - df + 0.5, 0.0) / (df + 0.5)) if df else 0.0))
        return out

    def stems(self, title: str, text: str, *, language: str) -> list[str]:
        """The words of a passage in order, analysed as a query of that language is."""
        return self._analysis.words(self._analysis.indexed(title, text), self._own(language))

    def publish(self) -> None:
        """Write a snapshot of what the view holds now. The caller holds the writer's lock.

        Raises StoreError when the disk refuses; the snapshot before goes on being served.
        """
        names = self._segments.settle()
        manifest = Manifest(
            "lexical",
            self.sequence,
            len(self),
            metric="bm25",
            fingerprint=self._fingerprint,
            lineage=self._lineage,
            details={"rows": self._segments.rows, "last_id": self._last_id},
        )
        files = {name: self._segments.folder / name for name in names}
        self._generations.publish(manifest, files, alone=self._forgotten or bool(self.problems))
        self._changed, self._forgotten, self.problems = 0, False, []

    def verify(self) -> list[str]:
        """Re-read the snapshots on disk; what is not as it was written, one line each."""
        return self._generations.verify()

    def reset(self) -> None:
        """Forget everything; the caller replays the log from 0. The next publication replaces all snapshots."""
        self._segments.close()
        self._start_empty()
        self._forgotten = True

    def close(self) -> None:
        """Stop the writer and remove the working copy."""
        self._segments.close()
        if self._private is not None:
            self._private.close()
            self._private = None

    def _start_empty(self) -> None:
        while True:
            folder = self._fresh_folder()
            try:
                segments = Segments(folder, self._analysis)
                break
            except ValueError:
                if folder is None:
                    raise
                self._places.leave()
        self._use(segments, sequence=0, lineage="", last_id=-1)

    def _use(self, segments: Segments, *, sequence: int, lineage: str, last_id: int) -> None:
        self._segments, self._queries = segments, Queries(segments.schema)
        self._sequence, self._lineage, self._last_id, self._changed = sequence, lineage, last_id, 0

    def _fresh_folder(self) -> Path | None:
        """A working folder in the first place that has room; None for memory."""
        if self._private is not None:
            self._private.close()
        self._private = self._places.folder()
        return None if self._private is None else self._private.path

    def _load(self, generation: Generation) -> bool:
        self._segments.close()
        folder = self._copied(generation)
        if folder is None:
            self._start_empty()
            return True  # nothing is wrong with it: there is no room for a copy, so the rows are replayed into memory
        try:
            segments = Segments(folder, self._analysis)
            if len(segments) != generation.manifest.count:
                raise ValueError(f"tantivy finds {len(segments)} chunks, not {generation.manifest.count}")
        except (OSError, ValueError):
            self._start_empty()
            raise
        manifest = generation.manifest
        last_id = int(manifest.details["last_id"])
        self._use(segments, sequence=manifest.sequence, lineage=manifest.lineage, last_id=last_id)
        return True

    def _copied(self, generation: Generation) -> Path | None:
        """A working copy of a generation, verified, in the first place that has room for it."""
        while True:
            folder = self._fresh_folder()
            if folder is None:
                return None
            try:
                for name in generation.manifest.files:
                    link_or_copy(generation.folder / name, folder / name)
                generation.verify(folder)
                for name in (META, MANAGED):  # the two that tantivy replaces become this process's own
                    data = (folder / name).read_bytes()
                    (folder / name).unlink()
                    (folder / name).write_bytes(data)
                return folder
            except OSError as exc:
                if not refuses(exc):
                    self._start_empty()
                    raise
                self._places.leave()
            except ValueError:
                self._start_empty()
                raise

    def _own(self, language: str) -> str:
        """The analyser for a query: its language's where the index holds that, else the one of most chunks."""
        own, present = self._analysis.name_of(language), self._segments.analyzers
        return own if own in present or not present else present[0]

    def _telling(self, field: str, weights: dict[str, float], share: float, least: int) -> dict[str, float]:
        """Terms that occur, without those in more than `share` of the chunks unless fewer than `least` would remain."""
        df = {term: self._segments.frequency(field, term) for term in weights}
        found = sorted((term for term in weights if df[term]), key=lambda term: df[term])
        rare = [term for term in found if df[term] <= max(RARE, share * len(self))]
        kept = rare if len(rare) >= least else found[:least]
        return {term: weights[term] for term in kept[:MOST_TERMS]}
