"""How the music is made: spectrum, stereo, direct current and hum (rows F3 to F5)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.card.evidence import CuePlan, Evidence
from pipeline.card.limits import judged, limits, unmeasured
from pipeline.card.mains import LINE_HZ, MAINS_HZ, REACH
from pipeline.card.row import Row, Status
from pipeline.card.track import Track
from pipeline.sound.clearance import STEPS_PER_S
from scoring.timebase import SAMPLE_RATE_HZ

_LEAST_LOUD_S = 2.0
_QUIETEST_DB = -60.0  # mean square; below it what is left of the film's own sound, or of a coder, decides
_LOUD_RANGE_DB = 25.0  # of the loudest tenth of a second: what counts as music
_OVER_FILM_DB = 0.0  # and it stands that far above the film's own sound, whose trace would blur the sides

_OCTAVES = slice(1, 9)  # 62.5 Hz … 8 kHz
_TILT_DB = (-4.5, -1.0)  # a decade of peers' masters lies between
_ODD_OCTAVE_DB = 9.0
_CLIFF_HZ = (3000.0, 12_000.0)
_CLIFF_DB = 25.0  # between one kilohertz and the next: no instrument's overtones end like that, a vocoder's do

_COLLAPSED_DB = 35.0  # side under mid; our narrowest take has it 15 dB under
_TRACE_DB = 25.0  # what is left of a film's own sound, under that sound

_HUM_BAD_DB = -53.0  # lines that the music hides are not counted, so that hum is read up to 5 dB low
_HUM_LEAST_WINDOWS = 4
_HUM_LEAST_LINES = 2  # of three
_HUM_OVER_DB = 11.0  # over nine tenths of its surroundings: the beat of loops makes lines a hertz or two apart
_HUM_OFF_HZ = 0.3  # mains frequency wanders by 0.2 Hz
_HUM_APART_HZ = 1.0  # its surroundings begin there
_HUM_SHARE = 20.0  # per cent of the windows: hum is there when the music is not
_HUM_SPREAD_DB = 5.0  # between such a low share of the windows and such a high one
_SILENT_DBFS = -120.0


def balance_rows(evidence: Evidence) -> list[Row]:
    """Of the music where it is known by itself, else of everything that sounds."""
    track = evidence.music or evidence.whole
    if track is None:
        return [unmeasured(name, "The sound could not be read") for name in ("F3", "F4", "F5")]
    loud = _loud(track)
    if loud.sum() < _LEAST_LOUD_S * STEPS_PER_S:
        return [unmeasured(name, "There is too little music for it") for name in ("F3", "F4", "F5")]
    return [_tilt(track), _stereo(evidence, track, loud), _steady(evidence, track)]


def _loud(track: Track) -> NDArray[np.bool_]:
    """[K] where music sounds."""
    level_db = 10 * np.log10(np.maximum((track.left + track.right) / 2, 1e-12))
    least_db = max(_QUIETEST_DB, float(level_db.max(initial=_SILENT_DBFS)) - _LOUD_RANGE_DB)
    return np.asarray(level_db > least_db)


def _tilt(track: Track) -> Row:
    octaves_db = track.octaves_db[_OCTAVES]
    place = np.arange(octaves_db.size)
    tilt, level_db = np.polyfit(place, octaves_db, 1)
    off_db = octaves_db - (tilt * place + level_db)
    odd = int(np.abs(off_db).argmax())
    cliff_hz = _cliff_hz(track)
    outside = max(_TILT_DB[0] - tilt, tilt - _TILT_DB[1], 0.0)
    detail = {"octave_off_db": [round(float(db), 1) for db in off_db], "cliff_hz": cliff_hz}
    if outside > 0:
        told = "sounds " + ("dull" if tilt < _TILT_DB[0] else "thin") + f", {tilt:+.1f} dB an octave"
    elif cliff_hz is not None:
        told = f"has nothing above {cliff_hz / 1000:.1f} kHz"
    else:
        side = "louder" if off_db[odd] > 0 else "softer"
        told = f"is {abs(off_db[odd]):.0f} dB {side} around {62.5 * 2**odd:.0f} Hz than its other octaves suggest"
    row = replace(judged("F3", outside, detail=detail, told=told), value=float(tilt))
    if row.status == "pass" and (cliff_hz is not None or abs(off_db[odd]) > _ODD_OCTAVE_DB):
        return replace(row, status="warn", advice=limits()["F3"].advice.format(told=told))
    return row


def _cliff_hz(track: Track) -> float | None:
    """Where the spectrum breaks off below 12 kHz, or None."""
    hz_a_line = SAMPLE_RATE_HZ / 2 / (track.spectrum_db.size - 1)
    wide = round(250 / hz_a_line)
    power = 10 ** (track.spectrum_db.astype(np.float64) / 10)
    bands_db = 10 * np.log10(power[: power.size // wide * wide].reshape(-1, wide).mean(axis=1))
    middle_hz = (np.arange(bands_db.size) + 0.5) * wide * hz_a_line
    for edge in range(4, bands_db.size - 8):
        if not _CLIFF_HZ[0] <= middle_hz[edge] <= _CLIFF_HZ[1]:
            continue
        below, above = bands_db[edge - 4 : edge].mean(), bands_db[edge + 1 : edge + 5].mean()
        if below - above >= _CLIFF_DB and bands_db[edge + 1 :].max() < below - _CLIFF_DB / 2:
            return float(round(middle_hz[edge]))
    return None


def _stereo(evidence: Evidence, track: Track, loud: NDArray[np.bool_]) -> Row:
    stereo = loud & _over_film(evidence, track)
    if stereo.sum() < _LEAST_LOUD_S * STEPS_PER_S:
        return unmeasured("F4", "The music never stands above the film's own sound")
    left, right, cross = (float(curve[stereo].sum()) for curve in (track.left, track.right, track.cross))
    correlation = cross / max(1e-12, (left * right) ** 0.5)
    folded_db = 10 * float(np.log10(max(1e-12, left + right + 2 * cross) / (2 * (left + right))))
    narrow = [(_side_db(track, steps), name) for name, steps in _parts(evidence, track, stereo)]
    side_db, cue = min(narrow, default=(_side_db(track, stereo), ""))
    detail = {"correlation": round(correlation, 3), "side_over_mid_db": round(side_db, 1)}
    advice = limits()["F4"].advice
    told = f"Folded down to one loudspeaker the music loses {-folded_db:.1f} dB; turn one channel's phase"
    row = judged("F4", max(0.0, -folded_db), detail=detail, told=told)
    if side_db > -_collapsed_db(evidence, track, stereo):
        return row
    told = "The music is the same on both sides, and was to be wide; check the engine's channels"
    status: Status = "fail" if evidence.plan else "warn"
    return replace(row, status=status, cue=cue, advice=advice.format(told=told))


def _parts(evidence: Evidence, track: Track, stereo: NDArray[np.bool_]) -> list[tuple[str, NDArray[np.bool_]]]:
    """The cues with enough music for it."""
    cues: tuple[CuePlan, ...] = evidence.plan.cues if evidence.plan else ()
    found = []
    for cue in cues:
        inside = np.zeros(stereo.size, bool)
        inside[track.steps(cue.range)] = stereo[track.steps(cue.range)]
        if inside.sum() >= _LEAST_LOUD_S * STEPS_PER_S:
            found.append((cue.id, inside))
    return found


def _over_film(evidence: Evidence, track: Track) -> NDArray[np.bool_]:
    """[K] where the music is not softer than the film's own sound; everywhere without one."""
    over = np.ones(track.left.size, bool)
    if evidence.whole is None or not evidence.has_source:
        return over
    size = min(track.left.size, evidence.whole.left.size)
    music = track.left[:size] + track.right[:size]
    whole = evidence.whole.left[:size] + evidence.whole.right[:size]
    over[:size] = music >= (whole - music) * 10 ** (_OVER_FILM_DB / 10)
    return over


def _collapsed_db(evidence: Evidence, track: Track, stereo: NDArray[np.bool_]) -> float:
    """How far the side lies under the mid of music on which both channels are one."""
    if evidence.whole is None or not evidence.has_source:
        return _COLLAPSED_DB
    size = min(track.left.size, evidence.whole.left.size)
    used = stereo[:size]
    music = float((track.left + track.right)[:size][used].sum())
    whole = float((evidence.whole.left + evidence.whole.right)[:size][used].sum())
    trace = max(whole - music, 0.0) * 10 ** (-_TRACE_DB / 10)
    return min(_COLLAPSED_DB, 10 * float(np.log10(max(music, 1e-12) / max(trace, 1e-12))))


def _side_db(track: Track, steps: NDArray[np.bool_]) -> float:
    """Side over mid."""
    both = float((track.left + track.right)[steps].sum())
    cross = 2 * float(track.cross[steps].sum())
    return 10 * float(np.log10(max(1e-12, both - cross) / max(1e-12, both + cross)))


def _steady(evidence: Evidence, track: Track) -> Row:
    """Lines in loops made elsewhere can look like hum, so that only warns; our own music has none."""
    dc_db = 20 * float(np.log10(max(float(np.abs(track.dc).max()), 1e-6)))
    hum_db, hum_hz = max((_hum_db(track, at), hz) for at, hz in enumerate(MAINS_HZ))
    detail = {"dc_dbfs": round(dc_db, 1), "hum_dbfs": None if hum_db <= _SILENT_DBFS else round(hum_db, 1)}
    told = f"hums at {hum_hz:.0f} Hz" if hum_db > dc_db else "is off its centre line"
    most: Status = "warn" if hum_db > dc_db and evidence.plan is None else "fail"
    bad = _HUM_BAD_DB if hum_db > dc_db else None
    return judged("F5", max(dc_db, hum_db), bad=bad, most=most, detail=detail, told=told)


def _hum_db(track: Track, mains: int) -> float:
    """Level of mains hum: lines at multiples of its frequency that are always there; −120 dBFS for none."""
    if len(track.mains_db) < _HUM_LEAST_WINDOWS:
        return _SILENT_DBFS
    off_hz = np.abs(np.arange(-REACH, REACH + 1)) * LINE_HZ
    windows_db = track.mains_db[:, mains].astype(np.float64)
    low_db, high_db = (np.percentile(windows_db, share, axis=0) for share in (_HUM_SHARE, 100 - _HUM_SHARE))
    found = []
    for lines_db, highs_db in zip(low_db, high_db, strict=True):
        around_db = float(np.percentile(lines_db[off_hz >= _HUM_APART_HZ], 90))
        top = int(np.where(off_hz <= _HUM_OFF_HZ, lines_db, _SILENT_DBFS).argmax())
        is_steady = highs_db[top] - lines_db[top] <= _HUM_SPREAD_DB
        if is_steady and lines_db[top] - around_db >= _HUM_OVER_DB:
            found.append(float((10 ** (lines_db[top - 1 : top + 2] / 10)).sum()))
    return 10 * float(np.log10(sum(found))) if len(found) >= _HUM_LEAST_LINES else _SILENT_DBFS
