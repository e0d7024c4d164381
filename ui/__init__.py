"""The Gradio app. Installed as ragkit.ui."""

from .app import build, mount

__all__ = ["build", "mount"]
