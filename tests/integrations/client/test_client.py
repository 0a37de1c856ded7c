from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from api_made import scored, work_off
from api_rig import FILM, ApiRig, served
from cutting_proxy import CuttingProxy
from sqlalchemy import func, select

from integrations.client import CuesmithClient, Job, verify_webhook
from integrations.client import client as pages
from integrations.jobs.tables import jobs
from integrations.webhooks.signing import sign
from scoring.errors import Conflict, Gone, InputError, NotAuthorised, SignatureRefused, UnknownChoice, UnknownId

HOOK = "http://127.0.0.1:9/hook"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiRig]:
    """A running API that trusts one receiver of webhooks."""
    with served(tmp_path_factory.mktemp("api"), webhook_hosts=("127.0.0.1:9",)) as rig:
        yield rig


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(FILM)
    return path


@pytest.fixture
def job(api: ApiRig, client: CuesmithClient) -> Job:
    """One that has succeeded."""
    with api.client() as http:
        return client.job(scored(api, http))


def count(api: ApiRig) -> int:
    with api.database.reading() as connection:
        found: int = connection.execute(select(func.count()).select_from(jobs)).scalar_one()
    return found


def test_a_film_is_submitted_read_listed_cancelled_and_deleted(api: ApiRig, client: CuesmithClient, film: Path) -> None:
    told: list[int] = []
    job = client.submit(film, wish={"style": "cinematic", "takes": 2}, progress=lambda done, _: told.append(done))
    assert told[-1] == len(FILM)
    assert (job.kind, job.state, job.order["wish"]) == ("score", "queued", {"style": "cinematic", "takes": 2})
    assert job.source is not None
    assert job.source["name"] == "film.mp4"
    assert next(client.jobs()).id == job.id
    assert job.id in [each.id for each in client.jobs("queued")]
    with pytest.raises(Conflict):
        client.delete(job)
    assert client.cancel(job)
    assert not client.cancel(job.id)
    client.delete(job)
    with pytest.raises(Gone):
        client.job(job)


def test_every_job_is_listed_once_over_many_pages(api: ApiRig, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_PAGE", 2)
    with CuesmithClient(api.address, api.key("many")) as client:
        upload = client.upload(film).id
        made = [client.submit(upload=upload).id for _ in range(5)]
        assert [job.id for job in client.jobs()] == made[::-1]


def test_what_makes_no_order_is_refused_before_or_by_the_server(client: CuesmithClient, film: Path) -> None:
    with pytest.raises(InputError, match="with 0 films"):
        client.submit()
    with pytest.raises(InputError, match="with 2 films"):
        client.submit(film, upload="up_1")
    with pytest.raises(InputError, match="with 1 films"):
        client.submit(film, kind="compose_cue")
    with pytest.raises(UnknownChoice):
        client.submit(film, kind="scores", wish={})
    with pytest.raises(UnknownId):
        client.submit(upload="up_" + "0" * 32)


@pytest.mark.parametrize("after", [0, 30, 120])
def test_a_request_whose_answer_was_lost_makes_one_job(
    api: ApiRig, proxy: CuttingProxy, through: CuesmithClient, client: CuesmithClient, film: Path, after: int
) -> None:
    upload = client.upload(film).id
    before = count(api)
    proxy.down += [after, after]
    job = through.submit(upload=upload)
    assert proxy.cut == 2
    assert count(api) == before + 1
    assert client.job(job).id == job.id


def test_the_same_key_of_ones_own_is_the_same_job(client: CuesmithClient, film: Path) -> None:
    upload = client.upload(film).id
    first = client.submit(upload=upload, idempotency_key="film-1")
    assert client.submit(upload=upload, idempotency_key="film-1").id == first.id
    with pytest.raises(Conflict):
        client.submit(upload=upload, wish={"seed": 2}, idempotency_key="film-1")


def test_a_cue_sheet_is_read_edited_and_scored_again(api: ApiRig, client: CuesmithClient, job: Job) -> None:
    sheet = client.cue_sheet(job)
    assert not sheet.is_draft
    document = json.loads(sheet.text)
    document["cues"][0]["bpm"] = 88.0
    kept = client.put_cue_sheet(job, json.dumps(document), etag=sheet.etag)
    assert kept.is_draft
    assert json.loads(client.cue_sheet(job).text)["cues"][0]["bpm"] == 88.0
    with pytest.raises(InputError):
        client.put_cue_sheet(job, json.dumps(document), etag=sheet.etag)
    again = client.rescore(job)
    assert (again.parent, again.state) == (job.id, "queued")
    work_off(api)
    assert client.wait(again).has_succeeded


def test_one_cue_is_composed_anew_and_an_earlier_take_chosen(api: ApiRig, client: CuesmithClient, job: Job) -> None:
    again = client.recompose(job, "1m2", bpm=72.0, key="D minor")
    work_off(api)
    done = client.wait(again)
    cue = json.loads(client.cue_sheet(done).text)["cues"][1]
    assert cue["wishes"] == {"bpm": 72.0, "key": "D minor"}
    takes = [take for take in client.takes(done) if take.cue == "1m2"]
    assert [take.chosen for take in takes].count(True) == 1
    other = next(take for take in takes if not take.chosen)
    etag = client.choose_take(done, "1m2", other)
    assert client.cue_sheet(done).etag == etag
    assert json.loads(client.cue_sheet(done).text)["cues"][1]["seed"] == other.seed


def test_the_sound_of_a_take_is_downloaded(client: CuesmithClient, job: Job, tmp_path: Path) -> None:
    take = client.takes(job)[0]
    sound = next(file for file in take.files if file.name.endswith(".flac"))
    assert client.download_file(sound, tmp_path).read_bytes() == f"{take.cue} {take.seed}".encode()


def test_films_and_cues_are_rated(client: CuesmithClient, job: Job) -> None:
    client.rate(job, 4, comment="good")
    client.rate(job, 2, cue="1m1")
    assert [(row.cue, row.stars, row.comment) for row in client.ratings(job)] == [("", 4, "good"), ("1m1", 2, "")]
    with pytest.raises(InputError):
        client.rate(job, 6)


def test_music_is_waited_for_and_downloaded(api: ApiRig, client: CuesmithClient, tmp_path: Path) -> None:
    worker = threading.Timer(0.5, work_off, (api,))
    worker.start()
    made = client.music("calm piano", duration_s=12.0, output_format="wav", seed=3)
    worker.join()
    assert (made.status, made.duration_sec) == ("completed", 12.0)
    assert client.download_music(made, tmp_path).read_bytes() == b"sound"
    with pytest.raises(InputError):
        client.music("calm piano", duration_s=5.0)


def test_webhooks_are_made_changed_and_deleted(client: CuesmithClient) -> None:
    made = client.webhooks.create(HOOK, ["job.succeeded"])
    assert made.secret is not None
    assert made.secret not in repr(made)
    assert client.webhooks.get(made.id).secret is None
    changed = client.webhooks.change(made.id, events=[], enabled=True)
    assert (changed.events, changed.enabled) == ([], True)
    assert client.webhooks.rotate_secret(made.id) != made.secret
    assert [hook.id for hook in client.webhooks.list()] == [made.id]
    assert client.webhooks.deliveries(made.id) == []
    with pytest.raises(UnknownId):
        client.webhooks.replay(made.id, "msg_" + "0" * 32)
    client.webhooks.delete(made.id)
    assert client.webhooks.list() == []


def test_deliveries_are_listed_and_sent_again(api: ApiRig, client: CuesmithClient, film: Path) -> None:
    made = client.webhooks.create(HOOK, ["job.canceled"])
    job = client.submit(film)
    client.cancel(job)
    (sent,) = client.webhooks.deliveries(made.id)
    assert (sent.job_id, sent.kind) == (job.id, "job.canceled")
    assert client.webhooks.replay(made.id, sent.id).id == sent.id
    client.webhooks.delete(made.id)


def test_a_webhook_is_checked_with_the_clients_own_function() -> None:
    secret, sent_at = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", datetime(2026, 11, 26, tzinfo=UTC)
    headers = sign([secret], "msg_1", sent_at, '{"type": "job.succeeded"}')
    assert verify_webhook('{"type": "job.succeeded"}', headers, secret, now=sent_at) == {"type": "job.succeeded"}
    with pytest.raises(SignatureRefused):
        verify_webhook('{"type": "job.failed"}', headers, secret, now=sent_at)


def test_experiments_are_told_and_a_bad_key_is_refused(api: ApiRig, client: CuesmithClient) -> None:
    assert client.experiments()["default"]["title"] == "built-in"
    with CuesmithClient(api.address, "csk_nobody") as other, pytest.raises(NotAuthorised):
        other.experiments()
