"""Make the finished file: choose its place, mux, measure it, correct what was measured, publish."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.delivery.containers import HOLDS_EVERYTHING, container_for
from pipeline.delivery.mux import mux
from pipeline.delivery.verify import OFFSET_LIMIT_MS, Verified, verify
from pipeline.job import Job
from pipeline.media.probe import MediaProbe
from pipeline.publish import published
from pipeline.settings import Settings
from pipeline.sound.master import Master
from scoring.errors import MediaToolError


@dataclass(frozen=True, slots=True)
class Delivered:
    """The published file. losses: one sentence for each thing its container could not hold."""

    path: Path
    verified: Verified
    losses: tuple[str, ...]


def deliver(job: Job, master: Master, picture_s: float) -> Delivered:
    """Mux beside the place, measure what came out, mux again shifted when the sound is off, then rename into place.

    Where the film's own container cannot hold its picture and the user named none, the result becomes Matroska.
    """
    job.clock.stage("deliver")(0.0)
    film, output, wish = job.film, job.output, job.wish
    try:
        made = _into(film, master, picture_s, output, job.settings)
    except MediaToolError as error:
        named = wish.output is not None and not wish.output.is_dir()
        if named or output.suffix == HOLDS_EVERYTHING:
            raise
        made = _into(film, master, picture_s, output.with_suffix(HOLDS_EVERYTHING), job.settings)
        job.clock.note(f"written as {made.path.name}: {error.what}")
    for loss in made.losses:
        job.clock.note(f"not carried over: {loss}")
    job.clock.stop()
    return made


def _into(film: MediaProbe, master: Master, picture_s: float, output: Path, settings: Settings) -> Delivered:
    container = container_for(output)
    with published(output) as aside:
        losses = mux(film, master, container, aside, 0.0, settings)
        verified = verify(aside, film, picture_s, master, settings)
        if verified.offset_ms is not None and abs(verified.offset_ms) > OFFSET_LIMIT_MS / 2:
            # Some containers start a coded stream late by its priming; what was measured is taken back.
            losses = mux(film, master, container, aside, -verified.offset_ms / 1000, settings)
            verified = verify(aside, film, picture_s, master, settings)
    return Delivered(output, verified, losses)
