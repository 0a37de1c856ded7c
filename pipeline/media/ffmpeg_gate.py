"""Every ffmpeg command of the project: built by ffmpeg-python, run by the bundled binary, in a limited child."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import ffmpeg

from pipeline.media.child import Child
from pipeline.media.limits import ChildLimits
from pipeline.media.sniff import ALLOWED_DEMUXERS, Container
from pipeline.settings import Settings
from scoring.errors import MediaToolError

_PROCESSOR_S_PER_FILM_S = 8  # ten-bit 8K decodes at a quarter of real time on one slow core, times two
_PROCESSOR_FLOOR_S = 120
_MOST_THREADS = 8  # each decoding thread of an 8K film holds pictures of 100 MB
_SURROGATES = range(0xDC80, 0xDD00)  # how Python writes the bytes 0x80 to 0xff of a name that is no UTF-8
_HIDDEN = {code: 0x100000 + code for code in _SURROGATES}
_SHOWN = {hidden: code for code, hidden in _HIDDEN.items()}


@cache
def bundled_ffmpeg() -> Path:
    """The ffmpeg binary that came with imageio-ffmpeg. Raises MediaToolError when there is none."""
    import imageio_ffmpeg

    try:
        return Path(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise MediaToolError(
            "no ffmpeg came with imageio-ffmpeg on this system", "Install ffmpeg and set CUESMITH_FFMPEG to its path"
        ) from error


def own_output(*streams: Any, path: Path | None = None, **options: Any) -> Any:
    """An output node that writes `path`, or standard output without one."""
    return ffmpeg.output(*streams, "pipe:1" if path is None else _hide(file_url(path)), **options)


def outside_input(path: Path, container: Container, settings: Settings, **options: Any) -> Any:
    """An ffmpeg-python input node for a file that came from outside: protocols, formats and sizes restricted.

    The "file:" prefix and the absolute path keep a name such as "-vf.mp4" or "http:x.mp4" a name.
    """
    return ffmpeg.input(
        _hide(file_url(path)),
        f=container.demuxer,
        protocol_whitelist="file",
        format_whitelist=ALLOWED_DEMUXERS,
        max_pixels=settings.limits.pixels,
        threads=min(_MOST_THREADS, (os.cpu_count() or 1) + 1),
        probesize="20M",
        analyzeduration="20M",
        **options,
    )


def own_input(path: Path | str, **options: Any) -> Any:
    """An input node for a file that we wrote, or "pipe:0"."""
    return ffmpeg.input(path if isinstance(path, str) else _hide(file_url(path)), **options)


def file_url(path: Path) -> str:
    """A path that ffmpeg cannot take for an option, a protocol or a pattern."""
    return f"file:{path.resolve().as_posix()}"


def _hide(text: str) -> str:
    """Bytes of a name that are no UTF-8, as private-use characters: ffmpeg-python hashes names as UTF-8."""
    return text.translate(_HIDDEN)


def run(
    output: Any, settings: Settings, *, film_s: float, wants_input: bool = False, written_bytes: int | None = None
) -> Child:
    """Start a command whose output node is given. Use the Child as a context manager and call finish()."""
    binary = str(settings.ffmpeg or bundled_ffmpeg())
    quiet = output.global_args("-hide_banner", "-nostdin", "-nostats", "-loglevel", "info")
    argv = [part.translate(_SHOWN) for part in ffmpeg.compile(quiet, cmd=binary, overwrite_output=True)]
    limits = ChildLimits(
        memory_bytes=settings.limits.memory_bytes,
        open_files=settings.limits.open_files,
        processor_s=int(_PROCESSOR_FLOOR_S + _PROCESSOR_S_PER_FILM_S * film_s),
        written_bytes=written_bytes,
    )
    return Child(argv, limits=limits, stall_s=settings.limits.stall_s, wants_input=wants_input)


def run_through(
    output: Any, settings: Settings, *, film_s: float, advance: Callable[[float], None] = lambda share: None
) -> str:
    """Run a command that writes files to its end, telling how far it is; what it said.

    Raises MediaToolError when it fails or nothing moves for the settings' stall_s, DiskFull.
    """
    told = output.global_args("-progress", "pipe:1", "-stats_period", "1")
    with run(told, settings, film_s=film_s) as child:
        reached = b""
        for line in child.stdout:
            name, _, value = line.strip().partition(b"=")
            # ffmpeg goes on telling while it stands still: only a new time counts as movement.
            if name == b"out_time_us" and value != reached:
                reached = value
                child.touch()
                if film_s and value.isdigit():
                    advance(min(1.0, int(value) / 1e6 / film_s))
        return child.finish()
