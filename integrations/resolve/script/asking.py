"""Reading of Resolve: what it does not answer is asked for again, and then given up."""

from typing import Any

from integrations.resolve.script.words import Trouble

TRIES = 3
BUSY = "Close any dialogue that is open in DaVinci Resolve, and run again."


def has(thing: Any, name: str) -> bool:
    """Whether an object has a method. Only dir() tells: any name at all can be read from it."""
    return name in dir(thing)


def ask(thing: Any, name: str, *args: Any) -> Any:
    """What a method answers, None where there is no such method."""
    method = getattr(thing, name, None)
    return method(*args) if callable(method) else None


def read(thing: Any, name: str, *args: Any) -> Any:
    """What a method answers that always has something to say: neither None nor an empty text. Raises Trouble."""
    for _ in range(TRIES):
        value = ask(thing, name, *args)
        if value is not None and value != "":
            return value
    raise Trouble(f"DaVinci Resolve does not answer {name}", BUSY)


def read_maybe(thing: Any, name: str, *args: Any) -> Any:
    """What a method answers that may have nothing to say: None or an empty text are believed when they come again."""
    value = None
    for _ in range(TRIES):
        value = ask(thing, name, *args)
        if value is not None and value != "":
            return value
    return value


def read_list(thing: Any, name: str, *args: Any) -> "list[Any]":
    """A list, which some versions give as a table counted from 1, or not at all where it is empty."""
    for _ in range(TRIES):
        value = ask(thing, name, *args)
        if value is not None:
            return list(value.values()) if isinstance(value, dict) else list(value)
    return []


def read_table(thing: Any, name: str, *args: Any) -> "dict[Any, Any]":
    """A table, empty where it is not given."""
    for _ in range(TRIES):
        value = ask(thing, name, *args)
        if isinstance(value, dict):
            return value
    return {}


def id_of(thing: Any) -> str:
    """What tells objects apart: each call gives another view of the same."""
    return str(read(thing, "GetUniqueId"))
