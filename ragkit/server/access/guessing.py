"""How often a password may be tried: counted before it is checked, for the account and for the address.

A try takes its place under a lock and gives it back only when it was right, so tries sent at once count as if they had
come one after the other. Three counts keep each other honest: of an account from one address, of an account from
anywhere, and of an address at any account. Who has logged in from an address before is held by the first alone: a
stranger's failures, at the same account or behind the same address, lock nobody out of where they usually are.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ...errors import BusyError

__all__ = ["Guesses", "Try"]

WINDOW_S = 60.0
OF_BOTH, OF_ACCOUNT, OF_ADDRESS = 10, 30, 30  # failures within the window
MOST_KEPT = 10_000  # counts and known places; the ones longest unused go first
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Try:
    """A place that was taken: for which account, from where, when."""

    account: str
    address: str
    at: float
    counted: tuple[Key, ...] = field(default=())


class Guesses:
    """Failed tries of the last minute. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._times: OrderedDict[Key, deque[float]] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def begin(self, account: str, address: str) -> Try:
        """Take a place for one try. Raises BusyError, with the seconds to wait, when there is none."""
        account, address = account[:200], _network(address)
        both: Key = ("both", account, address)
        limits: list[tuple[Key, int]] = [(both, OF_BOTH)]
        with self._lock:
            now = self._clock()
            if (account, address) not in self._known:
                limits += [(("account", account, ""), OF_ACCOUNT), (("address", "", address), OF_ADDRESS)]
            for key, most in limits:
                times = self._recent(key, now)
                if len(times) >= most:
                    wait = max(1, math.ceil(times[0] + WINDOW_S - now))
                    what = "for this name" if key[0] == "account" else "from your address"
                    raise BusyError(f"{len(times)} failed logins {what} within a minute", seconds=wait)
            for key, _ in limits:
                self._times.setdefault(key, deque()).append(now)
                self._times.move_to_end(key)
            while len(self._times) > MOST_KEPT:
                self._times.popitem(last=False)
        return Try(account, address, now, tuple(key for key, _ in limits))

    def _recent(self, key: Key, now: float) -> deque[float]:
        times = self._times.get(key, deque())
        while times and times[0] <= now - WINDOW_S:
            times.popleft()
        return times

    def right(self, tried: Try) -> None:
        """The try was right: it does not count, and its place is known from now on."""
        with self._lock:
            for key in tried.counted:
                times = self._times.get(key)
                if times and tried.at in times:
                    times.remove(tried.at)
            self._known[tried.account, tried.address] = None
            self._known.move_to_end((tried.account, tried.address))
            while len(self._known) > MOST_KEPT:
                self._known.popitem(last=False)


def _network(address: str) -> str:
    """The address as it is counted: of IPv6 the network of 64 bits, all of which one person may have."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
