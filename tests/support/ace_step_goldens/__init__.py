"""Reference cases on disk, and who checks which kind.

Every module in this package that has a table `KINDS: dict[str, Callable[[Golden], None]]` adds to the registry. A
folder is of the kind whose name it has or begins with (`loop_t2m_oss`: the longest of `loop_t2m`, `loop` there is).
A checking function runs the model on `golden.inputs` and hands what came out to `golden.compare`; it fails if any
tensor of `outputs` was neither compared nor passed over.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path

from ace_step_goldens.golden import Golden

Check = Callable[[Golden], None]
ROOT = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("CUESMITH_GOLDENS", ROOT.parent / "shared/ace-step-v1/goldens"))


def kinds() -> dict[str, Check]:
    """Every registered kind."""
    found: dict[str, Check] = {}
    for module in pkgutil.iter_modules(__path__):
        for kind, check in getattr(importlib.import_module(f"{__name__}.{module.name}"), "KINDS", {}).items():
            assert kind not in found, f"two rooms check the kind {kind}"
            found[kind] = check
    return found


def check_of(name: str) -> Check | None:
    """Who checks the folder of that name; None when it is of no known kind."""
    table = kinds()
    ours = [kind for kind in table if re.match(rf"{re.escape(kind)}(?![a-z0-9]|$)|{re.escape(kind)}$", name)]
    return table[max(ours, key=len)] if ours else None


def folders() -> list[Path]:
    """The cases there are; none when the folder is missing."""
    return sorted(path for path in FOLDER.glob("*") if path.is_dir()) if FOLDER.is_dir() else []
