"""`cuesmith models list`, `download` and `verify NAME`, against a hub on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ace_step_checkpoints import tiny_checkpoint
from published import tiny_model
from range_server import RangeServer, closed_port, range_server

from integrations.cli.main import run
from pipeline.models import catalogue

Printed = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which nothing is, and no settings but its models folder."""
    for name in ("HF_HOME", "HF_HUB_CACHE", "CUESMITH_CHECKPOINT", "CUESMITH_HUB"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("CUESMITH_MODELS", str(tmp_path / "models"))
    return tmp_path


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[RangeServer]:
    """A hub with one small model, which is on the list."""
    with range_server() as server:
        table = {**catalogue.models(), "tiny": tiny_model(server)}
        monkeypatch.setattr("pipeline.models.catalogue.models", lambda: table)
        monkeypatch.setattr("pipeline.models.check.models", lambda: table)
        monkeypatch.setenv("CUESMITH_HUB", server.address)
        yield server


def test_the_list_says_what_each_is_for_whether_it_is_here_and_its_licence(hub: RangeServer, capsys: Printed) -> None:
    assert run(["models", "list"]) == 0
    printed = capsys.readouterr().out
    for words in ("ViT-B-32", "the default", "0.61 GB", "MIT", "missing", "ace-step-v1", "8.27 GB", "Apache-2.0"):
        assert words in printed


def test_the_list_as_json_holds_the_whole_table(hub: RangeServer, capsys: Printed) -> None:
    run(["models", "download", "tiny"])
    capsys.readouterr()
    assert run(["models", "list", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "cuesmith.models/1"
    rows = {row["name"]: row for row in document["models"]}
    assert rows["tiny"]["state"] == "here"
    assert rows["ViT-B-32"]["state"] == "missing"
    assert rows["ViT-B-32"]["lacking"] == ["open_clip_model.safetensors"]
    assert rows["TinyCLIP-40M"]["files"][-1]["sha256"] is None
    assert rows["TinyCLIP-40M"]["verified"] is False


def test_a_download_ends_with_the_folder_and_says_licence_and_what_was_recorded(
    hub: RangeServer, capsys: Printed, at_home: Path
) -> None:
    assert run(["models", "download", "tiny"]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == str(at_home / "models" / "tiny")
    words = " ".join(said.err.split())
    assert "licence MIT" in words
    assert "nobody published a hash of config.json" in words
    assert run(["models", "download", "tiny", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["folder"] == str(at_home / "models" / "tiny")


def test_a_name_is_verified_file_by_file(hub: RangeServer, capsys: Printed, at_home: Path) -> None:
    run(["models", "download", "tiny"])
    capsys.readouterr()
    assert run(["models", "verify", "tiny"]) == 0
    printed = capsys.readouterr().out
    for words in (
        "as the table says",
        "as the first download says",
        "75,000 parameters",
        "all files are right",
    ):
        assert words in printed
    (at_home / "models" / "tiny" / "config.json").write_text("{}")
    assert run(["models", "verify", str(at_home / "models" / "tiny"), "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "cuesmith.model-check/1"
    assert not document["is_sound"]
    assert document["files"][1]["verdict"] == "wrong size"


def test_a_name_that_is_not_here_says_which_command_fetches_it(hub: RangeServer, capsys: Printed) -> None:
    assert run(["models", "verify", "ViT-B-32"]) == 2
    assert "`cuesmith models download ViT-B-32` fetches it" in capsys.readouterr().out
    assert run(["models", "verify", "ace-step-v1", "--json"]) == 2
    assert "cuesmith models download ace-step-v1" in json.loads(capsys.readouterr().out)["problem"]


def test_a_begun_download_says_what_is_missing(hub: RangeServer, capsys: Printed, at_home: Path) -> None:
    run(["models", "download", "tiny"])
    (at_home / "models" / "tiny" / "config.json").unlink()
    capsys.readouterr()
    assert run(["models", "verify", "tiny"]) == 2
    assert "missing    config.json: it is not there" in capsys.readouterr().out
    run(["models", "list"])
    assert "tiny                     partial" in capsys.readouterr().out


def test_the_engine_by_its_name_is_explained_tensor_by_tensor(capsys: Printed, at_home: Path) -> None:
    checkpoint = tiny_checkpoint(at_home / "models" / "ace-step-v1")
    assert run(["models", "verify", "ace-step-v1"]) == 0
    by_name = capsys.readouterr().out
    assert "verdict    loads" in by_name
    (checkpoint / "music_vocoder" / "config.json").write_text("")
    assert run(["models", "verify", str(checkpoint)]) == 2
    assert "does not load" in capsys.readouterr().out


def test_without_a_network_it_ends_with_3_and_one_line(
    capsys: Printed, at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUESMITH_HUB", closed_port())
    assert run(["models", "download", "ViT-B-32"]) == 3
    line = capsys.readouterr().err.splitlines()[-1]
    for words in ("cannot be reached", "Check the network", "CUESMITH_HUB"):
        assert words in line
    assert not list((at_home / "models").iterdir())


def test_an_unknown_name_ends_with_2_and_the_names_there_are(capsys: Printed) -> None:
    assert run(["models", "download", "nope"]) == 2
    assert "Choose one of: TinyCLIP-40M" in capsys.readouterr().err


def test_listing_and_fetching_load_neither_torch_nor_a_client_before_it_is_needed() -> None:
    script = """
import sys
from integrations.cli.main import run
import integrations.cli.models
assert not {"torch", "httpx", "numpy"} & set(sys.modules), "at the start"
assert run(["models", "list"]) == 0
assert "torch" not in sys.modules and "httpx" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
