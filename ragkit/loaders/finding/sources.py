"""What a user names (paths, folders, globs, URLs, "-", records) as a list of single sources with stable ids.

The id of a file is its absolute path with the links of its folder resolved: adding ``docs/``, ``./docs`` from
elsewhere, or ``docs/a.md`` alone gives ``a.md`` the same id every time, and two folders that both hold a ``README.md``
never overwrite each other. The id of a URL is the URL, of a record its own id, else a hash of its text.
"""

# ruff: noqa: PTH100, PTH111, PTH112, PTH118, PTH119, PTH120, PTH207
# Paths stay text here: they are shown and matched as the user spelled them.

from __future__ import annotations

import glob
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import cast
from urllib.parse import urldefrag, urlsplit

from ...errors import NotFoundError, UsageError
from ...types import Document
from ..formats import is_junk
from ..parsed import clean
from .source import RecordValue, Source
from .walking import file, refused, walk
from .wanted import Wanted

__all__ = ["Source", "discover", "discover_folder"]

_SCHEME = re.compile(r"^(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://")


def discover(sources: object, *, allow_urls: bool = False) -> Iterator[Source]:
    """The single sources behind what a user named, folders in the order of their names, no file twice.

    sources: paths, folders (walked; hidden files and junk left out), globs, "-" for stdin, URLs (if allowed), dicts
    {"id","title","text","metadata"}, ragkit Documents, LangChain Documents, a `Source` as it is. A lone one need not be
    in a list.
    Raises NotFoundError for a missing path and UsageError for an empty folder or glob, before the first is yielded.
    """
    lone = isinstance(sources, (str, os.PathLike, Mapping, Document)) or hasattr(sources, "page_content")
    named = [sources] if lone else cast("Iterable[object]", sources)
    found = [_expand(source, allow_urls=allow_urls) for source in named]
    return _unrepeated(chain.from_iterable(found))


def discover_folder(folder: str | os.PathLike[str], wanted: Wanted) -> Iterator[Source]:
    """The wanted files below a folder, in the order of their names; none is no error.

    Raises NotFoundError for a missing folder, UsageError for what is no folder, before the first is yielded.
    """
    name = os.path.normpath(os.path.expanduser(os.fspath(folder)))
    if not os.path.lexists(name):
        raise NotFoundError(f"{name} does not exist; check the path")
    if not os.path.isdir(name):
        raise UsageError(f"{name} is no folder; add files with `ragkit add`")
    return walk(name, wanted)


def _unrepeated(sources: Iterator[Source]) -> Iterator[Source]:
    seen: set[str] = set()
    for source in sources:
        if source.kind == "record":
            yield source
        elif source.id not in seen:
            seen.add(source.id)
            yield source


def _expand(source: object, *, allow_urls: bool) -> Iterator[Source]:
    """Check one named source now; list what is behind it lazily."""
    if isinstance(source, Source):
        return iter([source])
    if isinstance(source, (Mapping, Document)):
        return iter([_record(source)])
    text, metadata = getattr(source, "page_content", None), getattr(source, "metadata", None)
    if isinstance(text, str) and isinstance(metadata, Mapping):  # a LangChain Document, known by its shape
        rest = dict(metadata)
        stated = {name: rest.pop(name) for name in ("source", "title") if isinstance(rest.get(name), str)}
        return iter([_record({"id": getattr(source, "id", None), "text": text, "metadata": rest, **stated})])
    if not isinstance(source, (str, os.PathLike)):
        raise UsageError(
            f"a source of type {type(source).__name__} cannot be read; give a path, a URL, a dict or a Document"
        )
    name = os.fspath(source)
    if not isinstance(name, str) or not name or "\x00" in name:
        raise UsageError(f"{name!r} is no path; give a file, a folder, a glob, a URL, or - for stdin")
    if name == "-":
        return iter([Source("stdin", "stdin", "stdin")])
    scheme = _SCHEME.match(name)
    if scheme:
        return iter([_url(name, scheme["scheme"].lower(), allow_urls=allow_urls)])
    return _path(os.path.expanduser(name))


def _record(value: RecordValue) -> Source:
    given = value.id if isinstance(value, Document) else value.get("id")
    text = value.text if isinstance(value, Document) else value.get("text", value.get("page_content"))
    origin = value.source if isinstance(value, Document) else value.get("source")
    origin = clean(origin) if isinstance(origin, str) else ""
    if isinstance(given, (str, int)) and not isinstance(given, bool) and clean(str(given)).strip():
        own = clean(str(given)).strip()
    else:
        own = "record:" + hashlib.sha256(f"{origin}\0{text}".encode("utf-8", "replace")).hexdigest()[:16]
    return Source(own, "record", origin or own, size=len(text) if isinstance(text, str) else None, record=value)


def _url(name: str, scheme: str, *, allow_urls: bool) -> Source:
    if scheme not in ("http", "https"):
        raise UsageError(f"{name}: {scheme} addresses are not read; give http or https, or a path")
    if not allow_urls:
        raise UsageError(f"{name}: URLs are not fetched unless you allow it; add --allow-urls (allow_urls=True)")
    try:
        host = urlsplit(name).hostname
    except ValueError as exc:
        raise UsageError(f"{name} is no address ({exc})") from exc
    if not host:
        raise UsageError(f"{name} names no host; give a whole address, like https://example.com/page")
    address = urldefrag(name).url
    return Source(address, "url", address)


def _path(name: str) -> Iterator[Source]:
    path = os.path.normpath(name)
    if os.path.isdir(path):
        return _first_of(walk(path), f"{name} is a folder without documents; add files to it, or name another")
    if os.path.lexists(path):
        return iter([file(path, os.path.realpath(os.path.dirname(path) or "."))])
    if glob.has_magic(name):
        matches = sorted(match for match in glob.glob(name, recursive=True) if not is_junk(os.path.basename(match)))
        return _first_of(
            _matches(matches, _fixed_part(name)),
            f"{name} matches no document; check the pattern and quote it from the shell",
        )
    raise NotFoundError(f"{name} does not exist; check the path")


def _first_of(found: Iterator[Source], empty: str) -> Iterator[Source]:
    first = next(found, None)
    if first is None:
        raise UsageError(empty)
    return chain([first], found)


def _fixed_part(pattern: str) -> str:
    """The folder that a pattern names before its first wildcard: what it matches is in there.

    >>> _fixed_part("docs/*/a*.md"), _fixed_part("*.md")
    ('docs', '.')
    """
    folder = os.path.dirname(pattern)
    while glob.has_magic(folder):
        folder = os.path.dirname(folder)
    return folder or "."


def _matches(paths: list[str], base: str) -> Iterator[Source]:
    """What a glob matched, read as the folder `base` would be: no link to a folder is followed, none leads out."""
    root = os.path.realpath(base)
    for path in map(os.path.normpath, paths):
        folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
        real_folder = os.path.normpath(os.path.join(root, os.path.relpath(folder, base)))
        if real_folder != os.path.realpath(folder):
            yield refused(path, os.path.abspath(path), "it is behind a link to a folder; add that by its own name")
        elif folder == path:
            yield from walk(path)
        else:
            yield file(path, real_folder, root=root)
