"""Which counts the attack moves together: those near a count, a bunch of such neighbourhoods, or all that hangs together.

Near are counts joined by other relations than the sums of very many: the families of one kecamatan in a large regency.
What one kecamatan cannot lose another can gain, mostly one of a few: so a bunch of neighbourhoods shows nearly all that
a program over all would show, which takes longer than its counts are many.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.sparse import csr_array

from include.disclosure.system import Ints, System, connected

WIDTHS = ("near", "bunch", "all")
# The sum of more counts than these is no reason to call them near each other.
_MANY = 25
# How many counts a bunch has at least, where there are as many.
_BUNCH = 2_000


@dataclass(frozen=True)
class _Parts:
    """Counts in parts: the part of each, the counts part by part, and where each part begins."""

    part: Ints
    counts: Ints
    begins: Ints

    @classmethod
    def of(cls, counts: Ints, labels: Ints, n: int) -> Self:
        """Put counts (of n) with the same label into one part."""
        _, numbers = np.unique(labels, return_inverse=True)
        part = np.full(n, -1, dtype=np.int64)
        part[counts] = numbers
        order = np.argsort(numbers, kind="stable")
        return cls(part, counts[order], np.concatenate([[0], np.cumsum(np.bincount(numbers))]))

    def around(self, count: int) -> Ints:
        part = self.part[count]
        return self.counts[self.begins[part] : self.begins[part + 1]]


class Windows:
    """The windows of one system, given its relations (`system.matrix`); counts that are zero are known and in none."""

    def __init__(self, system: System, matrix: csr_array) -> None:
        is_of_many = np.diff(matrix.indptr) > _MANY
        nonzero = np.flatnonzero(system.truth)
        near = connected(abs(matrix[~is_of_many][:, nonzero]))
        joined = connected(abs(matrix[:, nonzero]))
        labels = {"near": near, "bunch": bunches(near, joined), "all": joined}
        self._parts = {width: _Parts.of(nonzero, labels[width], len(system.truth)) for width in WIDTHS}
        # of each sum of very many: its whole, and which counts it is a sum of
        self._wholes = np.array([whole for whole, _ in system.sums], dtype=np.int64)[np.flatnonzero(is_of_many)]
        self._of_many = matrix[is_of_many].tocsc()

    def around(self, count: int, width: str) -> Ints:
        """Return the counts that may move with one, among them the sums of very many that they are parts of."""
        members = self._parts[width].around(count)
        return np.union1d(members, self._wholes[self._of_many[:, members].indices])

    def wider_and_wider(self, count: int) -> Collection[Ints]:
        """Return the windows around a count, each once."""
        windows = [self.around(count, width) for width in WIDTHS]
        return {len(window): window for window in windows}.values()


def bunches(near: Ints, joined: Ints) -> Ints:
    """Return for each count the number of its bunch: whole neighbourhoods of one joined part, of _BUNCH counts together."""
    order = np.lexsort((near, joined))
    begins, begins_near = (
        first[each]
        for labels in (joined, near)
        for _, first, each in [np.unique(labels[order], return_index=True, return_inverse=True)]
    )
    bunch = np.empty_like(joined)
    bunch[order] = begins + (begins_near - begins) // _BUNCH
    return bunch
