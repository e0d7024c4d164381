"""What the store hands to its views: one batch of its log, as plain arrays.

A view that stands at sequence s asks the store for everything after s, applies each batch in order, and then stands at
the store's sequence. Additions are live rows only; deletions name ids that may or may not be known to the view.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .errors import UsageError
from .types import Metadata

__all__ = ["Changes", "FloatArray", "IdArray", "above"]

FloatArray = npt.NDArray[np.float32]
IdArray = npt.NDArray[np.int64]


def _no_ids() -> IdArray:
    return np.empty(0, np.int64)


def above(title: str, header: str, text: str) -> str:
    """What is read above a passage though it stands elsewhere: its document's title, its table's column names."""
    header = "" if text.startswith(header) else header
    return f"{title}\n{header}" if title and header else title or header


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """Rows added and ids deleted since the batch before; applied, a view stands at `sequence`.

    ids: int64, shape (n,), strictly increasing. vectors: float32, shape (n, dim), rows of unit length.
    texts, titles, languages: n each; a title is what `above` gives, a language an ISO 639-1 code or "".
    deleted: int64, shape (m,).
    lineage: the store's mark of the change `sequence`, by which a view knows its history again.
    metadata: of each row's document, for views that filter by themselves; n of them, or none where it was not read.
    """

    sequence: int
    ids: IdArray = field(default_factory=_no_ids)
    vectors: FloatArray = field(default_factory=lambda: np.empty((0, 0), np.float32))
    texts: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    deleted: IdArray = field(default_factory=_no_ids)
    lineage: str = ""
    metadata: list[Metadata] = field(default_factory=list)

    def __post_init__(self) -> None:
        n = len(self.ids)
        for name in ("vectors", "texts", "titles", "languages"):
            if len(getattr(self, name)) != n:
                raise UsageError(f"changes hold {n} ids but {len(getattr(self, name))} {name}; give one for each id")
        if len(self.metadata) not in (0, n):
            raise UsageError(f"changes hold {n} ids but metadata of {len(self.metadata)}; give it for each id or none")
        if n > 1 and not bool(np.all(np.diff(self.ids) > 0)):
            raise UsageError("the ids of changes are not strictly increasing; sort them and drop repeats")

    def __len__(self) -> int:
        return len(self.ids)
