"""Whose behaviour is wanted."""

from __future__ import annotations

from typing import Literal

Compat = Literal["fixed", "reference"]
"""`reference` repeats the ACE-Step v1 reference, quirks included; `fixed` mends what docs/ace-step.md lists."""
