"""JSON text that people edit: read with the place of every mistake, written with short things on one line."""

from __future__ import annotations

import json
import re
from typing import Any

from scoring.errors import CueSheetError

LINE_LENGTH = 110
_INDENT = "  "


def read_json(text: str) -> Any:
    """The value of a JSON text. Raises CueSheetError with line and column, or naming a field that is given twice."""
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise CueSheetError(
            f"the cue sheet is not JSON: {error.msg}, line {error.lineno} column {error.colno}",
            "Mind quotes, commas and brackets around that place",
        ) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets within brackets
        raise CueSheetError(f"the cue sheet cannot be read: {error}", "Undo the last edit") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        found = [value for name, value in pairs if name == twice]
        where = f"cue {values['id']}" if "id" in values else "cue sheet"
        raise CueSheetError(f"{where}: {twice} is given {len(found)} times, {found}", "Allowed: once")
    return values


def write_json(value: Any) -> str:
    """Pretty JSON with a final newline: what fits on a line stands on one, lists of numbers fill their lines."""
    text = _pretty(value, "") + "\n"
    # A file name that is not Unicode holds lone surrogates, which no file can; as escapes they survive.
    return re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text)


def _pretty(value: Any, indent: str) -> str:
    flat = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, dict | list) or not value or len(indent) + len(flat) <= LINE_LENGTH:
        return flat
    inner = indent + _INDENT
    if isinstance(value, dict):
        rows = [f"{json.dumps(name, ensure_ascii=False)}: {_pretty(v, inner)}" for name, v in value.items()]
        return "{\n" + ",\n".join(inner + row for row in rows) + "\n" + indent + "}"
    rows = [_pretty(item, inner) for item in value]
    if not any(isinstance(item, dict) for item in value):
        rows = _fill(rows, LINE_LENGTH - len(inner))
    return "[\n" + ",\n".join(inner + row for row in rows) + "\n" + indent + "]"


def _fill(items: list[str], length: int) -> list[str]:
    """As many items to a row as fit."""
    rows = [items[0]]
    for item in items[1:]:
        joined = f"{rows[-1]}, {item}"
        if len(joined) <= length:
            rows[-1] = joined
        else:
            rows.append(item)
    return rows
