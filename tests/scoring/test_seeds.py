from __future__ import annotations

from scoring.seeds import cue_seed, take_seed


def test_the_first_take_has_the_films_own_seed_and_the_others_seeds_of_their_own() -> None:
    seeds = [take_seed(7, number) for number in range(1, 10)]
    assert seeds[0] == 7
    assert len(set(seeds)) == 9
    assert all(0 <= seed < 2**32 for seed in seeds)
    assert seeds == [take_seed(7, number) for number in range(1, 10)]
    assert not set(seeds[1:]) & {take_seed(8, number) for number in range(2, 10)}


def test_a_take_and_a_cue_never_draw_the_same_seed_by_their_usual_names() -> None:
    assert not {take_seed(7, n) for n in range(1, 10)} & {cue_seed(7, f"1m{n}") for n in range(1, 100)}
