"""The demo film: 40 s of drawn pictures, calm, then tense, then happy, with hard cuts and a dissolve."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.publish import published
from scoring.timebase import SAMPLE_RATE_HZ

DURATION_S = 40.0
CUTS_S = (6.0, 15.0, 16.5, 18.0, 20.0, 21.5, 23.0, 25.0, 28.0, 31.0, 34.0, 37.0)
DISSOLVE_S = (11.0, 12.5)
_WIDTH_PX, _HEIGHT_PX, _FRAMES_PER_S = 640, 360, 30

Picture = NDArray[np.uint8]
_Y, _X = np.mgrid[0:_HEIGHT_PX, 0:_WIDTH_PX].astype(np.float32)


def make_demo_film(path: Path) -> None:
    """Draw the film and write it, H.264 and AAC in MP4. The same film on every machine, up to the coder."""
    from moviepy import VideoClip
    from moviepy.audio.AudioClip import AudioArrayClip

    clip = VideoClip(picture_at, duration=DURATION_S)
    sound = AudioArrayClip(_sound().T, fps=SAMPLE_RATE_HZ)
    with published(path) as aside:
        clip.with_audio(sound).write_videofile(
            str(aside),
            fps=_FRAMES_PER_S,
            codec="libx264",
            audio_codec="aac",
            audio_fps=SAMPLE_RATE_HZ,
            preset="veryfast",
            temp_audiofile_path=str(aside.parent),
            ffmpeg_params=["-f", "mp4"],
            logger=None,
        )


def picture_at(time_s: float) -> Picture:
    """The film's picture at a time: [360, 640, 3] uint8."""
    if DISSOLVE_S[0] <= time_s < DISSOLVE_S[1]:
        share = (time_s - DISSOLVE_S[0]) / (DISSOLVE_S[1] - DISSOLVE_S[0])
        mixed = (1 - share) * _lake(time_s, 1).astype(np.float32) + share * _lake(time_s, 2).astype(np.float32)
        return mixed.astype(np.uint8)
    shot = sum(time_s >= cut for cut in CUTS_S)
    scene: Callable[[float, int], Picture] = _lake if time_s < 15.0 else _chase if time_s < 25.0 else _fair
    return scene(time_s, shot + (1 if shot == 1 and time_s >= DISSOLVE_S[1] else 0))


def _lake(time_s: float, shot: int) -> Picture:
    """Calm: a wide blue lake under a slow sun, at dawn, by day, at dusk."""
    horizon = (0.45, 0.7, 0.3)[shot] * _HEIGHT_PX
    top, low = (
        ((255, 190, 150), (255, 225, 190)),
        ((90, 170, 250), (190, 225, 250)),
        ((250, 160, 110), (250, 210, 130)),
    )[shot]
    share = np.clip(_Y / horizon, 0, 1)[..., None]
    sky = (1 - share) * np.array(top, np.float32) + share * np.array(low, np.float32)
    wave = (10 * np.sin(_X / 60 + time_s * 0.6 + _Y / 9))[..., None]
    water = np.array(((80, 140, 190), (40, 150, 200), (120, 120, 170))[shot], np.float32) + wave
    picture = np.where((horizon < _Y)[..., None], water, sky)
    sun_x, sun_y = _WIDTH_PX * (0.25 + 0.25 * shot + 0.004 * time_s), horizon - 60
    picture[(_X - sun_x) ** 2 + (_Y - sun_y) ** 2 < (26 + 14 * shot) ** 2] = (255, 240, 190)
    return _finish(picture)


def _chase(time_s: float, shot: int) -> Picture:
    """Tense: near-black corridors and fences, lamps rushing past, a shaking camera."""
    shake_x, shake_y = 6 * np.sin(time_s * 23 + shot), 5 * np.sin(time_s * 29)
    lamp = ((150, 20, 20), (20, 40, 120), (120, 80, 20))[shot % 3]
    if shot % 2:  # running past a fence, seen from the side
        bars = np.sin((_X + 420 * time_s + shake_x) / (40 + 9 * shot)) > 0.7
        picture = np.repeat((4 + 30 * _Y / _HEIGHT_PX)[..., None], 3, axis=2)
        picture[bars & (_Y > 60)] = lamp
    else:  # down a tunnel
        x, y = _X - _WIDTH_PX / 2 + shake_x, _Y - _HEIGHT_PX / 2 + shake_y
        depth = 9000 / (np.abs(x) + np.abs(y) * 1.8 + 40)
        picture = np.repeat((12 + 8 * np.sin(depth / 9))[..., None], 3, axis=2)
        picture[np.sin(depth * 0.25 + time_s * 9) > 0.8] = lamp
    side = _WIDTH_PX * (0.5 + 0.35 * np.sin(time_s * (3 + 0.4 * shot)))
    picture[(np.abs(_X - side) < 26) & (_Y > 130)] = (3, 3, 5)
    return _finish(picture)


def _fair(time_s: float, shot: int) -> Picture:
    """Happy: saturated turning wheels and rising balloons in bright light."""
    colours = np.array([(250, 60, 40), (255, 190, 0), (30, 200, 90), (30, 120, 250), (240, 70, 210)], np.float32)
    centre_x = _WIDTH_PX * (0.3 + 0.13 * (shot % 4))
    angle = np.arctan2(_Y - 200, _X - centre_x) + time_s * 3.2
    radius = np.hypot(_X - centre_x, _Y - 200)
    tints = ((110, 200, 255), (255, 220, 90), (150, 240, 140))
    sky = np.broadcast_to(np.array(tints[shot % 3], np.float32), (_HEIGHT_PX, _WIDTH_PX, 3))
    wedge = colours[(np.floor(angle / (2 * np.pi / 10)).astype(int) + shot) % 5]
    picture = np.where((radius < 90 + 35 * (shot % 4))[..., None], wedge, sky)
    for balloon in range(9):
        x = (balloon * 127 + 60 * shot + 40 * np.sin(time_s * 4 + balloon)) % _WIDTH_PX
        y = (_HEIGHT_PX + 40 - (time_s * 150 + balloon * 70) % (_HEIGHT_PX + 80)) % (_HEIGHT_PX + 80)
        picture[(_X - x) ** 2 + ((_Y - y) * 0.85) ** 2 < 26**2] = colours[balloon % 5]
    return _finish(picture)


def _finish(picture: NDArray[np.float32]) -> Picture:
    return np.clip(picture, 0, 255).astype(np.uint8)


def _sound() -> NDArray[np.float64]:
    """The film's own sound, [2, N]: soft water, then a low rumble with knocks on the cuts, then a bright bustle."""
    rng = np.random.default_rng(40)
    n = int(DURATION_S * SAMPLE_RATE_HZ)
    times_s = np.arange(n) / SAMPLE_RATE_HZ
    noise = rng.standard_normal((2, n))
    # A one-pole smoother by cumulative sums keeps this free of loops: dull noise for water and rumble.
    window = 96
    dull = np.cumsum(noise, axis=1)
    dull[:, window:] = (dull[:, window:] - dull[:, :-window]) / window**0.5
    part = np.select([times_s < 15, times_s < 25], [0, 1], 2)
    level = np.array([0.004, 0.02, 0.01])[part]
    sound = dull * level * (1 + 0.4 * np.sin(2 * np.pi * 0.2 * times_s))
    for cut_s in (c for c in CUTS_S if 15 <= c < 25):
        since_s = times_s - cut_s
        sound += np.where(
            since_s >= 0, 0.25 * np.exp(-np.maximum(since_s, 0) * 14) * np.sin(2 * np.pi * 58 * since_s), 0
        )
    beat_s = (times_s * 2.3) % 1.0  # the bustle of the fair: soft claps of noise
    sound += np.where(part == 2, 0.02 * np.exp(-beat_s * 9), 0.0) * noise
    clipped: NDArray[np.float64] = np.clip(sound, -0.9, 0.9)
    return clipped
