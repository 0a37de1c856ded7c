"""Pixels and sound blocks in, emotion curve and shots out. Knows no music, no paths, no containers.

`analyse` is the front door; `vision.analyser` says what an analyser is, `vision.colour_motion` is the one that always
works.
"""

from vision.analyse import analyse

__all__ = ["analyse"]
