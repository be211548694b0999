"""How long a file takes from an agency's bytes to typed rows, per type of file, beside other ways to read it.

The files are weighings of the invented regency, one table in four forms. Ours is what a night does: hash, read in a
confined child, the cells as text and the values as types into the encrypted database. Sealing has lines of its own.
"""

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from tests.bench.lines import Line, line
from tests.bench.measure import Side, alternate
from tests.bench.place import Bench

ROUNDS = 5
SLOW_ROUNDS = 3
CSV_ROWS, BOOK_ROWS = 300_000, 10_000  # a month of a large regency; what an .xls of one puskesmas never exceeds
PLAIN, QUOTED, ZIPPED, XLSX, XLS = "plain.csv", "quoted.csv", "zipped.zip", "book.xlsx", "book.xls"
DATASET = ("dinkes", "penimbangan")
HEADER = b"No,NIK,Nama,JK,Tgl Lahir,BB Lahir,TB Lahir"  # of a weighing list in plain UTF-8
Work = Callable[[], dict[str, Any] | None]


def run(bench: Bench) -> list[Line]:
    environment, folder = bench.environment("intake"), bench.files()
    lines = []
    for name in (PLAIN, QUOTED, ZIPPED):
        file = str(folder / name)
        sides = {
            "ours": _side("load", file=file),
            "sealed": _side("night", file=file),
            "duckdb": _side("duckdb_csv", file=file),
        }
        if name == PLAIN:
            sides |= {"pandas": _side("pandas_csv", file=file)}
            sides |= {"seal": _side("seal", file=file), "open": _side("unseal", file=file)}
        rounds, step = ROUNDS if name == PLAIN else SLOW_ROUNDS, partial(_tell, bench, name)
        runs = alternate(sides, environment, rounds, step)
        what, raw = f"{name.replace('.', ' .')}, {CSV_ROWS:,} rows", "DuckDB read_csv + SHA-256"
        goal, figure = (3.0, "csv_x") if name == PLAIN else (None, "")
        lines.append(line(f"{what}: hash, read, load", runs["ours"], raw, runs["duckdb"], goal, figure))
        lines.append(line(f"{what}: with receipt and seal", runs["sealed"], raw, runs["duckdb"]))
        if name == PLAIN:
            lines.append(line("  receipt, hash, seal (AES-256-GCM)", runs["seal"]))
            lines.append(line("  the seal opened again", runs["open"]))
            lines.append(line(f"{what}: hash, read, load", runs["ours"], "pandas into DuckDB", runs["pandas"]))
    for name in (XLSX, XLS):
        file = str(folder / name)
        sides = {"ours": _side("load", file=file), "calamine": _side("pandas_book", file=file, engine="calamine")}
        usual = "openpyxl" if name == XLSX else "xlrd"
        if not (missing := bench.missing(usual)):
            sides |= {"usual": replace(_side("pandas_book", file=file, engine=usual), path=bench.extras)}
            if name == XLSX:
                sides |= {"rows": replace(_side("openpyxl_rows", file=file), path=bench.extras)}
        runs = alternate(sides, environment, SLOW_ROUNDS, partial(_tell, bench, name))
        what = f".{name.partition('.')[2]}, {BOOK_ROWS:,} rows: hash, read, load"
        lines.append(line(what, runs["ours"], "pandas with calamine into DuckDB", runs["calamine"]))
        if missing:
            lines.append(line(what, runs["ours"], f"pandas with {usual}: {missing}"))
            continue
        lines.append(line(what, runs["ours"], f"pandas with {usual} into DuckDB", runs["usual"]))
        if "rows" in runs:
            lines.append(line(what, runs["ours"], "openpyxl alone, rows in memory", runs["rows"]))
    return lines


def _tell(bench: Bench, name: str, side: str) -> None:
    bench.step(f"intake: {name}, {side}")


def _side(function: str, **arguments: str) -> Side:
    return Side(f"{__name__}:{function}", arguments)


def write_files(landing: str, folder: str) -> Work:
    """Write the four forms of one table: weighings that came as plain CSV, repeated with a NIK of their own."""
    import duckdb

    from include.synthetic.files import Form, Sheet, write_file

    def work() -> None:
        con, target = duckdb.connect(), Path(folder)
        files = sorted(Path(landing, *DATASET).rglob("*_perbaikan.csv"))  # corrected: no fault of the whole file
        source = next(
            path for path in files if path.read_bytes().startswith(HEADER) and b",Tinggi," in path.read_bytes()
        )
        con.execute("create table one as select * from read_csv(?, all_varchar = true, delim = ',')", [str(source)])
        [(count,)] = con.execute("select count(*) from one").fetchall()
        number = "row_number() over ()"
        sheet = f"""
            select one.* replace (
                ({number})::varchar as "No", printf('36%014d', {number}) as "NIK", replace("Nama Ortu", ',', ' /') as "Nama Ortu"
            )
            from one, range(1 + {{rows}} // {count})
            limit {{rows}}
        """
        write_file(con, Sheet(sheet.format(rows=CSV_ROWS)), Form(), target / PLAIN)
        quoted = sheet.replace("' /')", "' /') || ', almarhum'")
        write_file(con, Sheet(quoted.format(rows=CSV_ROWS)), Form(), target / QUOTED)
        for kind, name in (("xlsx", XLSX), ("xls", XLS)):
            write_file(con, Sheet(sheet.format(rows=BOOK_ROWS)), Form(file=kind), target / name)
        with zipfile.ZipFile(target / ZIPPED, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(target / PLAIN, "Kragilan_202605.csv")

    return work


def load(file: str) -> Work:
    """Ours without the archive: hash the file, read it in the confined child, load it."""
    from include import archive, warehouse
    from include.load import load_delivery

    dataset, path = _fresh(file)

    def work() -> dict[str, Any]:
        delivery = archive.describe(path, dataset, [])
        with warehouse.connect() as con:
            assert load_delivery(con, dataset, delivery, path) is None
            return _rows(con, f"select count(*) from {dataset.table} where _delivery_id = '{delivery.delivery_id}'")

    return work


def night(file: str) -> Work:
    """Ours as a night does it: into the archive, encrypted, with its receipt; out of it again, read, load."""
    from include import ingest, warehouse

    dataset, _ = _fresh(file)

    def work() -> dict[str, Any]:
        receipt = ingest.receive(dataset)[-1][-1]  # the first waits for its gate still
        assert ingest.load(dataset, [receipt]) == []
        with warehouse.connect() as con:
            return _rows(con, f"select count(*) from {dataset.table} where _delivery_id = '{receipt['delivery_id']}'")

    return work


def seal(file: str) -> Work:
    from include import archive

    dataset, _ = _fresh(file)
    return lambda: {"deliveries": len(archive.archive_new(dataset))}


def unseal(file: str) -> Work:
    from include import archive, vault

    dataset, _ = _fresh(file)
    [delivery] = archive.archive_new(dataset)

    def work() -> dict[str, Any]:
        with vault.opened(delivery.file) as plain:
            return {"bytes": plain.stat().st_size}

    return work


def _fresh(file: str) -> tuple[Any, Path]:
    """Empty the data folder, load a first small delivery as a process does that is at work, and put the file there."""
    import atexit

    from include import ingest, settings
    from include.contract_reader import find_dataset
    from include.reading import SERVER

    atexit.register(SERVER.stop)  # so that what it took is counted
    dataset = find_dataset(*DATASET)
    shutil.rmtree(settings.DATA, ignore_errors=True)
    folder = settings.LANDING.joinpath(*DATASET, "2026-05")
    folder.mkdir(parents=True)
    source = Path(file)
    with source.with_name(PLAIN).open(encoding="utf-8") as lines:
        (folder / "first.csv").write_text("".join(islice(lines, 100)), encoding="utf-8")
    [receipts] = ingest.receive(dataset)
    refusals = ingest.load(dataset, receipts)
    assert not refusals, refusals
    return dataset, Path(shutil.copy(source, folder))


def _rows(con: Any, query: str) -> dict[str, Any]:
    [(rows,)] = con.execute(query).fetchall()
    assert rows >= BOOK_ROWS, rows
    return {"rows": rows}


def duckdb_csv(file: str) -> Work:
    """DuckDB alone: hash the bytes, read them as text into a table of a file that nothing encrypts."""
    import duckdb

    def work() -> dict[str, Any]:
        _hash(Path(file))
        path = _unzipped(Path(file))
        with _plain_database(duckdb) as con:
            con.execute("create table raw as select * from read_csv(?, all_varchar = true, header = true)", [str(path)])
            return _rows(con, "select count(*) from raw")

    return work


def pandas_csv(file: str) -> Work:
    import duckdb
    import pandas

    def work() -> dict[str, Any]:
        _hash(Path(file))
        frame = pandas.read_csv(file, dtype=str, keep_default_na=False)  # noqa: F841  DuckDB finds it by its name
        with _plain_database(duckdb) as con:
            con.execute("create table raw as select * from frame")
            return _rows(con, "select count(*) from raw")

    return work


def pandas_book(file: str, engine: str) -> Work:
    import duckdb
    import pandas

    def work() -> dict[str, Any]:
        _hash(Path(file))
        frame = pandas.read_excel(file, dtype=str, engine=engine)  # noqa: F841  as above
        with _plain_database(duckdb) as con:
            con.execute("create table raw as select * from frame")
            return _rows(con, "select count(*) from raw")

    return work


def openpyxl_rows(file: str) -> Work:
    import openpyxl

    def work() -> dict[str, Any]:
        _hash(Path(file))
        rows = list(openpyxl.load_workbook(file, read_only=True).active.iter_rows(values_only=True))
        return {"rows": len(rows)}

    return work


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _unzipped(file: Path) -> Path:
    if file.suffix != ".zip":
        return file
    with zipfile.ZipFile(file) as archive:
        return Path(archive.extract(archive.namelist()[0], file.parent / "unzipped"))


def _plain_database(duckdb: Any) -> Any:
    """A new database on disk with the limits of a night's."""
    from include import settings, warehouse

    settings.DATA.mkdir(parents=True, exist_ok=True)
    path = settings.DATA / "plain.duckdb"
    path.unlink(missing_ok=True)
    return duckdb.connect(str(path), config=warehouse.config())
