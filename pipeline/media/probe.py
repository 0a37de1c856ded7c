"""What a film is, before it is decoded: asked of a child process, checked against the limits."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipeline.media.child import Child, last_line
from pipeline.media.ffmpeg_gate import file_url
from pipeline.media.limits import ChildLimits
from pipeline.media.sniff import ALLOWED_DEMUXERS, Container, sniff
from pipeline.settings import MediaLimits, Settings
from scoring.cue_sheet import MINIMUM_FILM_S
from scoring.errors import BrokenMedia, FilmTooShort, MediaTooLarge, MediaToolError, UnsupportedMedia
from scoring.timebase import FrameRate
from scoring.timecode import Timecode, is_drop_label
from scoring.video_info import AudioStream, Transfer, VideoInfo

_CHILD = Path(__file__).with_name("probe_child.py")
_TRANSFERS: dict[int, Transfer] = {16: "pq", 18: "hlg"}  # ITU-T H.273 table 3, TransferCharacteristics
_FASTEST_REAL_RATE = 120  # frames/s; a container that claims more is stating its clock, as FLV does with 1000
_USUAL_RATE = FrameRate(25)


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of the container. kind: video, audio, subtitle, data or attachment."""

    index: int
    kind: str
    codec: str
    language: str
    start_s: float
    is_picture_attached: bool


@dataclass(frozen=True, slots=True)
class MediaProbe:
    """A film's path, container and streams.

    video: index of the picture stream. declared_s: the picture's length as its stream states it, container_s the
    whole file's: claims, None where nothing is stated. chapters: how many. timecode: the start timecode or "".
    colour: range, matrix, primaries, transfer as ITU-T H.273 numbers.
    """

    path: Path
    container: Container
    info: VideoInfo
    streams: tuple[Stream, ...]
    video: int
    declared_s: float | None
    container_s: float | None
    chapters: int
    timecode: str
    colour: tuple[int, int, int, int]

    @property
    def longest_s(self) -> float:
        """The longest length claimed, 0 where none is."""
        return max(self.declared_s or 0.0, self.container_s or 0.0)

    @property
    def starts_at_s(self) -> float:
        """What the film's own timecode says, real seconds since midnight; 0 without one, or one that is none."""
        try:
            labels = Timecode(self.info.frame_rate, is_drop_label(self.timecode))
            return float(labels.seconds(labels.frame(self.timecode)))
        except ValueError:
            return 0.0

    def of_kind(self, kind: str) -> list[Stream]:
        """The streams of one kind, cover pictures left out."""
        return [s for s in self.streams if s.kind == kind and not s.is_picture_attached]


def probe(path: Path, settings: Settings, *, shortest_s: float = MINIMUM_FILM_S) -> MediaProbe:
    """Ask what a film is.

    Raises an InputError leaf that says what is wrong with it: missing, not a video, no picture, damaged,
    over a limit, shorter than shortest_s.
    """
    container = sniff(path)
    size_bytes = path.stat().st_size
    if size_bytes > settings.limits.file_bytes:
        raise MediaTooLarge(
            f"{path} has {size_bytes / 1e9:.1f} GB", f"The limit is {settings.limits.file_bytes / 1e9:g} GB"
        )
    said = _ask(path, container, settings)
    if "error" in said:
        raise BrokenMedia(f"{path} cannot be read as a video ({said['error']})", "Copy or export it again")
    if said["video"] is None:
        raise UnsupportedMedia(f"{path} has no picture, only sound or data", "Give a file with a video stream")
    if said["picture"] is None:
        raise BrokenMedia(f"not one picture of {path} can be decoded", "Copy or export it again")
    found = _understand(path, container, said)
    _check(found, settings.limits, shortest_s)
    return found


def _ask(path: Path, container: Container, settings: Settings) -> dict[str, Any]:
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": ALLOWED_DEMUXERS,
        "probesize": "20000000",
        "analyzeduration": "20000000",
    }
    limits = ChildLimits(
        memory_bytes=settings.limits.memory_bytes,
        open_files=settings.limits.open_files,
        processor_s=int(settings.limits.probe_s),
    )
    # -I: neither the caller's folder nor its PYTHON* variables decide what the child imports.
    argv = [sys.executable, "-I", str(_CHILD), file_url(path), container.demuxer, json.dumps(options)]
    with Child(argv, limits=limits, stall_s=settings.limits.probe_s) as child:
        answer = child.stdout.read()
        try:
            child.finish()
        except MediaToolError as error:
            reason = last_line(child.stderr_text)
            raise BrokenMedia(f"{path} cannot be read ({reason})", "Copy or export it again") from error
    result: dict[str, Any] = json.loads(answer)
    return result


def _understand(path: Path, container: Container, said: dict[str, Any]) -> MediaProbe:
    video = said["streams"][said["video"]]
    picture = said["picture"]
    start_s = picture["time_s"] if picture["time_s"] is not None else (video["start_s"] or 0.0)
    rotation = -int(picture["rotation"] or 0) % 360  # PyAV counts anticlockwise
    width, height = video["width"] or picture["width"], video["height"] or picture["height"]
    displayed_width = round(width * Fraction(video["pixel_aspect"] or "1/1"))
    turned = rotation in (90, 270)
    rate, claimed = _rate(video)
    declared_s = video["duration_s"] or _tagged_duration_s(video["metadata"])
    info = VideoInfo(
        duration_s=declared_s or said["duration_s"] or 0.0,
        frame_rate=rate,
        width_px=height if turned else displayed_width,
        height_px=displayed_width if turned else height,
        rotation_deg=rotation,
        start_offset_s=start_s,
        video_codec=video["codec"] or "unknown",
        container=container.name,
        transfer=_TRANSFERS.get(int(video["colour"][3] or 0), "sdr"),
        is_variable_rate=not claimed or video["average_rate"] != video["base_rate"],
        audio=tuple(_audio(s) for s in said["streams"] if s["type"] == "audio" and s.get("channels")),
    )
    timecodes = [s["metadata"].get("timecode", "") for s in said["streams"]] + [said["metadata"].get("timecode", "")]
    return MediaProbe(
        path=path,
        container=container,
        info=info,
        streams=tuple(_stream(s) for s in said["streams"]),
        video=said["video"],
        declared_s=declared_s,
        container_s=said["duration_s"],
        chapters=said["chapters"],
        timecode=next((t for t in timecodes if t), ""),
        colour=tuple(int(c or 0) for c in video["colour"]),  # type: ignore[arg-type]
    )


def _rate(video: dict[str, Any]) -> tuple[FrameRate, bool]:
    """The frame rate, and whether the container stated a believable one."""
    for name in ("average_rate", "guessed_rate", "base_rate"):
        if video[name]:
            rate = Fraction(video[name])
            if 0 < rate <= _FASTEST_REAL_RATE:
                return FrameRate.nearest(float(rate)), True
    return _USUAL_RATE, False


def _tagged_duration_s(metadata: dict[str, str]) -> float | None:
    """A Matroska stream's own length, which its writers leave in a tag as "00:00:10.333000000"."""
    tag = metadata.get("DURATION", "").split(":")
    try:
        hours, minutes, seconds = (float(part) for part in tag)
    except ValueError:
        return None
    return hours * 3600 + minutes * 60 + seconds


def _audio(stream: dict[str, Any]) -> AudioStream:
    return AudioStream(
        index=stream["index"],
        codec=stream["codec"] or "unknown",
        sample_rate_hz=stream["rate"],
        channels=stream["channels"],
        layout=stream["layout"],
        language=stream["metadata"].get("language", ""),
    )


def _stream(stream: dict[str, Any]) -> Stream:
    return Stream(
        index=stream["index"],
        kind=stream["type"] or "data",
        codec=stream["codec"] or "",
        language=stream["metadata"].get("language", ""),
        start_s=stream["start_s"] or 0.0,
        is_picture_attached=stream["attached_picture"],
    )


def _check(found: MediaProbe, limits: MediaLimits, shortest_s: float) -> None:
    info, path = found.info, found.path
    if info.width_px * info.height_px > limits.pixels or max(info.width_px, info.height_px) > limits.width_px:
        raise MediaTooLarge(
            f"{path} is {info.width_px}x{info.height_px} pixels", f"The limit is {limits.pixels} pixels"
        )
    if min(info.width_px, info.height_px) < limits.smallest_side_px:
        raise UnsupportedMedia(
            f"the picture of {path} is {info.width_px}x{info.height_px} pixels",
            f"Give a video of at least {limits.smallest_side_px} pixels a side",
        )
    if found.longest_s > limits.duration_s:
        raise MediaTooLarge(
            f"{path} lasts {found.longest_s / 3600:.1f} hours", f"The limit is {limits.duration_s / 3600:g} hours"
        )
    if 0 < info.duration_s < shortest_s:
        raise FilmTooShort(f"{path} lasts {info.duration_s:.2f} s", f"Give a film of at least {MINIMUM_FILM_S:g} s")
    if len(found.streams) > limits.streams:
        raise MediaTooLarge(f"{path} has {len(found.streams)} streams", f"The limit is {limits.streams}")
    for stream in info.audio:
        if stream.channels > limits.audio_channels:
            raise MediaTooLarge(f"{path} has {stream.channels} sound channels", f"The limit is {limits.audio_channels}")
