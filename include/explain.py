"""`make explain NUMBER="stunting_by_desa 36.04.11.2003 2026-10 stunted"`: what one published number is made of.

Walks the private working database back from the number to files and rows, and says which rows of the same area and
month are not in it, and why; then what the current release says of it, and what the public sees. Prints files and row
numbers, never a name.
"""

import argparse
import csv
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb
from rich.table import Table
from rich.text import Text

from include import settings, warehouse
from include.cells import harmless
from include.console import CONSOLE
from include.disclosure import LEAST_DENOMINATOR
from include.explain_indicators import INDICATORS, dataset_of, walk_indicator
from include.explain_rules import show_rules
from include.explain_weighings import AREAS, COLUMNS, SHARES, WEIGHINGS, walk_weighings
from include.problem import Problem, run
from include.release import PUBLIC, TASK_FORCE
from include.sql import open_release
from include.visible import visible

EXAMPLE = 'make explain NUMBER="stunting_by_desa 36.04.11.2003 2026-10 stunted"'
MARTS = (*AREAS, "opd_progress")
MOST_WORDS_NAMED = 40
MOST_RANGES_SHOWN = 15


class Unknown(Problem):
    """The number is not there; the message says what is."""


@dataclass(frozen=True)
class Number:
    """One cell of a mart: where it stands, what it is, and the numerator and denominator where it is a share."""

    mart: str
    title: str
    about: str  # the area or the indicator
    dataset: str
    periods: list[str]
    column: str
    value: Any
    share: tuple[str, int | None, str, int] | None
    row: tuple[str, list[str]]  # where it stands: a condition on the mart, and what it is compared with
    known: tuple[int, int]  # records known, of records due
    walk: Callable[[duckdb.DuckDBPyConnection], None]


def main() -> int:
    """Return 0 when the rows listed make the published number, else 1; raise `Problem` when it cannot be explained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("number", nargs="*", help="mart, area code, month and column")
    parser.add_argument("--csv", type=Path, help="writes every row to a file that only you can read")
    arguments = parser.parse_args()
    if arguments.csv:
        _check_target(arguments.csv)
    with warehouse.open_to_read() as con:
        try:
            number = find_number(con, " ".join(arguments.number).split())
        except duckdb.CatalogException:
            raise Problem("The working database holds no marts yet; run make nightly.") from None
        is_made = explain(con, number)
        is_published = _show_published(number)
        if arguments.csv:
            write_rows(con, arguments.csv)
            CONSOLE.print(f"Every row: {arguments.csv}", markup=False)
    return 0 if is_made and is_published else 1


def _check_target(path: Path) -> None:
    if path.exists():
        raise Problem(f"{path} is there already; give OUT another name.")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise Problem(f"{path}: its folder is not there, or you may not write into it; make it first.")


def find_number(con: duckdb.DuckDBPyConnection, words: list[str]) -> Number:
    """Return the number that the words name. Raises `Unknown`, saying what is known instead."""
    if not words:
        raise Unknown(f"Say mart, area code, month and column: {EXAMPLE}")
    _check(words[0], MARTS, "mart that can be explained")
    return _find_progress(con, words) if words[0] == "opd_progress" else _find_count(con, words)


def _find_count(con: duckdb.DuckDBPyConnection, words: list[str]) -> Number:
    if len(words) != 4:
        raise Unknown(f"Say mart, area code, month and column: {EXAMPLE}")
    mart, area, month, column = words
    _check(column, COLUMNS, f"column of {mart} that can be explained")
    code, name = AREAS[mart]
    names = dict(con.execute(f"select distinct {code}, {name} from marts.{mart} order by 1").fetchall())
    _check(area, names, f"area code of {mart}", [f"{code} {name}" for code, name in names.items()])
    months = con.execute(f"select distinct strftime(month, '%Y-%m') from marts.{mart} order by 1").fetchall()
    _check(month, [found for (found,) in months], f"month of {mart}")
    top, bottom = SHARES.get(column, (column, column))
    where = f"{code} = ? and strftime(month, '%Y-%m') = ?"
    found = con.execute(
        f"select {column}, {top}, {bottom}, measured, due from marts.{mart} where {where}", [area, month]
    ).fetchall()
    if not found:
        raise Unknown(f"{mart} has no row for {area} in {month}: no child was due there.")
    value, numerator, denominator, *known = found[0]
    return Number(
        mart,
        f"{mart} {area} ({names[area]}) {month}",
        area,
        WEIGHINGS,
        [month],
        column,
        value,
        (top, numerator, bottom, denominator) if column in SHARES else None,
        (where, [area, month]),
        (known[0], known[1]),
        lambda con: walk_weighings(con, code, area, f"{month}-01", column),
    )


def _find_progress(con: duckdb.DuckDBPyConnection, words: list[str]) -> Number:
    if len(words) != 5:
        raise Unknown(
            "Say opd_progress, indicator, area code, quarter and column: bumil_ttd90 36.04.11 2026-Q3 numerator"
        )
    mart, indicator, area, period, column = words
    _check(indicator, INDICATORS, "indicator that can be explained")
    _check(column, ("numerator", "coverage_pct"), f"column of {mart} that can be explained")
    level, _, code = area.rpartition(":")
    areas = con.execute(
        "select distinct area_level, area_code, area_name from marts.opd_progress order by all"
    ).fetchall()
    known = [(tier, found) for tier, found, _ in areas if found == code and level in ("", tier)]
    titles = [f"{tier}:{found} {name}" if found == "unknown" else f"{found} {name}" for tier, found, name in areas]
    _check(area, [area] if known else [], f"area code of {mart}", titles)
    if len(known) > 1:
        raise Unknown(f"Say which {code}: {', '.join(f'{tier}:{found}' for tier, found in known)}.")
    quarters = "year(quarter) || '-Q' || quarter(quarter)"
    periods = con.execute(f"select distinct {quarters} from marts.opd_progress order by 1").fetchall()
    _check(period, [found for (found,) in periods], f"quarter of {mart}")
    row = (
        f"indicator_id = ? and area_level = ? and area_code = ? and {quarters} = ?",
        [indicator, *known[0], period],
    )
    found = con.execute(
        f"select strftime(quarter, '%Y-%m-%d'), {column}, numerator, coalesce(denominator, 0), coalesce(records_known, 0), "
        f"coalesce(records_due, 0) from marts.opd_progress where {row[0]}",
        row[1],
    ).fetchall()
    if not found:
        raise Unknown(f"{mart} has no row of {indicator} for {area} in {period}: no record was due there.")
    quarter, value, numerator, denominator, records_known, records_due = found[0]
    return Number(
        mart,
        f"{mart} {indicator} {area} {period}",
        indicator,
        dataset_of(indicator),
        [period, quarter[:4], f"{quarter[:5]}{int(quarter[5:7]) + 2:02}"],
        column,
        value,
        ("numerator", numerator, "denominator", denominator),
        row,
        (records_known, records_due),
        lambda con: walk_indicator(con, indicator, *known[0], quarter),
    )


def _check(word: str, known: Iterable[str], what: str, titles: Iterable[str] = ()) -> None:
    """Raise `Unknown` with the nearest words unless `word` is known; `titles` are the words with their names."""
    if word in known:
        return
    titles = list(titles) or list(known)
    parts: dict[str, list[str]] = {}
    for title in titles:
        for part in (title, *title.split(" ", 1)):
            parts.setdefault(part.upper(), []).append(title)
    near = [title for part in get_close_matches(word.upper(), parts, n=3, cutoff=0.7) for title in parts[part]]
    hint = f"nearest: {', '.join(dict.fromkeys(near))}" if near else f"known: {', '.join(titles[:MOST_WORDS_NAMED])}"
    raise Unknown(f"{word} is no {what}; {hint}.")


def explain(con: duckdb.DuckDBPyConnection, number: Number) -> bool:
    """Print files, rows, rows left out and rules of a number; return whether its rows add up to it."""
    number.walk(con)
    found = total(con)
    [(rows, others)] = con.execute(
        "select count(*) filter (counts), count(*) filter (not counts) from walked"
    ).fetchall()
    CONSOLE.print(f"{number.title}: {number.column} = {_said(number.value)}", style="bold", markup=False)
    expected = number.value
    if number.share:
        top, expected, bottom, denominator = number.share
        if expected is None:
            CONSOLE.print(f"{top} is not known: {number.known[0]:,} of {number.known[1]:,} records known")
        else:
            CONSOLE.print(f"from {top} {expected:,} of {bottom} {denominator:,}; the rows of {top} follow")
    expected = expected or 0
    CONSOLE.print(f"{found:,} by {rows:,} rows; {others:,} rows of the same area and period are not in it")
    if found != expected:
        CONSOLE.print(f"[bold red]The rows make {found:,} and not {expected:,}: do not trust this number.[/]")
    _show_rows(con, "counts", "rows that make the number")
    _show_rows(con, "not counts", "rows that are not in it", "why")
    _show_refused(con, number)
    show_rules(con, number.mart, number.column, number.dataset, number.about)
    return found == expected


def _said(value: float | None) -> str:
    """Return a number as it is told; a share has one decimal."""
    return "not known" if value is None else f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def _show_published(number: Number) -> bool:
    """Print what the release says, and the public zone where it differs; return whether the release has the number."""
    if not settings.CURRENT.exists():
        CONSOLE.print("There is no release yet: this number is not published.", style="bold red")
        return False
    with open_release(TASK_FORCE) as con:
        [(release,)] = con.execute("select release from release_info").fetchall()
        published = _cell(con, number)
    with open_release(PUBLIC) as con:
        seen = _cell(con, number)
    told = _said(published[0]) if published else "no such row"
    CONSOLE.print(f"Release {release}: {number.column} = {told}", markup=False)
    if not (seen and published and seen[0] == published[0]):
        CONSOLE.print(f"The public sees: {_seen(number, *seen) if seen else 'no such row'}", markup=False)
    if published != (number.value, ""):
        CONSOLE.print(
            f"The release says {told} and the working database {_said(number.value)}: what is listed is not what is "
            "published; run make nightly.",
            style="bold red",
            markup=False,
        )
        return False
    return True


def _cell(con: duckdb.DuckDBPyConnection, number: Number) -> tuple[float | None, str] | None:
    """Return the number as a zone has it, and the columns suppressed beside it; None where it has no such row."""
    mart = con.table(number.mart)
    suppressed = "coalesce(suppressed, '')" if "suppressed" in mart.columns else "''"
    where, values = number.row
    found = con.execute(f"select {number.column}, {suppressed} from {number.mart} where {where}", values).fetchall()
    return found[0] if found else None


def _seen(number: Number, value: float | None, suppressed: str) -> str:
    parts = {number.column, *(number.share[::2] if number.share else ())}
    if parts & {*suppressed.split(", ")}:
        return "nothing, it is suppressed"
    if value is None and number.share and number.value is not None:
        return f"nothing, it is of fewer than {LEAST_DENOMINATOR}"
    return f"{_said(value)}, rounded"


def total(con: duckdb.DuckDBPyConnection) -> int:
    """Return what the rows walked add up to: a child of several rows counts once."""
    [(found,)] = con.execute(
        "select coalesce(sum(amount), 0) from (select subject, max(amount) as amount from walked where counts group by subject)"
    ).fetchall()
    return int(found)


def _show_rows(con: duckdb.DuckDBPyConnection, which: str, title: str, *why: str) -> None:
    columns = ", ".join(
        (*why, "agency || '/' || dataset", "period || '/' || file_name", "coalesce(sheet, '-')", "status")
    )
    found = con.execute(
        f"""
        select {columns}, count(*) as rows, list(delivery_row order by delivery_row)
        from walked
        inner join audit.deliveries using (delivery_id)
        where {which}
        group by all
        order by {"rows desc, " if why else ""} 1, 2, 3
        """
    ).fetchall()
    if not found:
        return
    table = Table(*why, "dataset", "file", "sheet", "", "rows", "row numbers in the file", title=title)
    for *cells, rows, numbers in found:
        table.add_row(*(Text(visible(cell)) for cell in cells), f"{rows:,}", ranges(numbers))
    CONSOLE.print(table, markup=False)


def ranges(numbers: list[int]) -> str:
    """Return row numbers as a person writes them: 2, 5-7, and how many more."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number, number])
    shown = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs[:MOST_RANGES_SHOWN])
    more = sum(b - a + 1 for a, b in runs[MOST_RANGES_SHOWN:])
    return f"{shown} and {more:,} more" if more else shown


def _show_refused(con: duckdb.DuckDBPyConnection, number: Number) -> None:
    """A refused file has no rows: whether it had some of this area cannot be said."""
    for file, reason in con.execute(
        "select agency || '/' || dataset || '/' || period || '/' || file_name, reason from audit.deliveries "
        "where status = 'refused' and agency || '/' || dataset = ? and period in (select unnest(?)) order by 1",
        [number.dataset, number.periods],
    ).fetchall():
        CONSOLE.print(f"refused, not read: {visible(file)}\n    {visible(reason, 2000)}", markup=False)


def write_rows(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write one line per row walked to a CSV that only its owner can read."""
    rows = con.execute(
        """
        select agency || '/' || dataset as dataset, period, file_name, sheet, status, delivery_row, counts, why
        from walked
        inner join audit.deliveries using (delivery_id)
        order by counts desc, dataset, period, file_name, delivery_row
        """
    )
    head = [column[0] for column in rows.description]
    path.touch(mode=0o600, exist_ok=False)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(head)
        writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows.fetchall())


if __name__ == "__main__":
    run(main)
