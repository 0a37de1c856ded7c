"""The cue sheet as a table: every use of music, nothing invented, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from timelines_made import film_project

from integrations.timelines.csv_file import write_csv
from integrations.timelines.usage import known_origins
from music_engine.ace_step.checkpoint.pins import pins
from music_engine.registry import ENGINES
from pipeline.project import Played, Project
from scoring.errors import InputError
from scoring.request import CueTake
from scoring.timebase import FrameRate
from scoring.timecode import Timecode

RATE = FrameRate(30_000, 1001)
LOUDNESS = {"measured": {"integrated_lufs": -14.04, "true_peak_dbtp": -1.8, "range_lu": 4.0}}
PERSONS = ("Episode", "Composer", "Composer society and IPI", "Composer share %", "Publisher", "Publisher share %")


def project(folder: Path, engine: str = "composer", **report: object) -> Project:
    made = film_project(folder, [0.0, 61.0, 200.0], [], RATE)
    takes = {cue.id: Played(CueTake(cue.id, engine, 1, 0, 1, 1, (), (), (), (), ()), folder) for cue in made.sheet.cues}
    manifest = {"engine": engine, "versions": {"engines": {engine: "3+abc"}}}
    return replace(made, takes=takes, manifest=manifest, report={"loudness": LOUDNESS, **report})


def rows_of(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\n") == data.count(b"\r\n")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def test_every_cue_has_its_place_its_length_and_its_origin(tmp_path: Path) -> None:
    assert write_csv(project(tmp_path), tmp_path / "cues.csv", start="01:00:00;00") == ()
    first, second = rows_of(tmp_path / "cues.csv")
    assert (first["Production"], first["Cue"], first["Title"], first["Usage"]) == ("film", "1M1", "calm", "BI")
    assert (first["In"], first["Out"], first["Duration"]) == ("01:00:00;00", "01:01:01;00", "0:01:01")
    assert (second["In (s)"], second["Out (s)"], second["Duration"]) == ("61.000", "200.000", "0:02:19")
    assert first["Frame rate"] == "29.97 drop-frame"
    assert (first["Made by"], first["Engine"], first["Engine version"]) == (
        "software: Cuesmith's composer",
        "composer",
        "3+abc",
    )
    assert first["Licence of the weights"] == "none were used"
    assert first["Digital source type"].endswith("/algorithmicMedia")
    assert (first["Mix loudness (LUFS)"], first["Mix true peak (dBTP)"]) == ("-14.0", "-1.8")
    assert (first["Tempo (bpm)"], first["Key"]) == ("80.000", "C major")


def test_no_person_and_no_share_is_invented(tmp_path: Path) -> None:
    write_csv(project(tmp_path), tmp_path / "cues.csv")
    for row in rows_of(tmp_path / "cues.csv"):
        assert [row[name] for name in PERSONS] == [""] * len(PERSONS)


@pytest.mark.parametrize(
    ("engine", "licence", "source"),
    [
        (
            "ace-step-v1",
            "Apache-2.0 for the weights as published; ask whoever gave you others",
            "trainedAlgorithmicMedia",
        ),
        ("somebody-elses", "not known here; ask whoever runs the engine", "trainedAlgorithmicMedia"),
    ],
)
def test_what_a_trained_model_made_is_said_with_its_licence(
    engine: str, licence: str, source: str, tmp_path: Path
) -> None:
    write_csv(project(tmp_path, engine), tmp_path / "cues.csv")
    for row in rows_of(tmp_path / "cues.csv"):
        assert (row["Engine"], row["Licence of the weights"]) == (engine, licence)
        assert row["Digital source type"].endswith(f"/{source}")


def test_every_engine_has_its_origin_and_the_licence_is_that_of_the_table_of_weights() -> None:
    said = known_origins()["ace-step-v1"].licence
    assert set(ENGINES) <= set(known_origins())
    assert {pin.licence for pin in pins().values()} - {None} == {said.split(" for ")[0]}


def test_music_that_the_film_had_is_a_row_for_a_person_to_name(tmp_path: Path) -> None:
    spans = [[70.0, 80.0], [90.0, 95.0]]
    write_csv(project(tmp_path, dialogue={"mode": "duck", "source_music": spans}), tmp_path / "cues.csv")
    rows = rows_of(tmp_path / "cues.csv")
    assert [row["Cue"] for row in rows] == ["1M1", "1M2", "", ""]
    assert all((row["Usage"], row["Engine"], row["Made by"]) == ("", "", "") for row in rows[2:])
    assert "a person has to say what it is" in rows[2]["Note"]
    write_csv(project(tmp_path, dialogue={"mode": "replace", "source_music": spans}), tmp_path / "replaced.csv")
    assert len(rows_of(tmp_path / "replaced.csv")) == 2


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t=", "\r\n+", " -"])
def test_a_name_that_would_be_a_formula_is_text(sign: str, tmp_path: Path) -> None:
    made = project(tmp_path)
    name = f'{sign}HYPERLINK(1,"y")'
    cue = replace(made.sheet.cues[0], mood=name)
    made = replace(made, folder=tmp_path / f"{name}.cuesmith", sheet=replace(made.sheet, cues=(cue,)))
    write_csv(made, tmp_path / "cues.csv")
    (row,) = rows_of(tmp_path / "cues.csv")
    for cell in (row["Title"], row["Production"]):
        assert cell.startswith("'")
        assert not cell.lstrip("' \t\r\n").startswith("'")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=40), mood=st.text(max_size=40))
def test_any_name_at_all_is_one_cell_of_one_line(name: str, mood: str, tmp_path: Path) -> None:
    made = project(tmp_path)
    cue = replace(made.sheet.cues[0], mood=mood)
    folder = tmp_path / f"{name.replace('/', '_').replace(chr(0), '_')}.cuesmith"
    write_csv(replace(made, folder=folder, sheet=replace(made.sheet, cues=(cue,))), tmp_path / "cues.csv")
    (row,) = rows_of(tmp_path / "cues.csv")
    assert None not in row
    for cell in row.values():
        assert "\n" not in cell
        assert not cell.startswith(("=", "+", "@", "\t"))


@given(frame=st.integers(0, 100_000))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_and_out_are_the_films_own_timecode(frame: int, tmp_path: Path) -> None:
    timecode = Timecode(RATE, is_drop=False)
    made = replace(project(tmp_path), starts_at_s=float(timecode.seconds(frame)))
    write_csv(made, tmp_path / "cues.csv")
    assert rows_of(tmp_path / "cues.csv")[0]["In"] == timecode.label(frame)


def test_a_start_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="01:00:00:99"):
        write_csv(project(tmp_path), tmp_path / "cues.csv", start="01:00:00:99")
    assert not (tmp_path / "cues.csv").exists()
