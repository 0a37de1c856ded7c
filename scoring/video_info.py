"""What is known of a film before it is decoded."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from scoring.timebase import FrameRate

Transfer = Literal["sdr", "pq", "hlg"]


@dataclass(frozen=True, slots=True)
class AudioStream:
    """One sound track of the film. index: its stream number in the container."""

    index: int
    codec: str
    sample_rate_hz: int
    channels: int
    layout: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """A film as displayed.

    duration_s: of the picture, on the presentation timeline that starts at 0.
    width_px, height_px: as displayed, that is after rotation and pixel aspect.
    rotation_deg: clockwise turn a player applies, 0, 90, 180 or 270.
    start_offset_s: container time of the first picture.
    transfer: how code values become light.
    """

    duration_s: float
    frame_rate: FrameRate
    width_px: int
    height_px: int
    rotation_deg: int
    start_offset_s: float
    video_codec: str
    container: str
    transfer: Transfer
    is_variable_rate: bool
    audio: tuple[AudioStream, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values; the frame rate as "30000/1001"."""
        return {**asdict(self), "frame_rate": str(self.frame_rate), "audio": [asdict(a) for a in self.audio]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> VideoInfo:
        """The inverse of to_json."""
        audio = tuple(AudioStream(**a) for a in data["audio"])
        return cls(**{**data, "frame_rate": FrameRate.parse(data["frame_rate"]), "audio": audio})
