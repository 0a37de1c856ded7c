"""A CueRequest in, the audio of that cue out. Knows no video.

The front doors stand here by name and are imported when first used, so that importing this loads no engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from music_engine.sdk.generator import MusicGenerator
    from music_engine.sdk.music import Music

__all__ = ["Music", "MusicGenerator"]

_HOMES = {"Music": "music_engine.sdk.music", "MusicGenerator": "music_engine.sdk.generator"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
