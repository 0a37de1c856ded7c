"""The names of stored things: made by the server, checked again before they become a path or a URL."""

from __future__ import annotations

import re

from scoring.errors import InputError

# A name never starts with a dot: no "..", and room for files of our own that are not keys.
_SEGMENT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
_MOST_CHARACTERS = 512  # S3 holds 1,024 bytes; the bucket's own prefix needs some of them
_RULE = "Segments of 1 to 128 of A-Z a-z 0-9 . _ - that do not start with a dot, joined by /, 512 characters at most"


def check_key(key: str) -> tuple[str, ...]:
    """The segments of a key. Raises InputError for a name that no server made."""
    segments = tuple(key.split("/"))
    if len(key) > _MOST_CHARACTERS or not all(map(_SEGMENT.fullmatch, segments)):
        raise InputError(f"{_shown(key)} is no key of a stored thing", _RULE)
    return segments


def check_prefix(prefix: str) -> tuple[str, ...]:
    """The segments of a prefix, none for "" which means everything. A prefix is whole segments: "a/b" holds "a/b"
    and "a/b/c", never "a/bc". One slash at its end changes nothing. Raises InputError.
    """
    return check_key(prefix.removesuffix("/")) if prefix else ()


def _shown(key: str) -> str:
    return repr(key if len(key) <= 80 else key[:80] + "…")
