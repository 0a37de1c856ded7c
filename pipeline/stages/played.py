"""What reports and manifests say of the engines of a run, wherever they ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.job import Players


@dataclass(frozen=True, slots=True)
class PlayedBy:
    """engine: the first choice; why: and the reason, for people. versions: name → version of each that might play.

    exact: the names of those whose beats lie where they are planned.
    """

    engine: str
    why: str
    versions: Mapping[str, str]
    exact: tuple[str, ...]

    @classmethod
    def of(cls, players: Players) -> PlayedBy:
        """What a machine that composes can say of itself."""
        return cls(
            players.engines[0].name,
            players.why,
            {engine.name: engine.version for engine in players.engines},
            tuple(engine.name for engine in players.engines if engine.capabilities.tempo == "exact"),
        )

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> PlayedBy:
        """What asdict made of one."""
        return cls(document["engine"], document["why"], dict(document["versions"]), tuple(document["exact"]))

    @classmethod
    def together(cls, several: Sequence[PlayedBy]) -> PlayedBy:
        """Of cues that were composed on different machines, each with its own engines; the first one speaks for all."""
        versions = {name: version for one in reversed(several) for name, version in one.versions.items()}
        exact = dict.fromkeys(name for one in several for name in one.exact)
        return cls(several[0].engine, several[0].why, versions, tuple(exact))
