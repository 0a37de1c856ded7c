"""The gate: whether a file that stands still is a whole film. What is missing may still come; what is wrong may not."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from integrations.storage.files import opened
from integrations.watch_folder.look import identity_of
from integrations.watch_folder.wholeness import reserved, wholeness
from integrations.watch_folder.writers import is_being_written
from pipeline.media.probe import probe
from pipeline.media.sniff import sniff
from pipeline.settings import Settings
from scoring.errors import BrokenMedia, FilmTooShort, InputError, UnsupportedMedia, VideoMissing

UNSTATED_S = 60.0  # so long must a film stand still whose container does not say how long it is
_HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Verdict:
    """missing: what is not there yet, "" for a film that may be taken. error: what to refuse it with when nothing more
    comes, None where that is no reason to; is_final: nothing that comes could mend it. pause_s: when to look again,
    None for some time.
    """

    missing: str = ""
    error: InputError | None = None
    is_final: bool = False
    pause_s: float | None = None


_PASSED = Verdict()


def look_closely(path: Path, identity: str, still_s: float, patience_s: float, settings: Settings) -> Verdict:
    """Judge a file that stood still for still_s. identity: as it was seen, see look.identity_of. patience_s: what looks
    reserved is taken for written when it stood still for longer.

    Never blocks on what is no plain file and follows no link. Raises VideoMissing when it is gone, InputError when it
    is no plain file, OSError when it cannot be read now.
    """
    with opened(path) as file:
        if identity_of(os.fstat(file.fileno())) != identity:
            return Verdict("it has changed")
        if is_being_written(file.fileno()):
            return Verdict("somebody still writes to it")
        head = file.read(_HEAD_BYTES)
        if not any(head):
            what = "empty" if not head else "nothing but zeros at its beginning"
            return Verdict(f"it is {what}", BrokenMedia(f"{path.name} is {what}", "Copy or export it again"))
        try:
            container = sniff(path).name
        except UnsupportedMedia as refusal:
            return Verdict("it is not a video", refusal, is_final=True)
        found = wholeness(file, container)
        holes = "" if still_s >= patience_s else reserved(file)
    if found.missing:
        error = BrokenMedia(f"{path.name} is not whole: {found.missing}", "Copy or export it again")
        return Verdict(found.missing, error)
    if holes:
        return Verdict(holes)
    if not found.is_stated and still_s < UNSTATED_S:
        what = f"a film of this kind does not say how long it is: it must stand still for {UNSTATED_S:g} s"
        return Verdict(what, pause_s=UNSTATED_S - still_s)
    return _probed(path, settings)


def _probed(path: Path, settings: Settings) -> Verdict:
    try:
        probe(path, settings)
    except VideoMissing:
        raise
    except (BrokenMedia, FilmTooShort) as refusal:  # what a part of a film is, too
        return Verdict(refusal.what, refusal)
    except InputError as refusal:
        return Verdict(refusal.what, refusal, is_final=True)
    return _PASSED
