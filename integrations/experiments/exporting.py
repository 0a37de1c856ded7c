"""`cuesmith ratings export`: the music a tenant likes, as a folder that ACE-Step v1's training takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from integrations.experiments.favourites import RatedTake, rated_takes
from integrations.experiments.training_set import LONGEST_PROMPT, LONGEST_S, MOST_SILENCE, SHORTEST_S, read_training_set
from integrations.jobs.database import Database
from integrations.jobs.tenants import tenant_of
from integrations.service.settings import Quota
from integrations.storage.storage import Storage
from music_engine.ace_step.cues.telling import lyrics_of
from music_engine.sdk.export import export
from pipeline.publish import refusing, write_text
from pipeline.sound.file import StemFiles, reading
from pipeline.stages.requests import requests_of
from scoring import cue_sheet_json
from scoring.errors import CueSheetError, InputError, OutputRefused, StoredMissing
from scoring.request import CueRequest, Samples
from scoring.timebase import SAMPLE_RATE_HZ

RATINGS_FILE = "ratings.jsonl"


@dataclass(frozen=True, slots=True)
class Exported:
    """folder: what training is given. pieces: how many. duration_s: of their audio together. left_out: why, for each
    take at or above the stars that is not in it.
    """

    folder: Path
    pieces: int
    duration_s: float
    left_out: tuple[str, ...]


def export_ratings(
    database: Database, storage: Storage, folder: Path, *, tenant: str, least_stars: float = 4.0
) -> Exported:
    """Write every take that the tenant gave least_stars or more on average, and read the folder back as training does.

    tenant: whose music it is; nobody else's is looked at. The folder gets `N.mp3`, `N_prompt.txt` (what was said to
    engines), `N_lyrics.txt` (`[inst]` and structure tags, as ACE-Step is asked) and ratings.jsonl, a line for each
    piece. Raises UnknownId, InputError for stars outside 1..5 or when nothing is left, OutputRefused for a folder that
    has something in it, DiskFull, and what the storage raises.
    """
    if not 1.0 <= least_stars <= 5.0:
        raise InputError(f"the least number of stars is {least_stars:g}", "Give 1 to 5")
    with refusing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise OutputRefused(f"{folder} is not empty", "Choose a new folder: a mixture would be trained on")
    with database.reading() as connection:
        tenant_of(connection, tenant, Quota())
        liked = [take for take in rated_takes(connection, tenant) if take.stars >= least_stars]
    rows: list[dict[str, Any]] = []
    left_out: list[str] = []
    for take in liked:
        key = f"{len(rows) + 1:05d}"
        reason = _write(storage, take, folder, key)
        if reason is None:
            rows.append(_row(key, take))
        else:
            left_out.append(f"{take.job_id} {take.cue}: {reason}")
    if not rows:
        why = f"; left out: {'; '.join(left_out[:5])}" if left_out else ""
        raise InputError(
            f"{tenant} has no take of {least_stars:g} stars or more that could be exported{why}",
            "Rate jobs that are still kept, or lower --stars",
        )
    write_text(folder / RATINGS_FILE, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    read = read_training_set(folder)
    assert len(read) == len(rows)
    return Exported(folder, len(rows), sum(piece.duration_s for piece in read), tuple(left_out))


def _write(storage: Storage, take: RatedTake, folder: Path, key: str) -> str | None:
    """Write one piece; why it cannot be, where it cannot."""
    try:
        request = _request(storage, take)
        audio = _audio(storage, take.stems, folder)
    except (StoredMissing, CueSheetError) as error:
        return error.what
    duration_s = audio.shape[1] / SAMPLE_RATE_HZ
    if duration_s < SHORTEST_S:
        return f"it lasts {duration_s:.2f} s, and training would pad it with silence"
    if 1.0 - float(audio.any(axis=0).mean()) > MOST_SILENCE:
        return "it is silent"
    tags = _tags(request.prompt)
    if not tags:
        return "its prompt is empty"
    export(audio[:, : int(LONGEST_S * SAMPLE_RATE_HZ)], folder / f"{key}.mp3")
    write_text(folder / f"{key}_prompt.txt", f"{', '.join(tags)}\n")
    write_text(folder / f"{key}_lyrics.txt", f"{lyrics_of(request)}\n")
    return None


def _request(storage: Storage, take: RatedTake) -> CueRequest:
    text = take.sheet_text if take.sheet is None else storage.get_bytes(take.sheet.key, 10**8).decode("utf-8")
    for request in requests_of(cue_sheet_json.loads(text), ()):
        if request.cue_id == take.cue:
            return request
    raise CueSheetError(f"the sheet has no cue {take.cue!r}")


def _audio(storage: Storage, stems: Sequence[Any], folder: Path) -> Samples:
    """[2, N] the stems added up, lead-in and tail too."""
    with TemporaryDirectory(dir=folder, prefix=".stems-") as scratch:
        paths = [storage.fetch(file.key, Path(scratch) / Path(file.name).name) for file in stems]
        files = StemFiles(Path(scratch), [path.stem for path in paths])
        try:
            stack = list(files.read(0, max(map(_frames, paths))).values())
            audio: Samples = np.sum(stack, axis=0, dtype=np.float32)
            return audio
        finally:
            files.close()


def _frames(path: Path) -> int:
    with reading(path) as file:
        frames: int = file.frames
    return frames


def _tags(prompt: str) -> list[str]:
    """The prompt's tags, as many of the first as training keeps."""
    tags: list[str] = []
    for tag in (tag.strip() for tag in prompt.split(",")):
        if tag and len(", ".join([*tags, tag])) <= LONGEST_PROMPT:
            tags.append(tag)
    return tags


def _row(key: str, take: RatedTake) -> dict[str, Any]:
    facts = {name: take.facts.get(name) for name in ("engine", "version", "seed", "bpm", "key", "duration_s")}
    return {
        "piece": key,
        "stars": round(take.stars, 4),
        "rated": take.rated,
        "job": take.job_id,
        "cue": take.cue,
        "take": take.take,
        "film_sha256": take.film,
        "experiment": take.experiment,
        "arm": take.arm,
        **facts,
    }
