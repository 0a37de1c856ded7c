"""Whether the files of a model are the right ones: there, of the right size and hash, and safe to open."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from music_engine.ace_step.checkpoint.header import read_header
from pipeline.models.catalogue import Model, models
from pipeline.models.lock import NAME, Lock, LockedFile, read_lock
from scoring.errors import CheckpointRefused
from scoring.pins import PinnedFile

Verdict = Literal["ok", "missing", "wrong size", "wrong hash", "unreadable"]
Origin = Literal["the table", "the first download", "nothing"]

_MODEL_TYPES = ("clip", "siglip")
_MOST_CONFIG_BYTES = 1 << 20
_SNAPSHOTS = "snapshots"  # the hub's cache: models--OWNER--NAME/snapshots/COMMIT


@dataclass(frozen=True, slots=True)
class FileCheck:
    """One file. sha256: None where it was not hashed. compared_with: where the expected hash is from. problem: what is
    wrong, with what was found and expected.
    """

    path: str
    verdict: Verdict
    size_bytes: int | None = None
    sha256: str | None = None
    compared_with: Origin = "nothing"
    tensors: int | None = None
    parameters: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """fetched: when the newest of the files was fetched by us, ISO 8601; None where we did not."""

    model: Model
    folder: Path
    files: tuple[FileCheck, ...]
    revision: str | None
    fetched: str | None

    @property
    def is_sound(self) -> bool:
        """Whether every file is the right one as far as is known."""
        return all(file.verdict == "ok" for file in self.files)


def check(model: Model, folder: Path, *, with_hash: bool = True) -> ModelCheck:
    """Look at every file of a model in a folder. Raises CheckpointRefused for a lock that cannot be read."""
    lock = read_lock(folder)
    locked = lock.files if lock else {}
    files = tuple(_check(file, folder / file.path, locked.get(file.path), with_hash) for file in model.files)
    fetched = max((file.fetched for file in locked.values()), default=None)
    return ModelCheck(model, folder, files, _revision(model, folder, lock), fetched)


def recognised(folder: Path) -> Model | None:
    """The model that a folder is meant to hold: by its lock, as the hub's cache names it, by its own name, or by a
    configuration in it that is an encoder's. None for anything else.
    """
    if not folder.is_dir():
        return None
    lock = read_lock(folder)
    if lock is not None and lock.model in models():
        return models()[lock.model]
    if folder.parent.name == _SNAPSHOTS:
        owner_and_name = folder.parent.parent.name.removeprefix("models--").replace("--", "/")
        return next((model for model in models().values() if model.files[0].repository == owner_and_name), None)
    return models().get(folder.resolve().name) or _unlisted(folder)


def _unlisted(folder: Path) -> Model | None:
    """An encoder of the user's own: weights beside a configuration as open_clip or transformers write it."""
    weights = sorted(folder.glob("*.safetensors"))
    texts = sorted(
        path for path in folder.iterdir() if path.suffix in (".json", ".txt", ".model") and path.name != NAME
    )
    kinds = [path.name == "open_clip_config.json" or _model_type(path) in _MODEL_TYPES for path in texts]
    if not weights or not any(kinds):
        return None
    files = tuple(
        PinnedFile(repository="", path=path.name, verified=False, source="the folder itself")
        for path in weights + texts
    )
    return Model(folder.resolve().name, "encoder", "an encoder that is on no list", files)


def _model_type(path: Path) -> object:
    """What transformers' configuration says it is of; None for anything else."""
    if path.name != "config.json" or path.stat().st_size > _MOST_CONFIG_BYTES:
        return None
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return table.get("model_type") if isinstance(table, dict) else None


def _check(file: PinnedFile, path: Path, locked: LockedFile | None, with_hash: bool) -> FileCheck:
    try:
        size_bytes = path.stat().st_size
        found = _hash(path) if with_hash else None
    except FileNotFoundError:
        return FileCheck(file.path, "missing", problem="it is not there")
    except OSError as error:
        return FileCheck(file.path, "unreadable", problem=error.strerror or str(error))
    expected_bytes = file.size_bytes or (locked.size_bytes if locked else None)
    if expected_bytes not in (None, size_bytes):
        problem = f"{size_bytes} bytes, expected {expected_bytes}"
        return FileCheck(file.path, "wrong size", size_bytes, found, problem=problem)
    expected, origin = _expected(file, locked)
    if found is not None and expected is not None and found != expected:
        problem = f"sha256 {found}, expected {expected} by {origin}"
        return FileCheck(file.path, "wrong hash", size_bytes, found, origin, problem=problem)
    tensors, parameters = None, None
    if PurePosixPath(file.path).suffix == ".safetensors":
        try:
            entries = read_header(path).entries.values()
        except CheckpointRefused as error:
            return FileCheck(file.path, "unreadable", size_bytes, found, origin, problem=error.what)
        tensors, parameters = len(entries), sum(entry.parameters for entry in entries)
    return FileCheck(file.path, "ok", size_bytes, found, origin, tensors, parameters)


def _expected(file: PinnedFile, locked: LockedFile | None) -> tuple[str | None, Origin]:
    if file.sha256 is not None:
        return file.sha256, "the table"
    return (locked.sha256, "the first download") if locked else (None, "nothing")


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _revision(model: Model, folder: Path, lock: Lock | None) -> str | None:
    if lock is not None:
        return lock.revision
    return folder.name if folder.parent.name == _SNAPSHOTS else model.files[0].revision
