"""The rows of uploads: films that are arriving or have arrived, each one tenant's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, select, update

from integrations.jobs import states
from integrations.jobs.database import Database
from integrations.jobs.ids import is_id, new_id
from integrations.jobs.tables import artefacts, jobs, uploads
from integrations.jobs.tenants import Tenant
from scoring.errors import Conflict, Gone, InputError, MediaTooLarge, QuotaReached, UnknownId

OPEN, COMPLETE, EXPIRED, REFUSED = "open", "complete", "expired", "refused"
_HELD = (OPEN, COMPLETE)  # these take room
_REMEMBERED_S = 30 * 86_400.0  # so long is an upload that is gone answered 410 rather than 404
_LONGEST_NAME = 300
_MOST = 200  # rows in one transaction: others want to write too


@dataclass(frozen=True, slots=True)
class Upload:
    """name: as the client said it, for people. sha256: hexadecimal, once it is complete. Times: seconds since 1970."""

    id: str
    tenant: str
    state: str
    name: str
    length_bytes: int
    sha256: str | None
    storage_key: str | None
    created_s: float
    expires_s: float

    @property
    def key(self) -> str:
        """Where its bytes belong in the storage: alone in a folder, so that it has no neighbours to be opened."""
        return f"{self.folder}/source"

    @property
    def folder(self) -> str:
        """What holds nothing but this upload in the storage."""
        return f"uploads/{self.tenant}/{self.id}"

    def source(self) -> dict[str, Any]:
        """A complete upload as the film of a job."""
        return {"key": self.key, "sha256": self.sha256, "size_bytes": self.length_bytes, "name": self.name}


def clean_name(text: str) -> str:
    """A file name as it may be kept and shown: no control characters, no broken surrogates, its last 300 characters."""
    kept = "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in text if ord(c) >= 32 and ord(c) != 127)
    return kept.strip()[-_LONGEST_NAME:]


def check_length(tenant: Tenant, length_bytes: int) -> None:
    """Raise InputError for no bytes, MediaTooLarge for more than a film of the tenant's may have."""
    if length_bytes <= 0:
        raise InputError(f"the upload's length is {length_bytes}", "A film has some bytes")
    if length_bytes > tenant.quota.upload_bytes:
        raise MediaTooLarge(
            f"the upload has {length_bytes:,} bytes", f"At most {tenant.quota.upload_bytes:,} are taken"
        )


def open_upload(database: Database, tenant: Tenant, *, name: str, length_bytes: int, keep_s: float) -> Upload:
    """A new upload of so many bytes. Raises InputError, MediaTooLarge, QuotaReached when the tenant holds too much."""
    check_length(tenant, length_bytes)
    with database.writing() as connection:
        used_bytes = held_bytes(connection, tenant.id)
        if used_bytes + length_bytes > tenant.quota.stored_bytes:
            raise QuotaReached(
                f"{tenant.id} holds {used_bytes:,} of {tenant.quota.stored_bytes:,} bytes, "
                f"and {length_bytes:,} more would be too many",
                "Delete uploads or jobs that are no longer needed",
            )
        now_s = database.now_s(connection)
        upload_id = new_id("up")
        made = Upload(upload_id, tenant.id, OPEN, clean_name(name), length_bytes, None, None, now_s, now_s + keep_s)
        made = replace(made, storage_key=made.key)  # until there are no bytes of it any more
        connection.execute(insert(uploads).values(**_row(made)))
    return made


def keep_upload(database: Database, tenant: Tenant, made: Upload) -> Upload:
    """A row for a film that is in the storage already, or the one there is, kept as long as this one asks."""
    with database.writing() as connection:
        there = connection.execute(select(uploads.c.id).where(uploads.c.id == made.id)).one_or_none()
        if there is None:
            connection.execute(insert(uploads).values(**_row(made)))
        else:
            again = {"state": COMPLETE, "expires_s": made.expires_s, "storage_key": made.key, "sha256": made.sha256}
            connection.execute(update(uploads).where(uploads.c.id == made.id).values(again))
    return made


def read_upload(connection: Connection, tenant: str, upload_id: str) -> Upload:
    """An upload of a tenant. Raises UnknownId, the same for another tenant's as for none; Gone once it is no more."""
    row = None
    if is_id(upload_id):
        mine = select(uploads).where(uploads.c.id == upload_id, uploads.c.tenant_id == tenant)
        row = connection.execute(mine).one_or_none()
    if row is None:
        raise UnknownId(f"there is no upload {upload_id[:80]}", "Check the id")
    if row.state == REFUSED:
        raise Gone(f"the upload {upload_id} was refused: it is not a video", "Upload a video")
    if row.state not in _HELD:
        raise Gone(f"the upload {upload_id} was deleted or has expired", "Upload the film again")
    return _upload(row)


def complete_upload(database: Database, upload: Upload, sha256: str, keep_s: float) -> Upload:
    """Its bytes are in the storage, under its key. Raises Gone when it was deleted meanwhile."""
    with database.writing() as connection:
        changes = {
            "state": COMPLETE,
            "sha256": sha256,
            "storage_key": upload.key,
            "length_bytes": upload.length_bytes,
            "expires_s": database.now_s(connection) + keep_s,
        }
        done = connection.execute(
            update(uploads).where(uploads.c.id == upload.id, uploads.c.state.in_(_HELD)).values(changes)
        )
        if not done.rowcount:
            raise Gone(f"the upload {upload.id} was deleted meanwhile", "Upload the film again")
        return read_upload(connection, upload.tenant, upload.id)


def let_go(database: Database, upload: Upload, state: str) -> None:
    """From now on it is EXPIRED or REFUSED; its bytes are to be removed next, then forget_bytes.

    Raises Conflict while a job that has not ended needs it.
    """
    with database.writing() as connection:
        busy = select(jobs.c.id).where(
            jobs.c.tenant_id == upload.tenant, jobs.c.upload_id == upload.id, jobs.c.state.not_in(states.ENDED)
        )
        if connection.execute(busy.limit(1)).one_or_none() is not None:
            raise Conflict("a job that has not ended needs the upload", "Cancel the job first")
        changes = {"state": state, "storage_key": upload.key}  # the key says: there may be bytes
        connection.execute(update(uploads).where(uploads.c.id == upload.id).values(changes))


def forget_bytes(database: Database, upload_id: str) -> None:
    """The bytes of an upload that is no more have been removed."""
    with database.writing() as connection:
        gone = [uploads.c.id == upload_id, uploads.c.state.not_in(_HELD)]
        connection.execute(update(uploads).where(*gone).values(storage_key=None))


def overdue(database: Database) -> list[Upload]:
    """Uploads whose time is over, marked as expired, and those whose bytes were not removed yet; a hundred or two.

    One that a job uses is kept as long as the job.
    """
    with database.writing() as connection:
        now_s = database.now_s(connection)
        used = exists().where(
            jobs.c.tenant_id == uploads.c.tenant_id, jobs.c.upload_id == uploads.c.id, jobs.c.state != states.EXPIRED
        )
        late = connection.execute(
            select(uploads).where(uploads.c.expires_s < now_s, uploads.c.state.in_(_HELD), ~used).limit(_MOST)
        ).all()
        for row in late:
            changes = {"state": EXPIRED, "storage_key": _upload(row).key}
            connection.execute(update(uploads).where(uploads.c.id == row.id).values(changes))
        forgotten = [uploads.c.expires_s < now_s - _REMEMBERED_S, uploads.c.state.not_in(_HELD)]
        connection.execute(delete(uploads).where(*forgotten, uploads.c.storage_key.is_(None)))
        left = select(uploads).where(uploads.c.state.not_in(_HELD), uploads.c.storage_key.is_not(None)).limit(_MOST)
        return [_upload(row) for row in connection.execute(left).all()]


def held_bytes(connection: Connection, tenant: str) -> int:
    """Bytes of a tenant's uploads, those that are still arriving as announced, and of its jobs' files."""
    arriving = select(func.coalesce(func.sum(uploads.c.length_bytes), 0)).where(
        uploads.c.tenant_id == tenant, uploads.c.state.in_(_HELD)
    )
    made = select(func.coalesce(func.sum(artefacts.c.size_bytes), 0)).where(artefacts.c.tenant_id == tenant)
    return int(connection.execute(arriving).scalar_one()) + int(connection.execute(made).scalar_one())


def _row(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.id,
        "tenant_id": upload.tenant,
        "state": upload.state,
        "name": upload.name,
        "length_bytes": upload.length_bytes,
        "sha256": upload.sha256,
        "storage_key": upload.storage_key,
        "created_s": upload.created_s,
        "expires_s": upload.expires_s,
    }


def _upload(row: Row[Any]) -> Upload:
    return Upload(
        id=row.id,
        tenant=row.tenant_id,
        state=row.state,
        name=row.name,
        length_bytes=row.length_bytes,
        sha256=row.sha256,
        storage_key=row.storage_key,
        created_s=row.created_s,
        expires_s=row.expires_s,
    )
