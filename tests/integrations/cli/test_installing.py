"""`cuesmith watch … --install-service`: the text alone on stdout, advice on stderr, nothing installed."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from integrations.cli.installing import print_service
from scoring.errors import ConfigError, UnknownChoice


def test_the_text_is_on_stdout_and_what_to_do_with_it_on_stderr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUESMITH_GRACE_S", "100")
    Path("in").mkdir()
    Path("w.toml").write_text("[score]\nstyle = 'ambient'\n", encoding="utf-8")
    print_service("launchd", Path("in"), Path("out"), config=Path("w.toml"), workers=2, poll=0.5)
    told = capsys.readouterr()
    plist = plistlib.loads(told.out.encode("utf-8"))
    arguments = plist["ProgramArguments"]
    assert arguments[arguments.index("watch") :] == [
        *("watch", f"{tmp_path}/in", "--out", f"{tmp_path}/out"),
        *("--config", f"{tmp_path}/w.toml", "--workers", "2", "--poll", "0.5"),
    ]
    assert plist["ExitTimeOut"] > 100
    assert "put this into ~/Library/LaunchAgents/" in told.err
    assert "launchctl bootstrap" in told.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "w.toml"]


def test_a_watch_that_would_not_start_is_refused_before_anything_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "watch.toml").write_text("[score]\nstile = 1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="stile = 1 is not known"):
        print_service("auto", tmp_path, tmp_path / "out", config=None, workers=None, poll=None)
    (tmp_path / "watch.toml").unlink()
    with pytest.raises(UnknownChoice, match="upstart"):
        print_service("upstart", tmp_path, tmp_path / "out", config=None, workers=None, poll=None)
    assert capsys.readouterr().out == ""
