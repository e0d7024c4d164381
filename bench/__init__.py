"""Benchmarks: each prints its figures, as ratios against the raw library in the same run wherever one exists."""
