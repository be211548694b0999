"""Writes what goes back to an agency: one locked workbook per dataset, `data/returns/<agency>/perbaikan_<dataset>.xlsx`.

It holds the open items (`audit.items`) in the agency's columns, each under its first header in the contract, the files that
were refused or held, and cells to look at again. Filled in, it comes back as an ordinary delivery. It holds personal data,
so its folder is closed.
"""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from include import settings
from include.book import Book, add_guide, add_page, choice, private_book, private_folder, write_cell
from include.contract import Dataset
from include.headers import DECIDED_BY, DECISION, FAULTS, ORIGIN, TICKET, plain
from include.indonesian import number as in_words
from include.items import cell_shown
from include.site.english import in_indonesian, translate
from include.standing import STANDING
from include.vault import password

SHEET, FILES, LOOK_AGAIN = "Perbaikan", "Berkas", "Periksa"
DECISIONS = ("benar", "hapus")
MOST_ROWS = 20_000  # more than an agency mends in a month; the rest moves up as these are settled
MOST_FILES, MOST_WARNINGS = 500, 2_000
_AT_ONCE = 1_000
_FATES = {
    "refused": "ditolak: berkas tidak dapat dibaca; perbaiki lalu kirim ulang dengan nama yang sama",
    "held": "ditahan: isinya belum dipakai; periksa lalu kirim ulang dengan nama yang sama",
}


def write_returns(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Write the dataset's workbook where it would not be the one that lies there; with nothing to tell, it goes."""
    names = {"agency": dataset.agency, "dataset": dataset.name}
    path = settings.RETURNS / dataset.agency / f"perbaikan_{dataset.name}.xlsx"
    [(state, is_empty)] = con.execute(_state(dataset), names).fetchall()
    known = con.execute(
        "select state from audit.returns where agency = $agency and dataset = $dataset", names
    ).fetchall()
    if known == [(state,)] and path.exists() != is_empty:
        return
    # the lists of earlier versions were not locked
    shutil.rmtree(settings.RETURNS / dataset.agency / dataset.name, ignore_errors=True)
    if is_empty:
        path.unlink(missing_ok=True)
    else:
        private_folder(settings.RETURNS)
        private_folder(path.parent)
        _write(con, dataset, path)
    con.execute("delete from audit.returns where agency = $agency and dataset = $dataset", names)
    con.execute("insert into audit.returns values ($agency, $dataset, $state)", {**names, "state": state})


_TOLD_FILES = f"""
    select period, file_name, received_at::date as received_on, status, reason
    from ({STANDING})
    where agency = $agency and dataset = $dataset
    """


def _state(dataset: Dataset) -> str:
    """Return the query of a sign of all that the workbook is made of, and whether that is nothing."""
    return f"""
        with told as (
            select concat_ws('/', ticket, delivery_id, delivery_row) as line
            from audit.items
            where agency = $agency and dataset = $dataset and state = 'open'
            union all
            select concat_ws('/', period, file_name, status, reason) from ({_TOLD_FILES})
            union all
            select concat_ws('/', delivery_id, delivery_row, column_name, rule) from ({_warned(dataset)})
        )
        select coalesce(md5(string_agg(line, ';' order by line)), ''), count(*) = 0 from told
        """


def _warned(dataset: Dataset) -> str:
    """Return the query of the cells that are to be looked at: those of rows that count."""
    return f"""
        select q.*
        from audit.quarantine as q
        inner join {dataset.table} as t on q.delivery_id = t._delivery_id and q.delivery_row = t._row
        where q.agency = $agency and q.dataset = $dataset and q.severity = 'warn' and t._status = 'accepted'
        """


def _write(con: duckdb.DuckDBPyConnection, dataset: Dataset, path: Path) -> None:
    names = {"agency": dataset.agency, "dataset": dataset.name}
    query = "select count(*) from audit.items where agency = $agency and dataset = $dataset and state = 'open'"
    [(waiting,)] = con.execute(query, names).fetchall()
    files = con.execute(f"{_TOLD_FILES} order by received_at desc limit {MOST_FILES}", names).fetchall()
    with private_book(path, password(dataset.agency)) as book:
        add_guide(book, _guide(dataset, min(waiting, MOST_ROWS), waiting, len(files)))
        if waiting:
            _write_items(con, dataset, book, min(waiting, MOST_ROWS))
        if files:
            widths = {
                "Periode": 10,
                "Berkas": 34,
                "Diterima": 12,
                "Nasib": 44,
                "Rincian": 90,
                "Dalam bahasa Inggris": 90,
            }
            page = add_page(book, FILES, widths)
            for number, (period, name, received_on, status, reason) in enumerate(files, start=1):
                cells = (period, name, received_on, _FATES[status], in_indonesian(translate(reason or "")[0]), reason)
                _write_row(page, number, cells, book)
        _write_warnings(con, dataset, book)


def _write_items(con: duckdb.DuckDBPyConnection, dataset: Dataset, book: Book, rows: int) -> None:
    """Ours stands left and right of the agency's columns; a contract's own column of such a name is not told twice."""
    theirs = {column.headers[0]: len(column.headers[0]) + 6 for column in dataset.columns}
    taken = {plain(header) for column in dataset.columns for header in column.headers}
    ours = {name: width for name, width in {DECISION: 12, DECIDED_BY: 22}.items() if plain(name) not in taken}
    widths = {TICKET: 23, FAULTS: 60, **theirs, **ours, ORIGIN: 44}
    page = add_page(book, SHEET, widths, frozen=2)
    page.autofilter(0, 0, rows, len(widths) - 1)
    places = {name: place for place, name in enumerate(widths)}
    found = con.execute(_open_rows(dataset), {"agency": dataset.agency, "dataset": dataset.name})
    for place, column in enumerate(dataset.columns, start=2):  # the look of cells that are empty
        page.set_column(place, place, theirs[column.headers[0]], book.date if column.data_type == "date" else book.text)
    number = 0
    while batch := found.fetchmany(_AT_ONCE):
        for ticket, faults, line, origin, decision, decided_by, *cells in batch:
            number += 1
            told = [f"{dataset.header(fault['column_name'])}: {fault['reason']}" for fault in faults]
            wrong = {fault["column_name"] for fault in faults}
            write_cell(page, number, 0, ticket, book.text)
            write_cell(page, number, 1, "; ".join(told + ([f"isi baris: {line}"] if line else [])), book.prose)
            for place, (column, cell) in enumerate(zip(dataset.columns, cells, strict=True), start=2):
                is_date, is_wrong = column.data_type == "date", column.name in wrong
                if cell or is_wrong:
                    look, marked = (book.date, book.date_marked) if is_date else (book.text, book.marked)
                    write_cell(page, number, place, _as_date(cell, is_date), marked if is_wrong else look)
            for name, cell in ((DECISION, decision), (DECIDED_BY, decided_by)):
                if name in ours:
                    write_cell(page, number, places[name], cell, book.fill)
            write_cell(page, number, places[ORIGIN], origin, book.text)
    if DECISION in ours:
        page.data_validation(1, places[DECISION], rows, places[DECISION], choice(DECISIONS))


def _as_date(cell: str | None, is_date: bool) -> date | str | None:
    """A date that was read is a date in the workbook, so that no order of day and month is left to guess."""
    try:
        return date.fromisoformat(cell) if is_date and cell else cell
    except ValueError:
        return cell


def _open_rows(dataset: Dataset) -> str:
    cells = ", ".join(cell_shown(c.name, c.data_type, "t", "cells") for c in dataset.columns)
    return f"""
        with reasons as (
            select delivery_id, delivery_row, list({{column_name: column_name, reason: reason}} order by column_name, reason) as faults
            from (
                select distinct delivery_id, delivery_row, column_name, reason
                from audit.quarantine
                where agency = $agency and dataset = $dataset and severity = 'error'
            )
            group by all
        )
        select i.ticket, reasons.faults, left(t._line, 500),
            concat_ws(', ', coalesce(d.period, ''), d.file_name, 'baris ' || i.delivery_row),
            cells._decision, cells._decided_by, {cells}
        from audit.items as i
        inner join audit.deliveries as d using (delivery_id)
        inner join reasons using (delivery_id, delivery_row)
        inner join {dataset.table} as t on i.delivery_id = t._delivery_id and i.delivery_row = t._row
        inner join {dataset.raw_table} as cells on i.delivery_id = cells._delivery_id and i.delivery_row = cells._row
        where i.agency = $agency and i.dataset = $dataset and i.state = 'open'
        order by i.period desc nulls last, d.file_name, i.delivery_id, i.delivery_row
        limit {MOST_ROWS}
        """


def _write_warnings(con: duckdb.DuckDBPyConnection, dataset: Dataset, book: Book) -> None:
    """Cells of rows that are used all the same: to look at, not to send back."""
    found = con.execute(
        f"""
        select d.period, d.file_name, q.delivery_row, q.column_name, q.value, q.reason
        from ({_warned(dataset)}) as q
        inner join audit.deliveries as d using (delivery_id)
        order by d.received_at desc, d.file_name, q.delivery_row, q.column_name
        limit {MOST_WARNINGS}
        """,
        {"agency": dataset.agency, "dataset": dataset.name},
    ).fetchall()
    if found:
        page = add_page(
            book, LOOK_AGAIN, {"Periode": 10, "Berkas": 34, "Baris": 8, "Kolom": 22, "Nilai": 22, FAULTS: 60}
        )
        for number, (period, name, row, column, value, reason) in enumerate(found, start=1):
            _write_row(page, number, (period, name, row, dataset.header(column), value, reason), book)


def _write_row(page: Any, number: int, cells: tuple[Any, ...], book: Book) -> None:
    for place, cell in enumerate(cells):
        write_cell(page, number, place, cell, book.date if isinstance(cell, date) else book.prose)


def _guide(dataset: Dataset, shown: int, waiting: int, files: int) -> list[str]:
    example = {"month": "2026-10", "quarter": "2026-Q4", "year": "2026"}[dataset.period]
    return [
        f"Perbaikan data {dataset.agency}/{dataset.name}",
        (
            f"Lembar {SHEET} berisi {in_words(shown)} dari {in_words(waiting)} baris yang belum dapat dipakai, dari periode terbaru. "
            "Sisanya menyusul setelah baris ini selesai."
            if waiting
            else "Semua baris sudah dipakai."
        ),
        f"Lembar {FILES}: {in_words(files)} berkas yang ditolak atau ditahan seluruhnya." if files else "",
        f"Lembar {LOOK_AGAIN}, bila ada: sel yang perlu diperiksa; barisnya tetap dipakai dan tidak perlu dikirim kembali.",
        "",
        "Cara memperbaiki",
        "1. Salin berkas ini dan bekerja di salinan itu: berkas asli ditulis ulang bila ada yang berubah.",
        f"2. Sel berwarna jingga salah; kolom {FAULTS} mengatakan mengapa. Tulis nilai yang benar di sel itu.",
        "3. Tanggal ditulis sebagai tanggal atau 2026-05-31; angka tanpa pemisah ribuan.",
        (
            f"4. Bila hasil ukur di luar batas memang begitu: jangan ubah barisnya, pilih benar di kolom {DECISION} dan isi "
            f"{DECIDED_BY} (nama atau NIP). Kesalahan lain harus tetap diperbaiki: sel kosong atau tidak terbaca, kode "
            "atau tempat yang tidak dikenal, laporan ganda, tanggal yang belum terjadi."
        ),
        f"5. Bila catatan itu tidak ada atau salah kirim: pilih hapus di kolom {DECISION}; catatan yang sama tidak dipakai lagi.",
        f"6. Jangan ubah kolom {TICKET}: dengan itu perbaikan dikenali. Baris yang belum selesai boleh dihapus; ia muncul lagi.",
        "",
        "Mengembalikan berkas",
        (
            f"Simpan sebagai .xlsx, dengan sandi yang sama atau tanpa sandi, lalu taruh di "
            f"landing/{dataset.agency}/{dataset.name}/<periode>/, misalnya {example}. Satu berkas boleh memuat beberapa "
            "periode. Dibaca malam itu juga."
        ),
        "Memperbaiki di aplikasi asal dan mengirim ekspor baru juga boleh: baris dengan kunci yang sama dianggap selesai.",
        "",
        (
            "Berkas ini memuat data pribadi. Jangan dikirim lewat grup percakapan atau surel pribadi; "
            "hapus salinannya setelah dikembalikan."
        ),
    ]
