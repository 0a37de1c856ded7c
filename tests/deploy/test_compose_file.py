"""docker-compose.yml keeps what row 37 of the reliability table promises. Parsed, not run: Docker may be missing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from deploy_files import COMPOSE_FILE, DEPLOY, compose, variables_of

from integrations.service.settings import QUEUES, Patience

FILE = compose()
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("cuesmith")}
WORKERS = {name: service for name, service in OURS.items() if "worker" in service["command"]}
ONE_SHOT = {"migrate", "bucket", "models"}
SECRETS = {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "OBJECTS_KEY_ID", "OBJECTS_SECRET"}
every_service = pytest.mark.parametrize("name", SERVICES)


def seconds(text: str) -> float:
    return float(text.removesuffix("m")) * 60 if text.endswith("m") else float(text.removesuffix("s"))


def megabytes(text: str) -> float:
    return float(text[:-1]) * {"m": 1, "g": 1024}[text[-1]]


@every_service
def test_a_service_may_do_nothing_it_does_not_need(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"]), "not root, by number"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert not service.get("privileged")
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert any(mount.startswith("/tmp:") for mount in service["tmpfs"])
    assert all("size=" in mount and "noexec" in mount for mount in service["tmpfs"])
    assert not {"pid", "ipc", "userns_mode", "devices"} & set(service)
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", []))


@every_service
def test_a_service_has_limits(name: str) -> None:
    service = SERVICES[name]
    assert 64 <= megabytes(service["mem_limit"]) <= 32 * 1024
    assert 0 < service["cpus"] <= 4
    assert 0 < service["pids_limit"] <= 512
    assert megabytes(service["mem_limit"]) > sum(
        float(re.search(r"size=(\d+)m", mount)[1])  # type: ignore[index]
        for mount in service["tmpfs"]
    ), "a full tmpfs counts as memory"


@every_service
def test_an_image_is_pinned(name: str) -> None:
    _, _, tag = SERVICES[name]["image"].rpartition(":")
    assert re.search(r"\d+\.\d+", tag), tag


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONE_SHOT))
def test_what_runs_for_long_is_looked_after(name: str) -> None:
    service = SERVICES[name]
    check = service["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert seconds(check["timeout"]) < seconds(check["interval"])
    assert check["retries"] >= 2
    assert "start_period" in check
    assert service["restart"] == "unless-stopped"
    assert service["init"] is True


@pytest.mark.parametrize("name", OURS)
def test_the_time_to_stop_is_what_a_worker_may_finish_and_half_a_minute(name: str) -> None:
    if name in ("models",):
        return
    grace_s = float(OURS[name]["environment"]["CUESMITH_GRACE_S"])
    assert grace_s == Patience().grace_s
    assert seconds(OURS[name]["stop_grace_period"]) >= grace_s + 30


def test_only_the_api_is_published_and_only_on_loopback_unless_told() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"api"}
    assert SERVICES["api"]["ports"] == ["${CUESMITH_BIND:-127.0.0.1}:${CUESMITH_PORT:-8080}:8080"]
    assert not any(service.get("network_mode") == "host" for service in SERVICES.values())


def test_who_reads_films_has_no_way_out_but_reaches_what_it_needs() -> None:
    assert FILE["networks"]["inside"] == {"internal": True}
    inside = {name for name, service in SERVICES.items() if service.get("networks") == ["inside"]}
    assert inside == {"media", "compose", "gpu", "migrate", "redis", "postgres", "objects"}
    assert {name for name, service in SERVICES.items() if "front" in service.get("networks", [])} == {
        "api",
        "fetch",
        "models",
    }
    assert SERVICES["bucket"]["network_mode"] == "service:objects"


def test_every_queue_has_a_worker() -> None:
    queues = [service["command"][service["command"].index("--queues") + 1] for service in WORKERS.values()]
    assert sorted(",".join(queues).split(",")) == sorted(QUEUES)


def test_workers_share_no_folder_so_that_each_has_a_sign_of_life_of_its_own() -> None:
    for service in OURS.values():
        own = [volume for volume in service["volumes"] if volume.endswith("/var/lib/cuesmith")]
        assert own == ["/var/lib/cuesmith"]


def test_the_card_and_the_extras_are_asked_for_by_profile() -> None:
    assert {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service} == {
        "gpu": ["gpu"],
        "fetch": ["urls"],
        "models": ["setup"],
    }
    (device,) = SERVICES["gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert device == {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}


def test_nobody_starts_before_what_it_stands_on() -> None:
    for name in ("api", *WORKERS):
        assert OURS[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "bucket": {"condition": "service_completed_successfully"},
            "redis": {"condition": "service_healthy"},
        }
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert SERVICES["bucket"]["depends_on"] == {"objects": {"condition": "service_healthy"}}


def test_redis_keeps_what_it_is_told_and_asks_for_a_password() -> None:
    redis = SERVICES["redis"]
    script = redis["command"][-1]
    for option in ("--appendonly yes", "--appendfsync everysec", "--maxmemory-policy noeviction", "--dir /data"):
        assert option in script
    assert "requirepass $$REDIS_PASSWORD" in script
    assert redis["volumes"] == ["redis:/data"]
    assert "redis" in FILE["volumes"]
    maxmemory = re.search(r"--maxmemory (\d+)mb", script)
    assert maxmemory is not None
    assert float(maxmemory[1]) * 2 <= megabytes(redis["mem_limit"]), "rewriting the log may copy what it holds"


def test_no_secret_has_a_default_and_each_is_missed_by_name() -> None:
    text = COMPOSE_FILE.read_text(encoding="utf-8")
    used = variables_of(text)
    assert {name for name, kind, _ in used if kind == "?"} == SECRETS
    assert {name for name, kind, _ in used if kind != "?"} == {
        "CUESMITH_BIND",
        "CUESMITH_PORT",
        "CUESMITH_RETENTION_DAYS",
        "CUESMITH_URL_SOURCES",
    }
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|ACCESS_KEY", key):
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), f"{name}: {key}"


def test_the_example_of_the_env_file_names_every_variable_and_holds_no_secret() -> None:
    lines = (DEPLOY / ".env.example").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert set(given) == {name for name, _, _ in variables_of(COMPOSE_FILE.read_text(encoding="utf-8"))}
    assert {name for name, value in given.items() if not value} == SECRETS
    assert ".env" in (DEPLOY / ".gitignore").read_text(encoding="utf-8").split()
