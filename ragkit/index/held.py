"""What an index holds while it is open: its record, encoder, store and views, and the right to write."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from ..config import settings
from ..embedding import EncoderLike
from ..errors import IndexMismatchError, NotFoundError, StoreError, UsageError
from ..store import IndexRecord, Store, check_index_name, writer_lock
from ..text.chunking import CHUNKER_VERSION
from ..views.base import check_view
from .live import LiveViews, is_behind
from .opening import absent, encoder_named, is_made, open_store

__all__ = ["HeldIndex"]


class HeldIndex:
    """An index as it is opened, read and closed; `Index` is what is done with it, and tells of the arguments."""

    def __init__(
        self,
        name: str | None = None,
        *,
        home: str | Path | None = None,
        encoder: str | EncoderLike | None = None,
        reranker: str | None = None,
        view: str | None = None,
        factory: str | None = None,
        must_exist: bool = False,
    ) -> None:
        self._config = settings(home=home, reranker=reranker, view=f"faiss:{factory}" if factory else view)
        check_view(self._config.view)
        self.name = check_index_name(name if name is not None else self._config.index)
        self._asked_encoder = encoder
        if encoder is None and "encoder" in self._config.model_fields_set:
            self._asked_encoder = self._config.encoder
        self._opened_encoder: EncoderLike | None = None
        self._live: LiveViews | None = None
        self._closed = False
        self._opening = threading.Lock()  # of `live`: threads that ask at once share one pair of views
        self._record = self._find()
        if self._record is None and must_exist:
            raise absent(self._config, self.name)

    @cached_property
    def _store(self) -> Store:
        if not is_made(self._config):
            raise absent(self._config, self.name)
        return open_store(self._config)

    def _find(self) -> IndexRecord | None:
        known = self._store.indexes() if is_made(self._config) else []
        return next((r for r in known if r.name == self.name), None)

    @property
    def encoder(self) -> EncoderLike:
        """The encoder of this index, loaded on first use. Raises IndexMismatchError if another one was asked for."""
        if self._opened_encoder is None:
            asked = self._asked_encoder
            if asked is None:
                asked = self._record.encoder if self._record else self._config.encoder
            encoder = self._chosen(asked)
            if self._record is not None and encoder.fingerprint != self._record.fingerprint:
                raise self._mismatch(self._record, encoder)
            self._opened_encoder = encoder
        return self._opened_encoder

    @staticmethod
    def _chosen(encoder: str | EncoderLike) -> EncoderLike:
        return encoder_named(encoder) if isinstance(encoder, str) else encoder

    def _mismatch(self, record: IndexRecord, encoder: EncoderLike) -> IndexMismatchError:
        return IndexMismatchError(
            f"index {self.name!r} was embedded by {record.encoder!r}, not by {encoder.name!r}; open it "
            f"without an encoder, or re-embed it: ragkit repair {self.name} --encoder {encoder.name}"
        )

    @property
    def record(self) -> IndexRecord:
        """The stored record. Raises NotFoundError where there is no such index (yet)."""
        if self._record is None:
            self._record = self._find()
        if self._record is None:
            raise absent(self._config, self.name)
        return self._record

    def create(self) -> IndexRecord:
        """Make the index, empty, unless there is one already; the record in either case."""
        self._record = self._record or self._find()
        if self._record is None:
            encoder, store = self.encoder, open_store(self._config)
            try:
                made = store.create_index(
                    self.name,
                    encoder=encoder.name,
                    fingerprint=encoder.fingerprint,
                    dim=encoder.dim,
                    chunker=CHUNKER_VERSION,
                )
            except UsageError:  # another was faster; what else is wrong with the name was told when it was given
                made = store.index(self.name)
                if made.fingerprint != encoder.fingerprint:
                    raise self._mismatch(made, encoder) from None
            self._record = made
        return self._record

    @property
    def recommended_budget(self) -> int | None:
        """Thinking tokens that the last `ragkit eval sweep --write-config` recommended for this index; None: none."""
        return None if self._record is None else self._record.recommended_budget

    @property
    def folder(self) -> Path:
        """Where the views and the writer's lock of this index live; made by the first that writes there."""
        return self._config.home / self.record.id

    @property
    def live(self) -> LiveViews:
        """The search views, opened on first use. Raises UsageError once the index is closed."""
        with self._opening:
            self._check_open()
            if self._live is None:
                self._live = LiveViews(self._store, self.record, self.folder, view=self._config.view)
            return self._live

    @property
    def behind(self) -> tuple[str, ...]:
        """This index's name where it was read anew into memory, which takes a while; `repair` keeps it."""
        return (self.name,) if self.live.behind else ()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """The right to write to this index, which is still in the store.

        Raises IndexLockedError, NotFoundError when it was dropped, StoreError for a folder that cannot be made.
        """
        self._check_open()
        folder = self.folder
        self._store.state(self.record.id)  # before a folder is made for what was dropped
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreError(f"{folder} cannot be made: {exc.strerror}; set RAGKIT_HOME elsewhere") from exc
        with writer_lock(folder, self.name):
            try:
                self._store.state(self.record.id)
            except NotFoundError:  # dropped while the lock was waited for
                shutil.rmtree(folder, ignore_errors=True)
                raise
            yield

    def _check_open(self) -> None:
        if self._closed:
            raise UsageError(f"index {self.name!r} is closed; open it again: Index({self.name!r})")

    def _publish_since(self, before: int) -> None:
        """Write the search views anew where there was a change, or where an interrupted run left many unwritten."""
        self._record = self._find()
        changed = self._store.sequence(self.record.id) != before
        if changed or is_behind(self._store, self.record.id, self.folder):
            self.live.publish()

    def close(self) -> None:
        """Release the views, once the searches that use them have ended. A closed index answers no more."""
        self._closed = True
        self._release(f"index {self.name!r} is closed; open it again: Index({self.name!r})")

    def _release(self, why: str) -> None:
        with self._opening:
            live, self._live = self._live, None
        if live is not None:
            live.close(why)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Index({self.name!r}, home={str(self._config.home)!r})"
