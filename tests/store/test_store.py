"""The store's promises, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ragkit.errors import IndexMismatchError, NotFoundError, UsageError
from ragkit.store import IndexRecord, NewDocument, Put, Store
from ragkit.text.chunking import Passage
from ragkit.types import Document

from .samples import passages_of, put, vectors_of

STORABLE = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


class TestIndexes:
    def test_record_survives_reopening(self, url: str) -> None:
        first = Store(url)
        made = first.create_index("Отпуск 2026", encoder="e", fingerprint="f", dim=3, chunker="7")
        first.set_settings(made.id, {"budget": 512})
        first.close()
        again = Store(url)
        found = again.index("Отпуск 2026")
        again.close()
        assert (found.id, found.encoder, found.fingerprint, found.dim, found.chunker) == (made.id, "e", "f", 3, "7")
        assert found.settings == {"budget": 512}
        assert found.created_at == made.created_at
        assert found.sequence == 0

    def test_taken_name_is_refused(self, store: Store, index: IndexRecord) -> None:
        with pytest.raises(UsageError, match="'handbook' exists"):
            store.create_index("handbook", encoder="e", fingerprint="f", dim=3, chunker="1")
        other = store.create_index("other", encoder="e", fingerprint="f", dim=3, chunker="1")
        with pytest.raises(UsageError, match="'handbook' exists"):
            store.rename_index("other", "handbook")
        assert store.rename_index("other", "third").id == other.id

    def test_unknown_name_lists_the_known(self, store: Store, index: IndexRecord) -> None:
        with pytest.raises(NotFoundError, match="there are: handbook"):
            store.index("handbok")

    def test_dropped_index_takes_its_rows_along(self, store: Store, index: IndexRecord) -> None:
        other = store.create_index("other", encoder="e", fingerprint="f", dim=4, chunker="1")
        put(store, other.id, "keep")
        chunk = put(store, index.id, "a").chunk_ids[0]
        assert store.drop_index("handbook").id == index.id
        assert store.chunks([chunk]) == {}
        assert store.counts(index.id) == (0, 0)
        assert store.counts(other.id) == (1, 2)
        with pytest.raises(NotFoundError):
            store.sequence(index.id)
        with pytest.raises(NotFoundError):
            put(store, index.id, "late")


class TestPut:
    def test_document_comes_back_whole(self, store: Store, index: IndexRecord) -> None:
        text = "Ferien: 30 Tage.\nОтпуск — 28 дней. 🏖"
        meta: dict[str, str | int | float | bool] = {"team": "ops", "year": 2026, "share": 0.1, "open": True}
        document = Document("d", text, "T", "docs/d.md", meta, (0, 17), "text/markdown", "de")
        passages = [Passage(0, 16, text[:16], ("A", "B"), 1), Passage(17, len(text), text[17:], (), 2)]
        done = store.put(index.id, document, passages, vectors_of(passages), content_hash="h")
        assert store.document(index.id, "d") == document
        assert done.sequence == store.sequence(index.id) == 1
        assert done.removed == ()
        first, second = (store.chunks(done.chunk_ids)[i].chunk for i in done.chunk_ids)
        assert (first.start, first.end, first.text, first.section, first.page) == (0, 16, text[:16], ("A", "B"), 1)
        assert (second.ordinal, second.document_id, second.title, second.source) == (1, "d", "T", "docs/d.md")
        assert store.chunks(done.chunk_ids)[done.chunk_ids[0]].metadata == meta
        assert store.document_chunks(index.id, "d") == [first, second]
        row = store.documents(index.id)[0]
        assert (row.chunks, row.characters, row.metadata) == (2, len(text), meta)

    def test_new_version_replaces_the_old(self, store: Store, index: IndexRecord) -> None:
        old = put(store, index.id, "a", "one version of ten")
        put(store, index.id, "b")
        new = put(store, index.id, "a", "another version")
        assert new.removed == old.chunk_ids
        assert min(new.chunk_ids) > max(old.chunk_ids)
        assert store.document(index.id, "a").text == "another version"
        assert [row.id for row in store.documents(index.id)] == ["a", "b"]
        assert store.counts(index.id) == (2, 4)
        assert store.content_hashes(index.id).keys() == {"a", "b"}
        assert store.check(index.id) == []

    def test_refused_put_leaves_no_trace(self, store: Store, index: IndexRecord) -> None:
        put(store, index.id, "a", "the first text")
        passages = passages_of("the second text")
        with pytest.raises(IndexMismatchError, match=r"\(2, 4\)"):
            store.put(index.id, Document("a", "the second text"), passages, vectors_of(passages, 5), content_hash="x")
        assert store.document(index.id, "a").text == "the first text"
        assert store.sequence(index.id) == 1

    def test_documents_put_together_are_numbered_apart(self, store: Store, index: IndexRecord) -> None:
        some = [
            NewDocument(Document(name, text), passages_of(text), vectors_of(passages_of(text)), "h")
            for name, text in (("a", "first"), ("b", "second one is longer"), ("a", "first again"))
        ]
        done = store.put_all(index.id, some)
        assert [p.sequence for p in done] == [1, 2, 3]
        assert done[2].removed == done[0].chunk_ids
        assert store.put_all(index.id, []) == []
        assert store.counts(index.id) == (2, 4)

    def test_documents_put_together_go_in_together_or_not_at_all(self, store: Store, index: IndexRecord) -> None:
        good = NewDocument(Document("a", "good"), passages_of("good"), vectors_of(passages_of("good")), "h")
        bad = NewDocument(Document("b", "bad"), passages_of("bad"), vectors_of(passages_of("bad"), 5), "h")
        with pytest.raises(IndexMismatchError):
            store.put_all(index.id, [good, bad])
        assert store.counts(index.id) == (0, 0)
        assert store.sequence(index.id) == 0

    @pytest.mark.parametrize(
        ("document", "says"),
        [
            (Document("a", "x\ud800y"), r"half a surrogate pair \(U\+D800\) at character 1"),
            (Document("a", "x\0y"), "NUL"),
            (Document("", "text"), "empty id"),
            (Document("a", "text", metadata={"n": float("nan")}), "finite"),
            (Document("a", "text", metadata={"n": 2**63}), "64 bits"),
            (Document("a", "text", metadata={"n": [["a"]]}), "only text, numbers and booleans"),  # type: ignore[list-item]
        ],
    )
    def test_what_cannot_be_stored_is_refused(
        self, store: Store, index: IndexRecord, document: Document, says: str
    ) -> None:
        with pytest.raises(UsageError, match=says):
            store.put(index.id, document, [], np.empty((0, 4), np.float32), content_hash="h")
        assert store.counts(index.id) == (0, 0)

    def test_passage_must_be_its_span(self, store: Store, index: IndexRecord) -> None:
        with pytest.raises(UsageError, match="passage 0"):
            store.put(
                index.id, Document("a", "abc"), [Passage(0, 2, "xy")], np.ones((1, 4), np.float32), content_hash="h"
            )

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        text=STORABLE.filter(bool),
        title=STORABLE,
        metadata=st.dictionaries(
            STORABLE,
            STORABLE | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15),
        ),
    )
    def test_any_text_comes_back(
        self, store: Store, index: IndexRecord, text: str, title: str, metadata: dict[str, str]
    ) -> None:
        put(store, index.id, "d", text, title=title, metadata=metadata)
        found = store.document(index.id, "d")
        assert (found.text, found.title, found.metadata) == (text, title, metadata)
        assert [c.text for c in store.document_chunks(index.id, "d")] == [p.text for p in passages_of(text)]


class TestDelete:
    def test_deleted_documents_are_gone(self, store: Store, index: IndexRecord) -> None:
        a, b = put(store, index.id, "a"), put(store, index.id, "b")
        done = store.delete(index.id, ["a", "nobody", "a"])
        assert (done.sequence, done.documents, done.removed) == (3, 1, a.chunk_ids)
        assert store.chunks([*a.chunk_ids, *b.chunk_ids]).keys() == set(b.chunk_ids)
        with pytest.raises(NotFoundError, match="'a'"):
            store.document(index.id, "a")

    def test_deleting_nothing_is_no_change(self, store: Store, index: IndexRecord) -> None:
        put(store, index.id, "a")
        assert store.delete(index.id, ["nobody"]).sequence == 1
        assert store.sequence(index.id) == 1

    def test_chunk_ids_are_not_used_again(self, store: Store, index: IndexRecord) -> None:
        old = put(store, index.id, "a").chunk_ids
        store.delete(index.id, ["a"])
        assert min(put(store, index.id, "a").chunk_ids) > max(old)


class TestReading:
    def test_documents_are_listed_in_pages(self, store: Store, index: IndexRecord) -> None:
        for name in "abcde":
            put(store, index.id, name, source=f"docs/{name}.md", metadata={"vowel": name in "ae"})
        assert [r.id for r in store.documents(index.id, limit=2, offset=1)] == ["b", "c"]
        assert [r.id for r in store.documents(index.id, source="docs/d.md")] == ["d"]
        assert [r.id for r in store.documents(index.id, where={"vowel": True})] == ["a", "e"]
        assert [r.id for r in store.documents(index.id, offset=4)] == ["e"]


class TestChanges:
    def test_replay_gives_the_live_chunks(self, store: Store, index: IndexRecord) -> None:
        put(store, index.id, "a", "first text", title="A", language="en")
        old = put(store, index.id, "b", "bbbbbbbbbbBBB")
        put(store, index.id, "b", "new b")
        (batch,) = store.changes(index.id, 0)
        assert batch.sequence == 3
        assert batch.texts == ["first text", "new b"]
        assert (batch.titles, batch.languages) == (["A", ""], ["en", ""])
        assert batch.deleted.tolist() == list(old.chunk_ids)
        np.testing.assert_allclose(
            batch.vectors, vectors_of(passages_of("first text") + passages_of("new b")), atol=1e-3
        )
        np.testing.assert_allclose(np.linalg.norm(batch.vectors, axis=1), 1, atol=1e-6)
        assert list(store.changes(index.id, 3)) == []

    @pytest.mark.parametrize("size", [1, 2, 3, 100])
    def test_batches_hold_whole_changes(self, store: Store, index: IndexRecord, size: int) -> None:
        for number in range(4):
            put(store, index.id, f"d{number}", "0123456789" * (number + 1))
        store.delete(index.id, ["d0"])
        seen: list[int] = []
        after = 0
        for batch in store.changes(index.id, 0, batch=size):
            assert batch.sequence > after
            known = [c.id for n in range(4) for c in store.document_chunks(index.id, f"d{n}") if after < n + 1]
            assert set(batch.ids.tolist()) <= set(known)
            seen += batch.ids.tolist()
            after = batch.sequence
            assert not set(seen) & {i for b in store.changes(index.id, after) for i in b.ids.tolist()}
        assert after == 5
        assert len(seen) == len(set(seen)) == 9

    def test_many_chunks_are_streamed_in_little_memory(self, store: Store, index: IndexRecord) -> None:
        text = "0123456789" * 100
        for number in range(30):
            put(store, index.id, f"d{number}", text)
        list(store.changes(index.id, 29))  # what is prepared once
        tracemalloc.start()
        total = sum(len(batch) for batch in store.changes(index.id, 0, batch=100))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert total == 3000
        assert peak < 1_500_000

    def test_float32_is_kept_exactly(self, url: str) -> None:
        store = Store(url, precision="float32")
        index = store.create_index("exact", encoder="e", fingerprint="f", dim=4, chunker="1")
        put(store, index.id, "a")
        (batch,) = store.changes(index.id, 0)
        store.close()
        mixed = Store(url)
        put(mixed, index.id, "b")
        (both,) = mixed.changes(index.id, 0)
        mixed.close()
        assert np.array_equal(batch.vectors, vectors_of(passages_of("ten chars!ten more…!")))
        np.testing.assert_allclose(both.vectors[:2], both.vectors[2:], atol=1e-3)


class TestReembedding:
    def test_switch_replaces_every_vector(self, store: Store, index: IndexRecord) -> None:
        put(store, index.id, "a")
        put(store, index.id, "b", "another one, longer")
        for ids, texts, titles in store.live_chunks(index.id, batch=3):
            assert len(ids) == len(texts) == len(titles)
            store.stage_vectors(index.id, "f2", ids, np.eye(6, dtype=np.float32)[: len(ids)])
        assert next(store.changes(index.id, 0)).vectors.shape == (4, 4)
        assert store.switch_encoder(index.id, encoder="big", fingerprint="f2", dim=6) == 3
        record = store.index("handbook")
        assert (record.encoder, record.fingerprint, record.dim, record.sequence) == ("big", "f2", 6, 3)
        (batch,) = store.changes(index.id, 0)
        np.testing.assert_array_equal(batch.vectors, np.eye(6)[[0, 1, 2, 0]])
        assert store.check(index.id) == []

    def test_switch_is_refused_while_a_vector_is_missing(self, store: Store, index: IndexRecord) -> None:
        ids = put(store, index.id, "a").chunk_ids
        store.stage_vectors(index.id, "f2", np.array(ids), np.eye(6, dtype=np.float32)[:2])
        put(store, index.id, "b", "late")
        with pytest.raises(IndexMismatchError, match="1 chunks have no vector"):
            store.switch_encoder(index.id, encoder="big", fingerprint="f2", dim=6)
        assert store.index("handbook").fingerprint == "f1"
        assert store.sequence(index.id) == 2

    def test_reader_of_the_old_encoder_is_told(self, store: Store, index: IndexRecord) -> None:
        for name in "abc":
            put(store, index.id, name, "0123456789")
        reading = store.changes(index.id, 0, batch=2)
        next(reading)
        for ids, _, _ in store.live_chunks(index.id):
            store.stage_vectors(index.id, "f2", ids, np.eye(6, dtype=np.float32)[: len(ids)])
        store.switch_encoder(index.id, encoder="big", fingerprint="f2", dim=6)
        with pytest.raises(IndexMismatchError, match="open it again"):
            next(reading)


class TestTogether:
    def test_writers_share_the_numbers_without_gaps(self, url: str, store: Store, index: IndexRecord) -> None:
        """Four threads on two stores: every number is given once, and ids grow with the numbers."""
        other = Store(url)

        def write(mine: Store, who: int) -> list[Put]:
            return [put(mine, index.id, f"{who}-{n}") for n in range(5)]

        with ThreadPoolExecutor(4) as pool:
            done = [p for some in pool.map(write, [store, other, store, other], range(4)) for p in some]
        other.close()
        assert sorted(p.sequence for p in done) == list(range(1, 21))
        ordered = [i for p in sorted(done, key=lambda p: p.sequence) for i in p.chunk_ids]
        assert ordered == sorted(ordered)
        assert store.sequence(index.id) == 20
        assert store.check(index.id) == []

    def test_readers_see_whole_documents_only(self, store: Store, index: IndexRecord) -> None:
        put(store, index.id, "a", "0" * 30)
        stop, torn = threading.Event(), []

        def read() -> None:
            while not stop.is_set():
                chunks = store.document_chunks(index.id, "a")
                if len(chunks) != 3 or len({c.text for c in chunks}) != 1:
                    torn.append(chunks)

        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        for number in range(20):
            put(store, index.id, "a", str(number % 10) * 30)
        stop.set()
        for reader in readers:
            reader.join()
        assert torn == []
