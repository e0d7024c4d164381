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
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from ..errors import LoadError
from .limits import Limits

__all__ = ["Page", "address_problem", "fetch"]

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
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
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise LoadError(f"{url} is no http or https address")
        if scheme == "https" and parts.scheme == "http":
            raise LoadError("it redirects from https to http, which anyone on the way can change")
        if parts.username or parts.password:
            raise LoadError("it holds a user name or password; addresses with credentials are not fetched")
        scheme = parts.scheme
        found = _get(url, deadline, limits)
        if isinstance(found, Page):
            return found
        url = urljoin(url, found)
    raise LoadError(f"it redirects more than {limits.redirects} times; raise Limits.redirects")


def _get(url: str, deadline: float, limits: Limits) -> Page | str:
    """The page at `url`, or the address it redirects to."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        addresses = resolve(host, port)
        connection = _connect(parts.scheme, host, port, addresses, deadline)
    except (OSError, ValueError) as exc:
        raise LoadError(f"{host} cannot be reached ({_say(exc)})") from exc
    late = threading.Event()

    def expire() -> None:  # a server that drips one byte at a time never trips the socket's own timeout
        late.set()
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(deadline - time.monotonic(), 0.01), expire)
    timer.daemon = True
    timer.start()
    try:
        target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
            f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
        )
        connection.request(
            "GET", target, headers={"Accept-Encoding": "identity", "User-Agent": "ragkit", "Accept": "*/*"}
        )
        response = connection.getresponse()
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
        expected = response.getheader("Content-Length")
        if late.is_set() or (expected and expected.isdecimal() and len(body) < int(expected)):
            raise OSError("the connection ended early")
        return Page(bytes(body), response.getheader("Content-Type") or "", url)
    except (OSError, http.client.HTTPException, ValueError) as exc:
        if late.is_set() or isinstance(exc, TimeoutError):
            raise LoadError(f"it takes more than {limits.url_seconds:g} s to fetch; raise Limits.url_seconds") from exc
        raise LoadError(f"the connection to {host} failed ({_say(exc)})") from exc
    finally:
        timer.cancel()
        connection.close()


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


def _connect(scheme: str, host: str, port: int, addresses: list[str], deadline: float) -> http.client.HTTPConnection:
    """A connection to the first address that answers; for https the certificate must be `host`'s."""
    failure: OSError = OSError("no address")
    for address in addresses:
        try:
            plain = socket.create_connection((address, port), timeout=max(deadline - time.monotonic(), 0.01))
        except OSError as exc:
            failure = exc
            continue
        connection = http.client.HTTPConnection(host, port)
        if scheme == "https":
            connection = http.client.HTTPSConnection(host, port)
            try:
                plain = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
            except OSError:
                plain.close()
                raise
        connection.sock = plain
        return connection
    raise failure


def _say(exc: BaseException) -> str:
    text = str(getattr(exc, "strerror", None) or exc)
    return text.strip() or type(exc).__name__
