"""The plan of deliveries: which file an agency sends when, in which form, with which fault; and the sending."""

import datetime
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, fields, replace
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import duckdb
import yaml

from include.room import available_memory
from include.synthetic.faults import ROW_FAULT_NAMES
from include.synthetic.files import Form, Sheet, write_file
from include.synthetic.lists import (
    bappeda,
    dindik,
    dinkes,
    dinsos,
    disdukcapil,
    dkbp3a,
    dpmd,
    kemenag,
    ketahanan_pangan,
    perkim,
    pupr,
)
from include.synthetic.lists.cells import Listing, select
from include.synthetic.lists.penimbangan import penimbangan, who_was_weighed
from include.synthetic.population import QUARTER_ENDS, Regions, Size
from include.synthetic.store import write_truth

LAYOUTS = Path(__file__).with_name("layouts.yml")
MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
CAMPAIGN_MONTHS = (2, 8)
# Faults of whole files: the first list that gets one, and then every how many lists. Mixed date order: 1 file in 20
# (domain 12.3). The others are ours: each happens in every size.
FAULTY_LISTS = {
    "mixed_date_order": (1, 20),
    "wrong_header": (0, 120),
    "resent": (2, 120),
    "redelivered": (3, 120),
    "held": (4, 120),
}
Source = Callable[[bool, datetime.date], Listing]


@dataclass(frozen=True)
class Delivery:
    """One file: its path below the landing folder, what it holds, when it arrives and what is wrong with it."""

    path: Path
    sheet: Sheet
    form: Form
    arrived_at: datetime.datetime
    rows: int = 0  # a guess of its cost, so that large files are written first
    file_no: int | None = None
    fault: str = ""
    who: str = ""  # a query: who the person of each row is; empty in weighing lists and lists without persons
    planned_faults: str = ""  # a query: which rows have which planned fault


def read_layouts() -> tuple[dict[str, list[str]], list[Form], list[Form]]:
    """The header lists by name, and the csv and workbook forms of the weighing list."""
    known = {field.name for field in fields(Form)}
    content = yaml.safe_load(LAYOUTS.read_text(encoding="utf-8"))
    for form in content["csv_forms"] + content["workbook_forms"]:
        if unknown := set(form) - known:
            raise ValueError(f"{LAYOUTS.name}: unknown key {sorted(unknown)}")
    csv_forms = [Form(**form) for form in content["csv_forms"]]
    return content["layouts"], csv_forms, [Form(**form) for form in content["workbook_forms"]]


def plan(size: Size, regions: Regions) -> list[Delivery]:
    """All deliveries of a size, in order of arrival."""
    layouts, csv_forms, workbook_forms = read_layouts()
    deliveries = [
        *_weighing_lists(size, regions, layouts, csv_forms, workbook_forms),
        *_agency_lists(size, regions, layouts),
    ]
    return sorted(deliveries, key=lambda delivery: (delivery.arrived_at, str(delivery.path)))


def _weighing_lists(
    size: Size, regions: Regions, layouts: dict[str, list[str]], csv_forms: list[Form], workbook_forms: list[Form]
) -> Iterator[Delivery]:
    """One list per puskesmas and month; a faulty one is followed a week later by its correction or its copy."""
    names = regions.puskesmas["puskesmas_name"]
    numbers = {name: number for number, name in enumerate(ROW_FAULT_NAMES) if name}
    # a small regency shows every form; in the large one three workbooks in a hundred keep the time short
    workbook_every = 2 if len(names) < 10 else 33
    for file_no, (start, (puskesmas_no, puskesmas)) in enumerate(product(size.month_starts, enumerate(names))):
        year, month = (int(part) for part in str(start).split("-"))
        fault = next((f for f, (first, every) in FAULTY_LISTS.items() if file_no % every == first), "")
        turn, rest = divmod(file_no, workbook_every)
        if fault == "mixed_date_order":
            form = csv_forms[0]
        elif rest == workbook_every - 1 and fault != "wrong_header":
            form = workbook_forms[turn % len(workbook_forms)]
        else:
            form = csv_forms[(file_no - turn) % len(csv_forms)]
        if month in CAMPAIGN_MONTHS:
            form = replace(form, layout="campaign")

        def sheet(fault: str, form: Form = form, file_no: int = file_no, titles: tuple[str, ...] = ()) -> Sheet:
            query = penimbangan(layouts[form.layout], form, file_no, numbers, fault)
            hidden = f"{penimbangan(layouts['hidden'], form, file_no, numbers)} limit 25"
            return Sheet(query, titles, hidden if form.has_hidden_sheet else None)

        titles = (
            "LAPORAN PENIMBANGAN BALITA",
            f"PUSKESMAS {puskesmas.upper()} BULAN {MONTHS[month - 1].upper()} {year}",
            f"KABUPATEN {regions.name.upper()}",
        )[: form.titles]
        month_after = datetime.datetime(year + month // 12, month % 12 + 1, 1, 8)
        arrived_at = month_after + datetime.timedelta(days=3 + file_no * 5 % 9, minutes=puskesmas_no * 7)
        path = Path("dinkes/penimbangan") / str(start) / f"{puskesmas.replace(' ', '_')}_{year}{month:02}{form.suffix}"
        rows = size.under_fives // len(names) * (10 if form.file != "csv" else 1)
        first = Delivery(path, sheet(fault, titles=titles), form, arrived_at, rows, file_no, fault)
        yield first
        if fault:
            ending = "kirim_ulang" if fault == "resent" else "perbaikan"
            yield replace(
                first,
                path=path.with_name(f"{path.stem}_{ending}{path.suffix}"),
                sheet=sheet("", titles=titles),
                arrived_at=arrived_at + datetime.timedelta(days=7),
                fault=f"copy_of_{fault}" if fault == "resent" else f"correction_of_{fault}",
            )


def _agency_lists(size: Size, regions: Regions, layouts: dict[str, list[str]]) -> Iterator[Delivery]:
    """The lists of all other agencies, one file per period."""
    is_large = size.families > 50_000
    plain = Form()
    semicolon = Form(delimiter=";", dates="%d/%m/%Y", decimal=",", missing="-")
    windows = Form(encoding="cp1252", dates="%d-%m-%Y", newline="\r\n")
    office = replace(semicolon, encoding="cp1252", newline="\r\n")
    marked = Form(delimiter=";", encoding="utf-8-sig", missing="-")
    tab = Form(delimiter="\t", encoding="utf-16", dates="%d/%m/%Y", missing="-")
    book = Form(file="xlsx", dates="excel", missing="-")
    titled_book = replace(book, titles=2)
    old_book = Form(file="xls", dates="%d-%m-%Y", missing="-")

    def large(form: Form, small_form: Form) -> Form:
        return form if is_large else small_form

    def deliver(
        source: Source, form: Form, period: str, end: datetime.date, lag: int, rows: int, turn: int
    ) -> Delivery:
        opd, dataset = source.__module__.rpartition(".")[2], source.__name__
        listing = source(turn == 0, end)
        headers = layouts.get(f"{dataset}_first", layouts[dataset]) if turn == 0 else layouts[dataset]
        query = select(headers, listing, form)
        query = query.replace(f'"{disdukcapil.AGE_HEADER}"', f'"{disdukcapil.AGE_HEADER} {end:%d-%m-%Y}"')
        title = listing.title or dataset.replace("_", " ").upper()
        titles = (title, f"KABUPATEN {regions.name.upper()} PERIODE {period}")[: form.titles]
        path = Path(opd) / dataset / period / f"{dataset}_{period.replace('-', '_')}{form.suffix}"
        arrived_at = datetime.datetime.combine(end, datetime.time(10)) + datetime.timedelta(days=lag)
        who = listing.who_is_who(path, form.rows_above) if listing.who else ""
        planned = listing.planned_faults(path, form.rows_above) if listing.fault else ""
        return Delivery(path, Sheet(query, titles), form, arrived_at, rows, who=who, planned_faults=planned)

    # a list of each quarter: the forms of the two quarters, the days until it arrives, and about how many rows
    for source, first_form, second_form, lag, count in (
        (dinsos.dtsen_keluarga, plain, marked, 12, size.families),
        (dinsos.dtsen_anggota, plain, plain, 12, size.families * 3),
        (dinsos.bansos, semicolon, windows, 18, size.families // 3),
        (disdukcapil.anak, large(marked, titled_book), semicolon, 9, size.families // 2),
        (dinkes.stbm_desa, titled_book, tab, 15, 300),
        (dinkes.ibu_hamil, large(semicolon, titled_book), windows, 8, size.families // 16),
        (dinkes.imunisasi, semicolon, tab, 10, size.families // 9),
        (dkbp3a.krs_keluarga, marked, plain, 20, size.families // 2),
        (dkbp3a.catin, old_book, office, 11, size.families // 60),
        (dkbp3a.bkb_desa, titled_book, old_book, 14, 300),
        (dpmd.ehdw_desa, semicolon, book, 16, 300),
        (dpmd.dana_desa, office, titled_book, 21, 300),
        (kemenag.bimwin, old_book, windows, 7, 30),
        (bappeda.anggaran, titled_book, semicolon, 25, 30),
    ):
        for turn, (end, form) in enumerate(zip(QUARTER_ENDS.tolist(), (first_form, second_form), strict=True)):
            yield deliver(source, form, f"{end.year}-Q{end.month // 3}", end, lag, count, turn)
    # a list of a year: the day to which it counts, and its turn
    survey_end, counted, school_year = (
        datetime.date(2026, 8, 31),
        datetime.date(2026, 10, 15),
        datetime.date(2026, 7, 31),
    )
    year_end = datetime.date(2025, 12, 31)
    for source, form, period, end, lag, count, turn in (
        (perkim.rtlh_rumah, large(windows, old_book), "2026", survey_end, 15, 9_000, 1),
        (pupr.air_minum_desa, semicolon, "2025", year_end, 60, 300, 0),
        (pupr.air_minum_desa, book, "2026", counted, 15, 300, 1),
        (dindik.paud_desa, old_book, "2025", year_end, 45, 300, 0),
        (dindik.paud_desa, marked, "2026", school_year, 40, 300, 1),
        (ketahanan_pangan.fsva_desa, titled_book, "2026", survey_end, 30, 300, 1),
        (bappeda.survei, titled_book, "2026", datetime.date(2026, 5, 31), 12, 9, 1),
    ):
        yield deliver(source, form, period, end, lag, count, turn)


def who_is_who(deliveries: list[Delivery]) -> str:
    """A query: the person of every row of every list of persons."""
    weighings = [(d.path, d.file_no, d.form.rows_above) for d in deliveries if d.file_no is not None]
    queries = [delivery.who for delivery in deliveries if delivery.who]
    return " union all ".join([who_was_weighed(weighings), *queries])


def planned_faults(deliveries: list[Delivery]) -> str:
    """A query: path, row and fault of every planned fault of a row, those of the weighing lists apart."""
    return " union all ".join(delivery.planned_faults for delivery in deliveries if delivery.planned_faults)


_connection: duckdb.DuckDBPyConnection


def _open(database: str, workers: int) -> None:
    global _connection
    # half of what is free, shared: where it spilled, DuckDB 1.5.5 crashed each time on the lists of 12 regencies
    limit = max(900, (available_memory() or 0) // workers // 2_000_000)
    _connection = duckdb.connect(database, read_only=True, config={"threads": 1, "memory_limit": f"{limit}MB"})
    _connection.execute("set enable_progress_bar = false")


def _write(delivery: Delivery, landing: str) -> None:
    path = Path(landing) / delivery.path
    write_file(_connection, delivery.sheet, delivery.form, path)
    stamp = delivery.arrived_at.replace(tzinfo=datetime.UTC).timestamp()
    os.utime(path, (stamp, stamp))


def _write_truth(query: str, file: str) -> None:
    write_truth(_connection, query, Path(file))


def send(
    deliveries: list[Delivery],
    truths: dict[str, str],
    database: Path,
    landing: Path,
    truth: Path,
    workers: int,
    done: Callable[[], None],
) -> None:
    """Write all files and the truth, a query per table, the largest first, and call done after each.

    One worker means this process; more are processes of their own, each reading the database.
    """
    ordered = sorted(deliveries, key=lambda delivery: -delivery.rows)
    if workers == 1:
        _open(str(database), workers)
        for table, query in truths.items():
            _write_truth(query, str(truth / f"{table}.parquet"))
            done()
        for delivery in ordered:
            _write(delivery, str(landing))
            done()
        _connection.close()
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), _open, (str(database), workers)) as pool:
        jobs = [pool.submit(_write, delivery, str(landing)) for delivery in ordered]
        jobs += [pool.submit(_write_truth, query, f"{truth / table}.parquet") for table, query in truths.items()]
        for job in as_completed(jobs):
            job.result()
            done()
