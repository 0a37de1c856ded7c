"""Fetch a model: only the files of the table, each resumed where it broke off, hashed on the way, and moved into place
when it is whole and right."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from music_engine.ace_step.checkpoint.header import read_header
from pipeline.models.catalogue import Model, model_named
from pipeline.models.holding import held
from pipeline.models.hub import PATIENCE, Answer, BrokenOff, Hub, Patience, RangeRefused
from pipeline.models.lock import NAME, Lock, LockedFile, read_lock, write_lock
from pipeline.models.part import Part
from pipeline.models.share import Share
from pipeline.models.store import find, lacking, own_folder
from pipeline.settings import Settings
from scoring.errors import CheckpointRefused, DiskFull, FetchFailed
from scoring.pins import PinnedFile, is_plain_path

Advance = Callable[[float], None]
Note = Callable[[str], None]

# What is fetched at all. A safetensors file is checked as one; the rest is text, and tables of word pieces.
_SAFE_SUFFIXES = (".safetensors", ".json", ".txt", ".model")
# The most that is taken where no size is known: above every model there is here, and above every such text.
_MOST_BYTES = {".safetensors": 20 * 10**9}
_MOST_TEXT_BYTES = 64 * 10**6
_SPARE_BYTES = 50 * 10**6


@dataclass(slots=True)
class _Run:
    """What one fetch carries from file to file."""

    hub: Hub
    folder: Path
    lock: Lock
    share: Share
    note: Note
    patience: Patience
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    recorded: list[str] = field(default_factory=list)  # files whose hash nobody had published


def fetch(name: str, settings: Settings, *, advance: Advance, note: Note, force: bool = False) -> Path:
    """The folder with all of a model's files, fetched where they are not on this machine.

    advance: told the share done, 0 to 1. note: told what a user should know, one line each. force: fetch it again, and
    forget what was recorded of it. Raises UnknownChoice; FetchFailed where nobody answers (within five seconds) or it
    breaks off for good; CheckpointRefused for a file that is not the right one, which is removed; DiskFull, and
    OutputRefused where it cannot be kept. What was fetched before an error or Ctrl-C is kept and gone on with.
    """
    model = model_named(name)
    here = None if force else find(model, settings)
    if here is not None:
        note(f"{model.name} is here already: {here}")
        return here
    return fetch_model(model, settings, advance=advance, note=note, force=force)


def fetch_model(
    model: Model,
    settings: Settings,
    *,
    advance: Advance,
    note: Note,
    force: bool = False,
    patience: Patience = PATIENCE,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
) -> Path:
    """As fetch, into our own folder whatever lies elsewhere."""
    _refuse_unsafe(model)
    folder = own_folder(model, settings)
    with held(folder), Hub(settings.hub, patience) as hub:
        lock = None if force else _still_valid(read_lock(folder), model)
        wanted = [file for file in model.files if lock is None or file.path in lacking(model, folder)]
        empty = Lock(model.name, model.files[0].repository, model.files[0].revision)
        run = _Run(hub, folder, lock or empty, Share(wanted, advance), note, patience, now, sleep)
        for file in wanted:
            if force:
                Part(folder / file.path).remove()
            _fetch_file(run, file)
    if run.recorded:
        note(f"nobody published a hash of {', '.join(run.recorded)}: theirs is recorded in {folder / NAME}")
    advance(1.0)
    return folder


def _still_valid(lock: Lock | None, model: Model) -> Lock | None:
    """The lock, unless the table has come to name another commit since."""
    is_other = lock is not None and model.files[0].revision not in (None, lock.revision)
    return None if is_other else lock


def _refuse_unsafe(model: Model) -> None:
    for file in model.files:
        if PurePosixPath(file.path).suffix not in _SAFE_SUFFIXES or not is_plain_path(file.path):
            raise CheckpointRefused(
                f"{model.name}: {file.path} is not fetched: it can run a program when it is opened, or it is unknown",
                f"Only these are: {', '.join(_SAFE_SUFFIXES)}",
            )


def _fetch_file(run: _Run, file: PinnedFile) -> None:
    """One file, into its place and into the lock."""
    part = Part(run.folder / file.path)
    was_begun = part.kept().size_bytes > 0
    found, answer = _fetched(run, file, part)
    try:
        _compare(run, file, part, found, answer)
    except CheckpointRefused:
        part.remove()
        if not was_begun:
            raise
        # The beginning was from an earlier run, and a disk may have lost some of it: once more from nothing.
        run.note(f"{file.path} does not fit with what was kept of it, and is fetched from its beginning")
        found, answer = _fetched(run, file, part)
        try:
            _compare(run, file, part, found, answer)
        except CheckpointRefused:
            part.remove()
            raise
    size_bytes = part.path.stat().st_size
    part.publish()
    locked = LockedFile(found, size_bytes, run.now().isoformat(timespec="seconds"), file.sha256 is not None)
    run.lock = Lock(run.lock.model, run.lock.repository, run.lock.revision or answer.revision, run.lock.files)
    run.lock = run.lock.with_file(file.path, locked)
    write_lock(run.folder, run.lock)
    if file.sha256 is None:
        run.recorded.append(file.path)


def _fetched(run: _Run, file: PinnedFile, part: Part) -> tuple[str, Answer]:
    """The hash of the whole part, and what was said about it. Tries again while that helps."""
    url = run.hub.address(file, file.revision or run.lock.revision)
    failed = 0
    while True:
        before_bytes = part.kept().size_bytes
        try:
            return _attempt(run, file, part, url)
        except RangeRefused:
            part.remove()
            why = "what was kept is not the beginning of what is published now"
        except BrokenOff as error:
            why = str(error)
        kept_bytes = part.kept().size_bytes
        failed = 1 if kept_bytes > before_bytes else failed + 1
        if failed >= run.patience.tries:
            raise FetchFailed(
                f"{url} broke off {failed} times in a row ({why})",
                f"Run `cuesmith models download {run.lock.model}` again later; what was fetched is kept",
            )
        run.note(f"{file.path} broke off after {kept_bytes:,} bytes: {why}; trying again")
        run.sleep(run.patience.backoff_s * 2.0 ** (failed - 1))


def _attempt(run: _Run, file: PinnedFile, part: Part, url: str) -> tuple[str, Answer]:
    kept = part.kept()
    # Of a whole file nothing is left to ask for, so its last byte is asked for again: that tells whether it still is.
    start_bytes = kept.size_bytes - (kept.size_bytes == file.size_bytes)
    with run.hub.opened(url, start_bytes, kept.etag) as answer:
        limit_bytes = _limit(file, answer.total_bytes, url, part)
        _check_room(run.folder, (answer.total_bytes or 0) - answer.start_bytes)
        done_bytes = answer.start_bytes
        run.share.expect(file.path, answer.total_bytes)
        with part.appended(answer.start_bytes, answer.etag) as (out, found):
            for block in answer.blocks():
                done_bytes += len(block)
                if done_bytes > limit_bytes:
                    break
                out.write(block)
                found.update(block)
                run.share.done(file.path, done_bytes)
    if done_bytes > limit_bytes:
        part.remove()
        raise CheckpointRefused(f"{url} goes on after {limit_bytes} bytes, where it should end", _not_kept())
    if answer.total_bytes is not None and done_bytes < answer.total_bytes:
        raise BrokenOff(f"{done_bytes} of {answer.total_bytes} bytes came")
    return found.hexdigest(), answer


def _limit(file: PinnedFile, total_bytes: int | None, url: str, part: Part) -> int:
    """The most bytes the file may have. Raises CheckpointRefused where it is announced to have another number."""
    if file.size_bytes is not None:
        if total_bytes not in (None, file.size_bytes):
            part.remove()
            raise CheckpointRefused(f"{url} has {total_bytes} bytes, expected {file.size_bytes}", _not_kept())
        return file.size_bytes
    most = _MOST_BYTES.get(PurePosixPath(file.path).suffix, _MOST_TEXT_BYTES)
    if total_bytes is not None and total_bytes > most:
        part.remove()
        raise CheckpointRefused(f"{url} has {total_bytes} bytes, at most {most} are taken", _not_kept())
    return most if total_bytes is None else total_bytes


def _compare(run: _Run, file: PinnedFile, part: Part, found: str, answer: Answer) -> None:
    """Raises CheckpointRefused for a file that is not the one that is known, or no safetensors file at all."""
    url = run.hub.address(file, file.revision or run.lock.revision)
    recorded = run.lock.files.get(file.path)
    for expected, origin in (
        (file.sha256, "by the table"),
        (recorded.sha256 if recorded else None, "as first fetched; --force forgets that"),
        (answer.sha256, "as the hub itself announces"),
    ):
        if expected is not None and found != expected:
            raise CheckpointRefused(f"{url}: sha256 is {found}, expected {expected} ({origin})", _not_kept())
    size_bytes = part.path.stat().st_size
    if file.size_bytes is not None and size_bytes != file.size_bytes:
        raise CheckpointRefused(f"{url} has {size_bytes} bytes, expected {file.size_bytes}", _not_kept())
    if file.revision and answer.revision not in (None, file.revision):
        raise CheckpointRefused(f"{url} is of commit {answer.revision}, expected {file.revision}", _not_kept())
    if PurePosixPath(file.path).suffix == ".safetensors":
        read_header(part.path)


def _check_room(folder: Path, needed_bytes: int) -> None:
    free_bytes = shutil.disk_usage(folder).free
    if needed_bytes > 0 and free_bytes < needed_bytes + _SPARE_BYTES:
        raise DiskFull(
            f"{folder} has {free_bytes / 1e9:.2f} GB free and {needed_bytes / 1e9:.2f} GB are still to come",
            "Free some space, or set CUESMITH_MODELS to a folder on another disk",
        )


def _not_kept() -> str:
    return "It was not kept; fetch it again later, or from elsewhere with CUESMITH_HUB"
