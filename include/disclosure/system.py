"""The counts of all tables as one system of unknowns, and what an attacker reads of each from a release."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_array, csr_array
from scipy.sparse.csgraph import connected_components

from include.disclosure import ROUNDING, THRESHOLD

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass
class System:
    """Counts of persons that are published together.

    `sums` holds (whole, parts): a count and those it is the sum of. `subsets` holds (part, whole): everybody
    counted in the one is counted in the other. `old` marks counts that only the last release held: they are
    published as they were (`old_suppressed`) and cannot be suppressed any more. `low` and `high` are what the last
    release told of a count that has not changed since.
    """

    truth: Ints
    sums: list[tuple[int, list[int]]] = field(default_factory=list)
    subsets: list[tuple[int, int]] = field(default_factory=list)
    old: Flags = field(default_factory=lambda: np.zeros(0, bool))
    old_suppressed: Flags = field(default_factory=lambda: np.zeros(0, bool))
    low: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    high: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        n = len(self.truth)
        self.truth = np.asarray(self.truth, dtype=np.int64)
        if not len(self.old):
            self.old, self.old_suppressed = np.zeros(n, bool), np.zeros(n, bool)
        if not len(self.low):
            self.low, self.high = np.zeros(n, np.int64), np.full(n, UNBOUNDED)

    @property
    def told(self) -> Flags:
        """Return the counts that the last release published, and those of its own: no use in suppressing them now."""
        return self.old | (self.high < UNBOUNDED)

    def matrix(self) -> csr_array:
        """Return one row per relation: sums (whole - parts = 0) first, then subsets (part - whole <= 0)."""
        rows, columns, values = [], [], []
        for row, (whole, parts) in enumerate(self.sums):
            rows += [row] * (len(parts) + 1)
            columns += [whole, *parts]
            values += [1, *[-1] * len(parts)]
        for row, (part, whole) in enumerate(self.subsets, len(self.sums)):
            rows += [row, row]
            columns += [part, whole]
            values += [1, -1]
        shape = (len(self.sums) + len(self.subsets), len(self.truth))
        return csr_array((values, (rows, columns)), shape=shape, dtype=np.int64)


UNBOUNDED = np.int64(2**40)


def connected(matrix: csr_array) -> Ints:
    """Return for each count, a column, the number of the connected part it is in: relations, the rows, join counts.

    Relations and counts are the two sides of one graph: so a sum of thousands of counts makes thousands of edges, not
    one for each pair of them.
    """
    _, labels = connected_components(block_array([[None, matrix], [matrix.T, None]]), directed=False)
    return np.asarray(labels[matrix.shape[0] :], dtype=np.int64)


def rounded(truth: Ints) -> Ints:
    """Return counts rounded to the nearest multiple of ROUNDING, as published."""
    return (np.asarray(truth) + ROUNDING // 2) // ROUNDING * ROUNDING


def primary(truth: Ints) -> Flags:
    """Return which counts are too small to be published."""
    return (truth > 0) & (truth < THRESHOLD)


def intervals(system: System, suppressed: Flags) -> tuple[Ints, Ints]:
    """Return the least and the greatest value an attacker takes for possible before he combines anything.

    Zero is zero. A rounded count lies within ROUNDING // 2 of what is published and is no small one. Of a
    suppressed count he is taken to guess rightly why it is suppressed: a small one is 1 to THRESHOLD - 1, a
    complementary one THRESHOLD or more. Only of a small sum of suppressed counts he cannot know whether it is
    hidden for its own sake or for that of its parts: it is 1 or more.
    """
    truth = system.truth
    small = primary(truth)
    low = np.where(suppressed, np.where(small, 1, THRESHOLD), np.maximum(rounded(truth) - ROUNDING // 2, THRESHOLD))
    high = np.where(suppressed, np.where(small, THRESHOLD - 1, UNBOUNDED), rounded(truth) + ROUNDING // 2)
    for whole, parts in system.sums:
        if suppressed[whole] and suppressed[parts].any():
            high[whole] = UNBOUNDED
    low[truth == 0] = high[truth == 0] = 0
    return np.maximum(low, system.low), np.minimum(high, system.high)


def whole_of_suppressed(system: System, suppressed: Flags) -> Flags:
    """Return which counts are sums of which some part is suppressed."""
    found = np.zeros(len(suppressed), bool)
    for whole, parts in system.sums:
        found[whole] |= bool(suppressed[parts].any())
    return found
