"""How much of several files is fetched, as one number that never goes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scoring.pins import PinnedFile

_UNKNOWN_BYTES = 10_000  # a small text, until its size is told


class Share:
    """advance: told the share done, 0 to 1."""

    def __init__(self, files: Iterable[PinnedFile], advance: Callable[[float], None]) -> None:
        self._expected = {file.path: file.expected_bytes or _UNKNOWN_BYTES for file in files}
        self._done = dict.fromkeys(self._expected, 0)
        self._advance = advance
        self._reached = 0.0

    def expect(self, path: str, size_bytes: int | None) -> None:
        """A file's size is told."""
        self._expected[path] = size_bytes or self._expected[path]

    def done(self, path: str, done_bytes: int) -> None:
        """So much of a file is there."""
        self._done[path] = done_bytes
        share = sum(self._done.values()) / max(1, sum(self._expected.values()))
        self._reached = min(1.0, max(self._reached, share))
        self._advance(self._reached)
