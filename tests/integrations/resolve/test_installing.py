"""The scripts put in place, found again and taken away, on each system; a user's own is never touched."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from fake_resolve import EDITIONS, FakeProgram, Quirks
from hypothesis import given, settings
from hypothesis import strategies as st
from lua_resolve import LuaHost

from integrations.resolve.installing.installation import install, look, remove
from integrations.resolve.installing.place import Place, find_places
from integrations.resolve.installing.text import LANGUAGES, NAMES, OPTIONS, Stamp, is_ours, options_text, script_text
from integrations.resolve.script.options import OPTIONS as KNOWN
from scoring.errors import InputError, OutputRefused

APP_STORE = "Library/Containers/com.blackmagic-design.DaVinciResolveLite"


def places(system: str, home: Path, **environment: str) -> list[str]:
    """Your places, from the home folder on."""
    return [place.scripts.relative_to(home).as_posix() for place in find_places("you", system, environment, home)]


def test_each_system_has_the_place_that_the_programs_manual_names(tmp_path: Path) -> None:
    assert places("darwin", tmp_path) == [
        "Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Utility"
    ]
    assert places("linux", tmp_path) == [".local/share/DaVinciResolve/Fusion/Scripts/Utility"]
    windows = "AppData/Roaming/Blackmagic Design/DaVinci Resolve/Support/Fusion/Scripts/Utility"
    assert places("win32", tmp_path) == [windows]
    assert places("win32", tmp_path, APPDATA=str(tmp_path / "AppData/Roaming")) == [windows]


def test_an_edition_from_the_app_store_is_a_second_place_where_it_is_installed(tmp_path: Path) -> None:
    (tmp_path / APP_STORE).mkdir(parents=True)
    assert places("darwin", tmp_path)[1:] == [f"{APP_STORE}/Data/Library/Application Support/Fusion/Scripts/Utility"]


def test_everybodys_places_are_those_of_the_installation(tmp_path: Path) -> None:
    (mac,) = find_places("everybody", "darwin", {}, tmp_path)
    assert mac.scripts == Path("/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Utility")
    (windows,) = find_places("everybody", "win32", {"PROGRAMDATA": "D:/ProgramData"}, tmp_path)
    assert windows.scripts.as_posix() == "D:/ProgramData/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Utility"


def test_where_the_program_cannot_be_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not run on freebsd14"):
        find_places("you", "freebsd14", {}, tmp_path)
    with pytest.raises(InputError, match="is not in /opt/resolve or /home/resolve"):
        find_places("everybody", "linux", {}, tmp_path)


def test_preferences_of_every_profile_are_found(tmp_path: Path) -> None:
    (place,) = find_places("you", "linux", {}, tmp_path)
    assert place.preference_files() == ()
    for profile in ("Default", "Colour"):
        folder = tmp_path / ".local/share/DaVinciResolve/Fusion/Profiles" / profile
        folder.mkdir(parents=True)
        (folder / "Fusion.prefs").touch()
    assert [path.parent.name for path in place.preference_files()] == ["Colour", "Default"]
    assert Place("x", "everybody", tmp_path).preference_files() == ()


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_edition_is_given_a_script_that_its_menu_lists(edition: str, tmp_path: Path) -> None:
    install(tmp_path, LANGUAGES, tmp_path)
    listed = FakeProgram(Quirks(edition=edition)).listed
    assert [name for name in NAMES.values() if name.endswith(listed)]


def test_what_is_put_is_found_current_and_put_only_once(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "Utility"
    assert [(one.path.name, one.deed) for one in install(folder, LANGUAGES, tmp_path)] == [
        ("cuesmith.lua", "put"),
        ("cuesmith.py", "put"),
        ("cuesmith.json", "put"),
    ]
    assert {one.state for one in look(folder, tmp_path)} == {"current"}
    assert {one.deed for one in install(folder, LANGUAGES, tmp_path)} == {"was there"}
    assert sorted(path.name for path in folder.iterdir()) == sorted([*NAMES.values(), OPTIONS])


def test_one_script_alone_is_put_alone(tmp_path: Path) -> None:
    install(tmp_path, ["lua"], tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cuesmith.json", "cuesmith.lua"]
    assert {one.path.name: one.state for one in look(tmp_path, tmp_path)}["cuesmith.py"] == "missing"


def test_an_older_version_of_ours_is_replaced_and_settings_are_kept(tmp_path: Path) -> None:
    install(tmp_path, ["lua"], tmp_path / "data of before")
    (tmp_path / OPTIONS).write_text('{"stems": true}')
    assert {one.path.name: one.state for one in look(tmp_path, tmp_path)} == {
        "cuesmith.lua": "older", "cuesmith.py": "missing", "cuesmith.json": "edited",
    }  # fmt: skip
    assert [one.deed for one in install(tmp_path, ["lua"], tmp_path)] == ["put", "was there"]
    assert (tmp_path / OPTIONS).read_text() == '{"stems": true}'


@pytest.mark.parametrize("text", ["-- my own script\n", "", "-- cuesmith-resolve 0.1.0 0000\nprint('mine')\n"])
def test_a_file_that_is_not_ours_stops_everything_before_a_byte_is_written(text: str, tmp_path: Path) -> None:
    (tmp_path / "cuesmith.py").write_text(text)
    with pytest.raises(OutputRefused, match=r"cuesmith\.py is not as Cuesmith put it there"):
        install(tmp_path, LANGUAGES, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["cuesmith.py"]


def test_a_script_of_ours_that_was_edited_is_neither_replaced_nor_removed(tmp_path: Path) -> None:
    install(tmp_path, LANGUAGES, tmp_path)
    path = tmp_path / "cuesmith.lua"
    edited = path.read_text().replace("Cuesmith:", "My Cuesmith:")
    path.write_text(edited)
    with pytest.raises(OutputRefused, match="Move it away"):
        install(tmp_path, LANGUAGES, tmp_path)
    assert {one.path.name: one.deed for one in remove(tmp_path)} == {
        "cuesmith.lua": "kept", "cuesmith.py": "removed", "cuesmith.json": "removed",
    }  # fmt: skip
    assert path.read_text() == edited


def test_removing_leaves_settings_and_neighbours(tmp_path: Path) -> None:
    (tmp_path / "other.lua").write_text("-- somebody else's")
    install(tmp_path, LANGUAGES, tmp_path)
    (tmp_path / OPTIONS).write_text('{"style": "lofi"}')
    done = {one.path.name: (one.deed, one.why) for one in remove(tmp_path)}
    assert done["cuesmith.json"] == ("kept", "it has your settings")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cuesmith.json", "other.lua"]
    assert [one.deed for one in remove(tmp_path)] == ["was not there", "was not there", "kept"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputRefused):
        install(tmp_path / "file" / "Utility", LANGUAGES, tmp_path)


def test_the_settings_file_has_every_option_of_both_scripts_with_its_default() -> None:
    document = json.loads(options_text())
    assert document == {name: default for name, (default, _) in KNOWN.items()}
    host = LuaHost("lua51")
    assert json.loads(host.room("json").encode(host.room("options").defaults())) == document


paths = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30)


@settings(max_examples=25, deadline=None)
@given(paths, paths | st.none())
def test_scripts_are_told_where_things_are_whatever_the_paths_hold(options: str, data: str | None) -> None:
    stamp = Stamp(Path("/") / options, None if data is None else Path("/") / data)
    python = script_text("python", stamp)
    (told,) = [
        node.value
        for node in ast.parse(python).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "INSTALLED"
    ]
    expected = {"options": str(stamp.options)} | ({} if stamp.data is None else {"data": str(stamp.data)})
    assert ast.literal_eval(told) == expected
    lua = script_text("lua", stamp)
    line = next(line for line in lua.splitlines() if line.startswith("local installed = "))
    found = LuaHost("lua51").lua.execute(line + " return installed")
    assert dict(found.items()) == expected
    assert is_ours(python)
    assert is_ours(lua)
    assert not is_ours(lua + " ")
    assert not is_ours(lua.replace("Cuesmith", "cuesmith", 1))
