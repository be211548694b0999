"""Reads one zone's tables, and writes each figure so that hidden, unknown and zero are never mixed up."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from include import warehouse
from include.disclosure import LEAST_DENOMINATOR, ROUNDING, THRESHOLD
from include.indonesian import HIDDEN, UNKNOWN, number, percent
from include.indonesian import period as in_words

Row = dict[str, Any]

FEW = f"n < {LEAST_DENOMINATOR}"
DATABASE = "tegak.duckdb"
NOWHERE = "unknown"  # the code of what could not be placed
_ABBREVIATIONS = {"bkb", "dtsen", "ehdw", "fsva", "krs", "paud", "rtlh", "stbm"}
# what the prints read; a zone need not have all of them
_TABLES = (
    "agencies",
    "area_estimates",
    "budget_progress",
    "convergence",
    "desa_priority",
    "indicator_catalogue",
    "krs_by_desa",
    "opd_progress",
    "semester_report",
    "stunting_by_desa",
    "stunting_by_kabupaten",
    "stunting_by_kecamatan",
    "stunting_path",
)


@dataclass
class Zone:
    """The rows of one zone's tables, in one order, and what stands on each of its prints.

    `visits` counts the visit list by desa and action, the one whose turn comes first leads: no print needs a single child.
    `is_invented`: an invented regency is in it.
    """

    release: str
    as_of: dict[str, str]
    is_public: bool
    tables: dict[str, list[Row]]
    visits: list[Row] = field(default_factory=list)
    is_invented: bool = False

    def rows(self, table: str) -> list[Row]:
        """Return a table's rows, none when the zone does not have it."""
        return self.tables.get(table, [])

    def agency(self, agency: str) -> str:
        """Return the name by which an agency is called."""
        return next((str(row["short_name"]) for row in self.rows("agencies") if row["agency"] == agency), agency)

    @property
    def downward(self) -> set[str]:
        """The indicators that shall fall."""
        return {row["indicator_id"] for row in self.rows("indicator_catalogue") if row["direction"] == "down"}

    @property
    def kabupaten(self) -> str:
        """Return "Kabupaten" with its name, as far as the tables tell it."""
        name = next((row["kabupaten_name"] for row in self.rows("stunting_by_kabupaten")), "")
        return f"Kabupaten {name}".strip()


def read_zone(folder: Path, release: str, as_of: dict[str, str]) -> Zone:
    """Read the tables of a zone's database that the prints show."""
    with duckdb.connect(str(folder / DATABASE), read_only=True, config=warehouse.config()) as con:
        has = {name for (name,) in con.execute("select table_name from duckdb_tables()").fetchall()}
        tables = {name: _rows(con, f"select * from {name} order by all") for name in _TABLES if name in has}
        visits = _rows(con, _VISITS) if "visit_list" in has else []
        [(is_invented,)] = con.execute("select is_invented from release_info").fetchall()
        [(is_public,)] = con.execute(
            "select count(*) > 0 from duckdb_columns() where table_name = 'stunting_by_desa' and column_name = 'suppressed'"
        ).fetchall()
    return Zone(release, as_of, bool(is_public), tables, visits, bool(is_invented))


_VISITS = """
    select desa_code, category, action, agency, count(*) as children,
        count(*) filter (where visit_week = 1) as first_week
    from visit_list
    group by all
    order by desa_code, min(visit_rank), action, agency
"""


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    found = con.execute(query)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def newest(rows: Iterable[Row], column: str) -> date | None:
    """Return the latest date in a column, None when there is none."""
    return max((row[column] for row in rows if row[column]), default=None)


def is_hidden(row: Row, column: str) -> bool:
    """Return whether the column's figure is suppressed in this row."""
    return column in str(row.get("suppressed") or "").split(", ")


def count(row: Row | None, column: str) -> str:
    """Return a count as it is shown; no row is unknown."""
    if row is None or (row[column] is None and not is_hidden(row, column)):
        return UNKNOWN
    return HIDDEN if row[column] is None else number(row[column])


def share(row: Row | None, column: str, *counts: str) -> str:
    """Return a percentage of counts of the row, the denominator last, as it is shown: hidden when one of them is."""
    if row is None:
        return UNKNOWN
    if row[column] is not None:
        return percent(row[column])
    if any(is_hidden(row, one) for one in counts):
        return HIDDEN
    return FEW if "suppressed" in row and 0 < (row[counts[-1]] or 0) < LEAST_DENOMINATOR else UNKNOWN


def span(low: float | None, high: float | None) -> str:
    """Return an interval of percentages."""
    return UNKNOWN if low is None or high is None else f"{number(low, 1)}–{percent(high)}"


def sign(zone: Zone) -> str:
    """Return what stands above each page of a print of an invented regency, nothing for a true one."""
    return "Data rekaan: bukan anak yang sebenarnya" if zone.is_invented else ""


def legend(zone: Zone) -> str:
    """Return what the signs mean in this zone."""
    if not zone.is_public:
        return f"{UNKNOWN} tidak diketahui; 0 nol. Zona satgas: angka pasti, tidak untuk disebarkan."
    return (
        f"{HIDDEN} disembunyikan (1–{THRESHOLD - 1}, dan yang dapat mengungkapnya); {UNKNOWN} tidak diketahui; 0 nol; "
        f"{FEW} penyebut terlalu kecil untuk persen. Zona publik: jumlah orang dibulatkan ke kelipatan {ROUNDING}."
    )


def as_of_words(zone: Zone) -> str:
    """Return the newest accepted period of each agency's datasets: "Oktober 2026: Dinkes (penimbangan); ..."."""
    gathered: dict[str, dict[str, list[str]]] = {}
    for key, period in sorted(zone.as_of.items(), key=lambda item: (item[1], item[0]), reverse=True):
        agency, _, dataset = key.rpartition("/")
        by_agency = gathered.setdefault(in_words(period), {})
        by_agency.setdefault(zone.agency(agency), []).append(_readable(dataset))
    told = []
    for period, by_agency in gathered.items():
        agencies = sorted(by_agency.items(), key=lambda item: item[0].lower())
        named = (f"{agency} ({', '.join(sorted(names, key=str.lower))})" for agency, names in agencies)
        told.append(f"{period}: {', '.join(named)}")
    return "; ".join(told) or "tidak diketahui"


def _readable(dataset: str) -> str:
    """Return a dataset's name as people write it; no table of a release has a title of it."""
    return " ".join(part.upper() if part in _ABBREVIATIONS else part for part in dataset.split("_"))
