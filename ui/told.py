"""Failures in sentences of the reader's language; ragkit's own words, which are English, follow as a detail."""

from __future__ import annotations

from ragkit.errors import BusyError, LoadError, NotFoundError, RagkitError, UsageError
from ragkit.server.failures import status_of

from .safe_html import plain
from .words import Words

__all__ = ["detail", "line", "sentence"]


def sentence(error: BaseException, t: Words) -> str:
    """What happened and what to do."""
    if isinstance(error, BusyError):
        return t("chat.busy", seconds=error.seconds)
    if not isinstance(error, RagkitError):
        return t("chat.broken")
    return t.get(f"js.trouble.{status_of(error)[1]}", "") or t("js.trouble")


def detail(error: BaseException) -> str:
    """What ragkit itself says of it; nothing of an error that is not ragkit's."""
    return plain(" ".join(str(error).split())) if isinstance(error, RagkitError) else ""


def line(error: BaseException, t: Words) -> str:
    """One line for a notice: what was wrong with what somebody gave is said in ragkit's words, as a sentence."""
    said = detail(error)
    if not said:
        return f"{type(error).__name__}: {error}" if isinstance(error, OSError) else sentence(error, t)
    if isinstance(error, (UsageError, LoadError, NotFoundError)):
        return f"{said[:1].upper()}{said[1:]}" + ("" if said.endswith((".", "!", "?")) else ".")
    return f"{sentence(error, t)} ({said})"
