"""The process that takes a job in killed around its commit: what was committed runs, what was not was never there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from service_rig import rig
from sqlalchemy import func, select

from integrations.jobs import states
from integrations.jobs.tables import events, idempotency, jobs, units

TAKE_IN = """
from integrations.jobs.database import Database
from integrations.jobs.intake import Ask, take_in
from integrations.jobs.orders import read_order
from integrations.jobs.tenants import Tenant
from integrations.service.settings import Quota, ServiceSettings

order = read_order({"kind": "music", "music": {"prompt": "warm piano", "duration_s": 10}})
database = Database(ServiceSettings.from_env().database_url)
print(take_in(database, Tenant("local", Quota()), Ask(order, same="once")).job_id)
"""


@pytest.mark.parametrize(("point", "rows"), [("intake.commit", 0), ("intake.committed", 1)])
def test_a_job_is_there_whole_or_not_at_all(tmp_path: Path, point: str, rows: int) -> None:
    with rig(tmp_path / "rig") as service:

        def take_in(**more: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-c", TAKE_IN]
            environment = service.environment(**more)
            return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

        assert take_in(CUESMITH_CRASH_AT=point).returncode == -9
        with service.database.reading() as connection:
            for table in (jobs, units, events, idempotency):
                assert connection.execute(select(func.count()).select_from(table)).scalar_one() == rows
        again = take_in()
        assert again.returncode == 0, again.stderr
        with service.database.reading() as connection:
            assert list(connection.execute(select(jobs.c.id)).scalars()) == [again.stdout.strip()]
        service.worker()
        assert service.succeeded(again.stdout.strip()).state == states.SUCCEEDED
