"""The service's settings are read whole, or refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.service.settings import ServiceSettings
from scoring.errors import InputError


def test_nothing_said_is_one_machine_with_sqlite_and_a_folder(tmp_path: Path) -> None:
    settings = ServiceSettings.from_env({"CUESMITH_DATA": str(tmp_path / "d")})
    assert settings.database_url == f"sqlite:///{tmp_path}/d/cuesmith.db"
    assert settings.storage_url == f"{tmp_path}/d/storage"
    assert (settings.broker_url, settings.grpc_port, settings.url_sources, settings.roots) == (None, None, False, ())
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_goes_by_the_driver_that_is_installed(scheme: str) -> None:
    settings = ServiceSettings.from_env({"CUESMITH_DATABASE_URL": f"{scheme}://u:p@h/db"})
    assert settings.database_url == "postgresql+psycopg://u:p@h/db"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CUESMITH_DATABASE_URL", "mysql://x/y"),
        ("CUESMITH_LEASE_S", "0"),
        ("CUESMITH_RETENTION_DAYS", "soon"),
        ("CUESMITH_URL_SOURCES", "maybe"),
        ("CUESMITH_QUOTA_JOBS", "nan"),
    ],
)
def test_a_bad_value_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(InputError, match=name):
        ServiceSettings.from_env({name: value})


def test_what_is_said_is_taken(tmp_path: Path) -> None:
    settings = ServiceSettings.from_env(
        {
            "CUESMITH_ROOTS": f"{tmp_path}:/srv",
            "CUESMITH_WEBHOOK_HOSTS": "hooks.internal:8080, other",
            "CUESMITH_URL_SOURCES": "on",
            "CUESMITH_GRPC_PORT": "9000",
            "CUESMITH_QUOTA_JOBS": "5",
            "CUESMITH_LEASE_S": "7.5",
        }
    )
    assert settings.roots == (tmp_path, Path("/srv"))
    assert settings.webhook_hosts == ("hooks.internal:8080", "other")
    assert (settings.url_sources, settings.grpc_port) == (True, 9000)
    assert (settings.quota.waiting_jobs, settings.patience.lease_s) == (5, 7.5)


def test_secrets_are_not_shown_with_the_settings() -> None:
    settings = ServiceSettings.from_env({"AWS_SECRET_ACCESS_KEY": "canary"})
    assert "canary" not in repr(settings)
