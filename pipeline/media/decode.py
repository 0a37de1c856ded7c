"""Read a film once: small pictures, stills and sound from one ffmpeg process through one pipe.

The child scales and converts; only packet payloads of known size are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.media import ffmpeg_gate
from pipeline.media.child import Child, last_line
from pipeline.media.nut import packets
from pipeline.media.probe import MediaProbe
from pipeline.media.sound import BLOCK_SAMPLES, SoundClock, bed_of, sound_of
from pipeline.settings import Settings
from scoring.errors import BrokenMedia, MediaToolError
from vision.analyser import StillWish
from vision.frames import Frame, MediaItem, Still

FRAME_PIXELS = 320 * 180
LONGEST_STILL = 4  # times the shorter side
# A still more where a picture differs this much from the one before (0..1, ffmpeg's scene score), at most this often: a
# strobe is not to cost a still a flash. Design choices: what is missed only leaves a short shot to its neighbours.
SHOT_START_SCORE, SHOT_START_GAP_S = 0.3, 0.12
_TRUNCATED_S, _TRUNCATED_SHARE = 1.0, 0.02  # a picture that ends this much before it should is cut off


@dataclass(frozen=True, slots=True)
class PictureEnd:
    """How the decoded picture compares with what the container declared. Times in film seconds."""

    frames: int
    last_s: float
    end_s: float
    is_variable_rate: bool


def small_size(width_px: int, height_px: int) -> tuple[int, int]:
    """Width and height of a Frame, both even, of about FRAME_PIXELS pixels and the film's shape."""
    scale = (FRAME_PIXELS / (width_px * height_px)) ** 0.5
    return max(2, round(width_px * scale / 2) * 2), max(2, round(height_px * scale / 2) * 2)


def still_size(width_px: int, height_px: int, side_px: int) -> tuple[int, int]:
    """Width and height of a Still: shorter side side_px, both even, longer side at most LONGEST_STILL times that."""
    scale = side_px / min(width_px, height_px)
    longest = side_px * LONGEST_STILL
    return tuple(min(longest, round(side * scale / 2) * 2) for side in (width_px, height_px))  # type: ignore[return-value]


class FilmReader:
    """One pass over a film. Iterate once; afterwards `picture_end` says how long the picture really is.

    stills: which pictures come larger and in colour.
    Raises BrokenMedia when nothing can be decoded or the film is cut off, MediaToolError when the child broke.
    """

    def __init__(self, film: MediaProbe, settings: Settings, stills: StillWish | None = None) -> None:
        self._film = film
        self._stills = stills or StillWish()
        self._settings = settings
        self._first_s: float | None = None
        self._frames = 0
        self._last_s = 0.0
        self._sound_end_s = 0.0
        self._gap_min_s, self._gap_max_s = float("inf"), 0.0
        # Geometry as coded, before rotation: turning small pictures is cheaper than turning large ones.
        turned = film.info.rotation_deg in (90, 270)
        shape = (film.info.height_px, film.info.width_px) if turned else (film.info.width_px, film.info.height_px)
        self._small = small_size(*shape)
        self._still = still_size(*shape, self._stills.side_px)
        self._tone = tone_curve(film.info.transfer)

    def __iter__(self) -> Iterator[MediaItem]:
        output = self._command()
        film_s = self._film.longest_s
        with ffmpeg_gate.run(output, self._settings, film_s=film_s) as child:
            yield from self._items(child)
            try:
                child.finish()
            except MediaToolError as error:
                if self._frames == 0:
                    reason = last_line(child.stderr_text)
                    raise BrokenMedia(f"{self._film.path} cannot be decoded ({reason})", "Export it again") from error
                raise
        self._refuse_if_cut_off()

    @property
    def picture_end(self) -> PictureEnd:
        """Where the picture ends: the later of the last picture's own end and what the container declared."""
        end_s = self._last_s + self._frame_s
        declared_s = self._film.declared_s
        if declared_s is not None and end_s < declared_s < end_s + _TRUNCATED_S:
            end_s = declared_s  # the last picture of a variable-rate film stays longer than one frame
        uneven = self._frames > 2 and self._gap_max_s > 1.5 * self._gap_min_s
        return PictureEnd(self._frames, self._last_s, end_s, uneven)

    @property
    def _frame_s(self) -> float:
        """How long a picture is shown on average: truer than the rate some containers state."""
        return self._last_s / (self._frames - 1) if self._frames > 1 else self._film.info.frame_rate.frame_s

    def _command(self) -> Any:
        film = self._film
        source = ffmpeg_gate.outside_input(film.path, film.container, self._settings, noautorotate=None)
        picture = source[str(film.video)].filter_multi_output("split")
        small = (
            picture[0]
            .filter("scale", *self._small, flags="area", out_range="full", out_color_matrix="bt709")
            .filter("format", "yuv420p")
        )
        still = (
            picture[1]
            .filter("select", self._chosen())
            .filter("scale", *self._still, flags="bicubic")
            .filter("format", "rgb24")
        )
        streams = [small, still]
        if film.info.audio:
            sound = sound_of(source, film.info.audio[0].index, bed_of(film))
            streams.append(sound.filter("asetnsamples", n=BLOCK_SAMPLES, p=0))
        return ffmpeg_gate.own_output(
            *streams,
            format="nut",
            vcodec="rawvideo",
            acodec="pcm_f32le",
            fps_mode="passthrough",
            map_metadata=-1,  # tags need not be UTF-8, and nothing here reads them
            max_muxing_queue_size=4096,
        )

    def _chosen(self) -> str:
        """Which pictures are stills, for ffmpeg's select."""
        spacing = f"isnan(prev_selected_t)+gte(t-prev_selected_t,{1 / self._stills.per_s - 1e-3})"
        if not self._stills.shot_starts:
            return spacing
        return f"{spacing}+gt(scene,{SHOT_START_SCORE})*gte(t-prev_selected_t,{SHOT_START_GAP_S})"

    def _items(self, child: Child) -> Iterator[MediaItem]:
        sound = SoundClock(bed_of(self._film))
        for kind, time_s, payload in packets(child):
            child.touch()
            if kind == "sound":
                # Sound waits for the first picture, whose time is the film's zero.
                yield from sound.take(time_s, payload, self._first_s)
                continue
            if self._first_s is None:
                self._first_s = time_s
            film_s = time_s - self._first_s
            if kind == "still":
                yield Still(max(0.0, film_s), self._turn(payload.reshape(self._still[1], self._still[0], 3)))
            elif self._advance(film_s):
                yield self._frame(film_s, payload)
        yield from sound.rest(self._first_s or 0.0)
        self._sound_end_s = sound.end_s

    def _advance(self, film_s: float) -> bool:
        """Note a picture's time. A picture that does not come after the one before is dropped."""
        if self._frames:
            gap_s = film_s - self._last_s
            if gap_s <= 0:
                return False
            self._gap_min_s, self._gap_max_s = min(self._gap_min_s, gap_s), max(self._gap_max_s, gap_s)
        self._frames += 1
        self._last_s = film_s
        return True

    def _frame(self, film_s: float, payload: NDArray[np.uint8]) -> Frame:
        width, height = self._small
        luma, cb, cr = np.split(payload, [width * height, width * height * 5 // 4])
        planes = (luma.reshape(height, width), cb.reshape(height // 2, -1), cr.reshape(height // 2, -1))
        if self._tone is not None:
            planes = (self._tone[planes[0]], planes[1], planes[2])
        return Frame(film_s, *(self._turn(plane) for plane in planes))

    def _turn(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        quarter_turns = self._film.info.rotation_deg // 90
        return np.ascontiguousarray(np.rot90(picture, -quarter_turns)) if quarter_turns else picture

    def _refuse_if_cut_off(self) -> None:
        film = self._film
        if self._frames == 0:
            raise BrokenMedia(f"no picture of {film.path} can be decoded", "Copy or export it again")
        # Where only the whole container states a length, its sound may be what is longest.
        end_s = self._last_s + self._frame_s
        if film.declared_s is None:
            end_s = max(end_s, self._sound_end_s)
        claimed_s = film.declared_s or film.container_s or 0.0
        if claimed_s - end_s > max(_TRUNCATED_S, _TRUNCATED_SHARE * claimed_s):
            raise BrokenMedia(
                f"{film.path} is cut off: it declares {claimed_s:.1f} s, but ends at {end_s:.1f} s",
                "Copy or download it again",
            )


def tone_curve(transfer: str) -> NDArray[np.uint8] | None:
    """A table from HDR code values to what an SDR display would show, or None for SDR.

    Design choice, good enough to read brightness from: light from ITU-R BT.2100's PQ or HLG curve, diffuse
    white (203 cd/m², BT.2408) at 75 % of SDR code, a Reinhard shoulder above, BT.1886 gamma 2.4.
    """
    if transfer == "sdr":
        return None
    code = np.arange(256) / 255
    if transfer == "pq":
        m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
        root = code ** (1 / m2)
        light = 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    else:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        light = 1000 * np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12) ** 1.2
    relative = light / 203
    shown = (relative * (1 + relative / 16) / (1 + relative)) * 2 * 0.75**2.4
    table: NDArray[np.uint8] = np.clip(np.round(255 * np.clip(shown, 0, 1) ** (1 / 2.4)), 0, 255).astype(np.uint8)
    return table
