"""XML of strangers: nothing that unfolds, nothing too deep."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from scoring.errors import TimelineError

DEEPEST_ELEMENT = 200


def parse_xml(data: bytes, where: str) -> ElementTree.Element:
    """The root element. Raises TimelineError for what is no XML, defines entities of its own, or nests too deep."""
    _check(data, where)
    return ElementTree.fromstring(data)


def _check(data: bytes, where: str) -> None:
    """Read it through once and keep nothing."""
    parser = expat.ParserCreate()
    depth = 0

    def refuse(name: str, *_: Any) -> None:
        raise TimelineError(
            f"{where} defines an entity of its own, {name[:40]!r}, which no editor's program does",
            "Export the timeline again",
        )

    def open_element(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST_ELEMENT:
            raise TimelineError(f"{where} nests its elements more than {depth - 1} deep", "Export the timeline again")

    def close_element(name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = open_element
    parser.EndElementHandler = close_element
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise TimelineError(f"{where} is not whole XML: {error}", "Export the timeline again") from error


def child_text(element: ElementTree.Element | None, path: str, default: str = "") -> str:
    """The text of the first element at a path, without space around it."""
    found = None if element is None else element.find(path)
    return default if found is None else (found.text or "").strip()
