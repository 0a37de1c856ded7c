"""An analysis as comma-separated values, RFC 4180: a header, then one row for each time of the curve."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from scoring.analysis import Activity, Analysis, Curve
from scoring.timebase import FrameRate, TimeRange

COLUMNS = (
    "time_s",
    "timecode",
    "valence",
    "arousal",
    "tension",
    "confidence",
    "mood",
    "mood_probability",
    "setting",
    "setting_probability",
    "voice",
    "speech",
    "source_music",
    "motion",
    "sound_db",
    "shot",
    "cut",
)
_FLOOR_DB = -120.0


def write_rows(analysis: Analysis, rate: FrameRate) -> bytes:
    """The text, UTF-8 with CRLF: COLUMNS, then a column mood_NAME for every mood. docs/curve.md says what each holds.

    A row speaks for the time from its own to the next row's, the last one's to the film's end. rate: for timecode.
    """
    curve = analysis.curve
    times_s: list[float] = curve.times_s.tolist()
    spans = list(pairwise([*times_s, max(analysis.duration_s, *times_s)])) if times_s else []
    speech = _touched(spans, analysis.speech.ranges)
    music = _touched(spans, analysis.source_music.regions)
    cuts_s = np.array([cut.time_s for cut in analysis.shots.cuts])
    moods = _leaders(curve.mood_probabilities, curve.moods, len(spans))
    settings = _leaders(curve.setting_probabilities, curve.settings, len(spans))

    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow([*COLUMNS, *(f"mood_{name}" for name in curve.moods)])
    for k, (start_s, end_s) in enumerate(spans):
        motion, sound_db = _activity(analysis.activity, start_s, end_s)
        before, until = np.searchsorted(cuts_s, (start_s, end_s), side="left")
        rows.writerow(
            [
                f"{start_s:.3f}",
                timecode(start_s, rate),
                *(_number(series[k]) for series in (curve.valence, curve.arousal, curve.tension, curve.confidence)),
                *moods[k],
                *settings[k],
                _number(curve.voice[k]) if len(curve.voice) else "",
                speech[k],
                music[k],
                motion,
                sound_db,
                int(np.searchsorted(cuts_s, start_s, side="right")) + 1,
                int(until > before),
                *(f"{share:.4f}" for share in curve.mood_probabilities[k]),
            ]
        )
    return text.getvalue().encode("utf-8")


def timecode(time_s: float, rate: FrameRate) -> str:
    """HH:MM:SS:FF from the film's first picture, non-drop: the frame's number in seconds of the whole nearest rate."""
    a_second = max(1, round(rate.fraction))
    seconds, frame = divmod(rate.frame_at(time_s), a_second)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    digits = max(2, len(str(a_second - 1)))
    return f"{hour:02d}:{minute:02d}:{second:02d}:{frame:0{digits}d}"


def _touched(spans: Sequence[tuple[float, float]], ranges: Sequence[TimeRange]) -> list[int]:
    """1 for each span that shares any time with a range. Both in order."""
    starts_s, ends_s = (np.array([getattr(r, name) for r in ranges]) for name in ("start_s", "end_s"))
    if len(ranges) == 0:
        return [0] * len(spans)
    begun = [int(np.searchsorted(starts_s, end_s, side="left")) for _, end_s in spans]
    return [int(count > 0 and ends_s[count - 1] > span[0]) for count, span in zip(begun, spans, strict=True)]


def _leaders(probabilities: Curve, names: Sequence[str], count: int) -> list[tuple[str, str]]:
    """The likeliest name of each row and its probability; nothing where there are no names."""
    if not names:
        return [("", "")] * count
    best = probabilities.argmax(axis=1)
    return [(names[i], f"{probabilities[k, i]:.4f}") for k, i in enumerate(best)]


def _activity(activity: Activity, start_s: float, end_s: float) -> tuple[str, str]:
    """Mean motion and mean power, in dBFS, of what lies within; nothing where the activity does not reach."""
    first = int(start_s * activity.rate_hz + 1e-6)
    last = max(first + 1, int(end_s * activity.rate_hz + 1e-6))
    motion, sound_db = activity.motion[first:last], activity.sound_db[first:last]
    if len(motion) == 0 or len(sound_db) == 0:
        return "", ""
    power = float(np.mean(10 ** (sound_db / 10)))
    return f"{motion.mean():.4f}", f"{max(_FLOOR_DB, 10 * np.log10(max(power, 1e-12))):.2f}"


def _number(value: float) -> str:
    return f"{round(float(value), 4) + 0.0:.4f}"  # + 0.0: no "-0.0000"
