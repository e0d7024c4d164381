"""One URL fetched with care: public addresses only, checked before the connection and after every redirect.

The name is resolved once and the connection goes to the very address that was checked, so a name server that answers
differently the second time gains nothing. No proxies, no cookies, no credentials, no compression.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from ..errors import LoadError
from .limits import Limits

__all__ = ["Page", "address_problem", "fetch"]

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "ragkit", "Connection": "close"}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Page:
    """The body of a URL; `content_type` is the header as sent, "" when there was none."""

    body: bytes
    content_type: str
    url: str


def fetch(url: str, limits: Limits) -> Page:
    """GET `url`, following redirects. Raises LoadError with the reason alone; the caller names the URL."""
    deadline = time.monotonic() + limits.url_seconds
    scheme = ""
    for _ in range(limits.redirects + 1):
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            host = (parts.hostname or "").encode("idna").decode("ascii")
        except ValueError as exc:
            raise LoadError(f"{url} is no address ({exc})") from exc
        if parts.scheme not in ("http", "https") or not host:
            raise LoadError(f"{url} is no http or https address")
        if scheme == "https" and parts.scheme == "http":
            raise LoadError("it redirects from https to http, which anyone on the way can change")
        if parts.username or parts.password:
            raise LoadError("it holds a user name or password; addresses with credentials are not fetched")
        scheme = parts.scheme
        found = _get(parts, host, port, deadline, limits)
        if isinstance(found, Page):
            return found
        url = urljoin(url, found)
    raise LoadError(f"it redirects more than {limits.redirects} times; raise Limits.redirects")


def _get(parts: SplitResult, host: str, port: int, deadline: float, limits: Limits) -> Page | str:
    """The page at `parts`, or the address it redirects to."""
    try:
        plain = _connect(resolve(host, port), port, deadline)
    except OSError as exc:
        raise LoadError(f"{host} cannot be reached ({_say(exc)})") from exc
    with plain, _cut_at(plain, deadline) as late:
        try:
            if parts.scheme == "https":  # the certificate must be the host's, whatever the address
                plain = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
            connection = http.client.HTTPConnection(host, port)
            connection.sock = plain
            connection.default_port = port if parts.port is None else 0  # keeps ":443" out of the Host header
            target = quote(parts.path or "/", safe=_PATH_SAFE) + (
                f"?{quote(parts.query, safe=_PATH_SAFE + '?')}" if parts.query else ""
            )
            connection.request("GET", target, headers=_HEADERS)
            with connection.getresponse() as response:
                if response.status in _REDIRECTS and response.getheader("Location"):
                    return response.getheader("Location") or ""
                if response.status != 200:
                    raise LoadError(f"the server answered {response.status} {response.reason}".rstrip())
                if (response.getheader("Content-Encoding") or "identity").lower() != "identity":
                    raise LoadError("the server sent compressed data that was not asked for")
                body = bytearray()
                while piece := response.read(1 << 16):
                    body += piece
                    if len(body) > limits.input_bytes:
                        raise LoadError(f"it is larger than {limits.input_bytes} bytes; raise Limits.input_bytes")
                expected = response.getheader("Content-Length") or ""
                if late.is_set() or (expected.isdecimal() and len(body) < int(expected)):
                    raise OSError("it ended early")
                return Page(bytes(body), response.getheader("Content-Type") or "", parts.geturl())
        except (OSError, http.client.HTTPException, ValueError) as exc:
            if late.is_set() or isinstance(exc, TimeoutError):
                raise LoadError(
                    f"it takes more than {limits.url_seconds:g} s to fetch; raise Limits.url_seconds"
                ) from exc
            raise LoadError(f"the connection to {host} failed ({_say(exc)})") from exc
        finally:
            plain.close()  # the wrapped one, for https


@contextmanager
def _cut_at(connected: socket.socket, deadline: float) -> Iterator[threading.Event]:
    """Cut the connection at the deadline: a server that drips bytes never trips the socket's own timeout."""
    late = threading.Event()
    descriptor = connected.dup()  # wrapping for https detaches the original

    def expire() -> None:
        late.set()
        with suppress(OSError):  # closed by the other side already
            descriptor.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(deadline - time.monotonic(), 0.01), expire)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
        timer.join()
        descriptor.close()


def resolve(host: str, port: int) -> list[str]:
    """The addresses of `host`. Raises LoadError if any of them is not a public one."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        problem = address_problem(address)
        if problem:
            raise LoadError(f"{host} is {address}, {problem}; only public addresses are fetched")
    return addresses


def address_problem(address: str) -> str:
    """Why an IP address is not fetched; "" when it is public.

    >>> address_problem("169.254.169.254"), address_problem("::ffff:127.0.0.1"), address_problem("1.1.1.1")
    ('a link-local address', 'a loopback address', '')
    """
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):  # forms that carry an IPv4 address inside
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return address_problem(str(inner))
    for holds, name in (
        (ip.is_loopback, "a loopback address"),
        (ip.is_link_local, "a link-local address"),
        (ip.is_multicast, "a multicast address"),
        (ip.is_unspecified, "an unspecified address"),
        (ip.is_private, "a private address"),
        (not ip.is_global, "a reserved address"),
    ):
        if holds:
            return name
    return ""


def _connect(addresses: list[str], port: int, deadline: float) -> socket.socket:
    """A connection to the first of the addresses that answers."""
    failure = OSError("no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=max(deadline - time.monotonic(), 0.01))
        except OSError as exc:
            failure = exc
    raise failure


def _say(exc: BaseException) -> str:
    text = str(getattr(exc, "strerror", None) or exc)
    return text.strip() or type(exc).__name__
