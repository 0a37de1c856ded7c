"""Faults put into finished films on purpose, to see which check notices: `python benchmarks/faults/matrix.py`."""
