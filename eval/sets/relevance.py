"""Which document a question's `relevant` names: by its id, its path or the end of it, or as citations print it."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from ragkit.errors import EvalError

from .reading import Question

__all__ = ["Named", "check_relevant", "gold_name", "names_of"]

TOLD = 3  # names that are told of, at most
CANDIDATES = 20_000  # names that are looked through for the nearest ones


class Named(Protocol):
    """A document as an index lists it."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def source(self) -> str: ...


def names_of(id: str, title: str = "", source: str = "") -> list[str]:
    """All that a document may be called by, the surest first: id, ends of its path, title.

    >>> names_of("/home/ann/papers/moe.pdf", "Mixtures of experts")
    ['/home/ann/papers/moe.pdf', 'home/ann/papers/moe.pdf', 'ann/papers/moe.pdf', 'papers/moe.pdf', 'moe.pdf', \
'Mixtures of experts']
    """
    names = [id, *([id.rpartition("#")[2]] if "#" in id else [])]  # a row's own id within its file
    for path in (id, source):
        parts = path.replace("\\", "/").split("/")
        names += ["/".join(parts[at:]) for at in range(len(parts))]
    return [name for name in dict.fromkeys(map(_plain, [*names, title])) if name]


def gold_name(gold: Collection[str], id: str, title: str = "", source: str = "") -> str:
    """The name among `gold` that means the document, else its id."""
    known = {_plain(name): name for name in gold}
    return next((known[name] for name in names_of(id, title, source) if name in known), id)


def check_relevant(questions: Sequence[Question], documents: Iterable[Named], index: str) -> None:
    """Raise EvalError where a question names a document that the index does not hold, with the nearest names."""
    if not any(question.relevant for question in questions):
        return
    known: dict[str, str] = {}
    for document in documents:
        names = names_of(document.id, document.title, document.source)
        known |= dict.fromkeys(names, document.title or document.id)
    missing = [(q.id, name) for q in questions for name in q.relevant if _plain(name) not in known]
    if not missing:
        return
    candidates = [name for name in known if "/" not in name][:CANDIDATES] or list(known)[:CANDIDATES]
    told = []
    for question, name in missing[:TOLD]:
        near = difflib.get_close_matches(_plain(name).rsplit("/", 1)[-1], candidates, n=3, cutoff=0.5)
        hint = f" (nearest: {', '.join(map(repr, near))})" if near else ""
        told.append(f"question {question!r}: {name!r}{hint}")
    more = f"; and {len(missing) - TOLD} more" if len(missing) > TOLD else ""
    raise EvalError(
        f'index {index!r} holds no document of the name that "relevant" gives: {"; ".join(told)}{more}; '
        "name it by its id, its path, its file's name or as citations print it"
    )


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()
