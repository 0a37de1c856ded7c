"""The film that a task names: as everywhere else, or by where it lies in the service's own storage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.bell.answers import place_of
from integrations.jobs.reception import Found, Reception
from integrations.jobs.tenants import Tenant
from integrations.jobs.uploads import clean_name
from integrations.storage.keys import check_key
from integrations.storage.storage import Storage
from scoring.errors import InputError, MediaTooLarge

_FORMS = 'Give one of {"upload": …}, {"storage": …}, {"path": …}, {"url": …}'


def find_film(
    reception: Reception, storage: Storage, storage_url: str, tenant: Tenant, given: Mapping[str, Any]
) -> Found:
    """The film of {"upload": id}, {"path": …}, {"url": …}, or {"storage": key or URL}.

    A key belongs to the tenant whose name is its second part ("films/acme/trailer.mp4"): what others keep in the same
    storage is not there. Raises what Reception.film does, StoredMissing, and what a storage raises.
    """
    if set(given) != {"storage"}:
        if len(given) != 1:
            raise InputError(f"the source names {len(given)} films", _FORMS)
        return reception.film(tenant, given)
    key = _key(storage_url, given["storage"])
    parts = check_key(key)
    if len(parts) < 3 or parts[1] != tenant.id:
        raise InputError(f"{key!r} is not among what the tenant {tenant.id} keeps", f"Store it as films/{tenant.id}/…")
    size_bytes = storage.size_bytes(key)
    if size_bytes > tenant.quota.upload_bytes:
        raise MediaTooLarge(f"the film has {size_bytes:,} bytes", f"At most {tenant.quota.upload_bytes:,} are taken")
    stored = storage.stored(key)
    source = {
        "key": stored.key,
        "sha256": stored.sha256,
        "size_bytes": stored.size_bytes,
        "name": clean_name(parts[-1]),
    }
    return Found(source, None)


def _key(storage_url: str, given: object) -> str:
    if not isinstance(given, str):
        raise InputError(f"source.storage is {type(given).__name__}, not text", "Give a key, or its URL")
    if "://" not in given:
        return given
    root = place_of(storage_url, "")
    root = root if root.endswith("/") else root + "/"
    if not given.startswith(root):
        raise InputError("source.storage is a URL outside the service's storage", f"Store the film under {root}")
    return given.removeprefix(root)
