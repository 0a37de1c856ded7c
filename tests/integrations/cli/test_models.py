"""`cuesmith models verify` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ace_step_checkpoints import MIXED, broken_checkpoint, tiny_checkpoint

from integrations.cli.main import run


def test_a_sound_checkpoint_is_a_table_and_exit_code_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "verify", str(tiny_checkpoint(tmp_path, dtypes=MIXED))]) == 0
    printed = capsys.readouterr().out
    for words in ("published layout", "transformer", "604", "BF16 604", "F32 122", "never used", "verdict    loads"):
        assert words in printed


def test_a_broken_one_says_which_tensor_and_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "verify", str(broken_checkpoint(tmp_path / "c", "a wrong shape"))]) == 2
    printed = capsys.readouterr().out
    assert "text encoder: shared.weight: found shape [512, 25], expected [512, 24]" in printed
    assert "verdict    does not load" in printed


@pytest.mark.parametrize("fault", ["an empty folder", "a LoRA", "truncated", "another model", "nothing"])
def test_anything_is_explained_without_a_traceback(
    fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["models", "verify", str(broken_checkpoint(tmp_path / "c", fault))]) == 2
    captured = capsys.readouterr()
    assert "does not load" in captured.out
    assert captured.err == ""


def test_json_is_one_object_with_hashes_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "verify", str(tiny_checkpoint(tmp_path)), "--json", "--hash"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "cuesmith.checkpoint/1"
    assert document["is_loadable"]
    transformer = document["parts"][0]
    assert transformer["hash"]["verdict"] == "differs"
    assert len(transformer["hash"]["sha256"]) == 64
    assert transformer["hash"]["pin"]["revision"] is None
    assert transformer["misfits"] == []


def test_without_a_path_it_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "verify"]) == 2
    assert "DIR" in capsys.readouterr().err
