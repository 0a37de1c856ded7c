"""The wheel, installed in an empty environment and used from another folder."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_five_packages_their_data_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"scoring", "vision", "music_engine", "pipeline", "integrations"}
    for kept in ("scoring/data/styles/cinematic.toml", "scoring/data/moods.toml", "pipeline/data/takes/page.html"):
        assert kept in names
    data = {p.relative_to(ROOT).as_posix() for t in tops for p in (ROOT / t).rglob("data/**/*") if p.is_file()}
    assert data <= set(names)
    assert any(name.endswith("LICENSE") for name in names)


def test_the_wheel_works_in_an_empty_environment_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "env"
    venv.create(environment, with_pip=True)
    python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    command = python.with_name("cuesmith")
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=tmp_path)
    run(python, "-m", "pip", "check", cwd=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    where = run(python, "-c", "import scoring, pipeline; print(scoring.__file__, pipeline.__file__)", cwd=elsewhere)
    assert str(environment) in where
    assert "cinematic" in run(command, "styles", cwd=elsewhere)
    assert "engine composer" in run(command, "doctor", cwd=elsewhere)
    make = "from pipeline.media.ffmpeg_gate import bundled_ffmpeg; print(bundled_ffmpeg())"
    ffmpeg = run(python, "-c", make, cwd=elsewhere).strip()
    run(ffmpeg, "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=160x90:d=2", "film.mp4", cwd=elsewhere)
    run(command, "score", "film.mp4", "--quiet", cwd=elsewhere)
    assert (elsewhere / "film.scored.mp4").stat().st_size > 0
