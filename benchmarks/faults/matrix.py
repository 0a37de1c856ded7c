"""Print which check notices which fault, what the clean set says, and what measuring costs.

    python benchmarks/faults/matrix.py --films DIR --clean DIR [--shared DIR] [--only WORD ...] [--real] [--bases ...]

Films and the clean set are made first where they are not there (benchmarks/films.py, benchmarks/clean_set.py). Then:

1. the clean set, row by row: how often each status; a fail there is a false one
2. the matrix: each fault in several films scored by the composer, at 0.5, 1.5 and 3 times its threshold, or absent and
   present; what else failed stands beside it. --real: through the product's own encoding and muxing, which takes longer
3. each take of those films by itself, as the gate judges it; and D1 with other films' scores, in twelve pairs
4. the time all checks take, and the memory on two hours

--parts takes some of them: clean, matrix, takes, cost.
"""

from __future__ import annotations

import argparse
import collections
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.append(str(Path(__file__).resolve().parents[2] / "tests" / "support"))

import clean_set
import films

from faults import at_seams, delivery, dialogue, following, safety, shape, timing
from faults import through as written
from faults.base import Base, base_of, card, laid_of
from faults.cost import cost
from faults.fault import Fault
from faults.kept import kept
from faults.takes import auditioned, composed_again
from pipeline.card.limits import limits
from pipeline.card.row import Row

FAMILIES = (shape, timing, delivery, dialogue, at_seams, safety, following, written)
BASES = ("composer-01", "composer-09", "composer-02", "composer-04")
STATUSES = ("pass", "warn", "fail", "info", "not measurable")


def clean(folder: Path) -> int:
    """Every row's statuses over the clean set, and each fail; how many there were."""
    counts: dict[str, collections.Counter[str]] = {name: collections.Counter() for name in limits()}
    values: dict[str, list[float]] = {name: [] for name in limits()}
    told: list[str] = []
    for path in sorted(folder.glob("*.pkl")):
        for row in card(kept(path)).values():
            counts[row.id][row.status] += 1
            if row.value is not None:
                values[row.id].append(row.value)
            if row.status in ("fail", "warn"):
                told.append(f"{row.status:<5} {path.stem:<12} {said(row)}")
    print(f"{'row':<11}" + "".join(f"{status:>15}" for status in STATUSES) + f"{'least':>10}{'middle':>10}{'most':>10}")
    for name, count in counts.items():
        seen = sorted(values[name])
        span = "".join(f"{v:>10.2f}" for v in (seen[0], seen[len(seen) // 2], seen[-1])) if seen else ""
        print(f"{name:<11}" + "".join(f"{count[status] or '-':>15}" for status in STATUSES) + span)
    print("\n".join(sorted(told)))
    fails = sum(count["fail"] for count in counts.values())
    warns = sum(count["warn"] for count in counts.values())
    print(f"\n{fails} false fails, {warns} warnings in {len(list(folder.glob('*.pkl')))} films", flush=True)
    return fails


@dataclass(frozen=True, slots=True)
class Cell:
    """A fault of one size in one film. others: rows that failed beside those meant to."""

    fault: Fault
    size: str
    amount: float
    found: bool
    others: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether it was caught where it should be, and only there."""
        return self.found == (self.size in self.fault.caught)


def matrix(bases: Iterable[Base], only: Sequence[str], *, real: bool) -> int:
    """Every fault in every film; how many cells are not as they should be."""
    cells: list[Cell] = []
    print(f"{'fault':<28}{'film':<13}{'rows':<12}{'size':>10} {'times':<8}{'expected':<9}{'found':<16}also failing")
    for base in bases:
        already = {row.id for row in base.card.values() if row.status == "fail"}
        print(f"{'(as it is)':<28}{base.name:<13}{'':<12}{'':>10} {'':<8}{'silent':<9}{', '.join(sorted(already))}")
        for fault in (fault for family in FAMILIES for fault in family.FAULTS):
            if only and not any(name in fault.name for name in only):
                continue
            sizes = fault.sizes(base)
            if not sizes:
                print(f"{fault.name:<28}{base.name:<13}{'/'.join(fault.rows):<12}{'':>10} no place for it in this film")
            for size, amount in sizes.items():
                cells.append(cell(base, fault, size, amount, already, real=real))
    wrong = sum(not one.is_right for one in cells)
    print(f"\n{wrong} of {len(cells)} cells are not as they should be\n\n{summary(cells)}", flush=True)
    return wrong


def summary(cells: Sequence[Cell]) -> str:
    """The matrix in Markdown: for each fault and size, in how many films it was caught, and what else failed there."""
    lines = [
        "| fault | by row | 0.5 or absent | 1.5 or present | 3 | also failing |",
        "|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(one.fault.name for one in cells):
        of_it = [one for one in cells if one.fault.name == name]
        fault, columns = of_it[0].fault, []
        for sizes in (("0.5", "absent"), ("1.5", "present"), ("3",)):
            there = [one for one in of_it if one.size in sizes]
            amounts = sorted({one.amount for one in there})
            shown = f"{amounts[0]:.3g}" + (f" to {amounts[-1]:.3g}" if amounts[1:] else "") if fault.unit else ""
            said = f"{shown} {fault.unit}: ".lstrip() if fault.unit else ""
            columns.append(f"{said}caught {sum(one.found for one in there)} of {len(there)}" if there else "")
        others = collections.Counter(row for one in of_it for row in one.others)
        beside = ", ".join(f"{row} {count}" for row, count in others.most_common())
        lines.append(f"| {name} | {', '.join(fault.rows)} | {' | '.join(columns)} | {beside} |")
    return "\n".join(lines)


def cell(base: Base, fault: Fault, size: str, amount: float, already: set[str], *, real: bool) -> Cell:
    """One line."""
    rows = card(written.evidence_of(base, fault, amount, real=real))
    failing = {row.id for row in rows.values() if row.status == "fail"}
    expected, found = size in fault.caught, bool(failing & set(fault.rows))
    shown = ", ".join(f"{rows[name].status} {_value(rows[name])}" for name in fault.rows if name in rows)
    beside = sorted(failing - already - set(fault.rows))
    others = ", ".join(said(rows[name]) for name in beside)
    mark = "" if expected == found else "  <-- WRONG"
    print(
        f"{fault.name:<28}{base.name:<13}{'/'.join(fault.rows):<12}{amount:>10.3g} {size:<8}"
        f"{'caught' if expected else 'silent':<9}{shown:<16} {others}{mark}",
        flush=True,
    )
    return Cell(fault, size, amount, found, tuple(beside))


def said(row: Row) -> str:
    """A row in few words."""
    return f"{row.id} {_value(row)}{'' if row.at_s is None else f' at {row.at_s:.1f} s'} {row.cue}".rstrip()


def _value(row: Row) -> str:
    return "-" if row.value is None else f"{row.value:.3g}"


def takes(place: clean_set.Place) -> int:
    """Every take of the composer's films by itself, and D1 with other films' scores; how many false fails."""
    films, fails, judged = [], 0, 0
    for name, row in zip(*composed(), strict=True):
        run = clean_set.scored(row, name, place)
        evidence = clean_set.gather(run)
        films.append(following.Music(name, evidence, laid_of(run)))
        for told in composed_again(run):
            print(f"composed again: {name} {told}")
        for cue, rows in auditioned(run):
            judged += 1
            for one in rows:
                if one.status in ("fail", "warn"):
                    fails += one.status == "fail"
                    print(f"{one.status:<5} {name:<12} {cue}: {said(one)}")
    print(f"{fails} false fails in {judged} takes\n")
    pairs(films)
    return fails


def pairs(films: Sequence[following.Music]) -> None:
    """D1 with its own score and with another film's."""
    found = following.pairs(films)
    print(f"{'film':<14}{'own score':<26}{'whose':<14}their score")
    for film, whose, own, other in found:
        print(f"{film:<14}{own.status + ' ' + _value(own):<26}{whose:<14}{other.status} {_value(other)}")
    failed = sum(other.status == "fail" for *_, other in found)
    own_failed = sum(own.status == "fail" for _, _, own, _ in found)
    print(f"\n{failed} of {len(found)} fail with another film's score, {own_failed} with their own", flush=True)


def composed() -> tuple[list[str], list[dict[str, Any]]]:
    """The composer's films in the clean set: their names and what they are."""
    rows = tomllib.loads(clean_set.TABLE.read_text(encoding="utf-8"))["composer"]
    return [f"composer-{number:02}" for number in range(1, len(rows) + 1)], rows


def bases_of(place: clean_set.Place, names: Sequence[str]) -> Iterator[Base]:
    """Films of the clean set, composed by what is kept beside them; one at a time, as they take much memory."""
    rows = dict(zip(*composed(), strict=True))
    for name in names:
        run = clean_set.scored(rows[name], name, place)
        yield base_of(name, run, clean_set.gather(run))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=Path, required=True)
    parser.add_argument("--clean", type=Path, required=True)
    parser.add_argument("--shared", type=Path, default=clean_set.SHARED)
    parser.add_argument("--only", nargs="*", default=[], help="faults whose names hold one of these words")
    parser.add_argument("--bases", nargs="*", default=BASES)
    parser.add_argument("--parts", nargs="*", default=["clean", "matrix", "takes", "cost"])
    parser.add_argument("--real", action="store_true")
    args = parser.parse_args()
    place = clean_set.Place(args.clean, args.films, args.shared)
    began_s = time.monotonic()
    films.make(args.films, args.shared / "media")
    clean_set.make(place)
    wrong = clean(args.clean) if "clean" in args.parts else 0
    if "matrix" in args.parts:
        wrong += matrix(bases_of(place, args.bases), args.only, real=args.real)
    if "takes" in args.parts:
        wrong += takes(place)
    if "cost" in args.parts:
        with tempfile.TemporaryDirectory() as folder:
            cost(place, Path(folder))
    print(f"\n{time.monotonic() - began_s:.0f} s in all")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
