"""The script's own HTTP and files where Lua may start programs: curl against a service, hostile names, a plain Lua."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fake_resolve import FakeProgram, media_file, paint, paint_boxes
from films import plain_film
from hypothesis import given
from hypothesis import strategies as st
from lua_resolve import SCRIPTS, LuaHost
from lua_stage import LuaStage
from range_server import closed_port
from small_service import small_service

from integrations.resolve.installing.text import Stamp, script_text
from integrations.resolve.script.boxes import film_of
from integrations.resolve.script.facts import rate_of
from integrations.resolve.script.options import safe_name
from integrations.resolve.script.placing import source_frames

HOSTILE = ["with space", "it's", '"quoted"', "100% %PATH%", "ünï 名前", "$HOME `id` $(id)", "[1]{a,b}", "a;b,c&d"]
LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Zs", "Co", "Cn"])
SPOKEN = st.sampled_from(["23.976", "29.97 DF", "59.94", "47.952", "24", "119.88"])
PLAIN = st.sampled_from(["23.976", "24", "25", "29.97", "59.94", "60"])


def one_clip(path: str) -> FakeProgram:
    """A timeline that is one clip."""
    program = FakeProgram()
    program.world.paints = paint_boxes
    program.open_timeline("25")
    clip = program.clip("A001.mov", 100, path=path)
    for kind in ("video", "audio"):
        program.put(clip, 0, 100, kind=kind)
    return program


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_of_the_film_the_project_and_every_folder_does_no_harm(name: str, tmp_path: Path) -> None:
    root = tmp_path / name
    root.mkdir()
    path = media_file(root, f"{name}.mov")
    with small_service() as service:
        program = one_clip(path)
        assert program.world.project is not None
        program.world.project.name = program.timeline.name = name
        stage = LuaStage(root, service.address)
        assert "the project is saved" in stage.run(program)
        assert list(service.uploads.values()) == [Path(path).read_bytes()]
        (clip,) = program.track("Cuesmith").items
        assert clip.clip is not None
        assert Path(clip.clip.path).is_relative_to(stage.films / safe_name(name))
    assert {entry.name for entry in root.iterdir()} == {f"{name}.mov", "data", "prefs", "films", "cuesmith.json"}


def test_nothing_of_a_conversation_is_left_and_nobody_else_may_look_into_it(tmp_path: Path) -> None:
    seen: list[tuple[int, list[str]]] = []
    with small_service(polls=1) as service:
        stage = LuaStage(tmp_path, service.address)
        private = stage.data / "resolve"

        def look() -> None:
            seen.append((private.stat().st_mode & 0o777, [path.name for path in private.iterdir()]))

        host = LuaHost(environment={"PATH": os.environ["PATH"]}, on_wait=look)
        stage.run(one_clip(media_file(tmp_path)), host=host)
    assert seen
    assert all(mode == 0o700 and not names for mode, names in seen)
    assert list(private.iterdir()) == []


def test_the_key_is_in_no_list_of_processes(tmp_path: Path) -> None:
    spy = tmp_path / "bin" / "curl"
    spy.parent.mkdir()
    real, told = shutil.which("curl"), tmp_path / "told.txt"
    spy.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> "{told}"\nexec "{real}" "$@"\n')
    spy.chmod(0o755)
    with small_service() as service:
        stage = LuaStage(tmp_path, service.address)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", f"{spy.parent}:{os.environ['PATH']}")
            assert "the project is saved" in stage.run(one_clip(media_file(tmp_path)))
    lines = told.read_text().splitlines()
    assert lines
    assert all(line.startswith("-q -K ") and stage.key not in line for line in lines)


def test_a_film_is_carried_on_where_the_connection_broke(tmp_path: Path) -> None:
    path = tmp_path / "A001.mov"
    path.write_bytes(bytes(range(256)) * 4096)
    with small_service(cuts_after=300_000) as service:
        assert "the project is saved" in LuaStage(tmp_path, service.address).run(one_clip(str(path)))
        assert list(service.uploads.values()) == [path.read_bytes()]
        methods = [method for method, at in service.asked if at.startswith("/v1/uploads")]
        assert methods == ["POST", "PATCH", "HEAD", "PATCH", "GET"]


def test_a_refused_key_is_said_with_its_file(tmp_path: Path) -> None:
    with small_service() as service:
        stage = LuaStage(tmp_path, service.address, key="csk_wrong")
        line = stage.run(one_clip(media_file(tmp_path)))
    assert line == (
        f"the service refuses the key in {stage.data / 'local.key'}. Start `cuesmith serve` on this machine, or name a "
        "file with a good key as key_file."
    )


@pytest.mark.parametrize("text", [None, "", "two words\n", "ümlaut"])
def test_a_missing_or_broken_key_is_said_before_anything_else(text: str | None, tmp_path: Path) -> None:
    with small_service() as service:
        stage = LuaStage(tmp_path, service.address)
        key = stage.data / "local.key"
        key.unlink()
        if text is not None:
            key.write_text(text, encoding="utf-8")
        line = stage.run(one_clip(media_file(tmp_path)))
        assert line.startswith(f"there is no API key to be read in {key}. Start `cuesmith serve` on this machine once")
        assert service.asked == []


def test_a_service_that_is_away_is_said_before_a_long_render(tmp_path: Path) -> None:
    program = FakeProgram()
    program.open_timeline("25")
    program.shots(50, 75)
    server = closed_port()
    line = LuaStage(tmp_path, server).run(program)
    assert line.startswith(f"the Cuesmith service does not answer at {server} (curl: (7)")
    assert line.endswith("Start it with `cuesmith serve`, and run again.")
    assert "StartRendering" not in [name for _, name, _ in program.world.calls]


def test_a_refusal_is_said_in_the_services_own_words(tmp_path: Path) -> None:
    problem = {"detail": "the tenant has 1000 jobs waiting", "advice": "Wait until some have ended"}
    with small_service(problem=(403, problem)) as service:
        line = LuaStage(tmp_path, service.address).run(one_clip(media_file(tmp_path)))
    assert line == "the tenant has 1000 jobs waiting. Wait until some have ended"


def test_without_curl_it_says_so(tmp_path: Path) -> None:
    empty = tmp_path / "bin"
    empty.mkdir()
    for name in ("sh", "mkdir", "chmod", "sleep"):
        (empty / name).symlink_to(str(shutil.which(name)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(empty))
        line = LuaStage(tmp_path, "http://127.0.0.1:9").run(one_clip(media_file(tmp_path)))
    assert line == "curl is not on this machine. Install curl and run again."


def test_an_old_service_without_the_music_is_told_apart(tmp_path: Path) -> None:
    with small_service(has_music=False) as service:
        line = LuaStage(tmp_path, service.address).run(one_clip(media_file(tmp_path)))
    assert line.endswith("has no film.music.wav. The service is older than this script: update it.")


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
def test_sh_reads_a_quoted_word_as_it_was(word: str) -> None:
    quoted = LuaHost("lua51").room("shell").quoted(word, False)
    done = subprocess.run(["sh", "-c", f"printf %s {quoted}"], capture_output=True, check=True)
    assert done.stdout == word.encode()


def test_cmd_is_given_no_word_that_it_could_misread() -> None:
    host = LuaHost("lua51")
    quoted = host.lua.eval("function(f, ...) local ok, e = pcall(f, ...) return ok and e or e.line end")
    shell = host.room("shell")
    assert quoted(shell.quoted, "C:\\Users\\Ann Lee\\x^&(1)", True) == '"C:\\Users\\Ann Lee\\x^&(1)"'
    for word in ("100%PATH%", 'a"b', "a\nb"):
        assert quoted(shell.quoted, word, True).endswith('has a % or a " in its name. Choose another.')


@given(st.text(LETTERS | st.just(" "), max_size=90))
def test_a_folder_has_the_name_that_the_twin_gives_it(name: str) -> None:
    assert LuaHost("lua51").room("options").safe_name(name) == safe_name(name)


@given(SPOKEN | st.integers(1, 300).map(str))
def test_a_rate_is_the_fraction_that_the_twin_reads(text: str) -> None:
    found = LuaHost("lua51").room("facts").rate_of(text)
    assert (found.num, found.den) == (rate_of(text).numerator, rate_of(text).denominator)


@given(st.integers(1, 10_000_000), PLAIN, PLAIN)
def test_a_clip_of_another_rate_is_as_long_as_the_twin_makes_it(frames: int, rate: str, own: str) -> None:
    host = LuaHost("lua51")
    facts, placing = host.room("facts"), host.room("placing")
    found = placing.source_frames(frames, facts.rate_of(rate), facts.rate_of(own))
    assert found == source_frames(frames, rate_of(rate), rate_of(own))


def test_a_films_boxes_are_read_as_the_twin_reads_them(tmp_path: Path) -> None:
    program = FakeProgram()
    timeline = program.open_timeline("25")
    program.shots(50)
    paint_boxes(tmp_path / "boxes.mp4", timeline, timeline.start, 50, True)
    paint(tmp_path / "sound.mp4", timeline, timeline.start, 50, False)
    plain_film(tmp_path / "film.mov", 2.0)
    (tmp_path / "text.mp4").write_text("no film at all")
    (tmp_path / "empty.mp4").touch()
    boxes = LuaHost("lua51").room("boxes")
    for path in sorted(tmp_path.iterdir()):
        twin, ours = film_of(path), boxes(str(path))
        assert (None if ours is None else ours.picture_s) == (None if twin is None else twin.picture_s), path
        assert (ours is None) == (twin is None)


def plain_lua(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on this machine (apt-get install lua5.1 luajit)")
    return found


@pytest.mark.parametrize("compiler", ["luac5.1"])
def test_every_room_and_the_whole_compile(compiler: str, tmp_path: Path) -> None:
    whole = tmp_path / "cuesmith.lua"
    whole.write_text(script_text("lua", Stamp(tmp_path / "cuesmith.json", tmp_path)), encoding="utf-8")
    subprocess.run([plain_lua(compiler), "-p", str(whole)], check=True)


@pytest.mark.parametrize("interpreter", ["lua5.1", "luajit"])
def test_a_plain_lua_runs_it_to_its_one_line(interpreter: str, tmp_path: Path) -> None:
    whole = tmp_path / "cuesmith.lua"
    whole.write_text(script_text("lua", Stamp(tmp_path / "cuesmith.json", tmp_path)), encoding="utf-8")
    done = subprocess.run([plain_lua(interpreter), str(whole)], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "Cuesmith: DaVinci Resolve cannot be reached from here. Run the script from Workspace > Scripts.\n"
    )


def test_no_line_is_longer_than_a_screen_is_wide_and_no_global_is_set() -> None:
    sources = [SCRIPTS / "cuesmith.lua", *(SCRIPTS / "lua").glob("*.lua")]
    for path in sources:
        assert all(len(line) <= 120 for line in path.read_text(encoding="utf-8").splitlines()), path
    host = LuaHost("lua51")
    before: set[Any] = set(host.globals)
    for path in sources[1:]:
        host.room(path.stem)
    assert set(host.globals) == before
