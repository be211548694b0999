"""What every reader makes of an agency's file: a `Grid`, one line of text per source row, or a refusal."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from include.contract import Dataset
from include.headers import HeaderError, map_header, near_names

DELIVERY, INNER, OPENED, TABLE = "delivery", "inner", "opened", "grid.txt"  # the files of a scratch folder
CELL_END = "\x1f"
LINE_SIGN = "\x01"  # in no line of a grid: DuckDB takes it for a delimiter, so that a line stays whole


class Refused(Exception):
    """A delivery cannot be read as its contract says; the message is one sentence for a person."""


@dataclass(frozen=True)
class Grid:
    """One sheet as text: the lines of `path` after the first `skip`, cells parted by `delimiter`.

    `first_row` is the number that the first of these lines has in the agency's file; `positions` maps contract
    columns to cells (0-based); `width` is the number of cells up to the last one that has a header;
    `unknown_headers` are in no contract.
    """

    path: Path
    delimiter: str
    sheet: str | None
    skip: int
    first_row: int
    width: int
    positions: dict[str, int]
    unknown_headers: list[str]


def write_grid(path: Path, rows: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        for row in rows:
            stream.write(CELL_END.join(map(_one_line, row)) + "\n")


def _one_line(cell: str) -> str:
    if cell.isprintable():
        return cell
    return " ".join(cell.replace(CELL_END, " ").replace(LINE_SIGN, " ").splitlines())


def fit_header(header: list[str], dataset: Dataset, where: str) -> tuple[dict[str, int], list[str]]:
    try:
        return map_header(header, dataset)
    except HeaderError as error:
        raise Refused(f"{where}: {error}.") from error


def named_width(header: list[str]) -> int:
    return max(index for index, cell in enumerate(header, start=1) if cell.strip())


def no_header(name: str, where: str, rows: list[list[str]], dataset: Dataset) -> str:
    needed = ", ".join(column.headers[0] for column in dataset.columns if not column.optional)
    nearest = ", ".join(map(repr, near_names(rows, dataset)[:10]))
    return (
        f"{name}: no header of {dataset.agency}/{dataset.name} in {where}; it needs the columns {needed}; "
        f"{f'nearest is {nearest}' if nearest else 'nothing is near them'}."
    )
