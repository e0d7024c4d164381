"""Formats that are text themselves: plain and marked up, HTML and what it embeds, notebooks, captions."""
