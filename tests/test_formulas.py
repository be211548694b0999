"""No cell of an agency can become a formula in any file that leaves: every module that writes such files is listed."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import duckdb
import pytest

from include import settings
from include.book import add_page, private_book, write_cell
from include.cells import harmless
from include.explain import write_rows
from include.linkage.pair_book import write_pair_book
from include.locked import unlock
from include.score import score
from include.settings import ROOT
from include.sql import show
from include.star import write_workbook
from tests.workbooks import content_of

FORMULAS = [
    "=cmd|' /C calc'!A1",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n@SUM(A1)",
    " =1+1",
    "\u00a0=1+1",
    "\ufeff=1+1",
    "\tANI",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(A1)",
    "-",
    "-2",
]
HARMLESS = ["-", "-2", "-2,5", "+62812345678", "-1.250,75", "-1.2E+05", "36.04.11.2003", "ANI", "a=b", "", "'"]
# writes files of its own, but no cell of an agency
OWN_FACTS = {
    "compare.py": "how many rows of which mart and period change",
    "linkage/estimate.py": "points, a seed",
    "linkage/published.py": "measured quality, a seed",
    "release.py": "dictionary.csv, the descriptions of columns",
}
_WRITES = re.compile(r"csv\.(Dict)?[wW]riter|write_csv|xlsxwriter\.|private_book\(|\(format csv", re.IGNORECASE)


@pytest.mark.parametrize("cell", FORMULAS[:-2])
def test_what_a_spreadsheet_might_compute_gets_a_sign_before_it(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless(harmless(cell)) == f"'{cell}"


@pytest.mark.parametrize("cell", HARMLESS)
def test_numbers_and_plain_texts_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


def _explained(folder: Path) -> list[str]:
    with duckdb.connect() as con:
        con.execute("create schema audit")
        con.execute("create table walked (delivery_id int, status varchar, delivery_row int, counts bool, why varchar)")
        con.execute(
            "create table audit.deliveries (delivery_id int, agency varchar, dataset varchar, period varchar, file_name varchar, sheet varchar)"
        )
        for number, cell in enumerate(FORMULAS):
            con.execute("insert into walked values (?, 'accepted', ?, true, ?)", [number, number, cell])
            con.execute("insert into audit.deliveries values (?, 'a', 'b', 'c', ?, ?)", [number, cell, cell])
        write_rows(con, folder / "rows.csv")
    return _cells_of_csv(folder / "rows.csv")


def _asked(folder: Path) -> list[str]:
    """What `make sql` writes into a pipe."""
    with duckdb.connect() as con, (folder / "answer.csv").open("w", encoding="utf-8", newline="") as stream:
        con.execute("create table t (cell varchar)")
        con.executemany("insert into t values (?)", [[cell] for cell in FORMULAS])
        with redirect_stdout(stream):
            show(con.table("t"))
    return _cells_of_csv(folder / "answer.csv")


def _scored(folder: Path) -> list[str]:
    with (folder / "in.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "sex", "age_days", "weight_kg", "lenhei_cm", "measure", "oedema", "muac_cm", "headc_cm"])
        writer.writerows([cell, "m", "100", "6", "60", "l", "n", "", ""] for cell in FORMULAS)
    score(folder / "in.csv", folder / "out.csv")
    return _cells_of_csv(folder / "out.csv")


def _cells_of_csv(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [cell for row in csv.reader(stream) for cell in row]


def _booked(folder: Path) -> list[str]:
    """Agencies' workbooks and lists with names are written cell by cell by `book.write_cell`."""
    with private_book(folder / "book.xlsx", "sandi") as book:
        page = add_page(book, "Lembar", {"Kolom": 10})
        for number, cell in enumerate(FORMULAS, start=1):
            write_cell(page, number, 0, cell, book.text)
    content = unlock((folder / "book.xlsx").read_bytes(), "sandi")
    assert content
    return _cells_of_xlsx(content)


def _paired(folder: Path) -> list[str]:
    """The registrar's workbook and the sample of links."""
    rows = [{"No": number, "Nama A": cell, "Nama B": "ANI"} for number, cell in enumerate(FORMULAS)]
    write_pair_book(folder / "pairs.xlsx", ["Petunjuk"], "Pasangan", {"No": 5, "Nama A": 9, "Nama B": 9}, rows, {})
    return _cells_of_xlsx(content_of(folder / "pairs.xlsx", "disdukcapil"))


def _starred(folder: Path) -> list[str]:
    """The workbook of the star schema: names come from seeds, and a seed may be anybody's."""
    zone = folder / "public"
    zone.mkdir()
    with duckdb.connect(str(zone / "tegak.duckdb")) as con:
        con.execute("create table dim_desa (desa_code varchar, desa_name varchar)")
        con.executemany("insert into dim_desa values (?, ?)", [(str(n), cell) for n, cell in enumerate(FORMULAS)])
    return _cells_of_xlsx(write_workbook(zone, "=1+1", {"=SUM(A1)": "=1+1"}).read_bytes())


def _cells_of_xlsx(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        pages = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any("<f>" in page or "<hyperlink" in page for page in pages)
    return [cell for page in pages for cell in re.findall(r"<t[^>]*>(.*?)</t>", page, re.DOTALL)]


EXPORTS: dict[str, Callable[[Path], list[str]]] = {
    "explain.py": _explained,
    "score.py": _scored,
    "sql.py": _asked,
    "book.py": _booked,
    "returns.py": _booked,
    "byname.py": _booked,
    "linkage/pair_book.py": _paired,
    "star.py": _starred,
}


def test_every_module_that_writes_files_is_known() -> None:
    include = ROOT / "include"
    found = {
        str(path.relative_to(include))
        for path in include.rglob("*.py")
        if "synthetic" not in path.parts and _WRITES.search(re.sub(r"#.*", "", path.read_text(encoding="utf-8")))
    }
    assert found == set(EXPORTS) | set(OWN_FACTS)


@pytest.mark.parametrize("export", sorted(set(EXPORTS.values()), key=lambda export: export.__name__))
def test_no_export_lets_a_formula_out(
    export: Callable[[Path], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DATA", tmp_path)
    cells = export(tmp_path)
    assert any("SUM" in cell for cell in cells), "the cells are in it"
    assert [cell for cell in cells if harmless(cell) != cell] == []
    assert "-2" in cells
