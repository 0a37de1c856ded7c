"""Hostile names and entries, on the real file system: taken, ignored or refused, shown in one line, kept in results."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.watch_folder.names import Judged, is_film_name, is_unfinished, judge, refusal, shown
from integrations.watch_folder.result_names import (
    MOST_BYTES,
    Place,
    fitting,
    result_stems,
    same_name,
    study,
    with_ending,
)

ENDINGS = (".scored.m2ts", ".scored.mp4", ".report.json", ".cuesmith", ".music.wav", ".stems", ".takes")
# Every one is a film's name that some file system holds, and each has broken some program.
HOSTILE: tuple[bytes, ...] = (
    b"new\nline.mp4",
    b"carriage\rreturn.mp4",
    b"tab\tbed.mp4",
    b"bell\x07.mp4",
    b"escape\x1b[31mred\x1b[0m.mp4",
    b"backspace\x08\x08.mp4",
    b"delete\x7f.mp4",
    b"%03d.mp4",
    b"frame%05d.mov",
    b"%s%n%x.mp4",
    b"100%.mp4",
    b"-i.mp4",
    b"--help.mp4",
    b"-.mp4",
    b"-rf ~.mp4",
    b" leading.mp4",
    b"trailing .mp4",
    b"dots...mp4",
    b"two..dots.mp4",
    b"a.b.c.d.mp4",
    b"quote'.mp4",
    b'double".mp4',
    b"back`tick`.mp4",
    b"$(touch pwned).mp4",
    b"$HOME.mp4",
    b"a;b.mp4",
    b"a&b.mp4",
    b"a|b.mp4",
    b"a>b<c.mp4",
    b"a*b?.mp4",
    b"[a-z].mp4",
    b"{a,b}.mp4",
    b"back\\slash.mp4",
    b"C:\\windows.mp4",
    b"stream:ads.mp4",
    b"file:x.mp4",
    b"http:evil.mp4",
    b"concat:a|b.mp4",
    b"#hash.mp4",
    b"!bang!.mp4",
    b"a=b.mp4",
    b"<script>alert(1)<script>.mp4",
    b"'; drop table jobs; --.mp4",
    b"\xff\xfe.mp4",
    b"latin-\xe9t\xe9.mp4",
    b"cut-\xe2\x82.mp4",
    b"\xed\xa0\x80surrogate.mp4",
    "\N{CLAPPER BOARD}\N{FILM PROJECTOR}.mp4".encode(),
    "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}.mp4".encode(),
    "gpj\N{RIGHT-TO-LEFT OVERRIDE}4pm.exe.mp4".encode(),
    "zero\N{ZERO WIDTH SPACE}width.mp4".encode(),
    "\N{ZERO WIDTH NO-BREAK SPACE}bom.mp4".encode(),
    "no\N{NO-BREAK SPACE}break.mp4".encode(),
    "line\N{LINE SEPARATOR}separator.mp4".encode(),
    "caf\N{LATIN SMALL LETTER E WITH ACUTE}.mp4".encode(),
    "cafe\N{COMBINING ACUTE ACCENT}.mp4".encode(),
    "\u0130stanbul.mp4".encode(),
    "стёкла.MP4".encode(),
    "映画.mp4".encode(),
    ("日" * 83 + "bc.mp4").encode(),
    b"x" * 251 + b".mp4",
    "z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307.mp4".encode(),
    b"CON.mp4",
    b"nul.mp4",
    b"Aux.tar.mp4",
    b"com1.mp4",
    b"Film.mp4",
    b"film.mp4",
    b"FILM.MP4",
    b"film.mp4.mp4",
    b"null\xc0\x80.mp4",
)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("in")
    for name in HOSTILE:
        (root / os.fsdecode(name)).write_bytes(name)
    return root


def test_there_are_sixty_hostile_names_and_the_file_system_holds_them(full: Path) -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) >= 60
    assert {os.fsencode(path.name) for path in full.iterdir()} == set(HOSTILE)


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_film_is_taken_whatever_it_is_called(full: Path, name: bytes) -> None:
    with os.scandir(full) as entries:
        entry = next(entry for entry in entries if os.fsencode(entry.name) == name)
    found = judge(entry, full)
    assert (found.standing, found.what) == ("film", "")
    assert found.stat is not None
    assert found.stat.st_size == len(name)


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_name_is_shown_as_one_line_that_can_be_stored(name: bytes) -> None:
    line = shown(os.fsdecode(name))
    assert line.isprintable()
    assert json.loads(json.dumps(line).encode("utf-8")) == line
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in line


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_results_keep_the_name_wherever_the_file_system_holds_it(tmp_path: Path, name: bytes) -> None:
    place = study(tmp_path)
    text = os.fsdecode(name)
    for stem in islice(result_stems(text, place), 4):
        for ending in ENDINGS:
            (tmp_path / f"{stem}{ending}").write_bytes(name)
    first = next(result_stems(text, place))
    if len(name) < 220:
        assert first == Path(text).stem
    reason = tmp_path / with_ending(text, ".reason.txt", place)
    reason.write_bytes(name)
    assert reason.read_bytes() == name


def test_names_that_differ_have_results_that_differ(tmp_path: Path) -> None:
    for place in (Place(), Place(portable=True, folds_case=True)):
        taken: dict[str, bytes] = {}
        for name in HOSTILE:
            stem = next(s for s in result_stems(os.fsdecode(name), place) if same_name(s, place) not in taken)
            taken[same_name(stem, place)] = name
        assert sorted(taken.values()) == sorted(HOSTILE)


@given(st.text(min_size=1, max_size=300).filter(lambda text: "/" not in text and "\0" not in text))
def test_a_name_that_windows_holds_is_made_of_any(name: str) -> None:
    try:
        os.fsencode(name)
    except UnicodeEncodeError:  # a surrogate that stands for no byte is in no name of a file
        return
    held = fitting(name, Place(portable=True), spare_bytes=24)
    assert len(os.fsencode(held)) <= MOST_BYTES - 24
    assert held
    assert not set(held) & set('<>:"/\\|?*')
    assert all(ord(c) >= 32 and not 0xD800 <= ord(c) < 0xE000 for c in held)
    assert not held.endswith((".", " "))
    assert held.partition(".")[0].rstrip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9", "CONIN$"}
    assert fitting(held, Place(portable=True), spare_bytes=24) == held


@given(st.binary(min_size=1, max_size=255).filter(lambda name: b"/" not in name and b"\0" not in name))
def test_any_bytes_of_a_name_are_kept_or_shortened_at_a_whole_character(name: bytes) -> None:
    text = os.fsdecode(name)
    held = fitting(text, spare_bytes=24)
    assert len(os.fsencode(held)) <= MOST_BYTES - 24
    if len(name) <= MOST_BYTES - 24:
        assert held == text
    else:
        assert text.startswith(held.rpartition("~")[0])
    assert shown(text).isprintable()


@pytest.mark.parametrize("name", ["con", "CON", "con.tar", "Com1", "lpt\u00b9", "nul .x"])
def test_what_windows_takes_for_a_device_gets_another_name(name: str) -> None:
    held = fitting(name, Place(portable=True))
    assert held.startswith("_")
    assert fitting(name) == name


# What is no film's name, and what has one and is no film ------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        ".mp4",
        ".hidden.mp4",
        "._film.mp4",
        "film.mp4.part",
        "film.mp4.crdownload",
        "film.mp4.tmp",
        "film.mp4~",
        "film.mp4.filepart",
        "film.MP4.PARTIAL",
        "film.mp4.download",
        "film.txt",
        "mp4",
        "film.mp4 ",
        "film.mp4.",
        "film",
        "film.mp4\n",
        "Thumbs.db",
        "film.mp3",
    ],
)
def test_what_is_no_films_name_is_ignored(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert judge(tmp_path / name, tmp_path).standing == "ignored"
    assert not is_film_name(name)


def test_own_patterns_stand_in_the_usual_ones_place_and_unfinished_names_stay_out() -> None:
    assert is_film_name("Reel_FINAL.mov", ["*_final.mov"])
    assert not is_film_name("Reel.mov", ["*_final.mov"])
    assert not is_film_name("reel_final.mov.part", ["*"])
    assert is_unfinished(".x")


def test_a_folder_is_looked_into_even_when_it_is_called_like_a_film(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").mkdir()
    assert judge(tmp_path / "film.mp4", tmp_path).standing == "folder"


@pytest.mark.parametrize("name", ["@eaDir", ".git", "$RECYCLE.BIN", "film.cuesmith", "lost+found", "x.part"])
def test_folders_of_other_programs_and_our_own_are_not_looked_into(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert judge(tmp_path / name, tmp_path).standing == "ignored"


def test_a_pipe_a_socket_and_a_device_are_refused_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket.mp4"))
    refusals = {"pipe": "a named pipe", "socket": "a socket"}
    if os.geteuid() == 0:
        os.mknod(tmp_path / "null.mp4", stat.S_IFCHR | 0o666, os.makedev(1, 3))
        os.mknod(tmp_path / "loop.mp4", stat.S_IFBLK | 0o666, os.makedev(7, 250))
        refusals |= {"null": "a device", "loop": "a device"}
    for name, kind in refusals.items():
        reason = refusal(tmp_path / f"{name}.mp4", tmp_path)
        assert reason == f"{name}.mp4 is {kind}, not a file. Put the film itself here"


def test_links_out_in_a_circle_and_to_nothing_are_refused_and_those_inside_ignored(tmp_path: Path) -> None:
    root = tmp_path / "in"
    (root / "sub").mkdir(parents=True)
    (tmp_path / "outside.mp4").write_bytes(b"secret")
    (root / "film.mp4").write_bytes(b"x")
    links = {
        "out.mp4": tmp_path / "outside.mp4",
        "up.mp4": Path("../outside.mp4"),
        "passwd.mp4": Path("/etc/passwd"),
        "device.mp4": Path("/dev/zero"),
        "self.mp4": Path("self.mp4"),
        "round.mp4": Path("other.mp4"),
        "other.mp4": Path("round.mp4"),
        "nothing.mp4": Path("not there"),
        "inside.mp4": Path("film.mp4"),
        "folder.mp4": Path("sub"),
        "whole.mp4": Path(),
        "plain": tmp_path,
    }
    for name, target in links.items():
        (root / name).symlink_to(target)
    found = {name: judge(root / name, root) for name in links}
    for name in ("out.mp4", "up.mp4", "passwd.mp4", "device.mp4"):
        assert found[name].what == f"{name} is a link out of the watch folder"
    for name in ("self.mp4", "round.mp4", "other.mp4"):
        assert found[name].what == f"{name} is a link that goes round in a circle"
    assert found["nothing.mp4"].what == "nothing.mp4 is a link that leads to nothing that can be read"
    for name in ("inside.mp4", "folder.mp4", "whole.mp4", "plain"):
        assert found[name].standing == "ignored"


def test_a_link_through_a_folder_that_is_a_link_out_is_refused_too(tmp_path: Path) -> None:
    root = tmp_path / "in"
    root.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/film.mp4").write_bytes(b"x")
    (root / "door").symlink_to(tmp_path / "elsewhere")
    (root / "film.mp4").symlink_to("door/film.mp4")
    assert judge(root / "film.mp4", root).standing == "refused"
    assert judge(root / "door", root).standing == "ignored"


def test_a_watch_folder_that_is_itself_reached_through_a_link_is_no_way_out(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "in").symlink_to("real")
    (tmp_path / "real/film.mp4").write_bytes(b"x")
    (tmp_path / "real/link.mp4").symlink_to("film.mp4")
    assert judge(tmp_path / "in/film.mp4", tmp_path / "in").standing == "film"
    assert judge(tmp_path / "in/link.mp4", tmp_path / "in").standing == "ignored"


def test_a_file_that_went_away_is_nobodys_concern(tmp_path: Path) -> None:
    assert judge(tmp_path / "gone.mp4", tmp_path) == Judged("ignored")
    assert refusal(tmp_path / "gone.mp4", tmp_path) is None


def test_a_name_too_long_to_be_looked_at_is_refused_and_raises_nothing(tmp_path: Path) -> None:
    found = judge(tmp_path / ("x" * 300 + ".mp4"), tmp_path)
    assert found.standing == "refused"
    assert "File name too long" in found.what


def test_a_film_that_may_not_be_read_is_refused() -> None:
    script = """
import os, sys
from pathlib import Path
from integrations.watch_folder.names import refusal
film = Path(sys.argv[1])
assert os.geteuid() or refusal(film, film.parent) is None  # root reads everything
if os.geteuid() == 0:
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
print(refusal(film, film.parent))
"""
    with tempfile.TemporaryDirectory() as folder:  # not tmp_path, whose parents only their owner may enter
        Path(folder).chmod(0o755)
        film = Path(folder) / "film.mp4"
        film.write_bytes(b"x")
        film.chmod(0)
        told = subprocess.check_output([sys.executable, "-c", script, str(film)], text=True)
    assert told.strip() == "film.mp4 cannot be read. Let the user that watches read it"


def test_what_a_file_system_does_with_names_is_found_out_by_trying(tmp_path: Path) -> None:
    place = study(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "a").touch()
    assert place.folds_case == (tmp_path / "A").exists()
    assert place.portable is (sys.platform == "win32")
