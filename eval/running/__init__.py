"""Runs: questions asked, samples kept, resumed after a kill; evaluations, sweeps, necessity."""
