"""Between search and model: passages packed into the window, examples chosen, prompts filled in."""

from .packing import NumberedPassage, Packed, clean_line, pack_context, same_text

__all__ = ["NumberedPassage", "Packed", "clean_line", "pack_context", "same_text"]
