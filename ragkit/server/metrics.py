"""What Prometheus may ask: requests, answers, tokens, and how many questions run and wait."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ..types import Answer
from .service import Service

__all__ = ["Metrics", "Timed"]

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class Metrics:
    """The figures of one service, in a registry of their own."""

    def __init__(self, service: Service) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "ragkit_http_requests",
            "Requests by route, method and status.",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self.latency = Histogram(
            "ragkit_http_seconds",
            "Seconds until a response has ended.",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.answers = Counter("ragkit_answers", "Answers by status.", ["status"], registry=self.registry)
        self.answer_seconds = Histogram(
            "ragkit_answer_seconds", "Seconds an answer took.", buckets=SECONDS, registry=self.registry
        )
        self.tokens = Counter("ragkit_tokens", "Tokens by kind.", ["kind"], registry=self.registry)
        self.busy = Counter("ragkit_busy", "Questions refused because all places were taken.", registry=self.registry)
        for name, text in (("running", "Questions being answered."), ("waiting", "Questions in the line.")):
            gauge = Gauge(f"ragkit_{name}", text, registry=self.registry)
            gauge.set_function(partial(_in_flight, service, name))
        service.observers.append(self.see)

    def see(self, answer: Answer | None) -> None:
        """Count an answer; None is a question that was refused as busy."""
        if answer is None:
            self.busy.inc()
            return
        ledger = answer.ledger
        self.answers.labels(answer.status).inc()
        self.answer_seconds.observe(ledger.seconds)
        for kind in ("thinking", "answer", "prompt", "cached"):
            self.tokens.labels(kind).inc(getattr(ledger, f"{kind}_tokens"))

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)


def _in_flight(service: Service, name: str) -> float:
    return service.in_flight()[name]


class Timed:
    """An ASGI middleware that counts and times requests by the route they reached."""

    def __init__(self, app: Callable[..., Awaitable[None]], metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 499  # the client went away before there was one

        async def noted(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "") or "other"
            self._metrics.requests.labels(route, scope["method"], str(status)).inc()
            self._metrics.latency.labels(route).observe(time.perf_counter() - start)
