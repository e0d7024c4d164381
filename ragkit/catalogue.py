"""Everything that is chosen by name, written once: help texts, the app's choices and messages come from these tables.

To add one of ragkit's own, write its file and its line here. Importing this imports none of what it names.
"""

from __future__ import annotations

from .plugins import Offer, Registry

__all__ = ["ENGINES", "LOADERS", "METRICS", "REGISTRIES", "STRATEGIES", "VIEWS"]


def _strategy(name: str, kind: str, about: str) -> Offer:
    return Offer(name, f"ragkit.reasoning.strategies.{name}:{kind}", about)


STRATEGIES = Registry(
    "strategy",
    "ragkit.strategies",
    [
        _strategy("auto", "Auto", "chosen by question, budget and model"),
        _strategy("direct", "Direct", "search once, answer at once"),
        _strategy("cot", "ChainOfThought", "search once, think, answer"),
        _strategy("self_consistency", "SelfConsistency", "several thoughts, one vote"),
        _strategy("best_of_n", "BestOfN", "several answers, the best supported one is kept"),
        _strategy("iterative", "Iterative", "rounds of searching and reading"),
        _strategy("agent", "Agent", "a model that calls tools"),
        _strategy("extractive", "Extractive", "verbatim sentences, no model"),
    ],
)
"""Name -> class of a `reasoning.base.Strategy`, made without arguments."""

ENGINES = Registry(
    "engine",
    "ragkit.engines",
    [
        Offer("vllm", "ragkit.engines.vllm.engine:open_model", "a model in this process", needs="vllm"),
        Offer(
            "transformers",
            "ragkit.engines.transformers.engine:open_model",
            "the same where vLLM is not installed",
            needs="transformers",
        ),
        Offer("openai", "ragkit.engines.remote.openai:open_model", "any OpenAI-compatible server, openai:URL#name"),
    ],
)
"""Prefix of a model's string -> `engines.base.Opener`, which is given what follows the prefix."""

LOADERS = Registry("format", "ragkit.loaders", [])
"""Suffix of a file, without its dot -> ``parse(data: bytes, job: Job) -> Iterator[Parsed]``, see `loaders.parsed`.

ragkit's own formats are in `loaders.formats`; these are read beside them, in the same limited process."""

METRICS = Registry("metric", "ragkit.metrics", [])
"""Name -> a `ragkit.eval.metrics.metric.Metric`; ragkit's own are a table in that module."""

VIEWS = Registry(
    "view",
    "ragkit.views",
    [
        Offer("faiss", "ragkit.views.faiss:open_view", "files on this machine, searched by FAISS"),
        Offer("pgvector", "ragkit.views.pgvector:open_view", "in the PostgreSQL store itself, by its pgvector"),
    ],
)
"""Name -> a `views.base.Opener` of a vector view; what follows the name and a colon is its target."""

REGISTRIES = (STRATEGIES, ENGINES, LOADERS, METRICS, VIEWS)
