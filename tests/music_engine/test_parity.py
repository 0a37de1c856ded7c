"""The engine gives the reference's numbers: one case per folder of reference cases.

The cases lie in the folder CUESMITH_GOLDENS, by default ../shared/ace-step-v1/goldens beside the repository.
"""

from __future__ import annotations

from pathlib import Path

import ace_step_goldens
import pytest
import torch
from ace_step_goldens.golden import Golden

CASES = ace_step_goldens.folders()


@pytest.mark.skipif(not CASES, reason=f"no reference cases in {ace_step_goldens.FOLDER} (CUESMITH_GOLDENS)")
def test_there_are_reference_cases() -> None:
    assert {folder.name for folder in CASES} > {"rotary", "transformer_tiny"}


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_numbers_are_the_references(folder: Path) -> None:
    check = ace_step_goldens.check_of(folder.name)
    assert check is not None, f"{folder.name} is of no kind that anybody checks: {', '.join(ace_step_goldens.kinds())}"
    golden = Golden(folder)
    with torch.no_grad():
        check(golden)
    assert not golden.unseen(), f"nobody compared {', '.join(sorted(golden.unseen()))}"
