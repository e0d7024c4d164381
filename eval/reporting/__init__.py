"""Runs as pages, charts and tables."""
