"""cuesmith.py as Resolve runs it: the joined file, in a module of its own."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

from small_service import KEY

from integrations.resolve.joining import python_script


def quick_text() -> str:
    """The script with short pauses."""
    text = python_script()
    for name in ("POLL_S = 1.0", "PAUSE_S = 1.0"):
        assert text.count(name) == 1
        text = text.replace(name, name.replace("1.0", "0.0"))
    return text


_CODE = compile(quick_text(), "cuesmith.py", "exec", dont_inherit=True)


def load_script(**injected: Any) -> ModuleType:
    """The script, not run yet. injected: globals that the program gives it."""
    module = ModuleType("cuesmith_of_the_menu")
    module.__dict__.update(injected)
    exec(_CODE, module.__dict__)
    return module


def write_options(folder: Path, server: str, **more: Any) -> Path:
    """cuesmith.json in a folder with a key and a folder for films."""
    key = folder / "key.txt"
    key.write_text(KEY + "\n")
    said = {"server": server, "key_file": str(key), "folder": str(folder / "films"), **more}
    path = folder / "cuesmith.json"
    path.write_text(json.dumps(said))
    return path
