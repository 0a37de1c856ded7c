"""An encoder whose space is known: texts and pictures point where they are told. For the read-out's geometry only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from scoring.vocabulary import Vocabulary
from vision.clip.anchors import unit
from vision.clip.encoder import PendingVectors, Vectors
from vision.frames import Plane

SPREAD = 0.25  # how far texts lie from where they point, so that no two are alike


class PointingEncoder:
    """No network. A text lies near the sum of the directions its words have; a picture where its colour points.

    Directions: valence, arousal and tension are axes 0 to 2, leaning on each other by `lean`; every mood and setting
    has an axis of its own. All pictures are `gap` away from all texts, along an axis that nothing else uses. A picture
    of colour (r, g, b) lies at (r − 128, g − 128, b − 128) / 128 on the first three, and, where `place` is given, on
    that setting's axis.
    """

    name = "pointing"
    fingerprint = "pointing"
    side_px = 224

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        lean: float = 0.0,
        gap: float = 0.0,
        batch: int = 4,
        place: Callable[[Plane], str] | None = None,
    ) -> None:
        self.batch = batch
        self.encoded: list[str | int] = []
        self._gap, self._place = gap, place
        names = [*vocabulary.moods, *vocabulary.settings]
        self._axis = {name: 3 + number for number, name in enumerate(names)}
        self._width = 3 + len(names) + 1 + 24
        self._words: list[tuple[str, Vectors]] = []
        leans = np.eye(3) + lean * np.array([[0, 1, -1], [0, 0, 0], [0, 0, 0]])
        for row, (axis, pole) in enumerate(vocabulary.poles.items()):
            for sign, end in ((1.0, pole.plus), (-1.0, pole.minus)):
                self._words += [(word, self._at(sign * leans[row])) for word in end]
            del axis
        for entries in (vocabulary.moods, vocabulary.settings):
            for name, entry in entries.items():
                one = np.zeros(self._width, np.float32)
                one[self._axis[name]] = 1.0
                self._words += [(picture, one) for picture in entry.pictures]
        self._words.sort(key=lambda row: -len(row[0]))

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Near the direction of the longest word each holds; a caption without any is near nothing in particular."""
        self.encoded += list(texts)
        return unit(np.stack([self._text(text) for text in texts]))

    def pictures(self, pictures: Sequence[Plane]) -> PendingVectors:
        """Where their mean colour, and `place`, say."""
        self.encoded.append(len(pictures))
        rows = []
        for picture in pictures:
            row = self._at(picture.reshape(-1, 3).mean(axis=0) / 128.0 - 1.0)
            row[-25] = self._gap
            if self._place is not None and (name := self._place(picture)):
                row[self._axis[name]] += 1.0
            row[-24] += 0.2
            rows.append(row)
        vectors = unit(np.stack(rows))
        return lambda: vectors

    def _at(self, three: Sequence[float] | Vectors) -> Vectors:
        row = np.zeros(self._width, np.float32)
        row[:3] = three
        return row

    def _text(self, text: str) -> Vectors:
        own = np.random.default_rng(abs(hash_of(text)))
        row = np.zeros(self._width, np.float32)
        row[-24:] = own.normal(size=24) * SPREAD
        row[:3] += own.normal(size=3).astype(np.float32) * 0.05
        for word, direction in self._words:
            if word in text:
                return np.asarray(row + direction, np.float32)
        return row


def hash_of(text: str) -> int:
    """The same number for the same text on every machine."""
    return int.from_bytes(text.encode("utf-8")[-8:], "big") ^ (len(text) * 2_654_435_761)
