"""The same words said calmly and lively, in the same film; and how densely what is composed for each is written."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from noises import RATE_HZ, Sound, weighted_db

from music_engine.composer.engine import Composer
from music_engine.composer.plan import make_plan
from music_engine.composer.players.ensemble import play
from music_engine.composer.thinning import thinned
from pipeline.media.ffmpeg_gate import bundled_ffmpeg
from scoring.cue_sheet import CueSheet
from scoring.request import CueRequest, request_for
from scoring.style import load_style
from scoring.timebase import TimeRange

LOUDER_DB, HIGHER_ST, FASTER = 6.0, 4.0, 1.25
LEAD_S, PAUSE_S, PHRASES = 3.0, 5.0, 3


def changed(sound: Sound, *, louder_db: float = 0.0, higher_st: float = 0.0, faster: float = 1.0) -> Sound:
    """[2, n] → [2, n / faster], by the bundled ffmpeg: played faster, then brought back to the pace wanted."""
    ratio = 2 ** (higher_st / 12)
    command = [
        str(bundled_ffmpeg()), "-v", "error", "-f", "f32le", "-ar", str(RATE_HZ), "-ac", "2", "-i", "-", "-af",
        f"asetrate={round(RATE_HZ * ratio)},aresample={RATE_HZ},atempo={faster / ratio:.6f},volume={louder_db}dB",
        "-f", "f32le", "-",
    ]  # fmt: skip
    raw = subprocess.run(command, input=sound.T.astype(np.float32).tobytes(), capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.float32).reshape(-1, 2).T.copy()


def lively(sound: Sound) -> Sound:
    """6 dB louder, 4 semitones higher, 1.25 times the pace."""
    return changed(sound, louder_db=LOUDER_DB, higher_st=HIGHER_ST, faster=FASTER)


def track(phrase: Sound, slot_s: float, lead_s: float = LEAD_S, pause_s: float = PAUSE_S) -> Sound:
    """A phrase said PHRASES times, each in a slot of slot_s, pauses between: where they begin is always the same."""
    period_s = slot_s + pause_s
    sound = np.zeros((2, round((lead_s + PHRASES * period_s) * RATE_HZ)), np.float32)
    for number in range(PHRASES):
        first = round((lead_s + number * period_s) * RATE_HZ)
        sound[:, first : first + phrase.shape[1]] = phrase[:, : sound.shape[1] - first]
    return sound


@dataclass(frozen=True, slots=True)
class Planned:
    """Of a whole film: notes a bar, distinct onsets (sixteenths of a beat) a bar, and how many bars."""

    notes: float
    onsets: float
    bars: int


def requests_of(sheet: CueSheet, speech: Sequence[TimeRange]) -> list[CueRequest]:
    """What an engine is asked for."""
    return [request_for(sheet, cue, lead_in_s=0.0, tail_s=0.0, speech=speech) for cue in sheet.cues]


def planned(requests: Sequence[CueRequest]) -> Planned:
    """Counts what the composer writes down, before a sound is made."""
    notes, onsets, bars = 0, 0, 0
    for request in requests:
        plan = make_plan(request, load_style(request.style))
        written = [note for part in thinned(play(plan), plan) for note in part.notes]
        notes += len(written)
        onsets += len({round(note.beat * 16) for note in written})
        bars += len(plan.form.bars)
    return Planned(notes / bars, onsets / bars, bars)


def under_words_db(requests: Sequence[CueRequest]) -> float:
    """K-weighted level of the composed music where somebody speaks."""
    heard = []
    for request in requests:
        (made,) = Composer().compose([request], with_stems=False)
        for stretch in request.speech:
            heard.append(made.audio[:, round(stretch.start_s * RATE_HZ) : round(stretch.end_s * RATE_HZ)])
    return weighted_db(np.concatenate(heard, axis=1))
