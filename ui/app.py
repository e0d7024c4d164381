"""The app: four tabs in one page, mounted on the server's FastAPI app, one `gr.Blocks` for each language.

English is at `/`, each other at its code, as `/de`; a choice made before, or the browser, leads whoever comes to `/`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from .words import LANGUAGES, Words

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI, Request

    from ragkit.server.service import Service

__all__ = ["build", "mount"]

IDLE_S = 0.01
SESSIONS = 128  # that Gradio remembers, the last that were used; an open page that is forgotten begins anew
THREADS = 128  # events of Gradio at work at once; the limit that counts is the server's gate

# Gradio reads these when it is imported or a queue is made: no telemetry, no table of timings for every event
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")


def build(service: Service, language: str = "en", *, leaving: bool = False) -> gr.Blocks:
    """The page in one language. leaving: people log in, and may log out."""
    import gradio as gr
    from gradio.utils import LRUCache

    from .chat.page import header_html
    from .chat.tab import chat_tab
    from .history.tab import history_tab

    t = Words(language)
    with gr.Blocks(title=t("app.name"), analytics_enabled=False, fill_width=True) as blocks:
        gr.HTML(html_template=header_html(t, leaving=leaving), js_on_load=None, apply_default_css=False, padding=False)
        with gr.Tabs(elem_id="rk-tabs"):
            with gr.Tab(t("tab.chat"), id="chat", elem_id="rk-tab-chat"):
                chat_tab(t, service.config.limits)
            _pages(service, t)
            with gr.Tab(t("tab.history"), id="history", elem_id="rk-tab-history"):
                history_tab(t)
    blocks.queue(default_concurrency_limit=None, api_open=False)
    blocks.max_threads = blocks._queue.max_thread_count = THREADS
    blocks._queue.sleep_when_free = IDLE_S  # Gradio looks for work a thousand times a second, in each language
    blocks._queue.progress_update_sleep_when_free = 10 * IDLE_S
    # Kept for each session: what an event told and nobody fetched (of 2,000 of them), and its state (of 10,000)
    blocks._queue.pending_messages_per_session = LRUCache(SESSIONS)
    blocks.state_session_capacity = SESSIONS
    return blocks


def _pages(service: Service, t: Words) -> None:
    import gradio as gr

    from .evaluate.tab import evaluate_tab
    from .library.tab import library_tab

    for name, tab in (("library", library_tab), ("evaluate", evaluate_tab)):
        with gr.Tab(t(f"tab.{name}"), id=name, elem_id=f"rk-tab-{name}"), gr.Column(elem_classes=["rk-page"]):
            tab(service, t)


def mount(app: FastAPI, service: Service, current_user: Callable[[Request], str | None] | None = None) -> FastAPI:
    """Put the app at `/`. current_user: the name behind a request, None for nobody; without it there is one user."""

    async def mounted() -> FastAPI:
        return _mount(app, service, current_user)

    with ThreadPoolExecutor(1) as thread:  # where no event loop runs, Gradio makes several and closes none
        return thread.submit(asyncio.run, mounted()).result()


def _mount(app: FastAPI, service: Service, current_user: Callable[[Request], str | None] | None) -> FastAPI:
    import gradio as gr
    from starlette.middleware import Middleware

    from .chat.routes import router as chat
    from .chat.sheets import router as sheets
    from .evaluate.downloads import router as downloads
    from .gate import OnlyEvents
    from .page import Pages
    from .theme import theme

    app.include_router(chat)
    app.include_router(sheets)
    app.include_router(downloads)
    for language in (*(code for code in LANGUAGES if code != "en"), "en"):  # "/" last: it takes every path
        blocks = build(service, language, leaving=app.state.auth is not None)
        answered = frozenset(number for number, event in blocks.fns.items() if event.fn is not None)
        app = gr.mount_gradio_app(
            app,
            blocks,
            path="/" if language == "en" else f"/{language}",
            auth_dependency=current_user,
            app_kwargs={"middleware": [Middleware(OnlyEvents, events=answered)]},
            footer_links=[],
            run_history=False,
            ssr_mode=False,
            mcp_server=False,
            enable_monitoring=False,
            show_error=False,
            theme=theme(),
            max_file_size="1b",  # the gate lets none through
        )
    app.user_middleware.append(Middleware(Pages))  # innermost: the guard's policy is made for the page as it leaves
    return app
