"""Protects what is about to be published, and holds back what cannot change without betraying somebody.

Zero is published as it is. So when one of two hidden counts falls to zero over night and the other rises, while
nothing around them changes, the two releases together tell more than each alone, whatever is suppressed now. Then
the figures concerned, with all that hang together with them, stay as the last release had them, until a later night
brings more change.
"""

from dataclasses import dataclass

from include.disclosure.cells import Areas, Cells, Series
from include.disclosure.registry import PublicMart
from include.disclosure.suppress import Protection, protect
from include.disclosure.system import connected
from include.disclosure.unknowns import Last, Unknowns, make_unknowns


@dataclass(frozen=True)
class Protected:
    """The cells as they may be published, their unknowns, what is suppressed, and the series held back."""

    cells: Cells
    unknowns: Unknowns
    protection: Protection
    held: set[Series]


def protect_cells(cells: Cells, marts: list[PublicMart], areas: Areas, last: Last | None) -> Protected:
    """Protect the cells; what can be narrowed all the same stays as it was, and is told if there is no such way.

    A series that the last release suppressed whole is tried anew, and is the first to go again: else it would hold
    back all that hang together with it, every night.
    """
    held: set[Series] = set()
    whole = {cell[0] for cell in last.public.counts} - {cell[0] for cell in last.exact.counts} if last else set()
    while True:
        unknowns = make_unknowns(cells, marts, areas, last)
        protection = protect(unknowns.system, unknowns.sticky)
        around = _series_around(unknowns, protection.narrowed)
        lost = around & whole
        if last and not lost and around - held:
            held |= around
            cells = hold(cells, last, held)
            continue
        # what no suppression of single counts protects is suppressed with its whole series
        lost = lost or {cell[0] for cell, at in unknowns.index.items() if at in set(protection.narrowed)}
        if not lost:
            return Protected(cells, unknowns, protection, held)
        cells = Cells({cell: count for cell, count in cells.counts.items() if cell[0] not in lost}, cells.rows)


def _series_around(unknowns: Unknowns, narrowed: list[int]) -> set[Series]:
    """Return the series of all counts that relations join to narrowed ones."""
    parts = connected(unknowns.system.matrix())
    touched = {parts[at] for at in narrowed}
    places = [*unknowns.index.items(), *unknowns.then.items()]
    return {series for (series, _, _), at in places if parts[at] in touched}


def hold(cells: Cells, last: Last, held: set[Series]) -> Cells:
    """Return the cells with those of some series as they were; what was not there then is not there.

    A cell that stays without a count is one of a series that is, or was, suppressed whole.
    """
    then = {cell: last.exact.counts[cell] for cell in last.public.counts if cell in last.exact.counts}
    counts = {cell: then.get(cell) if cell[0] in held else count for cell, count in cells.counts.items()}
    kept = {cell: count for cell, count in counts.items() if count is not None}
    absent = {cell for cell in cells.counts if cell[0] in held and cell not in last.public.counts}
    rows = {key: [None if cell in absent else cell for cell in column] for key, column in cells.rows.items()}
    return Cells(kept, rows)
