"""`ragkit plan`: what a model needs and whether it fits, before anything is fetched or loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from .output import JsonOption, say

if TYPE_CHECKING:
    from ..models.plan import Plan

__all__ = ["plan", "render", "render_fitting"]


def plan(
    model: Annotated[
        str | None, typer.Argument(help="A folder, a name in the cache, nano, or a well-known model.")
    ] = None,
    fit: Annotated[bool, typer.Option("--fit", help="List the well-known models that fit.")] = False,
    gpus: Annotated[int, typer.Option(help="GPUs to plan for; 0: the CPU.")] = 0,
    memory: Annotated[float | None, typer.Option(help="GiB of one GPU, or of the machine without one.")] = None,
    context: Annotated[int | None, typer.Option(help="Tokens of the window wanted.")] = None,
    chunks: Annotated[int, typer.Option(help="Chunks of the index beside it.")] = 100_000,
    as_json: JsonOption = False,
) -> None:
    """Say from a model's config.json what it needs, what fits and what is given up; exit 1 when it does not fit."""
    speak = say(as_json)
    from ..models.plan import fitting
    from ..models.plan import plan as make_plan

    if fit == (model is not None):
        raise UsageError("name one model to plan for, or give --fit for a list of those that fit")
    if model is None:
        found = fitting(gpus=gpus, memory_gib=memory, context_tokens=context, chunks=chunks)
        if as_json:
            speak.data(found)
        else:
            speak.out.print(render_fitting(found), markup=False, soft_wrap=True)
        raise typer.Exit(0 if found else 1)
    made = make_plan(model, gpus=gpus, memory_gib=memory, context_tokens=context, chunks=chunks)
    if as_json:
        speak.data(made)
    else:
        speak.out.print(render(made), markup=False, soft_wrap=True)
    raise typer.Exit(0 if made.fits else 1)


def render_fitting(plans: Sequence[Plan]) -> str:
    """Return the plans as a table, a line each."""
    from ..models.plan import size

    if not plans:
        return "none of the well-known models fits; a smaller one may, or more memory"
    width = max(len(p.model) for p in plans)
    head = f"{'model':<{width}}  {'parameters':>14}  {'weights':>10}  {'as':<12}  {'context':>8}  windows at once"
    lines = [
        f"{p.model:<{width}}  {_count(p.facts.total_parameters):>14}  {size(p.weight_bytes):>10}  "
        f"{_width(p):<12}  {p.context_tokens:>8,}  {p.sequences:.1f}"
        for p in plans
    ]
    return "\n".join([head, *lines])


def _width(plan: Plan) -> str:
    return plan.quantization or ("16 bits" if plan.dtype == "auto" else plan.dtype)


def render(plan: Plan) -> str:
    """Return the plan as lines for a terminal."""
    from ..models.plan import size

    f = plan.facts
    rows = [
        ("model", f"{plan.model} ({f.architecture})"),
        ("parameters", _parameters(plan)),
        ("weights", size(plan.weight_bytes) + _kept_as(plan) + (", estimated" if f.estimated else "")),
        ("cache", f"{f.kv_bytes_per_token / 1024 * (2 if plan.dtype == 'float32' else 1):.1f} KiB per token"),
        ("encoder", size(plan.encoder_bytes)),
        ("index", f"{size(plan.index_bytes)} for {plan.chunks:,} chunks of {plan.dim} numbers, flat"),
        (
            "machine",
            f"{plan.gpus} GPU x {plan.memory_gib:g} GiB" if plan.gpus else f"CPU with {plan.memory_gib:.0f} GiB",
        ),
    ]
    if plan.fits:
        rows += [
            ("fits", "yes"),
            ("context", f"{plan.context_tokens:,} tokens, {plan.sequences:.1f} full windows at once"),
            ("parallel", _parallel(plan)),
        ]
    else:
        rows += [("fits", "no"), ("remedy", plan.remedy)]
    if plan.serve:
        rows += [("serve", plan.serve), ("then", f'--model "openai:http://localhost:8000/v1#{plan.model}"')]
    rows += [("downgraded", text) for text in plan.downgrades]
    return "\n".join(f"{name:<11}{text}" for name, text in rows)


def _parameters(plan: Plan) -> str:
    f = plan.facts
    active = f" ({_count(f.active_parameters)} per token, {f.experts} experts)" if f.experts else ""
    return _count(f.total_parameters) + active + (", estimated" if f.estimated else "")


def _kept_as(plan: Plan) -> str:
    if plan.quantization:
        return f" as {plan.quantization}"
    return f" in {plan.dtype}" if plan.dtype != "auto" else ""


def _parallel(plan: Plan) -> str:
    if not plan.gpus:
        return "none (one process on the CPU)"
    parts = [f"tensor {plan.tensor_parallel}", f"pipeline {plan.pipeline_parallel}"]
    if plan.data_parallel > 1:
        parts.append(f"data {plan.data_parallel}")
    if plan.expert_parallel:
        parts.append("experts spread")
    return ", ".join(parts)


def _count(parameters: int) -> str:
    return f"{parameters / 1e9:.2f} billion" if parameters >= 10**8 else f"{parameters / 1e6:.2f} million"
