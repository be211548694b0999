"""What all lists share: the cells of a list, and how a cell is written in the form of a file."""

from dataclasses import dataclass
from pathlib import Path

from include.synthetic.faults import FILE_FAULTS
from include.synthetic.files import Form
from include.synthetic.names import WORDS
from include.synthetic.store import texts

# Header -> expression and kind: text, date, nik, rupiah, or the number of digits after the decimal point.
Cells = dict[str, tuple[str, str | int]]

# of the alias f, a family
ADDRESS = f"'KP. ' || upper({texts(WORDS['kampung'])}[f.kampung + 1])"
RT, RW = "lpad(f.rt::varchar, 3, '0')", "lpad(f.rw::varchar, 3, '0')"
# of the aliases t, a row with its planned fault, and d, its desa
DESA = "if(t.fault = 'unknown_desa', d.misspelt, if(t.uses_alias, coalesce(d.alias, d.desa_name), d.desa_name))"
DESA_CODE = "if(t.fault = 'bps_code', d.bps_code, d.desa_code)"
REGENCY = "(select upper(name) from regency)"
ROW_NO = "row_number() over (order by t.row)"


def masked(nik: str, is_masked: str) -> str:
    """A NIK (0 when blank), of which an export may hide all but the region."""
    return f"if({is_masked}, left(nullif({nik}, 0)::varchar, 6) || '**********', nullif({nik}, 0)::varchar)"


def turn(is_first: bool) -> int:
    """The number of a list's period in the tables: 0 for the first."""
    return 0 if is_first else 1


def per_desa(table: str, is_first: bool) -> str:
    """The source of a list with a row per desa; the later file writes the known aliases."""
    return (
        f"from (select *, period = 1 as uses_alias from {table}) as t inner join desa as d on t.desa = d.desa"
        f" where t.period = {turn(is_first)} order by t.row"
    )


@dataclass(frozen=True)
class Listing:
    """A list of an agency at a date."""

    cells: Cells
    source: str  # the rest of the query, which ends in its order by
    who: str = ""  # in lists of persons, who the person of a row is: child (null for others), person and family
    fault: str = ""  # the planned fault of a row, an empty text where there is none
    title: str = ""  # the first row above the header, the dataset's name if empty

    def who_is_who(self, path: Path, rows_above: int) -> str:
        """A query: who the person of each row is, and the row's number as a spreadsheet shows it."""
        return self._with_row_numbers(self.who, path, rows_above)

    def planned_faults(self, path: Path, rows_above: int) -> str:
        """A query: the planned faults and their rows."""
        rows = self._with_row_numbers(f"{self.fault} as fault", path, rows_above)
        return f"select * from ({rows}) where fault <> ''"

    def _with_row_numbers(self, columns: str, path: Path, rows_above: int) -> str:
        rest, _, order = self.source.rpartition(" order by ")
        return (
            f"select '{path}' as path, row_number() over (order by {order}) + {rows_above} as row_no, {columns} {rest}"
        )


def select(headers: list[str], listing: Listing, form: Form) -> str:
    """The query of a list: the cells of a layout, written in a form."""
    columns = [f'{cell(*listing.cells[header], form)} as "{header}"' for header in headers]
    return f"select {', '.join(columns)} {listing.source}"


def cell(sql: str, kind: str | int, form: Form, mixed_dates: bool = False) -> str:
    """An expression as the form writes it: text in a csv, a typed cell in a workbook."""
    blank = "-" if form.missing == "0" else form.missing
    if kind == "nik":
        sql = {
            "text": f"({sql})::varchar",
            "masked": f"left(({sql})::varchar, 5) || '***********'",
            "scientific": f"replace(printf('%.5E', ({sql})::double), '.', '{form.decimal}')",
            "number": f"({sql}) // 10 * 10",  # Excel keeps 15 digits
        }[form.nik]
        return sql if form.nik == "number" else _or(sql, blank)
    if kind == "text":
        return _or(sql, blank)
    if kind == "date":
        if form.dates in ("excel", "serial"):
            return sql
        written = f"strftime({sql}, '{form.dates}')"
        if mixed_dates:
            other = "%m" + form.dates[2] + "%d" + form.dates[2] + "%Y"
            written = f"if({FILE_FAULTS['mixed_date_order']}, strftime({sql}, '{other}'), {written})"
        return _or(written, blank)
    if kind == "rupiah":
        if form.file == "csv" and form.decimal == ",":
            return _or(f"'Rp ' || replace(format('{{:,}}', ({sql})::bigint), ',', '.') || ',00'", blank)
        kind = 0
    if form.file != "csv":
        return (
            f"coalesce(round({sql}, {kind}), {form.missing})"
            if form.missing == "0"
            else f"round({sql}, {kind})::double"
        )
    number = f"({sql})::decimal(9, {kind})::varchar" if kind else f"({sql})::bigint::varchar"
    if form.decimal == "," and kind:
        number = f"replace({number}, '.', ',')"
    return _or(number, form.missing)


def _or(sql: str, missing: str) -> str:
    return f"coalesce({sql}, '{missing}')" if missing else sql
