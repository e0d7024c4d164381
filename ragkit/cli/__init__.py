"""The `ragkit` command. stdout carries data, stderr progress; every failure is one clear line and an exit code."""

from .app import main

__all__ = ["main"]
