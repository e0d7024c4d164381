"""Which parser reads a file: by its name, by a content type, or by its first bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from ..catalogue import LOADERS

__all__ = [
    "DOCX", "TEXT", "Format", "binary_kind", "format_of_content", "format_of_name", "format_of_type", "is_aside",
    "is_junk",
]  # fmt: skip

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
DOCX = _OPEN_XML + "wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class Format:
    """`parser`: the worker's function; "" when there is none and `refusal` says what to do instead.

    Another package's is "module:function@folder", the folder that it is installed in.
    `media_type` is what the stored text is: HTML and Word files become Markdown on their way in.
    """

    parser: str
    media_type: str = ""
    refusal: str = ""


TEXT = Format("text", "text/plain")
_HTML = Format("html", "text/markdown")
_JSON = Format("json", "application/json")
_XML = Format("xml", "text/plain")
_PDF = Format("pdf", "application/pdf")
_DOCX = Format("docx", "text/markdown")
_XLSX = Format("xlsx", "text/markdown")
_PPTX = Format("pptx", "text/markdown")
_ODF = Format("odf", "text/markdown")
_EPUB = Format("epub", "text/markdown")
_MAIL = Format("mail", "text/plain")
_CAPTIONS = Format("captions", "text/plain")
_ZIP = Format("zip", "text/plain")
_TAR = Format("tar", "text/plain")
_COMPRESSED = Format("compressed", "text/plain")
_IMAGE = Format("image", "text/plain")

_LANGUAGES = {
    "bash": "sh bash zsh", "c": "c h", "c++": "cc cpp cxx hpp hh", "csharp": "cs", "css": "css scss less",
    "dart": "dart",
    "elixir": "ex exs", "erlang": "erl", "fortran": "f90 f", "go": "go", "haskell": "hs", "java": "java",
    "javascript": "js mjs cjs jsx", "julia": "jl", "kotlin": "kt kts", "lua": "lua", "ocaml": "ml mli", "perl": "pl pm",
    "php": "php", "powershell": "ps1", "protobuf": "proto", "python": "py pyi", "r": "r", "ruby": "rb", "rust": "rs",
    "scala": "scala", "sql": "sql", "swift": "swift", "terraform": "tf", "toml": "toml", "typescript": "ts tsx",
    "yaml": "yml yaml",
}  # fmt: skip
_REFUSED = {
    "sound and film are not read; add a transcript": "mp3 wav ogg oga flac m4a aac mp4 mkv mov avi webm wmv",
    "programs and compiled files are not read":
        "exe dll so dylib o a obj class pyc pyo pyd wasm bin whl jar ttf otf woff woff2 db sqlite sqlite3 npy npz "
        "safetensors pt pth onnx gguf parquet arrow lock map",
    "pictures of this kind are not read; save it as PNG or JPEG": "ico heic avif psd",
    "archives of this kind are not read; unpack it and add the folder": "zst 7z rar",
    "old Word files are not read; save it as .docx": "doc dot",
    "old spreadsheets are not read; save it as .xlsx": "xls xlsb numbers",
    "old presentations are not read; save it as .pptx": "ppt pps",
    "this format is not read; save it as PDF or .docx": "mobi djvu ps pages key",
    "Outlook's own mail files are not read; save it as .eml": "msg pst",
}  # fmt: skip

_BY_SUFFIX: dict[str, Format] = {
    "txt": Format("prose", "text/plain"), "text": Format("prose", "text/plain"), "log": TEXT,
    "rst": Format("text", "text/x-rst"), "tex": Format("text", "text/x-tex"), "org": Format("text", "text/x-org"),
    "adoc": Format("text", "text/x-asciidoc"), "asciidoc": Format("text", "text/x-asciidoc"),
    "md": Format("markdown", "text/markdown"), "markdown": Format("markdown", "text/markdown"),
    "mdx": Format("markdown", "text/markdown"),
    "html": _HTML, "htm": _HTML, "xhtml": _HTML, "xml": _XML, "svg": _XML, "pdf": _PDF, "docx": _DOCX, "docm": _DOCX,
    "csv": Format("csv", "text/csv"), "tsv": Format("csv", "text/tab-separated-values"),
    "tab": Format("csv", "text/tab-separated-values"),
    "json": _JSON, "jsonl": Format("jsonl", "application/jsonl"), "ndjson": Format("jsonl", "application/jsonl"),
    "xlsx": _XLSX, "xlsm": _XLSX, "xltx": _XLSX, "pptx": _PPTX, "pptm": _PPTX, "ppsx": _PPTX,
    "odt": _ODF, "ott": _ODF, "ods": _ODF, "odp": _ODF, "epub": _EPUB, "rtf": Format("rtf", "text/plain"),
    "eml": _MAIL, "mbox": Format("mbox", "text/plain"), "mht": _MAIL, "mhtml": _MAIL,
    "ipynb": Format("notebook", "text/markdown"), "srt": _CAPTIONS, "vtt": _CAPTIONS,
    "zip": _ZIP, "tar": _TAR, "tgz": _COMPRESSED, "tbz2": _COMPRESSED, "txz": _COMPRESSED, "gz": _COMPRESSED,
    "bz2": _COMPRESSED, "xz": _COMPRESSED,
    **dict.fromkeys(["png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp"], _IMAGE),
}  # fmt: skip
for _name, _suffixes in _LANGUAGES.items():
    _BY_SUFFIX |= {suffix: Format("code", f"text/x-{_name}") for suffix in _suffixes.split()}
for _why, _suffixes in _REFUSED.items():
    _BY_SUFFIX |= {suffix: Format("", refusal=_why) for suffix in _suffixes.split()}

# In a folder these are told, not failed, when they cannot be read: often they hold no text.
_ASIDE = frozenset(" ".join(list(_REFUSED.values())[:3]).split()) | {s for s, f in _BY_SUFFIX.items() if f is _IMAGE}
_JUNK_NAMES = frozenset({"thumbs.db", "desktop.ini", "__pycache__", "node_modules", "package-lock.json"})
_JUNK_SUFFIXES = frozenset({"pyc", "pyo", "lock", "map"})

_BY_TYPE = {
    "text/html": _HTML, "application/xhtml+xml": _HTML, "application/pdf": _PDF, DOCX: _DOCX,
    "text/markdown": _BY_SUFFIX["md"], "text/x-markdown": _BY_SUFFIX["md"], "text/csv": _BY_SUFFIX["csv"],
    "text/tab-separated-values": _BY_SUFFIX["tsv"], "application/json": _JSON, "application/jsonl": _BY_SUFFIX["jsonl"],
    "application/x-ndjson": _BY_SUFFIX["jsonl"], "text/xml": _XML, "application/xml": _XML, "text/plain": TEXT,
    _OPEN_XML + "spreadsheetml.sheet": _XLSX, _OPEN_XML + "presentationml.presentation": _PPTX,
    **dict.fromkeys((_OPEN_DOCUMENT + kind for kind in ("text", "spreadsheet", "presentation")), _ODF),
    "application/epub+zip": _EPUB, "application/rtf": _BY_SUFFIX["rtf"], "text/rtf": _BY_SUFFIX["rtf"],
    "message/rfc822": _MAIL, "multipart/related": _MAIL, "application/mbox": _BY_SUFFIX["mbox"],
    "application/x-ipynb+json": _BY_SUFFIX["ipynb"], "application/x-subrip": _CAPTIONS, "text/vtt": _CAPTIONS,
    "application/zip": _ZIP, "application/x-tar": _TAR, "application/gzip": _COMPRESSED,
    "text/x-rst": _BY_SUFFIX["rst"], "text/x-tex": _BY_SUFFIX["tex"], "application/x-tex": _BY_SUFFIX["tex"],
    **dict.fromkeys((f"image/{kind}" for kind in ("png", "jpeg", "gif", "bmp", "tiff", "webp")), _IMAGE),
}  # fmt: skip

_SIGNATURES = (
    (b"%PDF-", "a PDF"), (b"PK\x03\x04", "a zip archive"), (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"), (b"\x7fELF", "a program"), (b"MZ\x90\x00", "a program"), (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"), (b"SQLite format 3\x00", "a database"), (b"{\\rtf", "rich text (RTF)"),
    (b"BZh", "a bzip2 archive"), (b"\xfd7zXZ\x00", "an xz archive"), (b"\x28\xb5\x2f\xfd", "a zstd archive"),
)  # fmt: skip


def format_of_name(name: str) -> Format | None:
    """The format that a file name states, ragkit's or another package's; None when its suffix says nothing."""
    suffix = PurePath(name).suffix.lower().removeprefix(".")
    own = _BY_SUFFIX.get(suffix)
    if own is not None and own.parser:
        return own
    offered = LOADERS.added().get(suffix)
    return own if offered is None else Format(f"{offered.target}@{offered.place}", "text/plain")


def _offered(name: str) -> bool:
    """Whether another package reads files of this suffix."""
    return "@" in (format_of_name(name) or TEXT).parser


def format_of_type(content_type: str) -> Format | None:
    """The format of an HTTP content type, parameters ignored; None when it says nothing (octet-stream)."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in ("", "application/octet-stream", "binary/octet-stream"):
        return None
    found = _BY_TYPE.get(media_type)
    if found is None and media_type.endswith("+json"):
        return _JSON
    if found is None and media_type.endswith("+xml"):
        return _XML
    if found is None and media_type.startswith("text/"):
        return Format("text", media_type)
    return found or Format("", refusal=f"the content type {media_type} is not read")


def format_of_content(data: bytes) -> Format:
    """The format by its first bytes, for what has no telling name: PDF, office files, HTML, JSON, …, else text."""
    head = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"%PDF-"):
        return _PDF
    if head.startswith(b"PK\x03\x04"):
        return _zipped(data)
    if head.startswith(b"{\\rtf"):
        return _BY_SUFFIX["rtf"]
    if data.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")):
        return _COMPRESSED
    if data.startswith((b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8")):
        return _IMAGE
    if head[:14].lower() in (b"<!doctype html",) or head[:5].lower() == b"<html":
        return _HTML
    return Format("guess", "text/plain") if head[:1] in (b"{", b"[") else TEXT


def _zipped(data: bytes) -> Format:
    """Which zip it is, by the names of its parts, which stand uncompressed before each and again at the end."""
    for mark, found in (
        (b"word/document.xml", _DOCX), (b"xl/workbook.xml", _XLSX), (b"ppt/presentation.xml", _PPTX),
        (b"mimetypeapplication/epub+zip", _EPUB), (b"mimetypeapplication/vnd.oasis.opendocument.", _ODF),
    ):  # fmt: skip
        if mark in data[:4096] or mark in data[-65536:]:
            return found
    return _ZIP


def binary_kind(data: bytes) -> str:
    """What kind of non-text `data` is, in words; "" when it may be text."""
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            return kind
    return ""


def is_junk(name: str) -> bool:
    """Whether a folder's entry is left out silently: hidden, a lock file, a cache, what a build made."""
    lower = name.lower()
    return (
        name.startswith((".", "~$"))
        or lower in _JUNK_NAMES
        or lower.endswith((".egg-info", "~", ".min.js", ".min.css"))
        or (PurePath(lower).suffix.removeprefix(".") in _JUNK_SUFFIXES and not _offered(lower))
    )


def is_aside(name: str) -> bool:
    """Whether a file is of a kind that is often no document: a picture, sound, film, a program."""
    return PurePath(name).suffix.lower().removeprefix(".") in _ASIDE and not _offered(name)
