"""What is done next, and for whom."""

from __future__ import annotations

import threading
from dataclasses import replace

from jobs_by_hand import outcome_of, submit, take, view, work_off
from sqlalchemy import insert

from integrations.jobs.claiming import claim, company, queue_lengths
from integrations.jobs.database import Database
from integrations.jobs.leasing import finish
from integrations.jobs.reading import units_of
from integrations.jobs.tables import units
from integrations.jobs.tenants import ensure_tenant
from integrations.service.settings import QUEUES, ServiceSettings


def test_a_unit_is_claimed_once_however_many_ask(database: Database, settings: ServiceSettings) -> None:
    for _ in range(12):
        submit(database)
    claimed: list[str] = []
    lock = threading.Lock()

    def ask(owner: str) -> None:
        while (lease := claim(database, settings, owner, QUEUES)) is not None:
            with lock:
                claimed.append(lease.unit_id)

    threads = [threading.Thread(target=ask, args=(f"w{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 12


def test_a_tenant_with_one_job_need_not_wait_for_another_with_many(
    database: Database, settings: ServiceSettings
) -> None:
    for _ in range(30):
        submit(database, "ann", source={"sha256": "11" * 32})
    first = take(database, settings)
    submit(database, "bob", source={"sha256": "22" * 32})
    assert first.task.tenant == "ann"
    assert take(database, settings).task.tenant == "bob"


def test_turns_alternate_when_both_have_as_much_running(database: Database, settings: ServiceSettings) -> None:
    for tenant in ("ann", "bob"):
        for number in range(6):
            submit(database, tenant, kind="analyse", source={"sha256": f"{tenant}{number}"})
    order = []
    for _ in range(12):
        lease = take(database, settings)
        order.append(lease.task.tenant)
        finish(database, settings, (lease.unit_id, lease.token), outcome_of(lease))
    assert sorted(order[:2]) == ["ann", "bob"]
    assert order == order[:2] * 6


def test_a_tenant_at_its_quota_of_running_units_waits(database: Database, settings: ServiceSettings) -> None:
    ensure_tenant(database, "ann", {"running_units": 2})
    for _ in range(4):
        submit(database)
    take(database, settings)
    take(database, settings)
    assert claim(database, settings, "w", QUEUES) is None


def test_a_job_that_was_begun_goes_on_before_another_begins(database: Database, settings: ServiceSettings) -> None:
    first, second = submit(database, source={"sha256": "1" * 64}), submit(database, source={"sha256": "2" * 64})
    jobs_in_order = []
    while (lease := claim(database, settings, "w", QUEUES)) is not None:
        jobs_in_order.append(lease.job_id)
        finish(database, settings, (lease.unit_id, lease.token), outcome_of(lease))
    assert jobs_in_order == sorted(jobs_in_order, key=[first, second].index)


def test_a_worker_gets_only_what_its_queues_hold(database: Database, settings: ServiceSettings) -> None:
    submit(database)
    submit(database, kind="music", music={"prompt": "x", "duration_s": 10})
    submit(database, kind="music", music={"prompt": "x", "duration_s": 10}, wish={"engine": "ace-step-v1"})
    kinds = {}
    for queue in ("media", "compose", "gpu"):
        lease = claim(database, settings, "w", [queue])
        assert lease is not None
        kinds[queue] = lease.task.kind
        assert claim(database, settings, "w", [queue]) is None
    assert kinds == {"media": "analyse", "compose": "music", "gpu": "music"}


def test_what_was_made_from_the_same_film_is_not_made_again(database: Database, settings: ServiceSettings) -> None:
    submit(database)
    assert work_off(database, settings)[0] == "analyse"
    again = submit(database)
    assert work_off(database, settings)[0] == "spot"
    with database.reading() as connection:
        (analyse,) = [unit for unit in units_of(connection, again) if unit.kind == "analyse"]
    assert analyse.state == "done"
    names = {artefact.name: artefact for artefact in view(database, again).artefacts}
    assert "analyse.json" in names  # found where the first job put it
    assert analyse.id not in names["analyse.json"].storage_key


def test_another_tenants_result_is_never_used(database: Database, settings: ServiceSettings) -> None:
    submit(database, "ann")
    work_off(database, settings)
    submit(database, "bob")
    assert work_off(database, settings)[0] == "analyse"


def test_cues_with_one_batch_key_are_found_over_jobs_and_tenants(database: Database, settings: ServiceSettings) -> None:
    jobs = [submit(database, tenant) for tenant in ("ann", "bob")]
    with database.writing() as connection:
        for unit in [*units_of(connection, jobs[0]), *units_of(connection, jobs[1])]:
            row = {**unit._mapping, "kind": "compose", "name": "1m1", "queue": "gpu", "batch_key": "k"}
            connection.execute(units.delete().where(units.c.id == unit.id))
            for number in range(2):
                connection.execute(insert(units).values({**row, "id": f"{unit.id}{number}", "name": f"1m{number}"}))
    first = take(database, settings)
    assert company(database, QUEUES, first.batch_key) == (True, False)
    assert company(database, QUEUES, "another") == (False, True)
    assert company(database, ["media"], first.batch_key) == (False, False)
    found = {first.unit_id}
    while (lease := claim(database, settings, "w", QUEUES, batch_key=first.batch_key)) is not None:
        found.add(lease.unit_id)
    assert len(found) == 4
    assert claim(database, settings, "w", QUEUES, batch_key="another") is None


def test_a_job_that_comes_too_late_is_aborted(database: Database, settings: ServiceSettings) -> None:
    from jobs_by_hand import asked

    from integrations.jobs.intake import take_in
    from integrations.jobs.tenants import Tenant

    late = take_in(database, Tenant("ann", settings.quota), replace(asked(), deadline_s=5.0)).job_id
    assert claim(database, settings, "w", QUEUES) is None
    assert view(database, late).state == "aborted"


def test_queue_lengths_count_what_waits_and_what_is_done(database: Database, settings: ServiceSettings) -> None:
    for _ in range(3):
        submit(database)
    take(database, settings)
    with database.reading() as connection:
        assert queue_lengths(connection) == {("media", "waiting"): 2, ("media", "leased"): 1}
