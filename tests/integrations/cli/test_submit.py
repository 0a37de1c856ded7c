from __future__ import annotations

import hashlib
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from films import colour_film
from range_server import closed_port
from scripted_server import Say, scripted
from service_rig import Rig, rig, until
from sqlalchemy import select

from integrations.cli import submit
from integrations.cli.main import run
from integrations.cli.received import receive
from integrations.client import CuesmithClient, Job
from integrations.host.parts import KEY_FILE
from integrations.jobs.tables import jobs
from pipeline.project import open_project
from pipeline.settings import Settings
from pipeline.wish import Wish


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shots = [("0x88BBDD", 4.0), ("0x401010", 4.0)]
    return colour_film(tmp_path_factory.mktemp("film") / "Unser Film.mp4", shots)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rig, str]]:
    """A whole service in one process, and its address."""
    with rig(tmp_path_factory.mktemp("service")) as made:
        yield made, made.api(workers=1)[1]


@pytest.fixture(autouse=True)
def own_data(service: tuple[Rig, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this machine's service has its key."""
    monkeypatch.setenv("CUESMITH_DATA", str(service[0].settings.data))


def test_the_results_lie_where_the_command_without_a_service_puts_them(
    service: tuple[Rig, str], film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipeline.score_video import score_video

    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        (folder / film.name).write_bytes(film.read_bytes())
    wish = Wish(stems=True, seed=7, music=True)
    made = score_video(here / film.name, wish, settings=Settings(analyser="colour-motion"))
    options = ["--server", service[1], "--stems", "--music", "--seed", "7", "--json"]
    assert run(["submit", str(there / film.name), *options]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["videos"] == [str(there / made.video.name)]
    assert told["reports"] == [str(there / made.report_path.name)]
    assert told["workspace"] == str(there / made.workspace.name)
    shown = {path.relative_to(there).as_posix() for path in there.rglob("*") if path.is_file()}
    local = {path.relative_to(here).as_posix() for path in here.rglob("*") if path.is_file()}
    assert shown <= local
    assert {path for path in local - shown if ".cuesmith/" not in path} == set()
    sheet = there / "Unser Film.cuesmith" / "cues.json"
    assert sheet.read_text("utf-8") == (here / "Unser Film.cuesmith" / "cues.json").read_text("utf-8")
    ours, theirs = open_project(sheet.parent), open_project(here / "Unser Film.cuesmith")
    assert (ours.sheet, ours.info, ours.has_sound) == (theirs.sheet, theirs.info, theirs.has_sound)
    assert (ours.film, ours.video) == (there / film.name, there / made.video.name)
    assert ours.music == there / "Unser Film.music.wav"
    assert [path.name for path in ours.stems] == [path.name for path in theirs.stems]
    assert ours.report["loudness"] == theirs.report["loudness"]


def test_several_takes_and_their_page_fit_together(
    service: tuple[Rig, str], film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "my cut.mp4"
    assert run(["submit", str(film), "--server", service[1], "--takes", "2", "-o", str(output), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [Path(path).name for path in told["videos"]] == ["my cut.take1.mp4", "my cut.take2.mp4"]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert "my cut.take2.report.json" in names
    page = Path(told["page"])
    assert page.name == "my cut.takes.html"
    for name in ("my%20cut.take1.mp4", "my%20cut.take2.mp4", "my%20cut.takes.mp4"):
        assert f'src="./{name}"' in page.read_text("utf-8")


def test_without_waiting_the_jobs_id_is_all_there_is(
    service: tuple[Rig, str], film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["submit", str(film), "--server", service[1], "--no-wait", "--quiet"]) == 0
    job_id = capsys.readouterr().out.strip()
    assert service[0].succeeded(job_id).id == job_id
    assert not film.with_name("Unser Film.scored.mp4").exists()


def test_what_cannot_be_ends_as_the_command_without_a_service_ends(
    service: tuple[Rig, str], film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no film", "utf-8")
    nobody = tmp_path / "nobody.key"
    nobody.write_text("csk_nobody\n", "utf-8")
    server = ["--server", service[1]]
    for arguments, code, said in (
        ([str(text), *server], 2, "not a video"),
        ([str(tmp_path / "none.mp4"), *server], 2, "there is no file"),
        ([str(film), *server, "-o", str(film)], 2, "is the film itself"),
        ([str(film), *server, "-o", str(tmp_path / "none" / "x.mp4")], 2, "no folder"),
        ([str(film), *server, "--key-file", str(nobody)], 2, "key"),
        ([str(film), "--server", closed_port(), "--style", "no-such-style"], 2, "no-such-style"),  # asked nobody
        ([str(film), "--server", "nowhere", "--api-key", "csk_x"], 2, "address"),
    ):
        assert run(["submit", *arguments]) == code, arguments
        assert said in capsys.readouterr().err
    assert not list(tmp_path.glob("*.scored.*"))


def test_without_a_key_it_says_where_one_is_looked_for(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CUESMITH_DATA", str(tmp_path))
    assert run(["submit", str(film), "--server", "http://127.0.0.1:1"]) == 2
    assert str(tmp_path / KEY_FILE) in capsys.readouterr().err
    assert submit._KEY_FILE == KEY_FILE


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_it_cancels_the_job_on_the_server(film: Path, tmp_path: Path, number: int) -> None:
    with rig(tmp_path / "service") as service:
        _, address = service.api(workers=0)
        process = service.start("submit", str(film), "--server", address, "-o", str(tmp_path / "out.mp4"))

        def states() -> list[str]:
            assert process.popen.poll() is None, process.log.read_text()
            with service.database.reading() as connection:
                return [row.state for row in connection.execute(select(jobs)).all()]

        until(states, 60, "the job")
        os.kill(process.pid, number)
        assert process.popen.wait(60) == 130
        log = process.log.read_text()
        assert "was cancelled on the server" in log, log
        with service.database.reading() as connection:
            assert [row.state for row in connection.execute(select(jobs)).all()] == ["canceled"]
        assert not (tmp_path / "out.mp4").exists()


def test_a_job_that_fails_on_the_server_fails_here_with_its_error(
    service: tuple[Rig, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = colour_film(tmp_path / "broken.mp4", [("0x88BBDD", 2.0)])
    broken.write_bytes(broken.read_bytes()[: broken.stat().st_size // 3])
    code = run(["submit", str(broken), "--server", service[1]])
    assert code == run(["score", str(broken)]) == 2
    first, second = capsys.readouterr().err.strip().splitlines()[-2:]
    assert first.split(":")[0] == second.split(":")[0]


def test_no_name_of_a_servers_leads_out_of_the_folder(tmp_path: Path) -> None:
    sheet = {"Content-Type": "application/json"}
    names = [
        "stems/../../evil.flac",
        "stems//evil.flac",
        "../evil.report.json",
        "film.scored/../../evil.mp4",
        "/evil.mp4",
    ]
    files = [
        {"name": name, "size_bytes": 4, "sha256": hashlib.sha256(b"evil").hexdigest(), "media_type": "", "url": "/x"}
        for name in ["film.scored.mp4", *names]
    ]
    job = {"id": "j", "kind": "score", "state": "succeeded", "progress": 1, "has_ended": True, "created_s": 1}
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    with scripted(Say(200, "evil", sheet)) as server, CuesmithClient(server.address, "csk_x") as client:
        receive(client, Job.of({**job, "files": files}), folder / "film.mov", None)
        assert len(server.asked) == 1
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        "a/b/film.scored.mp4"
    ]
