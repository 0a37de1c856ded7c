"""Timelines and cue sheets for editors' programs: out of a scored film's workspace, and in."""
