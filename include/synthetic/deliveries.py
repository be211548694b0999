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

from include.synthetic import agency_rows
from include.synthetic.faults import ROW_FAULT_NAMES
from include.synthetic.files import Form, Sheet, write_file
from include.synthetic.population import Regions, Size
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
Source = Callable[[bool, datetime.date], tuple[agency_rows.Cells, str]]


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
    deliveries = [*_weighing_lists(size, regions, layouts, csv_forms, workbook_forms), *_agency_lists(size, layouts)]
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
            query = agency_rows.penimbangan(layouts[form.layout], form, file_no, numbers, fault)
            hidden = f"{agency_rows.penimbangan(layouts['hidden'], form, file_no, numbers)} limit 25"
            return Sheet(query, titles, hidden if form.has_hidden_sheet else None)

        titles = (
            "LAPORAN PENIMBANGAN BALITA",
            f"PUSKESMAS {puskesmas.upper()} BULAN {MONTHS[month - 1].upper()} {year}",
            "KABUPATEN SERANG",
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


def _agency_lists(size: Size, layouts: dict[str, list[str]]) -> Iterator[Delivery]:
    """The lists of all other agencies, one file per period."""
    is_large = size.families > 50_000
    plain = Form()
    semicolon = Form(delimiter=";", dates="%d/%m/%Y", decimal=",", missing="-")
    windows = Form(encoding="cp1252", dates="%d-%m-%Y", newline="\r\n")
    marked = Form(delimiter=";", encoding="utf-8-sig", missing="-")
    tab = Form(delimiter="\t", encoding="utf-16", dates="%d/%m/%Y", missing="-")
    book = Form(file="xlsx", dates="excel", missing="-")
    titled_book = replace(book, titles=2)
    old_book = Form(file="xls", dates="%d-%m-%Y", missing="-")

    def deliver(
        opd: str, source: Source, form: Form, period: str, end: datetime.date, lag: int, rows: int, is_first: bool
    ) -> Delivery:
        dataset = source.__name__
        cells, rest = source(is_first, end)
        headers = layouts.get(f"{dataset}_first", layouts[dataset]) if is_first else layouts[dataset]
        query = agency_rows.select(headers, cells, form, rest)
        query = query.replace(f'"{agency_rows.AGE_HEADER}"', f'"{agency_rows.AGE_HEADER} {end:%d-%m-%Y}"')
        titles = (dataset.replace("_", " ").upper(), f"KABUPATEN SERANG PERIODE {period}")[: form.titles]
        path = Path(opd) / dataset / period / f"{dataset}_{period.replace('-', '_')}{form.suffix}"
        arrived_at = datetime.datetime.combine(end, datetime.time(10)) + datetime.timedelta(days=lag)
        columns = agency_rows.WHO.get(dataset)
        who = agency_rows.who(columns, rest, path, form.rows_above) if columns else ""
        return Delivery(path, Sheet(query, titles), form, arrived_at, rows, who=who)

    quarters = [datetime.date(2026, 6, 30), datetime.date(2026, 9, 30)]
    rows = agency_rows
    for opd, source, first_form, second_form, lag, count in (
        ("dinsos", rows.dtsen_keluarga, plain, marked, 12, size.families),
        ("dinsos", rows.dtsen_anggota, plain, plain, 12, size.families * 3),
        ("dinsos", rows.bansos, semicolon, windows, 18, size.families // 3),
        ("disdukcapil", rows.anak, marked if is_large else titled_book, semicolon, 9, size.families // 2),
        ("dinkes", rows.stbm_desa, titled_book, tab, 15, 300),
    ):
        for end, form in zip(quarters, (first_form, second_form), strict=True):
            period = f"{end.year}-Q{end.month // 3}"
            yield deliver(opd, source, form, period, end, lag, count, is_first=end == quarters[0])
    survey_end, counted = datetime.date(2026, 8, 31), datetime.date(2026, 10, 15)
    year_end = datetime.date(2025, 12, 31)
    yield deliver("perkim", rows.rtlh_rumah, windows if is_large else old_book, "2026", survey_end, 15, 9_000, False)
    yield deliver("pupr", rows.air_minum_desa, semicolon, "2025", year_end, 60, 300, True)
    yield deliver("pupr", rows.air_minum_desa, book, "2026", counted, 15, 300, False)


def who_is_who(deliveries: list[Delivery]) -> str:
    """A query: the person of every row of every list of persons."""
    weighings = [(d.path, d.file_no, d.form.rows_above) for d in deliveries if d.file_no is not None]
    queries = [delivery.who for delivery in deliveries if delivery.who]
    return " union all ".join([agency_rows.who_was_weighed(weighings), *queries])


_connection: duckdb.DuckDBPyConnection


def _open(database: str) -> None:
    global _connection
    _connection = duckdb.connect(database, read_only=True, config={"threads": 1, "memory_limit": "900MB"})
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
        _open(str(database))
        for table, query in truths.items():
            _write_truth(query, str(truth / f"{table}.parquet"))
            done()
        for delivery in ordered:
            _write(delivery, str(landing))
            done()
        _connection.close()
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), _open, (str(database),)) as pool:
        jobs = [pool.submit(_write, delivery, str(landing)) for delivery in ordered]
        jobs += [pool.submit(_write_truth, query, f"{truth / table}.parquet") for table, query in truths.items()]
        for job in as_completed(jobs):
            job.result()
            done()
