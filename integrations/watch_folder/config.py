"""What a watch folder's settings come to for one film: its order, and where it goes afterwards.

The further in, the more it counts: `[score]`, the `[folders]` that fit, each sub-folder's own watch.toml on the way
down to the film, its side-cars.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from integrations.jobs.orders import Order
from integrations.watch_folder.kept_settings import KeptSettings
from integrations.watch_folder.known_names import SETTINGS_NAME, known_names
from integrations.watch_folder.names import is_inside, shown
from integrations.watch_folder.said import Said
from integrations.watch_folder.settings_file import IN_PLACE, Moves, SettingsFile
from integrations.watch_folder.side_car import SideCars, read_side_cars, side_cars_of
from scoring.errors import ConfigError, InputError
from scoring.timebase import FrameRate


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to become of a film. done, failed: the folder that it goes to then, None to leave it where it is; its own
    sub-folder is kept below that. side_cars: as they were when they were read. notes: about side-cars not used.
    """

    order: Order
    done: Path | None
    failed: Path | None
    side_cars: SideCars
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchConfig:
    """The settings of a watch folder.

    path: its settings file, None without one. poll_s between looks while files are moving. A film is whole when it
    stood still at `looks` looks over settle_s; one that does not read then is tried for patience_s. workers: None where
    nothing is said. patterns: names of films, lower case. side_cars: the kinds that count.
    """

    root: Path
    path: Path | None = None
    poll_s: float = 2.0
    settle_s: float = 5.0
    looks: int = 3
    patience_s: float = 600.0
    workers: int | None = None
    patterns: tuple[str, ...] = field(default_factory=lambda: known_names().films)
    side_cars: tuple[str, ...] = field(default_factory=lambda: tuple(known_names().side_cars))
    file: SettingsFile | None = None
    kept: KeptSettings | None = field(default=None, repr=False, compare=False)
    asked: Path | None = None

    @property
    def own_folders(self) -> tuple[Path, ...]:
        """Folders that films are moved to, absolute: those of them in the watch folder are not looked into."""
        return () if self.file is None else self.file.own_folders(self.root)

    def refreshed(self) -> WatchConfig:
        """The settings as they stand now: this very value where nothing has changed, or where what has does not read,
        which is told once.
        """
        if self.kept is None:
            return self
        now = _main_file(self.kept, self.asked, self.root)
        return self if now is self.file else _configured(self.root, self.asked, now, self.kept)

    def side_cars_of(self, relative: Path, names: Collection[str] | None = None) -> SideCars:
        """The side-cars of a film, of the kinds that count. Otherwise as side_car.side_cars_of."""
        return side_cars_of(self.root / relative, names, self.side_cars)

    def wanted_for(
        self, relative: Path, names: Collection[str] | None = None, frame_rate: FrameRate | None = None
    ) -> Wanted:
        """What is to become of a film. relative: its path below the watch folder. names: what its folder holds, where
        that is known. frame_rate: the film's, for a timeline beside it; asked of the film when it is needed and None.

        Raises ConfigError with the file and what is wrong in it; for a timeline also TimelineError, and as probe does.
        """
        cars = self.side_cars_of(relative, names)
        said, moves = self._from_files(relative.parent)
        beside, notes = read_side_cars(cars, self.root)
        said = said.then(beside)
        edit = self._edit(said, relative, frame_rate)
        try:
            order = said.order(edit)
        except InputError as error:
            raise ConfigError(f"the settings for {shown(relative)}: {shown(error.what)}", error.advice) from error
        return Wanted(order, self._folder(moves.done), self._folder(moves.failed), cars, notes)

    def _from_files(self, folder: Path) -> tuple[Said, Moves]:
        """What the settings files say about a folder, from the outermost in."""
        said, moves = (Said(), Moves()) if self.file is None else self.file.for_folder(folder)
        if self.kept is not None:
            for above in reversed([folder, *folder.parents]):
                path = self.root / above / SETTINGS_NAME
                if path != self.path and (inner := _inner_file(self.kept, path, self.root)) is not None:
                    said = said.then(inner.for_folder(folder.relative_to(above))[0])
        return said, moves

    def _edit(self, said: Said, relative: Path, frame_rate: FrameRate | None) -> str | None:
        if said.timeline is None:
            return None
        import json

        from integrations.timelines.reading.read_timeline import read_timeline

        rate = _rate_of(self.root / relative) if frame_rate is None else frame_rate
        edit = read_timeline(said.timeline, frame_rate=rate, hit_colour=said.hit_colour or None)
        return json.dumps(edit.to_json())

    def _folder(self, name: str | None) -> Path | None:
        return None if name in (None, IN_PLACE) else self.root / str(name)


def read_config(path: Path | None, root: Path, tell: Callable[[str], None] = lambda text: None) -> WatchConfig:
    """Read a watch folder's settings. path: the file; `watch.toml` in the watch folder itself when None, and if there
    is none the settings are the usual ones. tell: hears of a later edit that does not read. Raises ConfigError.
    """
    root = root.absolute()
    asked = None if path is None else path.absolute()
    kept = KeptSettings(root, tell)
    if asked is not None and not asked.is_file():
        raise ConfigError(
            f"{shown(asked)} is no file", "Give the settings file of the watch folder, or leave --config out"
        )
    return _configured(root, asked, _main_file(kept, asked, root), kept)


def _main_file(kept: KeptSettings, asked: Path | None, root: Path) -> SettingsFile | None:
    if asked is not None:
        # The operator's own file may name others anywhere; one in the watch folder is from whoever may put films there.
        return kept.read(asked, is_trusted=True, is_main=True)
    return kept.read(root / SETTINGS_NAME, is_main=True)


def _inner_file(kept: KeptSettings, path: Path, root: Path) -> SettingsFile | None:
    try:
        inside = is_inside(path, root)
    except (OSError, RuntimeError):
        inside = False
    if not inside:
        raise ConfigError(f"{shown(path)} is a link out of the watch folder", "Put the file itself there")
    return kept.read(path)


def _configured(root: Path, asked: Path | None, file: SettingsFile | None, kept: KeptSettings) -> WatchConfig:
    base = WatchConfig(root=root, file=file, kept=kept, asked=asked)
    return base if file is None else replace(base, path=file.path, **file.watch)


def _rate_of(film: Path) -> FrameRate:
    from pipeline.media.probe import probe
    from pipeline.settings import Settings

    return probe(film, Settings.from_env()).info.frame_rate
