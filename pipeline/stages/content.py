"""Names for what a cue's composing will give, known before anybody composes and without an engine on this machine."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from music_engine.options import AUTO, EngineOptions
from music_engine.registry import alike, own_name
from pipeline.workspace import digest
from scoring.request import CueRequest
from scoring.style import load_style


def content_key(request: CueRequest, engine: str, options: EngineOptions, *, fallback: bool) -> str:
    """The same key, the same music: of the request, its style, the engine asked for and what is said about it.

    Files that the options name count by their size and time, so that another one in the same place makes another key.
    Raises UnknownChoice.
    """
    asked = [asdict(request), asdict(load_style(request.style)), _own(engine), fallback]
    return digest(["compose", _code(), *asked, _said(options)])


def batch_key(request: CueRequest, engine: str, options: EngineOptions, *, fallback: bool) -> str:
    """Cues with the same one can be composed by one call of one engine; "" for a cue to be composed alone.

    Raises UnknownChoice.
    """
    shape = alike(engine, request)
    return digest([_own(engine), fallback, _said(options), shape]) if shape else ""


def _own(engine: str) -> str:
    return engine if engine == AUTO else own_name(engine)


def _said(options: EngineOptions) -> dict[str, Any]:
    return {name: _file(value) if isinstance(value, Path) else value for name, value in options.said().items()}


def _file(path: Path) -> list[Any]:
    """What tells a file or a folder's files from others without reading them; the engine reads them where it plays."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path] if path.is_file() else []
    return [str(path), *([file.name, (stat := file.stat()).st_size, stat.st_mtime_ns] for file in files)]


def _code() -> str:
    try:
        return version("cuesmith")
    except PackageNotFoundError:
        return "unknown"
