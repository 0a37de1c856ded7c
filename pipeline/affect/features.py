"""What a calibration is fitted on: numbers of each picture, with names, and what they depend on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pipeline.affect.ratings import RatedPictures
from pipeline.media.pictures import Unread, read_pictures
from pipeline.settings import Settings
from scoring.analysis import Curve
from scoring.errors import InputError
from vision.analyser import StillWish
from vision.frames import Plane

if TYPE_CHECKING:
    from vision.clip.anchors import Anchors
    from vision.clip.encoder import Encoder

SKIPPED_SHARE = 0.1  # design choice: with more unreadable pictures the set is another one than was rated


@dataclass(frozen=True, slots=True)
class Features:
    """measure: from pictures, each [H, W, 3], to [n, F]. names: F of them. wants: the pictures' size. batch: how many
    at once.

    encoder, fingerprint, vocabulary: what the numbers depend on, as in vision.calibration.
    """

    encoder: str
    fingerprint: str
    vocabulary: str
    names: tuple[str, ...]
    measure: Callable[[Sequence[Plane]], Curve]
    wants: StillWish = field(default_factory=StillWish)
    batch: int = 32


def anchor_features(encoder: Encoder, anchors: Anchors) -> Features:
    """How alike pictures are to the words of the vocabulary."""
    from vision.clip.readout import anchor_names, read_out

    return Features(
        encoder=encoder.name,
        fingerprint=encoder.fingerprint,
        vocabulary=anchors.vocabulary.sha256,
        names=anchor_names(anchors),
        measure=lambda pictures: read_out(anchors, encoder.pictures(pictures)()).features,
        wants=StillWish(encoder.side_px),
        batch=encoder.batch,
    )


@dataclass(frozen=True, slots=True)
class Skipped:
    """A picture that was left out. name: of its file."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {self.why}"


def readable(
    rated: RatedPictures, settings: Settings, wish: StillWish, skipped: list[Skipped]
) -> Iterator[tuple[int, Plane]]:
    """The index and the picture of every one that can be read; the others are added to `skipped`.

    Raises InputError at the end when those are more than SKIPPED_SHARE of all.
    """
    for index, found in enumerate(read_pictures(rated.paths, settings, wish)):
        if isinstance(found, Unread):
            skipped.append(Skipped(found.path.name, found.why))
        else:
            yield index, found
    if len(skipped) > SKIPPED_SHARE * len(rated.paths):
        raise InputError(
            f"{len(skipped)} of {len(rated.paths)} pictures cannot be read, the first is {skipped[0]}",
            "Mend them, or take their rows out of the table",
        )


def batched(pictures: Iterator[tuple[int, Plane]], size: int) -> Iterator[tuple[list[int], list[Plane]]]:
    """The same, so many at once."""
    indices: list[int] = []
    planes: list[Plane] = []
    for index, plane in pictures:
        indices.append(index)
        planes.append(plane)
        if len(planes) == size:
            yield indices, planes
            indices, planes = [], []
    if planes:
        yield indices, planes


def stacked(rows: Sequence[Curve], width: int) -> Curve:
    """[N, width] of parts."""
    return np.concatenate(rows) if rows else np.zeros((0, width))
