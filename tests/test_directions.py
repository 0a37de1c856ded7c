"""The design's arrows, held by walking the syntax trees."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "scoring": set(),
    "vision": {"scoring"},
    "music_engine": {"scoring"},
    "pipeline": {"vision", "music_engine", "scoring"},
    "integrations": {"pipeline", "vision", "music_engine", "scoring"},
}
PACKAGES = sorted(MAY_IMPORT)
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
# Both draw from numbers and from what the gate hands over; neither opens a file of the user's with it.
MOVIEPY_MODULES = {"pipeline/demo_film.py", "pipeline/review/strip.py", "pipeline/takes/clip.py"}
ACE_STEP = ROOT / "music_engine" / "ace_step"  # torch is its material; what only looks at it stays free of torch
# A program of its own, and what alembic runs with a context that only it makes.
NOT_IMPORTED = {"probe_child.py", "env.py"}
PROCESS_MODULES = {
    "pipeline/media/child.py",
    "pipeline/media/limits.py",
    "integrations/work/hand.py",
    "integrations/batch/child.py",
}


def imported(path: Path) -> set[str]:
    """Top-level names a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_what_its_room_may_know(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    ours = imported(path) & set(PACKAGES)
    assert ours <= MAY_IMPORT[package] | {package}


@pytest.mark.parametrize("path", sorted((ROOT / "scoring").rglob("*.py")), ids=lambda path: path.name)
def test_scoring_knows_only_numpy_and_the_standard_library(path: Path) -> None:
    allowed = set(sys.stdlib_module_names) | {"numpy", "scoring"}
    assert imported(path) <= allowed


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_gate_starts_processes_and_nothing_opens_a_video_in_this_process(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    if name not in PROCESS_MODULES:
        assert not imported(path) & {"subprocess", "multiprocessing", "pty"}
    text = path.read_text(encoding="utf-8")
    assert "VideoCapture" not in text
    assert "os.system" not in text
    assert "os.popen" not in text
    if "moviepy" in imported(path):
        assert name in MOVIEPY_MODULES
        assert not re.search("VideoFileClip|AudioFileClip|ffmpeg_read", text)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_settings_read_the_environment(path: Path) -> None:
    if path.relative_to(ROOT).as_posix() != "pipeline/settings.py":
        text = path.read_text(encoding="utf-8")
        assert "os.environ" not in text
        assert "getenv" not in text


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_the_front_door_fits_on_one_screen() -> None:
    tree = ast.parse((ROOT / "pipeline/score_video.py").read_text(encoding="utf-8"))
    front = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "score_video")
    assert front.end_lineno is not None
    assert front.end_lineno - front.lineno < 50


def test_importing_everything_makes_no_file_opens_no_socket_and_loads_no_torch(tmp_path: Path) -> None:
    modules = [
        ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for p in SOURCES
        if p.name not in NOT_IMPORTED and not p.is_relative_to(ACE_STEP)
    ]
    script = f"""
import importlib, os, socket, sys
def refuse(*args, **kwargs):
    raise AssertionError("a socket was opened on import")
socket.socket.connect = refuse
for name in {modules!r}:
    importlib.import_module(name)
assert "torch" not in sys.modules
assert os.listdir(".") == [], os.listdir(".")
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_looking_for_the_weights_of_an_engine_loads_no_torch(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from music_engine.options import EngineOptions
from music_engine.registry import ENGINES
assert not ENGINES["ace-step-v1"].check(EngineOptions(checkpoint=Path("nowhere"))).ready
assert "torch" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_help_page_loads_none_of_the_heavy_libraries(tmp_path: Path) -> None:
    script = """
import sys
from integrations.cli.main import run
assert run(["--help"]) == 0
heavy = {"numpy", "scipy", "cv2", "av", "rich", "symusic", "moviepy"} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
