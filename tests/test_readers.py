"""What agencies send comes in whole: any file kind, encoding, delimiter, title and column order; no row is lost."""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include import load, textfile, warehouse
from include.contract import Dataset
from include.contract_reader import find_dataset
from tests.conftest import Desk

FIXTURES = Path(__file__).parent / "fixtures"
READ = "_row, nik, nama, lahir, berat, jumlah"
DAY = dt.date(2021, 2, 5)

# Six people, with a blank line after the third. Rows count from the header.
PEOPLE: list[tuple[Any, ...]] = [
    (1, "3604050502210001", "SITI AMINAH", DAY, 9.5, 3),
    (2, "3604055303220002", "Budi, S.Pd; anak ke-2", dt.date(2022, 3, 13), 10.25, 0),
    (3, None, "BY NY RATNA", dt.date(2026, 9, 30), 3.0, None),
    (5, "3604051112200003", "ZOË NUR’AINI", dt.date(2020, 12, 11), None, 1234),
    (6, "3604051011190004", "Tab\tdan | garis", dt.date(2019, 11, 10), 12.0, 1),
    (7, "3604050101210005", "DEWI", dt.date(2021, 1, 1), 8.75, 12),
]
HEADERS = {"No": 0, "NIK": 1, "Nama Anak": 2, "Tgl Lahir": 3, "Berat (kg)": 4, "Jumlah": 5, "Alamat Rumah": 6}
TITLES = ["DATA PENIMBANGAN BALITA", "", 'Puskesmas "Kramatwatu"', "Bulan: Oktober 2026; dicetak 01/11/2026, 08.00"]
ORDERS = [list(HEADERS), ["Jumlah", "Alamat Rumah", "Tgl Lahir", "NIK", "Berat (kg)", "No", "Nama Anak"]]


def people(order: Sequence[str], titles: int, is_workbook: bool, comma: str = ".") -> Iterator[list[Any]]:
    """Yield the rows of the sheet: titles, header, people; in a workbook as Excel's own dates and numbers."""
    for title in (TITLES * 3)[:titles]:
        yield [title]
    yield list(order)
    for number, nik, nama, lahir, berat, jumlah in PEOPLE:
        if number == 5:
            yield ["" for _ in order] if is_workbook else []
        cells: dict[str, Any] = {
            "No": number,
            "NIK": nik or "36040**********",
            "Nama Anak": nama,
            "Alamat Rumah": "Jl. A",
        }
        if is_workbook:
            cells |= {"Tgl Lahir": lahir, "Berat (kg)": berat, "Jumlah": jumlah}
        else:
            cells |= {"Tgl Lahir": f"{lahir:%d/%m/%Y}", "Berat (kg)": str(berat or "-").replace(".", comma)}
            cells |= {"Jumlah": "-" if jumlah is None else jumlah}
        yield [cells[name] for name in order]


def csv_file(rows: Iterator[list[Any]], encoding: str = "utf-8", delimiter: str = ",", end: str = "\r\n") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_file(rows: Iterator[list[Any]], hidden: Sequence[Sequence[Any]] = ()) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"default_date_format": "dd/mm/yyyy"}) as workbook:
        if hidden:
            other = workbook.add_worksheet("Rekap")
            for row, cells in enumerate(hidden):
                other.write_row(row, 0, cells)
        sheet = workbook.add_worksheet("Data Balita")
        sheet.activate()
        if hidden:
            sheet.set_first_sheet()
            other.hide()
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(row, column, cell)
                else:
                    sheet.write(row, column, cell)
    return content.getvalue()


def xls_file(rows: Iterator[list[Any]]) -> bytes:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Data Balita")
    as_date = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell, *([as_date] if isinstance(cell, dt.date) else []))
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inner in files.items():
            archive.writestr(name, inner)
    return content.getvalue()


TEXT_KINDS = list(product(["utf-8", "utf-8-sig", "utf-16", "cp1252"], [",", ";", "\t", "|"]))


@pytest.mark.parametrize("order", ORDERS, ids=["order-1", "order-2"])
@pytest.mark.parametrize("titles", [0, 1, 12])
@pytest.mark.parametrize("is_zipped", [False, True], ids=["plain", "zip"])
@pytest.mark.parametrize("kind", ["xlsx", "xls", *TEXT_KINDS], ids=str)
def test_the_same_people_come_out_of_every_kind_of_file(
    desk: Desk, timbang: Dataset, kind: str | tuple[str, str], is_zipped: bool, titles: int, order: list[str]
) -> None:
    if isinstance(kind, tuple):
        encoding, delimiter = kind
        content = csv_file(people(order, titles, False, "," if delimiter == ";" else "."), encoding, delimiter)
    else:
        content = {"xlsx": xlsx_file, "xls": xls_file}[kind](people(order, titles, True))
    if is_zipped:
        content = zipped(**{"kiriman/data.bin": content, "__MACOSX/._data.bin": b"\0", "kiriman/.DS_Store": b"\0"})
    assert desk.read(timbang, content) is None
    assert desk.rows(timbang, READ) == [
        (number + titles + 1, nik, nama.replace("\t", " "), *rest) for number, nik, nama, *rest in PEOPLE
    ]
    assert desk.rows(timbang, "_row, _lost, _unreadable") == [
        (number + titles + 1, ["nik"] if nik is None else [], []) for number, nik, *_ in PEOPLE
    ]


def test_every_cell_is_kept_as_text_with_its_file_sheet_and_row(desk: Desk, timbang: Dataset) -> None:
    desk.read(timbang, xlsx_file(people(ORDERS[0], 2, True)), "oktober.xlsx")
    types = desk.con.execute("select distinct data_type from duckdb_columns() where table_name = 'uji__timbang'")
    assert sorted(types.fetchall()) == [("BIGINT",), ("VARCHAR",)]  # only the row's number is a number
    raw = "select d.file_name, d.sheet, r._row, r.nik, r.lahir, r.berat from raw.uji__timbang as r "
    cells = desk.con.execute(f"{raw} inner join audit.deliveries as d on r._delivery_id = d.delivery_id order by _row")
    assert cells.fetchall()[0] == ("oktober.xlsx", "Data Balita", 4, "3604050502210001", "2021-02-05", "9.5")


def test_a_hidden_sheet_is_ignored_whatever_its_header(desk: Desk, timbang: Dataset) -> None:
    hidden = [ORDERS[0], [1, "3604050502219999", "HANTU", DAY.isoformat(), 5, 5, ""]]
    assert desk.read(timbang, xlsx_file(people(ORDERS[0], 0, True), hidden)) is None
    assert [nik for (nik,) in desk.rows(timbang, "nik")] == [person[1] for person in PEOPLE]


def test_a_workbook_is_known_by_its_content_not_by_its_name(desk: Desk, timbang: Dataset) -> None:
    assert desk.read(timbang, xlsx_file(people(ORDERS[0], 0, True)), "data.xls") is None
    assert desk.read(timbang, xls_file(people(ORDERS[0], 0, True)), "data.xlsx") is None
    assert desk.read(timbang, csv_file(people(ORDERS[0], 0, False)), "data.XLSX") is None
    assert len(desk.rows(timbang, READ)) == 18


# --- headers ---------------------------------------------------------------------------------------------------------

GENERATIONS = {
    "2025": "No,NIK,Nama,JK,Tgl Lahir,BB Lahir,TB Lahir,Nama Ortu,Prov,Kab/Kota,Kec,Pukesmas,Desa/Kel,Posyandu,RT,RW,"
    "Alamat,Usia Saat Ukur,Tanggal Pengukuran,Berat,Tinggi,Cara Ukur,LiLA,BB/U,ZS BB/U,TB/U,ZS TB/U,BB/TB,ZS BB/TB,"
    "Naik Berat Badan,Jml Vit A,KPSP,KIA,Kelas Ibu Balita,MBG,Detail",
    "2023": "No,NIK,Nama,JK,Tgl Lahir,BB Lahir,TB Lahir,Nama Ortu,Prov,Kab/Kota,Kec,Pukesmas,Desa/Kel,Posyandu,RT,RW,"
    "Alamat,Usia Saat Ukur,Tanggal Pengukuran,Berat,Tinggi,Cara Ukur,LiLA,BB/U,ZS BB/U,TB/U,ZS TB/U,BB/TB,ZS BB/TB,"
    "Naik Berat Badan,PMT Diterima (kg),Jml Vit A,KPSP,KIA,Detail",
    "older": "No,NIK,Nama,JK,Tgl Lahir,BB Lahir,TB Lahir,Nama Ortu,Prov,Kab/Kota,Kec,Pukesmas,Desa/Kel,Posyandu,RT,RW,"
    "Alamat,Usia Saat Ukur,Tanggal Pengukuran,Berat,Tinggi,LiLA,BB/U,ZS BB/U,BB/TB,ZS BB/TB,Naik Berat Badan,"
    "PMT Diterima (kg),Jml Vit A,KPSP,KIA,Detail",
    "edited": "No,NIK,Nama,JK,Tgl Lahir,BB Lahir,TB Lahir,Nama Ortu,Prov,Kab/Kota,Kec,Pukesmas,Desa/Kel,Posyandu,RT,RW,"
    "Alamat,Usia Saat Ukur,Tanggal Pengukuran,Bulan Pengukuran,Berat,Tinggi,Cara Ukur,LiLA,BB/U,ZS BB/U,TB/U,ZS TB/U,"
    "BB/TB,ZS BB/TB,Naik Berat Badan,PMT Diterima (kg),Jml Vit A,KPSP,KIA,Detail,Status Bulan,status tahun,"
    "Detail Status,status desa",
    "operation": "Nama Anak,Jenis Kelamin,Tanggal Lahir,NIK,Nomor KK,Anak Ke,Nama Orang Tua (Ibu/Ayah),NIK Orang Tua,"
    "No HP Orang Tua,Alamat,RT,Kecamatan,Puskesmas,Kelurahan,Posyandu,Usia Kehamilan (minggu),"
    "Berat Lahir - Sasaran (kg),Panjang Lahir - Sasaran (cm),Lingkar Kepala Lahir (cm),IMD,Tanggal Pengukuran,"
    "Berat (kg),Tinggi (cm),Cara Ukur,LiLA (cm),ZS BB/U,ZS TB/U,ZS BB/TB,Naik Berat Badan,Jml Vit A,Kelas Ibu Balita,MBG",
}
CHILD = {
    ("NIK",): "3604050502210001",
    ("Nama", "Nama Anak"): "SITI AMINAH",
    ("JK", "Jenis Kelamin"): "P",
    ("Tgl Lahir", "Tanggal Lahir"): "2021-02-05",
    ("Tanggal Pengukuran",): "2026-10-14",
    ("Kec", "Kecamatan"): "Kramatwatu",
    ("Desa/Kel", "Kelurahan"): "Margasana",
    ("Berat", "Berat (kg)"): "14.5",
    ("Tinggi", "Tinggi (cm)"): "101.2",
    ("LiLA", "LiLA (cm)"): "15.5",
}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_all_generations_of_the_weighing_export_are_understood(desk: Desk, generation: str) -> None:
    penimbangan = find_dataset("dinkes", "penimbangan")
    header = GENERATIONS[generation].split(",")
    cells = {name: value for names, value in CHILD.items() for name in names}
    row = [cells.get(name, "") for name in header]
    assert desk.read(penimbangan, "\n".join([";".join(header), ";".join(row)]).encode()) is None
    columns = (
        "child_nik, child_name, sex, born_on, measured_on, kecamatan_name, desa_name, weight_kg, height_cm, muac_cm"
    )
    assert desk.rows(penimbangan, columns) == [
        ("3604050502210001", "SITI AMINAH", "P", dt.date(2021, 2, 5), dt.date(2026, 10, 14))
        + ("Kramatwatu", "Margasana", 14.5, 101.2, 15.5)
    ]
    assert desk.con.execute("select unread_columns from audit.deliveries").fetchall() == [(None,)]


@pytest.mark.parametrize(
    "header",
    [
        "nik;NAMA;tgl. lahir;BERAT (KG);jumlah",
        "NIK*;Nama *;Tgl\u00a0Lahir;Berat\u00a0(kg) ;\u00a0Jumlah\u200b",
        "NIK ; Nama;Tgl_Lahir;Berat(kg);JUMLAH:",
        '"NIK";"Nama";"Tgl\nLahir";"Berat\n(kg)";"Jumlah"',
    ],
)
def test_a_header_is_known_by_its_letters_and_digits(desk: Desk, timbang: Dataset, header: str) -> None:
    assert desk.read(timbang, f"{header}\n3604050502210001;SITI;31/05/2021;9,5;3\n".encode()) is None
    assert desk.rows(timbang, "nik, nama, berat, jumlah") == [("3604050502210001", "SITI", 9.5, 3)]


def test_a_column_in_no_contract_is_recorded_and_one_the_contract_ignores_is_not(desk: Desk, timbang: Dataset) -> None:
    header = "NIK;Nama;Tgl Lahir;Berat (kg);Jumlah;Bulan 1;Golongan Darah"
    assert desk.read(timbang, f"{header}\n3604050502210001;SITI;2021-05-31;9,5;3;x;AB\n".encode()) is None
    assert desk.con.execute("select unread_columns from audit.deliveries").fetchall() == [("Golongan Darah",)]


# --- cells -----------------------------------------------------------------------------------------------------------


def one_row(nik: str = "3604050502210001", lahir: str = "2021-02-05", berat: str = "9", jumlah: str = "1") -> bytes:
    return f"NIK;Nama;Tgl Lahir;Berat (kg);Jumlah\n{nik};SITI;{lahir};{berat};{jumlah}\n".encode()


@pytest.mark.parametrize(
    "nik",
    [
        "3.60405E+15",
        "3,60405E+15",
        "3.604050502210000E+15",
        "360405050221000",  # 15 digits
        "36040505022100012",
        "36040**********",
        "36040XXXXXXXXXXX",
        "3604050502210001.0",
        "ADA",
    ],
)
def test_a_nik_that_is_not_16_digits_is_lost_and_never_mended(desk: Desk, timbang: Dataset, nik: str) -> None:
    assert desk.read(timbang, one_row(nik=nik)) is None
    assert desk.rows(timbang, "nik, _lost, _unreadable") == [(None, ["nik"], [])]


@pytest.mark.parametrize(
    "nik", ["3604050502210001", "'3604050502210001", " 3604 0505 0221 0001 ", "3604050502210001\u00a0"]
)
def test_a_nik_of_16_digits_is_kept_whatever_stands_around_it(desk: Desk, timbang: Dataset, nik: str) -> None:
    assert desk.read(timbang, one_row(nik=nik)) is None
    assert desk.rows(timbang, "nik, _lost") == [("3604050502210001", [])]


@pytest.mark.parametrize("nik", ["", "-", " ", "\u00a0"])
def test_a_nik_that_was_never_written_is_missing_not_lost(desk: Desk, timbang: Dataset, nik: str) -> None:
    assert desk.read(timbang, one_row(nik=nik)) is None
    assert desk.rows(timbang, "nik, _lost") == [(None, [])]


@pytest.mark.parametrize("make", [xlsx_file, xls_file])
def test_a_nik_typed_as_a_number_is_lost(desk: Desk, timbang: Dataset, make: Any) -> None:
    niks: list[Any] = [3604050502210001, 3604050502210000, 360405050221000, "3604050502210001"]
    rows = [[nik, "SITI", "2021-02-05", 9, 1] for nik in niks]
    desk.read(timbang, make(iter([["NIK", "Nama", "Tgl Lahir", "Berat (kg)", "Jumlah"], *rows])))
    assert desk.rows(timbang, "nik, _lost") == [(None, ["nik"])] * 3 + [("3604050502210001", [])]
    assert not [
        cell for (cell,) in desk.con.execute("select nik from raw.uji__timbang limit 2").fetchall() if "E" not in cell
    ]


def many(niks: Sequence[str]) -> bytes:
    return "\n".join(["NIK;Nama;Tgl Lahir;Berat (kg);Jumlah", *(f"{nik};A;2021-02-05;9;1" for nik in niks)]).encode()


def test_a_whole_column_of_niks_that_end_in_0_was_cut_by_excel(desk: Desk, timbang: Dataset) -> None:
    desk.read(timbang, many([f"36040505022{number:04}0" for number in range(40)]))
    assert desk.rows(timbang, "nik, _lost") == [(None, ["nik"])] * 40


def test_some_niks_that_end_in_0_are_niks(desk: Desk, timbang: Dataset) -> None:
    niks = [f"36040505022{number:04}0" for number in range(40)] + ["3604050502210001"]
    desk.read(timbang, many(niks))
    assert [nik for (nik,) in desk.rows(timbang, "nik")] == niks


def test_one_family_written_often_is_no_cut_column(desk: Desk, timbang: Dataset) -> None:
    desk.read(timbang, many(["3604050502210010"] * 40))
    assert desk.rows(timbang, "distinct nik, _lost") == [("3604050502210010", [])]


@pytest.mark.parametrize(
    ("cell", "berat", "jumlah"),
    [  # None: the value is missing; "?": it cannot be read
        ("1.234", 1.234, 1234),
        ("1,234", 1.234, 1234),
        ("12.345.678", "?", 12345678),
        ("9,5", 9.5, "?"),
        ("9.5", 9.5, "?"),
        ("12.0", 12.0, 12),
        ("12,00", 12.0, 12),
        ("1.234,5", "?", "?"),
        ("1.255.000,00", "?", 1255000),
        ("1.255.000,000", "?", "?"),
        ("1.255,000", "?", "?"),
        ("1.000,0000", "?", "?"),
        ("+7", 7.0, 7),
        ("-7", -7.0, -7),
        ("\u00a07\u00a0", 7.0, 7),
        ("7\t", 7.0, 7),
        ("0", None, 0),
        ("0,0", None, 0),
        ("-", None, None),
        ("", None, None),
        ("  ", None, None),
        ("9 kg", "?", "?"),
        ("1e3", "?", "?"),
        ("nan", "?", "?"),
        ("inf", "?", "?"),
        ("99999999999", 99999999999.0, "?"),
        ("0x10", "?", "?"),
        ("٣", "?", "?"),
    ],
)
def test_a_number_is_read_as_the_contract_says_or_not_at_all(
    desk: Desk, timbang: Dataset, cell: str, berat: Any, jumlah: Any
) -> None:
    assert desk.read(timbang, one_row(berat=cell, jumlah=cell)) is None
    [(read_berat, read_jumlah, unreadable)] = desk.rows(timbang, "berat, jumlah, _unreadable")
    assert ("?" if "berat" in unreadable else read_berat) == berat
    assert ("?" if "jumlah" in unreadable else read_jumlah) == jumlah


def test_an_amount_in_rupiah_needs_more_than_an_integer(desk: Desk, timbang: Dataset) -> None:
    columns = tuple(replace(c, data_type="bigint") if c.name == "jumlah" else c for c in timbang.columns)
    rupiah = replace(timbang, columns=columns)
    for cell in ("1.250.000.000.000", "1.250.000.000.000,00", "Rp 1.250.000.000.000", "Rp. 1250000000000,00"):
        assert desk.read(rupiah, one_row(jumlah=cell)) is None
    assert desk.rows(rupiah, "distinct jumlah, _unreadable") == [(1_250_000_000_000, [])]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2021-02-05", DAY),
        ("2021/2/5", DAY),
        ("2021-02-05 07:30:00", DAY),
        ("2021-02-05T00:00:00", DAY),
        ("44232", DAY),
        ("44232.0", DAY),
        ("44232.75", DAY),
        ("2021-02-30", None),
        ("2021-13-05", None),
        ("05/02/21", None),
        ("5 Februari 2021", None),
        ("20210205", None),
        ("0", None),
    ],
)
def test_a_date_that_is_clear_by_itself_is_read_and_no_other(
    desk: Desk, timbang: Dataset, cell: str, day: dt.date | None
) -> None:
    assert desk.read(timbang, one_row(lahir=cell)) is None
    assert desk.rows(timbang, "lahir, _unreadable") == [(day, [] if day else ["lahir"])]


def dates(*cells: str) -> bytes:
    rows = [f"3604050502210001;SITI;{cell};9;1" for cell in cells]
    return "\n".join(["NIK;Nama;Tgl Lahir;Berat (kg);Jumlah", *rows]).encode()


@pytest.mark.parametrize("sign", ["/", "-", "."])
def test_the_order_of_day_and_month_is_decided_once_per_file(desk: Desk, timbang: Dataset, sign: str) -> None:
    assert desk.read(timbang, dates("05/02/2021".replace("/", sign), "31/05/2021".replace("/", sign))) is None
    assert desk.read(timbang, dates("02/05/2021".replace("/", sign), "05/31/2021".replace("/", sign))) is None
    assert [day for (day,) in desk.rows(timbang, "lahir")] == [DAY, dt.date(2021, 5, 31)] * 2
    orders = desk.con.execute("select date_order from audit.deliveries order by received_at").fetchall()
    assert orders == [("day first",), ("month first",)]


def test_a_day_that_cannot_be_decides_nothing(desk: Desk, timbang: Dataset) -> None:
    assert desk.read(timbang, dates("05/31/2021", "99/02/2021", "02/05/2021")) is None
    assert [day for (day,) in desk.rows(timbang, "lahir")] == [dt.date(2021, 5, 31), None, DAY]


def test_what_only_one_column_says_holds_for_all_columns_of_the_file(desk: Desk) -> None:
    penimbangan = find_dataset("dinkes", "penimbangan")
    header = GENERATIONS["2025"].split(",")
    cells = {name: value for names, value in CHILD.items() for name in names}
    cells |= {"Tgl Lahir": "05/02/2021", "Tanggal Pengukuran": "14/10/2026"}
    content = "\n".join([",".join(header), ",".join(cells.get(name, "") for name in header)])
    assert desk.read(penimbangan, content.encode()) is None
    assert desk.rows(penimbangan, "born_on, measured_on") == [(DAY, dt.date(2026, 10, 14))]


# --- lines -----------------------------------------------------------------------------------------------------------

HEADER = "NIK,Nama,Tgl Lahir,Berat (kg),Jumlah"


def text(*lines: str, end: str = "\n") -> bytes:
    return end.join([HEADER, *lines]).encode()


def row(name: str, nik: str = "3604050502210001") -> str:
    return f"{nik},{name},2021-02-05,9,1"


def names(desk: Desk, dataset: Dataset) -> list[tuple[Any, ...]]:
    """Row number and name of each row; for a row whose cells do not fit the header, its whole line."""
    return desk.rows(dataset, "_row, coalesce(nama, _line)")


def test_a_lone_quote_at_a_cells_start_swallows_no_line(desk: Desk, timbang: Dataset) -> None:
    assert desk.read(timbang, text(row("A"), row('"B'), row("C"), row("D"))) is None
    assert names(desk, timbang) == [(2, "A"), (3, '"B'), (4, "C"), (5, "D")]


def test_two_lone_quotes_that_would_make_one_row_swallow_no_line(desk: Desk, timbang: Dataset) -> None:
    assert desk.read(timbang, text('"1,A,2021-02-05,9,1', "2,B,2021-02-05,9,1", '3",C,2021-02-05,9,1')) is None
    assert names(desk, timbang) == [(2, "A"), (3, "B"), (4, "C")]


def test_quotes_within_a_cell_are_letters(desk: Desk, timbang: Dataset) -> None:
    assert desk.read(timbang, text(row('SITI "ITI" A'), row('5" pipa'), row('"kata ""dalam"" kata"'))) is None
    assert names(desk, timbang) == [(2, 'SITI "ITI" A'), (3, '5" pipa'), (4, 'kata "dalam" kata')]


def test_a_lone_quote_does_not_spoil_the_quoted_cells_of_other_rows(desk: Desk, timbang: Dataset) -> None:
    assert desk.read(timbang, text(row('"A, B"'), row('"C'), row('"D, E"'), row('"F"'))) is None
    assert names(desk, timbang) == [(2, "A, B"), (3, '"C'), (4, "D, E"), (5, "F")]


def test_a_quoted_line_break_stays_in_its_cell_and_counts_as_excel_counts(desk: Desk, timbang: Dataset) -> None:
    assert desk.read(timbang, text(row('"SITI\nAMINAH"'), row("B"), row('"C\r\nD\n\nE"'), row("F"))) is None
    assert names(desk, timbang) == [(2, "SITI AMINAH"), (3, "B"), (4, "C D  E"), (5, "F")]


def test_a_quoted_line_break_in_a_title_does_not_move_the_rows(desk: Desk, timbang: Dataset) -> None:
    content = b'"DATA\nBALITA",,,,\n' + text(row("A"), row("B"))
    assert desk.read(timbang, content) is None
    assert names(desk, timbang) == [(3, "A"), (4, "B")]


def test_a_lone_quote_in_a_title_does_not_hide_the_header(desk: Desk, timbang: Dataset) -> None:
    assert desk.read(timbang, b'"DATA BALITA,,,,\n' + text(row("A"), row("B"))) is None
    assert names(desk, timbang) == [(3, "A"), (4, "B")]


def test_a_ragged_row_is_kept_whole_as_a_line_and_its_neighbours_are_read(desk: Desk, timbang: Dataset) -> None:
    long, short = "3604050502210001,B,2021-02-05,9,5,1", "3604050502210001,C"
    assert desk.read(timbang, text(row("A"), long, short, row("D"))) is None
    assert desk.rows(timbang, "_row, nama, berat, _line") == [
        (2, "A", 9.0, None),
        (3, None, None, long),
        (4, None, None, short),
        (5, "D", 9.0, None),
    ]


@pytest.mark.parametrize("header_tail", ["", ",", ",,,"])
@pytest.mark.parametrize("row_tail", ["", ",", ", ,,"])
def test_delimiters_after_the_last_named_column_say_nothing(
    desk: Desk, timbang: Dataset, header_tail: str, row_tail: str
) -> None:
    content = f"{HEADER}{header_tail}\n{row('A')}{row_tail}\n{row('B')}\n"
    assert desk.read(timbang, content.encode()) is None
    assert names(desk, timbang) == [(2, "A"), (3, "B")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_with_blank_lines_and_with_or_without_a_last_one(desk: Desk, timbang: Dataset, end: str) -> None:
    lines = [row("A"), "", row("B"), ",,,,", "  ", row("C")]
    assert desk.read(timbang, text(*lines, end=end)) is None
    assert desk.read(timbang, text(*lines, "", "", end=end)) is None
    assert names(desk, timbang) == [(2, "A"), (4, "B"), (7, "C")] * 2


def test_mixed_line_ends(desk: Desk, timbang: Dataset) -> None:
    assert desk.read(timbang, f"{HEADER}\r\n{row('A')}\n{row('B')}\r{row('C')}\r\n\r\n{row('D')}".encode()) is None
    assert names(desk, timbang) == [(2, "A"), (3, "B"), (4, "C"), (6, "D")]


def test_row_numbers_hold_over_many_blocks_of_a_large_file(desk: Desk, timbang: Dataset) -> None:
    lines = ["" if number % 1000 == 7 else row(f"anak nomor {number}") for number in range(2, 150_000)]
    assert desk.read(timbang, text(*lines, end="\r\n")) is None
    wrong = "select count(*) from uji.timbang where nama <> 'anak nomor ' || _row"
    assert desk.con.execute(wrong).fetchall() == [(0,)]
    assert desk.con.execute("select count(*) from uji.timbang").fetchall() == [(sum(line != "" for line in lines),)]


SIGNS = [
    "\x01",
    "\x1f",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x85",
    "\u2028",
    "\u00a0",
    "\ufeff",
    "\x7f",
    "\\",
    "'",
    "#",
    "{",
    "😀",
]


@pytest.mark.parametrize("sign", SIGNS, ids=[f"{ord(sign):04x}" for sign in SIGNS])
@pytest.mark.parametrize("quote", ["", '"'], ids=["unquoted", "quoted"])
def test_no_odd_sign_in_a_cell_parts_a_cell_or_a_row(desk: Desk, timbang: Dataset, sign: str, quote: str) -> None:
    assert desk.read(timbang, text(row(f"{quote}A{sign}B{quote}"), row("C"))) is None
    (first, second) = names(desk, timbang)
    assert second == (3, "C")
    assert re.fullmatch(rf"A({re.escape(sign)}| )B", first[1])


@pytest.mark.parametrize("sign", ["\x01", "\x1f", "\n", "\r\n", "\t", "\u2028", "\u00a0"])
def test_no_odd_sign_in_a_workbooks_cell_parts_it(desk: Desk, timbang: Dataset, sign: str) -> None:
    rows = [HEADER.split(","), ["3604050502210001", f"A{sign}B", "2021-02-05", 9, 1], ["", "C", "2021-02-05", 9, 1]]
    assert desk.read(timbang, xlsx_file(iter(rows))) is None
    assert [name.replace(" ", "").replace(sign, "") for _, name in names(desk, timbang)] == ["AB", "C"]
    assert [number for number, _ in names(desk, timbang)] == [2, 3]


def test_a_note_beside_the_table_is_not_read_and_does_not_spoil_its_row(desk: Desk, timbang: Dataset) -> None:
    rows = [HEADER.split(","), ["3604050502210001", "A", "2021-02-05", 9, 1, "", "cek lagi"]]
    assert desk.read(timbang, xlsx_file(iter(rows))) is None
    assert names(desk, timbang) == [(2, "A")]


def test_a_table_that_begins_below_and_right_of_the_first_cell(desk: Desk, timbang: Dataset) -> None:
    rows = [[], [], [], ["", "", *HEADER.split(",")], ["", "", "3604050502210001", "A", DAY, 9, 1]]
    assert desk.read(timbang, xlsx_file(iter(rows))) is None
    assert names(desk, timbang) == [(5, "A")]


def test_a_chart_sheet_does_not_matter(desk: Desk, timbang: Dataset) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        sheet = workbook.add_worksheet("Data")
        for number, cells in enumerate([HEADER, row("A")]):
            sheet.write_row(number, 0, cells.split(","))
        chart = workbook.add_chart({"type": "column"})
        chart.add_series({"values": "=Data!$D$2:$D$2"})
        workbook.add_chartsheet("Grafik").set_chart(chart)
    assert desk.read(timbang, content.getvalue()) is None
    assert names(desk, timbang) == [(2, "A")]


# --- no row lost -----------------------------------------------------------------------------------------------------

CELLS = st.text(alphabet=st.sampled_from(list("ab1-,;\t \"'\x01\x1f\u00a0\\é")), max_size=6)
LINES = st.lists(
    st.one_of(
        st.lists(CELLS, min_size=1, max_size=7).map(";".join),
        st.sampled_from(["", ";;;;", '"', '";"', "1;A;2021-02-05;9;1", '1;"A;2021-02-05;9;1', '1;"A";2021-02-05;9;1']),
    ),
    max_size=12,
)


def rows_counted_by_hand(content: str) -> int:
    """Lines under the header that hold anything to be seen but delimiters, quotes being absent."""
    lines = re.split("\r\n|\r|\n", content)[1:]
    return sum(bool(line.translate(dict.fromkeys(map(ord, "; \t\u00a0\x01\x1f")))) for line in lines)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch, warehouse.open_memory() as con:
        folder = tmp_path_factory.mktemp("shared")
        patch.setattr(load.settings, "DATA", folder)
        warehouse.prepare(con)
        yield Desk(con, folder)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=LINES, ends=st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=13, max_size=13), is_last=st.booleans()
)
def test_no_generated_csv_loses_a_row(
    shared: Desk, timbang: Dataset, lines: list[str], ends: list[str], is_last: bool
) -> None:
    lines = ["NIK;Nama;Tgl Lahir;Berat (kg);Jumlah", *lines]
    content = "".join(map("".join, zip(lines, ends, strict=False)))
    content = content if is_last else content.rstrip("\r\n")
    refusal = shared.read(timbang, content.encode())
    [(delivery, read)] = shared.con.execute(
        "select delivery_id, rows_read from audit.deliveries order by received_at desc limit 1"
    ).fetchall()
    for table in ("raw.uji__timbang", "uji.timbang"):
        count = f"select count(*), count(distinct _row) from {table} where _delivery_id = ?"
        assert shared.con.execute(count, [delivery]).fetchall() == [(read, read)]
    if '"' not in content:
        assert read == rows_counted_by_hand(content)
    if refusal:
        assert "no row under the header" in refusal
        assert read == 0
    else:
        assert read > 0


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.text(alphabet=st.sampled_from(list('ab,;"\n\r ')), max_size=5), min_size=5, max_size=5),
        min_size=1,
        max_size=8,
    ),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_a_csv_writer_quotes_comes_back_cell_by_cell(rows: list[list[str]], quoting: int) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=";", quoting=quoting, lineterminator="\n").writerows(rows)
    are_broken = any(c in cell for cells in rows for cell in cells for c in "\r\n")
    lines = textfile.lines_of(text.getvalue().removesuffix("\n"))
    read = list(textfile.quoted_rows(lines, ";", 5))
    if not are_broken:
        assert read == rows
    # a cell broken over lines that each look like a whole row is the one case that is parted, and kept
    assert len(read) >= len(rows)


# --- refusals --------------------------------------------------------------------------------------------------------


def refused(desk: Desk, dataset: Dataset, content: bytes, name: str, period: str | None = "2026-10") -> str:
    """Return the sentence of a refusal, having checked that it is one and that nothing was loaded."""
    reason = desk.read(dataset, content, name, period)
    assert reason is not None
    assert reason.startswith(name)
    assert reason.endswith(".")
    assert desk.con.execute("select status, reason, rows_read from audit.deliveries").fetchall() == [
        ("refused", reason, 0)
    ]
    assert desk.rows(dataset, "*") == []
    assert desk.con.execute(f"select * from {dataset.raw_table}").fetchall() == []
    assert (desk.folder / name).read_bytes() == content
    assert not [*desk.folder.glob("scratch/reading-*")], "scratch is left behind"
    return reason


def test_refused_a_header_of_something_else(desk: Desk, timbang: Dataset) -> None:
    reason = refused(desk, timbang, b"Kode;Tgl Lahirr;Pagu\n1;a;2\n", "anggaran.csv")
    assert "uji/timbang" in reason
    assert "NIK, Nama, Tgl Lahir, Berat (kg), Jumlah" in reason
    assert "nearest is 'Tgl Lahirr'" in reason


def test_a_refusal_quotes_no_cell_that_could_be_a_person(desk: Desk, timbang: Dataset) -> None:
    """A file without a header begins with a child, and the reason of a refusal is published."""
    reason = refused(desk, timbang, b"3604123456789012;BUDI SANTOSO;2021-02-13;12,5;1\n", "tanpa_judul.csv")
    assert "BUDI" not in reason
    assert "3604" not in reason


def test_refused_a_workbook_without_the_header(desk: Desk, timbang: Dataset) -> None:
    reason = refused(desk, timbang, xlsx_file(iter([["Kode", "Uraian"], [1, 2]]), hidden=[ORDERS[0]]), "anggaran.xlsx")
    assert "Data Balita" in reason
    assert "Rekap" not in reason, "a hidden sheet is none that a person can mend"
    assert "nothing is near them" in reason


def test_refused_a_misspelt_column_with_the_nearest_name(desk: Desk, timbang: Dataset) -> None:
    reason = refused(desk, timbang, b"NIK;Nama;Tangal Lahir;Berat (kg);Jumlah\n1;2;3;4;5\n", "a.csv")
    assert "'Tgl Lahir' is missing, nearest is 'Tangal Lahir'" in reason


def test_refused_a_missing_column_of_a_sheet(desk: Desk, timbang: Dataset) -> None:
    reason = refused(desk, timbang, xlsx_file(iter([["NIK", "Nama", "Tgl Lahir", "Jumlah"], [1, 2, 3, 4]])), "a.xlsx")
    assert "sheet 'Data Balita'" in reason
    assert "'Berat (kg)' is missing, nothing is near it" in reason


def test_refused_a_misspelt_optional_column(desk: Desk, timbang: Dataset) -> None:
    reason = refused(desk, timbang, f"{HEADER},Catattan\n{row('A')},x\n".encode(), "a.csv")
    assert "'Catatan' is missing, nearest is 'Catattan'" in reason


def test_refused_a_column_that_stands_there_twice(desk: Desk, timbang: Dataset) -> None:
    reason = refused(desk, timbang, f"{HEADER},Nama Anak\n{row('A')},B\n".encode(), "a.csv")
    assert "'Nama Anak' stands there twice" in reason


def test_refused_two_sheets_that_both_fit(desk: Desk, timbang: Dataset) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        for name in ("Januari", "Februari"):
            workbook.add_worksheet(name).write_row(0, 0, HEADER.split(","))
    assert "Januari, Februari" in refused(desk, timbang, content.getvalue(), "dua.xlsx")


def test_refused_two_orders_of_dates(desk: Desk, timbang: Dataset) -> None:
    reason = refused(desk, timbang, dates("05/02/2021", "31/05/2021", "05/31/2021"), "a.csv")
    assert "Tgl Lahir in row 3 has the day first, Tgl Lahir in row 4 the month first" in reason


def test_refused_dates_that_do_not_say_their_order(desk: Desk, timbang: Dataset) -> None:
    rows = [[HEADER.split(",")[0], *HEADER.split(",")[1:]], ["3604050502210001", "A", "05/02/2021", 9, 1]]
    reason = refused(desk, timbang, xlsx_file(iter(rows)), "a.xlsx")
    assert "sheet 'Data Balita'" in reason
    assert "Tgl Lahir in row 2" in reason


def test_refused_a_workbook_with_a_password(desk: Desk, timbang: Dataset) -> None:
    content = (FIXTURES / "password_is_rahasia.xlsx").read_bytes()
    assert "password" in refused(desk, timbang, content, "rahasia.xlsx")


def test_refused_an_old_workbook_with_a_password(desk: Desk, timbang: Dataset) -> None:
    content = bytearray(xls_file(people(ORDERS[0], 0, True)))
    after_first_record = content.index(bytes.fromhex("09081000")) + 20
    content[after_first_record : after_first_record + 2] = b"\x2f\x00"  # FILEPASS, as of an encrypted workbook
    assert "password" in refused(desk, timbang, bytes(content), "rahasia.xls")


def test_refused_a_zip_with_a_password(desk: Desk, timbang: Dataset) -> None:
    content = bytearray(zipped(**{"a.csv": text(row("A"))}))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # set the flag that says encrypted
        content[content.index(sign) + offset] |= 1
    said = refused(desk, timbang, bytes(content), "a.zip")
    assert said == "a.zip: cannot be opened, it is locked with a password; send it again without one."


def test_refused_an_empty_file(desk: Desk, timbang: Dataset) -> None:
    assert "empty" in refused(desk, timbang, b"", "kosong.csv")


@pytest.mark.parametrize("content", [HEADER.encode(), f"{HEADER}\n\n,,,,\n".encode(), f"\ufeff{HEADER}\r\n".encode()])
def test_refused_a_header_without_rows(desk: Desk, timbang: Dataset, content: bytes) -> None:
    assert "no row under the header" in refused(desk, timbang, content, "a.csv")


def test_refused_a_single_column(desk: Desk, timbang: Dataset) -> None:
    assert "needs the columns NIK, Nama" in refused(desk, timbang, b"NIK\n3604050502210001\n", "a.csv")


def test_refused_a_web_page_called_xls(desk: Desk, timbang: Dataset) -> None:
    page = b"\r\n<html><body><table><tr><td>NIK</td><td>Nama</td></tr></table></body></html>"
    assert "web page" in refused(desk, timbang, page, "laporan.xls")


@pytest.mark.parametrize("where", [10, 200_000])
def test_refused_a_text_with_zero_bytes(desk: Desk, timbang: Dataset, where: int) -> None:
    content = bytearray(text(*[row("A")] * 6000))
    content[where] = 0
    assert "neither a workbook nor text" in refused(desk, timbang, bytes(content), "a.csv")


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbfNIK;Nama\n\xff\xfe;a", b"\xff\xfeN\x00I\x00K", b"NIK;Nama\n\x81\x8d;a"]
)
def test_refused_a_text_in_no_known_encoding(desk: Desk, timbang: Dataset, content: bytes) -> None:
    assert "UTF-8" in refused(desk, timbang, content, "a.csv")


@pytest.mark.parametrize("kind", ["xlsx", "xls", "zip"])
@pytest.mark.parametrize("part", [0.2, 0.6, 0.97])
def test_refused_a_file_cut_short(desk: Desk, timbang: Dataset, kind: str, part: float) -> None:
    rows = [HEADER.split(","), *([str(number), f"anak {number}", "2021-02-05", "9", "1"] for number in range(500))]
    if kind == "zip":
        content = zipped(**{"a.csv": "\n".join(map(",".join, rows)).encode()})
    else:
        content = {"xlsx": xlsx_file, "xls": xls_file}[kind](iter(rows))
    reason = refused(desk, timbang, content[: int(len(content) * part)], f"potong.{kind}")
    assert "again" in reason
    assert kind == "xls" or "it is cut off or damaged; send it again." in reason


def test_refused_a_zip_of_two_files(desk: Desk, timbang: Dataset) -> None:
    reason = refused(desk, timbang, zipped(**{"a.csv": text(row("A")), "b.csv": text(row("B"))}), "dua.zip")
    assert "exactly one data file, it holds 2" in reason


def test_refused_a_zip_within_a_zip(desk: Desk, timbang: Dataset) -> None:
    content = zipped(**{"a.dat": zipped(**{"b.dat": text(row("A"))})})
    assert "one data file" in refused(desk, timbang, content, "dalam.zip")


@pytest.mark.parametrize("kind", ["csv", "zip", "xlsx"])
def test_refused_over_the_cap_of_inflated_bytes(
    desk: Desk, timbang: Dataset, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(load.settings, "MAX_INFLATED_BYTES", 50_000)
    big = text(*[row("A" * 100)] * 1000)
    content = {"csv": big, "zip": zipped(**{"a.csv": big}), "xlsx": xlsx_file([str(n)] * 20 for n in range(500))}[kind]
    assert kind == "csv" or len(content) < 50_000
    assert "the cap is 50,000" in refused(desk, timbang, content, f"besar.{kind}")


def test_refused_over_the_cap_of_rows(desk: Desk, timbang: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load.settings, "MAX_ROWS", 3)
    assert "4 rows, the cap is 3" in refused(desk, timbang, text(*map(row, "ABCD")), "a.csv")


@pytest.mark.parametrize("content", ["{0}{1}\n{2}{1}\n", "{1}\n{0}\n{2}\n", "{0}\n{2}{1}\n{2}{1}"])
def test_a_million_empty_columns_do_not_hang(desk: Desk, timbang: Dataset, content: str) -> None:
    reason = desk.read(timbang, content.format(HEADER, "," * 1_000_000, row("A")).encode())
    if reason is None:  # the header is in order, so the wide rows alone are bad, each as a line
        assert {line is not None for (line,) in desk.rows(timbang, "_line")} == {True}
    else:
        assert re.search(r"columns, the cap is 300|no header of uji/timbang", reason)


@pytest.mark.parametrize("far", [(0, 400), (0, 16383), (1048575, 200), (1048575, 16383)])
def test_refused_a_workbook_with_a_stray_cell_far_out(desk: Desk, timbang: Dataset, far: tuple[int, int]) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as workbook:
        sheet = workbook.add_worksheet("Oktober")
        sheet.write_row(0, 0, HEADER.split(","))
        sheet.write(*far, "x")
    reason = refused(desk, timbang, content.getvalue(), "jauh.xlsx")
    assert "sheet 'Oktober'" in reason
    assert "stray cells" in reason


def test_refused_a_line_that_never_ends(desk: Desk, timbang: Dataset) -> None:
    assert "longer than" in refused(desk, timbang, text(row("A" * (17 * 2**20))), "a.csv")


def test_refused_outside_a_periods_folder(desk: Desk, timbang: Dataset) -> None:
    reason = refused(desk, timbang, text(row("A")), "a.csv", period=None)
    assert "landing/uji/timbang/<month>/" in reason
    assert "2026-10" in reason
