"""Training and measuring of the reader and the checker that ship in `ragkit.reader`: `python -m bench.reader`."""
