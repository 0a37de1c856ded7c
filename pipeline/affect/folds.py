"""Cross-validated ridge regression that keeps themes whole, so that no near-duplicate is both learnt from and asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.analysis import Curve
from scoring.errors import InputError

Indices = NDArray[np.intp]

ALPHAS = tuple(float(10.0**power) for power in np.arange(-1.0, 5.1, 0.5))  # of standardised features, summed squares
INNER_FOLDS = 4  # alpha is chosen among these parts of what is learnt from


@dataclass(frozen=True, slots=True)
class Ridge:
    """A fitted line: intercept + weights · (features − means) / scales. All [F] but the two numbers."""

    means: Curve
    scales: Curve
    weights: Curve
    intercept: float
    alpha: float

    def slope(self, features: Curve) -> Curve:
        """[N] the prediction of features [N, F] less the intercept."""
        return np.asarray(((features - self.means) / self.scales) @ self.weights, np.float64)


def theme_folds(themes: Sequence[str], folds: int, rng: np.random.Generator) -> Indices:
    """[N] the fold of each picture, 0..folds − 1: every theme whole, the folds of about equal size, none empty.

    Themes in random order, the largest first, each into the smallest fold so far. Raises InputError for fewer than two
    folds or more folds than themes.
    """
    names, of, sizes = np.unique(np.asarray(themes, dtype=object).astype(str), return_inverse=True, return_counts=True)
    if not 2 <= folds <= len(names):
        raise InputError(
            f"{folds} folds of {len(names)} themes cannot be made",
            "Give 2 folds or more, and a theme for each at least",
        )
    shuffled = rng.permutation(len(names))
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    fold_of, filled = np.zeros(len(names), np.intp), np.zeros(folds)
    for theme in order:
        fold_of[theme] = np.argmin(filled)
        filled[fold_of[theme]] += sizes[theme]
    return np.asarray(fold_of[of], np.intp)


def fit(features: Curve, target: Curve, alpha: float) -> Ridge:
    """Ridge regression (Hoerl & Kennard 1970) of [N] on [N, F], the features standardised, the intercept free."""
    means, scales = features.mean(axis=0), features.std(axis=0)
    scales = np.where(scales > 1e-12, scales, 1.0)  # what never varies gets the weight 0
    standard = (features - means) / scales
    intercept = float(target.mean())
    gram = standard.T @ standard + alpha * np.eye(features.shape[1])
    weights = np.linalg.solve(gram, standard.T @ (target - intercept))
    return Ridge(means, scales, weights, intercept, alpha)


def choose(features: Curve, target: Curve, themes: Sequence[str], rng: np.random.Generator) -> Ridge:
    """The ridge whose alpha errs least on themes that it was not fitted to, fitted to all that is given."""
    folds = theme_folds(themes, min(INNER_FOLDS, len(set(themes))), rng)
    errors = np.zeros(len(ALPHAS))
    for fold in range(folds.max() + 1):
        learn, ask = folds != fold, folds == fold
        for which, alpha in enumerate(ALPHAS):
            line = fit(features[learn], target[learn], alpha)
            errors[which] += np.sum((line.intercept + line.slope(features[ask]) - target[ask]) ** 2)
    return fit(features, target, ALPHAS[int(np.argmin(errors))])


def unseen(features: Curve, target: Curve, themes: Sequence[str], folds: Indices, seed: int) -> Curve:
    """[N] what is predicted of each picture by a ridge that saw no picture of its theme; alpha chosen without it too.

    Only what the features say: the intercept is left out, since the mean of what was learnt from is the higher the
    lower the pictures asked about, which would make even useless features correlate.
    """
    names = np.asarray(themes, dtype=object)
    predicted = np.zeros(len(target))
    for fold in range(folds.max() + 1):
        learn, ask = folds != fold, folds == fold
        line = choose(features[learn], target[learn], list(names[learn]), np.random.default_rng([seed, fold]))
        predicted[ask] = line.slope(features[ask])
    return predicted
