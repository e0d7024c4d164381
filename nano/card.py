"""The tables of MODEL_CARD.md, made from the cells that an evaluation wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .evaluate import BUDGETED, BUDGETS


def free_table(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return the table of natural thinking: one row a cell, with its interval."""
    rows = ["| questions | right | 95 % interval | n |", "|---|---|---|---|"]
    for cell in cells:
        if "@" not in cell["cell"]:
            rows.append("| {cell} | {share:.3f} | {low:.3f} – {high:.3f} | {n} |".format(**cell))
    return "\n".join(rows)


def budget_table(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return the table of forced budgets: one row a kind of question, one column a budget."""
    shares = {cell["cell"]: cell["share"] for cell in cells}
    columns = [str(budget) for budget in BUDGETS]
    rows = [f"| thinking tokens | {' | '.join(columns)} | natural |", "|---" * (len(columns) + 2) + "|"]
    for name in BUDGETED:
        values = [f"{shares[f'{name} @{budget}']:.2f}" for budget in BUDGETS]
        rows.append(f"| {name} | {' | '.join(values)} | {shares[name]:.2f} |")
    return "\n".join(rows)
