"""Names that nobody can guess."""

from __future__ import annotations

import re
import secrets

_FORM = re.compile(r"[a-z]{2,8}_[0-9a-f]{32}")


def new_id(kind: str) -> str:
    """A kind ("job") and 128 random bits: job_0f…"""
    return f"{kind}_{secrets.token_hex(16)}"


def is_id(text: str) -> bool:
    """Whether a text has the form of an id; anything else is looked up nowhere."""
    return _FORM.fullmatch(text) is not None
