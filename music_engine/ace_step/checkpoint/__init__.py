"""Checkpoint files: layouts, manifests, safe reading, verification."""
