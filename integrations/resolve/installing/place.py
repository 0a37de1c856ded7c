"""Where each edition looks for scripts; the table is data/places.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from scoring.errors import InputError

Whose = Literal["you", "everybody"]


@dataclass(frozen=True, slots=True)
class Place:
    """scripts: the folder that the menu shows on every page. edition: for people.

    preferences: a glob of Fusion's preference files, None where a place has none.
    """

    edition: str
    whose: Whose
    scripts: Path
    preferences: str | None = None

    def preference_files(self) -> tuple[Path, ...]:
        """Fusion's preferences as they are now: one file for each of its profiles."""
        if self.preferences is None:
            return ()
        before, _, after = self.preferences.partition("*")
        return tuple(sorted(path for path in Path(before).glob("*" + after) if path.is_file()))


def find_places(whose: Whose, system: str, environment: Mapping[str, str], home: Path) -> tuple[Place, ...]:
    """The places of a system for one user or for everybody; those of installations that are not here left out.

    system: as sys.platform. Raises InputError where there is none.
    """
    filled = {
        "home": home.as_posix(),
        "appdata": Path(environment.get("APPDATA") or home / "AppData" / "Roaming").as_posix(),
        "programdata": Path(environment.get("PROGRAMDATA") or "C:/ProgramData").as_posix(),
    }
    text = (resources.files("integrations") / "resolve/installing/data/places.toml").read_text(encoding="utf-8")
    rows = [row for row in tomllib.loads(text)["place"] if row["system"] == system and row["whose"] == whose]
    found = tuple(
        Place(
            row["edition"],
            whose,
            Path(row["scripts"].format(**filled)),
            row["preferences"].format(**filled) if "preferences" in row else None,
        )
        for row in rows
        if "only_where" not in row or Path(row["only_where"].format(**filled)).is_dir()
    )
    if not rows:
        raise InputError(f"DaVinci Resolve does not run on {system}", "Name the folder with --into")
    if not found:
        raise InputError(
            f"DaVinci Resolve is not in {' or '.join(row['only_where'] for row in rows)}",
            "Install it first, or name the folder with --into",
        )
    return found
