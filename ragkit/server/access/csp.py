"""The content security policy: what a page may load and run — nothing from elsewhere, no script it did not come with.

Scripts written into a page are allowed by their hashes, taken from the page as it leaves; so a script or an ``onclick``
that an answer smuggles in does not run, whatever the sanitiser missed. `unsafe-eval` is what Gradio's own event
handlers (``js=``) need: it lets scripts that run already make functions, and lets none begin.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

__all__ = ["Policy", "policy_of"]

_SCRIPT = re.compile(rb"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_FIXED = (
    "default-src 'self'; connect-src 'self'; font-src 'self' data:; img-src 'self' data: blob:; "
    "media-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; object-src 'none'; "
    "frame-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)


def policy_of(page: bytes) -> str:
    """The policy of a page with the scripts that stand in it; of anything else, without any."""
    hashes = sorted(
        {
            f"'sha256-{base64.b64encode(hashlib.sha256(body).digest()).decode()}'"
            for attributes, body in _SCRIPT.findall(page)
            if b"src=" not in attributes and body.strip()
        }
    )
    return " ".join([f"{_FIXED}; script-src 'self' 'unsafe-eval'", *hashes])


class Policy:
    """Puts the policy on one response; a page is held back until it is whole, anything else passes at once."""

    def __init__(self, page_wanted: bool) -> None:
        self._page_wanted = page_wanted
        self._gzip = False

    def prepare(self, scope: Scope) -> None:
        """Take back the offer to receive a page compressed: its scripts must be read first; it is compressed here."""
        if self._page_wanted:
            self._gzip = b"gzip" in dict(scope["headers"]).get(b"accept-encoding", b"")
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name.lower() != b"accept-encoding"]

    def sender(self, send: Send) -> Send:
        """Wraps `send`."""
        start: Message | None = None
        body = bytearray()

        async def sending(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_page = headers.get("content-type", "").startswith("text/html")
                if is_page and "content-encoding" not in headers:
                    start = message
                    return
                headers["content-security-policy"] = policy_of(b"")
            elif start is not None and message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
                if message.get("more_body"):
                    return
                headers, page = MutableHeaders(scope=start), bytes(body)
                headers["content-security-policy"] = policy_of(page)
                if self._gzip and page:
                    page = gzip.compress(page, 6)
                    headers["content-encoding"], headers["content-length"] = "gzip", str(len(page))
                    headers.add_vary_header("accept-encoding")
                await send(start)
                start = None
                message = {"type": "http.response.body", "body": page}
            await send(message)

        return sending
