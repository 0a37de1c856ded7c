"""Saying in one line that an optional part is not installed."""

from __future__ import annotations

from importlib.util import find_spec

from scoring.errors import InputError

_SERVICE = (
    "alembic",
    "celery",
    "fastapi",
    "fsspec",
    "prometheus_client",
    "psutil",
    "sqlalchemy",
    "structlog",
    "uvicorn",
    "watchdog",
)


def need_service() -> None:
    """Raise InputError where the packages of the service are not installed."""
    missing = [name for name in _SERVICE if find_spec(name) is None]
    if missing:
        raise InputError(
            f"the service needs packages that are missing: {', '.join(missing)}", "pip install 'cuesmith[service]'"
        )
