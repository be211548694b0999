"""Score a CSV of children by the WHO Child Growth Standards, with the mart's own SQL.

    python -m include.score IN.csv OUT.csv

The models of dbt_project/models/intermediate/growth are rendered with their macros and run in an
in-memory DuckDB over the seed tables, so that what is tested here is what the mart computes.
dbt itself is not started.
"""

from __future__ import annotations

import csv
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import jinja2
import yaml

from include.cells import harmless
from include.problem import Problem, run
from include.settings import DBT_PROJECT, SEEDS

MACROS = [DBT_PROJECT / "macros" / name for name in ("keys.sql", "who_growth_standard.sql")]
WHO_SEEDS = SEEDS / "who"
MODELS = DBT_PROJECT / "models" / "intermediate" / "growth"

# In the order in which they read each other, and how each is kept. The corrected measurements are
# read once, so a view spares a copy of them.
RELATIONS = {
    "int_who_by_age": "table",
    "int_who_by_length": "table",
    "int_measurements_corrected": "view",
    "int_measurements_scored": "table",
}

SCORES = {
    "zlen": "haz",
    "zwei": "waz",
    "zwfl": "whz",
    "zbmi": "baz",
    "zac": "acz",
    "zhc": "hcz",
}

SHOWN_FAULTS = 20


class InputError(Problem):
    """The file as a whole cannot be scored; the message is one sentence for its sender."""


@dataclass(frozen=True)
class InputColumn:
    """One column of the input: how its text is read and what to say when it cannot be.

    `reading` is SQL over the text {cell}; it gives NULL for a text that is refused.
    """

    name: str
    reading: str
    reason: str
    what_to_do: str
    is_required: bool = True


# DuckDB would read inf and nan as numbers, and 1_000 as a thousand.
NUMBER = (
    "case when isfinite(try_cast({cell} as double)) and not contains({cell}, '_') then try_cast({cell} as double) end"
)

COLUMNS = (
    InputColumn(
        "sex",
        "case when {cell} in ('1', 'm', 'M', 'l', 'L') then 'L' when {cell} in ('2', 'f', 'F', 'p', 'P') then 'P' end",
        "is not a code for sex",
        "write 1, m or L for a boy, 2, f or P for a girl, or leave it empty",
    ),
    InputColumn(
        "age_days",
        "case when try_cast({cell} as double) >= 0 then " + NUMBER + " end",
        "is not an age of zero days or more",
        "write the days since birth, with a point for decimals, or leave it empty",
    ),
    InputColumn(
        "weight_kg",
        NUMBER,
        "is not a number",
        "write kilograms, with a point for decimals, or leave it empty",
    ),
    InputColumn(
        "lenhei_cm",
        NUMBER,
        "is not a number",
        "write centimetres, with a point for decimals, or leave it empty",
    ),
    InputColumn(
        "measure",
        "case when {cell} in ('l', 'L') then 'lying' when {cell} in ('h', 'H') then 'standing' end",
        "is not a code for the position",
        "write l or L for lying, h or H for standing, or leave it empty",
        is_required=False,
    ),
    InputColumn(
        "oedema",
        "case when {cell} in ('y', 'Y', '1') then true when {cell} in ('n', 'N', '2') then false end",
        "is not a code for oedema",
        "write y, Y or 1 for yes, n, N or 2 for no, or leave it empty",
        is_required=False,
    ),
    InputColumn(
        "muac_cm",
        NUMBER,
        "is not a number",
        "write centimetres, with a point for decimals, or leave it empty",
        is_required=False,
    ),
    InputColumn(
        "headc_cm",
        NUMBER,
        "is not a number",
        "write centimetres, with a point for decimals, or leave it empty",
        is_required=False,
    ),
)


@dataclass(frozen=True)
class Fault:
    """One refused cell. `row` is the row a spreadsheet shows: the heading is row 1."""

    row: int
    column: InputColumn
    value: str


@dataclass(frozen=True)
class Summary:
    """What became of a file: row counts, and the first refused cells."""

    row_count: int
    scored_count: int
    rejected_count: int
    faults: list[Fault]


def score(source: Path, target: Path) -> Summary:
    """Write the scores of every row of `source` to `target`, in the same order.

    A row with a refused cell gets empty scores. Raises InputError when the file cannot be read.
    """
    heading = read_heading(source)
    check_target(source, target)
    with duckdb.connect() as con:
        load_children(con, source, heading)
        build_scores(con)
        save_scores(con, target)
        return summarise(con)


def read_heading(source: Path) -> list[str]:
    """Return the column names of a CSV file. Raises InputError if one that is due is not there."""
    if not source.is_file():
        raise InputError(f"{source}: there is no such file; check its name.")
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            heading = [name.strip() for name in next(csv.reader(file), [])]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{source}: is not a CSV file in UTF-8; save it again as one.") from error

    required = ["id", *(column.name for column in COLUMNS if column.is_required)]
    missing = [name for name in required if name not in heading]
    if missing:
        columns = f"column {missing[0]} is" if len(missing) == 1 else f"columns {', '.join(missing)} are"
        raise InputError(f"{source}: the {columns} missing; the heading must name each, with commas between them.")
    for name in ["id", *(column.name for column in COLUMNS)]:
        if heading.count(name) > 1:
            raise InputError(f"{source}: the column {name} is there twice; remove one of the two.")
    return heading


def check_target(source: Path, target: Path) -> None:
    """Raise InputError if the scores cannot be written to `target`."""
    if not target.parent.is_dir():
        raise InputError(f"{target}: its folder does not exist; make it first.")
    if target.exists() and target.samefile(source):
        raise InputError(f"{target}: is the input itself; give the scores another name.")


def load_children(con: duckdb.DuckDBPyConnection, source: Path, heading: list[str]) -> None:
    """Read the file as text, then each text by its column's reading, into the table children.

    One row per row of the file; rowid is the order in the file. `<column>_cell` keeps the text.
    """
    # numbered, because a heading may hold any text
    places = {f"c{place}": "varchar" for place in range(len(heading))}
    cells = [
        f"nullif(trim(c{heading.index(column.name)}), '') as {column.name}_cell"
        if column.name in heading
        else f"cast(null as varchar) as {column.name}_cell"
        for column in COLUMNS
    ]
    readings = [f"{column.reading.format(cell=column.name + '_cell')} as {column.name}" for column in COLUMNS]
    refusals = [refusal(column) for column in COLUMNS]
    try:
        con.execute(
            f"""
            create table children as
            with
                cells as (
                    select c{heading.index("id")} as id, {", ".join(cells)}
                    from read_csv(
                        ?,
                        columns = {places},
                        auto_detect = false,
                        header = true,
                        delim = ',',
                        quote = '"',
                        escape = '"'
                    )
                ),
                readings as (select *, {", ".join(readings)} from cells)
            select *, {" or ".join(refusals)} as is_rejected
            from readings
            """,
            [re.sub(r"([*?\[])", r"[\1]", str(source))],  # one file, whatever signs are in its name
        )
    except duckdb.InvalidInputException as error:
        raise InputError(f"{source}: {unreadable(str(error), len(heading))}") from error


def refusal(column: InputColumn) -> str:
    """SQL that is true for a row whose cell holds a text that could not be read."""
    return f"({column.name}_cell is not null and {column.name} is null)"


def unreadable(message: str, column_count: int) -> str:
    """Turn DuckDB's report on a broken CSV file into one sentence."""
    line = re.search(r"Line: (\d+)", message)
    where = f"line {line[1]} cannot be read" if line else "cannot be read as CSV in UTF-8"
    found = re.search(r"Found: (\d+)", message)
    if found:
        where += f": it has {found[1]} cells where the heading has {column_count}"
    return f"{where}; correct it or save the file again as CSV in UTF-8."


def build_scores(con: duckdb.DuckDBPyConnection) -> None:
    """Run the growth models of the dbt project on the children that were not rejected."""
    seeds = yaml.safe_load((WHO_SEEDS / "_who__seeds.yml").read_text(encoding="utf-8"))["seeds"]
    for seed in seeds:
        con.execute(
            f"create table {seed['name']} as "
            f"select * from read_csv(?, columns = {seed['config']['column_types']}, header = true)",
            [str(WHO_SEEDS / f"{seed['name']}.csv")],
        )
    con.execute(
        """
        create view int_measurements as
        select
            rowid as measurement_id,
            sex,
            age_days,
            weight_kg,
            lenhei_cm as height_cm,
            measure as position,
            oedema as has_oedema,
            muac_cm,
            headc_cm as head_cm
        from children
        where not is_rejected
        """
    )
    for name, query in rendered_models():
        con.execute(f"create {RELATIONS[name]} {name} as {query}")


def rendered_models() -> Iterator[tuple[str, str]]:
    """Yield the name and the plain SQL of each growth model, in the order to run them."""
    dbt = jinja2.Environment(undefined=jinja2.StrictUndefined)
    dbt.globals["ref"] = lambda name: name
    for file in MACROS:
        dbt.globals.update(vars(dbt.from_string(file.read_text(encoding="utf-8")).module))
    for name in RELATIONS:
        yield name, dbt.from_string((MODELS / f"{name}.sql").read_text(encoding="utf-8")).render()


def save_scores(con: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Write one row per row of the input. Scores of rejected rows are empty."""
    # adding 0.0 turns a score of -0.0 into 0.0
    scores = [
        f"{ours} + 0.0 as {theirs}, cast(is_{ours}_flagged as integer) as f{theirs[1:]}"
        for theirs, ours in SCORES.items()
    ]
    # rounding takes the noise of 102.39999999999999 off and leaves every real digit
    con.create_function("harmless", harmless, ["VARCHAR"], "VARCHAR")  # an id may be any text of the sender's
    rows = con.sql(
        f"""
        select harmless(children.id) as id, round(corrected_height_cm, 12) as clenhei, {", ".join(scores)}
        from children
        left join int_measurements_scored on children.rowid = measurement_id
        order by children.rowid
        """
    )
    try:
        rows.write_csv(str(target), header=True)
    except duckdb.IOException as error:
        raise InputError(f"{target}: cannot be written; check the name and the folder.") from error


def summarise(con: duckdb.DuckDBPyConnection) -> Summary:
    """Count the rows and collect the first refused cells, in the order of the file."""
    rows, rejected = con.execute("select count(*), count(*) filter (is_rejected) from children").fetchall()[0]
    ((scored,),) = con.execute(
        f"select count(*) from int_measurements_scored where coalesce({', '.join(SCORES.values())}) is not null"
    ).fetchall()
    refused = " union all ".join(
        f"select rowid + 2 as row, {place} as place, {column.name}_cell as value "
        f"from children where is_rejected and {refusal(column)}"
        for place, column in enumerate(COLUMNS)
    )
    first = con.execute(f"{refused} order by row, place limit {SHOWN_FAULTS}").fetchall()
    faults = [Fault(row, COLUMNS[place], value) for row, place, value in first]
    return Summary(rows, scored, rejected, faults)


def report_faults(source: Path, summary: Summary) -> str:
    """The refused cells as text for people, one a line."""
    lines = [
        f"{source}: {summary.rejected_count} of {summary.row_count} rows rejected, "
        + "their scores are empty (row 1 is the heading; empty lines do not count):"
    ]
    lines += [
        f"{source}: row {fault.row}, column {fault.column.name}: {fault.value!r} "
        f"{fault.column.reason}; {fault.column.what_to_do}."
        for fault in summary.faults
    ]
    if len(summary.faults) == SHOWN_FAULTS:
        lines.append(f"No more than {SHOWN_FAULTS} refused cells are listed.")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Command line. Returns 0 also when rows were rejected; raises `InputError` when the file cannot be scored."""
    if len(arguments) != 2 or not all(arguments):
        raise InputError("Say what to score, and where the scores go: make score FILE=in.csv OUT=out.csv.")
    source, target = map(Path, arguments)
    begin = time.perf_counter()
    summary = score(source, target)
    if summary.rejected_count:
        print(report_faults(source, summary), file=sys.stderr)
    silent = summary.row_count - summary.scored_count - summary.rejected_count
    why = " (no sex, over 1,826 days, or nothing measured that can be scored)" if silent else ""
    print(
        f"{target}: {summary.row_count} rows, {summary.scored_count} with a score, {silent} without a score{why}, "
        f"{summary.rejected_count} rejected, {time.perf_counter() - begin:.1f} s"
    )
    return 0


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
