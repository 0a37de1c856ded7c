"""Rated sets for tests: small pictures whose brightness and warmth carry a rating that is known, plus noise."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.affect.features import Features
from pipeline.affect.ratings import RatedPictures, read_rated_pictures
from vision.frames import Plane

COLUMNS = ("image", "theme", "category", "valence_1_7", "arousal_1_7")


@dataclass(frozen=True)
class RatedSet:
    """images: the folder, ratings: its CSV. truth: [N, 2] valence and arousal −1..1 before the noise."""

    images: Path
    ratings: Path
    truth: NDArray[np.float64]

    def read(self) -> RatedPictures:
        """As the commands read it."""
        return read_rated_pictures(self.ratings, self.images)


def rated_set(
    folder: Path, *, themes: int = 16, each: int = 5, noise: float = 0.3, seed: int = 0, shuffled: bool = False
) -> RatedSet:
    """Pictures of random texture: the brighter the more pleasant, the redder the more exciting. Each theme has its own
    place, its pictures lie around it.

    noise: of the ratings, in units of −1..1. shuffled: whether every theme gets another theme's ratings instead.
    """
    rng = np.random.default_rng(seed)
    images = folder / "images"
    images.mkdir(parents=True)
    places = rng.uniform(-0.7, 0.7, (themes, 2))
    truth = np.repeat(places, each, axis=0) + rng.normal(0.0, 0.15, (themes * each, 2))
    said = truth + rng.normal(0.0, noise, truth.shape)
    if shuffled:
        said = said.reshape(themes, each, 2)[rng.permutation(themes)].reshape(-1, 2)
    ratings = np.clip(4.0 + 3.0 * said, 1.0, 7.0)
    rows = []
    for number, (valence, arousal) in enumerate(truth):
        name = f"{number:03d}.png"
        cv2.imwrite(str(images / name), picture(valence, arousal, rng)[:, :, ::-1])
        rows.append((name, f"theme {number // each}", "Made", *ratings[number].tolist()))
    return RatedSet(images, write_ratings(folder / "ratings.csv", rows), truth)


def picture(valence: float, arousal: float, rng: np.random.Generator) -> Plane:
    """[60, 80, 3]: mean brightness says the valence, red against blue the arousal, the rest is noise."""
    light = 128.0 + 70.0 * valence + rng.normal(0.0, 20.0, (60, 80, 1))
    colour = np.array([35.0, 0.0, -35.0]) * arousal + rng.normal(0.0, 6.0, (60, 80, 3))
    return np.asarray(np.clip(light + colour, 0, 255), np.uint8)


def write_ratings(path: Path, rows: Sequence[Sequence[object]], columns: Sequence[str] = COLUMNS) -> Path:
    """A CSV of rows under a heading."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def colour_means(names: tuple[str, ...] = ("red", "green", "blue")) -> Features:
    """Features for tests that need no encoder: the mean of each channel, 0..1."""

    def measure(pictures: Sequence[Plane]) -> NDArray[np.float64]:
        return np.array([plane.reshape(-1, 3).mean(axis=0) / 255.0 for plane in pictures])

    return Features("mean colours", "no weights", "no words", names, measure)
