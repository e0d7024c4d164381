"""Tests of the tiny reader and its worlds."""
