"""Forty written prompts, spotted on a synthetic film and written out by the composer: its MIDI is the truth."""

from __future__ import annotations

import io
from collections import Counter

import mido
import numpy as np
import pytest
from written_prompts import DRUMS, PROMPTS, Written

from music_engine.composer.midi import write_midi
from music_engine.composer.plan import make_plan
from music_engine.composer.players.ensemble import play
from scoring.analysis import Activity, Analysis, Cut, EmotionCurve, Shots
from scoring.cue_sheet import CueSheet
from scoring.request import request_for
from scoring.spotting import spot
from scoring.style import load_style
from scoring.timebase import FrameRate
from scoring.wishes.asked import Asked
from scoring.wishes.obeying import ask_all, settle, style_asked

AGREE = 36  # of 40, as the issue asks


@pytest.fixture(scope="module")
def film() -> Analysis:
    """30 s that begin calm and end excited, so that no prompt agrees by chance with all of it."""
    times_s = (np.arange(60) + 0.5) / 2
    late = times_s >= 15
    curve = EmotionCurve(
        times_s,
        np.where(late, -0.4, 0.4),
        np.where(late, 0.5, -0.5),
        np.where(late, 0.7, 0.1),
        np.full(60, 0.3),
        ("neutral",),
        np.ones((60, 1)),
        "synthetic",
    )
    cuts = tuple(Cut(t, "cut", 0.9 if t == 15.0 else 0.4) for t in (4.0, 9.0, 15.0, 20.0, 26.0))
    activity = Activity(10.0, np.full(300, 0.2), np.full(300, -35.0))
    return Analysis(30.0, Shots(30.0, cuts, (0.2,) * 6), curve, activity)


def written_out(film: Analysis, text: str) -> tuple[CueSheet, list[mido.MidiFile]]:
    """The sheet and the MIDI of each cue, without sound."""
    asked = Asked(prompt=text)
    style = load_style(style_asked(asked) or "cinematic")
    sheet = spot(film, source="film", frame_rate=FrameRate(25), style=style, seed=5)
    sheet = settle(ask_all(sheet, asked), style)
    files = []
    for cue in sheet.cues:
        request = request_for(sheet, cue, lead_in_s=0.0, tail_s=2.0)
        plan = make_plan(request, style)
        files.append(mido.MidiFile(file=io.BytesIO(write_midi(request, plan.form, plan.chords, play(plan)))))
    return sheet, files


def programs(file: mido.MidiFile) -> set[int]:
    """The programs that play, −1 for the percussion channel; single strokes on hits do not count."""
    found = set()
    for track in file.tracks[1:]:
        ons = [m for m in track if m.type == "note_on" and m.velocity]
        if len(ons) >= 3:
            found |= {-1 if m.channel == 9 else m.program for m in track if m.type == "program_change"}
    return found


def bpm(file: mido.MidiFile) -> float:
    """The last tempo of the file, quarter notes a minute."""
    return float(mido.tempo2bpm([m.tempo for m in file.tracks[0] if m.type == "set_tempo"][-1]))


def side(file: mido.MidiFile, tonic: int) -> str:
    """Bright where major thirds over the tonic outnumber minor ones, by sounding time."""
    beats: Counter[int] = Counter()
    for track in file.tracks[1:]:
        now, began = 0, {}
        for message in track:
            now += message.time
            if message.type == "note_on" and message.channel != 9:
                began[message.note] = now
            elif message.type == "note_off" and message.note in began:
                beats[(message.note - tonic) % 12] += now - began.pop(message.note)
    return "bright" if beats[4] > beats[3] else "dark"


def faults(film: Analysis, written: Written) -> list[str]:
    """What the music of a prompt does not do, over all its cues."""
    sheet, files = written_out(film, written.text)
    low, high = written.band_bpm
    found = []
    for cue, file in zip(sheet.cues, files, strict=True):
        heard = programs(file)
        found += [
            f"{cue.id}: {sorted(w)} not in {sorted(heard)}" for w in (written.first, written.second) if not w & heard
        ]
        found += [] if low <= bpm(file) <= high else [f"{cue.id}: {bpm(file):.0f} bpm"]
        found += [] if written.side in ("either", side(file, cue.key.tonic)) else [f"{cue.id}: {cue.key}, {cue.mood}"]
    return found


def test_of_forty_written_prompts_thirty_six_agree_in_instruments_tempo_and_mode(film: Analysis) -> None:
    assert len(PROMPTS) == 40
    assert sum(any("\u4e00" <= c <= "\u9fff" for c in written.text) for written in PROMPTS) == 20
    wrong = {written.text: found for written in PROMPTS if (found := faults(film, written))}
    print(f"{40 - len(wrong)} of 40 agree")
    for text, found in wrong.items():
        print(text, found)
    assert 40 - len(wrong) >= AGREE, wrong


def test_the_same_truth_refuses_music_that_nobody_asked_for(film: Analysis) -> None:
    """The truth can fail: measured on the score of an empty wish, hardly any prompt agrees."""
    sheet, files = written_out(film, "")
    heard = [programs(file) for file in files]
    agreeing = 0
    for written in PROMPTS:
        low, high = written.band_bpm
        agreeing += all(
            written.first & found
            and written.second & found
            and low <= bpm(file) <= high
            and written.side in ("either", side(file, cue.key.tonic))
            for cue, file, found in zip(sheet.cues, files, heard, strict=True)
        )
    assert agreeing <= 2


@pytest.mark.parametrize(
    ("text", "silent"),
    [
        ("epic and loud, no drums", DRUMS),
        ("calm, without piano", frozenset(range(4))),
        ("史诗，不要鼓", DRUMS),
        ("温柔，不要弦乐和钢琴", frozenset({*range(4), 40, 41, 42, 43, 44, 45, *range(48, 52)})),
        ("drumless, happy, loud", DRUMS),
    ],
)
def test_what_is_not_wanted_plays_in_no_bar(film: Analysis, text: str, silent: frozenset[int]) -> None:
    _, files = written_out(film, text)
    for file in files:
        for track in file.tracks[1:]:
            if any(m.type == "note_on" for m in track):
                playing = {-1 if m.channel == 9 else m.program for m in track if m.type == "program_change"}
                assert not playing & silent, (text, track.name)
