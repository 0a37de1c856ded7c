"""Photographs from outside, as small pictures: decoded by one limited child process for many of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.media.child import Child, last_line
from pipeline.media.decode import LONGEST_STILL
from pipeline.media.limits import ChildLimits
from pipeline.settings import Settings
from scoring.errors import MediaToolError
from vision.analyser import StillWish
from vision.frames import Plane

PICTURE_BYTES = 100 * 10**6  # design choice: no photograph is larger as a file

_CHILD = Path(__file__).with_name("picture_child.py")
_PROCESSOR_FLOOR_S, _PROCESSOR_S_PER_PICTURE = 60, 10  # the largest picture allowed takes about a second


@dataclass(frozen=True, slots=True)
class Unread:
    """A picture that could not be read. why: for people, without its name."""

    path: Path
    why: str


def read_pictures(paths: Sequence[Path], settings: Settings, wish: StillWish | None = None) -> Iterator[Plane | Unread]:
    """Each file as [H, W, 3] uint8 RGB, or why it could not be read; in order, one at a time.

    wish: whose side_px gives the size, that of a film's still.

    JPEG, PNG and WebP, told by their first bytes. A picture on which the child breaks is Unread, and a new child takes
    the rest. Raises MediaToolError when the child cannot even start.
    """
    rest, side_px = list(paths), (wish or StillWish()).side_px
    while rest:
        with _child(len(rest), side_px, settings) as child:
            while rest:
                path = rest.pop(0)
                said = _why_not(path)
                found = Unread(path, said) if said else _ask(child, path)
                yield _broken(child, path) if found is None else found
                if found is None:
                    break


def _child(pictures: int, side_px: int, settings: Settings) -> Child:
    limits = {
        "pixels": settings.limits.pixels,
        "smallest_side_px": settings.limits.smallest_side_px,
        "side_px": side_px,
        "longest_px": LONGEST_STILL * side_px,
    }
    bounds = ChildLimits(
        memory_bytes=settings.limits.memory_bytes,
        open_files=settings.limits.open_files,
        processor_s=_PROCESSOR_FLOOR_S + _PROCESSOR_S_PER_PICTURE * pictures,
    )
    argv = [sys.executable, "-I", str(_CHILD), json.dumps(limits)]
    return Child(argv, limits=bounds, stall_s=settings.limits.probe_s, wants_input=True)


def _ask(child: Child, path: Path) -> Plane | Unread | None:
    """The child's answer for one picture, None when it broke on it."""
    child.touch()
    try:
        child.stdin.write(json.dumps(str(path.absolute())).encode("ascii") + b"\n")
        child.stdin.flush()
    except BrokenPipeError:
        return None
    line = child.stdout.readline()
    if not line.endswith(b"\n"):
        return None
    said = json.loads(line)
    if "error" in said:
        return Unread(path, f"it cannot be decoded ({last_line(said['error'])})")
    shape = (said["height"], said["width"], 3)
    pixels = child.stdout.read(shape[0] * shape[1] * 3)
    if len(pixels) < shape[0] * shape[1] * 3:
        return None
    return np.frombuffer(pixels, np.uint8).reshape(shape)


def _broken(child: Child, path: Path) -> Unread:
    """What a child says that ended on a picture. Raises MediaToolError when it had not begun to work."""
    try:
        child.finish()
    except MediaToolError as error:
        if "ModuleNotFoundError" in child.stderr_text or "ImportError" in child.stderr_text:
            raise MediaToolError(f"pictures cannot be decoded here: {error.what}", "Install cuesmith again") from error
        return Unread(path, f"it breaks the decoder ({error.what})")
    return Unread(path, "it ends the decoder")


def _why_not(path: Path) -> str:
    """Why a file is not for the child; empty when it may be a picture."""
    try:
        if not path.is_file():
            return "it is not a file"
        if path.stat().st_size > PICTURE_BYTES:
            return f"it has {path.stat().st_size / 1e6:.0f} MB, the limit is {PICTURE_BYTES / 1e6:.0f} MB"
        with path.open("rb") as file:
            head = file.read(16)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        return f"it cannot be opened ({getattr(error, 'strerror', None) or error})"
    if not head:
        return "it is empty"
    return "" if _is_picture(head) else "it is not a JPEG, PNG or WebP picture"


def _is_picture(head: bytes) -> bool:
    return (
        head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP")
    )  # fmt: skip
