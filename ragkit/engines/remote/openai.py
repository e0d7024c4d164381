"""Any OpenAI-compatible server as an engine: ``vllm serve`` with token ids and hard budgets, others as far as they go.

A server that takes and returns token ids (vLLM) and whose tokenizer is on this machine becomes `OpenAIEngine`: the
same budget logic as in process. Any other becomes `OpenAIChatEngine`: messages in, text out, thinking measured where
the server tells, budgets "unsupported".
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from ...errors import UsageError
from ...models.facts import find_config
from ..base import Capabilities, Deadlines, FinishReason
from ..draws import Draw, Drawn, Piece
from ..tokens import HFTokenizer
from ..tokenwise import TokenEngine
from .http import Server
from .openai_chat import OpenAIChatEngine

__all__ = ["OpenAIChatEngine", "OpenAIEngine", "open_model", "open_server"]

PROBE_S = 60.0
NEUTRAL = {"repetition_penalty": 1.0, "top_k": 0, "min_p": 0.0}  # the request decides, not the model's own defaults


def open_model(target: str, *, deadlines: Deadlines | None = None, **options: Any) -> OpenAIEngine | OpenAIChatEngine:
    """The opener behind ``openai:``; see `open_server`."""
    return open_server(target, deadlines=deadlines, **options)


def open_server(
    url: str,
    name: str | None = None,
    *,
    tokenizer: str | None = None,
    deadlines: Deadlines | None = None,
    key: str | None = None,
) -> OpenAIEngine | OpenAIChatEngine:
    """Ask the server what it serves and can do, and return the fitting engine.

    name: the served model; None takes the only one. tokenizer: folder or cached name, if it is not the model's own.
    Raises EngineDeadError if nothing answers, EngineError if what answers is no such server, UsageError if the name is
    not served, or none is given and the server has no list.
    """
    server = Server(url, deadlines=deadlines or Deadlines(), key=key)
    served = _listed(server, named=name is not None)
    names = [str(m.get("id")) for m in served]
    if name is None and len(names) == 1:
        name = names[0]
    if name is not None and name not in names:  # Gemini lists models/NAME, Ollama NAME:latest
        name = next((n for n in (f"models/{name}", f"{name}:latest") if n in names), name)
    if name is None or (names and name not in names):
        raise UsageError(f"the server at {url} does not serve {name!r}; write openai:{url}#NAME with one of: {names}")
    card = next((m for m in served if m.get("id") == name), {})
    source = tokenizer or next((s for s in (card.get("root"), name) if s and find_config(s)), None)
    if source is not None and _takes_ids(server, name):
        return OpenAIEngine(
            server, name, HFTokenizer.load(source, context_tokens=int(card.get("max_model_len") or 4096))
        )
    return OpenAIChatEngine(server, name)


def _listed(server: Server, *, named: bool) -> list[dict[str, Any]]:
    """The cards of the models that the server lists. named: the caller says which one, so that the list may be missing.

    Proxies and small servers have no list at all, or give it bare.
    """
    try:
        document = server.get("/models")
    except UsageError:  # it has none
        if named:
            return []
        raise
    listed = document.get("data") if isinstance(document, dict) else document
    return [m for m in listed if isinstance(m, dict)] if isinstance(listed, list) else []


def _takes_ids(server: Server, name: str) -> bool:
    """Whether the server continues a list of ids and returns ids.

    The probe is long on purpose: a fresh CPU server of vLLM 0.32 dies of an illegal instruction when the first prompt
    it ever runs has a single token, for then a kernel uses the AMX registers before anything has asked leave for them.
    """
    probe = {"model": name, "prompt": [1] * 64, "max_tokens": 1, "return_token_ids": True}
    status, document = server.post("/completions", probe, timeout_s=PROBE_S)
    choices = document.get("choices") or [{}] if isinstance(document, dict) else [{}]
    return status == 200 and bool(choices[0].get("token_ids"))


class OpenAIEngine(TokenEngine):
    """A server that speaks token ids; see `open_server`."""

    def __init__(self, server: Server, name: str, tokenizer: HFTokenizer) -> None:
        self.name = f"openai:{server.url}#{name}"
        self._server, self._served = server, name
        self._tokenizer = tokenizer
        self.capabilities = Capabilities(
            budget=tokenizer.think_start_id is not None,
            token_ids=True,
            logprobs=True,
            tools=True,
            streaming=True,
            structured=True,
        )

    def close(self) -> None:
        """Drop the connections; the server runs on."""
        self._server.close()

    async def draw(self, draw: Draw) -> Drawn:
        """Continue ids."""
        return await self.drawn(self._pieces(draw, interval=8))

    def draw_stream(self, draw: Draw) -> AsyncGenerator[Piece, None]:
        """Continue ids piece by piece."""
        return self._pieces(draw, interval=1)

    async def _pieces(self, draw: Draw, *, interval: int) -> AsyncGenerator[Piece, None]:
        ids: list[int] = []
        chosen: list[float] = []
        top: list[Mapping[int, float]] = []
        cached = 0
        finish: FinishReason = "length"
        stop_id: int | None = None
        events = self._server.events("/completions", self._payload(draw, interval), deadline=draw.deadline)
        try:
            async for event in events:
                usage = event.get("usage") or {}
                cached = int((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or cached)
                for choice in event.get("choices") or ():
                    new = [int(i) for i in choice.get("token_ids") or ()]
                    ids += new
                    _read_logprobs(choice.get("logprobs") or {}, chosen, top)
                    if choice.get("finish_reason"):
                        finish = "stop" if choice["finish_reason"] == "stop" else "length"
                        stops = {*draw.stop_ids, choice.get("stop_reason")}  # the model's own ends are told there
                        if finish == "stop" and ids and ids[-1] in stops:
                            stop_id, new = ids.pop(), new[:-1]
                    if new:
                        yield Piece(tuple(new))
        finally:
            await events.aclose()
        n = len(ids)
        yield Piece((), Drawn(tuple(ids), finish, stop_id, cached, tuple(chosen[:n]), tuple(top[:n])))

    def _payload(self, draw: Draw, interval: int) -> dict[str, Any]:
        optional: dict[str, Any] = {
            "stop": list(draw.stop) or None,
            "logit_bias": {str(i): -100.0 for i in draw.banned_ids} or None,
            "logprobs": draw.logprobs or None,
            "return_tokens_as_token_ids": True if draw.logprobs else None,
            "structured_outputs": None if draw.json_schema is None else {"json": dict(draw.json_schema)},
            "seed": draw.seed,
        }
        return {
            "model": self._served,
            "prompt": list(draw.prompt_ids),
            "max_tokens": draw.max_tokens,
            "temperature": draw.temperature,
            "top_p": draw.top_p,
            **NEUTRAL,
            "stop_token_ids": list(draw.stop_ids),
            "skip_special_tokens": False,
            "return_token_ids": True,
            "stream_interval": interval,
            "stream_options": {"include_usage": True},
        } | {k: v for k, v in optional.items() if v is not None}


def _read_logprobs(given: Mapping[str, Any], chosen: list[float], top: list[Mapping[int, float]]) -> None:
    """Append a choice's log-probabilities; tokens are written ``token_id:123``."""
    chosen += [float(v) for v in given.get("token_logprobs") or ()]
    for entry in given.get("top_logprobs") or ():
        top.append({int(k.removeprefix("token_id:")): float(v) for k, v in (entry or {}).items()})
