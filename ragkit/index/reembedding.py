"""All passages of an index embedded by another encoder, beside the vectors in use, until they are switched to."""

from __future__ import annotations

from ..embedding import EncoderLike
from ..store import IndexRecord, Store
from ..text.language import detect_language
from .ingest import embed_text
from .trust import WHOLE, Trust, head

__all__ = ["stage_all"]


def stage_all(store: Store, record: IndexRecord, encoder: EncoderLike) -> None:
    """Stage a vector of each passage, and keep what is learnt of the encoder's languages. The caller holds the lock."""
    trust = Trust(encoder)
    for ids, texts, titles in store.live_chunks(record.id, batch=512):
        languages = [detect_language(text) for text in texts]
        trust.take([*zip(languages, texts, strict=True)])
        read = [
            embed_text(title, text) if trust.of(language, text) >= WHOLE else head(embed_text(title, text))
            for language, title, text in zip(languages, titles, texts, strict=True)
        ]
        store.stage_vectors(record.id, encoder.fingerprint, ids, encoder.encode(read))
    store.set_settings(record.id, {**store.index(record.name).settings, "trust": trust.to_settings()})
