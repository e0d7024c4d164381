"""How time grows with the length of a text, as a ratio: a slow or busy machine slows both sides."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

TIMES = 16


def grows_linearly(work: Callable[[str], object], unit: str, length: int, tries: int = 5) -> bool:
    """Whether `length` characters of repeated `unit` take less than six times what a sixteenth's time foretells.

    Quadratic growth takes sixteen times as much. One of `tries` is enough: noise may only make a ratio worse by chance.
    """
    short, whole = unit * (length // TIMES // len(unit)), unit * (length // len(unit))
    gc.collect()
    gc.disable()  # a collection's time depends on all that earlier tests left, not on this text
    try:
        return any(_seconds(work, whole) < 6 * TIMES * _seconds(work, short) for _ in range(tries))
    finally:
        gc.enable()


def _seconds(work: Callable[[str], object], text: str) -> float:
    begin = time.process_time()
    work(text)
    return time.process_time() - begin
