"""The options as the companion reads them: those of the script, with the key of the service on this machine."""

from __future__ import annotations

from pathlib import Path

from integrations.resolve.script.options import KEY_FILE, Options, checked, read_options

_NOWHERE = "cuesmith.json"


def companion_options(path: Path | None, data: Path) -> Options:
    """The options in a file; every default without one. data: the service's folder, whose key is used where the options
    name none. Raises Trouble, naming the option and the value found.
    """
    options = checked({}, _NOWHERE) if path is None else read_options(path)
    return options if options.key_file is not None else options._replace(key_file=str(data / KEY_FILE))
