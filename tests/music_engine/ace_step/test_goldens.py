"""The small cases that ship with the tests, made by this project's own code: the numbers stay what they are."""

from __future__ import annotations

from pathlib import Path

import ace_step_goldens
import pytest
import torch
from ace_step_goldens.golden import Golden

FOLDER = Path(__file__).parent / "goldens"
CASES = sorted(path for path in FOLDER.iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_numbers_are_what_they_were(folder: Path) -> None:
    check = ace_step_goldens.check_of(folder.name)
    assert check is not None
    golden = Golden(folder)
    with torch.no_grad():
        check(golden)
    assert not golden.unseen(), f"nobody compared {', '.join(sorted(golden.unseen()))}"


def test_the_cases_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*")) < 1_000_000
