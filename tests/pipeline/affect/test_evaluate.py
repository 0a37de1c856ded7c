from __future__ import annotations

import numpy as np
import pytest
from rated import picture, rated_set

from pipeline.affect.evaluate import NOTHING_ELSE, evaluate, feel
from pipeline.affect.ratings import read_rated_pictures
from pipeline.settings import Settings
from pipeline.wish import Silent, Wish
from scoring.errors import InputError
from vision.colour import LOOK_NAMES, look_at
from vision.colour_motion import ColourMotion
from vision.formulas import AXES
from vision.relations import REACH, RELATIONS, SCALES


def test_a_picture_alone_moves_nothing_that_a_photograph_cannot_know():
    """Motion and cutting lie where they count for nothing, sound is absent: valence and arousal come of looks alone."""
    rgb = np.zeros((60, 80, 3), np.uint8)
    rgb[:, :40], rgb[:, 40:] = (230, 150, 60), (40, 30, 90)  # clear and colourful: it says all it can
    looks = dict(zip(LOOK_NAMES, look_at(rgb), strict=True))
    valence, arousal = feel(ColourMotion(), rgb)
    for axis, found in (("valence", valence), ("arousal", arousal)):
        pushed = 0.0
        for relation in RELATIONS:
            if relation.axis == axis and relation.cue in looks:
                scale = SCALES[relation.cue]
                unit = np.clip((looks[relation.cue] - scale.middle) / scale.unit, -2, 2)
                pushed += relation.weight * (1 - scale.film_share) * unit
        assert found == pytest.approx(REACH[axis] * np.tanh(pushed), abs=1e-6)


def test_pictures_do_not_colour_one_another():
    rng = np.random.default_rng(1)
    first, second = picture(0.8, 0.0, rng), picture(-0.8, 0.9, rng)
    analyser = ColourMotion()
    alone = feel(ColourMotion(), second)
    feel(analyser, first)
    assert feel(analyser, second) == alone
    assert NOTHING_ELSE.has_sound is False


def test_an_analyser_is_compared_with_people_chance_and_the_formulas(rated):
    found = evaluate(rated.read(), ColourMotion(), seed=1)
    assert found.analyser.name == "colour-motion"
    assert (found.pictures, found.themes, found.skipped) == (96, 24, ())
    for axis in AXES:
        agreement = found.analyser.agreement[axis]
        assert -1 <= agreement.low <= agreement.r <= agreement.high <= 1
        assert any(axis in row.agreement for row in found.formulas)
    # The set was made so that brightness pleases, which is what this formula says.
    pleasure = next(row for row in found.formulas if row.name == "Valdez-Mehrabian pleasure").agreement["valence"]
    assert pleasure.low > pleasure.chance
    assert evaluate(rated.read(), ColourMotion(), seed=1).to_json() == found.to_json()


def test_ratings_of_other_themes_are_not_followed(shuffled):
    found = evaluate(shuffled.read(), ColourMotion())
    for row in (found.analyser, *found.formulas):
        for agreement in row.agreement.values():
            assert agreement.low < 0 < agreement.high or agreement.r < agreement.chance


def test_two_pictures_are_too_few(tmp_path):
    rated = rated_set(tmp_path / "set", themes=2, each=1)
    with pytest.raises(InputError, match="2 rated pictures"):
        evaluate(rated.read(), ColourMotion())


def test_a_hostile_picture_is_left_out_by_name(tmp_path):
    rated = rated_set(tmp_path / "set", themes=5, each=4)
    (rated.images / "007.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    found = evaluate(rated.read(), ColourMotion())
    assert found.pictures == 19
    assert found.to_json()["skipped"][0].startswith("007.png: it cannot be decoded")


def test_clip_itself_is_evaluated_through_the_same_protocol(encoder_folder, rated, tmp_path):
    """A real open_clip architecture with random weights: it knows nothing, and that is what must come out."""
    from pipeline.watcher import choose_watcher

    wish = Wish(analyser="clip", encoder=str(encoder_folder))
    watcher = choose_watcher(wish, Settings(models=tmp_path), stage=Silent().stage, note=Silent().note)
    found = evaluate(rated.read(), watcher.build())
    assert found.analyser.name.startswith("clip tiny")
    assert all(np.isfinite(agreement.r) for agreement in found.analyser.agreement.values())


def test_colour_motion_is_no_worse_than_published_formulas_on_real_photographs(shared, capsys):
    """261 rated photographs. Nothing was fitted to them; directions and weights are those of vision.relations."""
    folder = shared / "affect"
    if not folder.is_dir():
        pytest.skip(f"no rated photographs in {folder}")
    found = evaluate(read_rated_pictures(folder / "ratings.csv", folder / "images"), ColourMotion())
    assert found.pictures == 261
    with capsys.disabled():
        for row in (found.analyser, *found.formulas):
            said = ", ".join(f"{axis} {a.r:+.3f} ({a.low:+.2f} to {a.high:+.2f})" for axis, a in row.agreement.items())
            print(f"\n{row.name}: {said}", end="")
    for axis in AXES:
        ours = found.analyser.agreement[axis]
        claims = [row for row in found.formulas if axis in row.agreement]
        assert len(claims) >= 4
        for row in claims:
            assert ours.r >= row.agreement[axis].r - 0.05, (axis, row.name)
        assert ours.r > ours.chance
