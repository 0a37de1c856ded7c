"""A connection to a bucket: where it is, its patience, what it raises. The one module that knows s3fs and boto."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from scoring.errors import EngineUnavailable

# Timeouts in seconds. Servers other than Amazon's do not all know the newer checksums; what we store has its SHA-256.
_CLIENT = {
    "connect_timeout": 5,
    "read_timeout": 60,
    "retries": {"max_attempts": 3, "mode": "standard"},
    "max_pool_connections": 32,
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a bucket is and how to be let in. prefix: of every key, without a slash at its ends, "" for none.

    endpoint: URL of the server, None for Amazon's. access_key None: boto's own chain, which ends with the machine's
    role. addressing: "path" or "virtual", the bucket in the host name; None: "path" where there is an endpoint.
    """

    name: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    addressing: str | None = None


def connect(bucket: Bucket) -> Any:
    """An S3FileSystem that remembers no listing and is nobody else's. Raises EngineUnavailable without s3fs."""
    try:
        s3fs = importlib.import_module("s3fs")
    except ImportError as error:
        raise EngineUnavailable("storage in a bucket needs s3fs", "pip install 'cuesmith[service]'") from error
    addressing = bucket.addressing or ("path" if bucket.endpoint else "auto")
    files = s3fs.S3FileSystem(
        key=bucket.access_key,
        secret=bucket.secret_key,
        token=bucket.session_token,
        endpoint_url=bucket.endpoint,
        client_kwargs={"region_name": bucket.region} if bucket.region else {},
        config_kwargs={**_CLIENT, "s3": {"addressing_style": addressing}},
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    files.retries = 2  # its own, each of which is boto's three: what is busy is said after seconds and not a minute
    files.connect()  # made here, under the caller's lock, as two threads would make and lose one each
    return files


@cache
def trouble() -> tuple[type[Exception], ...]:
    """What a call of it may raise beside our own errors."""
    try:
        botocore, parsers = importlib.import_module("botocore.exceptions"), importlib.import_module("botocore.parsers")
        aiohttp = importlib.import_module("aiohttp")
    except ImportError:
        return (OSError,)  # not installed, which connect has said
    return (OSError, botocore.BotoCoreError, botocore.ClientError, parsers.ResponseParserError, aiohttp.ClientError)


def code_of(error: BaseException) -> str:
    """The code by which S3 names an error, "" where it did not answer."""
    cause = error if hasattr(error, "response") else error.__cause__
    answer = getattr(cause, "response", None)
    return str(answer["Error"].get("Code", "")) if isinstance(answer, dict) else ""
