"""A stand-in for DaVinci Resolve's scripting API, at least as unkind as the real one.

[R]: Blackmagic's Scripting/README.txt of 24 July 2026. [L]: behaviour that others measured on the real program. What is
neither is marked as assumed. No test of this project has run against the real program.
"""

from __future__ import annotations

from fake_resolve.painting import paint, paint_boxes
from fake_resolve.program import FakeProgram, media_file, rows_of
from fake_resolve.quirks import EDITIONS, NO_H264, Quirks
from fake_resolve.world import Failing

__all__ = ["EDITIONS", "NO_H264", "Failing", "FakeProgram", "Quirks", "media_file", "paint", "paint_boxes", "rows_of"]
