"""A film's tempo map is where the film is: after two hours, in every tempo and metre, by three readers."""

from __future__ import annotations

import io
import random
from bisect import bisect_left, bisect_right
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import mido
import numpy as np
import pretty_midi
import pytest
import symusic
from films import colour_film
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from timelines_made import film_project

from integrations.timelines.midi_file import write_midi
from integrations.timelines.tempo_map import tempo_map
from pipeline.project import Played, Project, open_project
from pipeline.score_video import score_video
from pipeline.wish import Wish
from scoring.cue_sheet import Cue, CueSheet, HitPoint, Metre
from scoring.cue_sheet_checks import check_sheet
from scoring.request import CueTake
from scoring.timebase import FrameRate, TimeRange

RATE = FrameRate(25)
WITHIN_S = 0.001
METRES = [Metre(4, 4), Metre(3, 4), Metre(6, 8), Metre(7, 8), Metre(5, 4), Metre(2, 2), Metre(15, 16), Metre(1, 4)]


def played(sheet: CueSheet, folder: Path) -> Project:
    """A scored film with that sheet and no notes."""
    edges_s = [0.0, sheet.duration_s]
    return replace(film_project(folder, edges_s, [], RATE), sheet=sheet)


@st.composite
def sheets(draw: st.DrawFn) -> CueSheet:
    """Cues of every tempo and metre one after the other, with and without silences, hits anywhere."""
    basis = film_project(Path("/tmp"), [0.0, 100.0], [], RATE).sheet
    now_s = draw(st.sampled_from([0.0, 0.01, 0.3, 7.3]))
    cues: list[Cue] = []
    silences = [TimeRange(0.0, now_s)] if now_s else []
    for number in range(draw(st.integers(1, 6))):
        length_s = draw(st.floats(0.5, 400.0))
        first_s = draw(st.sampled_from([0.0, 0.001, 0.2, 0.499])) * min(length_s, 2.0)
        hits_s = sorted(draw(st.sets(st.floats(0, 0.999), max_size=4)))
        cue = replace(
            basis.cues[0],
            id=f"1m{number + 1}",
            in_s=now_s,
            out_s=now_s + length_s,
            bpm=draw(st.floats(20, 400)),
            metre=draw(st.sampled_from(METRES)),
            first_downbeat_s=now_s + first_s,
            hit_points=tuple(HitPoint(now_s + share * length_s, 0.7, 80.0, "cut") for share in hits_s),
        )
        cues.append(cue)
        gap_s = draw(st.sampled_from([0.0, 0.0, 0.02, 0.7, 33.3, 900.0]))
        if gap_s:
            silences.append(TimeRange(cue.out_s, cue.out_s + gap_s))
        now_s = cue.out_s + gap_s
    made = replace(basis, duration_s=now_s, cues=tuple(cues), silences=tuple(silences))
    check_sheet(made)
    return made


class Read:
    """A MIDI file's conductor as mido has it, its times added up exactly."""

    def __init__(self, file: mido.MidiFile) -> None:
        self.file = file
        self.markers: list[tuple[float, str]] = []
        self.bar_ticks: list[int] = []
        events, tick = [], 0
        for message in file.tracks[0]:
            tick += message.time
            events.append((tick, message))
        self._spans = [(0, Fraction(0), 500_000)]
        for at, message in events:
            if message.type == "set_tempo":
                start, before_us, tempo = self._spans[-1]
                passed_us = Fraction((at - start) * tempo, file.ticks_per_beat)
                self._spans.append((at, before_us + passed_us, message.tempo))
        self.markers = [(self.time_s(t), m.text) for t, m in events if m.type == "marker"]
        metres = [(t, m) for t, m in events if m.type == "time_signature"]
        ends = [*(t for t, _ in metres[1:]), tick + 1]
        for (first, metre), end in zip(metres, ends, strict=True):
            bar = file.ticks_per_beat * 4 * metre.numerator // metre.denominator
            self.bar_ticks += range(first, end, bar)
            assert (end - first) % bar == 0 or end == tick + 1, "a metre changes within a bar"
        self.bar_lines_s = [self.time_s(t) for t in self.bar_ticks]

    def time_s(self, tick: int) -> float:
        start, before_us, tempo = self._spans[bisect_right(self._spans, tick, key=lambda span: span[0]) - 1]
        return float((before_us + Fraction((tick - start) * tempo, self.file.ticks_per_beat)) / 1_000_000)


def off_s(times_s: list[float], wanted_s: float) -> float:
    """How far the nearest of rising times is."""
    at = bisect_left(times_s, wanted_s)
    return min(abs(time_s - wanted_s) for time_s in times_s[max(at - 1, 0) : at + 1])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheet=sheets())
def test_every_cue_begins_its_bars_and_lands_its_hits_where_the_film_has_them(sheet: CueSheet, tmp_path: Path) -> None:
    write_midi(played(sheet, tmp_path), tmp_path / "film.mid")
    read = Read(mido.MidiFile(tmp_path / "film.mid", charset="utf-8"))
    hits_s = [time_s for time_s, text in read.markers if text.startswith("hit")]
    wanted_s = sorted(hit.time_s for cue in sheet.cues for hit in cue.hit_points)
    assert hits_s == pytest.approx(wanted_s, abs=WITHIN_S)
    starts_s = [time_s for time_s, text in read.markers if text.startswith("1M")]
    assert starts_s == pytest.approx([cue.in_s for cue in sheet.cues], abs=WITHIN_S)
    for cue in sheet.cues:
        assert off_s(read.bar_lines_s, cue.first_downbeat_s) < WITHIN_S
    assert read.markers[-1][1] == "film ends"
    assert read.markers[-1][0] == pytest.approx(sheet.duration_s, abs=WITHIN_S)


@settings(max_examples=30, deadline=None)
@given(sheet=sheets())
def test_whole_bars_of_a_cue_keep_its_tempo(sheet: CueSheet) -> None:
    grid = tempo_map(sheet)
    for cue in sheet.cues:
        inside = [
            bar for bar in grid.bars if cue.first_downbeat_s - 1e-3 <= bar.start_us / 1e6 < cue.out_s - 2 * cue.bar_s
        ]
        for number, bar in enumerate(inside):
            assert bar.metre == cue.metre
            assert bar.start_us / 1e6 == pytest.approx(cue.first_downbeat_s + number * cue.bar_s, abs=WITHIN_S)


def test_two_hours_and_three_hundred_cues_drift_by_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(3)
    edges_s = [0.0, *sorted(round(chance.uniform(1, 7199), 6) for _ in range(299)), 7200.0]
    edges_s = [edge for edge, after in pairwise([*edges_s, 1e9]) if after - edge > 0.6]
    hits_s = sorted(round(chance.uniform(0, 7200), 6) for _ in range(500))
    project = film_project(tmp_path, edges_s, hits_s, RATE)
    cues = tuple(replace(cue, bpm=chance.uniform(50, 180)) for cue in project.sheet.cues)
    project = replace(project, sheet=replace(project.sheet, cues=cues))
    path = tmp_path / "film.mid"
    write_midi(project, path)
    by_mido = Read(mido.MidiFile(path, charset="utf-8"))
    found_s = [time_s for time_s, text in by_mido.markers if text.startswith("hit")]
    wanted_s = [hit.time_s for cue in cues for hit in cue.hit_points]
    assert np.abs(np.array(found_s) - wanted_s).max() < WITHIN_S
    by_symusic = symusic.Score(str(path)).to("second")
    others_s = [marker.time for marker in by_symusic.markers if marker.text.startswith("hit")]
    assert np.abs(np.array(others_s) - wanted_s).max() < 2 * WITHIN_S  # it keeps seconds as 32-bit floats
    monkeypatch.setattr(pretty_midi.pretty_midi, "MAX_TICK", 1e9)  # its own guard is for one hour or so
    by_pretty_midi = pretty_midi.PrettyMIDI(str(path))
    bar_lines_s = [float(by_pretty_midi.tick_to_time(tick)) for tick in by_mido.bar_ticks]
    assert max(off_s(bar_lines_s, cue.first_downbeat_s) for cue in cues) < WITHIN_S


def test_a_scored_films_notes_are_where_its_cues_play_them(tmp_path: Path) -> None:
    film = colour_film(tmp_path / "film.mp4", [("0x88BBDD", 7.0), ("0x401010", 9.0), ("0x10a010", 5.0)])
    project = open_project(score_video(film, Wish()).workspace)
    path = tmp_path / "film.mid"
    assert write_midi(project, path) == ()
    whole = pretty_midi.PrettyMIDI(str(path))
    heard = sorted((note.start, note.pitch) for part in whole.instruments for note in part.notes)
    wanted = []
    for cue in project.sheet.cues:
        take = project.takes[cue.id]
        begins_s = cue.in_s - take.take.lead_in_samples / 48_000
        own = pretty_midi.PrettyMIDI(str(take.folder / "cue.mid"))
        wanted += [(begins_s + note.start, note.pitch) for part in own.instruments for note in part.notes]
        assert {part.name for part in own.instruments} <= {part.name for part in whole.instruments}
    assert len(heard) == len(wanted) > 20
    assert [pitch for _, pitch in heard] == [pitch for _, pitch in sorted(wanted)]
    assert [time_s for time_s, _ in heard] == pytest.approx([time_s for time_s, _ in sorted(wanted)], abs=WITHIN_S)
    times_s = symusic.Score(str(path)).to("second")
    assert sum(len(track.notes) for track in times_s.tracks) == len(heard)


def test_notes_of_two_cues_share_a_track_and_keep_their_times_and_lead_in(tmp_path: Path) -> None:
    project = film_project(tmp_path, [0.0, 10.3, 31.7], [], RATE)
    takes = {}
    for cue, lead_in in zip(project.sheet.cues, (0, 24_000), strict=True):
        folder = tmp_path / cue.id
        folder.mkdir()
        file = mido.MidiFile(type=1, ticks_per_beat=480)
        file.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=750_000)]))
        file.tracks.append(
            mido.MidiTrack(
                [
                    mido.MetaMessage("track_name", name="Strings"),
                    mido.Message("program_change", channel=5, program=48),
                    mido.Message("note_on", channel=5, note=60, velocity=90, time=480),
                    mido.Message("note_off", channel=5, note=60, time=960),
                ]
            )
        )
        file.save(folder / "cue.mid")
        takes[cue.id] = Played(_take(cue.id, lead_in), folder)
    write_midi(replace(project, takes=takes), tmp_path / "film.mid")
    (strings,) = pretty_midi.PrettyMIDI(str(tmp_path / "film.mid")).instruments
    assert (strings.name, strings.program) == ("Strings", 48)
    times_s = [(note.start, note.end) for note in strings.notes]
    assert times_s == [pytest.approx((0.75, 2.25), abs=WITHIN_S), pytest.approx((10.55, 12.05), abs=WITHIN_S)]


def _take(cue_id: str, lead_in_samples: int, engine: str = "composer") -> CueTake:
    return CueTake(cue_id, engine, 1, lead_in_samples, 48_000, 48_000, (), (), (), (), ())


def test_a_cue_without_notes_is_named(tmp_path: Path) -> None:
    project = film_project(tmp_path, [0.0, 10.0, 20.0, 30.0], [], RATE)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "cue.mid").write_bytes(b"MThd")
    takes = {
        "1m1": Played(_take("1m1", 0, "ace-step-v1"), tmp_path / "nothing"),
        "1m2": Played(_take("1m2", 0), tmp_path / "broken"),
    }
    losses = write_midi(replace(project, takes=takes), tmp_path / "film.mid")
    assert losses == (
        "cue 1m1 has no notes in the MIDI file: ace-step-v1 made sound, not notes",
        "cue 1m2 has no notes in the MIDI file: its cue.mid cannot be read",
        "cue 1m3 has no notes in the MIDI file: its take is gone",
    )


@pytest.mark.parametrize(
    ("rate", "label", "written"),
    [
        (FrameRate(25), "01:00:00:10", (25, 1, 0, 0, 10)),
        (FrameRate(24_000, 1001), "10:20:30:23", (24, 10, 20, 30, 23)),
        (FrameRate(30_000, 1001), "01:00:00;02", (29.97, 1, 0, 0, 2)),
        (FrameRate(30_000, 1001), "01:00:00:02", (30, 1, 0, 0, 2)),
        (FrameRate(50), "01:00:00:49", (25, 1, 0, 0, 24)),
        (FrameRate(60_000, 1001), "01:01:00;04", (29.97, 1, 1, 0, 2)),
    ],
)
def test_the_start_timecode_is_in_the_file(
    rate: FrameRate, label: str, written: tuple[float, ...], tmp_path: Path
) -> None:
    write_midi(film_project(tmp_path, [0.0, 10.0], [], rate), tmp_path / "film.mid", start=label)
    (offset,) = [m for m in mido.MidiFile(tmp_path / "film.mid").tracks[0] if m.type == "smpte_offset"]
    assert (offset.frame_rate, offset.hours, offset.minutes, offset.seconds, offset.frames) == written


def test_names_in_every_script_survive_and_the_file_is_the_same_every_time(tmp_path: Path) -> None:
    project = film_project(tmp_path, [0.0, 10.0], [4.0], RATE)
    cue = replace(project.sheet.cues[0], mood="夜 → Étude 🎻")
    project = replace(project, folder=tmp_path / "夜の歌.cuesmith", sheet=replace(project.sheet, cues=(cue,)))
    write_midi(project, tmp_path / "one.mid")
    write_midi(project, tmp_path / "two.mid")
    data = (tmp_path / "one.mid").read_bytes()
    assert data == (tmp_path / "two.mid").read_bytes()
    file = mido.MidiFile(file=io.BytesIO(data), charset="utf-8")
    assert (file.type, file.tracks[0].name) == (1, "夜の歌")
    assert "1M1 夜 → Étude 🎻" in [m.text for m in file.tracks[0] if m.type == "marker"]
