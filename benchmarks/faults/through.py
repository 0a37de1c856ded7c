"""Spoilt films through the product's own encoding, muxing, verifying and gathering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from faults.base import Base, Sound, Spoilt, measured, meter, spoilt_folder
from faults.fault import SIZES, Fault
from pipeline.card.evidence import Evidence
from pipeline.delivery.containers import container_for
from pipeline.delivery.deliver import Delivered, deliver
from pipeline.delivery.mux import mux
from pipeline.delivery.verify import verify
from pipeline.report.evidence import gather
from pipeline.sound.file import SoundWriter
from pipeline.sound.master import Master, master, measure
from scoring.timebase import seconds_of


def evidence_of(base: Base, fault: Fault, amount: float, *, real: bool) -> Evidence:
    """The evidence of a film with a fault of that size. real: encoded, muxed and read again."""
    if fault.name in WRITTEN:
        return WRITTEN[fault.name](base, amount)
    done = fault.spoil(base, amount)
    return through(base, done, fault.through) if real else measured(base, done)


def through(base: Base, spoilt: Spoilt, suffix: str) -> Evidence:
    """The evidence of a spoilt film that was written to a file and read again.

    Music spoilt before its gain is mixed and mastered anew, so the limiter has its say; finished sound is coded without
    loss, as it is.
    """
    run = base.run
    output = spoilt_folder(base) / f"film{suffix or run.job.output.suffix}"
    job = replace(run.job, output=output, container=container_for(output))
    if spoilt.laid is not None:
        path = spoilt_folder(base) / "music.w64"
        write(path, spoilt.laid)
        heard = meter(spoilt.laid)
        laid = replace(run.laid, path=path, energy=heard.step_energy, integrated_lufs=heard.integrated_lufs)
        made = master(job, run.heard, run.sheet, laid, output.parent)
        evidence = gather(
            replace(run, job=job, laid=laid, master=made, delivered=deliver(job, made, run.sheet.duration_s))
        )
    else:
        whole = spoilt.whole if spoilt.whole is not None else base.whole
        whole = whole if spoilt.music is None else base.whole + spoilt.music - base.music
        made = as_it_is(base, whole)
        evidence = gather(replace(run, job=job, master=made, delivered=deliver(job, made, run.sheet.duration_s)))
    return spoilt.evidence(evidence) if spoilt.evidence is not None else evidence


def as_it_is(base: Base, whole: Sound) -> Master:
    """Finished sound coded without loss, not limited."""
    path = spoilt_folder(base) / "whole.w64"
    write(path, whole)
    sound = container_for(path.with_suffix(".mkv")).sound
    run = base.run
    return replace(
        run.master,
        path=path,
        mix=path,
        total_samples=whole.shape[1],
        sound=sound,
        measured=measure(path, seconds_of(whole.shape[1]), run.job.settings),
    )


def write(path: Path, sound: Sound) -> None:
    """As float."""
    with SoundWriter(path, "float") as file:
        file.write(np.ascontiguousarray(sound, np.float32))


def muxed_late(base: Base, milliseconds: float) -> Evidence:
    """The finished sound muxed so much too late, and nobody puts it right."""
    run = base.run
    output = spoilt_folder(base) / run.job.output.name
    mux(run.job.film, run.master, run.job.container, output, milliseconds / 1000, run.job.settings)
    verified = verify(output, run.job.film, run.sheet.duration_s, run.master, run.job.settings)
    return gather(replace(run, delivered=Delivered(output, verified, ())))


def cut_short(base: Base, pictures: float) -> Evidence:
    """The finished sound so many pictures shorter than the film."""
    assert base.evidence.encoded is not None
    n = base.whole.shape[1] - round(pictures * base.evidence.encoded.frame_s * 48_000)
    run = base.run
    output = spoilt_folder(base) / "short.mkv"
    job = replace(run.job, output=output, container=container_for(output))
    made = as_it_is(base, base.whole[:, :n])
    return gather(replace(run, job=job, master=made, delivered=deliver(job, made, run.sheet.duration_s)))


def offset_sizes(base: Base) -> Mapping[str, float]:
    """Milliseconds."""
    bad = base.bad("H1")
    return {} if bad is None else {size: float(size) * bad for size in SIZES}


def nothing(base: Base, size: float) -> Spoilt:
    """These are done while the file is written."""
    return Spoilt()


WRITTEN = {"mux offset": muxed_late, "sound cut short": cut_short}
FAULTS = (
    Fault("mux offset", ("H1",), "ms", offset_sizes, nothing),
    Fault(
        "sound cut short",
        ("G2",),
        "pictures",
        lambda base: {size: float(size) for size in SIZES},
        nothing,
    ),
)
