"""cuesmith.py under another Python of this machine, over a wire to the stand-in, which lives in this one."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
from functools import cache
from pathlib import Path
from typing import Any

from fake_resolve.world import Thing
from resolve_script import quick_text

# The other Python's side. Every object is a number there, and what is asked of one goes over the wire.
_FAR = """
import json, socket, sys
wire = socket.create_connection(("127.0.0.1", int(sys.argv[2]))).makefile("rw", encoding="utf-8")

class Far(object):
    def __init__(self, number, names):
        self.__dict__["number"], self.__dict__["names"] = number, names
    def __dir__(self):
        return self.names
    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self.names:
            return None
        return lambda *args: asked(self.number, name, args)

def sent(value):
    if isinstance(value, Far):
        return {"@": value.number}
    if isinstance(value, dict):
        return {"%": [[sent(k), sent(v)] for k, v in value.items()]}
    return [sent(one) for one in value] if isinstance(value, (list, tuple)) else value

def got(value):
    if isinstance(value, dict) and "@" in value:
        return Far(value["@"], value["names"])
    if isinstance(value, dict):
        return {got(k): got(v) for k, v in value["%"]}
    return [got(one) for one in value] if isinstance(value, list) else value

def asked(number, name, args):
    wire.write(json.dumps([number, name, sent(args)]) + "\\n")
    wire.flush()
    return got(json.loads(wire.readline()))

path = sys.argv[1]
names = {"__name__": "__main__", "__file__": path, "resolve": asked(0, "", [])}
with open(path, encoding="utf-8") as file:
    exec(compile(file.read(), path, "exec", dont_inherit=True), names)
"""


@cache
def other_python(version: str) -> str | None:
    """A Python of a version such as "3.8" that runs on this machine."""
    found = [str(path) for path in Path.home().glob(f".pyenv/versions/{version}.*/bin/python3")]
    named = shutil.which(f"python{version}")
    for path in [*found, *([named] if named else [])]:
        if subprocess.run([path, "-c", "import json, socket"], capture_output=True).returncode == 0:
            return path
    return None


def run_far(python: str, folder: Path, resolve: Thing) -> str:
    """What the script prints when that Python runs it; cuesmith.json lies in the folder."""
    script, driver = folder / "cuesmith.py", folder / "driver.py"
    script.write_text(quick_text(), encoding="utf-8")
    driver.write_text(_FAR, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_answer, args=(listener, resolve), daemon=True)
        thread.start()
        command = [python, str(driver), str(script), str(listener.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PYTHONIOENCODING": "utf-8"})
        thread.join(10)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def _answer(listener: socket.socket, resolve: Thing) -> None:
    things: list[Any] = [resolve]

    def sent(value: Any) -> Any:
        if isinstance(value, Thing):
            things.append(value)
            return {"@": len(things) - 1, "names": dir(value)}
        if isinstance(value, dict):
            return {"%": [[sent(key), sent(one)] for key, one in value.items()]}
        return [sent(one) for one in value] if isinstance(value, list) else value

    def got(value: Any) -> Any:
        if isinstance(value, dict) and "@" in value:
            return things[value["@"]]
        if isinstance(value, dict):
            return {got(key): got(one) for key, one in value["%"]}
        return [got(one) for one in value] if isinstance(value, list) else value

    connection, _ = listener.accept()
    with connection, connection.makefile("rw", encoding="utf-8") as wire:
        for line in wire:
            number, name, args = json.loads(line)
            answer = getattr(things[number], name)(*got(args)) if name else resolve
            wire.write(json.dumps(sent(answer)) + "\n")
            wire.flush()
