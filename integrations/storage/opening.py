"""Opens the storage that a URL names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from integrations.storage.bucket import BucketStorage
from integrations.storage.connection import Bucket
from integrations.storage.folder import FolderStorage
from integrations.storage.keys import check_prefix
from integrations.storage.storage import Storage
from scoring.errors import InputError, UnknownChoice

_NOTHING: Mapping[str, str] = MappingProxyType({})
# Option of the URL → field of Bucket and the settings that stand in for it, the first that is set.
_OPTIONS = {
    "endpoint": ("endpoint", ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")),
    "region": ("region", ("AWS_REGION", "AWS_DEFAULT_REGION")),
    "key": ("access_key", ("AWS_ACCESS_KEY_ID",)),
    "secret": ("secret_key", ("AWS_SECRET_ACCESS_KEY",)),
    "token": ("session_token", ("AWS_SESSION_TOKEN",)),
    "addressing": ("addressing", ()),
}
_WHO = frozenset({"key", "secret", "token"})
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")  # two letters or more: "C:" is a disk


def open_storage(url: str, env: Mapping[str, str] = _NOTHING) -> Storage:
    """The storage at a path, `file:///path` or `s3://bucket/prefix?endpoint=…&region=…&key=…&secret=…`.

    env: Amazon's usual settings (AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID …) for what the URL leaves out; where
    neither says who we are, boto looks for the machine's role. A folder is made when the one above it is there; a
    bucket is not asked for anything yet. Use it from any thread; after a fork, a bucket is to be opened again by the
    child. No message has a secret in it. Raises InputError leaves for a URL that names no storage, FetchFailed.
    """
    scheme = _SCHEME.match(url)
    if scheme is None:
        return FolderStorage(_absolute(url))
    if scheme[1].lower() == "file":
        parts = urlsplit(url)
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
            raise InputError(
                f"the storage's URL names the host {parts.netloc!r}", "Mount it, and give file:///its/path"
            )
        return FolderStorage(_absolute(unquote(parts.path)))
    if scheme[1].lower() == "s3":
        return BucketStorage(_bucket(url, env))
    raise UnknownChoice.among("kind of storage", scheme[1], ["file", "s3"])


def _absolute(path: str) -> Path:
    if not path or "\0" in path:
        raise InputError("the storage's URL is empty or has a NUL in it", "Give a folder or s3://bucket/prefix")
    return Path(path).absolute()


def _bucket(url: str, env: Mapping[str, str]) -> Bucket:
    parts = urlsplit(url)
    if not _BUCKET_NAME.fullmatch(parts.netloc):  # it may hold key:secret@, so it is not shown
        raise InputError(
            "the storage's URL names no bucket: 3 to 63 of a-z 0-9 . -",
            "Give s3://bucket/prefix?key=…&secret=…&endpoint=https://…",
        )
    given = dict(map(_option, filter(None, parts.query.split("&"))))
    for name in given:
        if name not in _OPTIONS:
            raise UnknownChoice.among("option of a storage's URL", name, list(_OPTIONS))
    is_named = not _WHO.isdisjoint(given)  # a key from here with a secret from there would open nothing
    chosen: dict[str, str] = {}
    for name, (field, settings) in _OPTIONS.items():
        wanted = () if is_named and name in _WHO else settings
        if found := given.get(name) or next((env[setting] for setting in wanted if env.get(setting)), None):
            chosen[field] = found
    if ("access_key" in chosen) != ("secret_key" in chosen):
        raise InputError("the storage has a key without a secret, or a secret without a key", "Give both, or neither")
    if chosen.get("addressing", "path") not in ("path", "virtual"):
        raise UnknownChoice.among("addressing", chosen["addressing"], ["path", "virtual"])
    if not _is_server(chosen.get("endpoint", "https://s3")):
        raise InputError("the storage's endpoint is no URL of a server", "Give it as https://host:port")
    prefix = unquote(parts.path).strip("/")
    check_prefix(prefix)
    return Bucket(parts.netloc, prefix, **chosen)


def _option(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return unquote(name), unquote(value)  # a plus stays one: half of all secrets have one in them


def _is_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - read to be checked
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username and not parts.query
