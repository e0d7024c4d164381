"""Prompt templates and few-shot banks. Installed as ragkit.prompts."""
