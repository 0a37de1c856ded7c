"""The tempo map of a film as a MIDI file, with its cues and hits as markers, and the notes of cues that have them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from integrations.timelines.film_timeline import Start, timeline_start
from integrations.timelines.markers import cue_title
from integrations.timelines.tempo_map import TempoMap, tempo_map
from pipeline.project import Played, Project
from pipeline.publish import write_bytes
from scoring.timebase import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    import mido

_DRUM_CHANNEL = 9
_CHANNELS = (*range(9), *range(10, 16))
_OFFSET_RATES = (24, 25, 30)  # that a MIDI file's start timecode can be counted in
_DROP_RATE = 29.97  # what mido calls 30 frames a second in drop-frame


@dataclass(slots=True)
class _Line:
    """What one instrument plays in the film: (tick, order, message). Its channel is the file's own."""

    name: str
    channel: int
    events: list[tuple[int, int, mido.Message | mido.MetaMessage]] = field(default_factory=list)


def write_midi(project: Project, path: Path, *, start: str | None = None) -> tuple[str, ...]:
    """Write a MIDI file of format 1 whose time 0 is the film's first picture; what it could not hold, for people.

    The first track has tempo and metre of every bar where they change, cue names, hits and the film's end as markers;
    a cue's first downbeat and hits are within 1 ms of the film's. Then there is a track for every instrument.
    start: the timecode of the first picture, "01:00:00:00"; the film's own by default. Raises InputError for one that
    does not fit, OutputRefused, DiskFull.
    """
    import mido

    grid = tempo_map(project.sheet)
    file = mido.MidiFile(type=1, ticks_per_beat=grid.ticks_per_quarter, charset="utf-8")
    lines, losses = _instruments(project, grid)
    file.tracks.append(_conductor(project, grid, timeline_start(project, start)))
    file.tracks += [_track(line.events, line.name) for line in lines]
    buffer = io.BytesIO()
    file.save(file=buffer)
    write_bytes(path, buffer.getvalue())
    return losses


def _conductor(project: Project, grid: TempoMap, start: Start) -> mido.MidiTrack:
    import mido

    events: list[tuple[int, int, mido.Message | mido.MetaMessage]] = []
    if offset := _start_offset(start):
        events.append((0, 0, offset))
    metre, tempo_us = None, None
    for bar in grid.bars:
        if bar.metre != metre:
            sizes = {"numerator": bar.metre.beats, "denominator": bar.metre.unit}
            events.append((bar.tick, 1, mido.MetaMessage("time_signature", **sizes)))
        if bar.tempo_us != tempo_us:
            events.append((bar.tick, 2, mido.MetaMessage("set_tempo", tempo=bar.tempo_us)))
        metre, tempo_us = bar.metre, bar.tempo_us
    for time_s, text in _markers(project):
        events.append((grid.tick(time_s), 3, mido.MetaMessage("marker", text=text)))
    events.append((grid.tick(project.sheet.duration_s), 4, mido.MetaMessage("marker", text="film ends")))
    return _track(events, project.name)


def _markers(project: Project) -> Iterator[tuple[float, str]]:
    for number, cue in enumerate(project.sheet.cues):
        yield cue.in_s, cue_title(project.sheet, number)
        for hit in cue.hit_points:
            yield hit.time_s, f"hit {hit.kind} {hit.weight:.2f}"


def _start_offset(start: Start) -> mido.MetaMessage | None:
    """The timecode of the first picture, in the nearest rate that a MIDI file counts; None for a film from zero."""
    import mido

    if not start.frame:
        return None
    counted = next((n for n in _OFFSET_RATES if start.timecode.counted % n == 0), _OFFSET_RATES[-1])
    hours, minutes, seconds, frames = (int(n) for n in re.split("[:;]", start.timecode.label(start.frame)))
    return mido.MetaMessage(
        "smpte_offset",
        frame_rate=_DROP_RATE if start.timecode.is_drop else counted,
        hours=hours,
        minutes=minutes,
        seconds=seconds,
        frames=frames * counted // start.timecode.counted,
    )


def _instruments(project: Project, grid: TempoMap) -> tuple[list[_Line], tuple[str, ...]]:
    """The notes of all cues, one line for every track name, in the order of their first cue."""
    lines: dict[str, _Line] = {}
    losses: list[str] = []
    for cue in project.sheet.cues:
        played = project.takes.get(cue.id)
        notes, why = (None, "its take is gone") if played is None else _notes(played)
        if played is None or notes is None:
            losses.append(f"cue {cue.id} has no notes in the MIDI file: {why}")
            continue
        begins_s = cue.in_s - played.take.lead_in_samples / SAMPLE_RATE_HZ
        for track in notes.tracks:
            _add_notes(lines, track, _tempos(notes), notes.ticks_per_beat, begins_s, grid)
    if sum(line.channel != _DRUM_CHANNEL for line in lines.values()) > len(_CHANNELS):
        losses.append(f"more than {len(_CHANNELS)} instruments: some share a MIDI channel")
    return list(lines.values()), tuple(losses)


def _notes(played: Played) -> tuple[mido.MidiFile | None, str]:
    """The cue's own MIDI file, or why there is none, for people."""
    import mido

    path = played.folder / "cue.mid"
    if not path.is_file():
        return None, f"{played.take.engine} made sound, not notes"
    try:
        return mido.MidiFile(path, charset="utf-8", clip=True), ""
    except (OSError, EOFError, ValueError, KeyError, IndexError):
        return None, f"its {path.name} cannot be read"


def _tempos(file: mido.MidiFile) -> list[tuple[int, int]]:
    """(tick, microseconds a quarter note) of a file, rising; the standard's 120 a minute until the first."""
    found, now = [(0, 500_000)], 0
    for message in file.tracks[0] if file.tracks else ():
        now += message.time
        if message.type == "set_tempo":
            found.append((now, message.tempo))
    return found


def _add_notes(
    lines: dict[str, _Line],
    track: mido.MidiTrack,
    tempos: Sequence[tuple[int, int]],
    ticks_per_quarter: int,
    begins_s: float,
    grid: TempoMap,
) -> None:
    """Put a track of a cue's file on the film's bars. begins_s: the film time of the file's tick 0."""
    if not any(message.type == "note_on" for message in track):
        return
    is_drum = any(message.type == "note_on" and message.channel == _DRUM_CHANNEL for message in track)
    name = track.name or ("drums" if is_drum else "notes")
    if name not in lines:
        melodic = sum(line.channel != _DRUM_CHANNEL for line in lines.values())
        lines[name] = _Line(name, _DRUM_CHANNEL if is_drum else _CHANNELS[melodic % len(_CHANNELS)])
    line = lines[name]
    now = 0
    for message in track:
        now += message.time
        if message.is_meta or message.type == "sysex":
            continue
        tick = grid.tick(begins_s + _seconds(now, tempos, ticks_per_quarter))
        order = {"program_change": 0, "note_off": 1}.get(message.type, 3 if message.type == "note_on" else 2)
        line.events.append((tick, order, message.copy(channel=line.channel)))


def _seconds(tick: int, tempos: Sequence[tuple[int, int]], ticks_per_quarter: int) -> float:
    microseconds = 0.0
    for (start, tempo_us), (end, _) in zip(tempos, [*tempos[1:], (tick, 0)], strict=True):
        microseconds += max(min(tick, end) - start, 0) * tempo_us / ticks_per_quarter
    return microseconds / 1e6


def _track(events: Sequence[tuple[int, int, mido.Message | mido.MetaMessage]], name: str) -> mido.MidiTrack:
    """The events in time order with a name before them, absolute ticks made relative."""
    import mido

    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name, time=0)])
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=0))
    return track
