"""Reads the cells of public marts: which count stands in which row and column, and what it is a count of."""

from dataclasses import dataclass, field

import duckdb

from include.disclosure.registry import PublicMart

# measure, item (an indicator) and period
Series = tuple[str, str, str]
# series, level, area
Cell = tuple[Series, str, str]
# child level and parent level: child area to parent area
Areas = dict[tuple[str, str], dict[str, str]]

# The level of the one area that holds all others; a mart of it may have no code.
KABUPATEN = "kabupaten"
# In place of a count that the last release suppressed.
SUPPRESSED = -1


class CellProblem(Exception):
    """One figure has two values in two marts: nothing is published before they agree."""


@dataclass
class Cells:
    """The counts of all cells, and for each mart and column the cell of each row (None: no count of persons)."""

    counts: dict[Cell, int] = field(default_factory=dict)
    rows: dict[tuple[str, str], list[Cell | None]] = field(default_factory=dict)


def read_areas(con: duckdb.DuckDBPyConnection) -> Areas:
    """Read the tiers of areas from the seeds; unknown lies in unknown."""
    pairs = {
        ("desa", "kecamatan"): "select desa_code, kecamatan_code from seeds.ref_desa",
        ("desa", "puskesmas"): "select desa_code, puskesmas_code from seeds.ref_puskesmas_desa",
        ("puskesmas", "kecamatan"): "select puskesmas_code, kecamatan_code from seeds.ref_puskesmas",
    }
    return {pair: {**dict(con.execute(query).fetchall()), "unknown": "unknown"} for pair, query in pairs.items()}


def read_cells(con: duckdb.DuckDBPyConnection, marts: list[PublicMart], schema: str, hidden: str = "''") -> Cells:
    """Read the cells of the marts in a schema, in the order of `rows_of`.

    `hidden` is the SQL that names the suppressed columns of a row. Raises `CellProblem` when one cell has two values.
    """
    found = Cells()
    for mart in marts:
        if not mart.cells:
            continue
        query = f"""
            select {mart.item}, {mart.level}, {mart.area}, {mart.period}, {hidden},
                {", ".join(f"{column.name}, {column.persons}" for column in mart.cells)}
            from ({rows_of(mart, schema)}) order by _row
        """
        for item, level, area, period, names, *told in con.execute(query).fetchall():
            suppressed = names.split(", ")
            for column, value, of_persons in zip(mart.cells, told[::2], told[1::2], strict=True):
                cell = None
                if column.name in suppressed:
                    value = SUPPRESSED
                if value is not None and of_persons:
                    place = "all" if level == KABUPATEN else str(area)
                    cell = ((column.measure, str(item), str(period)), str(level), place)
                    if found.counts.setdefault(cell, value) != value:
                        raise CellProblem(
                            f"{mart.name}.{column.name} of {area} in {period} is {value}, elsewhere {found.counts[cell]}."
                        )
                found.rows.setdefault((mart.name, column.name), []).append(cell)
    return found


def rows_of(mart: PublicMart, schema: str) -> str:
    """Return the query of a mart's rows, numbered from 0 in an order that depends on nothing but the rows."""
    order = ", ".join(column.name for column in mart.columns if column.kind != "withheld")
    return f"select row_number() over (order by {order}) - 1 as _row, * from {schema}.{mart.name}"
