from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.affect.agreement import pearson
from pipeline.affect.folds import ALPHAS, choose, fit, theme_folds, unseen
from scoring.errors import InputError

THEMES = st.lists(st.sampled_from([f"theme {number}" for number in range(12)]), min_size=2, max_size=80)


@settings(max_examples=150, deadline=None)
@given(themes=THEMES, data=st.data())
def test_themes_are_kept_whole_folds_are_about_equal_and_none_is_empty(themes, data):
    names, sizes = np.unique(themes, return_counts=True)
    if len(names) < 2:
        return
    folds = data.draw(st.integers(2, len(names)))
    parts = theme_folds(themes, folds, np.random.default_rng(data.draw(st.integers(0, 5))))
    for name in names:
        assert len({int(part) for part, theme in zip(parts, themes, strict=True) if theme == name}) == 1
    filled = np.bincount(parts, minlength=folds)
    assert len(filled) == folds
    assert filled.min() > 0
    assert filled.max() - filled.min() <= sizes.max()


def test_the_same_seed_parts_alike_and_another_seed_otherwise():
    themes = [f"theme {number // 3}" for number in range(60)]
    first, again, other = (theme_folds(themes, 5, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("folds", [0, 1, 4])
def test_folds_that_cannot_be_made_are_refused_with_both_numbers(folds):
    with pytest.raises(InputError, match=f"{folds} folds of 3 themes"):
        theme_folds(["a", "b", "c", "c"], folds, np.random.default_rng(0))


def test_a_ridge_without_weight_on_size_is_least_squares_and_with_all_weight_the_mean():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(40, 3)) * [1.0, 10.0, 0.1] + [0.0, 5.0, 2.0]
    target = features @ [0.5, -0.02, 3.0] + 1.0
    line = fit(features, target, 1e-9)
    assert np.allclose(line.intercept + line.slope(features), target, atol=1e-6)
    assert np.allclose(fit(features, target, 1e12).slope(features), 0.0, atol=1e-6)


def test_a_feature_that_never_varies_gets_no_weight():
    features = np.column_stack([np.arange(10.0), np.full(10, 3.0)])
    assert fit(features, np.arange(10.0), 0.1).weights[1] == 0.0


def test_useless_features_are_shrunk_away_and_useful_ones_are_not():
    rng = np.random.default_rng(3)
    themes = [f"theme {number // 4}" for number in range(120)]
    features = rng.normal(size=(120, 30))
    noise = rng.normal(size=120)
    assert choose(features, noise, themes, np.random.default_rng(0)).alpha > 100.0
    assert choose(features[:, :2], features[:, 0] + 0.1 * noise, themes, np.random.default_rng(0)).alpha < 10.0
    assert min(ALPHAS) < 1 < max(ALPHAS)


def test_near_duplicates_leak_through_random_folds_and_not_through_grouped_ones():
    """Features that say nothing but which theme it is; ratings that go by theme. Nothing is there to be learnt."""
    rng = np.random.default_rng(5)
    themes = [f"theme {number // 6}" for number in range(180)]
    features = np.repeat(rng.normal(size=(30, 40)), 6, axis=0) + 0.05 * rng.normal(size=(180, 40))
    ratings = np.repeat(rng.normal(size=30), 6) + 0.2 * rng.normal(size=180)
    singly = [str(number) for number in range(180)]
    leaky = unseen(features, ratings, singly, theme_folds(singly, 5, np.random.default_rng(0)), 0)
    honest = unseen(features, ratings, themes, theme_folds(themes, 5, np.random.default_rng(0)), 0)
    assert pearson(leaky, ratings) > 0.8
    assert abs(pearson(honest, ratings)) < 0.35


def test_noise_is_not_called_knowledge_nor_its_opposite():
    """The mean of what was learnt from is left out; with it, features that know nothing would correlate downwards."""
    themes = [f"theme {number // 3}" for number in range(90)]
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        features, ratings = rng.normal(size=(90, 10)), np.repeat(rng.normal(size=30), 3)
        parts = theme_folds(themes, 5, np.random.default_rng(seed))
        found.append(pearson(unseen(features, ratings, themes, parts, seed), ratings))
    assert abs(np.mean(found)) < 0.1
