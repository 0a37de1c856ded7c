from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from films import colour_film
from rated_jobs import a_database, a_tenant, work_off
from sheets import sheet
from units_done import source_of

from integrations.cli.main import run
from integrations.experiments.exporting import export_ratings
from integrations.experiments.rating import rate
from integrations.experiments.training_set import read_training_set
from integrations.jobs.database import Database
from integrations.jobs.intake import Ask, take_in
from integrations.jobs.orders import read_order
from integrations.jobs.reading import read_job, units_of
from integrations.service.settings import ServiceSettings
from integrations.storage.opening import open_storage
from integrations.storage.storage import Storage
from integrations.work.task import Outcome
from music_engine.ace_step.lyrics.tokens import tokens_without_vocabulary
from scoring import cue_sheet_json
from scoring.cue_sheet import CueSheet
from scoring.cue_sheet_json import dumps
from scoring.errors import InputError, OutputRefused, UnknownId


@dataclass(frozen=True)
class Service:
    """What a service holds after a film was scored for acme, in two takes and again, and a cue was made for other."""

    database: Database
    storage: Storage
    env: dict[str, str]
    takes: str
    again: str
    others: str


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    env = {"CUESMITH_DATA": str(folder), "CUESMITH_DATABASE_URL": f"sqlite:///{folder / 'service.db'}"}
    settings = ServiceSettings.from_env({**env, "CUESMITH_ANALYSER": "colour-motion"})
    database, storage = a_database(folder), open_storage(settings.storage_url)
    source = source_of(storage, colour_film(folder / "film.mp4", [("0x88BBDD", 4.0), ("0x401010", 4.0)]))

    def job(tenant: str, source: dict[str, object] | None, **order: object) -> str:
        return take_in(database, a_tenant(database, tenant), Ask(read_order(order), source)).job_id

    made = (
        job("acme", source, kind="score", wish={"takes": 2}),
        job("acme", source, kind="score", wish={"loudness": "podcast"}),
        job("other", None, kind="compose_cue", cue="1m1", texts={"sheet": dumps(asked_sheet())}),
    )
    work_off(database, settings, folder / "work")
    yield Service(database, storage, env, *made)
    database.close()


def asked_sheet() -> CueSheet:
    """A sheet of one cue, as somebody may ask for it."""
    plain = sheet([0.0, 6.0])
    return replace(plain, cues=(replace(plain.cues[0], prompt="calm, piano, 80 bpm"),))


def cues_of(service: Service, job_id: str) -> list[str]:
    with service.database.reading() as connection:
        return [row.name for row in units_of(connection, job_id) if row.kind == "compose"]


def test_well_rated_takes_become_what_training_reads(service: Service, tmp_path: Path) -> None:
    rate(service.database, "acme", service.takes, 5)
    rate(service.database, "acme", service.takes, 2, cue="@2")
    rate(service.database, "other", service.others, 5)
    made = export_ratings(service.database, service.storage, tmp_path / "set", tenant="acme")
    first = [name for name in cues_of(service, service.takes) if "@" not in name]
    assert made.pieces + len(made.left_out) == len(first)
    pieces = read_training_set(tmp_path / "set")
    assert len(pieces) == made.pieces > 0
    rows = [json.loads(line) for line in (tmp_path / "set/ratings.jsonl").read_text("utf-8").splitlines()]
    assert [row["piece"] for row in rows] == [piece.key for piece in pieces]
    assert {(row["job"], row["take"], row["stars"], row["rated"]) for row in rows} == {(service.takes, 1, 5.0, "film")}
    with service.database.reading() as connection:
        files = {file.name: file for file in read_job(connection, "acme", service.takes).artefacts}
        units = {row.name: Outcome.from_json(row.outcome) for row in units_of(connection, service.takes) if row.outcome}
    sheet = cue_sheet_json.loads(service.storage.get_bytes(files["cues.json"].storage_key, 10**7).decode())
    prompts = {cue.id: cue.prompt for cue in sheet.cues}
    for piece, row in zip(pieces, rows, strict=True):
        assert list(piece.tags) == prompts[row["cue"]].split(", ")
        assert "[inst]" in piece.lyrics
        assert tokens_without_vocabulary(piece.lyrics) is not None  # structure tags alone: nothing is sung
        item = piece.to_json()
        assert set(item) == {"keys", "filename", "tags", "speaker_emb_path", "norm_lyrics", "recaption"}
        sound, rate_hz = soundfile.read(piece.audio, always_2d=True)
        assert rate_hz == 48_000
        stems = [f for f in units[row["cue"]].files if f.name.endswith(".flac")]
        whole = 0.0
        for number, stem in enumerate(stems):
            path = service.storage.fetch(stem.key, tmp_path / f"{piece.key}-{number}.flac")
            whole = whole + soundfile.read(path, always_2d=True)[0]
        assert sound.shape == np.shape(whole)
        assert np.corrcoef(sound[:, 0], np.asarray(whole)[:, 0])[0, 1] > 0.99


def test_a_cues_own_stars_stand_before_its_films(service: Service, tmp_path: Path) -> None:
    rate(service.database, "acme", service.takes, 1)
    cue = max(cues_of(service, service.takes), key=lambda name: "@2" in name)
    rate(service.database, "acme", service.takes, 2, cue="@2")
    rate(service.database, "acme", service.takes, 5, cue=cue)
    made = export_ratings(service.database, service.storage, tmp_path / "set", tenant="acme")
    (row,) = map(json.loads, (tmp_path / "set/ratings.jsonl").read_text("utf-8").splitlines())
    assert (made.pieces, row["cue"], row["take"], row["rated"]) == (1, cue.partition("@")[0], 2, "cue")


def test_the_same_music_in_two_jobs_is_one_piece_with_their_stars_together(service: Service, tmp_path: Path) -> None:
    again = cues_of(service, service.again)
    for name in cues_of(service, service.takes):
        rate(service.database, "acme", service.takes, 5 if name in again else 1, cue=name)
    for name in again:
        rate(service.database, "acme", service.again, 3, cue=name)
    made = export_ratings(service.database, service.storage, tmp_path / "set", tenant="acme", least_stars=4)
    rows = [json.loads(line) for line in (tmp_path / "set/ratings.jsonl").read_text("utf-8").splitlines()]
    assert made.pieces + len(made.left_out) == len(again)
    assert {row["stars"] for row in rows} == {4.0}
    with pytest.raises(InputError, match=r"no take of 4\.5 stars"):
        export_ratings(service.database, service.storage, tmp_path / "none", tenant="acme", least_stars=4.5)


def test_what_cannot_be_exported_is_refused(service: Service, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "old.mp3").touch()
    with pytest.raises(OutputRefused, match="not empty"):
        export_ratings(service.database, service.storage, tmp_path / "full", tenant="acme")
    with pytest.raises(UnknownId, match="nobody"):
        export_ratings(service.database, service.storage, tmp_path / "x", tenant="nobody")
    with pytest.raises(InputError, match="stars"):
        export_ratings(service.database, service.storage, tmp_path / "y", tenant="acme", least_stars=6)


def test_the_command_asks_for_the_tenant_and_exports(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in service.env.items():
        monkeypatch.setenv(name, value)
    rate(service.database, "other", service.others, 4)
    assert run(["ratings", "export", str(tmp_path / "set")]) == 2
    assert "--tenant" in capsys.readouterr().err
    assert run(["ratings", "export", str(tmp_path / "set"), "--tenant", "other", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (piece,) = read_training_set(tmp_path / "set")
    assert (told["pieces"], piece.tags) == (1, ("calm", "piano", "80 bpm"))
    assert run(["ratings", "export", str(tmp_path / "more"), "--tenant", "other", "--stars", "5"]) == 2
    assert "no take of 5 stars" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda folder: (folder / "1_prompt.txt").unlink(), "_prompt.txt"),
        (lambda folder: (folder / "1_lyrics.txt").unlink(), "_lyrics.txt"),
        (lambda folder: (folder / "1_prompt.txt").write_text(" , ", "utf-8"), "0 tags"),
        (lambda folder: (folder / "1_prompt.txt").write_text("x" * 257, "utf-8"), "257 characters"),
        (lambda folder: sound(folder, 2.0), "lasts 2.0"),
        (lambda folder: sound(folder, 4.0, 0.0), "100% silence"),
    ],
)
def test_a_set_that_training_would_bend_is_refused(tmp_path: Path, harm, said: str) -> None:  # type: ignore[no-untyped-def]
    sound(tmp_path, 4.0)
    (tmp_path / "1_prompt.txt").write_text("calm, piano", "utf-8")
    (tmp_path / "1_lyrics.txt").write_text("[inst]", "utf-8")
    assert read_training_set(tmp_path)[0].tags == ("calm", "piano")
    harm(tmp_path)
    with pytest.raises(InputError, match=said):
        read_training_set(tmp_path)


def sound(folder: Path, duration_s: float, level: float = 0.1) -> None:
    noise = level * np.random.default_rng(1).standard_normal((int(duration_s * 48_000), 2))
    soundfile.write(folder / "1.mp3", noise, 48_000, format="MP3")
