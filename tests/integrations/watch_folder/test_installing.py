"""What `--install-service` prints: read back by the systems' own programs where they are here, and by their rules."""

from __future__ import annotations

import configparser
import os
import plistlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.watch_folder.installing import service, windows_task
from integrations.watch_folder.installing.program import Program
from integrations.watch_folder.installing.service import KINDS, Printed, service_text
from integrations.watch_folder.installing.systemd import printed as systemd_printed
from scoring.errors import InputError, UnknownChoice

SPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
HARD = ("with space", 'quo"te', "apo'strophe", "100%", "%n and %h", "a & b < c", "$HOME ${x}", "back\\slash", "end\\")

# The schema's tables that are sequences, from the published XSD; the others are xs:all, in which order means nothing.
SEQUENCES = {
    "Triggers": ["LogonTrigger"],
    "LogonTrigger": [
        "Enabled",
        "StartBoundary",
        "EndBoundary",
        "Repetition",
        "ExecutionTimeLimit",
        "UserId",
        "Delay",
    ],
    "Principals": ["Principal"],
}
ALLOWED = {
    "Task": {"RegistrationInfo", "Triggers", "Settings", "Data", "Principals", "Actions"},
    "RegistrationInfo": {"URI", "SecurityDescriptor", "Source", "Date", "Author", "Version", "Description"},
    "Principal": {"UserId", "LogonType", "GroupId", "DisplayName", "RunLevel"},
    "Settings": {
        "AllowStartOnDemand",
        "RestartOnFailure",
        "MultipleInstancesPolicy",
        "DisallowStartIfOnBatteries",
        "StopIfGoingOnBatteries",
        "AllowHardTerminate",
        "StartWhenAvailable",
        "NetworkProfileName",
        "RunOnlyIfNetworkAvailable",
        "WakeToRun",
        "Enabled",
        "Hidden",
        "DeleteExpiredTaskAfter",
        "IdleSettings",
        "NetworkSettings",
        "ExecutionTimeLimit",
        "Priority",
        "RunOnlyIfIdle",
    },
    "RestartOnFailure": {"Interval", "Count"},
    "Actions": {"Exec"},
    "Exec": {"Command", "Arguments", "WorkingDirectory"},
}


def made(kind: str, folder: str = "/srv/in", *more: str) -> Printed:
    return service_text(kind, Path(folder), ["watch", folder, "--out", "/srv/out", *more], 60.0)


def unit_of(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


def words_of(line: str) -> list[str]:
    """A command line of a unit, taken apart by the rules of systemd.syntax(7) and systemd.service(5)."""
    words = re.findall(r'"((?:[^"\\]|\\.)*)"(?:\s|$)', line)
    assert " ".join(f'"{word}"' for word in words) == line
    plain = []
    for number, word in enumerate(words):
        data = re.sub(
            rb"\\(x[0-9a-f]{2}|.)",
            lambda found: bytes([int(found[1][1:], 16)]) if found[1].startswith(b"x") else found[1],
            word.encode(),
        ).replace(b"%%", b"%")
        plain.append(os.fsdecode(data.replace(b"$$", b"$") if number else data))
    return plain


@pytest.mark.parametrize("folder", [f"/srv/{name}" for name in HARD])
def test_a_systemd_unit_starts_exactly_the_command(folder: str) -> None:
    unit = unit_of(made("systemd", folder).text)
    command, *rest = words_of(unit["Service"]["ExecStart"])
    assert Path(command).is_absolute()
    assert rest[-4:] == ["watch", folder, "--out", "/srv/out"]


@given(st.lists(st.binary(min_size=1, max_size=30).filter(lambda b: b"\0" not in b), min_size=1, max_size=4))
def test_any_bytes_reach_a_systemd_service_as_they_are(arguments: list[bytes]) -> None:
    command = ("/usr/bin/cuesmith", *map(os.fsdecode, arguments))
    text = systemd_printed(Program("x", "x", command, 90.0))[0]
    assert text.isascii()
    assert tuple(words_of(unit_of(text)["Service"]["ExecStart"])) == command


@pytest.mark.parametrize("name", ["plain", *(name for name in HARD if name != "end\\"), "dollar$$", "é"])
def test_systemd_itself_finds_the_unit_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    program = tmp_path / name / "cuesmith"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(service, "_command", lambda: (str(program),))
    unit = tmp_path / "cuesmith-watch.service"
    unit.write_text(made("systemd", f"/srv/{name}").text, encoding="utf-8")
    here = {**os.environ, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", "--man=no", str(unit)], capture_output=True, text=True, env=here
    )
    told = [line for line in done.stderr.splitlines() if "cuesmith" in line]
    assert told == []
    if set(name) & set("'\"\\"):
        return  # a shell starts it, which systemd looks at in its place
    program.chmod(0o644)  # it did look at the program by its name
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", "--man=no", str(unit)], capture_output=True, text=True, env=here
    )
    assert "not executable" in done.stderr


@pytest.mark.parametrize("name", HARD)
def test_a_program_in_a_folder_of_any_name_is_started_with_its_arguments(tmp_path: Path, name: str) -> None:
    program = tmp_path / name / "cuesmith"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    text = systemd_printed(Program("x", "x", (str(program), "watch", name, "$HOME"), 90.0))[0]
    told = subprocess.check_output(words_of(unit_of(text)["Service"]["ExecStart"]), text=True)
    assert told.splitlines() == ["watch", name, "$HOME"]


def test_a_unit_gives_the_workers_time_to_stop_and_starts_again_after_a_failure() -> None:
    unit = unit_of(made("systemd").text)
    settings = unit["Service"]
    assert float(settings["TimeoutStopSec"]) > 60.0
    assert (settings["Type"], settings["Restart"], settings["KillMode"]) == ("exec", "on-failure", "mixed")
    assert unit["Install"]["WantedBy"] == "default.target"


@pytest.mark.parametrize("folder", [f"/srv/{name}" for name in (*HARD, "日本", "\N{CLAPPER BOARD}")])
def test_a_plist_starts_exactly_the_command(folder: str) -> None:
    plist = plistlib.loads(made("launchd", folder).text.encode("utf-8"))
    assert plist["ProgramArguments"][-4:] == ["watch", folder, "--out", "/srv/out"]
    assert Path(plist["ProgramArguments"][0]).is_absolute()
    assert plist["ExitTimeOut"] > 60
    assert plist["KeepAlive"] == {"SuccessfulExit": False}
    assert Path(plist["StandardErrorPath"]).is_absolute()


@pytest.mark.parametrize("kind", ["launchd", "windows"])
@pytest.mark.parametrize("folder", ["/srv/new\nline", "/srv/\udcff", "/srv/\x07"])
def test_a_path_that_xml_cannot_hold_is_refused(kind: str, folder: str) -> None:
    with pytest.raises(InputError, match="cannot hold"):
        made(kind, folder)


@pytest.mark.parametrize("folder", ["D:\\%TEMP% films", "D:\\$(Arg0)"])
def test_a_path_that_the_task_scheduler_would_change_is_refused(folder: str) -> None:
    with pytest.raises(InputError, match="variable"):
        made("windows", folder)


def check_order(element: ElementTree.Element) -> None:
    name = element.tag.removeprefix(SPACE)
    inside = [child.tag.removeprefix(SPACE) for child in element]
    assert len(set(inside)) == len(inside)
    if name in SEQUENCES:
        assert inside == sorted(inside, key=SEQUENCES[name].index)
    elif inside:
        assert set(inside) <= ALLOWED[name]
    for child in element:
        check_order(child)


@pytest.mark.parametrize("user", [{}, {"USERDOMAIN": "STUDIO", "USERNAME": "Ann & Bo"}])
def test_a_windows_task_follows_the_schema(monkeypatch: pytest.MonkeyPatch, user: dict[str, str]) -> None:
    for name, value in user.items():
        monkeypatch.setenv(name, value)
    root = ElementTree.fromstring(made("windows", "D:\\films & more").text)
    assert root.tag == f"{SPACE}Task"
    check_order(root)
    principal = root.find(f"{SPACE}Principals/{SPACE}Principal")
    actions = root.find(f"{SPACE}Actions")
    assert principal is not None
    assert actions is not None
    assert principal.get("id") == actions.get("Context")
    told = root.findtext(f"{SPACE}Triggers/{SPACE}LogonTrigger/{SPACE}UserId")
    assert told == ("STUDIO\\Ann & Bo" if user else None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "cp437"])
def test_a_windows_task_reads_the_same_however_a_console_writes_it(encoding: str) -> None:
    text = made("windows", "D:\\Ausgänge\\日本").text
    assert "encoding" not in text.splitlines()[0]
    root = ElementTree.fromstring(text.encode(encoding))
    arguments = root.findtext(f"{SPACE}Actions/{SPACE}Exec/{SPACE}Arguments")
    assert arguments is not None
    assert "D:\\Ausgänge\\日本" in arguments


@given(st.lists(st.text(st.sampled_from('a"\\ \t%é'), max_size=12), min_size=1, max_size=4))
def test_words_are_quoted_as_the_standard_library_quotes_them_for_windows(arguments: list[str]) -> None:
    assert " ".join(map(windows_task.quoted, arguments)) == subprocess.list2cmdline(arguments)


def test_each_folder_has_a_service_of_its_own_and_always_the_same() -> None:
    names = {made("systemd", folder).path for folder in ("/a/in", "/b/in", "/srv/日本", "/")}
    assert len(names) == 4
    assert made("systemd", "/a/in").path == made("systemd", "/a/in").path
    assert all(re.fullmatch(r"~/\.config/systemd/user/cuesmith-watch-[a-z0-9-]+\.service", name) for name in names)


def test_the_command_is_this_installations_own() -> None:
    command = service._command()
    assert Path(command[0]).is_absolute()
    assert Path(command[0]).parent == Path(sys.executable).parent
    told = subprocess.check_output([*command, "--help"], text=True)
    assert "Usage: cuesmith" in told


def test_settings_of_the_shell_are_named_and_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUESMITH_DATABASE_URL", "postgresql://user:secret@host/db")
    for kind in KINDS:
        found = made(kind)
        assert any("CUESMITH_DATABASE_URL" in note for note in found.notes)
        assert "secret" not in found.text + "".join(found.notes)
        assert len(found.commands) == 2


def test_another_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownChoice, match="auto, launchd, systemd, windows"):
        made("upstart")
    assert made("auto").kind in KINDS
