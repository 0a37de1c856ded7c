"""`cuesmith keys` and `cuesmith migrate`, as an operator uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integrations.cli.main import run
from integrations.jobs.database import Database
from integrations.jobs.tenants import authenticate
from integrations.service.settings import Quota


@pytest.fixture
def database_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CUESMITH_DATA", str(tmp_path))
    return f"sqlite:///{tmp_path}/cuesmith.db"


def test_a_key_is_made_shown_once_listed_and_revoked(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["keys", "create", "ann", "--label", "laptop", "--quota", "waiting_jobs=3"]) == 0
    secret = capsys.readouterr().out.strip()
    database = Database(database_url)
    tenant = authenticate(database, secret, Quota())
    assert tenant is not None
    assert (tenant.id, tenant.quota.waiting_jobs) == ("ann", 3)

    assert run(["keys", "list", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["tenant"], row["label"], row["revoked_s"]) == ("ann", "laptop", None)
    assert run(["keys", "list"]) == 0
    shown = capsys.readouterr().out
    assert row["id"] in shown
    assert secret not in shown

    assert run(["keys", "revoke", row["id"]]) == 0
    assert authenticate(database, secret, Quota()) is None
    database.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["keys", "create", "Ann!"], "Ann!"),
        (["keys", "create", "ann", "--quota", "jobs"], "--quota jobs"),
        (["keys", "create", "ann", "--quota", "jobs=3"], "jobs=3"),
        (["keys", "revoke", "key_0"], "key_0"),
        (["worker", "--queues", "media,cpu"], "cpu"),
        (["worker", "--queues", ""], "queue"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(
    database_url: str, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_migrating_twice_finds_nothing_to_do(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["migrate"]) == 0
    assert "none →" in capsys.readouterr().out
    assert run(["migrate"]) == 0
    assert "nothing to do" in capsys.readouterr().out
