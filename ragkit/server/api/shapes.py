"""The shapes of ragkit's own API; what is not declared in full are the records of `ragkit.types`, as JSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...asking import FOUND, MAX_K
from ..choices import AllChosen
from ..here import Body

__all__ = [
    "AskRequest",
    "Deleted",
    "IndexInfo",
    "Name",
    "NewIndex",
    "Open",
    "Record",
    "Records",
    "Rename",
    "SearchRequest",
    "Texts",
    "Title",
    "Truncate",
    "VoteRequest",
]

IndexName = Annotated[str, Field(min_length=1, max_length=64, description="letters, digits, spaces, . _ -")]
AskedName = Annotated[str, Field(min_length=1, max_length=400, description='an index, or several as one: "a+b"')]
Name = IndexName


class Open(BaseModel):
    """A record with more fields than are named here."""

    model_config = ConfigDict(extra="allow")


class Record(Open):
    """One record."""


class Records(BaseModel):
    """A list of records."""

    data: list[dict[str, Any]]


class Deleted(BaseModel):
    """What went."""

    deleted: int


class IndexInfo(Open):
    """One index."""

    name: str
    id: str
    documents: int
    chunks: int
    encoder: str


class NewIndex(Body):
    """A new, empty index."""

    name: IndexName


class Rename(Body):
    """Another name for an index."""

    name: IndexName


class Text(Body):
    """One document given as text; a second one with the same id replaces the first."""

    model_config = ConfigDict(extra="forbid")
    text: str
    id: str | None = Field(None, min_length=1, max_length=400)
    title: str = Field("", max_length=1000)
    metadata: dict[str, str | int | float | bool] = {}


class Texts(Body):
    """Documents given as text."""

    documents: list[Text] = Field(min_length=1, max_length=10_000)


class SearchRequest(Body):
    """A search without an answer."""

    index: AskedName
    query: str
    k: int = Field(FOUND, description=f"passages that are shown: 1 to max_k ({MAX_K})")
    mode: Literal["hybrid", "dense", "lexical"] = "hybrid"
    where: dict[str, Any] | None = None
    expand: int = Field(0, ge=0, le=10, description="neighbours of a hit on both sides, into `context`")


class AskRequest(AllChosen):
    """A question, and what is chosen for its answer."""

    index: AskedName
    question: str
    conversation: str | None = Field(None, max_length=64)
    remember: bool = False


class Title(Body):
    """Another title for a conversation."""

    title: str = Field(min_length=1, max_length=1000)


class Truncate(Body):
    """How many turns stay."""

    keep: int = Field(ge=0, le=10**6)


class VoteRequest(Body):
    """1 good, -1 bad, 0 takes the vote back."""

    value: Literal[-1, 0, 1]
    comment: str = Field("", max_length=2000)
