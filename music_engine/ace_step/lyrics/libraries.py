"""Libraries that only lyrics need, each imported when its language first turns up."""

from __future__ import annotations

import importlib
from typing import Any

from scoring.errors import EngineUnavailable


def library(module: str, purpose: str) -> Any:
    """The module of that name.

    purpose: what needs it, as the message says it ("Japanese lyrics"). Raises EngineUnavailable where it, or a part
    of it, is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.split(".")[0]
        raise EngineUnavailable(
            f"{purpose} cannot be read: the library {package} is not installed ({error})",
            'Install the extra that has it: pip install "cuesmith[ace-step]"',
        ) from error
