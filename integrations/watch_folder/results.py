"""Bringing results home: out of the storage, into the output folder, each complete, the finished film last."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from integrations.cli.received import receive
from integrations.jobs.database import Database
from integrations.jobs.reading import Artefact, JobView, read_job
from integrations.service.faults import checkpoint
from integrations.storage.storage import Storage
from pipeline.publish import published, refusing
from scoring.errors import ChecksumRefused


@dataclass(frozen=True, slots=True)
class _Finished:
    """A job as cli.received takes it."""

    job: JobView

    @property
    def id(self) -> str:
        return self.job.id

    @property
    def files(self) -> tuple[Artefact, ...]:
        return self.job.artefacts

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(self.job.notes)


class _Shelf:
    """Copies, never links: whoever edits a result must not edit what the storage holds."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def download_file(self, file: Artefact, to: Path, /) -> Path:
        found = hashlib.sha256()
        with published(to) as aside:
            with aside.open("wb") as into:
                for block in self._storage.open_range(file.storage_key):
                    found.update(block)
                    into.write(block)
            if found.hexdigest() != file.sha256:
                raise ChecksumRefused(
                    f"{file.name} came out of the storage with another SHA-256", "Check the storage's disk"
                )
        checkpoint("watch.brought")
        return to


def bring_home(database: Database, storage: Storage, tenant: str, job_id: str, out: Path, place: Path) -> Path:
    """Copy a job's results to a place below out; the finished film's path below out, the first take's of several.

    Doing it again replaces the same files by the same. Raises Gone when the job has expired, StoredMissing, DiskFull,
    OutputRefused, ChecksumRefused, and what a storage raises.
    """
    with database.reading() as connection:
        job = read_job(connection, tenant, job_id)
    target = out / place
    with refusing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    # A suffix of no meaning keeps a place like "clip.mov" whole.
    made = receive(_Shelf(storage), _Finished(job), Path(f"{place.name}.film"), Path(f"{target}.scored.film"))
    return min(made.videos.items())[1].relative_to(out)
