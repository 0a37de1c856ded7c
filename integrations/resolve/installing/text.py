"""The scripts as they are installed: one file each, told where things are, signed so that they are known again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import metadata, resources
from importlib.resources.abc import Traversable
from pathlib import Path

from integrations.resolve.joining import python_script
from integrations.resolve.lua_text import lua_string

LANGUAGES = ("lua", "python")
OPTIONS = "cuesmith.json"
NAMES = {"lua": "cuesmith.lua", "python": "cuesmith.py"}
_COMMENTS = {"lua": "--", "python": "#"}
_MARK = "cuesmith-resolve"
_ROOMS = (
    "telling", "json", "asking", "options", "boxes", "curl", "shell", "companion", "journal", "entering", "facts",
    "edit", "pool", "rendering", "placing", "markers", "jobs",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a script is told of this machine. options: its settings file. data: the service's folder, None in scripts
    that several users share."""

    options: Path
    data: Path | None


def script_text(language: str, stamp: Stamp) -> str:
    """A script, whole and signed. language: of LANGUAGES."""
    body = _lua(stamp) if language == "lua" else _python(stamp)
    return f"{_COMMENTS[language]} {_MARK} {metadata.version('cuesmith')} {_digest(body)}\n{body}"


def options_text() -> str:
    """The settings file with every default."""
    return (_scripts() / OPTIONS).read_text(encoding="utf-8")


def is_ours(text: str) -> bool:
    """Whether a script was written by script_text, by whatever version, and not changed since."""
    first, _, body = text.partition("\n")
    words = first.split()
    return len(words) == 4 and words[1] == _MARK and words[3] == _digest(body)


def _lua(stamp: Stamp) -> str:
    told = {"options": stamp.options, "data": stamp.data}
    fields = ", ".join(f"{name} = {lua_string(str(path))}" for name, path in told.items() if path is not None)
    lines = [f"local installed = {{ {fields} }}", "local rooms = {}"]
    lines += ["local function room(name)", "  local found = rooms[name]"]
    lines += [
        '  if type(found) == "function" then found = found(room) rooms[name] = found end',
        "  return found",
        "end",
    ]
    for name in _ROOMS:
        source = (_scripts() / "lua" / f"{name}.lua").read_text(encoding="utf-8")
        lines += [f'rooms["{name}"] = function(...)', source.rstrip(), "end"]
    main = (_scripts() / NAMES["lua"]).read_text(encoding="utf-8")
    return "\n".join([*lines, "local function main(...)", main.rstrip(), "end", "return main(room, installed)", ""])


def _python(stamp: Stamp) -> str:
    told = {"options": str(stamp.options)} | ({} if stamp.data is None else {"data": str(stamp.data)})
    return python_script().replace("INSTALLED = {}", f"INSTALLED = {told!a}", 1)


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8", "surrogateescape")).hexdigest()


def _scripts() -> Traversable:
    return resources.files("integrations") / "resolve" / "scripts"
