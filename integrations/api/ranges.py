"""Range requests (RFC 9110, section 14) and the names of downloads (RFC 6266)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

_BYTES = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*")
_PLAIN = re.compile(r"[^A-Za-z0-9 ._()+-]")
_LONGEST_NAME = 150


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from start up to but without stop."""

    start: int
    stop: int


class Unsatisfiable(Exception):
    """The range begins behind the end: 416."""


def read_range(header: str | None, size_bytes: int) -> Span | None:
    """The one range that is asked for, None for the whole. Raises Unsatisfiable.

    Several ranges, and what does not read, are answered with the whole, as the RFC allows.
    """
    match = _BYTES.fullmatch(header or "")
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        length = int(last)
        if not length or not size_bytes:
            raise Unsatisfiable
        return Span(max(0, size_bytes - length), size_bytes)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size_bytes:
        raise Unsatisfiable
    return Span(start, min(size_bytes, int(last) + 1) if last else size_bytes)


def attachment(name: str) -> str:
    """A Content-Disposition that saves a download under that name, on every system and with nothing of a path.

    Once as plain ASCII, once as UTF-8 for whoever reads RFC 8187.
    """
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")[-_LONGEST_NAME:] or "download"
    plain = _PLAIN.sub("_", unicodedata.normalize("NFKD", kept))
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(kept, safe='')}"
