"""Bring the mix to its delivery standard: one static gain, a true-peak limiter, measured on the encoded file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.delivery.containers import SoundFormat
from pipeline.job import Job
from pipeline.listen import Heard
from pipeline.media import ffmpeg_gate
from pipeline.media.sound import bed_of, read_sound
from pipeline.publish import refusing
from pipeline.settings import Settings
from pipeline.sound.lay import Laid
from pipeline.sound.level import Levels, plan_levels
from pipeline.sound.loudness import LoudnessTarget
from pipeline.sound.measured import Measured, measure
from pipeline.sound.mix import Advance, Mixed, mix
from pipeline.sound.parts import publish_parts
from scoring.cue_sheet import CueSheet
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange, seconds_of

_TRIES = 4
_OVERSAMPLING = 4  # ITU-R BS.1770-5 annex 2 measures true peak at 192 kHz; limiting there limits the same thing
_CODEC_HEADROOM_DB = 0.5  # lossy coders overshoot by 0.3 to 1 dB
_LIMITER_ATTACK_MS, _LIMITER_RELEASE_MS = 5, 80  # design choice: inaudible on sustained music, no pumping
_LEAST_YIELD = 0.3
_LOUDEST_GAIN_DB = 40.0  # what still does not reach the target then is close to silence; say so instead


@dataclass(frozen=True, slots=True)
class Master:
    """The finished sound: an encoded file, and what it measures.

    gain_db: the one static gain. mix: the float file it was made from, total_samples long.
    """

    path: Path
    mix: Path
    total_samples: int
    mixed: Mixed
    levels: Levels
    sound: SoundFormat
    target: LoudnessTarget
    gain_db: float
    ceiling_dbtp: float
    measured: Measured
    tries: int

    @property
    def is_on_target(self) -> bool:
        """Whether loudness and true peak are as the standard asks."""
        off_lu = abs(self.measured.integrated_lufs - self.target.integrated_lufs)
        return off_lu <= self.target.tolerance_lu and self.measured.true_peak_dbtp <= self.target.true_peak_dbtp


def master(job: Job, heard: Heard, sheet: CueSheet, laid: Laid, scratch: Path) -> Master:
    """Put the film's own sound under the music and bring the mix to the standard the job asks for.

    It is encoded, the encoded file measured, and gain and ceiling corrected until both are on target, at most four
    times. The result may still be off target (a film of near silence): the report says so.
    """
    advance = job.clock.stage("master")
    path = scratch / "mix.w64"
    levels = plan_levels(
        job.wish,
        seconds_of(laid.total_samples),
        laid.energy,
        heard.source_energy,
        heard.analysis.speech.ranges,
        heard.analysis.source_music.regions,
        centre_energy=heard.centre_energy,
        silences=[TimeRange(silence.start_s, silence.end_s) for silence in sheet.silences],
    )
    source = read_sound(job.film, job.settings)
    parts = scratch / "parts" if laid.stems is not None else None
    with refusing(path):
        if parts is not None:
            parts.mkdir()
        mixed = mix(
            laid.path,
            source,
            bed_of(job.film),
            levels,
            path,
            laid.total_samples,
            parts=parts,
            advance=lambda share: advance(share / 2),
        )
    if not job.wish.music:
        laid.path.unlink()  # two hours of float take 2.8 GB
    made = _to_standard(mixed, levels, path, laid.total_samples, job, scratch, lambda share: advance(0.5 + share / 2))
    if parts is not None and laid.stems is not None:
        publish_parts(parts, laid.stems, made.gain_db)
    return made


def _to_standard(
    mixed: Mixed, levels: Levels, mix_path: Path, total_samples: int, job: Job, folder: Path, advance: Advance
) -> Master:
    target, sound, settings = job.target, job.container.sound.for_bed(bed_of(job.film)), job.settings
    gain_db = min(_LOUDEST_GAIN_DB, target.integrated_lufs - mixed.integrated_lufs)
    gain_db = gain_db if math.isfinite(gain_db) else 0.0
    ceiling_dbtp = target.true_peak_dbtp - (_CODEC_HEADROOM_DB if sound.is_lossy else 0.05)
    path = folder / f"master{sound.suffix}"
    film_s = seconds_of(total_samples)
    heard: list[tuple[float, float]] = []  # (gain dB, loudness LUFS) of the tries so far
    for tries in range(1, _TRIES + 1):
        # Two tries are the rule; a third and a fourth find the bar full.
        encoding, measuring = (_part(advance, 2 * (tries - 1) + half, 4) for half in (0, 1))
        _encode(mix_path, path, sound, gain_db, ceiling_dbtp, film_s, settings, encoding)
        measured = measure(path, film_s, settings, measuring)
        made = Master(
            path, mix_path, total_samples, mixed, levels, sound, target, gain_db, ceiling_dbtp, measured, tries
        )
        off_lu = target.integrated_lufs - measured.integrated_lufs
        over_db = measured.true_peak_dbtp - target.true_peak_dbtp
        # The first try aims for the middle of the tolerance; after that, inside it is good enough.
        if not math.isfinite(off_lu) or (made.is_on_target and (tries > 1 or abs(off_lu) <= target.tolerance_lu / 2)):
            break
        if over_db > 0:
            ceiling_dbtp -= over_db + 0.1
        heard.append((gain_db, measured.integrated_lufs))
        gain_db = min(_LOUDEST_GAIN_DB, gain_db + off_lu / _yield(heard))
    return made


def _yield(heard: list[tuple[float, float]]) -> float:
    """How much loudness a decibel of gain brings, from the last two tries: less than 1 where the limiter takes some."""
    if len(heard) < 2 or heard[-1][0] == heard[-2][0]:
        return 1.0
    (gain_before, lufs_before), (gain_now, lufs_now) = heard[-2:]
    return min(1.0, max(_LEAST_YIELD, (lufs_now - lufs_before) / (gain_now - gain_before)))


def _part(advance: Advance, index: int, parts: int) -> Advance:
    """The progress of one of several equal parts of a stage."""
    return lambda share: advance(min(1.0, (index + share) / parts))


def _encode(
    mix: Path,
    path: Path,
    sound: SoundFormat,
    gain_db: float,
    ceiling_dbtp: float,
    film_s: float,
    settings: Settings,
    advance: Advance,
) -> None:
    chain = ffmpeg_gate.own_input(mix).audio.filter("volume", f"{gain_db:.4f}dB")
    chain = _limited(chain, ceiling_dbtp)
    output = ffmpeg_gate.own_output(chain, path=path, format=sound.muxer, **sound.options)
    ffmpeg_gate.run_through(output, settings, film_s=film_s, advance=advance)


def _limited(chain: Any, ceiling_dbtp: float) -> Any:
    limit = 10 ** (ceiling_dbtp / 20)
    return (
        chain.filter("aresample", SAMPLE_RATE_HZ * _OVERSAMPLING)
        .filter(
            "alimiter",
            limit=f"{limit:.6f}",
            attack=_LIMITER_ATTACK_MS,
            release=_LIMITER_RELEASE_MS,
            level="false",
            latency="true",
        )
        .filter("aresample", SAMPLE_RATE_HZ)
    )
