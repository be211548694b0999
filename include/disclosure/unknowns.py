"""Makes one system of unknowns of the cells of all public marts, with what the last release told of them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from include.disclosure.cells import KABUPATEN, SUPPRESSED, Areas, Cell, Cells, Series
from include.disclosure.registry import PublicMart
from include.disclosure.system import Flags, System, intervals

# A series is taken for another one when so many areas that are not zero have the same counts in both.
_ALIKE = 3
# of an unknown: a cell, the first of those that are one, or (cell, "then") for what the last release had
Name = tuple[object, ...]


@dataclass(frozen=True)
class Last:
    """The cells of the release before: exact, and as the public saw them."""

    exact: Cells
    public: Cells


@dataclass(frozen=True)
class Unknowns:
    """The system, which unknown each cell is and was, and which the last release suppressed."""

    system: System
    index: dict[Cell, int]
    then: dict[Cell, int]
    sticky: Flags


def make_unknowns(cells: Cells, marts: list[PublicMart], areas: Areas, last: Last | None = None) -> Unknowns:
    """Gather the unknowns with all sums and subsets that hold between them.

    Of the release before only what moved is new to an attacker: a count that is the same in both is one unknown,
    of which he knows both; one that changed is two, and its sums of then hold for the old one.
    """
    names: dict[Cell, Name] = _merge(cells)
    relations = _Relations(marts, areas)
    relations.add(cells.counts, names)
    truth = {name: cells.counts[cell] for cell, name in names.items()}
    then: dict[Cell, Name] = {}
    if last:
        exact = {cell: last.exact.counts[cell] for cell in last.public.counts if cell in last.exact.counts}
        for cell, count in exact.items():
            then[cell] = names[cell] if cells.counts.get(cell) == count else (*cell, "then")
        truth |= {name: exact[cell] for cell, name in then.items()}
        relations.add(exact, then, only=set(then.values()) - set(names.values()))
    # a sum of one part is that part
    roots = _unite(truth, [(whole, parts[0]) for whole, parts in relations.sums if len(parts) == 1])
    number = {root: at for at, root in enumerate(sorted(set(roots.values())))}
    at = {name: number[root] for name, root in roots.items()}

    system = System(np.zeros(len(number), dtype=np.int64))
    for name, count in truth.items():
        system.truth[at[name]] = count
    sums = {(at[whole], tuple(sorted(at[part] for part in parts))) for whole, parts in relations.sums}
    system.sums = [(whole, list(parts)) for whole, parts in sorted(sums) if len(parts) > 1]
    system.subsets = sorted({(at[a], at[b]) for a, b in relations.subsets if at[a] != at[b]})
    system.old[:] = True
    system.old[[at[name] for name in names.values()]] = False
    sticky = np.zeros(len(number), bool)
    low, high = intervals(system, sticky)
    for cell, name in then.items():
        told = last.public.counts[cell] if last else 0
        if told == SUPPRESSED:
            system.old_suppressed[at[name]] = True
            sticky[at[names.get(cell, name)]] = True
        elif not system.old[at[name]]:
            system.low[at[name]], system.high[at[name]] = low[at[name]], high[at[name]]
    now, before = ({cell: at[name] for cell, name in named.items()} for named in (names, then))
    return Unknowns(system, now, before, sticky & ~system.old)


def _unite(names: Iterable[Name], twins: list[tuple[Name, Name]]) -> dict[Name, Name]:
    """Return for each name the one that stands for it and all its twins."""
    parent = {name: name for name in names}

    def root(name: Name) -> Name:
        while parent[name] != name:
            parent[name] = name = parent[parent[name]]
        return name

    for one, other in sorted(twins):
        parent[root(one)] = root(other)
    return {name: root(name) for name in parent}


def _merge(cells: Cells) -> dict[Cell, Name]:
    """Name the unknown of each cell; series that have the same counts in all areas of a level, but for zeros, are one there.

    An attacker sees as well as we do that two tables tell the same story: weighed children of a month, say, and
    the indicator of that month's quarter.
    """
    levels: dict[tuple[Series, str], dict[str, int]] = defaultdict(dict)
    for (series, level, area), count in cells.counts.items():
        levels[series, level][area] = count
    first: dict[object, Series] = {}
    of: dict[tuple[Series, str], Series] = {}
    for lowest in (True, False):
        for (series, level), counts in sorted(levels.items()):
            if (level == "desa") != lowest:
                continue
            story = (level, tuple(sorted((area, count) for area, count in counts.items() if count)))
            alike = len(story[1]) >= _ALIKE
            key = story if alike else (*story, of.get((series, "desa"), series))
            of[series, level] = first.setdefault(key, series)
    return {(series, level, area): (of[series, level], level, area) for series, level, area in cells.counts}


class _Relations:
    """Collects the sums and subsets that truly hold between unknowns, each once."""

    def __init__(self, marts: list[PublicMart], areas: Areas) -> None:
        self.areas = areas
        self.within = {c.measure: c.within for mart in marts for c in mart.cells if c.within}
        self.adds = {c.measure: c.adds for mart in marts for c in mart.cells if c.adds}
        self.across: dict[str, list[str]] = {}
        for mart in marts:
            measures = {column.name: column.measure for column in mart.cells}
            for whole, parts in mart.sums.items():
                self.across[measures[whole]] = [measures[part] for part in parts]
        self.sums: set[tuple[Name, tuple[Name, ...]]] = set()
        self.subsets: set[tuple[Name, Name]] = set()

    def add(self, counts: dict[Cell, int], names: dict[Cell, Name], only: set[Name] | None = None) -> None:
        """Add the relations between cells, or those alone that know one of some unknowns."""
        by_level: dict[tuple[Series, str], list[str]] = defaultdict(list)
        for series, level, area in counts:
            by_level[series, level].append(area)
        wholes: list[tuple[Cell, list[Cell]]] = []
        for (series, level), codes in by_level.items():
            for parent_level, parent_of in self._parents(level):
                parts: dict[str, list[Cell]] = defaultdict(list)
                for area in codes:
                    parts["all" if parent_of is None else parent_of.get(area, "")].append((series, level, area))
                wholes += [
                    ((series, parent_level, parent), parts[parent])
                    for parent in by_level.get((series, parent_level), [])
                ]
        for cell in counts:
            (measure, item, period), level, area = cell
            if measure in self.within:
                self._subset(counts, names, cell, ((self.within[measure], item, period), level, area), only)
            if measure in self.across:
                each = [((part, item, period), level, area) for part in self.across[measure]]
                wholes.append((cell, [part for part in each if part in counts]))
            if measure in self.adds:
                each = [((self.adds[measure], item, quarter), level, area) for quarter in _quarters(period)]
                known = [part for part in each if part in counts]
                wholes += [(cell, known), (cell, known[-1:])]
        for whole, each in wholes:
            # zeros are known and say nothing
            nonzero = [part for part in each if counts[part]]
            if nonzero and counts[whole] == sum(counts[part] for part in nonzero):
                found = (names[whole], tuple(sorted(names[part] for part in nonzero)))
                if found[1] != (found[0],) and (only is None or only & {found[0], *found[1]}):
                    self.sums.add(found)

    def _parents(self, level: str) -> list[tuple[str, dict[str, str] | None]]:
        found: list[tuple[str, dict[str, str] | None]] = [
            (parent, parent_of) for (child, parent), parent_of in self.areas.items() if child == level
        ]
        return found if level == KABUPATEN else [*found, (KABUPATEN, None)]

    def _subset(
        self, counts: dict[Cell, int], names: dict[Cell, Name], part: Cell, whole: Cell, only: set[Name] | None
    ) -> None:
        is_new = only is None or only & {names[part], names.get(whole, ())}
        if is_new and whole in counts and 0 < counts[part] <= counts[whole] and names[part] != names[whole]:
            self.subsets.add((names[part], names[whole]))


def _quarters(semester: str) -> list[str]:
    """Return the first days of a semester's two quarters."""
    return [semester, f"{semester[:4]}-{int(semester[5:7]) + 3:02}-01"]
