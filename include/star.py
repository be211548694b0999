"""Writes the star schema of one zone as a workbook, `<zone>/tegak.xlsx`: for whoever has Excel and nothing else.

One sheet per table, in front of them `Baca dulu` (what this is, what an empty cell means, what was left out), at the
end `Kamus` with each column. It is made of the zone's own database and of nothing else. A sheet is for people, so the
facts go back some years only; the DuckDB and Parquet files have all. The same tables, release and dates give the same
bytes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

from include import warehouse
from include.cells import harmless
from include.comments import read_comments
from include.disclosure import LEAST_DENOMINATOR
from include.private import scratch_folder

WORKBOOK = "tegak.xlsx"
MONTHS, QUARTERS = 24, 4
GUIDE, DICTIONARY = "Baca dulu", "Kamus"
_MOST_ROWS = 1_000_000  # a sheet ends at 1,048,576
_LONGEST_CELL = 32_767
_EPOCH = date(1899, 12, 30)  # day 0 of a spreadsheet
_MADE = datetime(2026, 1, 1)  # a property of the file; the true moment is the release's name
_BATCH = 5_000
_NEWEST_MONTHS = f"month > (select max(month) - interval {MONTHS} month from {{table}})"
_NEWEST_QUARTERS = "{column} > (select max({column}) - interval {months} month from {table})"


@dataclass(frozen=True)
class Sheet:
    """One table of the star: which of its rows are shown, and what was left out, in Indonesian."""

    table: str
    rows: str = "true"
    left_out: str = ""


_MONTHS_SAID = f"{MONTHS} bulan terakhir"
_QUARTERS_SAID = f"{QUARTERS} triwulan terakhir"
SHEETS = [
    *(
        Sheet(table, _NEWEST_MONTHS.format(table=table), _MONTHS_SAID)
        for table in ("fact_stunting", "stunting_by_kecamatan", "stunting_by_puskesmas", "stunting_by_kabupaten")
    ),
    Sheet(
        "fact_indicator",
        _NEWEST_QUARTERS.format(column="month", months=3 * QUARTERS, table="fact_indicator"),
        _QUARTERS_SAID,
    ),
    Sheet(
        "opd_progress",
        "area_level in ('kecamatan', 'kabupaten') and "
        + _NEWEST_QUARTERS.format(column="quarter", months=3 * QUARTERS, table="opd_progress"),
        f"tingkat kecamatan dan kabupaten, {_QUARTERS_SAID}",
    ),
    *(Sheet(f"dim_{name}") for name in ("desa", "kecamatan", "puskesmas", "month", "opd", "indicator")),
]


def write_workbook(zone_folder: Path, release: str, as_of: Mapping[str, str]) -> Path:
    """Write the workbook of a zone beside its database and return it.

    `release` is the release's name, `as_of` the newest accepted period of each dataset, as in the manifest. A table
    that the zone does not have is left out, one without rows says so.
    """
    path = zone_folder / WORKBOOK
    with (
        duckdb.connect(str(zone_folder / "tegak.duckdb"), read_only=True, config=warehouse.config()) as con,
        scratch_folder() as folder,
        xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": str(folder)}) as book,
    ):
        book.set_properties({"title": f"Tegak {release}", "created": _MADE})
        comments = read_comments(con)
        sheets = [sheet for sheet in SHEETS if sheet.table in comments]
        counted = {sheet.table: _count(con, sheet) for sheet in sheets}
        looks = _Looks(book)
        _write_guide(book, looks, _guide(zone_folder.name, release, as_of, sheets, counted))
        for sheet in sheets:
            _write_table(book.add_worksheet(sheet.table), looks, con, sheet)
        _write_dictionary(book.add_worksheet(DICTIONARY), looks, comments, sheets)
    return path


def _count(con: duckdb.DuckDBPyConnection, sheet: Sheet) -> tuple[int, int]:
    """Return how many rows the sheet shows, and how many the table has."""
    [found] = con.execute(f"select count(*) filter ({sheet.rows}), count(*) from {sheet.table}").fetchall()
    return min(found[0], _MOST_ROWS), found[1]


class _Looks:
    """The looks of cells, by the kind of what is in them."""

    def __init__(self, book: Any) -> None:
        self.head = book.add_format({"bold": True, "bg_color": "#D9E1F2", "border": 1, "valign": "top"})
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.section = book.add_format({"bold": True, "font_size": 12, "top": 1})
        self.prose = book.add_format({"text_wrap": True, "valign": "top"})
        self.text = book.add_format({"num_format": "@"})
        self.count = book.add_format({"num_format": "#,##0"})
        self.share = book.add_format({"num_format": "0.0"})
        self.month = book.add_format({"num_format": "mmm yyyy", "align": "left"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.suppressed = book.add_format({"bg_color": "#BFBFBF", "pattern": 8})


_Writer = Callable[[int, int, Any], Any]


def _write_table(page: Any, looks: _Looks, con: duckdb.DuckDBPyConnection, sheet: Sheet) -> None:
    """Write header and rows; the cells that a row names as suppressed are empty and hatched."""
    asked = con.execute(f"select * from {sheet.table} where {sheet.rows} order by all limit {_MOST_ROWS}")
    columns = [(str(name), str(kind)) for name, kind, *_ in asked.description or []]
    for place, (name, kind) in enumerate(columns):
        page.set_column(place, place, _width(name, kind))
        page.write_string(0, place, name, looks.head)
    writers = [_writer(page, looks, name, kind) for name, kind in columns]
    hidden = next((place for place, (name, _) in enumerate(columns) if name == "suppressed"), None)
    places = {name: place for place, (name, _) in enumerate(columns)}
    last = 0
    for last, row in enumerate(_rows(asked), start=1):
        for place, value in enumerate(row):
            if value is not None:
                writers[place](last, place, value)
        if hidden is not None and row[hidden]:
            for name in row[hidden].split(", "):
                page.write_blank(last, places[name], None, looks.suppressed)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(last, 1), len(columns) - 1)
    if not last:
        page.write_string(1, 0, "Tidak ada baris dalam rilis ini.", looks.text)


def _rows(asked: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := asked.fetchmany(_BATCH):
        yield from rows


def _writer(page: Any, looks: _Looks, name: str, kind: str) -> _Writer:
    """Return how values of a column are written: numbers and days as such, all else as text that is no formula."""
    if kind in ("BIGINT", "INTEGER", "HUGEINT"):
        return lambda row, place, value: page.write_number(row, place, value, looks.count)
    if kind == "DOUBLE":
        return lambda row, place, value: page.write_number(row, place, value, looks.share)
    if kind == "BOOLEAN":
        return lambda row, place, value: page.write_boolean(row, place, value)
    if kind == "DATE":
        look = looks.month if name in ("month", "quarter") else looks.day
        return lambda row, place, value: page.write_number(row, place, (value - _EPOCH).days, look)
    return lambda row, place, value: page.write_string(row, place, _text(value), looks.text)


def _text(value: object) -> str:
    text = str(value)
    if not text.isprintable():  # signs that XML cannot hold would break the whole file
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return harmless(text)[:_LONGEST_CELL]


def _width(name: str, kind: str) -> int:
    if kind == "VARCHAR":
        wide = ("definition", "can_do", "legal_basis", "name_indonesian", "name_english", "agency_name", "label")
        return 40 if any(word in name for word in wide) else 18
    return max(len(name) + 3, 11)


def _write_guide(book: Any, looks: _Looks, lines: list[tuple[str, str]]) -> None:
    page = book.add_worksheet(GUIDE)
    page.set_column(0, 0, 30)
    page.set_column(1, 1, 110)
    page.hide_gridlines(2)
    for number, (left, right) in enumerate(lines):
        page.write_string(
            number, 0, _text(left), looks.title if not number else looks.prose if right else looks.section
        )
        page.write_string(number, 1, _text(right), looks.prose)


def _guide(
    zone: str, release: str, as_of: Mapping[str, str], sheets: list[Sheet], counted: Mapping[str, tuple[int, int]]
) -> list[tuple[str, str]]:
    """Return the lines of the first sheet, left and right cell; a line without a right one begins a part."""
    is_public = zone == "public"
    hidden = (
        "Angka kecil (1-4) disembunyikan demi kerahasiaan, begitu pula angka lain yang akan membocorkannya; nama "
        "kolomnya ada di kolom suppressed. Semua jumlah orang lainnya dibulatkan."
    )
    lines = [
        ("Tegak: data stunting untuk Excel", ""),
        ("Rilis", release),
        ("Zona", "publik (untuk semua)" if is_public else "satuan tugas (jumlah persis, jangan disebarkan)"),
        ("Isi", "Skema bintang: lembar fact_* berisi angka, lembar dim_* berisi nama. Hubungkan lewat kolom kode."),
        ("Cara membaca", ""),
        ("Sel berarsir", hidden if is_public else "Tidak ada di zona ini: semua jumlah persis."),
        ("Sel kosong tanpa arsir", "Jumlah yang tidak diketahui. Kosong bukan nol."),
        (
            "Persentase kosong",
            f"Salah satu jumlahnya kosong, atau penyebutnya di bawah {LEAST_DENOMINATOR}; tidak diarsir."
            if is_public
            else "Jumlahnya tidak diketahui, atau penyebutnya nol.",
        ),
        ("0", "Memang nol."),
        (
            "Jangan menjumlah baris" if is_public else "Menjumlah",
            "Yang disembunyikan akan hilang dari jumlahnya, juga antar-kecamatan. Ambil angka kecamatan, puskesmas, dan "
            "kabupaten dari tabel tingkatnya sendiri: stunting_by_* dan opd_progress."
            if is_public
            else "Jumlah boleh dijumlah antarwilayah dalam satu bulan, jangan antarbulan, antartriwulan, atau "
            "antarindikator: orang yang sama terhitung lagi. Persentase jangan dijumlah; bagilah jumlah dengan jumlah.",
        ),
        ("Prevalensi", "stunted_pct adalah persen dari yang tingginya sah; tulis selalu bersama measured dan due."),
        ("Kode wilayah", "Kode Kemendagri sebagai teks; unknown berarti tidak ada dalam daftar."),
        ("Bulan", "month adalah tanggal pertama bulan itu; pada fact_indicator bulan pertama triwulan."),
        ("Lembar", ""),
    ]
    for sheet in sheets:
        shown, there = counted[sheet.table]
        told = f"{_number(shown)} baris"
        if shown < there:
            told += f" dari {_number(there)}: {sheet.left_out or 'lembar Excel penuh'}. Semuanya ada di tegak.duckdb dan Parquet"
        lines.append((sheet.table, f"{told}."))
    lines += [(DICTIONARY, "Arti setiap kolom, dalam bahasa Inggris (in English)."), ("Data sampai dengan", "")]
    lines += sorted(as_of.items()) or [("tidak diketahui", "Belum ada kiriman yang diterima.")]
    shaded = "hatched: small or would betray a small count; " if is_public else ""
    least = f" A percentage is empty where its denominator is under {LEAST_DENOMINATOR}." if is_public else ""
    adding = (
        "Add no rows; take a total from its tier's own table."
        if is_public
        else "Counts may be added over areas of one month, never over months, quarters or indicators; percentages never."
    )
    return [
        *lines,
        ("In English", ""),
        ("Cells", f"{shaded}empty: unknown, which is not zero.{least}"),
        ("Adding", adding),
    ]


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _write_dictionary(
    page: Any, looks: _Looks, comments: Mapping[str, tuple[str, Mapping[str, str]]], sheets: list[Sheet]
) -> None:
    for place, (name, width) in enumerate((("tabel", 24), ("kolom", 24), ("arti (bahasa Inggris)", 120))):
        page.set_column(place, place, width)
        page.write_string(0, place, name, looks.head)
    lines = [
        line
        for sheet in sheets
        for line in (
            (sheet.table, "", comments[sheet.table][0]),
            *((sheet.table, column, text) for column, text in comments[sheet.table][1].items()),
        )
    ]
    for number, line in enumerate(lines, start=1):
        for place, text in enumerate(line):
            page.write_string(number, place, _text(text), looks.prose if place == 2 else looks.text)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, len(lines), 2)
