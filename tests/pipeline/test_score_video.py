from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from films import colour_film, plain_film
from scored import decoded, loudness_lufs, picture_s, stream_md5, true_peak_dbtp

from pipeline.score_video import Deliverable, score_video, spot_video
from pipeline.wish import Wish
from scoring import cue_sheet_json
from scoring.errors import CueSheetError, OutputRefused

SHOTS = [("0x88BBDD", 9.0), ("0x101018", 3.0), ("0x401010", 3.0), ("0x080808", 3.0), ("0xFFD040", 9.0)]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return colour_film(tmp_path_factory.mktemp("film") / "film.mp4", SHOTS)


@pytest.fixture(scope="module")
def made(film: Path) -> Deliverable:
    return score_video(film)


def test_the_picture_is_the_same_to_the_byte(film: Path, made: Deliverable) -> None:
    assert made.video == film.with_name("film.scored.mp4")
    assert stream_md5(made.video, "v:0") == stream_md5(film, "v:0")


def test_sound_and_picture_have_the_same_length_within_a_frame(made: Deliverable) -> None:
    assert abs(decoded(made.video).shape[1] / 48_000 - picture_s(made.video)) <= 1 / 25


@pytest.mark.parametrize(
    ("name", "lufs", "dbtp", "tolerance_lu"),
    [("web", -14, -1, 0.5), ("ebu-r128", -23, -1, 0.2), ("atsc-a85", -24, -2, 0.5), ("podcast", -16, -1, 0.5)],
)
def test_each_standard_is_met_on_the_encoded_file(
    film: Path, tmp_path: Path, name: str, lufs: float, dbtp: float, tolerance_lu: float
) -> None:
    deliverable = score_video(film, Wish(output=tmp_path / "out.mp4", loudness=name))
    audio = decoded(deliverable.video)
    assert loudness_lufs(audio) == pytest.approx(lufs, abs=tolerance_lu + 0.1)  # two meters, 0.1 LU apart at most
    assert true_peak_dbtp(audio) <= dbtp + 0.1
    assert deliverable.report.fell_short == []


def test_music_plays_from_the_first_to_the_last_second_over_the_films_own_sound(film: Path, made: Deliverable) -> None:
    audio = decoded(made.video).mean(axis=0)
    seconds = audio[: len(audio) // 48_000 * 48_000].reshape(-1, 48_000)
    assert np.sqrt((seconds**2).mean(axis=1)).min() > 10 ** (-50 / 20)
    # The film's own 330 Hz tone is still there: its bin towers over the neighbours in a calm stretch.
    spectrum = np.abs(np.fft.rfft(audio[48_000 : 8 * 48_000] * np.hanning(7 * 48_000)))
    at = 330 * 7
    assert spectrum[at - 3 : at + 4].max() > 3 * np.median(spectrum[at - 200 : at + 200])


def test_the_cues_cover_the_film_and_the_report_says_what_was_measured(made: Deliverable) -> None:
    cues = made.sheet.cues
    assert cues[0].in_s == 0.0
    assert cues[-1].out_s == pytest.approx(made.sheet.duration_s)
    assert all(a.out_s == b.in_s for a, b in pairwise(cues))
    document = json.loads(made.report_path.read_text(encoding="utf-8"))
    assert document["schema"] == "cuesmith.report/2"
    rows = {row["name"]: row for row in document["checks"]}
    assert rows["sound offset after muxing"]["status"] == "pass"
    assert abs(rows["sound offset after muxing"]["value"]) <= 10
    assert rows["longest gap in the music"]["value"] <= 1.0
    assert document["stages_s"].keys() >= {"analyse", "compose", "mix", "master", "deliver"}


def test_the_workspace_holds_every_stage(made: Deliverable) -> None:
    folder = made.workspace
    for name in ("analysis.json", "cues.json", "report.json", "manifest.json"):
        json.loads((folder / name).read_text(encoding="utf-8"))
    assert len(list((folder / "stills").glob("*.jpg"))) == 27
    for cue in made.sheet.cues:
        (take,) = (folder / "cues").glob(f"{cue.id}-*")
        assert (take / "cue.mid").read_bytes()[:4] == b"MThd"
        assert {p.stem for p in take.glob("*.flac")} >= {"harmony", "bass"}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["input"]["sha256"]
    assert manifest["versions"]["numpy"] == np.__version__
    assert not [p for p in folder.parent.rglob("*") if ".part" in p.name or "scratch" in p.name]


def test_running_again_makes_nothing_anew_and_the_same_samples(film: Path, made: Deliverable) -> None:
    before = stream_md5(made.video, "a:0")
    again = score_video(film)
    assert stream_md5(again.video, "a:0") == before
    assert not any(row["composed_now"] for row in again.report.cues)
    assert again.report.facts["analysis_was_kept"]


def test_a_deleted_workspace_costs_only_time(film: Path, made: Deliverable, tmp_path: Path) -> None:
    copy = shutil.copy(film, tmp_path / "film.mp4")
    elsewhere = score_video(Path(copy))
    assert all(row["composed_now"] for row in elsewhere.report.cues)
    assert stream_md5(elsewhere.video, "a:0") == stream_md5(made.video, "a:0")


def test_another_seed_and_another_film_have_other_music(film: Path, made: Deliverable, tmp_path: Path) -> None:
    other_seed = score_video(film, Wish(output=tmp_path / "seed.mp4", seed=2))
    assert stream_md5(other_seed.video, "a:0") != stream_md5(made.video, "a:0")
    other_film = score_video(colour_film(tmp_path / "other.mp4", [("0x101018", 12.0), ("0xFFD040", 15.0)]))
    assert [c.bpm for c in other_film.sheet.cues] != [c.bpm for c in made.sheet.cues] or (
        stream_md5(other_film.video, "a:0") != stream_md5(made.video, "a:0")
    )


def test_an_edited_cue_sheet_is_used_and_only_the_edited_cue_is_made_anew(film: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(film, tmp_path / "film.mp4"))
    prompts = tmp_path / "prompts.txt"
    prompts.write_text('[0:9] "calm strings"\n[9:18] "drums enter, 110 BPM"\n[18:27] "full of hope"\n', "utf-8")
    first = score_video(copy, Wish(prompts=prompts))
    assert [cue.in_s for cue in first.sheet.cues] == [0, 9, 18]
    assert first.sheet.cues[1].bpm == 110
    before = decoded(first.video)
    path = first.workspace / "cues.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["cues"][1]["seed"] += 1
    document["a note of mine"] = "kept"
    path.write_text(json.dumps(document), encoding="utf-8")
    second = score_video(copy)
    assert [row["composed_now"] for row in second.report.cues] == [i == 1 for i in range(len(first.sheet.cues))]
    assert json.loads(path.read_text(encoding="utf-8"))["a note of mine"] == "kept"
    assert any("edited" in note for note in second.report.warnings)
    audio = decoded(second.video)
    cue = second.sheet.cues[1]
    inside = slice(round((cue.in_s + 1) * 48_000), round((cue.out_s - 1) * 48_000))
    assert not np.allclose(audio[:, inside], before[:, inside], atol=1e-3)


def test_a_cue_sheet_for_another_film_is_refused(film: Path, made: Deliverable, tmp_path: Path) -> None:
    short = plain_film(tmp_path / "short.mp4", 5.0)
    with pytest.raises(CueSheetError, match="duration_s"):
        score_video(short, Wish(cues=made.workspace / "cues.json"))


def test_stems_on_request_are_film_long_and_add_up_to_the_music(film: Path, tmp_path: Path) -> None:
    import soundfile

    deliverable = score_video(film, Wish(output=tmp_path / "out.mp4", stems=True))
    assert deliverable.stems == tmp_path / "out.stems"
    stems = {p.stem: soundfile.read(p, dtype="float32")[0] for p in deliverable.stems.glob("*.flac")}
    assert set(stems) >= {"harmony", "bass", "lead", "rhythm", "effects"}
    assert {len(s) for s in stems.values()} == {round(deliverable.sheet.duration_s * 48_000)}
    assert soundfile.info(deliverable.stems / "bass.flac").subtype == "PCM_24"


def test_a_planned_silence_is_kept_and_is_no_gap(film: Path, tmp_path: Path) -> None:
    spotted = spot_video(film, Wish(output=tmp_path / "out.mp4"))
    document = json.loads(cue_sheet_json.dumps(spotted.sheet))
    last = document["cues"][-1]
    document["silences"] = [[last["in_s"], last["in_s"] + 4.0]]
    last["in_s"] += 4.0
    last["first_downbeat_s"] = last["in_s"]
    last["intensity"], last["hit_points"] = [], []
    sheet = tmp_path / "cues.json"
    sheet.write_text(json.dumps(document), encoding="utf-8")
    deliverable = score_video(film, Wish(output=tmp_path / "out.mp4", cues=sheet))
    rows = {check.name: check for check in deliverable.report.checks}
    assert rows["longest gap in the music"].status == "pass"


def test_the_film_itself_is_never_replaced(film: Path) -> None:
    with pytest.raises(OutputRefused, match="the film itself"):
        score_video(film, Wish(output=film))
