"""Places for stored bytes, and what is in them seen from outside."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import httpx

_NUMBERS = itertools.count()
KEY, SECRET = "test", "se+cret/canary"


@dataclass(frozen=True, slots=True)
class Place:
    """url: to open. tamper: put bytes under a key from outside."""

    kind: str
    url: str
    tamper: Callable[[str, bytes], None]


@cache
def http() -> httpx.Client:
    """One client for all: making one takes longer than what it is asked for."""
    return httpx.Client(trust_env=False)


def folder_place(root: Path) -> Place:
    """A folder that is made when it is opened."""

    def tamper(key: str, data: bytes) -> None:
        (root / key).parent.mkdir(parents=True, exist_ok=True)
        (root / key).write_bytes(data)

    return Place("folder", str(root), tamper)


def bucket_place(endpoint: str) -> Place:
    """A new bucket; plain HTTP is enough to make one and to write to it, as moto asks for no signature."""
    name = f"cuesmith-{os.getpid()}-{next(_NUMBERS)}"
    http().put(f"{endpoint}/{name}").raise_for_status()

    def tamper(key: str, data: bytes) -> None:
        http().put(f"{endpoint}/{name}/some/where/{key}", content=data).raise_for_status()

    query = f"endpoint={endpoint}&key={KEY}&secret={SECRET}&region=us-east-1"
    return Place("bucket", f"s3://{name}/some/where?{query}", tamper)


def bucket_url(place: Place) -> str:
    """Of a place that is a bucket, for plain HTTP."""
    parts = urlsplit(place.url)
    return parts.query.split("&")[0].removeprefix("endpoint=") + "/" + parts.netloc
