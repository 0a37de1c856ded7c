from __future__ import annotations

import json
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.forecast import Earlier, Work, earlier_runs, forecast
from pipeline.slowness import slowness
from scoring.timebase import FrameRate
from scoring.video_info import VideoInfo

FILM = VideoInfo(60.0, FrameRate(25), 1920, 1080, 0, 0.0, "h264", "mov", "sdr", False)
WORK = Work(FILM, 50_000_000, 60.0)
WORKS = st.builds(
    lambda duration_s, width_px, codec, music, kept, takes: Work(
        replace(FILM, duration_s=duration_s, width_px=width_px, video_codec=codec),
        int(duration_s * 1e6),
        duration_s * music,
        analysis_is_kept=kept,
        takes=takes,
        compared=takes > 1,
    ),
    duration_s=st.floats(0.5, 14_400.0),
    width_px=st.integers(16, 8192),
    codec=st.sampled_from(["h264", "hevc", "prores", "unknown"]),
    music=st.floats(0.0, 1.0),
    kept=st.booleans(),
    takes=st.integers(1, 9),
)


def stages_of(work: Work, times: float = 1.0) -> dict[str, float]:
    return {span.stage: span.likely_s * times for span in forecast(work).spans if span.stage != "start"}


@given(work=WORKS, times=st.floats(0.1, 20.0), now=st.floats(0.1, 20.0))
def test_a_forecast_is_a_range_around_what_is_likely(work: Work, times: float, now: float) -> None:
    for found in (forecast(work, slowness=now), forecast(work, [Earlier(work, stages_of(work, times))], slowness=now)):
        for span in found.spans:
            assert 0 < span.low_s < span.likely_s < span.high_s
        assert found.low_s < found.likely_s < found.high_s


@given(work=WORKS, times=st.floats(0.1, 20.0))
def test_a_machine_that_was_and_is_so_many_times_as_slow_takes_so_many_times_as_long(work: Work, times: float) -> None:
    first = forecast(work)
    again = forecast(work, [Earlier(work, stages_of(work, times))], slowness=times)
    assert again.likely_s == pytest.approx(times * first.likely_s)
    assert again.learnt_from == 1
    assert again.high_s / again.low_s < first.high_s / first.low_s
    # Where none has run, the moment's slowness moves what is likely, and not by all of it.
    unknown_s = forecast(work, slowness=times).likely_s
    assert min(1.0, times) <= unknown_s / first.likely_s * (1 + 1e-9)
    assert unknown_s / first.likely_s <= max(1.0, times) * (1 + 1e-9)


@given(work=WORKS, times=st.floats(1.0, 20.0))
def test_where_earlier_runs_and_the_present_disagree_the_range_holds_both(work: Work, times: float) -> None:
    quiet_s = forecast(work).likely_s
    for before, now in ((times, 1.0), (1.0, times)):
        found = forecast(work, [Earlier(work, stages_of(work, before))], slowness=now)
        assert found.low_s < quiet_s <= found.likely_s * (1 + 1e-9)
        assert found.likely_s <= times * quiet_s * (1 + 1e-9)
        assert found.high_s > times * quiet_s


@given(work=WORKS)
def test_more_film_takes_longer_and_what_is_kept_takes_none(work: Work) -> None:
    longer = replace(work, film=replace(work.film, duration_s=2 * work.film.duration_s))
    assert forecast(longer).likely_s > forecast(work).likely_s
    kept = forecast(replace(work, analysis_is_kept=True, music_s=0.0))
    assert {"analyse", "compose"} & {span.stage for span in kept.spans} == set()
    assert kept.likely_s <= forecast(work).likely_s


def test_each_stage_learns_by_itself_and_one_odd_run_does_not_decide() -> None:
    usual, odd = stages_of(WORK), {**stages_of(WORK), "analyse": 50 * stages_of(WORK)["analyse"]}
    found = forecast(WORK, [Earlier(WORK, usual), Earlier(WORK, odd), Earlier(WORK, usual)])
    assert found.likely_s == pytest.approx(forecast(WORK).likely_s)
    slow = {**usual, "compose": 10 * usual["compose"]}
    likely = {span.stage: span.likely_s for span in forecast(WORK, [Earlier(WORK, slow)]).spans}
    assert likely["compose"] / likely["master"] == pytest.approx(10 * usual["compose"] / usual["master"])


def test_an_engine_that_says_its_pace_is_taken_at_its_word() -> None:
    paced = {span.stage: span.likely_s for span in forecast(replace(WORK, pace=40.0)).spans}
    assert paced["compose"] > 40.0 * WORK.music_s


def test_how_slow_a_machine_is_is_a_number_that_a_forecast_can_be_made_from() -> None:
    assert 0 < forecast(WORK, slowness=slowness()).likely_s < float("inf")


# Runs that lie in a folder -------------------------------------------------------------------------------


def workspace(folder: Path, name: str, **changes: Any) -> Path:
    """A workspace as a run leaves it, as far as it is read here."""
    report = {
        "cues": [{"in_s": 0.0, "out_s": 60.0, "composed_now": True, "engine": "composer"}],
        "stages_s": stages_of(WORK, 3.0),
        "facts": {"video": FILM.to_json(), "analysis_was_kept": False, "analyser": "colour-motion"},
    }
    manifest = {"versions": {"platform": platform.platform()}, "input": {"bytes": WORK.file_bytes}}
    place = folder / f"{name}.cuesmith"
    place.mkdir()
    (place / "report.json").write_text(json.dumps({**report, **changes.get("report", {})}), "utf-8")
    (place / "manifest.json").write_text(json.dumps({**manifest, **changes.get("manifest", {})}), "utf-8")
    return place


def test_earlier_runs_are_read_from_the_workspaces_of_a_folder(tmp_path: Path) -> None:
    assert earlier_runs(tmp_path) == []
    workspace(tmp_path, "a")
    (run,) = earlier_runs(tmp_path)
    assert run.work == WORK
    assert forecast(WORK, [run], slowness=3.0).likely_s == pytest.approx(3 * forecast(WORK).likely_s, rel=0.02)


def test_what_was_not_done_in_a_run_teaches_nothing(tmp_path: Path) -> None:
    facts = {"video": FILM.to_json(), "analysis_was_kept": True, "analyser": "colour-motion"}
    cues = [{"in_s": 0.0, "out_s": 60.0, "composed_now": False, "engine": "composer"}]
    workspace(tmp_path, "a", report={"facts": facts, "cues": cues})
    (run,) = earlier_runs(tmp_path)
    assert {"analyse", "compose"} & set(run.stages_s) == set()
    others = [{"in_s": 0.0, "out_s": 60.0, "composed_now": True, "engine": "ace-step-v1"}]
    workspace(tmp_path, "b", report={"cues": others})
    assert all("compose" not in run.stages_s for run in earlier_runs(tmp_path))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("report.json", "{"),
        ("report.json", "[" * 100_000),
        ("report.json", "[]"),
        ("report.json", "{}"),
        ("report.json", '{"facts": {}, "stages_s": 3, "cues": []}'),
        ("manifest.json", '{"versions": {"platform": "another"}, "input": {"bytes": 1}}'),
        ("manifest.json", '{"versions": []}'),
        ("manifest.json", "\x00"),
    ],
)
def test_a_run_that_cannot_be_read_or_was_made_elsewhere_is_passed_over(tmp_path: Path, file: str, text: str) -> None:
    place = workspace(tmp_path, "a")
    (place / file).write_text(text, "utf-8")
    assert earlier_runs(tmp_path) == []


def test_only_the_newest_runs_count(tmp_path: Path) -> None:
    for number in range(20):
        workspace(tmp_path, f"film{number}")
    assert len(earlier_runs(tmp_path)) == 12
