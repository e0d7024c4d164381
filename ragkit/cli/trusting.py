"""`ragkit trust`: allow the model elsewhere that this folder's `ragkit.toml` names."""

from __future__ import annotations

from typing import Annotated

import typer

from .output import say

__all__ = ["trust"]


def trust(revoke: Annotated[bool, typer.Option("--revoke", help="Take it back.")] = False) -> None:
    """Let questions and passages go to the model that this folder's ragkit.toml names."""
    from ..engines import consent

    model = consent.trust(revoke=revoke)
    did = "is not trusted any more" if revoke else "is trusted: questions and passages may go there"
    say().err.print(f"{model or 'nothing'} {did}, from this folder", markup=False, soft_wrap=True)
