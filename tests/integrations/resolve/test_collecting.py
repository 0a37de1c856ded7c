"""Sent, waited for, collected later, sent anew: what the script does with the service."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_resolve import FakeProgram, paint_boxes, rows_of
from resolve_script import load_script, write_options
from small_service import SmallService

Scores = Callable[..., str]


def renders(program: FakeProgram) -> int:
    return [method for _, method, _ in program.world.calls].count("AddRenderJob")


def test_the_order_says_what_the_options_say(score: Scores, service: SmallService, program: FakeProgram) -> None:
    score(program.resolve, style="ambient", engine="composer", loudness="ebu-r128", dialogue="keep", stems=True)
    (order,) = service.orders
    assert order["wish"] == {
        "music": True,
        "starts_at_s": 3600.0,
        "engine": "composer",
        "loudness": "ebu-r128",
        "dialogue": "keep",
        "style": "ambient",
        "stems": True,
    }
    assert json.loads(order["texts"]["edit"])["cuts"] == [{"time_s": 2.0}]


def test_an_order_is_one_that_the_service_reads(score: Scores, service: SmallService, program: FakeProgram) -> None:
    from integrations.jobs.orders import check_order, read_order

    score(program.resolve, style="cinematic", stems=True)
    order = {name: value for name, value in service.orders[0].items() if name != "source"}
    check_order(read_order(order))


def test_without_waiting_it_is_submitted_and_collected_by_the_next_run(
    score: Scores, service: SmallService, program: FakeProgram
) -> None:
    service.polls = 3
    before = rows_of(program)
    told = score(program.resolve, wait_s=0)
    assert "Run the script again to collect it" in told
    assert rows_of(program) == before
    assert "Run the script again" in score(program.resolve, wait_s=0)
    assert "lies on audio track 2" in score(program.resolve, wait_s=60)
    assert renders(program) == 1
    assert len(service.orders) == 1


def test_a_timeline_that_changed_is_sent_anew(score: Scores, service: SmallService, program: FakeProgram) -> None:
    score(program.resolve)
    program.timeline.tracks["video"][0].items[1].source_start += 1
    score(program.resolve)
    program.mark(30)
    score(program.resolve)
    score(program.resolve, style="ambient")
    assert (renders(program), len(service.orders)) == (4, 4)
    score(program.resolve, style="ambient")
    assert (renders(program), len(service.orders)) == (4, 4)
    score(program.resolve, style="ambient", render="always")
    assert renders(program) == 5


def test_a_job_that_failed_is_said_and_the_next_run_makes_another(
    score: Scores, service: SmallService, program: FakeProgram
) -> None:
    service.fails = {"what": "there is no picture in film.mp4", "advice": "Export a video"}
    before = rows_of(program)
    with pytest.raises(Exception, match=r"^there is no picture in film\.mp4\. Export a video$"):
        score(program.resolve)
    assert rows_of(program) == before
    service.fails = None
    for row in service.jobs.values():
        row["state"] = "failed"
    assert "lies on audio track 2" in score(program.resolve)


def test_a_job_that_is_kept_no_more_is_made_again(score: Scores, service: SmallService, program: FakeProgram) -> None:
    score(program.resolve)
    service.jobs.clear()
    assert "lies on audio track 2" in score(program.resolve)
    assert renders(program) == 2


def test_an_upload_goes_on_where_it_broke(score: Scores, service: SmallService, program: FakeProgram) -> None:
    service.cuts_after = 100
    score(program.resolve)
    assert ("HEAD", "/v1/uploads/up_0") in service.asked
    assert [method for method, _ in service.asked].count("PATCH") >= 2
    assert len(service.uploads["up_0"]) > 100


def test_another_timeline_opened_meanwhile_gets_no_music(
    service: SmallService, tmp_path: Path, program: FakeProgram
) -> None:
    script = load_script()
    follow = script.Service.follow

    def changed(self: object, job: str, wait_s: float) -> object:
        done = follow(self, job, wait_s)
        program.open_timeline("25", "01:00:00:00", name="Cut 8")
        return done

    script.Service.follow = changed
    options = script.read_options(write_options(tmp_path, service.address))
    with pytest.raises(script.Trouble, match=r"Another timeline was opened meanwhile; the score is for Cut 7"):
        script.run(program.resolve, options)
    assert program.timeline.name == "Cut 8"
    assert len(program.timeline.tracks["audio"]) == 1
    assert program.timeline.markers == {}


def test_rendered_pictures_are_not_left_and_the_music_is(score: Scores, program: FakeProgram, tmp_path: Path) -> None:
    score(program.resolve, stems=True)
    names = sorted(path.name.partition(" ")[0] for path in (tmp_path / "films" / "Night train" / "Cut 7").iterdir())
    assert names == ["brass", "cuesmith-state.json", "music", "strings"]


def test_a_file_that_is_there_is_not_fetched_again_and_one_that_was_lost_is(
    score: Scores, service: SmallService, program: FakeProgram
) -> None:
    score(program.resolve)
    (music,) = program.bin("Cuesmith")
    where = f"/v1/jobs/{next(iter(service.jobs))}/files/film.music.wav"
    score(program.resolve)
    assert [path for _, path in service.asked].count(where) == 1
    Path(music).unlink()
    score(program.resolve)
    assert [path for _, path in service.asked].count(where) == 2
    assert Path(music).is_file()


def test_a_state_that_cannot_be_read_is_none(score: Scores, program: FakeProgram, tmp_path: Path) -> None:
    score(program.resolve)
    state = tmp_path / "films" / "Night train" / "Cut 7" / "cuesmith-state.json"
    for text in ("{", "[]", '{"schema": "other"}'):
        state.write_text(text)
        assert "lies on audio track 2" in score(program.resolve)
    shutil.rmtree(tmp_path / "films")
    program.world.paints = paint_boxes
    assert "lies on audio track 2" in score(program.resolve)
