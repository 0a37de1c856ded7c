"""A film on its way into the storage: read once, hashed as it is read, and still the same file afterwards."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from integrations.jobs.reception import Reception
from integrations.jobs.tenants import Tenant
from integrations.jobs.uploads import Upload
from integrations.service.faults import checkpoint
from integrations.storage.files import opened
from integrations.storage.storage import BLOCK_BYTES
from integrations.watch_folder.look import identity_at, identity_of
from scoring.errors import Cancelled, UploadConflict


def copy_in(
    reception: Reception, tenant: Tenant, path: Path, identity: str, is_wanted: Callable[[], bool]
) -> tuple[Upload, str]:
    """A copy of a film as an upload that is not settled yet, and its SHA-256, hexadecimal.

    identity: as it was judged. is_wanted: asked between blocks. Raises UploadConflict when the film is another by now
    or changes meanwhile, Cancelled, what Reception.open does, and OSError when it cannot be read; nothing is left then.
    """
    with opened(path) as file:
        status = os.fstat(file.fileno())
        if identity_of(status) != identity:
            raise _changed(path)
        upload = reception.open(tenant, path.name, status.st_size)
        try:
            found = hashlib.sha256()
            with reception.part(upload).appending(0) as into:
                while block := file.read(BLOCK_BYTES):
                    if not is_wanted():
                        raise Cancelled("told to stop")
                    if into.offset_bytes + len(block) > status.st_size:
                        raise _changed(path)
                    found.update(block)
                    into.write(block)
            checkpoint("watch.copied")
            is_whole = into.offset_bytes == status.st_size
            if not is_whole or identity_of(os.fstat(file.fileno())) != identity or identity_at(path) != identity:
                raise _changed(path)
        except BaseException:
            reception.terminate(upload)
            raise
    return upload, found.hexdigest()


def _changed(path: Path) -> UploadConflict:
    return UploadConflict(f"{path.name} changed while it was being taken", "It is looked at again")
