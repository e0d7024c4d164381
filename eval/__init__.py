"""The evaluation harness: question sets, runners, metrics, sweeps and reports. Installed as ragkit.eval."""
