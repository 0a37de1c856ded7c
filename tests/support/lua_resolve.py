"""Lua as DaVinci Resolve runs it: the stand-in's objects as Lua sees them, and what a script of the menu may use.

[R] in fake_resolve. [S]: what others measured in the menu's Lua of the free edition 21.1: io, require, package, debug
and os.execute are nil, print is seen nowhere, lists carry __flags, Fusion's preferences can be written.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fake_resolve import FakeProgram
from fake_resolve.world import Thing

RUNTIMES = ("lua51", "luajit20", "luajit21")
SCRIPTS = Path(__file__).resolve().parents[2] / "integrations" / "resolve" / "scripts"
LIST_FLAGS = 4194304
_SANDBOX = """
io, require, package, debug, ffi, arg, module = nil
for _, name in ipairs({ "execute", "remove", "rename", "exit", "setlocale" }) do os[name] = nil end
"""
_PROXY = """
local call, names, thing = ...
local has = {}
for name in names:gmatch("%S+") do has[name] = true end
return setmetatable({}, {
  __index = function(_, name)
    if name == "__thing" then return thing end
    if has[name] then return function(_, ...) return call(name, ...) end end
    return nil
  end,
  __tostring = function() return "userdata" end,
})
"""


@dataclass
class LuaHost:
    """A Lua of its own. said: what the script printed. is_closed_in: as the free edition since 21.1 [S].

    preferences: the file that Fusion saves to. waits: how long bmd.wait really waits.
    """

    runtime: str = "luajit21"
    is_closed_in: bool = False
    preferences: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    on_wait: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        module = importlib.import_module(f"lupa.{self.runtime}")
        self.lua = module.LuaRuntime(unpack_returned_tuples=True, register_eval=False, register_builtins=False)
        self.globals = self.lua.globals()
        self.globals["print"] = lambda *words: self.said.append("\t".join(map(str, words)))
        self.globals.os.getenv = lambda name: self.environment.get(name)
        self._proxy = self.lua.eval(f"function(...) {_PROXY} end")
        self._type = self.globals.type
        bmd = {"wait": self._wait, "gettime": time.monotonic, "fileexists": lambda path: Path(path).is_file()}
        self.globals.bmd = self.lua.table_from(bmd)
        if self.is_closed_in:
            self.lua.execute(_SANDBOX)

    def _wait(self, _seconds: float) -> None:
        self.on_wait()
        time.sleep(0.01)

    def run(self, text: str, program: FakeProgram | None = None) -> Any:
        """Run a script, with the program's globals where there is one; what it answers."""
        if program is not None:
            self.globals.resolve = self.to_lua(program.resolve)
            self.globals.fusion = self._fusion()
        return self.lua.execute(text)

    def room(self, name: str) -> Any:
        """One of the script's rooms, with those that it asks for."""
        if not hasattr(self, "_rooms"):
            self._rooms: dict[str, Any] = {}
        if name not in self._rooms:
            text = (SCRIPTS / "lua" / f"{name}.lua").read_text(encoding="utf-8")
            self._rooms[name] = self.lua.eval(f"function(...) {text}\nend")(self.room)
        return self._rooms[name]

    # What Lua sees -----------------------------------------------------------------------------------

    def to_lua(self, value: Any) -> Any:
        """A value of the API as Lua has it."""
        if isinstance(value, Thing):
            names = " ".join(dir(value))
            return self._proxy(lambda name, *args: self._call(value, name, args), names, value)
        if isinstance(value, list):
            table = self.lua.table_from([self.to_lua(one) for one in value])
            table["__flags"] = LIST_FLAGS
            return table
        if isinstance(value, dict):
            return self.lua.table_from({key: self.to_lua(one) for key, one in value.items()})
        return value

    def to_python(self, value: Any) -> Any:
        """What Lua hands over, as the API takes it."""
        if self._type(value) != "table" or isinstance(value, Thing):
            return value
        thing = value["__thing"]
        if thing is not None:
            return thing
        found = {key: self.to_python(one) for key, one in value.items()}
        numbers = [key for key in found if isinstance(key, int)]
        if numbers and len(numbers) == len(found):
            return [found[n] for n in range(1, len(numbers) + 1)]
        return found

    def _call(self, thing: Thing, name: str, args: tuple[Any, ...]) -> Any:
        return self.to_lua(getattr(thing, name)(*(self.to_python(arg) for arg in args)))

    # Fusion's preferences ----------------------------------------------------------------------------

    def _fusion(self) -> Any:
        kept: dict[str, str] = {}

        def save(_: Any) -> None:
            assert self.preferences is not None
            rows = "".join(f'\t\t{name.rpartition(".")[2]} = "{value}",\n' for name, value in kept.items())
            aside = self.preferences.with_suffix(".new")
            aside.write_text(f"{{\n\tGlobal = {{\n\t\tCuesmith = {{\n{rows}\t\t}},\n\t}},\n}}\n", encoding="utf-8")
            aside.replace(self.preferences)

        def put(_: Any, name: str, value: str) -> None:
            kept[name] = value

        return self.lua.table_from({"SetPrefs": put, "SavePrefs": save} if self.preferences is not None else {})
