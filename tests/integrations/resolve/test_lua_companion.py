"""The script in the closed-in Lua of the free edition from 21.1 on, and the companion that does what it may not."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from fake_resolve import FakeProgram, Quirks, paint_boxes
from hypothesis import given
from hypothesis import strategies as st
from lua_resolve import RUNTIMES, LuaHost
from lua_stage import LuaStage
from small_service import small_service

from integrations.resolve.companion import attending
from integrations.resolve.companion.desk import Desk
from integrations.resolve.companion.mailbox import Mailbox, Request
from integrations.resolve.companion.options import companion_options
from integrations.resolve.installing.place import Place
from integrations.resolve.lua_text import lua_string
from scoring.errors import InputError


def night_train() -> FakeProgram:
    program = FakeProgram(Quirks(edition="free_21_1"))
    program.world.paints = paint_boxes
    program.open_timeline("25")
    program.shots(50, 75)
    program.mark(40)
    return program


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_closed_in_lua_leaves_what_the_open_one_leaves(runtime: str, tmp_path: Path) -> None:
    closed, opened = night_train(), night_train()
    with small_service(polls=1, ducks=({"start_s": 1.0, "end_s": 1.8, "depth_db": -9.0},)) as service:
        for name in ("open", "closed"):
            (tmp_path / name).mkdir()
        free = LuaStage(tmp_path / "open", service.address, runtime)
        free.run(opened, stems=True)
        stage = LuaStage(tmp_path / "closed", service.address, runtime, closed_in=True)
        with stage.companion() as shown:
            assert "the project is saved" in stage.run(closed, stems=True)
        assert shown == stage.said
        assert [t.name for t in closed.timeline.tracks["audio"]] == [t.name for t in opened.timeline.tracks["audio"]]
        assert sorted(closed.timeline.markers) == sorted(opened.timeline.markers)
        assert service.orders[0]["texts"] == service.orders[1]["texts"]
    assert 'CuesmithRequest = ""' in stage.preferences.read_text()
    assert stage.key not in stage.preferences.read_text()
    assert stage.key not in (stage.data / "resolve" / "answer.lua").read_text()


def test_what_it_may_not_use_it_does_not_need(tmp_path: Path) -> None:
    host = LuaHost("luajit21", True, tmp_path / "Fusion.prefs")
    for name in ("io", "require", "package", "debug"):
        assert host.globals[name] is None
    assert host.globals.os.execute is None
    assert host.room("shell").is_here() is False


def test_without_a_companion_it_says_which_command_starts_one(tmp_path: Path) -> None:
    stage = LuaStage(tmp_path, "http://127.0.0.1:9", closed_in=True)
    host = LuaHost("luajit21", True, stage.preferences)
    clock = iter(range(10**6))
    host.globals.bmd.gettime = lambda: float(next(clock))
    line = stage.run(night_train(), host=host)
    assert line == (
        "The companion does not answer. Start `cuesmith resolve companion` in a terminal, leave it open, and run again."
    )


def test_a_companion_that_goes_away_costs_the_user_nothing(tmp_path: Path) -> None:
    program = night_train()
    before = program.everything()
    with small_service() as service:
        stage = LuaStage(tmp_path, service.address, closed_in=True)
        host = LuaHost("luajit21", True, stage.preferences)
        running = stage.companion()
        running.__enter__()
        clock = iter(range(10**9))
        gone: list[bool] = []

        def wait() -> None:
            if service.uploads and not gone:
                gone.append(True)
                running.__exit__(None, None, None)
                host.globals.bmd.gettime = lambda: float(next(clock))

        host.on_wait = wait
        line = stage.run(program, host=host)
    assert line.startswith("The companion went away. Start `cuesmith resolve companion`")
    after = program.everything()
    assert after["page"] == before["page"]
    assert after["project"].timelines == before["project"].timelines
    assert after["project"].jobs == []


def test_an_edition_that_keeps_no_preferences_is_told_what_else_there_is(tmp_path: Path) -> None:
    stage = LuaStage(tmp_path, "http://127.0.0.1:9")
    line = stage.run(night_train(), host=LuaHost("luajit21", True, None))
    assert line.startswith(
        "This edition lets a script neither start programs nor keep preferences. Score the film with"
    )


def test_what_the_service_refuses_arrives_in_its_words(tmp_path: Path) -> None:
    problem = {"detail": "the tenant has 1000 jobs waiting", "advice": "Wait until some have ended", "code": "conflict"}
    with small_service(problem=(403, problem)) as service:
        stage = LuaStage(tmp_path, service.address, closed_in=True)
        with stage.companion():
            assert stage.run(night_train()) == "the tenant has 1000 jobs waiting. Wait until some have ended."


def test_wrong_options_are_named_by_the_companion_too(tmp_path: Path) -> None:
    stage = LuaStage(tmp_path, "http://127.0.0.1:9", closed_in=True)
    with stage.companion() as shown:
        line = stage.run(night_train(), loud=True)
    assert 'has an option "loud" that is not known' in line
    assert shown[-1] == line


def test_a_long_piece_of_work_gives_signs_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attending, "BEAT_S", 0.02)
    beats: list[int] = []
    monkeypatch.setattr(Mailbox, "beat", lambda self, request, number: beats.append(number))
    slow = Desk.do
    monkeypatch.setattr(Desk, "do", lambda self, request: (time.sleep(0.1), slow(self, request))[1])
    stage = LuaStage(tmp_path, "http://127.0.0.1:9", closed_in=True)
    with stage.companion():
        stage.run(night_train(), loud=True)
    assert beats[:2] == [1, 2]


def test_a_request_longer_than_a_part_arrives_whole(tmp_path: Path) -> None:
    with small_service() as service:
        stage = LuaStage(tmp_path, service.address, closed_in=True)
        program = night_train()
        for offset in range(0, 120, 2):
            program.mark(offset, note="läng " * 1000)
        with stage.companion():
            assert "the project is saved" in stage.run(program)
        (order,) = service.orders
        assert len(json.loads(order["texts"]["edit"])["marks"]) == 60
        assert len(order["texts"]["edit"]) > 300_000


# The desk and the mailbox alone ------------------------------------------------------------------------


def desk_at(root: Path, **options: Any) -> Desk:
    path = root / "cuesmith.json"
    path.write_text(json.dumps(options))
    return Desk(lambda: companion_options(path, root), path.read_text, lambda line: None, root / "films", root)


def ask(op: str, **arguments: Any) -> Request:
    return Request("r-1", op, arguments, time.time())


@pytest.mark.parametrize("op", ["read", "write", "remove", "make_folder"])
@pytest.mark.parametrize("path", ["../outside.txt", "/etc/passwd", "films/../../outside.txt"])
def test_files_are_read_and_written_in_the_folder_of_films_alone(op: str, path: str, tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    outside = tmp_path / "outside.txt"
    outside.write_text("theirs")
    with pytest.raises(InputError, match="The companion writes nowhere else"):
        desk.do(ask(op, path=str((tmp_path / "films" / path) if not path.startswith("/") else path), text="x"))
    assert outside.read_text() == "theirs"


def test_a_link_out_of_the_folder_of_films_is_not_followed(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "out").symlink_to(tmp_path)
    with pytest.raises(InputError, match="nowhere else"):
        desk.do(ask("write", path=str(tmp_path / "films" / "out" / "x.txt"), text="x"))


@pytest.mark.parametrize("request_", [ask("format_disk"), ask("size"), ask("document", path="/v1/webhooks")])
def test_what_is_not_among_its_duties_is_refused(request_: Request, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Run `cuesmith resolve install` again"):
        desk_at(tmp_path).do(request_)


def put(path: Path, value: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".new")
    aside.write_text(f'{{\n\tGlobal = {{ Cuesmith = {{ CuesmithRequest = "{value}", }}, }},\n}}\n')
    aside.replace(path)


def letter(name: str, at_s: float, part: str = "1/1") -> str:
    document = {"op": "hello", "at_s": at_s, "arguments": {}}
    return f"{name}:{part}:{json.dumps(document).encode().hex()}"


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    (tmp_path / "desk").mkdir()
    return Mailbox((Place("here", "you", tmp_path, str(tmp_path / "*" / "Fusion.prefs")),), tmp_path / "desk")


def test_a_request_is_taken_once_from_whichever_profile_it_is_in(mailbox: Mailbox, tmp_path: Path) -> None:
    put(tmp_path / "Default" / "Fusion.prefs", "")
    put(tmp_path / "Colour" / "Fusion.prefs", letter("a-1", time.time()))
    found = mailbox.collect()
    assert found is not None
    assert (found.id, found.op) == ("a-1", "hello")
    os.utime(tmp_path / "Colour" / "Fusion.prefs")  # the program saves its preferences for reasons of its own
    assert mailbox.collect() is None


def test_what_was_left_before_anybody_listened_is_not_answered(mailbox: Mailbox, tmp_path: Path) -> None:
    put(tmp_path / "Default" / "Fusion.prefs", letter("a-1", time.time() - 3600))
    assert mailbox.collect() is None


@given(st.binary(max_size=200) | st.sampled_from([b'CuesmithRequest = "a:1/1:7b', b'CuesmithRequest = "a:9/1:7b7d"']))
def test_whatever_lies_in_the_preferences_is_no_request(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("prefs")
    (folder / "Fusion.prefs").write_bytes(data)
    box = Mailbox((Place("here", "you", folder, str(folder.parent / "*" / "Fusion.prefs")),), folder)
    assert box.collect() is None


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_answer_is_read_by_lua_as_it_was_written(text: str) -> None:
    for runtime in ("lua51", "luajit21"):
        assert LuaHost(runtime).lua.eval(lua_string(text)) == text
