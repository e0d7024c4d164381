"""`ragkit trust`: allow the model elsewhere, or in files, that this folder's `ragkit.toml` names."""

from __future__ import annotations

from typing import Annotated

import typer

from .output import say

__all__ = ["trust"]


def trust(revoke: Annotated[bool, typer.Option("--revoke", help="Take it back.")] = False) -> None:
    """Allow the model that this folder's ragkit.toml names: a server elsewhere, or files of this machine."""
    from ..engines import consent

    model = consent.trust(revoke=revoke)
    did = "is not trusted any more" if revoke else "is trusted: it may answer, and read questions and passages"
    say().err.print(f"{model or 'nothing'} {did}, from this folder", markup=False, soft_wrap=True)
