"""What kind of timeline a file is, by what is in it; and its content, checked before anything reads it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scoring.errors import TimelineError

Kind = Literal["otio", "edl", "xml"]

MOST_BYTES = 50_000_000
DEEPEST_JSON = 400  # brackets; a timeline within a timeline takes six
_IN_FOLDER = ("Info.fcpxml", "content.otio")  # of .fcpxmld and .otiod
_IN_ZIP = "content.otio"  # of .otioz


@dataclass(frozen=True, slots=True)
class Opened:
    """A timeline's bytes and what they are."""

    kind: Kind
    data: bytes

    @property
    def text(self) -> str:
        """As text: UTF-8 or UTF-16 where it says so, else as old Windows programs write."""
        if self.data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return self.data.decode("utf-16", "replace")
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self.data.decode("cp1252", "replace")


def open_timeline(path: Path) -> Opened:
    """Read a timeline's file, or the folder or archive that holds one.

    Raises TimelineError for what is missing, over 50 MB, nested too deep, or of no kind that is known.
    """
    try:
        data = _content(path)
    except zipfile.BadZipFile as error:
        raise TimelineError(f"{path} is a broken archive: {error}", "Export the timeline again") from error
    except (OSError, RuntimeError, NotImplementedError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise TimelineError(f"{path} cannot be read: {why}", "Name an OTIO, EDL, FCPXML or FCP 7 XML file") from error
    opened = Opened(_kind(data, path), data)
    if opened.kind == "otio":
        _check_json(opened.text, path)
    return opened


def _content(path: Path) -> bytes:
    if path.is_dir():
        held = next((path / name for name in _IN_FOLDER if (path / name).is_file()), None)
        if held is None:
            raise TimelineError(f"{path} is a folder without {' or '.join(_IN_FOLDER)}", "Name a timeline's file")
        path = held
    elif path.exists() and not path.is_file():
        raise TimelineError(f"{path} is no file", "Name a timeline's file")
    _check_size(path.stat().st_size, path)
    data = path.read_bytes()
    if not data.startswith(b"PK\x03\x04"):
        return data
    with zipfile.ZipFile(path) as archive:
        try:
            info = archive.getinfo(_IN_ZIP)
        except KeyError:
            raise TimelineError(f"{path} is an archive without {_IN_ZIP}", "Export it as .otioz again") from None
        _check_size(info.file_size, path)
        with archive.open(info) as file:
            data = file.read(MOST_BYTES + 1)  # what the archive says of its size may be untrue
    _check_size(len(data), path)
    return data


def _check_size(found_bytes: int, path: Path) -> None:
    if found_bytes > MOST_BYTES:
        raise TimelineError(
            f"{path} has {found_bytes / 1e6:.0f} MB, and a timeline may have {MOST_BYTES / 1e6:.0f}",
            "Export this film's timeline alone, without the project",
        )


def _kind(data: bytes, path: Path) -> Kind:
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n")
    if start.startswith(b"<"):
        return "xml"
    if start.startswith(b"{"):
        return "otio"
    is_binary = b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if is_binary or not start:
        what = "empty" if not data else "no timeline"
        raise TimelineError(f"{path} is {what}", "Give an OTIO, EDL, FCPXML or FCP 7 XML file")
    return "edl"


def _check_json(text: str, path: Path) -> None:
    """The library's own reader follows brackets without end, and would take the whole program down with it."""
    try:
        level: list[object] = [json.loads(text)]
    except (ValueError, RecursionError) as error:
        raise TimelineError(f"{path} is not whole JSON: {error}", "Export the timeline again") from error
    depth = 0
    while level:
        depth += 1
        if depth > DEEPEST_JSON:
            raise TimelineError(f"{path} nests its JSON more than {DEEPEST_JSON} deep", "Export the timeline again")
        level = [inner for outer in level for inner in _within(outer)]


def _within(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
