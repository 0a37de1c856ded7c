"""What the user asks for, in one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from music_engine.options import EngineOptions
from scoring.edit import Edit
from scoring.timebase import TimeRange
from scoring.wishes.asked import Asked

Dialogue = Literal["duck", "keep", "replace"]
ExistingMusic = Literal["auto", "skip", "lower", "keep"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What to do with a film. None means: not said, so take what the workspace or the default says.

    output: the file to write; beside the film when None. seed: drawn from the film itself when None.
    engine: a name, or "auto"; engines: what is said about engines, over the settings. fallback: whether another engine
    may stand in for a named one that cannot start.
    cues, prompts: files to take the cues from. stems: also write each stem film-long beside the result.
    dialogue: duck the music under speech by what clearance_lu asks, keep it level, or replace the film's own sound.
    existing_music: what to do where the film has music already; auto skips it, unless that leaves nothing to score.
    music_level_db: added to the music's usual level.
    surround_db: the music's level in the surrounds against the front, for films that have any; None for none there.
    only: the one stretch to score. no_music: stretches to leave alone.
    analyser: who reads the pictures, encoder: a name or a folder of one for CLIP; the settings or auto when None.
    calibration: a file of `cuesmith affect calibrate`. vocabulary: a file in the place of the built-in one.
    words: subtitles or a transcript; describe: what the film is about; subtitles: whether those inside the film count.
    asked: of the music, for the whole film; what a cue's own wishes say is outranked by it.
    edit: the film's cuts and marks as its editor's timeline has them; cuts are detected where it says none.
    music: also write the finished music by itself, `film.music.wav`, at the level that it has under the film's sound.
    starts_at_s: what the film's timecode says at its first picture, real seconds since midnight; it is written into
    that file. What the film itself says when None, 0 where it says nothing.
    """

    output: Path | None = None
    style: str | None = None
    engine: str = "auto"
    engines: EngineOptions = field(default_factory=EngineOptions)
    loudness: str = "web"
    seed: int | None = None
    cues: Path | None = None
    prompts: Path | None = None
    stems: bool = False
    dialogue: Dialogue = "duck"
    clearance_lu: float = 14.0
    existing_music: ExistingMusic = "auto"
    music_level_db: float = 0.0
    surround_db: float | None = None
    only: TimeRange | None = None
    no_music: tuple[TimeRange, ...] = ()
    fallback: bool = False
    analyser: str | None = None
    encoder: str | None = None
    calibration: Path | None = None
    vocabulary: Path | None = None
    words: Path | None = None
    describe: str = ""
    subtitles: bool = True
    asked: Asked = field(default_factory=Asked)
    edit: Edit | None = None
    music: bool = False
    starts_at_s: float | None = None


DEFAULT_STYLE = "cinematic"


class Observer(Protocol):
    """Hears how a run is getting on."""

    def stage(self, name: str) -> Callable[[float], None]:
        """A stage begins; the function returned is called with the share done, 0..1, rising.

        name: "compose"; with several takes "compose 2/3" says of which.
        """
        ...

    def note(self, text: str) -> None:
        """Something the user should know now."""
        ...


class Silent:
    """An observer that does nothing."""

    def stage(self, name: str) -> Callable[[float], None]:
        """Ignore it."""
        return lambda share: None

    def note(self, text: str) -> None:
        """Ignore it."""
