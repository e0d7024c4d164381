"""The Chat tab: the visible page; the script brings it to life, and `routes` answer it."""

from __future__ import annotations

import gradio as gr

from ragkit.asking import Limits

from ..words import Words
from .page import chat_html

__all__ = ["chat_tab"]


def chat_tab(t: Words, limits: Limits) -> None:
    """Put the page into the current `gr.Tab`."""
    page = chat_html(t, limits)
    gr.HTML(html_template=page, js_on_load="ragkit.chat(element)", apply_default_css=False, padding=False)
