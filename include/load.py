"""Loads one delivery: its cells as text into `raw.<agency>__<dataset>`, its values into `<agency>.<dataset>`.

One row per source row in both; nothing is judged here. The types come from the contract's `data_type`.
"""

import hashlib
from dataclasses import asdict
from pathlib import Path

import duckdb

from include import settings, vault
from include.archive import Delivery, deliveries
from include.contract import PERIODS, Column, Dataset
from include.grid import LINE_SIGN, Grid, Refused
from include.headers import OWN_COLUMNS
from include.private import scratch_folder
from include.reading import read_grid
from include.visible import visible
from include.warehouse import literal, says_damage
from include.words import read_files

READ_AS = {
    "varchar": "{cell}",
    "char(16)": "read_identifier({cell})",
    "date": "read_date({cell}, '{date_order}')",
    "double": "read_number({cell})",
    "integer": "try_cast(read_count({cell}) as integer)",
    "bigint": "read_count({cell})",
}
SQL_TYPE = {"char(16)": "varchar"}
# One delivery's rows while it is loaded: `raw` holds all others of its dataset too, and each look would pass them all.
_CELLS = "temp.cells_of_delivery"


def forget_changed_contract(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Drop what was loaded under another contract: the archive is then read again under today's.

    A seed that a rule looks into is part of it: a spelling added there frees the rows that waited for it. So are the
    words' own SQL and the judgement: else a night would hold what a rebuild frees.
    """
    code = [
        Path(__file__).with_name(name) for name in ("reading.sql", "words.py", "decisions.py", "settle.py", "items.py")
    ]
    judgement = settings.ROOT / "expectations" / f"{dataset.agency}__{dataset.name}.py"
    files = [*code, *filter(Path.exists, [judgement]), *read_files(dataset)]
    fingerprint = hashlib.sha256(repr(dataset).encode() + b"".join(file.read_bytes() for file in files)).hexdigest()
    where = "where agency = ? and dataset = ?"
    names = [dataset.agency, dataset.name]
    if con.execute(f"select fingerprint from audit.contracts {where}", names).fetchall() == [(fingerprint,)]:
        return
    con.begin()
    for table in ("contracts", "deliveries", "quarantine", "items", "returns", "expectation_results", "judgements"):
        con.execute(f"delete from audit.{table} {where}", names)
    con.execute("insert into audit.contracts values (?, ?, ?, ?)", [*names, fingerprint, len(deliveries(dataset))])
    cells = ", ".join(f"{name} varchar" for name in _cell_names(dataset))
    con.execute(
        f"create or replace table {dataset.raw_table} (_delivery_id varchar, _row bigint, _line varchar, {cells})"
    )
    values = ", ".join(f"{column.name} {_sql_type(column)}" for column in dataset.columns)
    con.execute(f"create schema if not exists {dataset.agency}")
    con.execute(
        f"create or replace table {dataset.table} ({values}, _delivery_id varchar, _row bigint, _period varchar, "
        "_received_at timestamp, _line varchar, _unreadable varchar[], _lost varchar[], _status varchar, "
        "_ticket varchar, _decision varchar, _decided_by varchar, _known_from timestamp, _known_to timestamp)"
    )
    con.commit()


def make_missing_tables(con: duckdb.DuckDBPyConnection, datasets: list[Dataset]) -> None:
    """Make the tables, still empty, of the datasets whose DAG has not run yet: the models read those of every contract."""
    made = set(con.execute("select agency, dataset from audit.contracts").fetchall())
    for dataset in datasets:
        if (dataset.agency, dataset.name) not in made:
            forget_changed_contract(con, dataset)


def forget_deliveries(con: duckdb.DuckDBPyConnection, dataset: Dataset, deliveries: list[str]) -> None:
    """Drop what the working database holds of these deliveries, within the caller's transaction.

    What the archive still has of them is loaded again.
    """
    for table in (dataset.raw_table, dataset.table):
        con.execute(f"delete from {table} where _delivery_id in (select unnest(?))", [deliveries])
    for table in ("deliveries", "quarantine", "judgements"):
        con.execute(f"delete from audit.{table} where delivery_id in (select unnest(?))", [deliveries])


def record_removed(con: duckdb.DuckDBPyConnection, delivery: Delivery, why: str) -> None:
    """Keep a delivery on record whose file the retention rule has removed: it has no rows any more."""
    con.execute("delete from audit.deliveries where delivery_id = ?", [delivery.delivery_id])
    _record(con, delivery, status="removed", reason=why)


def not_loaded(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> list[Delivery]:
    """Return the archived deliveries that have not passed their gate, in order of arrival.

    One that waits for its gate still is left over from a night that was killed: its load finds it done, and its
    gate is sure to follow.
    """
    loaded = {
        row[0] for row in con.execute("select delivery_id from audit.deliveries where status <> 'waiting'").fetchall()
    }
    return [delivery for delivery in deliveries(dataset) if delivery.delivery_id not in loaded]


def load_delivery(con: duckdb.DuckDBPyConnection, dataset: Dataset, delivery: Delivery, file: Path) -> str | None:
    """Load the delivery in `file` in one transaction; return why it was refused, None when it was loaded.

    A refused delivery leaves a record with the reason in `audit.deliveries`, and no row.
    """
    with scratch_folder() as scratch:
        con.begin()
        try:
            if delivery.period is None:
                raise Refused(_wrong_folder(dataset, delivery, file))
            grid = read_grid(file, delivery.file_name, dataset, scratch, lambda: vault.password(dataset.agency))
            rows = _read_cells(con, dataset, delivery, grid)
            where = (
                f"{visible(delivery.file_name)}, sheet {grid.sheet!r}" if grid.sheet else visible(delivery.file_name)
            )
            date_order = _date_order(con, dataset, where)
            con.execute(f"insert into {dataset.raw_table} select ?, * from {_CELLS}", [delivery.delivery_id])
            _insert_values(con, dataset, delivery, date_order)
            con.execute(f"drop table {_CELLS}")
        except Refused as refusal:
            con.rollback()
            _record(con, delivery, status="refused", reason=str(refusal))
            return str(refusal)
        found = {
            "sheet": grid.sheet,
            "date_order": date_order,
            "unread_columns": ", ".join(grid.unknown_headers) or None,
        }
        _record(con, delivery, status="waiting", rows_read=rows, **found)
        con.commit()
    return None


def _wrong_folder(dataset: Dataset, delivery: Delivery, file: Path) -> str:
    """Name the folder too: the file waits there still, for one without a period does not leave the inbox."""
    inbox = settings.LANDING / dataset.agency / dataset.name
    lying = [path.parent for path in (file, *inbox.rglob("*")) if path.name == delivery.file_name]
    name, place = visible(delivery.file_name), f"landing/{dataset.agency}/{dataset.name}/<{dataset.period}>/"
    example = _EXAMPLE[dataset.period]
    if not lying or lying[0] == inbox:
        return f"{name}: it lies in no period's folder; put the file in {place}, for example {example}."
    folder = visible(lying[0].name)
    return f"{name}: it lies in {folder!r}, which is no period; put the file in {place}, for example {example}."


_EXAMPLE = {"month": "2026-10", "quarter": "2026-Q4", "year": "2026"}


def _record(con: duckdb.DuckDBPyConnection, delivery: Delivery, **found: str | int | None) -> None:
    """Write the delivery into `audit.deliveries`; `found` are the columns that its receipt does not have."""
    record = asdict(delivery) | found
    record["received_at"] = delivery.received_at.removesuffix("+00:00")
    columns, marks = ", ".join(record), ", ".join("?" * len(record))
    con.execute(f"insert into audit.deliveries ({columns}) values ({marks})", list(record.values()))


def _read_cells(con: duckdb.DuckDBPyConnection, dataset: Dataset, delivery: Delivery, grid: Grid) -> int:
    """Read the grid line by line and split it here: no line can be dropped, a ragged one keeps its text in `_line`.

    A row may end in more delimiters than the header: spreadsheets write them for emptied columns.
    """
    cells = ", ".join(
        f"{f'cells[{grid.positions[name] + 1}]' if name in grid.positions else 'null::varchar'} as {name}"
        for name in _cell_names(dataset)
    )
    read = f"""
        create temp table {_CELLS} as
        with lines as (
            select row_number() over () + $offset as _row, line, replace(line, $delimiter, '') as letters
            from read_csv($path, columns = {{'line': 'varchar'}}, delim = '{LINE_SIGN}', quote = '', escape = '',
                header = false, skip = $skip, auto_detect = false, max_line_size = {settings.MAX_LINE_BYTES})
        ),
        split as (
            select _row, line,
                case
                    when strlen(line) - strlen(letters) between $width - 1 and $max_columns
                        then string_split(line, $delimiter)
                end as cells
            from lines
            where not is_blank(letters)
        ),
        whole as (
            select _row, line,
                case when len(cells) = $width or is_blank(array_to_string(cells[$width + 1:], '')) then cells end as cells
            from split
        )
        select _row, case when cells is null then line end as _line, {cells}
        from whole
        """
    values = {
        "path": str(grid.path),
        "skip": grid.skip,
        "offset": grid.first_row - 1,
        "delimiter": grid.delimiter,
        "width": grid.width,
        "max_columns": settings.MAX_COLUMNS,
    }
    try:
        [(rows,)] = con.execute(read, values).fetchall()
    except duckdb.InvalidInputException as error:
        if says_damage(str(error)):
            raise
        # all else that its one column of text can fail on is a line's length
        raise Refused(
            f"{visible(delivery.file_name)}: a line is longer than {settings.MAX_LINE_BYTES:,} bytes; save it again as .xlsx."
        ) from error
    if rows == 0:
        raise Refused(f"{visible(delivery.file_name)}: there is no row under the header.")
    if rows > settings.MAX_ROWS:
        raise Refused(
            f"{visible(delivery.file_name)}: {rows:,} rows, the cap is {settings.MAX_ROWS:,}; send it in parts."
        )
    return rows


def _date_order(con: duckdb.DuckDBPyConnection, dataset: Dataset, where: str) -> str | None:
    """Decide between day first and month first from the file's clear dates; refuse when both or neither occur.

    `05/02` became May in a real register: no default, no decision per cell. Rows with a ticket have no say: they come
    from files of both orders, and one bad cell must not refuse them all.
    """
    cells = " union all ".join(
        f"select {literal(column.headers[0])} as header, _row, without_blanks({column.name}) as cell "
        f"from {_CELLS} where coalesce(is_blank(_ticket), true)"
        for column in dataset.columns
        if column.data_type == "date"
    )
    if not cells:
        return None
    [(day_first, month_first, first)] = con.execute(
        rf"""
        with parts as (
            select header, _row, regexp_extract(cell, '^(\d{{1,2}})[-/.](\d{{1,2}})[-/.]\d{{4}}', ['a', 'b']) as part
            from ({cells})
        ),
        numbers as (
            select header || ' in row ' || _row as place, _row, part.a::integer as a, part.b::integer as b
            from parts
            where part.a <> ''
        )
        select arg_min(place, _row) filter (a between 13 and 31 and b <= 12),
            arg_min(place, _row) filter (b between 13 and 31 and a <= 12),
            arg_min(place, _row)
        from numbers
        """
    ).fetchall()
    if day_first and month_first:
        raise Refused(f"{where}: {day_first} has the day first, {month_first} the month first; use one order.")
    if first and not (day_first or month_first):
        raise Refused(f"{where}: {first} and all other dates may have day or month first; write dates as 2026-05-31.")
    return "day first" if day_first else "month first" if month_first else None


def _insert_values(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, delivery: Delivery, date_order: str | None
) -> None:
    cut = _cut_identifiers(con, dataset)
    present = ", ".join(f"{_present(column)} as {column.name}" for column in dataset.columns)
    read = ", ".join(f"{_read(c, date_order, c.name in cut)} as value_{c.name}" for c in dataset.columns)
    values = ", ".join(_value(column) for column in dataset.columns)
    failed = "list_filter([{}], lambda name: name is not null)"
    lost = failed.format(", ".join(_failed(column) for column in dataset.columns if column.data_type == "char(16)"))
    unreadable = failed.format(
        ", ".join(_failed(column) for column in dataset.columns if column.data_type not in ("char(16)", "varchar"))
    )
    con.execute(
        f"""
        insert into {dataset.table}
        with present as (
            select _row, _line, {_own_values()}, {present} from {_CELLS}
        ),
        valued as (select *, {read} from present)
        select {values}, $id, _row, coalesce(nullif(regexp_extract(_ticket, $ticket, 1), ''), $period), $received_at,
            _line, {unreadable}::varchar[], {lost}::varchar[], null, _ticket, _decision, _decided_by, null, null
        from valued
        """,
        {
            "id": delivery.delivery_id,
            "ticket": f"^T({PERIODS[dataset.period]})-",  # a row that comes back keeps its first file's period
            "period": delivery.period,
            "received_at": delivery.received_at.removesuffix("+00:00"),
        },
    )


def _own_values() -> str:
    """SQL of what our own columns say; a decision that is neither word is none."""
    return """nullif(upper(without_blanks(_ticket)), '') as _ticket,
        case when lower(without_blanks(_decision)) in ('benar', 'hapus') then lower(without_blanks(_decision)) end
            as _decision,
        nullif(without_blanks(_decided_by), '') as _decided_by"""


def _cell_names(dataset: Dataset) -> list[str]:
    return [*(column.name for column in dataset.columns), *OWN_COLUMNS]


def _cut_identifiers(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> set[str]:
    """Return the identifier columns in which every one of many numbers ends in 0: Excel kept 15 digits of 16."""
    names = dataset.columns_of_type("char(16)")
    if not names:
        return set()
    tests = ", ".join(
        f"count(distinct {number}) >= 20 and bool_and({number} like '%0')"
        for number in (f"read_identifier(without_blanks({name}))" for name in names)
    )
    [row] = con.execute(f"select {tests} from {_CELLS}").fetchall()
    return {name for name, is_cut in zip(names, row, strict=True) if is_cut}


def _present(column: Column) -> str:
    """SQL of the trimmed cell, null when blank or one of the texts that mean missing."""
    missing = ", ".join(literal(text.upper()) for text in ("", *column.missing))
    cell = f"without_blanks(without_guard({column.name}))"
    return f"case when upper({cell}) not in ({missing}) then {cell} end"


def _read(column: Column, date_order: str | None, is_cut: bool) -> str:
    return "null" if is_cut else READ_AS[column.data_type].format(cell=column.name, date_order=date_order)


def _value(column: Column) -> str:
    """SQL of the value; a 0 that the contract calls missing was read, so it is not unreadable."""
    is_missing_zero = "0" in column.missing and column.data_type in ("double", "integer", "bigint")
    return f"nullif(value_{column.name}, 0)" if is_missing_zero else f"value_{column.name}"


def _failed(column: Column) -> str:
    return f"case when {column.name} is not null and value_{column.name} is null then '{column.name}' end"


def _sql_type(column: Column) -> str:
    return SQL_TYPE.get(column.data_type, column.data_type)
