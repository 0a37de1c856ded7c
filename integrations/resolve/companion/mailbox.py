"""Letters between a closed-in script and its companion.

The script leaves a request in Fusion's preferences: CuesmithRequest = "<id>:<part>/<parts>:<hexadecimal JSON>". The
companion answers with a Lua file that holds one table. A request is for one companion, an answer for one request.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integrations.resolve.installing.place import Place
from integrations.resolve.lua_text import lua_string
from pipeline.publish import write_text
from scoring.errors import OutputRefused

ANSWER = "answer.lua"
OLDEST_S = 60.0  # a request that was left there before somebody listened is nobody's any more
MOST_PARTS = 200
_LETTER = re.compile(rb'\bCuesmithRequest\s*=\s*"([\w-]{1,64}):(\d{1,3})/(\d{1,3}):([0-9a-f]*)"')
_TRIES, _PAUSE_S = 20, 0.05


@dataclass(frozen=True, slots=True)
class Request:
    """What a script asks for. at_s: when, seconds since 1970."""

    id: str
    op: str
    arguments: Mapping[str, Any]
    at_s: float


@dataclass
class Mailbox:
    """places: whose preferences are looked into. folder: where answers are put; only its owner should read it."""

    places: tuple[Place, ...]
    folder: Path
    _seen: dict[Path, tuple[int, int, int]] = field(default_factory=dict)
    _taken: set[tuple[str, int]] = field(default_factory=set)
    _parts: dict[str, dict[int, bytes]] = field(default_factory=dict)

    def collect(self) -> Request | None:
        """The next whole request, once; None where there is none. Parts of a long one are acknowledged."""
        for path in (path for place in self.places for path in place.preference_files()):
            letter = self._letter(path)
            if letter is None:
                continue
            name, part, parts, data = letter
            if (name, part) in self._taken:
                continue
            self._taken.add((name, part))
            if part < parts:
                self._parts.setdefault(name, {})[part] = data
                self._put({"id": name, "state": "part", "part": part})
                continue
            found = {**self._parts.pop(name, {}), parts: data}
            request = _read(name, b"".join(found.get(n, b"") for n in range(1, parts + 1)))
            if request is not None and abs(time.time() - request.at_s) <= OLDEST_S:
                return request
        return None

    def answer(self, request: Request, value: object) -> None:
        """Answer with a value that JSON can hold."""
        self._done(request, {"value": value})

    def refuse(self, request: Request, line: str) -> None:
        """Answer with one line for the user."""
        self._done(request, {"error": line})

    def beat(self, request: Request, number: int) -> None:
        """Say that it is being worked on."""
        self._put({"id": request.id, "state": "working", "beat": number})

    def _done(self, request: Request, document: Mapping[str, object]) -> None:
        self._put({"id": request.id, "state": "done", "body": json.dumps(document)})

    def _put(self, table: Mapping[str, str | int]) -> None:
        fields = (f"{name} = {value if isinstance(value, int) else lua_string(value)}" for name, value in table.items())
        text = f"return {{ {', '.join(fields)} }}\n"
        for left in range(_TRIES, 0, -1):
            try:
                return write_text(self.folder / ANSWER, text)
            except OutputRefused:
                if left == 1:
                    raise
                time.sleep(_PAUSE_S)  # on Windows a file that is being read cannot be replaced
        return None

    def _letter(self, path: Path) -> tuple[str, int, int, bytes] | None:
        """What lies in a file that changed since it was looked into; None too where it is only half written."""
        try:
            about = path.stat()
            now = (about.st_mtime_ns, about.st_size, about.st_ino)
            if self._seen.get(path) == now:
                return None
            found = _LETTER.search(path.read_bytes())
        except OSError:
            return None  # the program replaces the file as a whole: the next look finds it
        self._seen[path] = now
        if found is None or len(found[4]) % 2 or not 1 <= int(found[2]) <= int(found[3]) <= MOST_PARTS:
            return None
        return found[1].decode(), int(found[2]), int(found[3]), bytes.fromhex(found[4].decode())


def _read(name: str, data: bytes) -> Request | None:
    try:
        found = json.loads(data)
        return Request(name, str(found["op"]), dict(found["arguments"]), float(found["at_s"]))
    except (ValueError, KeyError, TypeError):
        return None
