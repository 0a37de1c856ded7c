"""Which vocabulary a film is read with: an arm of the experiment that runs, else the default."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from integrations.experiments.experiment import Experiment, running_experiment
from integrations.experiments.vocabularies import VocabularyVersion, default_vocabulary, version_of
from integrations.jobs.database import Database
from integrations.jobs.orders import WITH_FILM, Order
from integrations.jobs.tables import vocabularies
from integrations.jobs.tenants import Tenant


def assign(
    database: Database, tenant: Tenant, order: Order, source: Mapping[str, Any] | None
) -> tuple[Order, dict[str, Any] | None]:
    """The order with its vocabulary, and the arm it belongs to: {"experiment", "arm", "vocabulary"}, None for none.

    For new jobs, before they are taken in; a revision keeps what its first job had. An order that brings its own
    vocabulary stays as it is. One that brings a cue sheet gets the default and no arm: nothing is spotted, so its
    ratings would say nothing of the words. Of the built-in vocabulary no text is put into the order.
    """
    if order.texts.get("vocabulary"):
        return order, None
    with database.reading() as connection:
        if order.kind in WITH_FILM and source is not None and not order.texts.get("sheet"):
            experiment = running_experiment(connection)
            versions = {} if experiment is None else _versions(connection, experiment)
            # An arm whose words went with an earlier version of Cuesmith would compare something else.
            if experiment is not None and all(version.is_current for version in versions.values()):
                arm = experiment.arms[arm_number(experiment.id, tenant.id, film_of(source), len(experiment.arms))]
                told = {"experiment": experiment.name, "arm": arm.name, "vocabulary": arm.vocabulary}
                return _with(order, versions[arm.vocabulary]), told
        return _with(order, default_vocabulary(connection)), None


def arm_number(experiment_id: str, tenant: str, film: str, arms: int) -> int:
    """Which of so many arms a film belongs to: always the same one, each as likely as the others.

    64 bits of a SHA-256, so that no arm is ahead by more than one part in 2^61.
    """
    text = "\n".join((experiment_id, tenant, film))
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8]) % arms


def film_of(source: Mapping[str, Any]) -> str:
    """What tells a film from others: its SHA-256; before it was fetched, its address."""
    return str(source.get("sha256") or source.get("url") or "")


def _versions(connection: Connection, experiment: Experiment) -> dict[str, VocabularyVersion]:
    wanted = [arm.vocabulary for arm in experiment.arms]
    rows = connection.execute(select(vocabularies).where(vocabularies.c.sha256.in_(wanted))).all()
    return {row.sha256: version_of(row) for row in rows}


def _with(order: Order, version: VocabularyVersion) -> Order:
    return replace(order, texts={**order.texts, "vocabulary": version.text}) if version.text else order
