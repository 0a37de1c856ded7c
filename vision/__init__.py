"""Pixels and sound blocks in, emotion curve and shots out. Knows no music, no paths, no containers."""
