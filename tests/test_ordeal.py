"""A small part of the ordeal: three kills and one damaged database on a night's intake, and the search for leaks."""

import base64
import gzip
import hashlib
import json
import random
import shutil
import sqlite3
import traceback
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest
import xlsxwriter
from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject

from include import settings, warehouse
from include.manifest import write_manifests
from tests.ordeal import state
from tests.ordeal.leaks import search
from tests.ordeal.marks import Mark, make_marks
from tests.ordeal.points import NAMED
from tests.ordeal.regency import write_tiny
from tests.ordeal.stage import Place

DATASET = "dinkes/stbm_desa"
INTAKE = {"datasets": [DATASET], "phases": ["intake"]}
KILLS = ("receive, between bytes and receipt", "load, before commit", "gate, between store and settle")
SAME = ("tables", "archive", "landing", "deliveries", "returns")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("ordeal") / "place")
    yield place
    place.close()


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which the deliveries of one dataset wait."""
    folder = tmp_path_factory.mktemp("evening")
    write_tiny(folder / "regency", folder / "truth")
    shutil.copytree(folder / "regency" / DATASET, folder / "data" / "landing" / DATASET)
    return folder / "data"


@pytest.fixture(scope="module")
def undisturbed(place: Place, evening: Path) -> dict[str, Any]:
    place.fill(evening)
    assert place.night(**INTAKE).code == 0
    shutil.copy2(place.data / "keyring.json", evening)  # tickets are made with its key
    return place.look(tables=True)


def test_a_look_at_a_release_counts_its_tables_and_finds_what_the_manifest_does_not_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(settings, "CURRENT", tmp_path)
    with duckdb.connect(str(tmp_path / "tegak.duckdb")) as con:
        con.execute("create table children as select 36042003 as desa_code, 7 as stunted")
    (tmp_path / "task_force").mkdir()
    write_manifests(tmp_path, {}, {"tegak.duckdb": "another"})
    found = state._release()
    assert list(found["tables"]) == ["tegak.duckdb:main.children"]
    assert found["faults"] == ["tegak.duckdb is not what the manifest says"]


@pytest.mark.parametrize("name", KILLS)
def test_a_killed_intake_is_made_up_by_the_next(place, evening, undisturbed, name):
    [point] = [point for point in NAMED if point.name == name]
    place.fill(evening)
    assert place.night(seams=[point.seam], **INTAKE).killed
    state = place.look()
    assert state["unbalanced"] == []
    _is_made_up(place, undisturbed)


def test_a_damaged_database_is_made_again(place, evening, undisturbed):
    place.fill(evening)
    place.night(**INTAKE)
    database = place.data / "warehouse.duckdb"
    with database.open("r+b") as stream:
        stream.write(random.Random(6).randbytes(8192))
    _is_made_up(place, undisturbed)


def _is_made_up(place: Place, undisturbed: dict[str, Any]) -> None:
    again = place.night(**INTAKE)
    assert again.code == 0, again.why()
    state = place.look(tables=True)
    assert {key: state[key] for key in SAME} == {key: undisturbed[key] for key in SAME}
    assert state["unreadable"] is None
    assert state["unbalanced"] == state["left_behind"] == []


def _zip(path: Path, content: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("member.txt", content)


def _in(con: duckdb.DuckDBPyConnection, content: bytes) -> None:
    """One person among others, so that no statistic of least and greatest names him."""
    con.execute("create table persons as select md5(i::varchar) as name from range(5000) as t(i)")
    con.execute("update persons set name = ? where name = (select median(name) from persons)", [content.decode()])


def _duckdb(path: Path, content: bytes) -> None:
    with duckdb.connect(str(path)) as con:
        _in(con, content)


def _comment(path: Path, content: bytes) -> None:
    with duckdb.connect(str(path)) as con:
        con.execute("create table persons (name varchar)")
        con.execute(f"comment on column persons.name is '{content.decode()}'")


def _parquet(path: Path, content: bytes) -> None:
    with duckdb.connect() as con:
        _in(con, content)
        con.execute(f"copy persons to '{path}' (format parquet, compression zstd)")


def _parquet_in_zip(path: Path, content: bytes) -> None:
    part = path.with_name("part")
    _parquet(part, content)
    _zip(path, part.read_bytes())
    part.unlink()


def _xlsx(path: Path, content: bytes) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("data").write_string(3, 3, content.decode())


def _pdf(path: Path, content: bytes) -> None:
    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    stream = StreamObject()
    stream.set_data(b"q 0 0 10 10 re f Q /Note <</Contents (" + content + b")>> DP")
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    writer.write(path)


def _pdf_title(path: Path, content: bytes) -> None:
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.add_metadata({"/Title": f"ā {content.decode()}"})  # two bytes a letter
    writer.write(path)


def _pdf_words(path: Path, content: bytes) -> None:
    """In the glyph numbers of a font of its own, as the prints have it."""
    path.write_bytes(pytest.importorskip("typst").compile(content))


def _sqlite(path: Path, content: bytes) -> None:
    with sqlite3.connect(path) as con:
        con.execute("create table xcom (value)")
        con.execute("insert into xcom values (?)", [content.decode()])


MARK = make_marks()[0]
RAW = MARK.text.encode()
LEAKS: dict[str, Callable[[Path], Any]] = {
    "plain": lambda path: path.write_bytes(b"name=" + RAW),
    "upper": lambda path: path.write_bytes(RAW.upper()),
    "reversed": lambda path: path.write_bytes(RAW[::-1]),
    "hex": lambda path: path.write_text(RAW.hex()),
    "URL": lambda path: path.write_text(quote(MARK.text)),
    "UTF-16": lambda path: path.write_bytes(MARK.text.encode("utf-16")),
    **{
        f"base64 {shift}": lambda path, shift=shift: path.write_bytes(base64.b64encode(b"q" * shift + RAW + b"rest"))
        for shift in range(3)
    },
    **{
        f"{name} {how}": lambda path, name=name, write=write: path.write_bytes(write(hashlib.new(name, RAW).digest()))
        for name in ("md5", "sha1", "sha256")
        for how, write in (("hex", lambda digest: digest.hex().encode()), ("base64", base64.b64encode))
    },
    "gzip": lambda path: path.write_bytes(gzip.compress(RAW)),
    "zip": lambda path: _zip(path, RAW),
    "duckdb": lambda path: _duckdb(path, RAW),
    "parquet": lambda path: _parquet(path, RAW),
    "parquet in zip": lambda path: _parquet_in_zip(path, RAW),
    "comment": lambda path: _comment(path, RAW),
    "xlsx": lambda path: _xlsx(path, RAW),
    "pdf": lambda path: _pdf(path, RAW),
    "pdf title": lambda path: _pdf_title(path, RAW),
    "pdf words": lambda path: _pdf_words(path, RAW),
    "html": lambda path: path.write_text(f'<td data-name="{MARK.text}">'),
    "json lines": lambda path: path.write_text(json.dumps({"a": 1}) + "\n" + json.dumps({"b": [MARK.text]})),
    "sqlite": lambda path: _sqlite(path, RAW),
}


def test_every_form_of_a_leak_is_found(tmp_path):
    """Also inside of packed files; a file without a mark is not found."""
    for name, plant in LEAKS.items():
        plant(tmp_path / name)
    (tmp_path / "nothing").write_text("Bodara mon Bokuri mon" * 1000)
    packed = ("gzip", "zip", "xlsx", "parquet in zip", "parquet", "pdf", "pdf title", "pdf words")
    assert [name for name in packed if RAW in (tmp_path / name).read_bytes()] == [], "only unpacking can find these"
    found = {Path(leak.path).name for leak in search([tmp_path], [MARK])}
    assert found == set(LEAKS)


def test_a_night_leaves_no_person_outside(night):
    """Persons of the session's own night: nowhere but in what only a key opens."""
    truth = night.data / "truth"
    niks = duckdb.execute(f"select nik::varchar from '{truth}/persons.parquet' order by hash(nik) limit 25").fetchall()
    names = duckdb.execute(
        f"select distinct name from '{truth}/persons.parquet' where len(name) > 16 and name like '% %' "
        "order by hash(name) limit 25"
    ).fetchall()
    marks = [Mark("nik", nik) for (nik,) in niks] + [Mark("person", name) for (name,) in names]
    assert len(marks) == 50
    assert search([night.home], marks, leave_out=[truth, night.data / "landing"]) == []


def test_an_error_of_the_database_quotes_no_cell(data):
    """It ends in Airflow's log with its traceback."""
    with pytest.raises(duckdb.ConversionException) as raised, warehouse.connect() as con:
        con.execute("select cast(? as integer)", ["SITI" + " AMINAH"])
    assert "SITI AMINAH" not in "".join(traceback.format_exception(raised.value))
