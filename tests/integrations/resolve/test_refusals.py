"""What a person can mend is one line with the fix, and the timeline is as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_resolve import FakeProgram, Quirks, paint_boxes, rows_of
from resolve_script import load_script, write_options
from service_rig import free_port
from small_service import SmallService


@pytest.fixture
def told(service: SmallService, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """The last line that the script says when the menu runs it."""

    def run(program: FakeProgram, server: str | None = None, key: str | None = None, **options: Any) -> str:
        script = load_script()
        path = write_options(tmp_path, server or service.address, **options)
        if key is not None:
            (tmp_path / "key.txt").write_text(key)
        (tmp_path / "cuesmith.py").touch()
        script.main(program.resolve, None, str(path.parent / "cuesmith.py"))
        lines = capsys.readouterr().out.splitlines()
        assert all(line.startswith("Cuesmith: ") for line in lines), lines
        return lines[-1].removeprefix("Cuesmith: ")

    return run


def test_no_project_and_no_timeline(told: Callable[..., str]) -> None:
    program = FakeProgram()
    assert told(program) == "No project is open. Open one and run again."
    program.open_project()
    assert told(program) == "No timeline is open. Open one and run again."


def test_nothing_on_the_timeline(told: Callable[..., str]) -> None:
    program = FakeProgram()
    program.open_timeline("25")
    assert told(program) == "The timeline has no picture. Put a clip on it and run again."
    program.put(program.clip("voice.wav"), 0, 100, kind="audio")
    assert told(program) == "The timeline has no picture. Put a clip on it and run again."


def test_a_range_outside(told: Callable[..., str], program: FakeProgram) -> None:
    program.timeline.marks = {"video": {"in": 500, "out": 900}}
    assert told(program) == "The marked range holds nothing of the timeline. Set In and Out anew and run again."


def test_a_version_that_is_too_old(
    told: Callable[..., str], program: FakeProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fake_resolve.world import World

    monkeypatch.setattr(World, "version", (17, 4, 6, 4, ""))
    assert told(program) == "DaVinci Resolve Studio 17 is too old for this script. Version 18 or later is needed."


def test_no_service(told: Callable[..., str], program: FakeProgram) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    line = told(program, server=address)
    assert line.startswith(f"the Cuesmith service does not answer at {address} (")
    assert line.endswith("Start it with `cuesmith serve`, and run again.")
    assert "AddRenderJob" not in [method for _, method, _ in program.world.calls], "it is said before a long render"


@pytest.mark.parametrize("server", ["ftp://x", "127.0.0.1:8080", "http://", "http://x:y", "http://x/path"])
def test_an_address_that_is_none(told: Callable[..., str], program: FakeProgram, server: str) -> None:
    assert told(program, server=server).startswith(f'the server is "{server}". Write it as')


def test_a_key_that_is_refused(told: Callable[..., str], program: FakeProgram, tmp_path: Path) -> None:
    assert told(program, key="csk_other").startswith(f"the service refuses the key in {tmp_path / 'key.txt'}. ")


def test_a_refusal_of_the_services_is_passed_on(
    told: Callable[..., str], program: FakeProgram, service: SmallService
) -> None:
    service.problem = (507, {"detail": "the disk is\nfull", "advice": "Make room"})
    assert told(program) == "the disk is full. Make room"


def test_what_is_no_service_of_ours(told: Callable[..., str], program: FakeProgram, service: SmallService) -> None:
    service.problem = (404, {"error": "nothing here"})
    assert told(program).startswith(f"{service.address} answers with status 404. Is this the address")


def test_a_service_that_is_too_old(told: Callable[..., str], program: FakeProgram, service: SmallService) -> None:
    service.has_music = False
    assert told(program).endswith("has no film.music.wav. The service is older than this script: update it.")


def test_a_dialogue_behind_which_nothing_works(told: Callable[..., str]) -> None:
    program = FakeProgram(Quirks(edition="free_19_1"))
    program.world.paints = paint_boxes
    program.open_timeline("25")
    program.shots(50, 75)
    before = rows_of(program)
    program.world.modal = True
    line = told(program)
    assert line.count(". ") == 1
    assert rows_of(program) == before


def test_what_was_not_foreseen_is_said_too(
    told: Callable[..., str], program: FakeProgram, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from fake_resolve.timeline import Timeline

    before = rows_of(program)
    monkeypatch.setattr(Timeline, "GetSetting", lambda *_: [][0])
    line = told(program)
    assert line.startswith("this was not foreseen: IndexError(")
    assert rows_of(program) == before
