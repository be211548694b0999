"""Finds the header of a sheet by the *set* of its names, never by position, and maps it to the contract."""

from collections.abc import Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from include.contract import Dataset

SEARCHED_ROWS = 15
# columns of the workbooks that went back to the agency: any file may have them, no contract declares them
TICKET, DECISION, DECIDED_BY = "Tiket", "Keputusan", "Diputuskan Oleh"
OWN_COLUMNS = {"_ticket": TICKET, "_decision": DECISION, "_decided_by": DECIDED_BY}
FAULTS, ORIGIN = "Masalah", "Asal"  # told to the agency, not read


class HeaderError(Exception):
    """The header does not fit the contract; the message names the columns and the nearest matches."""


def plain(header: str) -> str:
    """Return the letters and digits of a header in lower case: blanks, line breaks and marks do not count."""
    return "".join(sign for sign in header.casefold() if sign.isalnum())


def find_header(rows: Sequence[Sequence[str]], dataset: Dataset) -> int | None:
    """Return the index of the row with most known names among the first 15, None when none has two."""
    known = {plain(header) for column in dataset.columns for header in column.headers}
    hits = [len(known & {plain(cell) for cell in row}) for row in rows[:SEARCHED_ROWS]]
    best = max(hits, default=0)
    return hits.index(best) if best >= 2 else None


def near_names(rows: Sequence[Sequence[str]], dataset: Dataset) -> list[str]:
    """Return the cells that are nearly a name of the contract, and no other: a cell may be a person's name."""
    known = [plain(header) for column in dataset.columns for header in column.headers]
    cells = {cell.strip(): None for row in rows for cell in row if plain(cell)}
    return [cell for cell in cells if get_close_matches(plain(cell), known, n=1, cutoff=0.8)]


def map_header(header: Sequence[str], dataset: Dataset) -> tuple[dict[str, int], list[str]]:
    """Return the position of each contract column and of our own columns, and the headers that are in no contract.

    Raises `HeaderError` when a column is missing, stands there twice, or when an unknown header looks like a
    misspelling of a column that is not there: reading on would lose that column silently.
    """
    synonyms = {plain(header): name for name, header in OWN_COLUMNS.items()}
    synonyms |= {plain(name): column.name for column in dataset.columns for name in column.headers}
    patterns = ["*".join(map(plain, pattern.split("*"))) for pattern in (*dataset.ignore, FAULTS, ORIGIN)]
    positions: dict[str, int] = {}
    unknown: list[str] = []
    for index, cell in enumerate(header):
        name = plain(cell)
        if name in synonyms:
            if synonyms[name] in positions:
                raise HeaderError(f"column {cell!r} stands there twice; remove one")
            positions[synonyms[name]] = index
        elif name and not any(fnmatchcase(name, pattern) for pattern in patterns):
            unknown.append(cell)
    absent = [column for column in dataset.columns if column.name not in positions]
    complaints = []
    for column in absent:
        names = [plain(name) for name in column.headers]
        near = [cell for cell in unknown if get_close_matches(plain(cell), names, n=1, cutoff=0.8)]
        if near:
            complaints.append(f"{column.headers[0]!r} is missing, nearest is {near[0]!r}")
        elif not column.optional:
            complaints.append(f"{column.headers[0]!r} is missing, nothing is near it")
    if complaints:
        raise HeaderError("; ".join(complaints))
    return positions, unknown
