"""Who read a film's pictures on another machine, so that its analysis is known again on one without that analyser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.given import read_vocabulary
from pipeline.settings import Settings
from pipeline.watcher import Watcher
from pipeline.wish import Wish
from scoring.errors import MediaToolError
from vision.analyser import Analyser


def record_of(watcher: Watcher) -> dict[str, Any]:
    """Plain values; recorded_watcher reads them."""
    return {"kind": watcher.kind, "why": watcher.why, "key": list(watcher.key), "facts": dict(watcher.facts)}


def recorded_watcher(document: Mapping[str, Any], wish: Wish, settings: Settings) -> Watcher:
    """The watcher of a record. It reads no picture: only the analysis kept in the workspace serves it.

    Raises what read_vocabulary raises.
    """
    vocabulary = read_vocabulary(wish.vocabulary or settings.words)
    return Watcher(
        document["kind"], document["why"], tuple(document["key"]), vocabulary, _missing, dict(document["facts"])
    )


def _missing() -> Analyser:
    raise MediaToolError("the analysis that this builds on is not where it was put", "Try again")
