"""What pictures are compared with: the vocabulary's words as vectors of one encoder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from scoring.vocabulary import AXES, Vocabulary
from vision.clip.encoder import Encoder, Vectors

LEAST_SPREAD = 1e-6  # of the neutral bank along an axis; less is a broken encoder's, and dividing by it would shout


class TextMemory(Protocol):
    """Keeps vectors of texts between runs: the same texts need not be encoded twice."""

    def recall(self, key: str) -> Vectors | None:
        """What was kept under a key, or None."""

    def keep(self, key: str, vectors: Vectors) -> None:
        """Keep it."""


class Forgetful:
    """A memory that remembers nothing."""

    def recall(self, key: str) -> Vectors | None:
        """None."""
        return None

    def keep(self, key: str, vectors: Vectors) -> None:
        """Ignore it."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """The vocabulary as vectors of D numbers, rows of length 1.

    axes: [3, D] the directions of AXES, at right angles to each other. middle, spread: [3] mean and standard deviation
    of the neutral bank along them. neutral: [J, D]. pole_words: [W, D] one for each word of each pole, in the order of
    pole_names. moods: [M, D] in the order of the vocabulary, settings: [S, D].
    """

    encoder: str
    vocabulary: Vocabulary
    axes: Vectors
    middle: Vectors
    spread: Vectors
    neutral: Vectors
    pole_words: Vectors
    pole_names: tuple[str, ...]
    moods: Vectors
    settings: Vectors


def learn_anchors(encoder: Encoder, vocabulary: Vocabulary, memory: TextMemory | None = None) -> Anchors:
    """Encode the vocabulary. Every text is encoded once, all of them together, or not at all where memory has them.

    A word's vector is the mean of its unit vectors over the templates, made unit again (Radford et al. 2021, CLIP,
    §3.1.4, prompt ensembling in the embedding space); a pole's is the mean over its words. An axis is the difference
    of its poles.
    """
    texts = tuple(dict.fromkeys(_texts(vocabulary)))
    rows = dict(zip(texts, _encoded(encoder, texts, memory or Forgetful()), strict=True))

    def word(text: str, templates: Sequence[str]) -> Vectors:
        return unit(np.mean([rows[template.format(text)] for template in templates], axis=0))

    def entry(pictures: Sequence[str], templates: Sequence[str]) -> Vectors:
        return unit(np.mean([word(picture, templates) for picture in pictures], axis=0))

    ends = {axis: (pole.plus, pole.minus) for axis, pole in vocabulary.poles.items()}
    axes = right_angled(
        np.stack(
            [entry(ends[axis][0], vocabulary.templates) - entry(ends[axis][1], vocabulary.templates) for axis in AXES]
        )
    )
    neutral = unit(np.stack([rows[caption] for caption in vocabulary.neutral]))
    along = neutral @ axes.T
    named = [
        (f"{axis}{sign} {text}", text)
        for axis in AXES
        for sign, end in zip("+-", ends[axis], strict=True)
        for text in end
    ]
    return Anchors(
        encoder=encoder.name,
        vocabulary=vocabulary,
        axes=axes,
        middle=along.mean(axis=0),
        spread=np.maximum(along.std(axis=0), LEAST_SPREAD),
        neutral=neutral,
        pole_words=np.stack([word(text, vocabulary.templates) for _, text in named]),
        pole_names=tuple(name for name, _ in named),
        moods=np.stack([entry(m.pictures, vocabulary.templates) for m in vocabulary.moods.values()]),
        settings=np.stack([entry(s.pictures, vocabulary.place_templates) for s in vocabulary.settings.values()]),
    )


def right_angled(directions: Vectors) -> Vectors:
    """[K, D] the unit directions at right angles that lie nearest to the ones given, none of them preferred.

    Löwdin's symmetric orthogonalisation (Löwdin 1950, J. Chem. Phys. 18:365): G^(−1/2) D with G = D Dᵀ. Valence and
    arousal are independent axes of the circumplex, but words for them are not quite.
    Raises ValueError where the directions lie in fewer than K dimensions.
    """
    rows = unit(directions).astype(np.float64)
    values, vectors = np.linalg.eigh(rows @ rows.T)
    if values[0] < 1e-6:
        raise ValueError(f"the poles of the axes do not differ: eigenvalues {values.round(8).tolist()}")
    return np.asarray(vectors @ np.diag(values**-0.5) @ vectors.T @ rows, np.float32)


def unit(vectors: Vectors) -> Vectors:
    """Rows of length 1."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def _texts(vocabulary: Vocabulary) -> Iterator[str]:
    words = [word for pole in vocabulary.poles.values() for word in (*pole.plus, *pole.minus)]
    words += [picture for mood in vocabulary.moods.values() for picture in mood.pictures]
    yield from (template.format(word) for word in words for template in vocabulary.templates)
    places = [picture for setting in vocabulary.settings.values() for picture in setting.pictures]
    yield from (template.format(place) for place in places for template in vocabulary.place_templates)
    yield from vocabulary.neutral


def _encoded(encoder: Encoder, texts: tuple[str, ...], memory: TextMemory) -> Vectors:
    key = hashlib.sha256(json.dumps([encoder.name, encoder.fingerprint, texts]).encode()).hexdigest()
    kept = memory.recall(key)
    if kept is not None and len(kept) == len(texts):
        return kept
    vectors = encoder.texts(texts)
    memory.keep(key, vectors)
    return vectors
