"""Whether claims follow from their passages: the checkers, their calibration, the verdicts of a run."""
