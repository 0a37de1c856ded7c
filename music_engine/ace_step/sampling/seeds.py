"""One seed per item."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scoring.errors import InputError

_END = 2**32


def item_seeds(given: int | str | Sequence[int] | None, items: int, fresh: Callable[[], int]) -> list[int]:
    """A seed for every item of a batch, 0..2^32-1.

    given: one seed, which every item gets; several, also as text such as "1, 2", the last of which repeats; None for
    new ones from `fresh`. Raises InputError for anything else, where the reference quietly takes random seeds.
    """
    if given is None:
        return [fresh() % _END for _ in range(items)]
    parts = given.split(",") if isinstance(given, str) else [given] if isinstance(given, int) else list(given)
    try:
        seeds = [int(part) for part in parts]
    except ValueError:
        seeds = []
    if not seeds or not all(0 <= seed < _END for seed in seeds):
        raise InputError(f"the seeds are {given!r}", 'Give whole numbers from 0 to 4294967295, such as 7 or "1, 2, 3"')
    return [*seeds, *seeds[-1:] * items][:items]
