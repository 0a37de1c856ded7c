"""Vectors of texts kept on disk, so that a vocabulary is learnt once for each encoder."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pipeline.publish import write_bytes
from vision.clip.encoder import Vectors


class DiskMemory:
    """A vision.clip.anchors.TextMemory: one .npy file for each key in a folder, which is made when first needed.

    on_missing: called when something is asked for that is not kept, as learning it anew takes a while.
    """

    def __init__(self, folder: Path, on_missing: Callable[[], None] = lambda: None) -> None:
        self._folder = folder
        self._on_missing = on_missing

    def recall(self, key: str) -> Vectors | None:
        """What was kept under a key; None where nothing was, or where the file is damaged: it is only made again."""
        found = self._read(key)
        if found is None:
            self._on_missing()
        return found

    def _read(self, key: str) -> Vectors | None:
        try:
            vectors = np.load(self._folder / f"{key}.npy", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        if vectors.dtype != np.float32 or vectors.ndim != 2 or not np.isfinite(vectors).all():
            return None
        return np.asarray(vectors, np.float32)

    def keep(self, key: str, vectors: Vectors) -> None:
        """Keep it. Raises OutputRefused or DiskFull."""
        data = io.BytesIO()
        np.save(data, np.asarray(vectors, np.float32), allow_pickle=False)
        self._folder.mkdir(parents=True, exist_ok=True)
        write_bytes(self._folder / f"{key}.npy", data.getvalue())
