"""One at a time: what changes experiments, vocabularies and promotions looks first, and then writes."""

from __future__ import annotations

from sqlalchemy import Connection, text

_LOCK = 0x0C0E5112  # any number that is not the migrations'; the same in every process


def hold(connection: Connection) -> None:
    """Until the transaction ends nobody else gets past here. SQLite has one writer anyway."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("select pg_advisory_xact_lock(:number)"), {"number": _LOCK})
