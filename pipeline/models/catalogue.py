"""The one list of everything that can be fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from music_engine.ace_step.checkpoint.pins import published_folder
from scoring.errors import UnknownChoice
from scoring.pins import PinnedFile
from vision.clip.catalogue import EncoderCard, encoders

Kind = Literal["encoder", "engine"]

ACE_STEP = "ace-step-v1"


@dataclass(frozen=True, slots=True)
class Model:
    """One model. name: also of its folder. purpose: what it is for; notes: what to know besides the licence."""

    name: str
    kind: Kind
    purpose: str
    files: tuple[PinnedFile, ...]
    licence: str | None = None
    notes: str | None = None

    @property
    def expected_bytes(self) -> int | None:
        """All files together as well as is known; small files of unknown size do not count. None: nothing is known."""
        known = [file.expected_bytes for file in self.files if file.expected_bytes is not None]
        return sum(known) if known else None

    @property
    def hashed_files(self) -> int:
        """How many of its files have a hash that somebody published."""
        return sum(file.sha256 is not None for file in self.files)

    @property
    def is_verified(self) -> bool:
        """Whether somebody compared the whole row with the files themselves."""
        return all(file.verified for file in self.files)


@cache
def models() -> Mapping[str, Model]:
    """All of them, by name."""
    found = [_encoder(card) for card in encoders().values()]
    found.append(_ace_step())
    return MappingProxyType({model.name: model for model in found})


def model_named(name: str) -> Model:
    """The model of that name. Raises UnknownChoice."""
    if name not in models():
        raise UnknownChoice.among("model", name, list(models()))
    return models()[name]


def _encoder(card: EncoderCard) -> Model:
    return Model(card.name, "encoder", card.purpose, card.files, card.licence, card.notes)


def _ace_step() -> Model:
    files = published_folder()
    return Model(ACE_STEP, "engine", "writes music of any genre, and songs; a GPU helps", files, files[0].licence)
