"""What one looks up: the dictionary of columns, the files to take away, and what the words mean."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include.indonesian import number
from include.site import glossary
from include.site.page import Page, Row, Zone

DOCS = "dbt.html"
# Files that are no table's, and what they are.
FILES = {
    "tegak.xlsx": (
        "Tabel-tabel utama sebagai buku kerja Excel, satu lembar satu tabel, dengan kamus.",
        "The main tables as a workbook, one sheet a table, with a dictionary.",
    ),
    "tegak.duckdb": (
        "Semua tabel dalam satu berkas DuckDB, dengan keterangan tiap kolom: untuk DBeaver, Metabase, Superset, Python.",
        "All tables in one DuckDB file, with a comment on each column: for DBeaver, Metabase, Superset, Python.",
    ),
    "behind_public.parquet": (
        "Hitungan persis di balik angka yang diterbitkan untuk umum.",
        "The exact counts behind what is published for all.",
    ),
    "dictionary.csv": (
        "Kamus data: tiap kolom tiap tabel, jenisnya, dan apa yang dilihat umum.",
        "The dictionary: each column of each table, its type, and what the public sees of it.",
    ),
    "peringkat_kecamatan.pdf": ("Peringkat kecamatan, untuk dicetak.", "Ranking of the kecamatan, to print."),
    "capaian_opd.pdf": (
        "Capaian OPD triwulan terakhir, untuk dicetak.",
        "What each agency reached in the newest quarter, to print.",
    ),
    "laporan_semester.pdf": ("Laporan semester, untuk dicetak.", "The semester report, to print."),
    DOCS: (
        "Dokumentasi dbt: tiap model, kolom, aturan, kode SQL, dan silsilahnya dalam satu berkas (bahasa Inggris).",
        "dbt's documentation: each model, column, rule, its SQL and lineage in one file.",
    ),
}


@dataclass(frozen=True)
class Column:
    """One column of a table of the zone."""

    table: str
    name: str
    type: str
    description: str


@dataclass(frozen=True)
class Download:
    """One file of the release; `link` is relative to the site's folder, `table` empty when it is no table's."""

    link: str
    name: str
    bytes: int
    table: str = ""
    rows: int | None = None


def pages(zone: Zone) -> list[Page]:
    """Return the dictionary, the downloads and the glossary."""
    tables = read_tables(zone)
    downloads = read_downloads(zone, tables)
    by_table = {download.table: download for download in downloads if download.table}
    dictionary = {"columns": grouped(read_columns(zone)), "tables": tables, "downloads": by_table}
    terms = {"stunting": glossary.STUNTING, "data": glossary.DATA, "indicators": read_indicators(zone)}
    shows: dict[str, Any] = {
        "downloads": downloads,
        "tables": tables,
        "files": FILES,
        "size": size,
        "first": first_sentence,
    }
    return [
        Page("kamus.html", "kamus.html.j2", ("Kamus data", "Dictionary"), dictionary),
        Page("unduhan.html", "unduhan.html.j2", ("Unduhan", "Downloads"), shows),
        Page("istilah.html", "istilah.html.j2", ("Istilah", "Glossary"), terms),
    ]


def read_columns(zone: Zone) -> list[Column]:
    """Return the columns of each table, with the comments that stand in the zone's own database."""
    rows = zone.read(
        """
        select table_name, column_name, data_type, coalesce(comment, '') as comment
        from duckdb_columns()
        where not internal and table_name <> 'release_info'
        order by table_name, column_index
        """
    )
    return [Column(row["table_name"], row["column_name"], row["data_type"].lower(), row["comment"]) for row in rows]


def grouped(columns: list[Column]) -> dict[str, list[Column]]:
    """Return the columns by table."""
    found: dict[str, list[Column]] = {}
    for column in columns:
        found.setdefault(column.table, []).append(column)
    return found


def read_tables(zone: Zone) -> dict[str, Row]:
    """Return per table its comment, empty where it has none, and how many rows it has."""
    found = {}
    for row in zone.read(
        "select table_name, coalesce(comment, '') as comment from duckdb_tables() "
        "where not internal and table_name <> 'release_info' order by table_name"
    ):
        [counted] = zone.read(f"select count(*) as rows from {row['table_name']}")
        found[row["table_name"]] = row | counted
    return found


def read_downloads(zone: Zone, tables: dict[str, Row]) -> list[Download]:
    """Return the files that lie in the zone's folder when the site is made, the ones for most people first."""
    folder, site = zone.folder, zone.folder / "site"
    wanted = [folder / "tegak.xlsx", *sorted(folder.glob("print/*.pdf")), folder / "tegak.duckdb"]
    wanted += [folder.parent / "dictionary.csv", site / DOCS, *sorted(folder.glob("*.parquet"))]
    found = []
    for path in wanted:
        if path.is_file():
            table = path.stem if path.suffix == ".parquet" and path.stem in tables else ""
            link = Path(os.path.relpath(path, site)).as_posix()
            rows = tables[table]["rows"] if table else None
            found.append(Download(link, path.name, path.stat().st_size, table, rows))
    return found


def size(count: int) -> str:
    """Return a file's size in words: 812 KB, 4,3 MB."""
    if count < 1_000_000:
        return f"{number(max(1, count / 1000))}\u00a0KB"
    return f"{number(count / 1_000_000, 1)}\u00a0MB"


def first_sentence(text: str) -> str:
    """Return a description up to its first full stop; those of marts begin with their grain."""
    return text.split(". ")[0].rstrip(".") + "." if text else ""


def read_indicators(zone: Zone) -> list[Row]:
    """Return each indicator once, with its targets by year, newest first."""
    found: dict[str, Row] = {}
    for row in zone.read(
        """
        select catalogue.*, agencies.short_name
        from indicator_catalogue as catalogue
        left join agencies using (agency)
        order by name_indonesian, indicator_id, target_year desc
        """
    ):
        indicator = found.setdefault(row["indicator_id"], row | {"targets": []})
        if row["target_pct"] is not None:
            indicator["targets"].append(row)
    return list(found.values())
