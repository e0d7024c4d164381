"""The look: one accent colour, the system's own letters, light and dark. `style.css` uses the same names.

Pairs of text and ground keep a contrast of 4.5 or more in both modes (a test measures them in the browser).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["DARK", "LIGHT", "head", "theme"]

HERE = Path(__file__).parent
SCRIPT = (
    "server",
    "turns",
    "asking",
    "told",
    "sheets",
    "panel",
    "controls",
    "chat",
    "history",
    "places",
    "page",
    "uploads",
)
"""Parts of one closure, in this order."""

LIGHT = {
    "ground": "#faf9f7",
    "paper": "#ffffff",
    "sunk": "#f1efeb",
    "line": "#dcd8d1",
    "ink": "#1f2429",
    "soft": "#59626b",
    "accent": "#0b6477",
    "on-accent": "#ffffff",
    "tint": "#e0f0f3",
    "mark": "#ffe9a3",
    "on-mark": "#2b2205",
    "warn": "#8a4b00",
    "warn-tint": "#fdf0dc",
    "danger": "#a62626",
}
DARK = {
    "ground": "#14181b",
    "paper": "#1c2226",
    "sunk": "#101316",
    "line": "#343c42",
    "ink": "#e6e9ea",
    "soft": "#a3adb5",
    "accent": "#6cc7d9",
    "on-accent": "#06242b",
    "tint": "#163840",
    "mark": "#5c4a10",
    "on-mark": "#fff0bd",
    "warn": "#f0b566",
    "warn-tint": "#3a2a12",
    "danger": "#f08a8a",
}


def theme() -> Any:
    """The Gradio theme, so that its own components look like the rest."""
    import gradio as gr

    sans = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
    mono = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
    made = gr.themes.Base(
        font=[gr.themes.Font(name) for name in sans],
        font_mono=[gr.themes.Font(name) for name in mono],
        radius_size=gr.themes.sizes.radius_md,
        text_size=gr.themes.sizes.text_md,
    )
    return made.set(
        **_both("body_background_fill", "ground"),
        **_both("body_text_color", "ink"),
        **_both("body_text_color_subdued", "soft"),
        **_both("background_fill_primary", "paper"),
        **_both("background_fill_secondary", "sunk"),
        **_both("border_color_primary", "line"),
        **_both("block_background_fill", "paper"),
        **_both("block_border_color", "line"),
        **_both("block_label_text_color", "soft"),
        **_both("block_title_text_color", "ink"),
        **_both("block_info_text_color", "soft"),
        **_both("block_label_background_fill", "paper"),
        **_both("input_background_fill", "paper"),
        **_both("input_border_color", "line"),
        **_both("input_border_color_focus", "accent"),
        **_both("input_placeholder_color", "soft"),
        **_both("button_primary_background_fill", "accent"),
        **_both("button_primary_text_color", "on-accent"),
        **_both("button_primary_background_fill_hover", "accent"),
        **_both("button_primary_border_color", "accent"),
        **_both("button_secondary_background_fill", "sunk"),
        **_both("button_secondary_text_color", "ink"),
        **_both("button_secondary_border_color", "line"),
        **_both("button_secondary_background_fill_hover", "tint"),
        **_both("color_accent_soft", "tint"),
        **_both("border_color_accent", "accent"),
        **_both("link_text_color", "accent"),
        **_both("link_text_color_hover", "accent"),
        **_both("link_text_color_visited", "accent"),
        **_both("slider_color", "accent"),
        **_both("checkbox_background_color_selected", "accent"),
        **_both("checkbox_border_color_selected", "accent"),
        **_both("table_text_color", "ink"),
        **_both("table_border_color", "line"),
        **_both("table_even_background_fill", "paper"),
        **_both("table_odd_background_fill", "ground"),
        **_both("loader_color", "accent"),
        **_both("code_background_fill", "sunk"),
        color_accent=LIGHT["accent"],
        block_shadow="none",
        shadow_drop="none",
        block_border_width="1px",
        input_border_width="1px",
        block_label_text_weight="500",
        button_large_text_weight="500",
        button_primary_shadow="none",
    )


def head() -> str:
    """Style and script, inside the page itself: nothing is fetched."""
    colours = "".join(
        f"{selector}{{{''.join(f'--rk-{name}:{value};' for name, value in table.items())}}}"
        for selector, table in ((":root", LIGHT), (".dark", DARK))
    )
    style = "".join((HERE / name).read_text(encoding="utf-8") for name in ("style.css", "pages.css"))
    script = "".join((HERE / "script" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPT)
    made = (
        '(() => {"use strict";\n' + script + "window.ragkit = { chat, filled, history: historyPage, uploads };\n})();"
    )
    return f"<style>{colours}{style}</style><script>{made}</script>"


def _both(name: str, colour: str) -> dict[str, str]:
    return {name: LIGHT[colour], f"{name}_dark": DARK[colour]}
