"""The manifest: what a run was made from, so that it can be told apart, repeated and resumed."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipeline.compose import Composed
from pipeline.delivery.deliver import Delivered
from pipeline.job import Job
from pipeline.media.ffmpeg_gate import bundled_ffmpeg
from pipeline.sound.alone import facts_of
from pipeline.sound.master import Master
from pipeline.stages.played import PlayedBy
from pipeline.workspace import digest, file_sha256
from scoring.cue_sheet import CueSheet
from scoring.cue_sheet_json import dumps

# What a score's samples and its measurements depend on.
_LIBRARIES = (
    "cuesmith",
    "numpy",
    "scipy",
    "symusic",
    "pretty_midi",
    "opencv-python",
    "av",
    "soundfile",
    "pyloudnorm",
    "torch",
    "torchaudio",
    "transformers",
    "diffusers",
    "open_clip_torch",
    "safetensors",
)


def write_manifest(
    job: Job,
    sheet: CueSheet,
    composed: Composed,
    mastered: Master,
    delivered: Delivered,
    stems: Path | None,
    music: Path | None,
) -> None:
    """Add this run's facts to the workspace's manifest. stems, music: where they were written, if they were."""
    job.workspace.note(
        input={
            "path": str(job.film.path.absolute()),
            "sha256": job.film_sha256,
            "bytes": job.film.path.stat().st_size,
        },
        settings={
            "style": sheet.style,
            "engine": job.wish.engine,
            "engine_options": job.players.options.said(),
            "loudness": job.target.name,
            "stems": job.wish.stems,
        },
        seed=sheet.seed,
        analyser=sheet.analyser,
        read_by={**job.watcher.facts, "why": job.watcher.why},
        words=None if job.words is None else {"digest": job.words.digest, "from": list(job.words.where)},
        vocabulary={"version": job.watcher.vocabulary.version, "sha256": job.watcher.vocabulary.sha256},
        engine=composed.by.engine,
        why=composed.by.why,
        exact=list(composed.by.exact),
        fallbacks=[list(row) for row in composed.fallbacks],
        takes=[
            {"cue": take.cue_id, "engine": take.engine, "seed": take.seed, "key": composed.keys[take.cue_id]}
            for take in composed.score.takes
        ],
        output={
            "path": str(delivered.path),
            "sha256": file_sha256(delivered.path),
            "stems": None if stems is None else str(stems),
            "music": None if music is None else str(music),
        },
        film=job.film.info.to_json(),
        sheet=digest(dumps(sheet)),
        alone=facts_of(mastered.levels, mastered.gain_db),
        starts_at_s=job.starts_at_s,
        timecode=job.film.timecode,
        further_takes=[],
        versions=versions(job, composed.by),
    )


def versions(job: Job, by: PlayedBy) -> dict[str, Any]:
    """The versions of everything that had a part in the sound."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed as a distribution"
    return {
        **found,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "ffmpeg": (job.settings.ffmpeg or bundled_ffmpeg()).name,
        "engines": dict(by.versions),
    }
