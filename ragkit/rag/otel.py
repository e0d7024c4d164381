"""Spans of an answer through OpenTelemetry, when the setting `otel` is on: numbers and names, never texts.

One span for the answer, one below it for each search and each call of the engine, with the times they really took and
the attribute names of OpenTelemetry's conventions for generative AI. Where they go is up to the process: without an SDK
set up, the API drops them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import MissingDependencyError
from ..types import Answer

if TYPE_CHECKING:
    from .traces import Recording

__all__ = ["SpanExport"]


class SpanExport:
    """Called with each finished recording. Raises MissingDependencyError when opentelemetry-api is not installed."""

    def __init__(self) -> None:
        try:
            from opentelemetry import trace
        except ImportError as exc:
            raise MissingDependencyError("export through OpenTelemetry", extra="otel") from exc
        self._trace: Any = trace

    def __call__(self, recording: Recording, answer: Answer) -> None:
        """Emit the spans of one answer."""
        tracer = self._trace.get_tracer("ragkit")
        seen, ledger = recording.seen, answer.ledger
        start = int(recording.created_at.timestamp() * 1e9)
        ends = [s.end_ns for s in seen.searches] + [c.end_ns for c in seen.calls]
        end = max([start + int(ledger.seconds * 1e9), *ends])
        span = tracer.start_span(
            "ragkit.answer",
            start_time=start,
            attributes={
                "gen_ai.operation.name": "invoke_agent",
                "gen_ai.request.model": answer.model,
                "gen_ai.usage.input_tokens": ledger.prompt_tokens,
                "gen_ai.usage.output_tokens": ledger.thinking_tokens + ledger.answer_tokens,
                "ragkit.trace_id": recording.id,
                "ragkit.strategy": answer.strategy,
                "ragkit.status": answer.status,
                "ragkit.thinking_tokens": ledger.thinking_tokens,
                "ragkit.ended": ledger.ended,
                "ragkit.citations": len(answer.citations),
            },
        )
        below = self._trace.set_span_in_context(span)
        for search in seen.searches:
            tracer.start_span(
                "ragkit.search",
                context=below,
                start_time=search.start_ns,
                attributes={"ragkit.k": search.k, "ragkit.hits": len(search.hits)},
            ).end(search.end_ns)
        for call in seen.calls:
            tracer.start_span(
                "chat",
                context=below,
                start_time=call.start_ns,
                attributes={
                    "gen_ai.operation.name": "chat",
                    "gen_ai.request.model": answer.model,
                    "gen_ai.request.temperature": call.request.temperature,
                    "gen_ai.usage.input_tokens": sum(s.prompt_tokens for s in call.samples),
                    "gen_ai.usage.output_tokens": sum(s.thinking_tokens + s.answer_tokens for s in call.samples),
                },
            ).end(call.end_ns)
        span.end(end)
