"""A stage for the Lua script: a stand-in, a service, a folder, and the script as it is installed."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fake_resolve import FakeProgram
from lua_resolve import LuaHost
from small_service import KEY

from integrations.resolve.companion.attending import attend
from integrations.resolve.companion.desk import Desk
from integrations.resolve.companion.mailbox import Mailbox
from integrations.resolve.companion.options import companion_options
from integrations.resolve.installing.place import Place
from integrations.resolve.installing.text import Stamp, script_text


@dataclass
class LuaStage:
    """root: a folder with data (the key), films and the options. closed_in: the free edition's Lua since 21.1."""

    root: Path
    server: str
    runtime: str = "luajit21"
    closed_in: bool = False
    key: str = KEY
    said: list[str] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def films(self) -> Path:
        return self.root / "films"

    @property
    def options(self) -> Path:
        return self.root / "cuesmith.json"

    @property
    def preferences(self) -> Path:
        return self.root / "prefs" / "Default" / "Fusion.prefs"

    def __post_init__(self) -> None:
        self.data.mkdir(exist_ok=True)
        self.preferences.parent.mkdir(parents=True, exist_ok=True)
        (self.data / "local.key").write_text(self.key + "\n")

    def run(self, program: FakeProgram | None, *, host: LuaHost | None = None, **options: Any) -> str:
        """Run the script as it is installed; the last line that it says."""
        self.options.write_text(json.dumps({"server": self.server, "folder": str(self.films), **options}))
        preferences = self.preferences if self.closed_in else None
        host = host or LuaHost(self.runtime, self.closed_in, preferences, {"PATH": os.environ["PATH"]})
        host.run(script_text("lua", Stamp(self.options, self.data)), program)
        self.said += [line.removeprefix("Cuesmith: ") for line in host.said]
        return self.said[-1]

    @contextmanager
    def companion(self) -> Iterator[list[str]]:
        """A companion; what it shows."""
        shown: list[str] = []
        desk = Desk(
            lambda: companion_options(self.options, self.data),
            lambda: self.options.read_text(encoding="utf-8"),
            shown.append,
            self.films,
            self.root,
        )
        mailbox = Mailbox((self.place,), self.data / "resolve")
        over = threading.Event()
        thread = threading.Thread(target=attend, args=(mailbox, desk, over.is_set, 0.005), daemon=True)
        thread.start()
        try:
            yield shown
        finally:
            over.set()
            thread.join(20)
            assert not thread.is_alive()

    @property
    def place(self) -> Place:
        return Place("here", "you", self.root, str(self.root / "prefs" / "*" / "Fusion.prefs"))
