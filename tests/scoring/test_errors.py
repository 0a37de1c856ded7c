from __future__ import annotations

import inspect
import re

import pytest

from scoring import errors
from scoring.errors import CueSheetError, CuesmithError, UnknownChoice

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, CuesmithError)]
LEAVES = [c for c in CLASSES if not c.__subclasses__()]
_ROW = re.compile(r"^([│├└─ ]*)([A-Z]\w+)\s{2,}(.+)$")


def _drawn() -> dict[str, tuple[str | None, str]]:
    """Name → (parent, the rest of the row) as the module's docstring draws the tree."""
    drawn: dict[str, tuple[str | None, str]] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        row = _ROW.match(line)
        if row:
            depth = len(row[1]) // 4
            path = [*path[:depth], row[2]]
            drawn[row[2]] = (path[-2] if depth else None, row[3])
    return drawn


def test_the_drawn_tree_is_the_tree() -> None:
    assert {name: parent for name, (parent, _) in _drawn().items()} == {
        c.__name__: None if c is CuesmithError else c.__base__.__name__ for c in CLASSES
    }


@pytest.mark.parametrize("error", CLASSES, ids=lambda c: c.__name__)
def test_the_numbers_drawn_are_the_numbers_used(error: type[CuesmithError]) -> None:
    row = _drawn()[error.__name__][1]
    used = {"exit": str(error.exit_code), "HTTP": str(error.http_status), "retry:": error.retry}
    found = dict(re.findall(r"(exit|HTTP|retry:)\s+(\d+|at once|\w+)", row))
    assert found.items() <= used.items()
    assert "HTTP" in found


@pytest.mark.parametrize("error", LEAVES, ids=lambda c: c.__name__)
def test_every_leaf_says_whose_fault_and_whether_to_try_again(error: type[CuesmithError]) -> None:
    assert error.exit_code in (2, 3, 130)
    assert 400 <= error.http_status < 600
    assert error.retry in ("never", "later", "at once")
    if issubclass(error, errors.InputError):
        assert (error.exit_code, error.retry) == (2, "never")
        assert error.http_status < 500


@pytest.mark.parametrize("error", LEAVES, ids=lambda c: c.__name__)
def test_a_message_is_what_is_wrong_and_then_what_to_do(error: type[CuesmithError]) -> None:
    assert str(error("the film has 0 frames", "Give another film")) == "the film has 0 frames. Give another film"
    assert str(error("stopped")) == "stopped"


def test_a_field_error_names_place_field_value_and_what_is_allowed() -> None:
    text = str(CueSheetError.field("cue 1m2", "bpm", "fast", "a number, 20 to 400"))
    assert text == "cue 1m2: bpm is 'fast'. Allowed: a number, 20 to 400"


def test_an_unknown_choice_lists_the_known_ones() -> None:
    assert str(UnknownChoice.among("style", "jazzz", ["upbeat", "ambient"])) == (
        "there is no style called 'jazzz'. Choose one of: ambient, upbeat"
    )
