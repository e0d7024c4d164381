"""Strategies: how an answer is reasoned, one idea per file."""
