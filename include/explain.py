"""`make explain NUMBER="stunting_by_desa 36.04.11.2003 2026-10 stunted"`: what one published number is made of.

Walks the private working database back from the number to files and rows, and says which rows of the same area and
month are not in it, and why. Prints files and row numbers, never a name.
"""

import argparse
import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb
from rich.table import Table
from rich.text import Text

from include import warehouse
from include.cells import harmless
from include.console import CONSOLE
from include.explain_indicators import INDICATORS, dataset_of, walk_indicator
from include.explain_rules import show_rules
from include.explain_weighings import AREAS, COLUMNS, SHARES, WEIGHINGS, walk_weighings
from include.problem import Problem, run
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
    share: tuple[str, int, str, int] | None
    walk: Callable[[duckdb.DuckDBPyConnection], None]


def main() -> int:
    """Return 0 when the rows listed make the number, 1 when they do not; raise `Problem` when it cannot be explained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("number", nargs="*", help="mart, area code, month and column")
    parser.add_argument("--csv", type=Path, help="writes every row to a file that only you can read")
    arguments = parser.parse_args()
    with warehouse.open_to_read() as con:
        number = find_number(con, " ".join(arguments.number).split())
        is_made = explain(con, number)
        if arguments.csv:
            write_rows(con, arguments.csv)
            CONSOLE.print(f"Every row: {arguments.csv}", markup=False)
    return 0 if is_made else 1


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
    found = con.execute(
        f"select {column}, {top}, {bottom} from marts.{mart} where {code} = ? and strftime(month, '%Y-%m') = ?",
        [area, month],
    ).fetchall()
    if not found:
        raise Unknown(f"{mart} has no row for {area} in {month}: no child was due there.")
    value, numerator, denominator = found[0]
    return Number(
        mart,
        f"{mart} {area} ({names[area]}) {month}",
        area,
        WEIGHINGS,
        [month],
        column,
        value,
        (top, numerator, bottom, denominator) if column in SHARES else None,
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
    found = con.execute(
        f"select strftime(quarter, '%Y-%m-%d'), {column}, coalesce(numerator, 0), coalesce(denominator, 0) from marts.opd_progress "
        f"where indicator_id = ? and area_level = ? and area_code = ? and {quarters} = ?",
        [indicator, *known[0], period],
    ).fetchall()
    if not found:
        raise Unknown(f"{mart} has no row of {indicator} for {area} in {period}: no record was due there.")
    quarter, value, numerator, denominator = found[0]
    return Number(
        mart,
        f"{mart} {indicator} {area} {period}",
        indicator,
        dataset_of(indicator),
        [period, quarter[:4], f"{quarter[:5]}{int(quarter[5:7]) + 2:02}"],
        column,
        value,
        ("numerator", numerator, "denominator", denominator),
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
    CONSOLE.print(f"{number.title}: {number.column} = {number.value}", style="bold", markup=False)
    expected = number.value
    if number.share:
        top, expected, bottom, denominator = number.share
        CONSOLE.print(f"from {top} {expected:,} of {bottom} {denominator:,}; the rows of {top} follow")
    CONSOLE.print(f"{found:,} by {rows:,} rows; {others:,} rows of the same area and period are not in it")
    if found != expected:
        CONSOLE.print(f"[bold red]The rows make {found:,} and not {expected:,}: do not trust this number.[/]")
    _show_rows(con, "counts", "rows that make the number")
    _show_rows(con, "not counts", "rows that are not in it", "why")
    _show_refused(con, number)
    show_rules(con, number.mart, number.column, number.dataset, number.about)
    return found == expected


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
    path.unlink(missing_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(head)
        writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows.fetchall())


if __name__ == "__main__":
    run(main)
