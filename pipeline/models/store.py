"""Where a model lies on this machine, told from names and sizes alone: cheap enough to ask before every run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from music_engine.ace_step.places import find_checkpoint
from pipeline.models.catalogue import ACE_STEP, Model, model_named
from pipeline.settings import Settings
from scoring.errors import EngineUnavailable
from scoring.pins import PinnedFile
from vision.clip.catalogue import EncoderCard

State = Literal["here", "partial", "missing"]

PART_SUFFIX = ".part"
_HASH_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Place:
    """folder: where it lies, whole or in part; None where nothing of it does. lacking: files not there, or of another
    size than they should be.
    """

    state: State
    folder: Path | None
    lacking: tuple[str, ...]


def find(model: EncoderCard | Model | str, settings: Settings) -> Path | None:
    """The folder that holds all files of a model, None where none does. Raises UnknownChoice for an unknown name."""
    place = look(model, settings)
    return place.folder if place.state == "here" else None


def look(model: EncoderCard | Model | str, settings: Settings) -> Place:
    """Where a model is, the first whole one of all places; what of it is in our own folder where none is whole."""
    found = model_named(model if isinstance(model, str) else model.name)
    for folder in places(found, settings):
        if not lacking(found, folder):
            return Place("here", folder, ())
    own = own_folder(found, settings)
    gaps = lacking(found, own)
    begun = len(gaps) < len(found.files) or any((own / (path + PART_SUFFIX)).is_file() for path in gaps)
    return Place("partial" if begun else "missing", own if begun else None, gaps)


def own_folder(model: Model, settings: Settings) -> Path:
    """Where a download puts it."""
    return settings.models / model.name


def places(model: Model, settings: Settings) -> Iterator[Path]:
    """The folders it may lie in, ours first."""
    yield own_folder(model, settings)
    yield from _in_hub_cache(model.files[0], settings.hub_cache)
    if model.name == ACE_STEP:
        try:
            yield find_checkpoint(settings.engines.checkpoint)
        except EngineUnavailable:
            return


def lacking(model: Model, folder: Path) -> tuple[str, ...]:
    """Paths of its files that are not in a folder, or not of the size that is known."""
    return tuple(file.path for file in model.files if not _is_there(file, folder / file.path))


def _is_there(file: PinnedFile, path: Path) -> bool:
    try:
        size_bytes = path.stat().st_size
    except OSError:
        return False
    if size_bytes == 0 or (file.size_bytes is not None and size_bytes != file.size_bytes):
        return False
    return file.sha256 is None or _named_hash(path) in (None, file.sha256)


def _named_hash(path: Path) -> str | None:
    """The hub's tools name large files by their hash, and link to them."""
    name = path.resolve().name if path.is_symlink() else ""
    return name if len(name) == _HASH_LENGTH else None


def _in_hub_cache(file: PinnedFile, cache: Path) -> Iterator[Path]:
    """A pinned revision, or where none is pinned every one, the newest first."""
    snapshots = cache / f"models--{file.repository.replace('/', '--')}" / "snapshots"
    if file.revision is not None:
        yield snapshots / file.revision
        return
    try:
        yield from sorted((p for p in snapshots.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    except OSError:
        return
