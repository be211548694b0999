"""`make by-name`: one list of one desa with names, locked with a password told once, and recorded in a ledger.

    python -m include.byname visit_list 36.04.11.2003 --week 1 --purpose "kunjungan rumah" --for "TPK Kragilan"

Of what leaves the private zone with names this and `make subject` are recorded; the other ways are workbooks locked with an agency's password.
The record is on disk before the file appears.
"""

import argparse
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from include import indonesian, settings, warehouse
from include.book import add_guide, add_page, private_book, private_folder, set_up_print, write_cell
from include.console import CONSOLE
from include.ledger import open_ledger, pseudonym, user
from include.problem import Problem, run

LEAST_LETTERS = 10
WIB = ZoneInfo("Asia/Jakarta")
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read for another
_CHILD = {
    "Nama": ("person_name", 21),
    "Jenis Kelamin": ("sex", 8),
    "Tanggal Lahir": ("born_on", 11),
    "Orang Tua/Suami": ("relatives", 22),
    "Posyandu": ("posyandu_name", 13),
}


@dataclass(frozen=True)
class Listing:
    """A list: its columns are SQL over the mart (`listed`) and the persons, with a width.

    Those of `to_fill_in` are empty: they are filled in by hand on paper.
    """

    title: str
    key: str
    month: str
    order: str
    columns: dict[str, tuple[str, int]]
    to_fill_in: dict[str, int]


# a NIK only where the working paper asks for it
LISTS = {
    "visit_list": Listing(
        title="kunjungan rumah",
        key="child_id",
        month="month",
        order="visit_rank",
        columns={
            "Pekan": ("visit_week", 6),
            "Golongan": ("category", 9),
            **_CHILD,
            "Umur (bulan)": ("age_months", 8),
            "Alasan": ("reasons", 28),
            "Tindakan": ("action", 25),
            "OPD": ("(select short_name from marts.agencies where agencies.agency = listed.agency)", 8),
            "Terakhir Ditimbang": ("strftime(seen_month, '%Y-%m')", 10),
        },
        to_fill_in={"Dikunjungi": 11, "Hasil": 26, "Paraf": 8},
    ),
    "audit_candidates": Listing(
        title="calon audit kasus",
        key="candidate_id",
        month="known_month",
        order="target_group, candidate_rank",
        columns={
            "Sasaran": ("target_group", 10),
            **_CHILD,
            "NIK": ("nik", 19),
            "Umur (bulan)": ("age_months", 8),
            "Umur (tahun)": ("age_years", 8),
            "Alasan": ("reasons", 34),
            "TB/U Terakhir": ("replace(last_height_for_age_class, '_', ' ')", 11),
            "BB/U Terakhir": ("replace(last_weight_for_age_class, '_', ' ')", 11),
            "BB/TB Terakhir": ("replace(last_weight_for_height_class, '_', ' ')", 11),
        },
        to_fill_in={"Dibahas": 10, "Paraf": 9},
    ),
}


class ListRefused(Problem):
    """No list leaves; the message is one sentence that says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line. Raises `Problem` when no list was written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list")
    parser.add_argument("desa", help="its code, as 36.04.11.2003")
    parser.add_argument("--purpose", default="", help="why the list is needed")
    parser.add_argument("--for", default="", dest="recipient", help="who gets it")
    parser.add_argument("--week", default="", help="of visit_list: only whom to visit in this week, 1 first; else all")
    given = parser.parse_args(arguments)
    path, persons, password = write_list(given.list, given.desa, given.purpose, given.recipient, given.week)
    CONSOLE.print(f"{path}: {persons} persons; recorded in {path.parent.name}/ledger.jsonl", markup=False)
    CONSOLE.print(f"Password, told only now and kept nowhere: {password}", markup=False)
    return 0


def write_list(name: str, desa: str, purpose: str, recipient: str, week: str = "") -> tuple[Path, int, str]:
    """Record and write one list; return its file, how many persons it names, and its password.

    Raises `ListRefused` or `LedgerBroken`, and then nothing was written.
    """
    if name not in LISTS:
        raise ListRefused(f"LIST is {' or '.join(LISTS)}.")
    if sum(sign.isalpha() for sign in purpose) < LEAST_LETTERS:
        raise ListRefused(f'Say what the list is for, in {LEAST_LETTERS} letters or more: PURPOSE="...".')
    if not any(sign.isalpha() for sign in recipient):
        raise ListRefused('Say who gets the list: FOR="TPK Kragilan".')
    listing = LISTS[name]
    if week and "Pekan" not in listing.columns:
        raise ListRefused(f"WEEK is for visit_list alone: {name} has no weeks.")
    place, rows = _persons(name, desa)
    if week:
        last = max(row["Pekan"] for row in rows)
        rows = [row for row in rows if str(row["Pekan"]) == week]
        if not rows:
            raise ListRefused(f"Nobody of {desa} is to be visited in that week: WEEK is a number from 1 to {last}.")
    months = " dan ".join(indonesian.month(month) for month in sorted({row.pop("month") for row in rows}))
    of_when = f"Keadaan {months}"
    if "Pekan" in listing.columns:
        of_when += f", kunjungan pekan ke-{week}" if week else ", kunjungan semua pekan"
    pseudonyms = [pseudonym(row.pop("subject_id")) for row in rows]
    now = datetime.now(UTC)
    password = "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(5))
    folder = private_folder(settings.DATA / "by_name")
    path = folder / f"{name}_{desa}_{now:%Y-%m-%dT%H%M%S.%fZ}.xlsx"
    entry = {
        "at": now.isoformat(timespec="seconds"),
        "by": user(),
        "for": recipient,
        "purpose": purpose,
        "list": name,
        "desa": desa,
        "week": int(week) if week else None,
        "persons": len(rows),
        "file": path.name,
    }
    with open_ledger(folder / "ledger.jsonl") as ledger:

        def record(content: bytes) -> None:
            ledger.append(entry | {"sha256": hashlib.sha256(content).hexdigest(), "pseudonyms": pseudonyms})

        with private_book(path, password, record) as book:
            title = f"Daftar dengan nama: {listing.title}, desa {place} ({desa})"
            add_guide(book, [title, of_when, *_guide(listing, entry, now)])
            widths = {header: width for header, (_, width) in listing.columns.items()} | listing.to_fill_in
            page = add_page(book, "Daftar", widths, frozen=3)
            for number, row in enumerate(rows, start=1):
                for column, header in enumerate(widths):
                    look = book.line_date if header == "Tanggal Lahir" else book.line
                    write_cell(page, number, column, row.get(header), look, book.line_number)
            page.autofilter(0, 0, len(rows), len(widths) - 1)
            set_up_print(page, f"{title}. {of_when}", len(rows), len(widths))
    return path, len(rows), password


def _persons(name: str, desa: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the desa's name and the rows of the list, each with the subject's key and the month it is of."""
    listing = LISTS[name]
    shown = ", ".join(f'{sql} as "{header}"' for header, (sql, _) in listing.columns.items())
    try:
        with warehouse.connect(read_only=True) as con:
            places = con.execute("select desa_name from seeds.ref_desa where desa_code = ?", [desa]).fetchall()
            if not places:
                raise ListRefused("DESA is the code of a desa of the regency, as 36.04.11.2003; this one is not.")
            found = con.execute(
                f"""
                select subject_id, listed.{listing.month} as month, {shown}
                from marts.{name} as listed
                inner join intermediate.int_persons_listed as persons on listed.{listing.key} = persons.subject_id
                where listed.desa_code = ?
                order by {listing.order}, subject_id
                """,
                [desa],
            )
            names = [column[0] for column in found.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    except duckdb.CatalogException as error:
        raise ListRefused("The working database holds no such list yet; run make nightly.") from error
    if not rows:
        raise ListRefused(f"{name} has nobody in {desa}: nothing was written.")
    return places[0][0], rows


def _guide(listing: Listing, entry: Mapping[str, Any], now: datetime) -> list[str]:
    local = now.astimezone(WIB)
    return [
        f"Dibuat {indonesian.date(local)} {local:%H.%M} WIB oleh {entry['by']}" + f" untuk {entry['for']}",
        f"Tujuan: {entry['purpose']}",
        f"{entry['persons']} orang. Pembuatan daftar ini dicatat.",
        f"Diisi dengan tangan: {', '.join(listing.to_fill_in)}."
        + (" Hasil: BB/TB, tidak ditemukan, atau pindah." if "Hasil" in listing.to_fill_in else ""),
        "",
        "Daftar ini memuat data pribadi anak dan data kesehatan (UU 27/2022, pasal 4). Pakai hanya untuk tujuan di atas.",
        "Jangan dikirim lewat grup percakapan; sandinya disampaikan terpisah. Hapus berkas ini setelah selesai dipakai.",
        "Bila hilang atau bocor, laporkan hari itu juga: pemberitahuan wajib dalam 3 x 24 jam (pasal 46).",
    ]


if __name__ == "__main__":
    run(main)
