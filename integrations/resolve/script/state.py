"""What was sent for a timeline, kept beside its files, so that running again collects it."""

import json
from pathlib import Path
from typing import Any

STATE_FILE = "cuesmith-state.json"
STATE_SCHEMA = "cuesmith.resolve/1"


def recall(folder: Path, ask: str) -> "dict[str, Any]":
    """What was kept for the very same ask; empty where there is nothing, or it was for another."""
    try:
        found = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    is_it = isinstance(found, dict) and found.get("schema") == STATE_SCHEMA and found.get("ask") == ask
    return found if is_it else {}


def remember(folder: Path, ask: str, **more: Any) -> None:
    """Keep it, whole or not at all."""
    part = folder / (STATE_FILE + ".part")
    part.write_text(json.dumps({"schema": STATE_SCHEMA, "ask": ask, **more}, indent=1), encoding="utf-8")
    part.replace(folder / STATE_FILE)
