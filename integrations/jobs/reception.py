"""Where films come in: uploads on their way to the storage, and what else a job's film may be named by."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from integrations.jobs import uploads
from integrations.jobs.database import Database
from integrations.jobs.tenants import Tenant
from integrations.jobs.uploads import COMPLETE, EXPIRED, OPEN, REFUSED, Upload
from integrations.outbound.guard import Guard
from integrations.service.settings import ServiceSettings
from integrations.storage.parts import PartFile
from integrations.storage.storage import Storage
from pipeline.media.sniff import sniff
from pipeline.publish import check_room
from scoring.errors import Gone, InputError, MediaTooLarge, StoredMissing, UnsupportedMedia, VideoMissing

SNIFFED_BYTES = 4096  # as many as pipeline.media.sniff looks at
_ROOM = 3  # the film, a copy to work on, and the film that is made of it


@dataclass(frozen=True, slots=True)
class Found:
    """A job's film. source: as integrations.jobs.intake.Ask has it. upload_id: None where it is still to be fetched."""

    source: dict[str, Any]
    upload_id: str | None


class Reception:
    """Takes films in. All calls block.

    Uploads grow in `<data>/incoming` on this machine's disk: several API processes of one machine share it, several
    machines need it on a shared disk, or each upload sent to one machine.
    """

    def __init__(self, database: Database, storage: Storage, settings: ServiceSettings) -> None:
        self._database, self._storage, self._settings = database, storage, settings
        self.incoming = settings.data / "incoming"
        self._guard = Guard(allowed_hosts=settings.url_hosts)

    def open(self, tenant: Tenant, name: str, length_bytes: int) -> Upload:
        """A new, empty upload. Raises as uploads.open_upload does, and DiskFull when there is no room to work on it."""
        self.incoming.mkdir(parents=True, exist_ok=True)
        uploads.check_length(tenant, length_bytes)  # before the room: what is never taken is not a matter of space
        check_room(self.incoming, _ROOM * length_bytes)
        keep_s = self._settings.upload_s
        upload = uploads.open_upload(self._database, tenant, name=name, length_bytes=length_bytes, keep_s=keep_s)
        self.part(upload).create()
        return upload

    def part(self, upload: Upload) -> PartFile:
        """The bytes of an upload that is on its way."""
        return PartFile(self.incoming, upload.id, upload.length_bytes)

    def read(self, tenant: Tenant, upload_id: str) -> tuple[Upload, int]:
        """An upload and how many of its bytes are there. Raises UnknownId, Gone.

        One whose last bytes arrived when the process died is completed now.
        """
        with self._database.reading() as connection:
            upload = uploads.read_upload(connection, tenant.id, upload_id)
        if upload.state == COMPLETE:
            return upload, upload.length_bytes
        try:
            offset_bytes = self.part(upload).offset_bytes()
        except StoredMissing as error:
            if not self._storage.exists(upload.key):
                raise Gone(f"the upload {upload_id} is not here", "Upload the film again") from error
            offset_bytes = upload.length_bytes
        if offset_bytes == upload.length_bytes:
            return self.settle(upload, 0), offset_bytes
        return upload, offset_bytes

    def settle(self, upload: Upload, before_bytes: int) -> Upload:
        """After bytes were added to an upload that stood at before_bytes: look at its first ones, and complete it when
        it is whole. Raises UnsupportedMedia for what is no video, and the upload is gone then.
        """
        part = self.part(upload)
        try:
            offset_bytes = part.offset_bytes()
        except StoredMissing:
            offset_bytes = upload.length_bytes  # it was finished, but nobody got to write that down
        else:
            if before_bytes < SNIFFED_BYTES <= offset_bytes or offset_bytes == upload.length_bytes:
                self.look(upload)
        if offset_bytes < upload.length_bytes:
            return upload
        stored = part.finish(self._storage, upload.key)
        return uploads.complete_upload(self._database, upload, stored.sha256, self._settings.retention_s)

    def look(self, upload: Upload) -> None:
        """Look at the first bytes. Raises UnsupportedMedia for what is no video, and the upload is gone then."""
        path = self.part(upload).folder / "data"
        try:
            sniff(path)
        except UnsupportedMedia as error:
            self.terminate(upload, REFUSED)
            raise UnsupportedMedia(error.what.replace(str(path), "the upload"), error.advice) from error

    def shorten(self, upload: Upload, length_bytes: int) -> Upload:
        """The same upload of another length, where that was only an upper bound."""
        return replace(upload, length_bytes=length_bytes)

    def terminate(self, upload: Upload, state: str = EXPIRED) -> None:
        """Remove an upload. Raises Conflict while a job that has not ended needs it."""
        uploads.let_go(self._database, upload, state)
        self._remove(upload)

    def abandon(self, upload: Upload) -> None:
        """Remove what came of an upload that nobody can carry on with; one that is gone already is no error."""
        with self._database.reading() as connection:
            try:
                uploads.read_upload(connection, upload.tenant, upload.id)
            except Gone:
                return
        self.terminate(upload)

    def sweep(self) -> int:
        """Remove uploads whose time is over; how many. Safe to break off and to run twice at once."""
        late = uploads.overdue(self._database)
        for upload in late:
            self._remove(upload)
        return len(late)

    def film(self, tenant: Tenant, given: Mapping[str, Any]) -> Found:
        """The film that {"upload": id}, {"url": "https://…"} or {"path": "/…"} names.

        Raises InputError for anything else and for what is switched off, UnknownId, Gone, AddressRefused,
        VideoMissing, UnsupportedMedia, MediaTooLarge, QuotaReached.
        """
        named = [(name, value) for name, value in given.items() if value is not None]
        if len(named) != 1 or named[0][0] not in ("upload", "url", "path") or not isinstance(named[0][1], str):
            raise InputError(
                "the source names no film, or several", 'Give one of {"upload": …}, {"url": …}, {"path": …}'
            )
        name, value = named[0]
        if name == "upload":
            return self._uploaded(tenant, value)
        return self._at_url(value) if name == "url" else self._at_path(tenant, value)

    def _uploaded(self, tenant: Tenant, upload_id: str) -> Found:
        upload, offset_bytes = self.read(tenant, upload_id)
        if upload.state == OPEN:
            raise InputError(
                f"{offset_bytes} of {upload.length_bytes} bytes of the upload {upload_id} have arrived",
                "Send the rest first",
            )
        return Found(upload.source(), upload.id)

    def _at_url(self, url: str) -> Found:
        if not self._settings.url_sources:
            raise InputError(
                "this server fetches no films from URLs", "Upload the film; CUESMITH_URL_SOURCES allows it"
            )
        target = self._guard.check(url)
        name = unquote(target.url.target.partition("?")[0].rpartition("/")[2])
        return Found({"url": target.url.text, "name": uploads.clean_name(name)}, None)

    def _at_path(self, tenant: Tenant, text: str) -> Found:
        path = self._under_roots(text)
        try:
            size_bytes = path.stat().st_size
            if size_bytes > tenant.quota.upload_bytes:
                raise MediaTooLarge(f"the film has {size_bytes:,} bytes", f"At most {tenant.quota.upload_bytes:,}")
            sniff(path)
            name = uploads.clean_name(path.name)
            # The same film under the same name is the same upload, so that a request repeated is the same request.
            mark = hashlib.sha256(f"{tenant.id}\n{path}\n{size_bytes}\n{path.stat().st_mtime_ns}".encode()).hexdigest()
        except (OSError, UnicodeEncodeError) as error:
            raise VideoMissing(f"{text[:200]!r} cannot be read", "Check the path") from error
        with self._database.reading() as connection:
            now_s = self._database.now_s(connection)
        until_s = now_s + self._settings.retention_s
        made = Upload(f"up_{mark[:32]}", tenant.id, COMPLETE, name, size_bytes, None, None, now_s, until_s)
        stored = self._storage.put_file(path, made.key)
        made = replace(made, sha256=stored.sha256, length_bytes=stored.size_bytes, storage_key=stored.key)
        return Found(uploads.keep_upload(self._database, tenant, made).source(), made.id)

    def _under_roots(self, text: str) -> Path:
        refused = InputError(
            f"{text[:200]!r} is in none of the folders that films may be named from",
            "Upload the film, or ask the operator (CUESMITH_ROOTS)",
        )
        if not self._settings.roots:
            raise InputError("this server takes no paths", "Upload the film; CUESMITH_ROOTS allows folders")
        try:
            named = Path(text)
            path = named.resolve()  # links are followed to their end first, so that none leads out
        except (OSError, ValueError, RuntimeError) as error:
            raise refused from error
        if not named.is_absolute() or not any(path.is_relative_to(root) for root in self._settings.roots):
            raise refused
        return path

    def _remove(self, upload: Upload) -> None:
        self.part(upload).discard()
        self._storage.delete_prefix(upload.folder)
        uploads.forget_bytes(self._database, upload.id)
