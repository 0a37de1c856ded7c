"""Tenants and their API keys. A key is shown once; what is kept is its hash."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from sqlalchemy import Connection, insert, select, update

from integrations.jobs.database import Database
from integrations.jobs.ids import new_id
from integrations.jobs.tables import api_keys, tenants
from integrations.service.settings import Quota
from scoring.errors import Conflict, InputError, UnknownId

LOCAL = "local"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_PREFIX = "csk_"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made. secret: the only time it is seen."""

    id: str
    tenant: str
    label: str
    secret: str


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as it can be shown again."""

    id: str
    tenant: str
    label: str
    created_s: float
    revoked_s: float | None


@dataclass(frozen=True, slots=True)
class Tenant:
    """Who asks, and how much of everything it may use."""

    id: str
    quota: Quota


def ensure_tenant(database: Database, name: str, quota: Mapping[str, int] | None = None) -> None:
    """Make a tenant where there is none of that name; a quota given replaces the one it has.

    quota: what differs from the settings', by the names of Quota. Raises InputError for a bad name or quota.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"the tenant's name is {name!r}", "Use 1 to 63 of a-z, 0-9 and -, beginning with a letter")
    known = {field.name for field in fields(Quota)}
    for limit, value in (quota or {}).items():
        if limit not in known or isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise InputError(f"the quota says {limit}={value!r}", f"Give whole numbers of: {', '.join(sorted(known))}")
    with database.writing() as connection:
        found = connection.execute(select(tenants.c.id).where(tenants.c.id == name)).one_or_none()
        if found is None:
            row = {"id": name, "created_s": database.now_s(connection), "quota": dict(quota or {}), "started_s": 0.0}
            connection.execute(insert(tenants).values(row))
        elif quota is not None:
            connection.execute(update(tenants).where(tenants.c.id == name).values(quota=dict(quota)))


def create_key(database: Database, tenant: str, label: str = "") -> NewKey:
    """A new key of a tenant, which is made where it is missing. Raises InputError."""
    if len(label) > 200:
        raise InputError(f"the label has {len(label)} characters", "Use at most 200")
    ensure_tenant(database, tenant)
    secret = _PREFIX + secrets.token_urlsafe(32)
    key_id = new_id("key")
    with database.writing() as connection:
        connection.execute(
            insert(api_keys).values(
                id=key_id,
                tenant_id=tenant,
                hash=_hash(secret),
                label=label,
                created_s=database.now_s(connection),
            )
        )
    return NewKey(key_id, tenant, label, secret)


def revoke_key(database: Database, key_id: str) -> None:
    """From now on the key is no good. Raises UnknownId, Conflict when it was revoked before."""
    with database.writing() as connection:
        row = connection.execute(select(api_keys).where(api_keys.c.id == key_id)).one_or_none()
        if row is None:
            raise UnknownId(f"there is no key {key_id}", "See `cuesmith keys list`")
        if row.revoked_s is not None:
            raise Conflict(f"the key {key_id} was revoked before")
        now_s = database.now_s(connection)
        connection.execute(update(api_keys).where(api_keys.c.id == key_id).values(revoked_s=now_s))


def list_keys(database: Database, tenant: str | None = None) -> list[KeyRow]:
    """Every key, or a tenant's, the oldest first."""
    query = select(api_keys).order_by(api_keys.c.created_s, api_keys.c.id)
    if tenant is not None:
        query = query.where(api_keys.c.tenant_id == tenant)
    with database.reading() as connection:
        rows = connection.execute(query).all()
    return [KeyRow(row.id, row.tenant_id, row.label, row.created_s, row.revoked_s) for row in rows]


def authenticate(database: Database, secret: str, quota: Quota) -> Tenant | None:
    """Whose key that is; None when it is nobody's, or revoked. quota: the settings', for what the tenant's leaves open.

    The hash is of 256 random bits, so looking it up by an index tells a prober nothing that it could use.
    """
    if not secret.startswith(_PREFIX) or len(secret) > 100:
        return None
    query = (
        select(tenants.c.id, tenants.c.quota)
        .join(api_keys, api_keys.c.tenant_id == tenants.c.id)
        .where(api_keys.c.hash == _hash(secret), api_keys.c.revoked_s.is_(None))
    )
    with database.reading() as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else Tenant(row.id, replace(quota, **row.quota))


def tenant_of(connection: Connection, name: str, quota: Quota) -> Tenant:
    """A tenant by its name. Raises UnknownId."""
    row = connection.execute(select(tenants).where(tenants.c.id == name)).one_or_none()
    if row is None:
        raise UnknownId(f"there is no tenant {name!r}", "Make a key for it: cuesmith keys create")
    return Tenant(row.id, replace(quota, **row.quota))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
