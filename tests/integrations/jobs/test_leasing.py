"""Who holds a unit, what a lapsed lease means, and that only the newest token publishes."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from jobs_by_hand import file, outcome_of, submit, take, view, work_off
from sqlalchemy import select, update

from integrations.jobs.cancelling import cancel
from integrations.jobs.claiming import claim
from integrations.jobs.database import Database
from integrations.jobs.leasing import beat, fail, finish, release, still_mine, tell_progress
from integrations.jobs.reading import units_of
from integrations.jobs.reaping import reap
from integrations.jobs.tables import artefacts, units
from integrations.service.settings import QUEUES, ServiceSettings
from integrations.work.task import Outcome
from scoring.errors import BrokenMedia, EngineError, WorkerLost


def lapse(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(update(units).where(units.c.state == "leased").values(lease_until_s=1.0))


def test_a_job_goes_through_its_units_in_order_and_succeeds(database: Database, settings: ServiceSettings) -> None:
    job_id = submit(database)
    assert work_off(database, settings) == ["analyse", "spot", "compose 1m1", "compose 1m2", "compose 1m3", "finish"]
    done = view(database, job_id)
    assert (done.state, done.progress, done.error) == ("succeeded", 1.0, None)
    assert {a.name for a in done.artefacts} >= {"cues.json", "finish.json"}


@pytest.mark.parametrize(("kind", "steps"), [("analyse", ["analyse"]), ("spot", ["analyse", "spot"])])
def test_other_kinds_of_job_end_earlier(
    database: Database, settings: ServiceSettings, kind: str, steps: list[str]
) -> None:
    job_id = submit(database, kind=kind)
    assert work_off(database, settings) == steps
    assert view(database, job_id).state == "succeeded"


def test_a_job_without_a_film_is_one_unit(database: Database, settings: ServiceSettings) -> None:
    job_id = submit(database, kind="music", music={"prompt": "calm piano", "duration_s": 20})
    assert work_off(database, settings) == ["music"]
    assert view(database, job_id).state == "succeeded"


def test_a_film_without_cues_is_still_finished(database: Database, settings: ServiceSettings) -> None:
    job_id = submit(database)
    while (lease := claim(database, settings, "w", QUEUES)) is not None:
        finish(database, settings, (lease.unit_id, lease.token), outcome_of(lease, cues=0))
    assert view(database, job_id).state == "succeeded"


def test_a_beat_keeps_a_lease_and_without_one_it_is_taken_over(database: Database, settings: ServiceSettings) -> None:
    submit(database)
    lease = take(database, settings)
    held = (lease.unit_id, lease.token)
    lapse(database)
    assert beat(database, settings.patience, [held]) == {lease.unit_id}
    assert reap(database, settings).lapsed == 0
    lapse(database)
    assert reap(database, settings).lapsed == 1
    assert beat(database, settings.patience, [held]) == set()
    again = take(database, settings, "other")
    assert (again.unit_id, again.token, again.task.attempt) == (lease.unit_id, lease.token + 1, 2)


def test_only_the_newest_token_publishes(database: Database, settings: ServiceSettings) -> None:
    job_id = submit(database)
    slow = take(database, settings, "slow")
    lapse(database)
    reap(database, settings)
    quick = take(database, settings, "quick")
    assert finish(database, settings, (quick.unit_id, quick.token), Outcome((file(quick, "analysis.json"),)))
    assert not finish(database, settings, (slow.unit_id, slow.token), Outcome((file(slow, "analysis.json"),)))
    with database.reading() as connection:
        rows = connection.execute(select(artefacts).where(artefacts.c.job_id == job_id)).all()
    assert [row.storage_key for row in rows] == [f"{quick.task.prefix}/analysis.json"]
    assert slow.task.prefix != quick.task.prefix


def test_a_loser_changes_nothing_by_failing_releasing_or_telling(database: Database, settings: ServiceSettings) -> None:
    job_id = submit(database)
    slow = take(database, settings, "slow")
    lapse(database)
    reap(database, settings)
    quick = take(database, settings, "quick")
    held = (slow.unit_id, slow.token)
    fail(database, settings, held, BrokenMedia("late"))
    release(database, held)
    tell_progress(database, held, state="composing", share=0.9, notes=["late"])
    now = view(database, job_id)
    assert (now.state, now.notes) == ("queued", [])
    assert still_mine(database, [(quick.unit_id, quick.token), held]) == {quick.unit_id}


def test_an_error_that_can_pass_is_tried_three_times_and_then_fails_the_job(
    database: Database, patient: Callable[..., ServiceSettings]
) -> None:
    settings = patient(backoff_s=(0.0,))
    job_id = submit(database)
    for attempt in (1, 2, 3):
        lease = take(database, settings)
        assert lease.task.attempt == attempt
        assert view(database, job_id).state == "queued"
        fail(database, settings, (lease.unit_id, lease.token), EngineError("it broke", "Again"))
    done = view(database, job_id)
    assert done.state == "failed"
    assert done.error is not None
    assert (done.error["code"], done.error["stage"], done.error["attempts"]) == ("engine_error", "analyse", 3)
    assert claim(database, settings, "w", QUEUES) is None


def test_an_error_the_caller_must_mend_fails_the_job_at_once(database: Database, settings: ServiceSettings) -> None:
    job_id = submit(database)
    lease = take(database, settings)
    fail(database, settings, (lease.unit_id, lease.token), BrokenMedia("a torn film", "Export it again"))
    error = view(database, job_id).error
    assert error is not None
    assert (error["code"], error["advice"], error["attempts"]) == ("broken_media", "Export it again", 1)


def test_a_lost_process_is_replaced_at_once_and_an_error_after_a_pause(
    database: Database, settings: ServiceSettings
) -> None:
    submit(database)
    lease = take(database, settings)
    fail(database, settings, (lease.unit_id, lease.token), WorkerLost("killed"))
    again = take(database, settings)
    fail(database, settings, (again.unit_id, again.token), EngineError("broke"))
    assert claim(database, settings, "w", QUEUES) is None  # it waits for settings.patience.backoff_s


def test_three_silent_workers_are_a_poisonous_job(database: Database, settings: ServiceSettings) -> None:
    job_id = submit(database)
    for _ in range(3):
        take(database, settings)
        lapse(database)
        reap(database, settings)
    error = view(database, job_id).error
    assert error is not None
    assert error["code"] == "worker_lost"
    assert error["advice"]


def test_two_cues_that_lapse_together_for_the_third_time_fail_their_job_once(
    database: Database, settings: ServiceSettings
) -> None:
    job_id = submit(database)
    for _ in range(2):
        lease = take(database, settings)
        finish(database, settings, (lease.unit_id, lease.token), outcome_of(lease, cues=2))
    for attempt in (1, 2, 3):
        assert {take(database, settings).task.attempt for _ in range(2)} == {attempt}
        lapse(database)
        assert reap(database, settings).lapsed == 2
    assert view(database, job_id).state == "failed"
    assert claim(database, settings, "w", QUEUES) is None
    with database.reading() as connection:
        states = sorted(unit.state for unit in units_of(connection, job_id) if unit.kind == "compose")
    assert states == ["dropped", "failed"]


def test_what_is_given_back_is_no_attempt(database: Database, settings: ServiceSettings) -> None:
    submit(database)
    for _ in range(5):
        lease = take(database, settings)
        assert lease.task.attempt == 1
        release(database, (lease.unit_id, lease.token))


def test_a_cancelled_job_publishes_nothing_more(database: Database, settings: ServiceSettings) -> None:
    job_id = submit(database)
    lease = take(database, settings)
    assert cancel(database, settings, "ann", job_id)
    assert still_mine(database, [(lease.unit_id, lease.token)]) == set()
    assert not finish(database, settings, (lease.unit_id, lease.token), outcome_of(lease))
    done = view(database, job_id)
    assert (done.state, done.artefacts) == ("canceled", ())
    assert not cancel(database, settings, "ann", job_id)
    assert claim(database, settings, "w", QUEUES) is None


def test_cues_that_end_at_the_same_moment_are_joined_once(database: Database, settings: ServiceSettings) -> None:
    job_id = submit(database)
    for _ in range(2):
        lease = take(database, settings)
        finish(database, settings, (lease.unit_id, lease.token), outcome_of(lease, cues=8))
    leases = [take(database, settings, f"w{n}") for n in range(8)]
    assert {lease.task.kind for lease in leases} == {"compose"}
    start = threading.Barrier(8)

    def end(number: int) -> None:
        start.wait()
        finish(database, settings, (leases[number].unit_id, leases[number].token), outcome_of(leases[number]))

    threads = [threading.Thread(target=end, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        kinds = [unit.kind for unit in units_of(connection, job_id)]
    assert kinds.count("finish") == 1
    assert work_off(database, settings) == ["finish"]
    assert view(database, job_id).state == "succeeded"


def test_progress_never_falls(database: Database, settings: ServiceSettings) -> None:
    job_id = submit(database)
    seen = []
    while (lease := claim(database, settings, "w", QUEUES)) is not None:
        held = (lease.unit_id, lease.token)
        for share in (0.5, 0.2, 0.9):
            tell_progress(database, held, state=None, share=share, notes=[])
            seen.append(view(database, job_id).progress)
        finish(database, settings, held, outcome_of(lease))
        seen.append(view(database, job_id).progress)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
