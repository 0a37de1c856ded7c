from __future__ import annotations

import subprocess
import sys

import pytest

import scoring


def test_every_front_door_opens_and_the_list_is_sorted() -> None:
    assert list(scoring.__all__) == sorted(scoring.__all__)
    assert all(callable(getattr(scoring, name)) for name in scoring.__all__)


def test_there_are_no_other_doors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'compose'"):
        scoring.compose  # noqa: B018


def test_importing_the_vocabulary_loads_nothing_heavy() -> None:
    code = "import sys, scoring, scoring.errors; print(*{'numpy', 'scipy', 'torch', 'cv2'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""


def test_spotting_needs_numpy_and_nothing_else() -> None:
    code = "import sys, scoring.spotting, scoring.timed_prompts; print(*{'scipy', 'torch', 'cv2'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""
