"""Which SoundFont plays: one the user names, a good one the machine has, or pretty_midi's."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scoring.errors import EngineUnavailable

DEFAULT_FILE = "TimGM6mb.sf2"

# Best first. All of them are General MIDI sets that distributions package under free licences.
_LINUX = (
    "/usr/share/sounds/sf3/MuseScore_General.sf3",
    "/usr/share/mscore/sounds/MuseScore_General.sf3",
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/soundfonts/FluidR3_GM.sf2",
    "/usr/local/share/soundfonts/FluidR3_GM.sf2",
)
_MACOS = (
    "/opt/homebrew/share/soundfonts/FluidR3_GM.sf2",
    "/usr/local/share/fluidsynth/FluidR3_GM.sf2",
    "/Applications/MuseScore 4.app/Contents/Resources/sound/MS Basic.sf3",
)
_WINDOWS = (
    "C:/Program Files/MuseScore 4/sound/MS Basic.sf3",
    "C:/soundfonts/FluidR3_GM.sf2",
)


@dataclass(frozen=True, slots=True)
class SoundFont:
    """A SoundFont file. digest: sha256 of its bytes, so that a score says what it was played with."""

    path: Path
    digest: str


def usual_places(platform: str = sys.platform) -> tuple[Path, ...]:
    """Where a good SoundFont lies on this kind of machine, best first."""
    places = {"darwin": _MACOS, "win32": _WINDOWS}.get(platform, _LINUX)
    return tuple(Path(place) for place in places)


def find_soundfont(named: Path | None = None, places: Iterable[Path] | None = None) -> SoundFont:
    """The SoundFont to play with. Raises EngineUnavailable where the named one is not a SoundFont, or there is none."""
    if named is not None:
        if not _is_soundfont(named):
            raise EngineUnavailable(f"{named} is not a SoundFont", "Name a readable .sf2 or .sf3 file")
        return SoundFont(named, _digest(named))
    bundled = _bundled()
    candidates = [*(usual_places() if places is None else places), *([bundled] if bundled else [])]
    for path in candidates:
        if _is_soundfont(path):
            return SoundFont(path, _digest(path))
    raise EngineUnavailable("no SoundFont was found", "Install pretty_midi, or name a .sf2 file")


def _bundled() -> Path | None:
    """pretty_midi's, found without importing it: the import takes most of a second."""
    spec = importlib.util.find_spec("pretty_midi")
    folders = spec.submodule_search_locations if spec else None
    return Path(folders[0]) / DEFAULT_FILE if folders else None


def _is_soundfont(path: Path) -> bool:
    """RIFF with form type sfbk, SoundFont technical specification 2.04, section 4."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        return False
    return head[:4] == b"RIFF" and head[8:12] == b"sfbk"


@cache
def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
