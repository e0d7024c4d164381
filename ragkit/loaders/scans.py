"""Text recognition (OCR) of pictures and scanned pages, by Tesseract where it is installed.

Tesseract is a program of its own: it is called from inside the limited worker and inherits its limits. It is told the
languages of the script that it sees, of those installed. What was recognised is marked as such in the metadata.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import lru_cache

from ..errors import LoadError
from .parsed import Job, Parsed, clean

__all__ = ["MISSING", "can_recognise", "parse_image", "recognise_picture"]

MISSING = "text recognition (OCR) is not installed; install Tesseract (apt install tesseract-ocr) and add it again"
_PICTURE_S = 50  # for one picture or page: less than a worker may take without a sign of life
_BLANK_LINES = re.compile(r"\n{3,}")
_SCRIPT = re.compile(r"^Script: (\w+)$", re.MULTILINE)
_SCRIPTS = {
    "Cyrillic": "rus ukr bel bul srp mkd",
    "Arabic": "ara fas urd",
    "Hebrew": "heb",
    "Greek": "ell",
    "Thai": "tha",
    "Japanese": "jpn",
    "Han": "chi_sim chi_tra",
    "HanS": "chi_sim",
    "HanT": "chi_tra",
    "Korean": "kor",
    "Hangul": "kor",
    "Devanagari": "hin mar nep",
}
_NOT_LATIN = frozenset(" ".join(_SCRIPTS.values()).split()) | {"osd", "equ"}


def parse_image(data: bytes, job: Job) -> Iterator[Parsed]:
    """One document: the text that the picture shows."""
    if not can_recognise():
        raise LoadError(f"it is a picture, and {MISSING}")
    text = recognise_picture(data, job)
    if not text.strip():
        raise LoadError("no text was recognised in this picture")
    yield Parsed(text, job.stem, media_type="text/plain", metadata={"recognised": True})


def can_recognise() -> bool:
    """Whether Tesseract is installed, with a language to read."""
    return bool(_languages())


def recognise_picture(picture: bytes, job: Job) -> str:
    """The text of a picture in any usual format, lines as they stand; "" where none is seen. Raises LoadError."""
    job.working()
    languages = _languages()
    seen = _SCRIPT.search(_run(picture, "--psm", "0", "-l", "osd")) if _has_osd() and len(languages) > 1 else None
    of_script = set(_SCRIPTS.get(seen[1], "").split()) if seen else set()
    chosen = [name for name in languages if name in of_script]
    if not chosen:
        latin = [name for name in languages if name not in _NOT_LATIN]
        chosen = latin if seen and latin else list(languages)
    text = _run(picture, "-l", "+".join(chosen[:6]))
    return (
        clean(re.sub(r"\n{3,}", "\n\n", text.replace("\f", "\n")), compose=True).strip() + "\n" if text.strip() else ""
    )


def _run(picture: bytes, *options: str) -> str:
    """What Tesseract prints; "" when it sees nothing (its exit status is 1 for too few characters, too)."""
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}  # its threads wait for each other more than they help
    try:
        done = subprocess.run(
            ["tesseract", "stdin", "stdout", *options],
            input=picture,
            capture_output=True,
            timeout=_PICTURE_S,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired as exc:
        raise LoadError(f"text recognition took more than {_PICTURE_S} s for one picture; make it smaller") from exc
    except OSError as exc:
        raise LoadError(f"text recognition cannot be started ({exc.strerror or exc})") from exc
    if done.returncode < 0:
        raise LoadError("text recognition ended over this picture; it is damaged or too large")
    return done.stdout.decode("utf-8", errors="replace") if done.returncode == 0 else ""


@lru_cache
def _listed() -> tuple[str, ...]:
    if shutil.which("tesseract") is None:
        return ()
    try:
        done = subprocess.run(["tesseract", "--list-langs"], capture_output=True, timeout=_PICTURE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(done.stdout.decode("utf-8", errors="replace").split("\n")[1:])


def _languages() -> tuple[str, ...]:
    """Installed languages, English first."""
    return tuple(
        sorted(
            (name.strip() for name in _listed() if name.strip() not in ("", "osd", "equ")),
            key=lambda n: (n != "eng", n),
        )
    )


def _has_osd() -> bool:
    return "osd" in _listed()
