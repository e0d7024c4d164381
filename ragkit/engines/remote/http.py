"""Talking to an OpenAI-compatible server: server-sent events with a deadline on every token, and clear errors.

Every request is streamed, also when nobody watches: only so can a server that hangs be told from one that is busy.
Closing the stream closes the connection, and the server aborts the request.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any, cast
from urllib.parse import urlsplit

import httpx

from ...errors import EngineDeadError, EngineError, EngineTimeoutError, UsageError
from ..base import Deadlines
from .dialect import Dialect
from .keys import hint, key_for
from .replies import ends_a_choice, object_of, parsed, told
from .retries import PASSING, wait_s
from .sse import EventReader, ServerEvent

__all__ = ["Server"]

CONNECT_S = 5.0


class Server:
    """One base URL, such as ``http://localhost:8000/v1``.

    Its key is the one given for its host (`keys`); it follows no redirect, so that no key goes further.
    """

    def __init__(self, url: str, *, deadlines: Deadlines, key: str | None = None) -> None:
        host = _host(url)
        if host is None:
            raise UsageError(f"{url!r} is no address of a server; write openai:http://host:port/v1#model")
        self.url = url.rstrip("/")
        self.deadlines = deadlines
        self._local = host in ("localhost", "127.0.0.1", "::1")
        key = key or key_for(url)
        self.dialect = Dialect()
        """What the server turned out not to take."""
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        # a client belongs to one event loop
        self._clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient]
        self._clients = weakref.WeakKeyDictionary()

    def get(self, path: str, *, timeout_s: float = CONNECT_S) -> dict[str, Any] | list[Any]:
        """Read a small JSON object or list, blocking; used once, when the engine is made.

        Raises UsageError where the server has no such path.
        """
        try:
            with httpx.Client(headers=self._headers, timeout=timeout_s, trust_env=not self._local) as client:
                response = client.get(f"{self.url}{path}")
        except httpx.HTTPError as exc:
            raise self._dead(exc) from exc
        remedy = "is it OpenAI-compatible?" if self.url.endswith("/v1") else "does the address lack /v1?"
        if response.status_code in (404, 405, 501):
            raise UsageError(f"the server at {self.url} has no {path} (HTTP {response.status_code}); {remedy}")
        self._check(response.status_code, response.content)
        try:
            document = response.json()
        except ValueError:
            document = None
        if not isinstance(document, dict | list):
            text = response.text.strip()
            what = "HTML" if text.startswith("<") else repr(text[:40])
            raise EngineError(f"the server at {self.url} answered {path} with {what}, not JSON; {remedy}")
        return cast("dict[str, Any] | list[Any]", document)

    def post(self, path: str, payload: Mapping[str, Any], *, timeout_s: float) -> tuple[int, Any]:
        """Send one small request, blocking; return status and document. Used once, to learn what the server can do."""
        try:
            with httpx.Client(headers=self._headers, timeout=timeout_s, trust_env=not self._local) as client:
                response = client.post(f"{self.url}{path}", json=dict(payload))
        except httpx.TimeoutException as exc:
            raise EngineTimeoutError(f"the server at {self.url} did not answer within {timeout_s:g} s") from exc
        except httpx.HTTPError as exc:
            raise self._dead(exc) from exc
        try:
            return response.status_code, response.json()
        except ValueError:
            return response.status_code, {}

    async def events(
        self, path: str, payload: Mapping[str, Any], *, deadline: float | None = None
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the JSON of each event. deadline: loop time at which all must be done."""
        loop = asyncio.get_running_loop()
        total = self.deadlines.total_s
        ends = [t for t in (deadline, None if total is None else loop.time() + total) if t is not None]
        response = await self._opened(path, payload, ends)
        try:
            if "json" in response.headers.get("content-type", ""):  # it does not stream, or has failed after all
                body = await self._timed(response.aread(), self.deadlines.first_token_s, ends)
                yield self._sound(object_of(body.decode("utf-8", "replace"), self.url))
                return
            finished = False
            async for item in self._arriving(response, ends):
                if item.data.strip() == "[DONE]":
                    return
                if item.name == "error":
                    raise EngineError(f"the server at {self.url} failed: {told(item.data)}")
                event = self._sound(object_of(item.data, self.url))
                finished = finished or ends_a_choice(event)
                yield event
            if not finished:  # some end without [DONE], but none before the end of its choice
                raise EngineDeadError(f"the server at {self.url} broke off in the middle of an answer; see its log")
        finally:
            await response.aclose()

    async def _arriving(self, response: httpx.Response, ends: list[float]) -> AsyncGenerator[ServerEvent, None]:
        """Yield the events of a stream as they come, none later than the deadlines allow."""
        reader, chunks = EventReader(), response.aiter_bytes()
        limit = self.deadlines.first_token_s
        while True:
            try:
                arrived = reader.push(await self._timed(anext(chunks), limit, ends))
            except StopAsyncIteration:
                break
            for event in arrived:
                limit = self.deadlines.between_tokens_s
                yield event
        for event in reader.flush():
            yield event

    async def _opened(self, path: str, payload: Mapping[str, Any], ends: list[float]) -> httpx.Response:
        """Send the request, in the server's dialect and again while it is busy; return the response to read."""
        loop, first = asyncio.get_running_loop(), None
        patience = loop.time() + self.deadlines.first_token_s
        dialect, attempt = self.dialect, 0
        while True:
            said = dialect.spoken({**payload, "stream": True})
            request = self._client().build_request("POST", f"{self.url}{path}", json=said)
            sent = self._client().send(request, stream=True)
            response: httpx.Response = await self._timed(sent, self.deadlines.first_token_s, ends)
            if response.status_code == 200:
                self.dialect = dialect
                return response
            try:
                body = await self._timed(response.aread(), CONNECT_S, ends)
            finally:
                await response.aclose()
            if (learnt := dialect.after(response.status_code, parsed(body), said)) is not None:
                dialect, first = learnt, first or (response.status_code, body)
                continue
            if response.status_code not in PASSING:
                self._check(*(first or (response.status_code, body)))
            wait, attempt = wait_s(response.headers, attempt), attempt + 1
            if loop.time() + wait >= min([patience, *ends]):
                why = told(body)
                raise EngineError(
                    f"the server at {self.url} is busy (HTTP {response.status_code}: {why}) and there is no time to "
                    f"ask again in {wait:.1f} s; ask fewer at once, or allow more seconds"
                )
            await asyncio.sleep(wait)

    def _sound(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return an event that tells of no failure. Servers that always send the field send ``"error": null``."""
        if event.get("error"):
            raise EngineError(f"the server at {self.url} failed: {told(event)}")
        return event

    def close(self) -> None:
        """Drop the connections; running requests end with them."""
        for loop, client in list(self._clients.items()):
            if loop.is_running():
                with suppress(RuntimeError):
                    asyncio.run_coroutine_threadsafe(client.aclose(), loop)
        self._clients.clear()

    def _client(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = httpx.AsyncClient(
                headers=self._headers,
                timeout=httpx.Timeout(None, connect=CONNECT_S),
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=64),
                trust_env=not self._local,
            )
            self._clients[loop] = client
        return client

    async def _timed(self, job: Any, limit_s: float, ends: list[float]) -> Any:
        """Await `job` within the limit and the deadlines, with foreign errors translated."""
        left = min([limit_s, *(e - asyncio.get_running_loop().time() for e in ends)])
        try:
            return await asyncio.wait_for(job, max(0.001, left))
        except TimeoutError:
            if left < limit_s:
                raise EngineTimeoutError("the answer was not done in its time; allow more seconds") from None
            raise EngineTimeoutError(f"the server at {self.url} was silent for {limit_s:g} s") from None
        except httpx.HTTPError as exc:
            raise self._dead(exc) from exc

    def _dead(self, exc: httpx.HTTPError) -> EngineError:
        if isinstance(exc, httpx.ConnectError | httpx.ConnectTimeout):
            return EngineDeadError(f"no server answers at {self.url}; start one (vllm serve) or correct the address")
        return EngineDeadError(f"the server at {self.url} went away ({type(exc).__name__}); see its log")

    def _check(self, status: int, body: bytes) -> None:
        if status == 200:
            return
        why = told(body)
        if status in (401, 403):
            raise EngineError(f"the server at {self.url} wants a key (HTTP {status}); {hint(self.url)}")
        if status in (400, 404, 422):
            raise UsageError(f"the server at {self.url} refuses the request: {why}")
        raise EngineError(f"the server at {self.url} failed with HTTP {status}: {why}")


def _host(url: str) -> str | None:
    """The host of an http address; None if it is none: another scheme, no host, an impossible host or port."""
    try:
        address, port = httpx.URL(url), urlsplit(url).port
        return address.host or None if address.scheme in ("http", "https") and port != 0 else None
    except (httpx.InvalidURL, ValueError):
        return None
