"""Tools for a model that calls them: what one is, those that come with ragkit, and how calls are served."""

from __future__ import annotations

from .toolbox import Calculator, OpenDocument, Output, SearchTool, Tool, as_tools, call_tool, clean_text, declare

__all__ = [
    "Calculator",
    "OpenDocument",
    "Output",
    "SearchTool",
    "Tool",
    "as_tools",
    "call_tool",
    "clean_text",
    "declare",
]
