"""A companion made ready for this machine's DaVinci Resolve, and one that attends beside something else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from integrations.resolve.companion.attending import PAUSE_S, attend
from integrations.resolve.companion.desk import Desk, films_folder
from integrations.resolve.companion.mailbox import Mailbox
from integrations.resolve.companion.options import companion_options
from integrations.resolve.installing.place import Place
from integrations.resolve.installing.text import OPTIONS
from integrations.service.logs import logger

_STOP_S = 10.0  # a request that is being done may take longer; the process ends without it


@dataclass(frozen=True, slots=True)
class Companion:
    """options: the file the script's options stand in, None where there is none and every default counts."""

    mailbox: Mailbox
    desk: Desk
    options: Path | None


def open_companion(
    places: Sequence[Place], data: Path, say: Callable[[str], None], options: Path | None = None
) -> Companion:
    """places: whose preferences are looked into. data: the service's folder, for its key and for answers.

    options: the script's cuesmith.json; the one beside the scripts when None.
    """
    beside = [place.scripts / OPTIONS for place in places if (place.scripts / OPTIONS).is_file()]
    path = options or (beside[0] if beside else None)
    desk = Desk(
        read_options=lambda: companion_options(path, data),
        options_text=lambda: path.read_text(encoding="utf-8-sig") if path is not None and path.is_file() else None,
        say=say,
        films=films_folder(Path.home()),
        home=Path.home(),
    )
    return Companion(Mailbox(tuple(places), data / "resolve"), desk, path)


@contextmanager
def attending(companion: Companion, pause_s: float = PAUSE_S) -> Iterator[None]:
    """Have a companion attend in a thread of this process while the block runs."""
    over = threading.Event()

    def work() -> None:
        try:
            attend(companion.mailbox, companion.desk, over.is_set, pause_s)
        except Exception:  # a thread's rim: what it stands beside goes on without it
            logger(__name__).exception("companion ended")

    thread = threading.Thread(target=work, name="resolve-companion", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(_STOP_S)
