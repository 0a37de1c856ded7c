"""The ledger of a watched folder, on both kinds of database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from databases import opened
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jobs_by_hand import FILM
from sqlalchemy import func, select, update

from integrations.jobs import states
from integrations.jobs.database import Database
from integrations.jobs.intake import Ask
from integrations.jobs.orders import read_order
from integrations.jobs.tables import drops, jobs, units
from integrations.jobs.tenants import Tenant, ensure_tenant
from integrations.service.settings import Quota
from integrations.watch_folder.ledger import REFUSED, SCORED, TAKEN, Entered, Ledger, New
from scoring.errors import QuotaReached, UploadConflict

ROOT = Path("/films")
ASK = Ask(read_order({"kind": "score"}), FILM)
CLIP = New(Path("sub/clip.mp4"), "1:2:3:4", "", "ab" * 32, ASK.order.digest(), [Path("sub/clip"), Path("sub/clip.mp4")])


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    made = opened(url)
    ensure_tenant(made, "ann")
    yield made
    made.close()


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database, Tenant("ann", Quota()), ROOT)


def take(ledger: Ledger, new: New = CLIP, ask: Ask | None = ASK, **more: bool) -> Entered:
    return ledger.take(new, ask, **{"keeps_place": True, "has_result": True, **more})


def count(database: Database, table: object) -> int:
    with database.reading() as connection:
        found: int = connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]
    return found


def end(database: Database, job_id: str, state: str) -> None:
    with database.writing() as connection:
        connection.execute(update(jobs).where(jobs.c.id == job_id).values(state=state))


def test_a_film_and_its_job_are_written_together_or_not_at_all(database: Database, ledger: Ledger) -> None:
    poor = Ledger(database, Tenant("ann", Quota(waiting_jobs=0)), ROOT)
    with pytest.raises(QuotaReached):
        take(poor)
    assert [count(database, table) for table in (drops, jobs, units)] == [0, 0, 0]
    entered = take(ledger)
    assert entered.made_job
    assert [count(database, table) for table in (drops, jobs, units)] == [1, 1, 1]
    assert ledger.known([CLIP.path, Path("other.mp4")]) == {CLIP.path: entered.drop}
    assert ledger.unfinished() == [entered.drop]
    assert (entered.drop.state, entered.drop.place) == (TAKEN, Path("sub/clip"))


def test_the_same_film_as_wanted_before_gets_the_same_job_unless_that_came_to_nothing(
    database: Database, ledger: Ledger
) -> None:
    first = take(ledger)
    second = take(ledger, replace(CLIP, path=Path("copy.mp4")), ask=None)
    assert (second.made_job, second.drop.job_id) == (False, first.drop.job_id)
    assert second.drop.place == Path("sub/clip.mp4")  # the first place has an owner
    assert take(ledger, replace(CLIP, path=Path("b.mp4"), wanted="other")).made_job
    end(database, str(first.drop.job_id), states.FAILED)
    assert ledger.same(CLIP.sha256, CLIP.wanted) is None
    with pytest.raises(UploadConflict):
        take(ledger, replace(CLIP, path=Path("c.mp4")), ask=None)
    assert take(ledger, replace(CLIP, path=Path("c.mp4"))).made_job


def test_a_touched_film_changes_its_row_and_makes_none(database: Database, ledger: Ledger) -> None:
    entered = take(ledger)
    ledger.scored(entered.drop, Path("sub/clip.scored.mp4"))
    again = take(ledger, replace(CLIP, identity="5:6:7:8"))
    assert (again.drop.id, again.drop.identity, again.drop.state) == (entered.drop.id, "5:6:7:8", SCORED)
    assert count(database, drops) == count(database, jobs) == 1
    # With its result gone it is delivered again, by the job that there is.
    anew = take(ledger, has_result=False)
    assert (anew.made_job, anew.drop.state, anew.drop.place) == (False, TAKEN, entered.drop.place)


def test_new_content_under_an_old_name_replaces_what_nobody_else_waits_for(database: Database, ledger: Ledger) -> None:
    first = take(ledger)
    shared = take(ledger, replace(CLIP, path=Path("copy.mp4")))
    other = replace(CLIP, sha256="cd" * 32, identity="9")
    assert take(ledger, other).replaced_job is None  # the copy still needs it
    replaced = take(ledger, replace(other, path=shared.drop.path), keeps_place=False)
    assert replaced.replaced_job == first.drop.job_id
    assert len(ledger.unfinished()) == 2


def test_what_was_refused_is_known_until_it_is_forgotten(ledger: Ledger) -> None:
    drop = ledger.refuse(Path("bad.mp4"), "1", "", "it is bad\nmend it")
    assert (drop.state, drop.is_tidy) == (REFUSED, False)
    ledger.tidied(drop, identity="2")
    assert ledger.known([drop.path])[drop.path].identity == "2"
    assert ledger.unfinished() == []
    assert ledger.forget_refused() == 1
    assert ledger.known([drop.path]) == {}


def test_two_watches_that_find_the_same_film_at_once_make_one_job(database: Database) -> None:
    made: list[Entered] = []
    ready = threading.Barrier(4)

    def run(number: int) -> None:
        own = Ledger(database, Tenant("ann", Quota()), ROOT if number % 2 else Path("/others"))
        ready.wait()
        made.append(take(own, replace(CLIP, path=Path(f"{number}.mp4"))))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(entered.made_job for entered in made) == [False, False, False, True]
    assert len({entered.drop.job_id for entered in made}) == 1


def test_old_rows_go_but_never_those_of_films_that_stay(database: Database, ledger: Ledger) -> None:
    stays, left = take(ledger).drop, take(ledger, replace(CLIP, path=Path("left.mp4"))).drop
    old = ledger.refuse(Path("bad.mp4"), "1", "", "bad")
    ledger.forget(old)
    ledger.tidied(left, has_left=True)
    assert ledger.prune() == 0
    with database.writing() as connection:
        connection.execute(update(drops).values(changed_s=1.0))
    assert ledger.prune() == 2
    assert ledger.known([stays.path, left.path]) == {stays.path: stays}


def test_jobs_that_are_no_more_count_as_expired(ledger: Ledger) -> None:
    entered = take(ledger)
    found = ledger.ends([str(entered.drop.job_id), "job_none"])
    assert [one.state for one in found.values()] == [states.QUEUED, states.EXPIRED]


def test_only_delivered_jobs_make_room(database: Database, ledger: Ledger) -> None:
    waiting, done = take(ledger).drop, take(ledger, replace(CLIP, path=Path("b.mp4"), sha256="cd" * 32)).drop
    for drop in (waiting, done):
        end(database, str(drop.job_id), states.SUCCEEDED)
    ledger.scored(done, Path("b.scored.mp4"))
    assert ledger.oldest_done() == [done.job_id]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.binary(min_size=1, max_size=40), st.booleans()), min_size=1, max_size=4))
def test_any_path_is_kept_as_it_is(ledger: Ledger, names: list[tuple[bytes, bool]]) -> None:
    import os

    paths = {Path(os.fsdecode(name.replace(b"/", b"_").replace(b"\0", b"_") + b".mp4")) for name, _ in names}
    for path in paths:
        ledger.refuse(path, "1", "", "bad")
    assert set(ledger.known(paths)) == paths
