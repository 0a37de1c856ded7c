"""What docs/ace-step.md says about the reference is tested where it says so."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs/ace-step.md"
TABLE = PAGE.read_text(encoding="utf-8").partition("## Where fixed differs from reference")[2].partition("\n## ")[0]
ROWS = [line for line in TABLE.splitlines() if line.startswith("|")][2:]


def test_there_are_differences() -> None:
    assert len(ROWS) > 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_difference_names_a_test_that_is_there(row: str) -> None:
    named = re.fullmatch(r"\|[^|]+\|[^|]+\|[^|]+\| `([a-z_/]+\.py)::(test_\w+)` \|", row)
    assert named, row
    tree = ast.parse((HERE / named[1]).read_text(encoding="utf-8"))
    assert named[2] in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
