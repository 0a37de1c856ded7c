"""Films made of numbers: textures, movement, light and tones, handed over as the decoder would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import vision
from scoring.analysis import Analysis, Cut
from vision.colour_motion import ColourMotion
from vision.frames import Frame, MediaItem, SoundBlock, Still

Picture = NDArray[np.float64]
GREY = 128


class Studio:
    """Makes pictures (luma [180, 320] as float), items and analyses."""

    rows, columns = 180, 320

    def scene(self, seed: int, *, wide: bool = False) -> Picture:
        """A smooth random picture with some detail; wide: twice the size, to move a camera over."""
        scale = 2 if wide else 1
        shape = (self.rows * scale, self.columns * scale)
        rng = np.random.default_rng(seed)
        coarse, fine = (cv2.GaussianBlur(rng.random(shape), (0, 0), sigma) for sigma in (12, 3))
        brightness = 120 + rng.uniform(-30, 30)
        return np.clip(brightness + 35 * _standard(coarse) + 12 * _standard(fine), 0, 255)

    def crop(self, scene: Picture, x: float, y: float = 40) -> Picture:
        """What a camera sees of a wide scene from column x and row y on."""
        return scene[int(y) : int(y) + self.rows, int(x) : int(x) + self.columns]

    def frames(
        self, pictures: Iterable[Picture], *, fps: float = 30, times_s: Sequence[float] = (), chroma: int = GREY
    ) -> Iterator[Frame]:
        """Frames at an even rate, or at the times given."""
        plane = np.full((self.rows // 2, self.columns // 2), chroma, np.uint8)
        for index, picture in enumerate(pictures):
            time_s = times_s[index] if times_s else index / fps
            yield Frame(time_s, np.clip(picture, 0, 255).astype(np.uint8), plane, plane)

    def stills(self, rgb: tuple[int, int, int], duration_s: float, *, contrast: float = 40.0) -> Iterator[Still]:
        """Two stills a second of one colour, lit from dark on the left to bright on the right."""
        light = np.linspace(-contrast, contrast, 398)[None, :, None]
        picture = np.clip(np.array(rgb)[None, None, :] + np.repeat(light, 224, axis=0), 0, 255).astype(np.uint8)
        for index in range(int(np.ceil(duration_s * 2))):
            yield Still(index / 2, picture)

    def tone(
        self, level_db: float, duration_s: float, *, start_s: float = 0.0, block: int = 4800
    ) -> Iterator[SoundBlock]:
        """A 1 kHz sine on both channels at an RMS level, in blocks."""
        count = round(duration_s * 48_000)
        wave = np.sqrt(2) * 10 ** (level_db / 20) * np.sin(2 * np.pi * 1000 * np.arange(count) / 48_000)
        for first in range(0, count, block):
            part = wave[first : first + block].astype(np.float32)
            yield SoundBlock(start_s + first / 48_000, np.stack([part, part]))

    def analyse(self, *parts: Iterable[MediaItem], duration_s: float = 0.0) -> Analysis:
        """The analysis of items given kind by kind."""
        return vision.analyse((item for part in parts for item in part), duration_s=duration_s, analyser=ColourMotion())

    def cut_frames(self, pictures: Iterable[Picture], *, fps: float = 30) -> list[int]:
        """The pictures at which hard cuts were found."""
        cuts = self.analyse(self.frames(pictures, fps=fps)).shots.cuts
        return [round(cut.time_s * fps) for cut in cuts if cut.kind == "cut"]

    def gradual(self, pictures: Iterable[Picture], *, fps: float = 30) -> list[Cut]:
        """The dissolves and fades that were found."""
        return [cut for cut in self.analyse(self.frames(pictures, fps=fps)).shots.cuts if cut.kind != "cut"]


def _standard(picture: Picture) -> Picture:
    return (picture - picture.mean()) / picture.std()


@pytest.fixture(scope="session")
def studio() -> Studio:
    return Studio()
