"""Scored films for tests of the review copy: known cues and hits, and films whose pictures say their number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from films import ffmpeg

from pipeline.review.counting import planned_beats
from pipeline.review.scored import Landing, Scored, Shortfall
from pipeline.sound.automation import Duck, automate
from scoring.analysis import EmotionCurve
from scoring.cue_sheet import Cue, CueSheet, HitPoint, Metre, Transition
from scoring.key import Key
from scoring.timebase import FrameRate, TimeRange

RATE = FrameRate(25)
STEP, CODES = 8, 25  # a picture's grey says its number, modulo CODES


def cue(name: str, in_s: float, out_s: float, **changed: object) -> Cue:
    """A cue of 120 bpm in 4/4 that starts on a bar line."""
    usual: dict[str, object] = {
        "id": name, "in_s": in_s, "out_s": out_s, "mood": "tense", "bpm": 120.0, "key": Key(2, "minor"),
        "metre": Metre(4, 4), "first_downbeat_s": in_s, "valence": -0.3, "arousal": 0.5, "tension": 0.8,
        "intensity": ((in_s, 0.5),), "hit_points": (), "transition": Transition("end", 0), "prompt": "", "seed": 1,
    }  # fmt: skip
    return Cue(**{**usual, **changed})  # type: ignore[arg-type]


def scored(
    cues: tuple[Cue, ...] = (cue("1m1", 0.0, 10.0), cue("1m2", 12.0, 20.0)),
    *,
    duration_s: float = 20.0,
    rate: FrameRate = RATE,
    landings: tuple[Landing, ...] = (),
    shortfalls: tuple[Shortfall, ...] = (),
    video: Path = Path("film.scored.mp4"),
) -> Scored:
    """Two cues with a rest between them, one duck, a curve that rises."""
    times_s = np.arange(0.0, duration_s, 0.5)
    rising = np.linspace(-0.5, 0.5, times_s.size)
    curve = EmotionCurve(
        times_s, rising, -rising, np.abs(rising), np.ones(times_s.size), ("calm",), np.ones((times_s.size, 1)), "test"
    )
    sheet = CueSheet("film.mp4", duration_s, rate, "cinematic", 1, "test", cues)
    return Scored(
        video=video,
        name=video.name,
        sheet=sheet,
        beats=tuple(planned_beats(one) for one in cues),
        hits=landings,
        curve=curve,
        cuts_s=(5.0,),
        gain=automate(duration_s, [Duck(TimeRange(3.0, 5.0), 9.0)]),
        target_lufs=-14.0,
        shortfalls=shortfalls,
        starts_at_s=0.0,
        timecode="",
    )


def hit_of(time_s: float, weight: float = 0.8) -> HitPoint:
    return HitPoint(time_s, weight, 80.0, "cut")


def numbered_film(path: Path, seconds: float, *extra: str, rate: str = "25", size: str = "320x180") -> Path:
    """A film whose every picture is a grey that says its number, with a rising tone in bursts for a sound."""
    grey = f"color=black:s={size}:r={rate}:d={seconds},format=yuv420p,geq=lum='20+{STEP}*mod(N,{CODES})':cb=128:cr=128"
    left, right = "0.3*sin(2*PI*(200*t+40*t*t))*gt(mod(t\\,0.61)\\,0.3)", "0.2*sin(2*PI*(300*t+30*t*t))"
    bursts = f"aevalsrc='{left}|{right}':c=stereo:s=48000:d={seconds}"
    # Without noise in the place of sound, which decoders draw anew each time.
    ffmpeg(
        "-f", "lavfi", "-i", grey, "-f", "lavfi", "-i", bursts, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "10",
        "-c:a", "aac", "-aac_pns", "0", *extra, path,
    )  # fmt: skip
    return path


def numbers_of(path: Path, box: tuple[int, int]) -> list[int]:
    """The number, modulo CODES, that each picture of a film says around a place, (x, y) pixels."""
    import subprocess

    from pipeline.media.ffmpeg_gate import bundled_ffmpeg

    crop = f"crop=64:64:{box[0]}:{box[1]},extractplanes=y"
    command = [
        str(bundled_ffmpeg()), "-v", "error", "-i", str(path), "-map", "0:v:0", "-vf", crop, "-fps_mode", "passthrough",
        "-f", "rawvideo", "-",
    ]  # fmt: skip
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    greys = np.median(np.frombuffer(raw, np.uint8).reshape(-1, 64 * 64), axis=1)
    return [round(float((grey - 20) / STEP)) for grey in greys]
