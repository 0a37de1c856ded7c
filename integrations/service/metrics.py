"""What Prometheus is told: counted here, or looked up in the database when it asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from integrations.jobs.claiming import queue_lengths
from integrations.jobs.database import Database
from integrations.jobs.states import STATES
from integrations.jobs.tables import deliveries, jobs, workers
from integrations.service.settings import QUEUES
from scoring.errors import CuesmithError

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ALIVE_S = 60.0  # a worker that gave a sign within this time is alive
_KEPT_S = 2.0  # several scrapers cost one look
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The counters of one process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "cuesmith_requests", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.request_seconds = Histogram(
            "cuesmith_request_seconds",
            "Seconds to the first byte of the answer",
            ["method", "route"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.upload_bytes = Counter("cuesmith_upload_bytes", "Bytes of films that arrived", registry=self.registry)
        self.webhook_tries = Counter(
            "cuesmith_webhook_tries", "Attempts to deliver a webhook", ["outcome"], registry=self.registry
        )

    def watch(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        """Also tell how long the queues are, how many jobs are in which state, and how many workers are alive."""
        self.registry.register(_Standing(database, clock))

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)


class _Standing(Collector):
    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database, self._clock = database, clock
        self._found: list[Metric] = []
        self._looked_s = float("-inf")

    def collect(self) -> Iterator[Metric]:
        if self._clock() - self._looked_s >= _KEPT_S:
            self._found = list(self._look())
            self._looked_s = self._clock()
        yield from self._found

    def describe(self) -> list[Metric]:
        return []  # registering it asks no database

    def _look(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("cuesmith_database_up", "Whether the database answers")
        try:
            with self._database.reading() as connection:
                now_s = self._database.now_s(connection)
                lengths = queue_lengths(connection)
                counted = connection.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state)).all()
                alive = connection.execute(
                    select(func.count()).select_from(workers).where(workers.c.beat_s > now_s - ALIVE_S)
                ).scalar_one()
                unsent = connection.execute(
                    select(func.count()).select_from(deliveries).where(deliveries.c.state.in_(("waiting", "sending")))
                ).scalar_one()
        except CuesmithError:
            up.add_metric([], 0.0)
            yield up
            return
        up.add_metric([], 1.0)
        yield up
        by_state: dict[str, int] = {row[0]: row[1] for row in counted}
        for state, name in (("waiting", "cuesmith_units_waiting"), ("leased", "cuesmith_units_leased")):
            family = GaugeMetricFamily(name, f"Units of work that are {state}, by queue", labels=["queue"])
            for queue in QUEUES:
                family.add_metric([queue], lengths.get((queue, state), 0))
            yield family
        family = GaugeMetricFamily("cuesmith_jobs", "Jobs that are kept, by state", labels=["state"])
        for state in STATES:
            family.add_metric([state], by_state.get(state, 0))
        yield family
        yield GaugeMetricFamily("cuesmith_workers_alive", "Workers that gave a sign of life", value=alive)
        yield GaugeMetricFamily("cuesmith_webhooks_waiting", "Webhooks that are to be delivered", value=unsent)
