"""The options in cuesmith.json, which lies beside the script."""

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from integrations.resolve.script.words import Trouble

OPTIONS_FILE = "cuesmith.json"
DATA = "~/.local/share/cuesmith"
KEY_FILE = "local.key"  # which `cuesmith serve` writes into its data folder
COLOURS = (
    "Blue", "Cyan", "Green", "Yellow", "Red", "Pink", "Purple", "Fuchsia",
    "Rose", "Lavender", "Sky", "Mint", "Lemon", "Sand", "Cocoa", "Cream",
)  # fmt: skip
# name: (default, what it may be). A tuple: one of these. str: a text. None beside: may be left empty.
OPTIONS: "dict[str, tuple[Any, Any]]" = {
    "server": ("http://127.0.0.1:8080", str),
    "key_file": (None, str),
    "style": (None, str),
    "engine": ("auto", str),
    "loudness": ("web", str),
    "dialogue": ("duck", ("duck", "keep", "replace")),
    "stems": (False, bool),
    "hit_colour": ("Pink", COLOURS),
    "range": ("marked", ("marked", "timeline")),
    "render": ("auto", ("auto", "always", "never")),
    "wait_s": (600, float),
    "track": ("Cuesmith", str),
    "bin": ("Cuesmith", str),
    "folder": (None, str),
}
INSTALLED = {}  # type: dict[str, str | None]  # the installer says here where "options" and "data" lie
EMPTY = ("key_file", "style", "hit_colour", "folder")
PLACES = (
    "~/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Utility",
    "~/AppData/Roaming/Blackmagic Design/DaVinci Resolve/Support/Fusion/Scripts/Utility",
    "~/.local/share/DaVinciResolve/Fusion/Scripts/Utility",
    "/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Utility",
    "C:/ProgramData/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Utility",
    "/opt/resolve/Fusion/Scripts/Utility",
    "/home/resolve/Fusion/Scripts/Utility",
)


class Options(NamedTuple):
    """As docs/resolve.md has them. wait_s: 0 submits and leaves."""

    server: str
    key_file: "str | None"
    style: "str | None"
    engine: str
    loudness: str
    dialogue: str
    stems: bool
    hit_colour: "str | None"
    range: str
    render: str
    wait_s: float
    track: str
    bin: str
    folder: "str | None"


def find_options(script: "str | None") -> Options:
    """The options where the installer put them, else beside the script or where scripts lie; else the defaults.

    script: the script's own path where it is known. Resolve does not always say it.
    """
    told = INSTALLED.get("options")
    if told and Path(told).is_file():
        return read_options(Path(told))
    places = [Path(script).resolve().parent] if script and Path(script).is_file() else []
    for place in [*places, *(Path(name) for name in PLACES)]:
        path = place.expanduser() / OPTIONS_FILE
        if path.is_file():
            return read_options(path)
    return checked({}, OPTIONS_FILE)


def read_options(path: Path) -> Options:
    """The options in a file. Raises Trouble, naming the option and the value found."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise Trouble(f"{path} cannot be read: {error}", "Mend it, or delete it to have the defaults.") from error
    if not isinstance(document, dict):
        raise Trouble(f"{path} is no JSON object", "Write options as in docs/resolve.md.")
    return checked(document, str(path))


def checked(document: "dict[str, Any]", where: str) -> Options:
    """The options in a document, the defaults where it says nothing."""
    unknown = sorted(set(document) - set(OPTIONS))
    if unknown:
        raise Trouble(f'{where} has an option "{unknown[0]}" that is not known', f"Known: {', '.join(OPTIONS)}.")
    return Options(**{name: _value(where, name, document.get(name, OPTIONS[name][0])) for name in OPTIONS})


def _value(where: str, name: str, value: Any) -> Any:
    kind = OPTIONS[name][1]
    if value is None and name in EMPTY:
        return None
    if isinstance(kind, tuple):
        is_good, wanted = value in kind, "one of: " + ", ".join(kind)
    elif kind is float:
        is_good = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 86_400
        wanted = "a number of seconds, 0 to 86400"
    elif kind is bool:
        is_good, wanted = isinstance(value, bool), "true or false"
    else:
        is_good, wanted = isinstance(value, str) and bool(value.strip()), "a text"
    if not is_good:
        raise Trouble(f"{where}: {name} is {json.dumps(value)[:80]}", f"Write {wanted}.")
    return value


def read_key(options: Options) -> "tuple[str, Path]":
    """(the API key, the file it is from)."""
    default = Path(INSTALLED.get("data") or DATA) / KEY_FILE
    path = Path(options.key_file or default).expanduser()
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise Trouble(
            f"there is no API key to be read in {path}",
            "Start `cuesmith serve` on this machine once, or name a file with a key as key_file in cuesmith.json.",
        ) from error
    if not key or not all("!" <= c <= "~" for c in key):
        raise Trouble(f"{path} holds no API key", "`cuesmith keys create` makes one.")
    return key, path


def film_folder(options: Options, project: str, timeline: str) -> Path:
    """Where rendered pictures and received music of a timeline are kept; made when missing."""
    if options.folder:
        root = Path(options.folder).expanduser()
    else:
        root = Path("~/Movies" if sys.platform == "darwin" else "~/Videos").expanduser() / "Cuesmith"
    folder = root / safe_name(project) / safe_name(timeline)
    if not root.is_absolute():
        raise Trouble(f"the folder {root} in cuesmith.json is not absolute", "Write it from its beginning.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(
            f"the folder {folder} cannot be made: {error.strerror}", "Name another as folder in cuesmith.json."
        ) from error
    return folder


def safe_name(name: str) -> str:
    """A name that every system takes for a folder."""
    kept = "".join(c if c.isprintable() and c not in '<>:"/\\|?*%' else "_" for c in name).strip(" .")
    reserved = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
    if kept.split(".")[0].lower() in reserved:
        kept = "_" + kept
    while len(kept.encode("utf-8")) > 120:
        kept = kept[:-1]
    return kept.strip(" .") or "untitled"
