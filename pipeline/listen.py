"""Analyse a film: one pass through the gate feeds vision, keeps stills, and measures the film's own sound."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.job import Job
from pipeline.looking import Looking
from pipeline.media.bed import Bed
from pipeline.media.decode import FilmReader
from pipeline.media.sound import FilmSound, bed_of
from pipeline.publish import refusing
from pipeline.sound.level import about_own_music
from pipeline.sound.loudness import LoudnessMeter
from pipeline.wish import Wish
from pipeline.workspace import digest
from scoring.analysis import Analysis
from scoring.edit import check_edit, with_edit
from scoring.text.fusion import fuse
from scoring.timebase import TimeRange, clock
from vision.analyse import analyse
from vision.frames import Frame, MediaItem, Still

ANALYSIS_VERSION = 4  # rises when the same film would be read differently
_STILL_QUALITY = 90
_DONE_ABOUT_IT = {
    "skip": "no new music there (--existing-music keep plays over it)",
    "lower": "the new music lies 12 dB lower there",
    "keep": "the new music plays over it (--existing-music skip leaves it alone)",
}
_FLOOR = 1e-12  # −120 dB: digital silence


@dataclass(frozen=True, slots=True)
class Heard:
    """An analysis, and the film's own sound: its loudness, −inf where it has none or is silent, and its energy,

    [K] K-weighted mean squares a tenth of a second each. centre_energy: of its centre loudspeaker, where it has one.
    """

    analysis: Analysis
    source_lufs: float
    source_energy: NDArray[np.float64]
    is_variable_rate: bool
    was_kept: bool
    centre_energy: NDArray[np.float64] | None = None

    def speech_to_clear(self, wish: Wish) -> tuple[TimeRange, ...]:
        """Where the music is to make room for speech: nowhere when the wish keeps it level or removes the speech."""
        return self.analysis.speech.ranges if wish.dialogue == "duck" else ()


def listen(job: Job | Looking) -> Heard:
    """What watch finds; and says where the film has music already, and what is done about it."""
    heard = watch(job)
    own = heard.analysis.source_music.regions
    if own and job.wish.dialogue != "replace":
        done = about_own_music(job.wish, own, heard.analysis.duration_s)
        times = ", ".join(f"{clock(r.start_s)}-{clock(r.end_s)}" for r in own[:5]) + (" …" if len(own) > 5 else "")
        job.clock.note(f"the film has music of its own at {times}: {_DONE_ABOUT_IT[done]}")
    return heard


def watch(job: Job | Looking) -> Heard:
    """The film's analysis, the one kept in the workspace when it is of this very film, else a new one.

    What somebody wrote down of the words in it moves the curve afterwards, and an editor's cuts take the place of those
    detected; that is cheap, so it is never kept. Raises TimelineError when they are of another film.
    """
    heard = _watch(job)
    analysis = heard.analysis
    if job.words is not None:
        analysis = replace(analysis, curve=fuse(analysis.curve, job.words.said))
    if job.wish.edit is not None:
        check_edit(job.wish.edit, analysis.duration_s, job.film.info.frame_rate)
        analysis = with_edit(analysis, job.wish.edit)
    return replace(heard, analysis=analysis)


def analysis_key(job: Job | Looking) -> str:
    """What a film's analysis goes by in its workspace: the film, who reads it, the version of the reading."""
    return digest([job.film_sha256, job.watcher.key, ANALYSIS_VERSION])


def _watch(job: Job | Looking) -> Heard:
    advance = job.clock.stage("analyse")
    film, workspace = job.film, job.workspace
    key = analysis_key(job)
    kept = workspace.analysis(key)
    if kept is not None:
        advance(1.0)
        return _from_document(kept)
    analyser = job.watcher.build()
    reader = FilmReader(film, job.settings, analyser.wants)
    bed = bed_of(film)
    meter = LoudnessMeter(bed.weights)
    centre = None if bed.centre is None else LoudnessMeter((1.0,))
    with workspace.new_stills() as stills:
        items = _observed(reader, meter, centre, bed, stills, film.longest_s, advance)
        analysis = analyse(items, duration_s=lambda: reader.picture_end.end_s, analyser=analyser)
    lufs = meter.integrated_lufs
    document = {
        **analysis.to_json(),
        "source_lufs": lufs if math.isfinite(lufs) else None,
        "source_steps_db": _steps_db(meter),
        "centre_steps_db": None if centre is None else _steps_db(centre),
        "is_variable_rate": reader.picture_end.is_variable_rate,
    }
    workspace.keep_analysis(key, document)
    # What is spotted from is what is on disk, so that a second run spots the same.
    return _from_document(document, was_kept=False)


def _from_document(document: dict[str, Any], *, was_kept: bool = True) -> Heard:
    lufs = document["source_lufs"]
    return Heard(
        Analysis.from_json(document),
        -math.inf if lufs is None else lufs,
        _energy(document["source_steps_db"]),
        document["is_variable_rate"],
        was_kept,
        None if document["centre_steps_db"] is None else _energy(document["centre_steps_db"]),
    )


def _steps_db(meter: LoudnessMeter) -> list[float]:
    rows: list[float] = np.round(10 * np.log10(np.maximum(meter.step_energy, _FLOOR)), 2).tolist()
    return rows


def _energy(steps_db: list[float]) -> NDArray[np.float64]:
    energy: NDArray[np.float64] = 10 ** (np.asarray(steps_db, np.float64) / 10)
    return energy


def _observed(
    reader: Iterable[MediaItem],
    meter: LoudnessMeter,
    centre: LoudnessMeter | None,
    bed: Bed,
    stills: Path,
    film_s: float,
    advance: Callable[[float], None],
) -> Iterator[MediaItem]:
    """Pass every item on, measuring the sound and keeping a still a second on the way."""
    next_still_s = 0.0
    for item in reader:
        if isinstance(item, FilmSound):
            meter.add(item.bed)
            if centre is not None and bed.centre is not None:
                centre.add(item.bed[bed.centre : bed.centre + 1])
        elif isinstance(item, Still) and item.time_s >= next_still_s - 1e-6:
            _keep(item, stills / f"{int(item.time_s):06d}.jpg")
            next_still_s = math.floor(item.time_s) + 1.0
        elif isinstance(item, Frame) and film_s:
            advance(min(1.0, item.time_s / film_s))
        yield item


def _keep(still: Still, path: Path) -> None:
    import cv2

    _, coded = cv2.imencode(".jpg", still.rgb[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _STILL_QUALITY])
    with refusing(path):
        path.write_bytes(coded.tobytes())
