"""A farm of workers scoring 1,000 films an hour, simulated: how long films wait, how busy workers are, what it costs.

    python benchmarks/farm.py [--cards 1 2 3 4 6 8] [--hours 10] [--gather always|idle|never] [--alike 0]
    python benchmarks/farm.py --engine composer [--media 4 6 8 12]
    python benchmarks/farm.py --check        the simulation beside the theory of M/M/c queues

Nothing runs but this: stage times are the measured ones of benchmarks/farm.toml, which names the place of each; what
was chosen stands there under [assumed]. `--set jobs_per_hour=500` changes any of both.

Films come as a Poisson process, of lognormal length. Media workers analyse, spot and finish them; a film's cues are
composed by the cards (or, with --engine composer, by the media workers too). As in the service: what is furthest along
goes first, then what is oldest; a worker with a card takes a cue, then gathers others with as many frames for at most
gather_s or gather_units and, by default, only while nothing else is there to do, then composes them in one call.
--alike S: cue lengths rounded up to a multiple of S seconds before they are composed, so that more are alike.

A card's call takes (a + b * cues * length / 60 s) * steps / 27, with a and b from the two measured batches; that a does
not shrink with the cue is a guess on the safe side. waited: a film's time in the farm beyond its own work alone there.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import math
import random
import statistics
import sys
import tomllib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Gather = Literal["always", "idle", "never"]
RANKS = {"analyse": 1, "spot": 2, "compose": 3, "finish": 4}


@dataclass(slots=True)
class Clock:
    """Simulated time, seconds, and what is to happen."""

    now_s: float = 0.0
    _events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _count: itertools.count[int] = field(default_factory=itertools.count)

    def at(self, when_s: float, what: Callable[[], None]) -> None:
        """Do it then."""
        heapq.heappush(self._events, (when_s, next(self._count), what))

    def run(self, until_s: float) -> None:
        """Let it happen, up to that time."""
        while self._events and self._events[0][0] <= until_s:
            self.now_s, _, what = heapq.heappop(self._events)
            what()


@dataclass(slots=True)
class Unit:
    """key: units with the same one can be done together; None: alone. done: called when it is."""

    rank: int
    work_s: float
    done: Callable[[], None]
    key: Hashable = None
    length_s: float = 0.0


@dataclass(slots=True, eq=False)
class Batch:
    """What one worker does at once."""

    units: list[Unit]
    is_open: bool = True


@dataclass(slots=True)
class Pool:
    """Workers of one kind and their queue. cost: seconds of a call for its units.

    busy_s: doing, held_s: doing or waiting for more; of all workers together.
    """

    clock: Clock
    workers: int
    cost: Callable[[Sequence[Unit]], float]
    gather_s: float = 0.0
    most: int = 1
    gather: Gather = "never"
    busy_s: float = 0.0
    held_s: float = 0.0
    calls: int = 0
    units: int = 0
    _idle: int = field(init=False)
    _queue: list[tuple[int, float, int, Unit]] = field(default_factory=list)
    _open: list[Batch] = field(default_factory=list)
    _count: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self._idle = self.workers

    @property
    def waiting(self) -> int:
        """How many units nobody has taken."""
        return len(self._queue)

    def add(self, unit: Unit) -> None:
        """One more is due now."""
        for batch in self._open:
            if unit.key is not None and batch.units[0].key == unit.key:
                batch.units.append(unit)
                if len(batch.units) >= self.most:
                    self._begin(batch)
                return
        heapq.heappush(self._queue, (-unit.rank, self.clock.now_s, next(self._count), unit))
        if self._idle:
            self._take()
        elif self.gather == "idle" and self._open:
            self._begin(self._open[0])

    def _take(self) -> None:
        self._idle -= 1
        first = heapq.heappop(self._queue)[3]
        batch = Batch([first])
        if first.key is not None and self.most > 1:
            alike = [entry for entry in sorted(self._queue) if entry[3].key == first.key][: self.most - 1]
            if alike:
                taken = {entry[2] for entry in alike}
                self._queue = [entry for entry in self._queue if entry[2] not in taken]
                heapq.heapify(self._queue)
                batch.units += [entry[3] for entry in alike]
        taken_s = self.clock.now_s
        self.held_s -= taken_s
        is_full = first.key is None or len(batch.units) >= self.most
        if is_full or self.gather == "never" or (self.gather == "idle" and self._queue):
            self._begin(batch)
        else:
            self._open.append(batch)
            self.clock.at(taken_s + self.gather_s, lambda: self._begin(batch))

    def _begin(self, batch: Batch) -> None:
        if not batch.is_open:
            return
        batch.is_open = False
        if batch in self._open:
            self._open.remove(batch)
        took_s = self.cost(batch.units)
        self.busy_s += took_s
        self.calls += 1
        self.units += len(batch.units)
        self.clock.at(self.clock.now_s + took_s, lambda: self._end(batch))

    def _end(self, batch: Batch) -> None:
        self.held_s += self.clock.now_s
        self._idle += 1
        for unit in batch.units:
            unit.done()
        while self._idle and self._queue:
            self._take()


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of farm.toml by name, measured, set and assumed alike."""

    values: dict[str, float]
    places: dict[str, str]

    @classmethod
    def read(cls, path: Path, changes: Sequence[str]) -> Figures:
        """changes: "name=number" each. Raises SystemExit for a name there is not."""
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        values: dict[str, float] = {name: row["value"] for name, row in document["measured"].items()}
        places = {name: row["place"] for name, row in document["measured"].items()}
        values |= document["settings"] | document["assumed"]
        for change in changes:
            name, _, number = change.partition("=")
            if name not in values:
                raise SystemExit(f"there is no {name}; there are: {', '.join(values)}")
            values[name] = float(number)
        return cls(values, places)

    def __getattr__(self, name: str) -> float:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass(frozen=True, slots=True)
class Farm:
    """cards: 0: the composer plays, on the media workers. alike_s: cue lengths are rounded up to a multiple of it."""

    cards: int
    media: int
    gather: Gather
    alike_s: float
    hours: float
    seed: int


@dataclass(slots=True)
class Found:
    """Of the films that came after the first tenth of the time. Shares 0..1 of all workers of a kind."""

    turned_s: list[float] = field(default_factory=list)
    waited_s: list[float] = field(default_factory=list)
    came: int = 0
    left: int = 0
    card_busy: float = 0.0
    card_held: float = 0.0
    media_busy: float = 0.0
    cues_a_call: float = 0.0


def simulate(figures: Figures, farm: Farm) -> Found:
    """One run."""
    f, clock, dice, found = figures, Clock(), random.Random(farm.seed), Found()
    each_s = (f.gpu_eight_s - f.gpu_one_s) / 7
    once_s = f.gpu_one_s - each_s

    def card_cost(units: Sequence[Unit]) -> float:
        work_s = once_s + each_s * sum(unit.length_s for unit in units) / 60
        return f.between_units_s + work_s * f.steps / f.steps_measured

    media = Pool(clock, farm.media, lambda units: f.between_units_s + units[0].work_s)
    cards = Pool(clock, farm.cards, card_cost, f.gather_s, int(f.gather_units), farm.gather)
    end_s = farm.hours * 3600

    def film() -> None:
        if clock.now_s < end_s:
            clock.at(clock.now_s + dice.expovariate(f.jobs_per_hour / 3600), film)
        came_s = clock.now_s
        length_s = f.film_median_s * math.exp(f.film_spread * dice.gauss(0, 1))
        length_s = min(max(length_s, f.film_least_s), f.film_most_s)
        cues = max(1, round(length_s / f.cue_every_s))
        counted = came_s > 0.1 * end_s
        found.came += counted
        parts = [dice.uniform(0.5, 1.5) for _ in range(cues)]  # cues end at cuts, so hardly two are as long
        lengths_s = [length_s * part / sum(parts) for part in parts]
        if farm.alike_s:
            lengths_s = [math.ceil(cue_s / farm.alike_s) * farm.alike_s for cue_s in lengths_s]
        left = cues

        def compose(cue_s: float) -> Unit:
            frames = math.ceil(cue_s / f.frame_s) if farm.cards else None
            return Unit(RANKS["compose"], f.composer_of_cue * cue_s, composed, frames, cue_s)

        def ended() -> None:
            if counted:
                longest = compose(max(lengths_s))
                compose_s = card_cost([longest]) if farm.cards else f.between_units_s + longest.work_s
                work_s = 3 * f.between_units_s + (f.analyse_of_film + f.finish_of_film) * length_s + f.spot_s
                found.turned_s.append(clock.now_s - came_s)
                found.waited_s.append(clock.now_s - came_s - work_s - compose_s)

        def composed() -> None:
            nonlocal left
            left -= 1
            if not left:
                media.add(Unit(RANKS["finish"], f.finish_of_film * length_s, ended))

        def spotted() -> None:
            for cue_s in lengths_s:
                (cards if farm.cards else media).add(compose(cue_s))

        def analysed() -> None:
            media.add(Unit(RANKS["spot"], f.spot_s, spotted))

        media.add(Unit(RANKS["analyse"], f.analyse_of_film * length_s, analysed))

    clock.at(dice.expovariate(f.jobs_per_hour / 3600), film)
    clock.run(end_s)
    found.left = media.waiting + cards.waiting
    # A call that is being done counts whole, one that is being held not at all: of thousands it is one a worker.
    found.card_busy = cards.busy_s / max(1, farm.cards) / end_s
    found.card_held = (cards.held_s + (cards.workers - cards._idle) * end_s) / max(1, farm.cards) / end_s
    found.media_busy = media.busy_s / farm.media / end_s
    found.cues_a_call = cards.units / max(1, cards.calls)
    return found


def table(figures: Figures, farms: Sequence[Farm], rounds: int) -> None:
    """A line a farm, over some seeds."""
    print(
        "cards  media   waited p50      p95   in the farm p50      p95   cards composing    held   media busy"
        "   cues a call   price of 1,000 films"
    )
    for farm in farms:
        runs = [simulate(figures, Farm(**{**_fields(farm), "seed": farm.seed + n})) for n in range(rounds)]
        waited = sorted(value for run in runs for value in run.waited_s)
        turned = sorted(value for run in runs for value in run.turned_s)
        left = statistics.mean(run.left for run in runs)
        hourly = farm.cards * figures.gpu_hour_price + farm.media * figures.media_hour_price
        price = f"{1000 * hourly / figures.jobs_per_hour:23.2f}"
        if left > 0.02 * figures.jobs_per_hour * farm.hours or not waited:
            state = f"falls behind: {left:.0f} units wait after {farm.hours:g} hours"
            waits = f"{state:<44}"
        else:
            waits = "".join(f"{at(values, share):>{wide}.1f} s" for values, share, wide in (
                (waited, 0.5, 8), (waited, 0.95, 7), (turned, 0.5, 16), (turned, 0.95, 7)))  # fmt: skip
        shares = "".join(f"{mean(runs, name):>{wide}.0%}" for name, wide in (
            ("card_busy", 18), ("card_held", 8), ("media_busy", 13)))  # fmt: skip
        print(
            f"{farm.cards:>5}{farm.media:>7}   {waits:<46}{shares}{mean(runs, 'cues_a_call'):>14.2f}{price}", flush=True
        )


def _fields(farm: Farm) -> dict[str, Any]:
    return {name: getattr(farm, name) for name in farm.__dataclass_fields__}


def mean(runs: Sequence[Found], name: str) -> float:
    """Over the runs."""
    return statistics.mean(getattr(run, name) for run in runs)


def at(ordered: Sequence[float], share: float) -> float:
    """A percentile of sorted values."""
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def erlang_wait_s(rate: float, work_s: float, workers: int) -> float:
    """Mean waiting time of an M/M/c queue, seconds (Erlang's C formula). rate: arrivals a second; below capacity."""
    load = rate * work_s
    terms = [load**n / math.factorial(n) for n in range(workers)]
    last = load**workers / math.factorial(workers) * workers / (workers - load)
    return last / (sum(terms) + last) / (workers / work_s - rate)


def check(seed: int = 1, arrivals: int = 200_000) -> bool:
    """The simulation's queue beside theory; whether every mean wait is within 5 %."""
    print("workers   load   simulated wait   theory   difference")
    good = True
    for workers, load in ((1, 0.5), (1, 0.8), (3, 0.7), (3, 0.9), (8, 0.9)):
        clock, dice = Clock(), random.Random(seed)
        pool = Pool(clock, workers, lambda units: units[0].work_s)
        waits: list[float] = []
        rate, count = workers * load, itertools.count()

        def come(pool: Pool = pool, clock: Clock = clock, dice: random.Random = dice, rate: float = rate,
                 waits: list[float] = waits, count: itertools.count[int] = count) -> None:  # fmt: skip
            if next(count) < arrivals:
                clock.at(clock.now_s + dice.expovariate(rate), come)
            came_s, work_s = clock.now_s, dice.expovariate(1.0)
            pool.add(Unit(0, work_s, lambda: waits.append(clock.now_s - came_s - work_s)))

        clock.at(0.0, come)
        clock.run(math.inf)
        simulated, theory = statistics.mean(waits), erlang_wait_s(rate, 1.0, workers)
        off = simulated / theory - 1
        good &= abs(off) < 0.05
        print(f"{workers:>7}{load:>7.1f}{simulated:>17.4f}{theory:>9.4f}{off:>+12.1%}")
    return good


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=("ace-step-v1", "composer"), default="ace-step-v1")
    parser.add_argument("--cards", type=int, nargs="+", default=[1, 2, 3, 4, 6, 8])
    parser.add_argument("--media", type=int, nargs="+", help="workers of two processors; default: farm.toml's")
    parser.add_argument("--gather", choices=("always", "idle", "never"), default="idle")
    parser.add_argument("--alike", type=float, default=0.0, metavar="S")
    parser.add_argument("--hours", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=NUMBER", dest="changes")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.check:
        sys.exit(0 if check(options.seed) else 1)
    figures = Figures.read(Path(__file__).with_suffix(".toml"), options.changes)
    media = options.media or [int(figures.media_workers)]
    cards = [0] if options.engine == "composer" else options.cards
    farms = [
        Farm(count, slots, options.gather, options.alike, options.hours, options.seed)
        for slots in media
        for count in cards
    ]
    alike = f", cues rounded up to {options.alike:g} s" if options.alike else ""
    print(
        f"{figures.jobs_per_hour:g} films an hour, {options.engine}, {figures.steps:g} steps, gathering: "
        f"{options.gather}{alike}; prices are assumed"
    )
    table(figures, farms, options.rounds)


if __name__ == "__main__":
    main()
