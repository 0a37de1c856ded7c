"""Films made elsewhere, measured: with the film as it was, without it, with another one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from card_sounds import music
from films import ffmpeg, plain_film
from takes_made import Made, Watching
from talking import film_of
from voices import VOICES, speak

from pipeline.inspection.document import document_of
from pipeline.inspection.inspect import Inspected, inspect_video
from pipeline.inspection.showing import show_inspected
from pipeline.report.page import report_page
from pipeline.sound.loudness import LoudnessMeter, loudness_target
from scoring import cue_sheet_json
from scoring.errors import CueSheetError, UnsupportedMedia, VideoMissing
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange

SECONDS = 24
DOWN_DB = -16.0  # the music under the voice, all along
LATE_MS = 40
AAC = ("-c:a", "aac", "-b:a", "256k")


@dataclass(frozen=True)
class Elsewhere:
    """film: somebody speaks. scored: with music that another hand laid. late: the same, 40 ms late."""

    film: Path
    scored: Path
    late: Path
    music_lufs: float


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    folder = tmp_path_factory.mktemp("elsewhere")
    mono, _ = speak(SECONDS, 12, VOICES[0])
    size = SECONDS * SAMPLE_RATE_HZ
    voice = np.stack([mono, mono])[:, :size] * np.float32(0.5)
    bed = music(SECONDS)[:, :size]
    bed *= np.float32(10 ** ((DOWN_DB + 10 * np.log10(np.mean(voice**2) / np.mean(bed**2))) / 20))
    meter = LoudnessMeter()
    meter.add(bed)
    late = LATE_MS * SAMPLE_RATE_HZ // 1000
    mix = voice + bed
    moved = np.concatenate([np.zeros((2, late), np.float32), mix[:, :-late]], axis=1)
    return Elsewhere(
        film_of(folder / "film.mkv", voice, "stereo"),
        film_of(folder / "scored.mp4", mix, "stereo", coder=AAC),
        film_of(folder / "late.mp4", moved, "stereo", coder=AAC),
        meter.integrated_lufs,
    )


def row(inspected: Inspected, name: str):  # type: ignore[no-untyped-def]
    return next(row for row in inspected.rows if row.id == name)


def of(inspected: Inspected) -> float:
    """The integrated loudness of the music by itself."""
    assert inspected.evidence.music is not None
    energy = inspected.evidence.music.energy
    loud = energy[energy > 1e-7]
    return -0.691 + 10 * math.log10(float(loud[loud > loud.mean() / 10].mean()))


def test_with_the_film_as_it_was_the_music_is_measured_by_itself(elsewhere: Elsewhere) -> None:
    found = inspect_video(elsewhere.scored, source=elsewhere.film, clearance_lu=10.0)
    assert found.evidence.has_source
    assert of(found) == pytest.approx(elsewhere.music_lufs, abs=0.5)
    assert found.speech
    assert row(found, "E1").value == pytest.approx(-DOWN_DB, abs=4.0)  # the worst 3 s of it
    assert row(found, "E1").status == "pass"
    assert row(found, "H1").value == pytest.approx(0.0, abs=0.1)
    assert found.notes == ()


def test_nobody_is_held_to_a_clearance_that_was_not_asked_for(elsewhere: Elsewhere) -> None:
    told = inspect_video(elsewhere.scored, source=elsewhere.film)
    assert row(told, "E1").status == "info"
    asked = inspect_video(elsewhere.scored, source=elsewhere.film, clearance_lu=25.0)
    assert row(asked, "E1").status == "fail"
    assert row(asked, "E1").value == pytest.approx(row(told, "E1").value)


def test_sound_that_was_muxed_late_is_told(elsewhere: Elsewhere) -> None:
    found = inspect_video(elsewhere.late, source=elsewhere.film)
    assert row(found, "H1").value == pytest.approx(LATE_MS, abs=0.2)
    assert row(found, "H1").status == "fail"
    assert of(found) == pytest.approx(elsewhere.music_lufs, abs=0.5)


def test_without_the_film_as_it_was_nothing_is_said_of_music_that_somebody_speaks_over(elsewhere: Elsewhere) -> None:
    watching = Watching()
    found = inspect_video(elsewhere.scored, observer=watching)
    assert found.evidence.music is None
    assert found.speech
    for name in ("E1", "E2", "G1"):
        assert row(found, name).status == "not measurable"
        assert "--source" in row(found, name).advice
    assert row(found, "H1").status == "not measurable"
    assert row(found, "F1-range").value is not None
    assert len(watching.notes) == 1


def test_another_film_is_not_taken_away(elsewhere: Elsewhere, tmp_path: Path) -> None:
    mono, _ = speak(SECONDS, 99, VOICES[1])
    other = film_of(tmp_path / "other.mkv", np.stack([mono, mono]), "stereo")
    found = inspect_video(elsewhere.scored, source=other)
    assert found.evidence.music is None
    assert found.source == other
    assert any("could not be aligned" in note for note in found.notes)
    assert row(found, "G1").status == "not measurable"
    assert "could not be aligned" in row(found, "G1").advice


def test_a_film_that_had_no_sound_leaves_nothing_but_music(elsewhere: Elsewhere, tmp_path: Path) -> None:
    mute = plain_film(tmp_path / "mute.mp4", SECONDS, sound=False)
    for source in (mute, "none"):
        found = inspect_video(elsewhere.scored, source=source)  # type: ignore[arg-type]
        assert found.evidence.music is found.evidence.whole
        assert not found.evidence.has_source
        assert all(not row.id.startswith("E") for row in found.rows)


def test_a_silent_film_leaves_nothing_but_music_either(elsewhere: Elsewhere, tmp_path: Path) -> None:
    silent = film_of(tmp_path / "silent.mkv", np.zeros((2, SECONDS * SAMPLE_RATE_HZ), np.float32), "stereo")
    found = inspect_video(elsewhere.scored, source=silent)
    assert found.evidence.music is not None
    assert found.notes == ()


def test_where_nobody_speaks_all_that_sounds_is_taken_for_music_and_said_to_be(tmp_path: Path) -> None:
    sound = music(10.0)[:, : 10 * SAMPLE_RATE_HZ]
    found = inspect_video(film_of(tmp_path / "only.mkv", sound, "stereo"))
    assert found.evidence.music is not None
    assert "All that sounds is taken for music" in found.notes[0]


def test_loudness_is_judged_by_the_standard_that_is_named(elsewhere: Elsewhere) -> None:
    told = inspect_video(elsewhere.scored, source="none")
    assert row(told, "F1").status == "info"
    standard = loudness_target("ebu-r128")
    judged = inspect_video(elsewhere.scored, source="none", target=standard)
    wanted = abs(row(told, "F1").value - standard.integrated_lufs) <= standard.tolerance_lu + 0.05
    assert row(judged, "F1").status == ("pass" if wanted else "fail")


def test_files_that_cannot_be_measured_are_refused(tmp_path: Path, elsewhere: Elsewhere) -> None:
    with pytest.raises(VideoMissing):
        inspect_video(tmp_path / "nowhere.mp4")
    with pytest.raises(UnsupportedMedia, match="has no sound"):
        inspect_video(plain_film(tmp_path / "mute.mp4", sound=False))
    (tmp_path / "text.mp4").write_text("not a film")
    with pytest.raises(UnsupportedMedia):
        inspect_video(tmp_path / "text.mp4")
    with pytest.raises(VideoMissing):
        inspect_video(elsewhere.scored, source=tmp_path / "nowhere.mp4")


def test_a_film_that_cuesmith_scored_brings_its_plan(compared: Made, tmp_path: Path) -> None:
    scored = compared.film.with_name(f"{compared.film.stem}.scored.take1.mp4")
    found = inspect_video(scored)
    assert found.planned is not None
    assert found.planned.project is not None
    assert found.source == compared.film
    plan = found.evidence.plan
    assert plan is not None
    assert [cue.id for cue in plan.cues] == [cue.id for cue in found.planned.sheet.cues]
    assert plan.cues[0].is_exact
    assert plan.cuts_s == pytest.approx((6.0, 11.0), abs=0.1)
    assert row(found, "F1").status == "pass"
    assert row(found, "H1").status == "pass"  # to a few periods of the hum that is this film's sound
    assert not found.failing, [(r.id, r.value, r.advice) for r in found.failing]
    without = inspect_video(scored, cues="none", source="none")
    assert without.evidence.plan is None
    sheet = tmp_path / "cues.json"
    sheet.write_text(cue_sheet_json.dumps(found.planned.sheet), encoding="utf-8")
    planned = inspect_video(scored, cues=sheet, source="none").evidence.plan
    assert planned is not None
    assert [cue.range for cue in planned.cues] == [cue.range for cue in plan.cues]
    assert not planned.cues[0].is_exact
    for cue in planned.cues:
        gaps = np.diff(cue.beats_s[1:-1])
        assert np.allclose(gaps, 60 / cue.bpm)
        assert cue.range.start_s <= cue.beats_s[0]
    end_s = found.planned.sheet.duration_s
    longer = (*found.planned.sheet.silences, TimeRange(end_s, end_s + 1))
    other = replace(found.planned.sheet, duration_s=end_s + 1, silences=longer)
    sheet.write_text(cue_sheet_json.dumps(other), encoding="utf-8")
    with pytest.raises(CueSheetError, match="duration_s"):
        inspect_video(scored, cues=sheet)


def test_the_film_itself_has_no_plan_though_its_workspace_lies_beside_it(compared: Made) -> None:
    assert inspect_video(compared.film).planned is None


def test_the_document_is_finite_and_the_page_is_a_page(elsewhere: Elsewhere, tmp_path: Path) -> None:
    import json

    silent = tmp_path / "silent.mp4"
    ffmpeg(
        "-f", "lavfi", "-i", "color=red:s=96x96:r=10:d=3", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo:d=3",
        "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", silent,
    )  # fmt: skip
    for found in (inspect_video(silent), inspect_video(elsewhere.scored, source=elsewhere.film)):
        document = json.loads(json.dumps(document_of(found), allow_nan=False))
        assert document["schema"] == "cuesmith.inspection/1"
        assert {check["id"] for check in document["checks"]} == {r.id for r in found.rows}
        assert sum(document["counts"].values()) == len(found.rows)
        page = report_page(show_inspected(found))
        assert found.film.path.name in page
