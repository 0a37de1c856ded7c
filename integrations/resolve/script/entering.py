"""The way in: the program's first object, its edition, the open project."""

from typing import Any, NamedTuple

from integrations.resolve.script.asking import ask, read, read_list, read_maybe
from integrations.resolve.script.words import Trouble

OLDEST = 18  # of the versions whose AppendToTimeline takes a track and a record frame


class Place(NamedTuple):
    """Where the script works."""

    resolve: Any
    manager: Any
    project: Any
    pool: Any
    timeline: Any
    project_name: str


def find_resolve(injected: Any, app: Any) -> Any:
    """The first object: given to scripts of the menu, else by the Fusion application, else from outside (Studio).

    injected, app: the globals `resolve` and `app`, None where there are none.
    """
    found = injected
    if found is None and app is not None:
        found = ask(app, "GetResolve")
    if found is None:
        found = _from_outside()
    if found is None:
        raise Trouble(
            "DaVinci Resolve cannot be reached from here",
            "Run the script from Workspace > Scripts. Free editions from 21.1 on run only the Lua script, and outside "
            "scripts need Studio with Preferences > General > External scripting set to Local.",
        )
    return found


def _from_outside() -> "Any | None":
    try:
        import DaVinciResolveScript  # type: ignore[import-not-found]
    except ImportError:
        return None
    return DaVinciResolveScript.scriptapp("Resolve")


def enter(resolve: Any) -> Place:
    """The open project and its current timeline. Raises Trouble where one is missing or the version is too old.

    No method of Studio's is called anywhere: on a free edition that opens a dialogue, and nothing works behind it.
    """
    product = str(read(resolve, "GetProductName"))
    version = read_list(resolve, "GetVersion")
    if version and int(version[0]) < OLDEST:
        raise Trouble(f"{product} {version[0]} is too old for this script", f"Version {OLDEST} or later is needed.")
    manager = read(resolve, "GetProjectManager")
    project = _there(manager, "GetCurrentProject", "No project is open", "Open one and run again.")
    timeline = _there(project, "GetCurrentTimeline", "No timeline is open", "Open one and run again.")
    pool = read(project, "GetMediaPool")
    return Place(resolve, manager, project, pool, timeline, str(read(project, "GetName")))


def _there(thing: Any, name: str, what: str, fix: str) -> Any:
    found = read_maybe(thing, name)
    if found is None:
        raise Trouble(what, fix)
    return found
