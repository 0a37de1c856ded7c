"""Experiments: two or more vocabularies, each for a share of the films. One runs at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from integrations.experiments.locking import hold
from integrations.experiments.vocabularies import find_vocabulary
from integrations.jobs.database import Database
from integrations.jobs.ids import new_id
from integrations.jobs.tables import experiments, vocabularies
from scoring.errors import Conflict, InputError, UnknownId

MOST_ARMS = 6
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_LETTERS = "ABCDEF"


@dataclass(frozen=True, slots=True)
class Arm:
    """name: "A" is the one to beat. vocabulary: SHA-256 of its text. title: the vocabulary's name."""

    name: str
    vocabulary: str
    title: str


@dataclass(frozen=True, slots=True)
class Experiment:
    """ended_s: None while it runs. Times are seconds since 1970."""

    id: str
    name: str
    arms: tuple[Arm, ...]
    created_s: float
    ended_s: float | None

    @property
    def is_running(self) -> bool:
        """Whether films are still assigned to it."""
        return self.ended_s is None


def create_experiment(database: Database, name: str, arms: Sequence[str]) -> Experiment:
    """Begin an experiment. arms: names of vocabularies, the one to beat first; they are called A, B, C …

    Raises InputError for a bad name or number of arms, UnknownChoice for a vocabulary there is not, Conflict while
    another experiment runs or when the name was used before.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"the experiment's name is {name!r}", "Use 1 to 100 of a-z, 0-9, '.', '_' and '-'")
    if not 2 <= len(arms) <= MOST_ARMS:
        raise InputError(f"the experiment has {len(arms)} arms", f"Give 2 to {MOST_ARMS}, the one to beat first")
    with database.writing() as connection:
        hold(connection)
        for row in connection.execute(select(experiments)).all():
            if row.ended_s is None:
                raise Conflict(f"the experiment {row.name} is running", f"End it: cuesmith experiments end {row.name}")
            if row.name == name:
                raise Conflict(f"there was an experiment called {name}", "Choose another name: ratings are kept by it")
        versions = [find_vocabulary(database, connection, said) for said in arms]
        if len({version.sha256 for version in versions}) < len(versions):
            raise InputError("two arms have the same vocabulary", "Give each arm another one")
        if any(not version.is_current for version in versions):
            raise InputError("an arm is the built-in vocabulary of another version of Cuesmith", "Give another one")
        rows = [{"name": letter, "vocabulary": v.sha256} for letter, v in zip(_LETTERS, versions, strict=False)]
        made = {"id": new_id("exp"), "name": name, "arms": rows, "created_s": database.now_s(connection)}
        connection.execute(insert(experiments).values(made))
        return find_experiment(connection, name)


def end_experiment(database: Database, name: str) -> Experiment:
    """Assign no more films to it; ratings of those that were still count. Raises UnknownId, Conflict when it ended."""
    with database.writing() as connection:
        experiment = find_experiment(connection, name)
        if not experiment.is_running:
            raise Conflict(f"the experiment {name} has ended before")
        end_inside(database, connection, experiment)
        return find_experiment(connection, name)


def end_inside(database: Database, connection: Connection, experiment: Experiment) -> None:
    """end_experiment, inside a transaction; nothing for one that has ended."""
    running = [experiments.c.id == experiment.id, experiments.c.ended_s.is_(None)]
    connection.execute(update(experiments).where(*running).values(ended_s=database.now_s(connection)))


def find_experiment(connection: Connection, name: str) -> Experiment:
    """An experiment by its name. Raises UnknownId."""
    row = connection.execute(select(experiments).where(experiments.c.name == name)).one_or_none()
    if row is None:
        raise UnknownId(f"there is no experiment {name[:100]!r}", "See `cuesmith experiments list`")
    return _experiment(row, _titles(connection))


def running_experiment(connection: Connection) -> Experiment | None:
    """The one that films are assigned to now."""
    row = connection.execute(select(experiments).where(experiments.c.ended_s.is_(None)).limit(1)).one_or_none()
    return None if row is None else _experiment(row, {})


def list_experiments(connection: Connection) -> list[Experiment]:
    """Every experiment, the newest first."""
    titles = _titles(connection)
    rows = connection.execute(select(experiments).order_by(experiments.c.created_s.desc(), experiments.c.id)).all()
    return [_experiment(row, titles) for row in rows]


def _titles(connection: Connection) -> dict[str, str]:
    rows = connection.execute(select(vocabularies.c.sha256, vocabularies.c.name)).all()
    return {row.sha256: row.name for row in rows}


def _experiment(row: Row[Any], titles: dict[str, str]) -> Experiment:
    arms = tuple(Arm(arm["name"], arm["vocabulary"], titles.get(arm["vocabulary"], "")) for arm in row.arms)
    return Experiment(row.id, row.name, arms, row.created_s, row.ended_s)
