"""Which counts the attack moves together: those near a count, a bunch of such neighbourhoods, or all that hangs together.

Near are counts joined by other relations than the sums of very many: the families of one kecamatan in a large regency.
What one kecamatan cannot lose another can gain, mostly one of a few: so a bunch of neighbourhoods shows nearly all that
a program over all would show, which takes longer than its counts are many.
"""

from collections.abc import Collection

import numpy as np
from scipy.sparse import csr_array

from include.disclosure.system import Ints, System, connected

WIDTHS = ("near", "bunch", "all")
# The sum of more counts than these is no reason to call them near each other.
_MANY = 25
# How many counts a bunch has at least, where there are as many.
_BUNCH = 2_000


class Windows:
    """The windows of one system, given its relations (`system.matrix`); counts that are zero are known and in none."""

    def __init__(self, system: System, matrix: csr_array) -> None:
        is_of_many = np.diff(matrix.indptr) > _MANY
        nonzero = np.flatnonzero(system.truth)
        near = connected(abs(matrix[~is_of_many][:, nonzero]))
        joined = connected(abs(matrix[:, nonzero]))
        labels = {"near": near, "bunch": bunches(near, joined), "all": joined}
        self._members = {width: _members(nonzero, labels[width]) for width in WIDTHS}
        # of each sum of very many: its whole, and which counts it is a sum of
        self._wholes = np.array([whole for whole, _ in system.sums], dtype=np.int64)[np.flatnonzero(is_of_many)]
        self._parts = matrix[is_of_many].tocsc()

    def around(self, count: int, width: str) -> Ints:
        """Return the counts that may move with one, among them the sums of very many that they are parts of."""
        members = self._members[width][count]
        return np.union1d(members, self._wholes[self._parts[:, members].indices])

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


def _members(counts: Ints, labels: Ints) -> dict[int, Ints]:
    """Return for each count all those with the same label."""
    order = np.argsort(labels, kind="stable")
    parts = np.split(counts[order], np.flatnonzero(np.diff(labels[order])) + 1)
    return {int(count): part for part in parts for count in part}
