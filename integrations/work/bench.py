"""A job's folder on this machine: nothing in it is the only copy of anything.

    <work>/<job id>/film/film.mp4         the film, alone in its folder, under a name of ours
    <work>/<job id>/texts/                what the order brought as text
    <work>/<job id>/out/film.cuesmith/    the workspace
    <work>/<job id>/out/                  results, before they are stored

Several units of a job may work here at once. A file is put in its place whole, or not at all.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from integrations.storage.storage import Storage
from integrations.work.task import File, Task
from pipeline.delivery.containers import suffix_of
from pipeline.media.sniff import sniff
from pipeline.publish import refusing
from pipeline.workspace import Workspace
from scoring.errors import InputError

STEM = "film"


class Bench:
    """The folder of one task's job. storage: where it fetches what is not here yet."""

    def __init__(self, task: Task, storage: Storage, work: Path) -> None:
        self.folder = _folder(work, task.job_id)
        self.texts = self.folder / "texts"
        self.out = self.folder / "out"
        self._task = task
        self._storage = storage
        with refusing(self.out):
            self.out.mkdir(parents=True, exist_ok=True)

    @property
    def title(self) -> str:
        """The film's name as its owner knows it, as one that a path can end in."""
        name = str(self._source.get("name") or "").replace("\0", "").replace("\\", "/").rpartition("/")[2]
        return name if name not in ("", ".", "..") else STEM

    @property
    def sha256(self) -> str:
        """Of the film, hexadecimal."""
        return str(self._source["sha256"])

    @property
    def _source(self) -> dict[str, Any]:
        if self._task.source is None or "key" not in self._task.source:
            raise InputError(f"the job {self._task.job_id} has no film", "Upload one, and name it as the source")
        return dict(self._task.source)

    def film(self) -> Path:
        """The film on this machine, fetched where it is not here. Raises an InputError leaf when it is no video."""
        source, folder = self._source, self.folder / STEM
        with refusing(folder):
            folder.mkdir(exist_ok=True)
            for here in folder.glob(f"{STEM}.*"):
                if here.stat().st_size == source["size_bytes"]:
                    return here
        aside = self.folder / f".{STEM}.{os.getpid()}.part"
        try:
            self._storage.fetch(source["key"], aside)
            suffix = suffix_of(Path(self.title).suffix, sniff(aside))
            with refusing(folder):
                aside.replace(folder / f"{STEM}{suffix}")
        finally:
            aside.unlink(missing_ok=True)
        return folder / f"{STEM}{suffix}"

    def workspace(self) -> Workspace:
        """The job's workspace, as it is on this machine now."""
        return Workspace(self._workspace_folder)

    def lay_analysis(self, files: Sequence[File]) -> None:
        """Put an analysis into the workspace, where it is not there already."""
        with refusing(self._workspace_folder):
            self._workspace_folder.mkdir(exist_ok=True)
        for file in files:
            self.lay(file, self._workspace_folder / file.name)

    def lay_take(self, folder: str, files: Sequence[File]) -> None:
        """Put a take into the workspace, where it is not there already. folder: its name there."""
        final = self._workspace_folder / "cues" / folder
        if (final / "take.json").is_file():
            return
        aside = final.with_name(f".{folder}.{os.getpid()}.part")
        with refusing(final):
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir(parents=True)
            try:
                for file in files:
                    self._storage.fetch(file.key, aside / Path(file.name).name)
                if not (final / "take.json").is_file():
                    shutil.rmtree(final, ignore_errors=True)
                    aside.replace(final)
            finally:
                shutil.rmtree(aside, ignore_errors=True)

    def lay(self, file: File, path: Path) -> Path:
        """Put a stored file into its place, where it is not there already."""
        if not path.is_file():
            self._storage.fetch(file.key, path)
        return path

    def put(self, path: Path, name: str, media_type: str, *, shown: bool = False, folder: str = "") -> File:
        """Store a file of this attempt. name: as in File; the key is made of the file's own name.

        folder: that the key has before it, with a slash at its end, where files of several folders have one name.
        """
        stored = self._storage.put_file(path, f"{self._task.prefix}/{folder}{path.name}")
        return File(name, stored.key, stored.size_bytes, stored.sha256, media_type, shown)

    @property
    def _workspace_folder(self) -> Path:
        return self.out / f"{STEM}.cuesmith"


def clear(work: Path, job_id: str) -> None:
    """Remove a job's folder from this machine; nothing stored is lost. One that is not there is no error."""
    shutil.rmtree(_folder(work, job_id), ignore_errors=True)


def _folder(work: Path, job_id: str) -> Path:
    """Raises InputError for an id that no server made."""
    if not job_id or not all(c.isascii() and (c.isalnum() or c in "-_") for c in job_id):
        raise InputError(f"{job_id!r} is no job's id", "Ids are letters, digits, - and _")
    return work / job_id
