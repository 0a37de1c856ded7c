"""The service's settings, read once when a command starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.settings import Settings, environment
from scoring.errors import InputError

QUEUES = ("fetch", "media", "compose", "gpu")
_SCHEMES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Quota:
    """What a tenant may use at once. requests_per_minute: of the API, in each of its processes."""

    waiting_jobs: int = 1000
    running_units: int = 64
    stored_bytes: int = 200 * 10**9
    upload_bytes: int = 20 * 10**9
    requests_per_minute: int = 6000


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may take, and how often they are tried. All seconds but attempts.

    A lease lasts lease_s and is renewed every beat_s, so that a worker that died is noticed after lease_s at most.
    cancel_s: how often a worker looks whether its units are still wanted. poll_s: how often an idle one looks for work
    when no bell rings. backoff_s: before the second, third … attempt after an error; none after a lost process.
    stall_s: without progress a unit is ended. unit_s: a unit's hard limit. grace_s: what a worker told to stop may
    finish. warn_s before the hard limit the child is asked to stop by itself.
    """

    lease_s: float = 20.0
    beat_s: float = 5.0
    cancel_s: float = 1.0
    poll_s: float = 2.0
    attempts: int = 3
    backoff_s: tuple[float, ...] = (2.0, 10.0)
    stall_s: float = 300.0
    unit_s: float = 6 * 3600.0
    grace_s: float = 60.0
    gather_s: float = 2.0
    gather_units: int = 8


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """data: the service's own folder. work: scratch, may be lost. roots: folders that a source may be named from.

    broker_url: None rings no bell, workers look by themselves. storage_url: where films and results live.
    webhook_hosts: receivers inside the own network that an operator trusts, "host" or "host:port".
    retention_s: how long an ended job, its film and its results are kept. grpc_port: None serves no gRPC.
    media: what the pipeline reads from the environment.
    """

    data: Path
    database_url: str
    storage_url: str
    work: Path
    broker_url: str | None = None
    roots: tuple[Path, ...] = ()
    url_sources: bool = False
    url_hosts: tuple[str, ...] = ()
    webhook_hosts: tuple[str, ...] = ()
    retention_s: float = 7 * 86_400.0
    upload_s: float = 86_400.0
    grpc_port: int | None = None
    quota: Quota = field(default_factory=Quota)
    patience: Patience = field(default_factory=Patience)
    media: Settings = field(default_factory=Settings)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> ServiceSettings:
        """Read CUESMITH_DATA, _DATABASE_URL, _BROKER_URL, _STORAGE_URL, _WORK, _ROOTS, _URL_SOURCES, _URL_HOSTS,
        _WEBHOOK_HOSTS, _RETENTION_DAYS, _GRPC_PORT, quotas and times (below), and what pipeline.settings reads.

        Raises InputError for a bad value. Makes no folder.
        """
        env = environment() if env is None else env
        data = _folder(env, "CUESMITH_DATA") or Path.home() / ".local" / "share" / "cuesmith"
        patience, quota = Patience(), Quota()
        return cls(
            data=data,
            database_url=_database(env.get("CUESMITH_DATABASE_URL") or f"sqlite:///{data / 'cuesmith.db'}"),
            storage_url=env.get("CUESMITH_STORAGE_URL") or str(data / "storage"),
            work=_folder(env, "CUESMITH_WORK") or data / "work",
            broker_url=env.get("CUESMITH_BROKER_URL") or None,
            roots=tuple(Path(part).resolve() for part in env.get("CUESMITH_ROOTS", "").split(os.pathsep) if part),
            url_sources=_switch(env, "CUESMITH_URL_SOURCES"),
            url_hosts=_list(env, "CUESMITH_URL_HOSTS"),
            webhook_hosts=_list(env, "CUESMITH_WEBHOOK_HOSTS"),
            retention_s=86_400.0 * _number(env, "CUESMITH_RETENTION_DAYS", 7.0),
            upload_s=3600.0 * _number(env, "CUESMITH_UPLOAD_HOURS", 24.0),
            grpc_port=int(_number(env, "CUESMITH_GRPC_PORT", 0.0)) or None,
            quota=Quota(
                waiting_jobs=int(_number(env, "CUESMITH_QUOTA_JOBS", quota.waiting_jobs)),
                running_units=int(_number(env, "CUESMITH_QUOTA_RUNNING", quota.running_units)),
                stored_bytes=int(_number(env, "CUESMITH_QUOTA_BYTES", quota.stored_bytes)),
                upload_bytes=int(_number(env, "CUESMITH_UPLOAD_BYTES", quota.upload_bytes)),
                requests_per_minute=int(_number(env, "CUESMITH_QUOTA_REQUESTS", quota.requests_per_minute)),
            ),
            patience=Patience(
                lease_s=_number(env, "CUESMITH_LEASE_S", patience.lease_s),
                beat_s=_number(env, "CUESMITH_BEAT_S", patience.beat_s),
                poll_s=_number(env, "CUESMITH_POLL_S", patience.poll_s),
                attempts=int(_number(env, "CUESMITH_ATTEMPTS", patience.attempts)),
                stall_s=_number(env, "CUESMITH_STALL_S", patience.stall_s),
                unit_s=_number(env, "CUESMITH_UNIT_S", patience.unit_s),
                grace_s=_number(env, "CUESMITH_GRACE_S", patience.grace_s),
                gather_s=_number(env, "CUESMITH_GATHER_S", patience.gather_s),
                gather_units=int(_number(env, "CUESMITH_GATHER_UNITS", patience.gather_units)),
            ),
            media=Settings.from_env(env),
            environment=dict(env),
        )


def _database(url: str) -> str:
    """A database address as SQLAlchemy reads it, with the driver that is installed."""
    said = urlsplit(url).scheme.partition("+")[0]
    scheme = "postgresql" if said == "postgres" else said
    if scheme not in _SCHEMES:
        raise InputError(
            f"CUESMITH_DATABASE_URL begins with {scheme!r}", f"Use one of: {', '.join(f'{s}://' for s in _SCHEMES)}"
        )
    rest = url.partition("://")[2]
    return f"{'postgresql+psycopg' if scheme == 'postgresql' else scheme}://{rest}"


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    if not env.get(name):
        return default
    try:
        value = float(env[name])
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise InputError(f"{name} is {env[name]!r}", "Set it to a number above 0, or unset it")
    return value


def _switch(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "off").lower()
    if value not in ("on", "off", "1", "0", "true", "false", ""):
        raise InputError(f"{name} is {env[name]!r}", "Set it to on or off")
    return value in ("on", "1", "true")


def _list(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in env.get(name, "").split(",") if part.strip())


def _folder(env: Mapping[str, str], name: str) -> Path | None:
    return Path(env[name]).expanduser().absolute() if env.get(name) else None
