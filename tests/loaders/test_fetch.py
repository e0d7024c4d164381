"""URLs: off until allowed, public addresses only, limits on time, size and redirects."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ragkit.errors import LoadError, UsageError
from ragkit.loaders import Limits, Parser, discover, fetch
from ragkit.loaders.fetch import address_problem
from ragkit.types import Document

from ..conftest import need

PAGE = "<html><head><title>Тема</title></head><body><p>Страница.</p></body></html>"


class Handler(BaseHTTPRequestHandler):
    pages: dict[str, tuple[int, dict[str, str], bytes]] = {
        "/page": (200, {"Content-Type": "text/html; charset=windows-1251"}, PAGE.encode("cp1251")),
        "/notes.md": (200, {"Content-Type": "text/plain"}, b"# Notes\n\nText."),
        "/data": (200, {"Content-Type": "application/json"}, b'[{"id": "a", "text": "one"}]'),
        "/file": (200, {"Content-Type": "application/octet-stream"}, b"plain words"),
        "/picture": (200, {"Content-Type": "image/heic"}, b"\x89PNG"),
        "/zipped": (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"),
        "/big": (200, {}, b"x" * 3000),
        "/moved": (302, {"Location": "/page"}, b""),
        "/round": (301, {"Location": "/round"}, b""),
        "/inside": (302, {"Location": "http://169.254.169.254/latest/meta-data/"}, b""),
        "/local": (302, {"Location": "file:///etc/passwd"}, b""),
    }
    waiting = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            while not self.waiting.wait(0.05):
                self.wfile.write(b"x")
            return
        status, headers, body = self.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is expected
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running.server_address[1]
        Handler.waiting.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def base(server: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """The test server under a public name: its loopback address passes as public, all others are checked."""
    monkeypatch.setattr(
        fetch, "address_problem", lambda address: "" if address == "127.0.0.1" else address_problem(address)
    )
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, *_, **__: [(2, 1, 6, "", ("127.0.0.1" if host == "example.test" else host, port))],
    )
    return f"http://example.test:{server}"


def load(url: str, limits: Limits | None = None) -> list[Document]:
    (source,) = discover([url], allow_urls=True)
    with Parser(limits) as parser:
        return parser.parse(source)


def test_urls_are_off_until_allowed() -> None:
    with pytest.raises(UsageError, match="URLs are not fetched unless you allow it"):
        discover(["https://example.com/"])
    for wrong in ("ftp://example.com/a", "file:///etc/passwd", "http://["):
        with pytest.raises(UsageError):
            discover([wrong], allow_urls=True)


def test_the_content_type_decides_the_parser(base: str) -> None:
    (page,) = load(base + "/page#part")
    assert (page.id, page.title, page.text) == (base + "/page", "Тема", "Страница.\n")
    assert load(base + "/notes.md")[0].media_type == "text/markdown"
    assert load(base + "/data")[0].id == base + "/data#a"
    assert load(base + "/file")[0].text == "plain words"
    assert load(base + "/moved")[0].source == base + "/moved"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/nothing", "the server answered 404"),
        ("/picture", "the content type image/heic is not read"),
        ("/zipped", "compressed data that was not asked for"),
        ("/big", "it is larger than 2000 bytes"),
        ("/round", "it redirects more than 2 times"),
        ("/inside", "169.254.169.254, a link-local address; only public addresses are fetched"),
        ("/local", "file:///etc/passwd is no http or https address"),
        ("/slow", "it takes more than 0.5 s to fetch"),
    ],
)
def test_bad_answers_are_refused_in_one_line(base: str, path: str, reason: str) -> None:
    seconds = 0.5 if path == "/slow" else 30.0  # a busy machine is not a slow server
    with pytest.raises(LoadError) as caught:
        load(base + path, Limits(input_bytes=2000, redirects=2, url_seconds=seconds))
    assert reason in str(caught.value) and base + path in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "http://0.0.0.0:1/", "http://2130706433/"]
)
def test_this_machine_is_never_fetched_from(url: str) -> None:
    with pytest.raises(LoadError, match="only public addresses are fetched"):
        load(url)


def test_credentials_in_a_url_are_refused() -> None:
    with pytest.raises(LoadError, match="user name or password"):
        load("http://user:secret@1.1.1.1/")


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("10.0.0.1", "private"),
        ("192.168.1.1", "private"),
        ("172.16.0.1", "private"),
        ("100.64.0.1", "reserved"),
        ("127.1.2.3", "loopback"),
        ("169.254.169.254", "link-local"),
        ("224.0.0.1", "multicast"),
        ("0.0.0.0", "unspec"),
        ("::1", "loopback"),
        ("fe80::1%eth0", "link-local"),
        ("fd00::1", "private"),
        ("::ffff:10.0.0.1", "private"),
        ("2002:7f00:1::", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("255.255.255.255", "private"),
        ("93.184.216.34", ""),
        ("2606:4700:4700::1111", ""),
        ("64:ff9b::5db8:d822", ""),
    ],
)
def test_only_public_addresses_have_no_problem(address: str, problem: str) -> None:
    assert problem in address_problem(address) and bool(problem) == bool(address_problem(address))


def test_every_address_of_a_name_must_be_public(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(2, 1, 6, "", ("1.1.1.1", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(LoadError, match=r"two\.test is 10\.0\.0\.1, a private address"):
        load("http://two.test/")


def test_https_checks_the_certificate_against_the_name(
    tmp_path: Path, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection goes to a checked address, yet the certificate must be the host's and trusted."""
    subprocess.run(
        [
            *(need("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=example.test"),
            *("-addext", "subjectAltName=DNS:example.test", "-keyout", "key.pem", "-out", "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain("cert.pem", "key.pem")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.handle_error = lambda *_: None  # type: ignore[method-assign]
        running.socket = served.wrap_socket(running.socket, server_side=True)
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            address = f"https://example.test:{running.server_address[1]}"
            with pytest.raises(LoadError, match="certificate verify failed"):
                load(address + "/page")
            trusting = ssl.create_default_context(cafile="cert.pem")
            monkeypatch.setattr(ssl, "create_default_context", lambda: trusting)
            assert load(address + "/page")[0].title == "Тема"
            with pytest.raises(LoadError, match="certificate verify failed"):
                load(address.replace("example.test", "127.0.0.1") + "/page")
        finally:
            running.shutdown()
            thread.join()
