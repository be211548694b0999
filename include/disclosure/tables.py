"""Writes the public zone's database: suppressed, rounded, and attacked before anybody sees it."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from include import warehouse
from include.comments import comment_on, write_release_info
from include.disclosure import LEAST_DENOMINATOR, ROUNDING
from include.disclosure.attack import Attack
from include.disclosure.cells import Cells, read_areas, read_cells, rows_of
from include.disclosure.hold import protect_cells
from include.disclosure.registry import Column, PublicMart, read_public_marts
from include.disclosure.system import Flags, primary, rounded
from include.disclosure.unknowns import Last, Unknowns

# within a release's folder
PUBLIC = Path("public/tegak.duckdb")
BEHIND = Path("task_force/behind_public.parquet")

SUPPRESSED_SAYS = (
    "Columns of this row that are empty because the count is small or would betray a small one; a count that is empty "
    "and not named here is unknown, 0 is zero. A share is never named: one of persons is empty when one of its counts is, "
    f"or its denominator is under {LEAST_DENOMINATOR}. All other counts of persons are rounded to {ROUNDING}."
)
_SHARE = """case
    when not {persons} then 100.0 * numerator / nullif(denominator, 0)
    when denominator >= {least} and numerator > denominator then 100.0
    when denominator >= {least} then round(100.0 * numerator / denominator, 1)
end"""
_MACROS = f"""create or replace temp macro share
    (numerator, denominator) as {_SHARE.format(persons="of_persons", least=LEAST_DENOMINATOR)},
    (numerator, denominator, persons) as {_SHARE.format(persons="persons", least=LEAST_DENOMINATOR)}
"""


class Narrowed(Exception):
    """A reader could narrow suppressed counts: the release is refused."""


@dataclass(frozen=True)
class Figures:
    """How many cells of persons a public release has, and what became of them."""

    published: int
    zero: int
    suppressed_primary: int
    suppressed_complementary: int
    held_back: int
    narrowed: int


def write_public(con: duckdb.DuckDBPyConnection, folder: Path, release: str, last: Path | None) -> Figures:
    """Write the public marts into the folder of a new release and return the figures for its manifest.

    The task force's zone gets the exact counts behind them: where figures were held back these are not today's.
    `last` is the folder of the release before. Raises `Narrowed` when the attack on the finished
    tables narrows a suppressed count, whatever chose it.
    """
    marts = read_public_marts()
    cells = read_cells(con, marts, "marts")
    protected = protect_cells(cells, marts, read_areas(con), _read_last(con, marts, last))
    cells, unknowns, suppressed = protected.cells, protected.unknowns, protected.protection.suppressed
    # anew, from nothing but what is about to be published
    narrowed = Attack(unknowns.system).narrowed(suppressed)
    if narrowed:
        places = sorted({f"{cell[0][0]} of {cell[2]}" for cell, at in unknowns.index.items() if at in set(narrowed)})
        raise Narrowed(
            f"{len(narrowed)} suppressed counts could be narrowed by combining tables, among them {', '.join(places[:3])}; "
            "nothing is published. Withhold a column of that mart, or suppress more of it."
        )
    con.execute(_MACROS)
    write_behind(con, cells, folder / BEHIND)
    con.execute(f"attach {warehouse.literal(str(folder / PUBLIC))} as published (storage_version 'v1.0.0')")
    for mart in marts:
        _write(con, mart, cells.rows, unknowns, suppressed)
    write_release_info(con, "published", release)
    con.execute("checkpoint published")
    con.execute("detach published")
    truth = np.array(list(cells.counts.values()), dtype=np.int64)
    suppressed = np.array([suppressed[unknowns.index[cell]] for cell in cells.counts], dtype=bool)
    small = primary(truth)
    return Figures(
        published=int((~suppressed).sum()),
        zero=int((truth == 0).sum()),
        suppressed_primary=int((suppressed & small).sum()),
        suppressed_complementary=int((suppressed & ~small).sum()),
        held_back=sum(cell[0] in protected.held for cell in cells.counts),
        narrowed=0,
    )


def _read_last(con: duckdb.DuckDBPyConnection, marts: list[PublicMart], last: Path | None) -> Last | None:
    """Read the cells of the release before, as far as its marts had the columns of today's."""
    if last is None:
        return None
    con.execute(f"attach {warehouse.literal(str(last / PUBLIC))} as last_public (read_only)")
    alike = [mart for mart in marts if _has_columns(con, "last_public", mart)]
    public = read_cells(con, alike, "last_public.main", hidden="suppressed")
    con.execute("detach last_public")
    return Last(read_behind(con, last / BEHIND), public)


def write_behind(con: duckdb.DuckDBPyConnection, cells: Cells, path: Path) -> None:
    """Keep the exact counts behind a public zone, for the night after: held figures are of an earlier night."""
    rows = [(*series, level, area, count) for (series, level, area), count in cells.counts.items()]
    columns = zip(("measure", "item", "period", "level", "area", "count"), zip(*rows, strict=True), strict=True)
    con.register("behind", {name: np.array(values) for name, values in columns})
    con.execute(f"copy (from behind order by all) to {warehouse.literal(str(path))} (format parquet, compression zstd)")
    con.unregister("behind")


def read_behind(con: duckdb.DuckDBPyConnection, path: Path) -> Cells:
    """Read what `write_behind` kept."""
    rows = con.execute(f"from {warehouse.literal(str(path))}").fetchall()
    return Cells({((measure, item, period), level, area): count for measure, item, period, level, area, count in rows})


def _has_columns(con: duckdb.DuckDBPyConnection, database: str, mart: PublicMart) -> bool:
    there = con.execute(
        "select column_name from duckdb_columns() where database_name = ? and table_name = ?", [database, mart.name]
    ).fetchall()
    return {column.name for column in mart.columns if column.kind != "withheld"} <= {name for (name,) in there}


def _write(
    con: duckdb.DuckDBPyConnection,
    mart: PublicMart,
    rows: dict[tuple[str, str], list[tuple[tuple[str, str, str], str, str] | None]],
    unknowns: Unknowns,
    suppressed: Flags,
) -> None:
    """Write one public mart; its cells come from arrays beside its numbered rows."""
    published = rounded(unknowns.system.truth)
    arrays: dict[str, NDArray[np.int32]] = {}  # the narrowest type of a mart's counts: a wider one stays as it is
    for column in mart.cells:
        # -2: not a count of persons, or unknown; -1: suppressed, alone or with its whole series
        arrays[column.name] = np.array(
            [
                -2
                if cell is None
                else -1
                if cell not in unknowns.index or suppressed[unknowns.index[cell]]
                else published[unknowns.index[cell]]
                for cell in rows.get((mart.name, column.name), [])
            ],
            dtype=np.int32,
        )
    rows_there = len(next(iter(arrays.values()))) if arrays else 0
    con.register("public_cells", {"_row": np.arange(rows_there), **arrays} if arrays else {"_row": np.arange(0)})
    kept = [column for column in mart.columns if column.kind != "withheld"]
    con.execute(
        f"""
        create table published.{mart.name} as
        with
            exact as ({rows_of(mart, "marts")}),
            cells as (
                select exact._row, {mart.persons} as of_persons, {", ".join(_seen(c) for c in kept if c.kind != "derived")}
                {", " + _names_of_suppressed(mart) + " as suppressed" if mart.cells else ""}
                from exact left join public_cells on exact._row = public_cells._row
            )
        select {", ".join(f"{c.formula} as {c.name}" if c.kind == "derived" else c.name for c in kept)}
            {", suppressed" if mart.cells else ""}
        from cells
        order by _row
        """
    )
    con.unregister("public_cells")
    described = {column.name: column.description for column in kept}
    if mart.cells:
        described["suppressed"] = SUPPRESSED_SAYS
    comment_on(con, "published", mart.name, mart.description, described)


def _seen(column: Column) -> str:
    if column.kind == "cell":
        seen = f"public_cells.{column.name}"
        return f"case when not ({column.persons}) then exact.{column.name} when {seen} >= 0 then {seen} end as {column.name}"
    if column.kind == "coarse":
        return f"round(exact.{column.name}, {column.formula}) as {column.name}"
    return f"exact.{column.name}"


def _names_of_suppressed(mart: PublicMart) -> str:
    names = ", ".join(f"case when public_cells.{c.name} = -1 then '{c.name}' end" for c in mart.cells)
    return f"concat_ws(', ', {names})"
