"""Metrics as pure functions: each computes exactly what its name says and cites where it is defined."""
