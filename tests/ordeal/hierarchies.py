"""Random hierarchies through the protection, and an attack on them that shares no line with the protector's own.

Each world has desa in kecamatan and in puskesmas that need not respect them, places nobody knows, single children,
empty desa, counts of one, subsets that are all of their whole, two months, and a second release in which some
counts have changed. The attacker here sees published tables only (`Shown`), writes down his own relations and asks
an integer program for every single value that a suppressed count should still be able to have.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rich.progress import Progress
from rich.table import Table
from scipy.optimize import Bounds, LinearConstraint, milp

from include.disclosure.cells import SUPPRESSED, Areas, Cell, Cells
from include.disclosure.hold import protect_cells
from include.disclosure.registry import Column, PublicMart
from include.disclosure.unknowns import Last

WORLDS = 500
CHAIN = ("due", "measured", "stunted")
MONTHS = ("2026-09-01", "2026-10-01")
MART = PublicMart(
    "random",
    [
        Column(name, "cell", "", measure=name, within=wider)
        for name, wider in zip(CHAIN, ("", *CHAIN[:-1]), strict=True)
    ],
)
# What a reader is promised, written down again: not imported, so that a change there is noticed here.
THRESHOLD, ROUNDING, FAR = 5, 5, 60
Shown = dict[Cell, int]


@dataclass
class World:
    """The areas of an invented regency and the exact counts of its two releases."""

    areas: Areas
    releases: list[dict[Cell, int]] = field(default_factory=list)
    held: int = 0


def make_world(seed: int) -> World:
    """Invent a regency; the same seed gives the same one."""
    rng = np.random.default_rng(seed)
    kecamatan = [f"k{number}" for number in range(rng.integers(1, 4))]
    in_kecamatan = {f"{code}.{number}": code for code in kecamatan for number in range(rng.choice([1, 1, 2, 3, 5]))} | {
        "unknown": "unknown"
    }
    puskesmas = [f"p{number}" for number in range(rng.integers(1, 4))]
    is_nested = rng.random() < 0.4
    in_puskesmas = {
        desa: "unknown" if desa == "unknown" else f"p-{code}" if is_nested else str(rng.choice(puskesmas))
        for desa, code in in_kecamatan.items()
    }
    world = World({("desa", "kecamatan"): in_kecamatan, ("desa", "puskesmas"): in_puskesmas})
    leaves: dict[tuple[str, str], list[int]] = {}
    for month in MONTHS:
        for desa in in_kecamatan:
            leaves[month, desa] = _chain(rng, int(rng.choice([0, 1, rng.integers(1, 5), rng.integers(3, 12), 40])))
    world.releases.append(_add_up(leaves, world.areas))
    for place in leaves:
        if rng.random() < 0.15:
            leaves[place] = _chain(rng, max(0, leaves[place][0] + int(rng.integers(-2, 3))))
    world.releases.append(_add_up(leaves, world.areas))
    return world


def _chain(rng: np.random.Generator, due: int) -> list[int]:
    counts = [due]
    for _ in CHAIN[1:]:
        counts.append(int(rng.binomial(counts[-1], rng.choice([0.1, 0.5, 0.9, 1.0]))))
    return counts


def _add_up(leaves: dict[tuple[str, str], list[int]], areas: Areas) -> dict[Cell, int]:
    counts: dict[Cell, int] = defaultdict(int)
    for (month, desa), chain in leaves.items():
        for measure, count in zip(CHAIN, chain, strict=True):
            series = (measure, "", month)
            counts[series, "desa", desa] += count
            counts[series, "kabupaten", "all"] += count
            for (_, level), parent in areas.items():
                counts[series, level, parent[desa]] += count
    return dict(counts)


def publish(world: World, complementary: bool = True) -> list[Shown]:
    """Protect both releases, the second with the first one behind it, and return what each shows.

    What is held back is published as it was, so it has not changed as far as any reader can tell.
    """
    shown: list[Shown] = []
    last: Last | None = None
    for number, exact in enumerate(world.releases):
        protected = protect_cells(Cells(exact), [MART], world.areas, last)
        cells, unknowns, hidden = protected.cells, protected.unknowns, protected.protection.suppressed
        counts = cells.counts
        world.releases[number] = exact | counts  # a series suppressed as a whole is in the first alone
        world.held += sum(cell[0] in protected.held for cell in counts)
        if not complementary:
            hidden = (unknowns.system.truth > 0) & (unknowns.system.truth < THRESHOLD)
        shown.append(
            {
                cell: SUPPRESSED if hidden[at] else ROUNDING * int(counts[cell] / ROUNDING + 0.5)
                for cell, at in unknowns.index.items()
            }
            | {cell: SUPPRESSED for cell in exact if cell not in counts}
        )
        last = Last(cells, Cells(shown[-1]))
    return shown


class Attacker:
    """Knows both releases, all sums and subsets, and which counts have not changed in between."""

    def __init__(self, world: World, shown: list[Shown]) -> None:
        self.number: dict[tuple[int, Cell], int] = {}
        self.truth: list[int] = []
        for release, counts in enumerate(world.releases):
            for cell, count in counts.items():
                if release and world.releases[0].get(cell) == count:
                    self.number[release, cell] = self.number[0, cell]
                else:
                    self.number[release, cell] = len(self.truth)
                    self.truth.append(count)
        self.rows: list[tuple[dict[int, int], int]] = []
        hidden_parts: set[int] = set()
        for release, counts in enumerate(world.releases):
            for whole, parts in _sums(counts, world.areas):
                row = {self.number[release, whole]: 1}
                for part in parts:
                    row[self.number[release, part]] = row.get(self.number[release, part], 0) - 1
                self.rows.append((row, 0))
                hidden = [p for p in parts if shown[release][p] == SUPPRESSED]
                # a sum that is its one part is no sum
                if hidden and sum(counts[p] > 0 for p in parts) > 1:
                    hidden_parts.add(self.number[release, whole])
            for cell in counts:
                (measure, item, month), level, area = cell
                if measure != CHAIN[0]:
                    wider = ((CHAIN[CHAIN.index(measure) - 1], item, month), level, area)
                    self.rows.append(({self.number[release, cell]: 1, self.number[release, wider]: -1}, -FAR * 100))
        self.low, self.high = np.zeros(len(self.truth)), np.full(len(self.truth), float(FAR * 100))
        self.hidden: set[int] = set()
        for (release, cell), at in self.number.items():
            low, high = self._interval(shown[release][cell], self.truth[at], at in hidden_parts)
            if shown[release][cell] == SUPPRESSED:
                self.hidden.add(at)
            self.low[at], self.high[at] = max(low, self.low[at]), min(high, self.high[at])
        self.sums = {at for at in hidden_parts if 0 < self.truth[at] < THRESHOLD}
        matrix = np.zeros((len(self.rows), len(self.truth)))
        for number, (row, _) in enumerate(self.rows):
            for at, sign in row.items():
                matrix[number, at] += sign
        least = np.array([low for _, low in self.rows])
        self.relations = LinearConstraint(matrix, least, np.zeros(len(self.rows)))
        self.known = [np.array(self.truth)]

    @staticmethod
    def _interval(shown: int, truth: int, has_hidden_parts: bool) -> tuple[int, int]:
        if shown == SUPPRESSED:
            if truth >= THRESHOLD:
                return THRESHOLD, FAR * 100
            return 1, FAR * 100 if has_hidden_parts else THRESHOLD - 1
        if shown == 0:
            return 0, 0
        return max(THRESHOLD, shown - 2), shown + 2

    def can(self, aim: dict[int, int], fixed: dict[int, int] | None = None) -> bool:
        """Find an assignment that minimises the aim with some counts fixed, and keep it."""
        cost = np.zeros(len(self.truth))
        for at, weight in aim.items():
            cost[at] = weight
        low, high = self.low.copy(), np.minimum(self.high, np.array(self.truth) + FAR)
        for at, value in (fixed or {}).items():
            if not self.low[at] <= value <= self.high[at]:
                return False
            low[at] = high[at] = value
        found = milp(cost, integrality=np.ones(len(cost)), bounds=Bounds(low, high), constraints=self.relations)
        if found.x is None:
            return False
        self.known.append(np.rint(found.x))
        return True

    def narrowed(self) -> list[int]:
        """Return the suppressed counts that cannot have every value they are promised to have."""
        found = []
        for at in sorted(self.hidden):
            if self.truth[at] < THRESHOLD and at not in self.sums:
                wanted = range(1, THRESHOLD)
                if not all(any(k[at] == v for k in self.known) or self.can({at: 1}, {at: v}) for v in wanted):
                    found.append(at)
            elif not self._spans({at: 1}):
                found.append(at)
        return found

    def _spans(self, combination: dict[int, int]) -> bool:
        """Return whether a combination of counts takes values at least THRESHOLD - 2 apart."""

        def width() -> float:
            values = [sum(sign * k[at] for at, sign in combination.items()) for k in self.known]
            return float(max(values) - min(values))

        for sign in (1, -1):
            if width() < THRESHOLD - 2:
                self.can({at: sign * weight for at, weight in combination.items()})
        return width() >= THRESHOLD - 2

    def changes_narrowed(self) -> int:
        """Count the suppressed counts of which the change from month to month is known too well."""
        found = 0
        for (release, (series, level, area)), at in self.number.items():
            later = self.number.get((release, ((series[0], series[1], MONTHS[1]), level, area)))
            if series[2] == MONTHS[0] and later is not None and {at, later} & self.hidden and at != later:
                found += not self._spans({later: 1, at: -1})
        return found

    def groups_known(self) -> int:
        """Count the groups of which he knows that all of them are in a subset, or none of those counted is not."""
        found = 0
        for row, least in self.rows:
            if least:
                (part, _), (whole, _) = row.items()
                if self.truth[part] == self.truth[whole] > 0 and not any(k[part] < k[whole] for k in self.known):
                    self.can({part: 1, whole: -1})
                    found += not any(k[part] < k[whole] for k in self.known)
        return found


def _sums(counts: dict[Cell, int], areas: Areas) -> list[tuple[Cell, list[Cell]]]:
    found = []
    for series, level, area in counts:
        if level == "kabupaten":
            for below in ("desa", "kecamatan", "puskesmas"):
                found.append(((series, level, area), [c for c in counts if c[0] == series and c[1] == below]))
        elif level != "desa":
            inside = areas["desa", level]
            found.append(
                (
                    (series, level, area),
                    [c for c in counts if c[0] == series and c[1] == "desa" and inside[c[2]] == area],
                )
            )
    return found


def attack_world(seed: int) -> dict[str, int]:
    """Protect one world and attack it; return counts of what came out."""
    world = make_world(seed)
    shown = publish(world)
    attacker = Attacker(world, shown)
    nonzero = [
        (cell, count, at[cell])
        for counts, at in zip(world.releases, shown, strict=True)
        for cell, count in counts.items()
        if count
    ]
    errors = [abs(told - count) for _, count, told in nonzero if told != SUPPRESSED]
    return {
        "narrowed_cells": len(attacker.narrowed()) + attacker.changes_narrowed() + attacker.groups_known(),
        "cells": len(nonzero),
        "suppressed": len(nonzero) - len(errors),
        "error": sum(errors),
        "held": world.held,
    }


def run(progress: Progress) -> dict[str, Any]:
    """Attack all worlds and print the figures; a sentence per world in which a count is narrowed."""
    bar = progress.add_task("random hierarchies", total=WORLDS)
    figures, failures = attack_worlds(WORLDS, lambda: progress.advance(bar))
    table = Table(*figures)
    table.add_row(*(str(figure) for figure in figures.values()))
    progress.console.print(table)
    return {**figures, "failures": failures}


def attack_worlds(worlds: int, advance: Callable[[], None] = lambda: None) -> tuple[dict[str, float], list[str]]:
    """Return the figures of many worlds, and what failed; shares are of the counts that are not zero."""
    totals: dict[str, int] = defaultdict(int)
    failures = []
    for seed in range(worlds):
        found = attack_world(seed)
        for name, number in found.items():
            totals[name] += number
        if found["narrowed_cells"]:
            failures.append(f"hierarchy {seed}: {found['narrowed_cells']} suppressed counts can be narrowed.")
        advance()
    figures = {
        "hierarchies": worlds,
        "narrowed_cells": totals["narrowed_cells"],
        "suppressed_pct": round(100 * totals["suppressed"] / totals["cells"], 1),
        "held_back_pct": round(100 * totals["held"] / totals["cells"], 1),
        "mean_absolute_error": round(totals["error"] / (totals["cells"] - totals["suppressed"]), 2),
    }
    return figures, failures
