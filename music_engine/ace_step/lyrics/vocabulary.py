"""The vocabulary file: read, checked, and fetched when its user asks for it.

It is not in the checkpoint, and Cuesmith does not ship it: who may use it for what is unclear (`licence()`).
"""

from __future__ import annotations

import errno
import json
import tempfile
import threading
import time
import urllib.request
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from music_engine.ace_step.lyrics.libraries import library
from music_engine.ace_step.lyrics.tables import vocabulary_facts
from scoring.errors import CheckpointRefused, DiskFull, EngineUnavailable, FetchFailed, InputError, OutputRefused

CONNECT_S = 4.0  # for the name, the connection and the first answer together
SILENCE_S = 3.5  # between one piece of an answer and the next
FETCH_S = 60.0
_CHUNK_BYTES = 65_536
_GET_IT = "Fetch it with `cuesmith models fetch-lyrics-vocabulary`, or give the path of vocab.json"


def licence() -> str:
    """What is known of the terms of the vocabulary, for people to read before they fetch it."""
    return vocabulary_facts().licence.strip()


def read_vocabulary(path: Path) -> Any:
    """The byte-pair encoder (a `tokenizers.Tokenizer`) of a vocabulary file.

    Raises EngineUnavailable where there is no such file or no `tokenizers`, CheckpointRefused where it is another
    vocabulary or none.
    """
    tokenizers = library("tokenizers", "lyrics")
    try:
        if path.stat().st_size > vocabulary_facts().largest_bytes:
            raise CheckpointRefused(f"{path} has {path.stat().st_size} bytes: that is no lyric vocabulary", _GET_IT)
        data = path.read_bytes()
    except OSError as error:
        raise EngineUnavailable(f"the lyric vocabulary {path} cannot be read ({error.strerror})", _GET_IT) from error
    check_vocabulary(data, str(path))
    try:
        return tokenizers.Tokenizer.from_str(data.decode("utf-8"))
    except Exception as error:  # tokenizers raises nothing narrower
        raise CheckpointRefused(f"{path} is not read by tokenizers ({error})", _GET_IT) from error


def check_vocabulary(data: bytes, where: str) -> None:
    """Refuse what is not the vocabulary of ACE-Step v1.

    data: the file's bytes. where: what a message calls it. Checked are the kind, the counts and the id of every special
    token. Raises CheckpointRefused with what was found and what was expected.
    """
    content = _parse(data, where)
    facts = vocabulary_facts()
    model = content.get("model")
    if not isinstance(model, dict):
        raise _refused(where, "no model", "a byte-pair encoding")
    added = content.get("added_tokens")
    found = {
        "kind": model.get("type"),
        "entries": _length(model.get("vocab"), dict),
        "merges": _length(model.get("merges"), list),
        "added tokens": _length(added, list),
    }
    expected = {"kind": "BPE", "entries": facts.entries, "merges": facts.merges, "added tokens": facts.added}
    for name, value in expected.items():
        if found[name] != value:
            raise _refused(where, f"{name}: {found[name]}", str(value))
    ids = {token.get("content"): token.get("id") for token in added or () if isinstance(token, dict)}
    for text, id_ in _special_tokens().items():
        if ids.get(text) != id_:
            raise _refused(where, f"{text} has id {ids.get(text)}", str(id_))


def fetch_vocabulary(folder: Path, *, accepts_licence: bool, url: str | None = None) -> Path:
    """The vocabulary in a folder, fetched unless a good one is there already.

    folder: made if need be; the file is called vocab.json and appears only when it is whole and checked.
    accepts_licence: whether the user has read `licence()` and agrees. url: another address, http or https.
    Raises InputError where the licence is not accepted, FetchFailed within five seconds where nobody answers,
    CheckpointRefused for what is not the vocabulary, OutputRefused or DiskFull where it cannot be kept.
    """
    if not accepts_licence:
        raise InputError(
            "the terms of the lyric vocabulary are not accepted; they may not allow commercial use",
            "Read them in docs/ace-step-lyrics.md, then add --accept-licence",
        )
    facts = vocabulary_facts()
    path = folder / facts.file_name
    if path.is_file():
        try:
            check_vocabulary(path.read_bytes(), str(path))
        except CheckpointRefused:
            pass  # fetched anew, over it
        else:
            return path
    address = url or facts.url
    data = _download(address, facts.largest_bytes)
    check_vocabulary(data, address)
    _keep(data, path)
    return path


def _special_tokens() -> dict[str, int]:
    facts = vocabulary_facts()
    tags = {("[zh-cn]" if name == "zh" else f"[{name}]"): id_ for name, id_ in facts.languages.items()}
    structure = {f"[{name}]": id_ for name, id_ in facts.structure.items()}
    others = {"[START]": facts.tokens.start, "[SPACE]": facts.tokens.space, "[UNK]": facts.tokens.unknown}
    return {**others, **tags, **structure}


def _parse(data: bytes, where: str) -> dict[str, Any]:
    try:
        content = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        beginning = data[:200].lstrip().lower()
        kind = "a web page" if beginning.startswith((b"<!doctype", b"<html")) else "no whole JSON file"
        raise _refused(where, f"{kind} of {len(data)} bytes ({error})", "the lyric vocabulary") from error
    if not isinstance(content, dict):
        raise _refused(where, f"a JSON {type(content).__name__}", "the lyric vocabulary")
    return content


def _length(value: object, kind: type) -> int | None:
    return len(value) if isinstance(value, kind) else None  # type: ignore[arg-type]


def _refused(where: str, found: str, expected: str) -> CheckpointRefused:
    return CheckpointRefused(f"{where} is not the lyric vocabulary: found {found}, expected {expected}", _GET_IT)


def _unreachable(url: str, why: object) -> FetchFailed:
    return FetchFailed(
        f"the lyric vocabulary could not be fetched from {url} ({why})",
        "Check the network, or fetch vocab.json elsewhere and give its path",
    )


def _download(url: str, largest_bytes: int) -> bytes:
    if urlsplit(url).scheme not in ("http", "https"):
        raise InputError(f"{url} is not an address of the web", "Give one that starts with https://")
    deadline = time.monotonic() + FETCH_S
    try:
        with _open(url) as answer:
            announced = answer.headers.get("Content-Length")
            expected = int(announced) if announced and announced.isdecimal() else None
            data = bytearray()
            while len(data) <= largest_bytes and (expected or 0) <= largest_bytes:
                chunk = answer.read1(_CHUNK_BYTES)
                if not chunk:
                    break
                data += chunk
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{len(data)} bytes in {FETCH_S:g} s")
    except (OSError, HTTPException, ValueError) as error:
        raise _unreachable(url, error) from error
    size = max(len(data), expected or 0)
    if size > largest_bytes:
        raise CheckpointRefused(f"{url} has {size} bytes or more, {largest_bytes} are allowed", _GET_IT)
    if expected is not None and len(data) < expected:
        raise _unreachable(url, f"it broke off after {len(data)} of {expected} bytes")
    return bytes(data)


def _open(url: str) -> HTTPResponse:
    """The answer's head, soon; looking up a name knows no time limit, so a slow one is left behind in its thread."""
    outcome: list[HTTPResponse | Exception] = []
    is_left = threading.Event()

    def connect() -> None:
        try:
            answer = urllib.request.urlopen(url, timeout=SILENCE_S)
        except Exception as error:
            outcome.append(error)
            return
        outcome.append(answer)
        if is_left.is_set():
            answer.close()

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(CONNECT_S)
    if not outcome:
        is_left.set()
        raise TimeoutError(f"no answer in {CONNECT_S:g} s")
    if isinstance(outcome[0], HTTPError):
        outcome[0].close()
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


def _keep(data: bytes, path: Path) -> None:
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(data)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        if error.errno == errno.ENOSPC:
            raise DiskFull(f"there is no room for {len(data)} bytes in {path.parent}", "Free some space") from error
        raise OutputRefused(f"{path} cannot be written ({error.strerror})", "Give another folder") from error
