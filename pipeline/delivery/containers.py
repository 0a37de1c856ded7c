"""Which container the result takes, and how sound is coded in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.media.bed import Bed
from pipeline.media.probe import MediaProbe
from pipeline.media.sniff import Container
from scoring.errors import OutputRefused


@dataclass(frozen=True, slots=True)
class SoundFormat:
    """A coded form of the master. suffix, muxer: of the sound file alone. options: ffmpeg output options.

    channel_kbps: what a lossy coder is given for each channel.
    """

    codec: str
    suffix: str
    muxer: str
    is_lossy: bool
    options: dict[str, Any] = field(default_factory=dict)
    channel_kbps: int = 0

    def for_bed(self, bed: Bed) -> SoundFormat:
        """The same for that many loudspeakers; a lossy coder gets its rate for each, LFE aside."""
        if not self.channel_kbps:
            return self
        wide = sum(weight > 0 for weight in bed.weights)
        return replace(self, options={**self.options, "audio_bitrate": f"{self.channel_kbps * wide}k"})


@dataclass(frozen=True, slots=True)
class OutputContainer:
    """A container the result can be. muxer: ffmpeg's name. options: ffmpeg output options of the mux."""

    name: str
    muxer: str
    sound: SoundFormat
    options: dict[str, Any] = field(default_factory=dict)


_AAC = SoundFormat("aac", ".m4a", "mp4", True, {"acodec": "aac"}, 128)
_OPUS = SoundFormat("opus", ".webm", "webm", True, {"acodec": "libopus"}, 96)
_PCM16 = SoundFormat("pcm_s16le", ".w64", "w64", False, {"acodec": "pcm_s16le"})
_PCM24 = SoundFormat("pcm_s24le", ".w64", "w64", False, {"acodec": "pcm_s24le"})

# AVI gets plain samples because it cannot say how much of a coded stream's start to skip, which would put
# the music some 25 ms late.
_MP4 = OutputContainer("MP4", "mp4", _AAC, {"movflags": "+faststart"})
_BY_SUFFIX = {
    ".mp4": _MP4,
    ".m4v": _MP4,
    ".mov": OutputContainer("QuickTime", "mov", _AAC, {"movflags": "+faststart"}),
    ".3gp": OutputContainer("3GP", "3gp", _AAC),
    ".3g2": OutputContainer("3G2", "3g2", _AAC),
    ".mkv": OutputContainer("Matroska", "matroska", _AAC),
    ".webm": OutputContainer("WebM", "webm", _OPUS),
    ".avi": OutputContainer("AVI", "avi", _PCM16),
    ".ts": OutputContainer("MPEG-TS", "mpegts", _AAC),
    ".m2ts": OutputContainer("MPEG-TS", "mpegts", _AAC),
    ".mts": OutputContainer("MPEG-TS", "mpegts", _AAC),
    ".mxf": OutputContainer("MXF", "mxf", _PCM24),
    ".flv": OutputContainer("FLV", "flv", _AAC),
}
_FAMILY_SUFFIX = {"mov": ".mp4", "matroska": ".mkv", "avi": ".avi", "mpegts": ".ts", "mxf": ".mxf", "flv": ".flv"}
_FAMILY_OF = {
    "mov": {".mp4", ".m4v", ".mov", ".3gp", ".3g2"},
    "matroska": {".mkv", ".webm"},
    "avi": {".avi"},
    "mpegts": {".ts", ".m2ts", ".mts"},
    "mxf": {".mxf"},
    "flv": {".flv"},
}
HOLDS_EVERYTHING = ".mkv"  # where a picture goes that the container asked for cannot hold


def container_for(path: Path) -> OutputContainer:
    """The container a result's name asks for. Raises OutputRefused when its suffix is none we write."""
    found = _BY_SUFFIX.get(path.suffix.lower())
    if found is None:
        raise OutputRefused(
            f"{path.name} does not say what kind of file to write", f"End its name in {', '.join(sorted(_BY_SUFFIX))}"
        )
    return found


def default_suffix(film: MediaProbe) -> str:
    """The suffix of the result: the film's own where it tells the truth, else its container's usual one."""
    return suffix_of(film.path.suffix, film.container)


def suffix_of(own: str, container: Container) -> str:
    """The suffix of a file of a container: its own where that tells the truth, else the usual one."""
    own = own.lower()
    return own if own in _FAMILY_OF[container.name] else _FAMILY_SUFFIX[container.name]
