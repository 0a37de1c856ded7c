"""Where things belong: the folders of a watch, the names of results, and where a film goes when it is done with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from integrations.watch_folder.config import WatchConfig
from integrations.watch_folder.names import shown
from integrations.watch_folder.result_names import Place, fitting, result_stems, study, with_ending
from integrations.watch_folder.settings_file import IN_PLACE
from pipeline.publish import check_writable, refusing
from scoring.errors import FetchFailed, OutputRefused, VideoMissing

_MOST_NAMES = 1000  # of films that want one name
_OFFERED = 50


@dataclass(frozen=True, slots=True)
class Places:
    """root: the watched folder. out: where results go. Both absolute, links followed to their end.

    out_device: of the disk that out is on. names: what that disk does with names.
    """

    root: Path
    out: Path
    out_device: int
    names: Place

    def check_out(self) -> None:
        """Raise FetchFailed when the output folder is not there, or is another disk's than at the start."""
        try:
            device = self.out.stat().st_dev
        except OSError as error:
            raise FetchFailed(f"{self.out} is not there ({error.strerror})", "Mount it; we wait") from error
        if device != self.out_device:
            raise FetchFailed(f"{self.out} is on another disk than at the start", "Mount it again; we wait")


def open_places(root: Path, out: Path, own: Sequence[Path] = ()) -> Places:
    """Check the folders, and make the one for results.

    own: the service's own folders. Raises VideoMissing when the watched folder is not there, OutputRefused when one
    lies in another, so that a result would be taken for a film, or cannot be written to.
    """
    root = watched_folder(root)
    out = out.resolve()
    _apart(root, "the output folder", out)
    if root.is_relative_to(out):
        raise OutputRefused(
            f"the watched folder {root} lies in the output folder {out}",
            "Choose an output folder that does not hold it",
        )
    for folder in own:
        _apart(root, "the service's folder", folder.resolve())
    with refusing(out):
        out.mkdir(exist_ok=True)
    check_writable(out)
    return Places(root, out, out.stat().st_dev, study(out))


def watched_folder(root: Path) -> Path:
    """A watched folder's path, absolute, links followed to their end. Raises VideoMissing when it is not there."""
    try:
        root = root.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise VideoMissing(f"there is no folder {shown(root)}", "Make it, or mount it") from error
    if not root.is_dir():
        raise VideoMissing(f"{shown(root)} is no folder", "Give the folder that films are dropped into")
    return root


def check_own_folders(config: WatchConfig, places: Places) -> None:
    """Raise OutputRefused when films are moved to where results go."""
    for folder in config.own_folders:
        if folder.resolve().is_relative_to(places.out) or places.out.is_relative_to(folder.resolve()):
            raise OutputRefused(f"films are to be moved to {shown(folder)}, where results go", "Choose another folder")


def skipped(config: WatchConfig) -> frozenset[Path]:
    """The folders below the watched one that hold films which are done with."""
    inside = [folder for folder in config.own_folders if folder.is_relative_to(config.root)]
    return frozenset(folder.relative_to(config.root) for folder in inside)


def moved_to(config: WatchConfig, film: Path, *, is_scored: bool) -> Path | None:
    """The folder that a film goes to when it is done with, its own sub-folder included; None to leave it.

    film: below the watched folder.
    """
    if config.file is None:
        return None
    moves = config.file.for_folder(film.parent)[1]
    name = moves.done if is_scored else moves.failed
    return None if name in (None, IN_PLACE) else config.root / str(name) / film.parent


def _apart(root: Path, name: str, folder: Path) -> None:
    if folder.is_relative_to(root):
        raise OutputRefused(f"{name} {folder} lies in the watched folder {root}", "Choose one outside of it")


def result_places(places: Places, film: Path) -> list[Path]:
    """Where a film's results may go, below the output folder and without a suffix, the best first: `sub/clip`,
    `sub/clip.mov`, `sub/clip.mov 2` …, less those that something lies at which the caller does not know to be its own.

    film: below the watched folder. Blocks; raises OSError.
    """
    folder = Path(*(fitting(part, places.names) for part in film.parent.parts))
    there = _names(places.out / folder)
    stems = dict.fromkeys(islice(result_stems(film.name, places.names), _MOST_NAMES))
    free = [folder / stem for stem in stems if not _is_used(stem, there)]
    if not free:
        raise OutputRefused(f"{places.out / folder} holds {_MOST_NAMES} films called {shown(film.name)}", "Tidy it up")
    return free[:_OFFERED]


def free_place(folder: Path, name: str) -> Path:
    """A path in a folder that nothing lies at: the name, or `film 2.mp4`, `film 3.mp4` … Raises OSError."""
    there = _names(folder)
    stem, suffix = Path(name).stem, Path(name).suffix
    for number in range(1, _MOST_NAMES):
        tried = name if number == 1 else with_ending(stem, f" {number}{suffix}")
        if tried.casefold() not in there:
            return folder / tried
    raise OutputRefused(f"{folder} holds {_MOST_NAMES} files called {shown(name)}", "Tidy it up")


def _names(folder: Path) -> set[str]:
    try:
        return {path.name.casefold() for path in folder.iterdir()}
    except FileNotFoundError:
        return set()


def _is_used(stem: str, there: set[str]) -> bool:
    low = stem.casefold()
    return any(f"{low}{end}" in there for end in (".cuesmith", ".report.json", ".stems")) or any(
        name.startswith(f"{low}.scored.") for name in there
    )
