"""docs/grpc.md: its example runs, and its table of errors is the one that is used."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from rpc_rig import rpc_rig

from integrations.rpc.server import RpcSettings
from integrations.rpc.statuses import BY_HTTP_STATUS

TEXT = (Path(__file__).parents[3] / "docs/grpc.md").read_text(encoding="utf-8")


def test_the_example_runs_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    with rpc_rig() as rig:
        here = example.replace("127.0.0.1:50051", f"127.0.0.1:{rig.server.port}")
        assert here != example
        exec(compile(here, "docs/grpc.md", "exec"), {"key": "a-key"})
    data = (tmp_path / "cue.s16le").read_bytes()
    assert len(data) == 60 * 48_000 * 4
    assert f"composer {hashlib.sha256(data).hexdigest()}" in capsys.readouterr().out


def test_the_table_of_errors_is_the_one_that_is_used() -> None:
    rows = re.findall(r"^\| (\d{3}[^|]*) \| `(\w+)`", TEXT, re.MULTILINE)
    told = {int(status): code for statuses, code in rows for status in re.findall(r"\b\d{3}\b", statuses)}
    assert told == {status: code.name for status, code in BY_HTTP_STATUS.items()}


def test_the_limits_are_those_of_the_settings() -> None:
    settings = RpcSettings()
    assert f"| cues composed at once | {settings.at_once} |" in TEXT
    assert f"| {settings.longest_call_s / 60:.0f} min |" in TEXT
    assert f"a cue at most {settings.longest_cue_s:g} s" in TEXT
    assert f"at most {settings.request_bytes // 1024} KiB" in TEXT
