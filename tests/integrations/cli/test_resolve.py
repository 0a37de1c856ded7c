"""`cuesmith resolve`, as it is typed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from range_server import closed_port
from service_rig import Rig, rig, until
from typer.testing import CliRunner, Result

from integrations.cli.resolve import app
from integrations.host.parts import KEY_FILE
from scoring.errors import InputError, OutputRefused

SCRIPTS = ".local/share/DaVinciResolve/Fusion/Scripts/Utility"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of a Linux machine, with nothing in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CUESMITH_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("sys.platform", "linux")
    return tmp_path


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rig, str]]:
    with rig(tmp_path_factory.mktemp("service")) as made:
        yield made, made.api(workers=1)[1]


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def answered(*words: str) -> Any:
    result = typed(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def findings(result: Result) -> dict[str, tuple[str, str]]:
    return {row["name"]: (row["state"], row["found"]) for row in json.loads(result.stdout)["findings"]}


def test_install_where_and_remove_go_together(home: Path) -> None:
    names = ["cuesmith.lua", "cuesmith.py", "cuesmith.json"]
    put = answered("install")["files"]
    assert [(row["path"], row["deed"]) for row in put] == [(str(home / SCRIPTS / name), "put") for name in names]
    where = answered("where")["files"]
    assert [(row["whose"], row["state"]) for row in where] == [("you", "current")] * 3
    lua = (home / SCRIPTS / "cuesmith.lua").read_text()
    assert f'data = "{home}/data"' in lua
    assert [row["deed"] for row in answered("remove")["files"]] == ["removed"] * 3
    assert {row["state"] for row in answered("where")["files"]} == {"missing"}


def test_people_are_told_what_was_put_where_and_what_to_do_next(home: Path) -> None:
    result = typed("install", "--only", "lua")
    assert f"put            {home / SCRIPTS / 'cuesmith.lua'}" in result.stdout
    assert "Workspace > Scripts > cuesmith" in result.stdout
    assert "cuesmith.py" not in result.stdout
    assert f"missing you        {home / SCRIPTS / 'cuesmith.py'}" in typed("where").stdout
    (home / SCRIPTS / "cuesmith.json").write_text("{}")
    assert "cuesmith.json (it has your settings)" in typed("remove").stdout


def test_a_folder_of_ones_own_choice_is_taken(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere" / "Edit"
    answered("install", "--into", str(folder))
    assert (folder / "cuesmith.py").is_file()
    assert not (home / SCRIPTS).exists()
    assert {row["state"] for row in answered("where", "--into", str(folder))["files"]} == {"current"}
    answered("remove", "--into", str(folder))
    assert list(folder.iterdir()) == []


def test_scripts_for_everybody_name_nobodys_folders(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    answered("install", "--all-users", "--into", str(folder))
    for name in ("cuesmith.lua", "cuesmith.py"):
        assert str(home / "data") not in (folder / name).read_text()


def test_somebody_elses_file_is_refused_by_name(home: Path) -> None:
    (home / SCRIPTS).mkdir(parents=True)
    (home / SCRIPTS / "cuesmith.lua").write_text("-- mine")
    with pytest.raises(OutputRefused, match="Move it away, and install again"):
        typed("install")


def test_check_says_what_is_missing_and_how_to_mend_it(home: Path) -> None:
    result = typed("check")
    assert result.exit_code == 3
    assert "missing scripts" in result.stdout
    assert "→ Run `cuesmith resolve install`" in result.stdout
    assert "there is no API key to be read in" in result.stdout


def test_check_finds_a_service_that_does_not_answer(home: Path) -> None:
    typed("install")
    (home / "data").mkdir()
    (home / "data" / KEY_FILE).write_text("csk_some\n")
    (home / SCRIPTS / "cuesmith.json").write_text(json.dumps({"server": closed_port()}))
    result = typed("check", "--json")
    found = findings(result)
    assert result.exit_code == 3
    assert found["scripts"][0] == found["key"][0] == "ok"
    assert found["service"][0] == "missing"


def test_check_is_content_with_a_service_that_runs(home: Path, service: tuple[Rig, str]) -> None:
    typed("install")
    made, address = service
    options = {"server": address, "key_file": str(made.settings.data / KEY_FILE)}
    (home / SCRIPTS / "cuesmith.json").write_text(json.dumps(options))
    result = typed("check", "--json")
    found = findings(result)
    assert result.exit_code == 0, result.stdout
    assert found["service"] == ("ok", f"{address} is ready")
    assert found["key at the service"] == ("ok", "accepted")
    assert found["ffmpeg"][0] == "ok"


def test_check_finds_a_key_that_is_not_good(home: Path, service: tuple[Rig, str]) -> None:
    typed("install")
    (home / "key.txt").write_text("csk_of_nobody\n")
    options = {"server": service[1], "key_file": str(home / "key.txt")}
    (home / SCRIPTS / "cuesmith.json").write_text(json.dumps(options))
    result = typed("check")
    assert result.exit_code == 3
    assert "missing service" in result.stdout


def test_check_names_an_option_that_is_wrong(home: Path) -> None:
    typed("install")
    (home / SCRIPTS / "cuesmith.json").write_text('{"sterns": true}')
    assert 'has an option "sterns" that is not known' in typed("check").stdout


def test_the_companion_answers_until_it_is_stopped(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preferences = home / ".local/share/DaVinciResolve/Fusion/Profiles/Default/Fusion.prefs"
    preferences.parent.mkdir(parents=True)
    document = {"op": "hello", "at_s": time.time(), "arguments": {}}
    text = f'CuesmithRequest = "r-1:1/1:{json.dumps(document).encode().hex()}"'
    answer = home / "data" / "resolve" / "answer.lua"
    typed("install")

    def stop_when_answered(_: float) -> None:
        preferences.write_text(text)
        if answer.is_file():
            raise KeyboardInterrupt

    monkeypatch.setattr("integrations.resolve.companion.attending.sleep", stop_when_answered)
    result = typed("companion")
    assert f"options in {home / SCRIPTS / 'cuesmith.json'}" in result.stdout
    assert 'id = "r-1", state = "done"' in answer.read_text()
    assert (answer.parent.stat().st_mode & 0o777) == 0o700


def test_a_service_can_be_the_companion_too(tmp_path: Path) -> None:
    preferences = tmp_path / ".local/share/DaVinciResolve/Fusion/Profiles/Default/Fusion.prefs"
    preferences.parent.mkdir(parents=True)
    with rig(tmp_path / "service") as made:
        process, _ = made.api(0, "--resolve", HOME=str(tmp_path))
        answer = made.settings.data / "resolve" / "answer.lua"
        document = {"op": "hello", "at_s": time.time(), "arguments": {}}
        preferences.write_text(f'CuesmithRequest = "r-2:1/1:{json.dumps(document).encode().hex()}"')
        until(answer.is_file, 30, "an answer")
        assert 'id = "r-2", state = "done"' in answer.read_text()
        process.popen.terminate()
        assert process.popen.wait(30) == 0


def test_the_companion_says_what_it_needs_where_the_services_packages_are_missing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.cli.extras.find_spec", lambda name: None)
    with pytest.raises(InputError, match="structlog") as caught:
        typed("companion")
    assert "cuesmith[service]" in caught.value.advice
