"""A tiny mixture-of-experts reader and the invented worlds it is trained on. Installed as ragkit.nano."""

from pathlib import Path

WEIGHTS = Path(__file__).parent / "weights"
