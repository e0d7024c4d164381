"""The nouns of ragkit: frozen records that every floor shares, and nothing else.

A `Document` is one source; a `Chunk` a passage of it with exact offsets; a `Hit` a chunk with its scores; a `Citation`
a checked quotation; a `Budget` what may be spent and a `Ledger` what was; an `Answer` the result; events its making.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from typing import Any, Literal

from .errors import ConfigError
from .stopping import StoppingRule

__all__ = [
    "Answer",
    "Budget",
    "Chunk",
    "Citation",
    "Cited",
    "Document",
    "Done",
    "Ended",
    "Event",
    "Hit",
    "Ledger",
    "Metadata",
    "Retrieved",
    "Scalar",
    "Status",
    "Thinking",
    "Token",
    "ToolCall",
    "ToolResult",
    "to_plain",
]

Scalar = str | int | float | bool
Metadata = Mapping[str, Scalar | Sequence[Scalar]]
Ended = Literal["natural", "settled", "forced", "unsupported"]
"""A thought ended by itself, because its answer had settled, at its cap, or could not be capped."""
Status = Literal["answered", "abstained", "exhausted", "failed"]
"""The documents tell; they do not tell; the budget ended before the answer; the model or its server gave none."""


@dataclass(frozen=True, slots=True)
class Document:
    """One source: its text as ragkit read it, and where it came from.

    `pages[i]` is the offset in `text` at which page i+1 starts; empty when the source has no pages. `notes` tell what
    reading it left in doubt or out; they are told when it is added, and not stored.
    """

    id: str
    text: str
    title: str = ""
    source: str = ""
    metadata: Metadata = field(default_factory=dict)
    pages: tuple[int, ...] = ()
    media_type: str = "text/plain"
    language: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: `document.text[start:end] == text`, always. `section` is the path of headings above it.

    `header` is the line that names the columns of the table it begins with or begins in: read with the passage, which
    need not hold it. `page` is the one it starts on, `breaks` the offsets where further ones start. `index` is the one
    it was found in where several were asked; `document_id` then begins with it: "papers:ID".
    """

    id: int
    document_id: str
    ordinal: int
    start: int
    end: int
    text: str
    title: str = ""
    section: tuple[str, ...] = ()
    page: int | None = None
    source: str = ""
    header: str = ""
    breaks: tuple[int, ...] = ()
    index: str = ""

    def page_at(self, offset: int) -> int | None:
        """The page that holds the document's character at `offset`, which the passage holds; None without pages."""
        return None if self.page is None else self.page + bisect_right(self.breaks, offset)


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that a search found. `scores` holds each half's own score, e.g. cosine under ``dense``.

    `context` is the chunk with its neighbours when the search was asked to expand, else empty.
    """

    chunk: Chunk
    score: float
    scores: Mapping[str, float] = field(default_factory=dict)
    metadata: Metadata = field(default_factory=dict)
    context: str = ""

    @property
    def document_id(self) -> str:
        """The id of the document that holds the chunk."""
        return self.chunk.document_id


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact words behind a marker [n]: `quote == document.text[start:end]`. `index`: see `Chunk`."""

    marker: int
    quote: str
    document: str
    document_id: str
    start: int
    end: int
    page: int | None = None
    source: str = ""
    chunk_id: int = 0
    support: float | None = None
    index: str = ""

    @property
    def place(self) -> str:
        """The document as it is shown: its name, behind its index's where several were asked."""
        return f"{self.index}: {self.document}" if self.index else self.document


@dataclass(frozen=True, slots=True)
class Budget:
    """What one answer may spend; None leaves a part to the engine's own limits.

    thinking_tokens: cap on reasoning tokens over the whole answer; 0 answers at once.
    samples: how many answers are drawn. hops: retrieval rounds. answer_tokens: cap per final answer.
    seconds: wall time until the best answer so far is returned. stopping: ends the thought of a single answer before
    its cap, once the answer has settled, where the engine can tell (``budget="auto"`` takes the index's own rule).
    """

    thinking_tokens: int | None = None
    samples: int = 1
    hops: int = 4
    answer_tokens: int = 512
    seconds: float | None = None
    stopping: StoppingRule | None = None

    def __post_init__(self) -> None:
        limits: tuple[tuple[str, float | None, float], ...] = (
            ("thinking_tokens", self.thinking_tokens, 0),
            ("samples", self.samples, 1),
            ("hops", self.hops, 1),
            ("answer_tokens", self.answer_tokens, 1),
            ("seconds", self.seconds, 0),
        )
        for name, value, least in limits:
            try:
                enough = value is None or value >= least
            except TypeError as exc:
                raise ConfigError(f"budget {name}={value!r} is no number; give {least:g} or more") from exc
            if not enough:
                raise ConfigError(f"budget {name}={value} is below {least:g}; give {least:g} or more")

    @classmethod
    def of(cls, value: int | Budget | None) -> Budget:
        """Read what a caller may pass: a Budget, a number of thinking tokens, or None for no cap."""
        return value if isinstance(value, Budget) else cls(thinking_tokens=value)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Budget:
        """Read what `to_plain` made of one; fields of other versions are left out."""
        known = {f.name: plain[f.name] for f in fields(cls) if f.name in plain}
        if known.get("stopping") is not None:
            known["stopping"] = StoppingRule.from_dict(known["stopping"])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What one answer spent, over all hops and samples. `ended` tells how the (last) thought stopped.

    `left_out` counts retrieved passages that did not fit the context window.
    """

    thinking_tokens: int = 0
    answer_tokens: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    samples: int = 0
    hops: int = 0
    tool_calls: int = 0
    left_out: int = 0
    seconds: float = 0.0
    ended: Ended = "natural"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer with its evidence. `str(answer)` is the text with [n] markers, then the sources.

    understood: the question made to stand alone, where a conversation came before it and it leant on that.
    numbered: (n, chunk id) for every chunk behind the passage that the thought calls [n].
    """

    question: str
    text: str
    status: Status
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    ledger: Ledger = field(default_factory=Ledger)
    thinking: str = ""
    unsupported: tuple[str, ...] = ()
    confidence: float | None = None
    model: str = "extractive"
    strategy: str = "extractive"
    trace_id: str = ""
    notes: tuple[str, ...] = ()
    understood: str = ""
    numbered: tuple[tuple[int, int], ...] = ()

    def __str__(self) -> str:
        lines = [self.text]
        if self.citations:
            lines.append("")
        for c in self.citations:
            page = f", page {c.page}" if c.page is not None else ""
            lines.append(f"[{c.marker}] {c.place}{page} ({c.start}-{c.end}): “{c.quote}”")
        return "\n".join(lines)

    def __repr__(self) -> str:
        said = " ".join(self.text.split())
        counts = f"{len(self.citations)} citations, {len(self.hits)} passages"
        return f"<Answer {self.status}: {said if len(said) <= 80 else said[:79] + '…'!r}, {counts}>"

    def _repr_markdown_(self) -> str:
        """The text and its sources as notebooks show them."""
        quotes = [f"> {' '.join(c.quote.split())}" for c in self.citations]
        pages = ["" if c.page is None else f", page {c.page}" for c in self.citations]
        sources = [
            f"**[{c.marker}]** {c.place}{page}\n\n{quote}"
            for c, page, quote in zip(self.citations, pages, quotes, strict=True)
        ]
        return "\n\n".join([self.text, *sources])

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready copy; its keys are stable."""
        plain: dict[str, Any] = to_plain(self)
        return plain


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A search was made; `query` is what was searched for."""

    query: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Thinking:
    """A piece of the thought; `tokens` is how many tokens it took."""

    text: str
    tokens: int
    sample: int = 0


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model asks for a tool."""

    id: str
    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave back; `error` is true when it failed."""

    id: str
    name: str
    text: str
    error: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation was checked and holds."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class Done:
    """The last event: the whole answer."""

    answer: Answer


Event = Retrieved | Thinking | ToolCall | ToolResult | Token | Cited | Done


def to_plain(value: Any) -> Any:
    """Turn records, tuples, mappings and dates into dicts, lists and strings that `json.dumps` takes."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): to_plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_plain(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value
