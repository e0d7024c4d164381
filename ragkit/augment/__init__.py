"""Between search and model: passages packed into the window, examples chosen, prompts filled in."""

from .packing import Packed, Passage, clean_line, pack_context, same_text

__all__ = ["Packed", "Passage", "clean_line", "pack_context", "same_text"]
