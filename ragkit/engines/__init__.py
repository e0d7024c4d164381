"""Engines: what runs a model. One protocol (`base`), one file for each engine, chosen by one string (`registry`)."""
