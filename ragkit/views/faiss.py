"""The view `faiss`: vectors in checked files on this machine. ``faiss:IVF1024,SQ8`` fixes FAISS's factory string."""

from __future__ import annotations

from .base import Ground
from .vectors import VectorView

__all__ = ["open_view"]


def open_view(ground: Ground) -> VectorView:
    """The newest sound snapshot in the folder, else an empty view."""
    return VectorView.open(
        ground.folder,
        dim=ground.record.dim,
        fingerprint=ground.record.fingerprint,
        factory=ground.target or None,
        belongs=ground.belongs,
        select=ground.select,
    )
