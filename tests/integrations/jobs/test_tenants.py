"""Keys: shown once, kept as a hash, revoked for good."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from integrations.jobs.database import Database
from integrations.jobs.tables import api_keys
from integrations.jobs.tenants import authenticate, create_key, ensure_tenant, list_keys, revoke_key
from integrations.service.settings import Quota
from scoring.errors import Conflict, InputError, UnknownId


def test_a_key_opens_its_tenants_door_and_no_other(database: Database) -> None:
    ann, bob = create_key(database, "ann", "laptop"), create_key(database, "bob")
    assert ann.secret != bob.secret
    for key in (ann, bob):
        tenant = authenticate(database, key.secret, Quota())
        assert tenant is not None
        assert tenant.id == key.tenant


def test_the_secret_is_kept_nowhere(database: Database) -> None:
    key = create_key(database, "ann", "laptop")
    with database.reading() as connection:
        rows = [str(tuple(row)) for row in connection.execute(select(api_keys)).all()]
    assert not any(key.secret in row or key.secret[4:] in row for row in rows)
    assert [row.label for row in list_keys(database, "ann")] == ["laptop"]


@pytest.mark.parametrize("secret", ["", "csk_", "csk_" + "a" * 43, "Bearer x", "csk_" + "é" * 20, "csk_" + "x" * 5000])
def test_a_wrong_key_opens_nothing(database: Database, secret: str) -> None:
    create_key(database, "ann")
    assert authenticate(database, secret, Quota()) is None


def test_a_revoked_key_opens_nothing_any_more(database: Database) -> None:
    key, other = create_key(database, "ann"), create_key(database, "ann")
    revoke_key(database, key.id)
    assert authenticate(database, key.secret, Quota()) is None
    assert authenticate(database, other.secret, Quota()) is not None
    with pytest.raises(Conflict):
        revoke_key(database, key.id)
    with pytest.raises(UnknownId):
        revoke_key(database, "key_" + "0" * 32)


def test_a_tenants_own_quota_stands_over_the_settings(database: Database) -> None:
    ensure_tenant(database, "ann", {"waiting_jobs": 3})
    tenant = authenticate(database, create_key(database, "ann").secret, Quota(running_units=7))
    assert tenant is not None
    assert (tenant.quota.waiting_jobs, tenant.quota.running_units) == (3, 7)


@pytest.mark.parametrize("name", ["", "Ann", "a/b", "a" * 64, "-a", "a b", "ä"])
def test_a_tenants_name_is_a_plain_word(database: Database, name: str) -> None:
    with pytest.raises(InputError):
        ensure_tenant(database, name)


@pytest.mark.parametrize("quota", [{"waiting": 1}, {"waiting_jobs": -1}, {"waiting_jobs": True}])
def test_a_quota_has_known_limits_and_whole_numbers(database: Database, quota: dict[str, int]) -> None:
    with pytest.raises(InputError):
        ensure_tenant(database, "ann", quota)
