"""The reader of a name: the one that ships, the plain threshold, or any model of two texts."""

from __future__ import annotations

from functools import lru_cache

from ..embedding import EncoderLike
from .answers import AnswerReader, Reader
from .by_evidence import EvidenceReader
from .named import NamedReader

__all__ = ["OFF", "SHIPPED", "reader_of"]

SHIPPED, OFF = "ragkit", "off"


def reader_of(name: str, encoder: EncoderLike) -> Reader:
    """`ragkit` or "": the one that ships; `off`: the threshold; else a model of the hub or a folder.

    Raises NotFoundError for a model that is not there.
    """
    if name in ("", SHIPPED):
        return AnswerReader(encoder)
    return EvidenceReader(encoder) if name == OFF else _named(name)


@lru_cache(maxsize=1)
def _named(name: str) -> NamedReader:
    return NamedReader(name)
