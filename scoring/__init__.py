"""The shared vocabulary: time, keys, cue sheets, spotting. numpy and the standard library only.

The front doors stand here by name and are imported when first used, so that importing the vocabulary costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scoring.cue_sheet_json import dumps as dumps_cue_sheet
    from scoring.cue_sheet_json import loads as loads_cue_sheet
    from scoring.moods import mood_names
    from scoring.spotting import spot
    from scoring.style import load_style, style_names
    from scoring.timed_prompts import apply as apply_prompts
    from scoring.timed_prompts import write as write_prompts

__all__ = [
    "apply_prompts",
    "dumps_cue_sheet",
    "load_style",
    "loads_cue_sheet",
    "mood_names",
    "spot",
    "style_names",
    "write_prompts",
]

_HOMES = {
    "apply_prompts": ("scoring.timed_prompts", "apply"),
    "dumps_cue_sheet": ("scoring.cue_sheet_json", "dumps"),
    "load_style": ("scoring.style", "load_style"),
    "loads_cue_sheet": ("scoring.cue_sheet_json", "loads"),
    "mood_names": ("scoring.moods", "mood_names"),
    "spot": ("scoring.spotting", "spot"),
    "style_names": ("scoring.style", "style_names"),
    "write_prompts": ("scoring.timed_prompts", "write"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, function = _HOMES[name]
    return getattr(import_module(module), function)
