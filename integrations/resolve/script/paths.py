"""Paths as Resolve gives them, held against ours."""

import os
import unicodedata
from pathlib import Path


def same_path(one: str, other: str) -> bool:
    """Whether two paths name one file, however the system writes accents, cases and slashes."""
    return _plain(one) == _plain(other)


def lies_in(path: str, folder: Path) -> bool:
    """Whether a file lies directly in a folder."""
    return bool(path) and same_path(str(Path(path).parent), str(folder))


def _plain(path: str) -> str:
    return os.path.normcase(os.path.normpath(unicodedata.normalize("NFC", path)))
