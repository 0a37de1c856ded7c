"""What a system is to start and how."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


@dataclass(frozen=True, slots=True)
class Program:
    """name: of the service, small letters, digits and "-". description: one line. command: with its arguments; the
    first is an absolute path. stop_s: what it may take to stop before it is killed.
    """

    name: str
    description: str
    command: tuple[str, ...]
    stop_s: float


def xml_holds(text: str) -> bool:
    """Whether XML gives a text back as it was: no control characters, and no bytes that are no text."""
    return not _NO_XML.search(text) and not set(text) & set("\t\n\r")
