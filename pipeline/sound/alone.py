"""The finished music by itself, for an editor's timeline: a Broadcast Wave that sits right beside the film's sound."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.delivery.place import beside
from pipeline.job import Job
from pipeline.media import ffmpeg_gate
from pipeline.publish import published
from pipeline.settings import Settings
from pipeline.sound.automation import Automation, Duck, automate
from pipeline.sound.file import SoundWriter, reading
from pipeline.sound.lay import Laid
from pipeline.sound.level import Levels
from pipeline.sound.master import Master
from pipeline.sound.mix import Advance, fade_end
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange, samples_at, seconds_of

SUFFIX = ".music.wav"
_LOUDEST = 0.99  # of full scale: what passes it would be cut off in a 24-bit file
_ORIGINATOR = "Cuesmith"


@dataclass(frozen=True, slots=True)
class Alone:
    """The music's gain by itself: static, and over time.

    Beside a film that has sound of its own, which an editor's timeline plays as it is, gain_db puts the music where the
    finished mix has it; without, it brings the music to the standard.
    """

    gain_db: float
    automation: Automation


def alone_of(levels: Levels, master_gain_db: float) -> Alone:
    """master_gain_db: the one static gain of the finished mix."""
    other_db = -levels.source_gain_db if levels.is_beside_sound else master_gain_db
    return Alone(levels.music_gain_db + other_db, levels.automation)


def publish_music(job: Job, laid: Laid, mastered: Master, scratch: Path) -> Path | None:
    """`film.music.wav` beside the result, where the wish asks for it."""
    if not job.wish.music:
        return None
    path = beside(job.output, SUFFIX)
    down_db = write_alone(
        laid.path,
        alone_of(mastered.levels, mastered.gain_db),
        path,
        laid.total_samples,
        scratch,
        job.settings,
        title=job.known.title_of(job.film.path),
        starts_at_s=job.starts_at_s,
    )
    if down_db:
        job.clock.note(f"{path.name} is {down_db:.1f} dB lower than the music in the mix: louder does not fit the file")
    return path


def facts_of(levels: Levels, master_gain_db: float) -> dict[str, Any]:
    """What alone_from needs to draw the same gain again: the reasons, not a hundred points a second."""
    return {
        "gain_db": alone_of(levels, master_gain_db).gain_db,
        "is_beside_sound": levels.is_beside_sound,
        "ducks": [[duck.range.start_s, duck.range.end_s, duck.depth_db] for duck in levels.ducks],
        "muted": [[stretch.start_s, stretch.end_s] for stretch in levels.muted],
        "lowered": [[stretch.start_s, stretch.end_s, depth_db] for stretch, depth_db in levels.lowered],
    }


def alone_from(facts: Mapping[str, Any], duration_s: float) -> Alone:
    """The inverse of facts_of."""
    ducks = [Duck(TimeRange(start_s, end_s), depth_db) for start_s, end_s, depth_db in facts["ducks"]]
    muted = [TimeRange(start_s, end_s) for start_s, end_s in facts["muted"]]
    lowered = [(TimeRange(start_s, end_s), depth_db) for start_s, end_s, depth_db in facts["lowered"]]
    return Alone(facts["gain_db"], automate(duration_s, ducks, muted, lowered))


def write_alone(
    music: Path,
    alone: Alone,
    path: Path,
    total_samples: int,
    scratch: Path,
    settings: Settings,
    *,
    title: str = "",
    starts_at_s: float = 0.0,
    advance: Advance = lambda share: None,
) -> float:
    """Write `path`, 48 kHz/24-bit stereo with a `bext` chunk (EBU Tech 3285); by how many dB it was turned down.

    music: the ungained float file, as laid. It is turned down, all of it alike, only where it would pass full scale.
    starts_at_s: real seconds since midnight of the first sample, its time reference. Raises OutputRefused, DiskFull.
    """
    aside = scratch / "alone.w64"
    peak = _write_gained(music, alone, aside, total_samples, lambda share: advance(share / 2))
    down_db = max(0.0, 20 * math.log10(peak / _LOUDEST)) if peak > 0 else 0.0
    try:
        with published(path) as place:
            _write_wave(aside, place, down_db, total_samples, settings, title, starts_at_s, advance)
    finally:
        aside.unlink(missing_ok=True)
    return down_db


def _write_gained(music: Path, alone: Alone, path: Path, total_samples: int, advance: Advance) -> float:
    """The music with its gain, ducks and all, as a float file of total_samples; its peak, linear."""
    gain, automation = np.float32(10 ** (alone.gain_db / 20)), alone.automation
    peak = 0.0
    with reading(music) as file, SoundWriter(path, "float") as out:
        for done in range(0, total_samples, SAMPLE_RATE_HZ):
            n = min(SAMPLE_RATE_HZ, total_samples - done)
            block = np.zeros((2, n), np.float32)
            heard = file.read(n, dtype="float32", always_2d=True).T
            block[:, : heard.shape[1]] = heard * gain
            if not automation.is_flat:
                block *= automation.linear(done, n)
            fade_end(block, done, total_samples)
            peak = max(peak, float(np.abs(block).max(initial=0.0)))
            out.write(block)
            advance(done / total_samples)
    return peak


def _write_wave(
    aside: Path,
    place: Path,
    down_db: float,
    total_samples: int,
    settings: Settings,
    title: str,
    starts_at_s: float,
    advance: Advance,
) -> None:
    film_s = seconds_of(total_samples)
    sound = ffmpeg_gate.own_input(aside).audio
    if down_db:
        sound = sound.filter("volume", f"{-down_db:.4f}dB")
    facts = {
        "description": title[:250],
        "originator": _ORIGINATOR,
        "time_reference": str(samples_at(starts_at_s)),
        "coding_history": f"A=PCM,F={SAMPLE_RATE_HZ},W=24,M=stereo,T={_ORIGINATOR}",
    }
    output = ffmpeg_gate.own_output(
        sound,
        path=place,
        format="wav",
        acodec="pcm_s24le",
        write_bext=1,
        rf64="auto",
        map_metadata=-1,
        fflags="+bitexact",
        # ffmpeg reads nothing after the g, and a dict has each key once.
        **{f"metadata:g:{number}": f"{name}={value}" for number, (name, value) in enumerate(facts.items())},
    )
    ffmpeg_gate.run_through(output, settings, film_s=film_s, advance=lambda share: advance(0.5 + share / 2))
