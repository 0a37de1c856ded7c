"""What the companion does for a script: the service's five calls, and files in the folder of films."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from integrations.client import CuesmithClient
from integrations.client.answers import Document, FileOf
from integrations.client.wire import Patience, Wire
from integrations.resolve.companion.mailbox import Request
from integrations.resolve.script.boxes import film_of
from integrations.resolve.script.options import Options, read_key
from pipeline.publish import refusing, write_text
from pipeline.workspace import file_sha256
from scoring.errors import Conflict, Gone, InputError, UnknownId

_LARGEST_TEXT_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Desk:
    """read_options: the options as they are now; options_text: the file they stand in, None where there is none.

    say: shows the user a line. films: where pictures and music are kept where the options name no folder. home: what ~
    stands for.
    """

    read_options: Callable[[], Options]
    options_text: Callable[[], str | None]
    say: Callable[[str], None]
    films: Path
    home: Path

    def do(self, request: Request) -> object:
        """Do it; what JSON can hold. Raises what the service refuses, InputError for what is not done here."""
        act = _ACTS.get(request.op)
        if act is None:
            raise InputError(f"the companion knows no {request.op!r}", "Run `cuesmith resolve install` again")
        try:
            return act(self, request.arguments)
        except KeyError as error:
            raise InputError(f"{request.op} came without {error}", "Run `cuesmith resolve install` again") from error

    def client(self) -> CuesmithClient:
        """The service that the options name. Raises Trouble without a key."""
        options = self.read_options()
        return CuesmithClient(options.server, read_key(options)[0])

    def ask(self, method: str, path: str, **more: Any) -> Document:
        """The JSON object that the service answers."""
        options = self.read_options()
        wire = Wire(options.server, read_key(options)[0], Patience())
        try:
            return wire.read(method, path, **more)
        finally:
            wire.close()

    def inside(self, text: object) -> Path:
        """A path of the folder of films. Raises InputError for one that leads out of it."""
        said = self.read_options().folder
        folder = (self.films if said is None else Path(said).expanduser()).resolve()
        path = Path(str(text)).resolve()
        if path != folder and folder not in path.parents:
            raise InputError(f"{path} is not in {folder}", "The companion writes nowhere else")
        return path


def _hello(desk: Desk, _: Mapping[str, Any]) -> object:
    return {"options": desk.options_text(), "films_folder": str(desk.films), "home": str(desk.home)}


def _say(desk: Desk, said: Mapping[str, Any]) -> object:
    desk.say(str(said["text"]))
    return None


def _size(desk: Desk, said: Mapping[str, Any]) -> object:
    path = Path(str(said["path"]))
    return path.stat().st_size if path.is_file() else None


def _film(desk: Desk, said: Mapping[str, Any]) -> object:
    found = film_of(Path(str(said["path"])))
    return None if found is None else {"picture_s": found.picture_s}


def _read(desk: Desk, said: Mapping[str, Any]) -> object:
    path = desk.inside(said["path"])
    if not path.is_file() or path.stat().st_size > _LARGEST_TEXT_BYTES:
        return None
    return path.read_text(encoding="utf-8", errors="replace")


def _write(desk: Desk, said: Mapping[str, Any]) -> object:
    write_text(desk.inside(said["path"]), str(said["text"]))
    return None


def _remove(desk: Desk, said: Mapping[str, Any]) -> object:
    path = desk.inside(said["path"])
    with refusing(path):
        path.unlink(missing_ok=True)
    return None


def _make_folder(desk: Desk, said: Mapping[str, Any]) -> object:
    path = desk.inside(said["path"])
    with refusing(path):
        path.mkdir(parents=True, exist_ok=True)
    return None


def _upload(desk: Desk, said: Mapping[str, Any]) -> object:
    with desk.client() as client:
        made = client.upload(Path(str(said["path"])))
    return {"id": made.id, "sha256": made.sha256}


def _order(desk: Desk, said: Mapping[str, Any]) -> object:
    headers = {"Idempotency-Key": str(said["same"])}
    try:
        return dict(desk.ask("POST", "/v1/jobs", document=said["order"], headers=headers))
    except Conflict:
        return None


def _job(desk: Desk, said: Mapping[str, Any]) -> object:
    try:
        return dict(desk.ask("GET", f"/v1/jobs/{quote(str(said['id']), safe='')}"))
    except (UnknownId, Gone):
        return None


def _document(desk: Desk, said: Mapping[str, Any]) -> object:
    path = str(said["path"])
    if not path.startswith("/v1/jobs"):
        raise InputError(f"the companion does not ask for {path}", "Run `cuesmith resolve install` again")
    return dict(desk.ask("GET", path))


def _fetch(desk: Desk, said: Mapping[str, Any]) -> object:
    path, name, job = desk.inside(said["to"]), str(said["name"]), quote(str(said["id"]), safe="")
    rows = [row for row in desk.ask("GET", f"/v1/jobs/{job}").get("files", ()) if row["name"] == name]
    if not rows:
        raise UnknownId(f"the job has no file {name!r}", "Score the film again")
    size_bytes, sha256 = int(rows[0]["size_bytes"]), str(rows[0]["sha256"])
    if not (path.is_file() and file_sha256(path) == sha256):
        with desk.client() as client:
            client.download_file(FileOf(name, size_bytes, sha256, "", f"/v1/jobs/{job}/files/{quote(name)}"), path)
    return None


_ACTS: Mapping[str, Callable[[Desk, Mapping[str, Any]], object]] = {
    "hello": _hello,
    "say": _say,
    "size": _size,
    "film": _film,
    "read": _read,
    "write": _write,
    "remove": _remove,
    "make_folder": _make_folder,
    "upload": _upload,
    "order": _order,
    "job": _job,
    "document": _document,
    "fetch": _fetch,
}


def films_folder(home: Path) -> Path:
    """Where pictures and music are kept where the options name nothing, as the scripts have it."""
    return home / ("Movies" if sys.platform == "darwin" else "Videos") / "Cuesmith"
