"""The picture encoders there are: what loads each, where its files are published, and under which licence."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Literal

from scoring.errors import UnknownChoice
from scoring.pins import PinnedFile, read_pin, read_row

Library = Literal["open_clip", "transformers"]

DEFAULT = "ViT-B-32"

_TABLE = "encoders.toml"
_FLOAT32_BYTES = 4
_SHARED = ("repository", "revision", "licence")  # said once for all files of an encoder
_WEIGHTS_SUFFIX = ".safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderCard:
    """One encoder. None is what nobody read in a source.

    purpose: what it is for, for people. architecture: open_clip's name of it, or transformers' class. pretrained:
    open_clip's tag. mean, std: what the picture's colours, 0..1, are centred on and divided by; None: the file
    preprocessor_config.json says. side_px: of the square it looks at. dimensions: of its vectors. notes: what a user
    should know besides the licence.
    """

    name: str
    purpose: str
    library: Library
    architecture: str
    repository: str
    side_px: int
    dimensions: int
    files: tuple[PinnedFile, ...]
    pretrained: str | None = None
    revision: str | None = None
    licence: str | None = None
    notes: str | None = None
    parameters: int | None = None
    mean: tuple[float, float, float] | None = None
    std: tuple[float, float, float] | None = None

    @property
    def title(self) -> str:
        """What outputs call it: "ViT-B-32/laion2b_s34b_b79k", or the name alone."""
        return f"{self.name}/{self.pretrained}" if self.pretrained else self.name

    @property
    def weights(self) -> PinnedFile:
        """The file that holds the tensors."""
        (file,) = (file for file in self.files if PurePosixPath(file.path).suffix == _WEIGHTS_SUFFIX)
        return file

    @property
    def memory_bytes(self) -> int | None:
        """Predicted: the weights in float32. Pictures on their way through the network come on top of it."""
        return _FLOAT32_BYTES * self.parameters if self.parameters is not None else self.weights.expected_bytes

    def weights_in(self, folder: Path) -> Path:
        """What the loader takes of a folder that holds the files: open_clip's weights file, transformers' folder."""
        return folder / self.weights.path if self.library == "open_clip" else folder


@cache
def encoders() -> Mapping[str, EncoderCard]:
    """All of them, by name. Raises ValueError for a row that does not fit the table."""
    data = resources.files("vision") / "data" / _TABLE
    return read_encoders(tomllib.loads(data.read_text(encoding="utf-8")))


def encoder_card(name: str) -> EncoderCard:
    """The encoder of that name. Raises UnknownChoice."""
    known = encoders()
    if name not in known:
        raise UnknownChoice.among("encoder", name, list(known))
    return known[name]


def read_encoders(table: Mapping[str, Any]) -> Mapping[str, EncoderCard]:
    """table: the data file, parsed. Raises ValueError with row and field."""
    if set(table) != {"encoders"}:
        raise ValueError(f"{_TABLE} has {sorted(table)}, expected encoders alone")
    cards = [_card(row) for row in table["encoders"]]
    by_name = {card.name: card for card in cards}
    if len(by_name) != len(cards):
        raise ValueError(f"{_TABLE} has a name twice: {sorted(card.name for card in cards)}")
    return MappingProxyType(by_name)


def _card(row: Mapping[str, Any]) -> EncoderCard:
    shared = {name: row[name] for name in _SHARED if name in row}
    files = tuple(read_pin({**shared, **file}, PinnedFile, _TABLE) for file in row.get("files", ()))
    plain = {name: value for name, value in row.items() if name != "files"}
    card = read_row(plain, EncoderCard, _TABLE, given={"files": files})
    if len([file for file in files if PurePosixPath(file.path).suffix == _WEIGHTS_SUFFIX]) != 1:
        raise ValueError(f"{_TABLE}: {card.name} has files {[file.path for file in files]}, expected one of weights")
    if (card.mean is None) != (card.library == "transformers") or (card.std is None) != (card.mean is None):
        raise ValueError(f"{_TABLE}: {card.name} has mean {card.mean} and std {card.std}, expected both for open_clip")
    return card
