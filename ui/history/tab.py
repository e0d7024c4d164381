"""The History tab: conversations listed, searched, opened, renamed and deleted. The handlers are those of `chat`."""

from __future__ import annotations

import json

import gradio as gr

from ..safe_html import escape
from ..words import Words

__all__ = ["history_tab"]


def history_tab(t: Words) -> None:
    """The visible page; the script fills the list."""
    words = escape(json.dumps(t.part("js."), ensure_ascii=False))
    page = f"""<section class="rk-history" data-words="{words}" aria-label="{escape(t("tab.history"))}">
<h1 class="rk-title">{escape(t("tab.history"))}</h1>
<label class="rk-field rk-search">{escape(t("history.search"))}
  <input id="rk-search" type="search" maxlength="200" placeholder="{escape(t("history.hint"))}"></label>
<ul class="rk-list" id="rk-list"></ul>
<p class="rk-muted" id="rk-list-empty" hidden></p>
</section>"""
    gr.HTML(html_template=page, js_on_load="ragkit.history(element)", apply_default_css=False, padding=False)
