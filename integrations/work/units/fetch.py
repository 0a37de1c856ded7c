"""Fetching a film that a job names by a URL: the only unit that reaches the network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from integrations.outbound.client import Client
from integrations.outbound.fetch import FetchLimits, fetch_film
from integrations.outbound.guard import Guard
from integrations.service.faults import checkpoint
from integrations.service.settings import ServiceSettings
from integrations.storage.storage import Storage
from integrations.work.task import Outcome, Task, Tell
from pipeline.media.sniff import sniff
from pipeline.publish import refusing
from scoring.errors import InputError, UnsupportedMedia


def fetch(
    task: Task, *, storage: Storage, settings: ServiceSettings, tell: Tell, cancelled: Callable[[], bool]
) -> Outcome:
    """Fetch the film into the storage, if it is one. facts["source"]: what the later units take it from.

    Raises what fetch_film raises, UnsupportedMedia, InputError where films may not be named by URLs.
    """
    if not settings.url_sources:
        raise InputError("films may not be named by URLs here", "Upload the film, or set CUESMITH_URL_SOURCES=on")
    assert task.source is not None
    advance = tell.stage("fetch")

    def arrived(done_bytes: int, total_bytes: int | None) -> None:
        advance(done_bytes / total_bytes if total_bytes else 0.5)

    client = Client(Guard(allowed_hosts=settings.url_hosts))
    limits = FetchLimits(size_bytes=settings.quota.upload_bytes)
    path = settings.work / task.job_id / f"fetched-{task.token}"
    with refusing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        found = fetch_film(str(task.source["url"]), path, client, limits=limits, progress=arrived, cancelled=cancelled)
        _check(path)
        checkpoint("fetch.done")
        stored = storage.put_file(path, f"{task.prefix}/source", take=True, sha256=found.sha256)
    finally:
        path.unlink(missing_ok=True)
    source = {
        "key": stored.key,
        "sha256": stored.sha256,
        "size_bytes": stored.size_bytes,
        "name": str(task.source.get("name") or "film"),
    }
    return Outcome(facts={"source": source})


def _check(path: Path) -> None:
    """Raises UnsupportedMedia without this machine's path in it."""
    try:
        sniff(path)
    except UnsupportedMedia as error:
        what = error.what.replace(str(path), "what the URL gives")
        raise UnsupportedMedia(what, error.advice) from error
