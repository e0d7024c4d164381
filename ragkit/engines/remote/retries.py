"""When a server that is busy is asked again, and how long to wait before (RFC 9110, sections 10.2.3 and 15.6)."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

__all__ = ["PASSING", "wait_s"]

PASSING = frozenset({408, 425, 429, 502, 503, 504, 529})
"""Statuses of a server that may answer soon: overloaded, loading its model, behind a proxy that lost it."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0


def wait_s(headers: Mapping[str, str], attempt: int) -> float:
    """Seconds to wait before asking again: what ``Retry-After`` says, else doubling from half a second, jittered.

    attempt: 0 for the first refusal. A Retry-After is seconds or a date; one that is neither counts as none.
    """
    told = headers.get("retry-after", "").strip()
    if told:
        try:
            return max(0.0, float(told))
        except ValueError:
            pass
        try:
            return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
        except ValueError:
            pass
    # without jitter, all that were refused together would come back together
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * float(2**attempt)) * random.uniform(0.75, 1.25)
