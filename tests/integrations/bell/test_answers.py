from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from integrations.bell.answers import place_of
from integrations.bell.app import make_app, result_url, ring_queue, task_queue
from integrations.bell.calls import CALLS
from integrations.service.settings import ServiceSettings

DOCS = Path(__file__).parents[3] / "docs" / "tasks.md"


@pytest.mark.parametrize(
    ("storage", "place"),
    [
        ("s3://films/prod?key=AK&secret=SK&endpoint=http://s3:9000", "s3://films/prod/results/a/b.wav"),
        ("s3://films", "s3://films/results/a/b.wav"),
        ("file:///srv/cue%20smith", "file:///srv/cue%20smith/results/a/b.wav"),
        ("/srv/cue smith", "file:///srv/cue%20smith/results/a/b.wav"),
    ],
)
def test_a_place_is_named_without_credentials(storage: str, place: str) -> None:
    assert place_of(storage, "results/a/b.wav") == place


def settings(broker: str, **more: str) -> ServiceSettings:
    return ServiceSettings.from_env({"CUESMITH_DATA": "/nowhere", "CUESMITH_BROKER_URL": broker, **more})


@pytest.mark.parametrize(
    ("broker", "given", "expected"),
    [
        ("redis://r:6379/1", "", "redis://r:6379/1"),
        ("rediss://r:6379/1", "", "rediss://r:6379/1"),
        ("amqp://a//", "", "rpc://"),
        ("amqp://a//", "redis://r/2", "redis://r/2"),
        ("redis://r/1", "db+sqlite:///r.db", "db+sqlite:///r.db"),
    ],
)
def test_results_are_kept_where_a_client_finds_them(broker: str, given: str, expected: str) -> None:
    assert result_url(settings(broker, CUESMITH_RESULT_URL=given)) == expected


def test_the_app_takes_json_only_and_acknowledges_late() -> None:
    app = make_app(settings("redis://nowhere.invalid:1/0"))
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
    options = app.conf.broker_transport_options
    assert (options["unacked_restore_interval"], options["unacked_restore_throttle"]) == (5, 1)


def test_queues_are_declared_as_others_declare_them() -> None:
    tasks = task_queue(make_app(settings("amqp://nowhere.invalid//")))
    assert (tasks.name, tasks.exchange.name, tasks.exchange.type, tasks.routing_key) == (
        "cuesmith",
        "cuesmith",
        "direct",
        "cuesmith",
    )
    assert tasks.durable
    assert not tasks.queue_arguments
    assert ring_queue("gpu").exchange.name == ""


def test_the_page_for_programmers_names_each_task_and_argument() -> None:
    text = DOCS.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(cuesmith\.\w+)` \| [^|]* \| ([^|]*) \|", text, re.MULTILINE))
    assert rows.keys() == CALLS.keys()
    for name, called in CALLS.items():
        parameters = inspect.signature(called).parameters.values()
        plain = [
            p.name if p.default is p.empty else f"{p.name}={p.default}"
            for p in parameters
            if p.kind is p.POSITIONAL_OR_KEYWORD
        ]
        assert rows[name] == ", ".join(f"`{part}`" for part in plain)
        assert {p.name for p in parameters if p.kind is p.KEYWORD_ONLY} == {"tenant", "request_id", "version"}
