"""Messages and samples between LangChain and ragkit's engines."""

from __future__ import annotations

import json
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ChatMessage, SystemMessage, ToolMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call

from ..engines.base import Sample
from ..errors import UsageError

__all__ = ["message", "plain", "response", "usage"]

READ_BLOCKS = {"text", "reasoning", "thinking", "tool_use", "tool_call", "tool_call_chunk", "invalid_tool_call"}


def message(sample: Sample, model: str, engine: str) -> AIMessage:
    """A sample as a whole message: the thought as a reasoning block, then the text."""
    content: Any = sample.answer
    if sample.thinking:
        content = [{"type": "reasoning", "reasoning": sample.thinking, "index": 0}]
        if sample.answer:
            content.append({"type": "text", "text": sample.answer, "index": 1})
    return AIMessage(
        content=content,
        tool_calls=[tool_call(name=c.name, args=dict(c.arguments), id=c.id) for c in sample.tool_calls],
        usage_metadata=usage(sample),
        response_metadata=response(sample, model, engine),
    )


def usage(sample: Sample) -> UsageMetadata:
    """Tokens in and out; the thought counts as output."""
    output = sample.thinking_tokens + sample.answer_tokens
    return UsageMetadata(
        input_tokens=sample.prompt_tokens,
        output_tokens=output,
        total_tokens=sample.prompt_tokens + output,
        input_token_details={"cache_read": min(sample.cached_tokens, sample.prompt_tokens)},
        output_token_details={"reasoning": sample.thinking_tokens},
    )


def response(sample: Sample, model: str, engine: str) -> dict[str, Any]:
    """What a message tells of how it came about."""
    return {
        "model_name": model,
        "engine": engine,
        "finish_reason": "tool_calls" if sample.tool_calls else sample.finish_reason,
        "thinking_ended": sample.ended,
    }


def plain(message: BaseMessage) -> dict[str, Any]:
    """A message as engines take it; thoughts of earlier turns are left out. Raises UsageError for what is no text."""
    strange = {b.get("type") for b in message.content if isinstance(b, dict)} - READ_BLOCKS
    if strange:
        raise UsageError(f"a message holds {', '.join(sorted(map(str, strange)))}; ragkit's engines read text only")
    text = message.text
    if isinstance(message, AIMessage):
        calls = [
            {
                "id": c["id"] or f"call_{n}",
                "type": "function",
                "function": {"name": c["name"], "arguments": json.dumps(c["args"], ensure_ascii=False)},
            }
            for n, c in enumerate(message.tool_calls, 1)
        ]
        return {"role": "assistant", "content": text, **({"tool_calls": calls} if calls else {})}
    if isinstance(message, ToolMessage):
        return {"role": "tool", "content": text, "tool_call_id": message.tool_call_id, "name": message.name or "tool"}
    if isinstance(message, ChatMessage):
        return {"role": message.role, "content": text}
    return {"role": "system" if isinstance(message, SystemMessage) else "user", "content": str(text)}
