"""What people do with links: the registrar's workbook, the sample of links to judge, and what its judgement says."""

import io
import re
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import duckdb
import pytest
import python_calamine

from include import settings, warehouse
from include.cells import harmless
from include.contract_reader import find_dataset
from include.gate import judge_without_gx
from include.linkage import pair_book, sample
from include.linkage.pair_book import FIELDS, write_pair_book
from include.linkage.review import COLUMNS, MOST_PAIRS, write_review
from include.linkage.sample import Band, SampleProblem, estimate, read_judged, share_out, write_sample
from tests.conftest import Desk
from tests.workbooks import content_of, opened

BORN = "2024-03-01"
FORMULAS = ("=1+1", '=HYPERLINK("http://x")', "+62", "-1", "@SUM(A1)", "\t=1", "https://x.id", "3604050103240001")


@pytest.fixture
def con(desk: Desk) -> duckdb.DuckDBPyConnection:
    desk.con.execute(
        """
        create schema intermediate;
        create schema seeds;
        create table seeds.ref_desa (desa_code varchar, desa_name varchar);
        insert into seeds.ref_desa values ('36.04.05.2001', 'Kramatwatu');
        create table intermediate.int_child_records (agency varchar, identity_key varchar, nik varchar, no_kk varchar,
            child_name varchar, parent_names varchar, sex varchar, born_on date, desa_code varchar, first_as_of date,
            last_as_of date);
        create table intermediate.int_linkage_reviews (agency_a varchar, identity_a varchar, agency_b varchar,
            identity_b varchar, points integer, reason varchar, waterfall varchar);
        create table intermediate.int_child_links (agency varchar, identity_key varchar, child_id varchar, rule varchar,
            points integer, anchor_agency varchar, anchor_identity varchar, waterfall varchar);
        create view intermediate.int_child_link_waterfalls as
            select agency, identity_key, points, waterfall from intermediate.int_child_links;
        """
    )
    return desk.con


def add_record(con: duckdb.DuckDBPyConnection, agency: str, identity: str, **said: str | None) -> None:
    record = {"child_name": "FARHAN AKBAR", "sex": "L", "born_on": BORN, "desa_code": "36.04.05.2001"} | said
    columns = ", ".join(["agency", "identity_key", *record])
    marks = ", ".join("?" * (len(record) + 2))
    con.execute(
        f"insert into intermediate.int_child_records ({columns}) values ({marks})", [agency, identity, *record.values()]
    )


def key(side: str, number: int) -> str:
    """An identity key has 32 hexadecimal digits."""
    return f"{side}{number:031x}"


def add_pair(con: duckdb.DuckDBPyConnection, number: int, points: int, **said_b: str | None) -> None:
    """A pair whose sides are equal but for what `said_b` says of B."""
    same = {"nik": "3604050103240001", "no_kk": "3604050101010001", "parent_names": "SITI / BUDI"}
    add_record(con, "dinkes", key("a", number), **same)
    add_record(con, "disdukcapil", key("b", number), **same | said_b)
    con.execute(
        "insert into intermediate.int_linkage_reviews values "
        "('dinkes', ?, 'disdukcapil', ?, ?, 'mirip', 'nama +20; lahir +25')",
        [key("a", number), key("b", number), points],
    )


def add_links(con: duckdb.DuckDBPyConnection, counts: Mapping[int | None, int], rule: str = "match") -> None:
    """So many links of these points."""
    for points, count in counts.items():
        con.execute(
            f"""
            insert into intermediate.int_child_links
            select 'dinkes', concat_ws('-', $rule, $points, n), 'c', $rule, $points, 'disdukcapil', 'anchor', 'nama +20'
            from range({count}) as numbers (n)
            """,
            {"rule": rule, "points": points},
        )
    con.execute(
        "insert into intermediate.int_child_records (agency, identity_key, child_name, born_on) select agency, "
        f"identity_key, 'ANI', date '{BORN}' from intermediate.int_child_links where rule = ?",
        [rule],
    )


def review_file() -> Path:
    return settings.DATA / "linkage" / "tinjauan.xlsx"


def plain_file(path: Path) -> io.BytesIO:
    return io.BytesIO(content_of(path, "disdukcapil"))


def read_sheet(path: Path, sheet: str) -> list[dict[str, str]]:
    with python_calamine.CalamineWorkbook.from_filelike(plain_file(path)) as book:
        head, *rows = book.get_sheet_by_name(sheet).to_python()
    return [dict(zip(map(str, head), (str(cell).removesuffix(".0") for cell in row), strict=True)) for row in rows]


def fill(path: Path, target: Path, cells: Mapping[str, str | int]) -> None:
    """Write into cells of the second sheet as a spreadsheet does, and leave all else of the workbook as it is."""
    with zipfile.ZipFile(plain_file(path)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as filled:
        for member in source.namelist():
            text = source.read(member).decode()
            if member == "xl/worksheets/sheet2.xml":
                for cell, value in cells.items():
                    kind, body = (
                        (' t="inlineStr"', f"<is><t>{escape(value)}</t></is>")
                        if isinstance(value, str)
                        else ("", f"<v>{value}</v>")
                    )
                    text, found = re.subn(
                        rf'<c r="{cell}" (s="\d+")[^>]*?(?:/>|>.*?</c>)', rf'<c r="{cell}" \1{kind}>{body}</c>', text
                    )
                    assert found == 1
            filled.writestr(member, text)


def style_of(path: Path, row: int, column: str) -> str:
    letters = _letters(list(COLUMNS).index(column))
    with zipfile.ZipFile(plain_file(path)) as book:
        found = re.search(rf'<c r="{letters}{row}" s="(\d+)"', book.read("xl/worksheets/sheet2.xml").decode())
    assert found
    return found[1]


def _letters(place: int) -> str:
    return (chr(64 + place // 26) if place >= 26 else "") + chr(65 + place % 26)


# --- the registrar's workbook ----------------------------------------------------------------------------------------


def test_the_workbook_shows_both_sides_highest_score_first(con: duckdb.DuckDBPyConnection) -> None:
    add_pair(con, 1, 31)
    add_pair(con, 2, 44, child_name="PARHAN")
    assert write_review(con) == 2
    first, second = read_sheet(review_file(), "Tinjauan")
    assert list(first) == list(COLUMNS)
    assert (first["No"], first["Skor"], first["Kunci A"], first["Kunci B"]) == ("1", "44", key("a", 2), key("b", 2))
    assert (first["OPD A"], first["OPD B"], first["Keputusan"]) == ("dinkes", "disdukcapil", "")
    assert (first["Nama A"], first["Nama B"]) == ("FARHAN AKBAR", "PARHAN")
    assert (first["Tanggal Lahir A"], first["Desa A"], first["NIK A"]) == (
        "01-03-2024",
        "Kramatwatu",
        "3604050103240001",
    )
    assert (first["Alasan"], first["Rincian Skor"]) == ("mirip", "nama +20; lahir +25")
    assert second["Skor"] == "31"


def test_it_is_closed_to_others_and_leaves_no_half_file(con: duckdb.DuckDBPyConnection) -> None:
    add_pair(con, 1, 31)
    folder = settings.DATA / "linkage"
    folder.mkdir(mode=0o755)
    (folder / "tinjauan.xlsx.part").write_text("left by a night that was cut off")
    write_review(con)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(review_file().stat().st_mode) == 0o600
    assert opened(review_file(), "disdukcapil")
    assert [path.name for path in folder.iterdir()] == ["tinjauan.xlsx"]


def test_a_write_that_fails_leaves_the_old_workbook(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_pair(con, 1, 31)
    write_review(con)
    before = review_file().read_bytes()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(pair_book, "write_cell", fail)
    with pytest.raises(OSError, match="disk full"):
        write_review(con)
    assert review_file().read_bytes() == before


def test_without_a_pair_the_old_workbook_goes(con: duckdb.DuckDBPyConnection) -> None:
    add_pair(con, 1, 31)
    write_review(con)
    con.execute("delete from intermediate.int_linkage_reviews")
    assert write_review(con) == 0
    assert not review_file().exists()


def test_more_pairs_than_an_office_judges_wait_and_the_guide_says_so(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "insert into intermediate.int_linkage_reviews "
        f"select 'dinkes', 'a' || n, 'dinsos', 'b' || n, n, 'mirip', null from range({MOST_PAIRS + 7}) as numbers (n)"
    )
    assert write_review(con) == MOST_PAIRS
    rows = read_sheet(review_file(), "Tinjauan")
    assert (rows[0]["Skor"], rows[-1]["Skor"]) == (str(MOST_PAIRS + 6), "7")
    with python_calamine.CalamineWorkbook.from_filelike(plain_file(review_file())) as book:
        guide = book.get_sheet_by_name("Petunjuk").to_python()
    assert any(f"{MOST_PAIRS} dari {MOST_PAIRS + 7} pasangan" in str(row[0]) for row in guide)
    assert any("landing/disdukcapil/keputusan_tautan/<YYYY-MM>/" in str(row[0]) for row in guide)


def test_only_cells_that_both_sides_fill_and_fill_differently_are_marked(con: duckdb.DuckDBPyConnection) -> None:
    add_pair(
        con, 1, 31, child_name="farhan  akbar", parent_names="BUDI/SITI", no_kk=None, nik="3604050103240002", sex="P"
    )
    write_review(con)
    plain = style_of(review_file(), 2, "Alasan")
    marked = {
        f"{field} {side}" for field in FIELDS for side in "AB" if style_of(review_file(), 2, f"{field} {side}") != plain
    }
    assert marked == {"NIK A", "NIK B", "Jenis Kelamin A", "Jenis Kelamin B"}


def test_no_cell_can_become_a_formula_a_link_or_a_number(con: duckdb.DuckDBPyConnection) -> None:
    for number, text in enumerate(FORMULAS):
        add_pair(con, number, 30 - number, child_name=text, parent_names=text, nik=text)
        con.execute(
            "update intermediate.int_linkage_reviews set waterfall = ? where identity_a = ?", [text, key("a", number)]
        )
    write_review(con)
    rows = read_sheet(review_file(), "Tinjauan")
    for column in ("Nama B", "Orang Tua B", "NIK B", "Rincian Skor"):
        assert [row[column] for row in rows] == [harmless(text).replace("\t", " ") for text in FORMULAS]
    with zipfile.ZipFile(plain_file(review_file())) as book:
        page, styles = book.read("xl/worksheets/sheet2.xml").decode(), book.read("xl/styles.xml").decode()
    assert "<f>" not in page
    assert "<hyperlink" not in page
    number_formats = re.findall(r'<xf numFmtId="(\d+)"', styles.split("<cellXfs")[1])
    assert number_formats[int(style_of(review_file(), 2, "NIK B"))] == "49", "text, so that it stays one when edited"


def test_the_decision_is_picked_from_a_list_and_the_date_must_be_one(con: duckdb.DuckDBPyConnection) -> None:
    add_pair(con, 1, 31)
    write_review(con)
    with zipfile.ZipFile(plain_file(review_file())) as book:
        page = book.read("xl/worksheets/sheet2.xml").decode()
    assert '<formula1>"sama,beda,belum"</formula1>' in page
    assert re.search(r'<dataValidation type="list"[^>]*sqref="B2"', page)
    assert re.search(r'<dataValidation type="date"[^>]*sqref="D2"', page)
    assert 'state="frozen"' in page


def test_the_filled_in_workbook_is_accepted_as_a_delivery(con: duckdb.DuckDBPyConnection, desk: Desk) -> None:
    decisions = find_dataset("disdukcapil", "keputusan_tautan")
    for number in range(4):
        add_pair(con, number, 40 - number)
    write_review(con)
    serial = 45418  # 2024-05-06, as a spreadsheet keeps a date
    filled = desk.folder / "filled.xlsx"
    cells: dict[str, str | int] = {
        "B2": "sama",
        "C2": "Sri",
        "D2": serial,
        "B3": "beda",
        "C3": "Sri",
        "D3": serial,
        "E3": "kembar",
    }
    fill(review_file(), filled, cells)
    assert desk.read(decisions, filled.read_bytes(), "tinjauan Sri.xlsx", "2026-11") is None
    [(sheet, unread)] = con.execute("select sheet, unread_columns from audit.deliveries").fetchall()
    assert (sheet, unread) == ("Tinjauan", None)
    judge_without_gx(con, decisions)
    wanted = ("Kunci A", "Kunci B", "Keputusan", "Diputuskan Oleh", "Tanggal Keputusan", "Catatan")
    names = {header: column.name for column in decisions.columns for header in column.headers}
    rows = desk.rows(decisions, ", ".join(f"cast({names[header]} as varchar)" for header in wanted) + ", _status")
    assert rows[:2] == [
        (key("a", 0), key("b", 0), "sama", "Sri", "2024-05-06", None, "accepted"),
        (key("a", 1), key("b", 1), "beda", "Sri", "2024-05-06", "kembar", "accepted"),
    ]
    assert [row[2:] for row in rows[2:]] == [(None, None, None, None, "accepted")] * 2, "not judged is no fault"


# --- the sample of links ---------------------------------------------------------------------------------------------


def test_the_sample_sees_the_few_links_near_the_threshold(con: duckdb.DuckDBPyConnection) -> None:
    add_links(con, {40: 30, 55: 100, 65: 400, 90: 900, 150: 6000})
    path, quotas = write_sample(con, "2026-11-24")
    assert list(quotas) == ["40 - 50", "50 - 60", "60 - 80", "80 - 120", "120 ke atas"]
    assert sum(quotas.values()) == 200
    assert quotas["120 ke atas"] > quotas["80 - 120"] > quotas["60 - 80"] > quotas["50 - 60"] > quotas["40 - 50"] >= 5
    rows = read_sheet(path, "Sampel")
    drawn = {band: sum(row["Golongan Skor"] == band for row in rows) for band in quotas}
    assert drawn == quotas
    assert len({row["Kunci A"] for row in rows}) == 200
    assert {row["Semua Tautan"] for row in rows} == {"7430"}
    assert all(row["Benar?"] == "" and row["Nama A"] == "ANI" and row["Rincian Skor"] for row in rows)
    assert [row["Skor"] for row in rows] != sorted((row["Skor"] for row in rows), reverse=True), (
        "the order tells nothing"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_release_gives_the_same_sample(con: duckdb.DuckDBPyConnection) -> None:
    add_links(con, {50: 1000})

    def drawn(seed: str) -> list[str]:
        return [row["Kunci A"] for row in read_sheet(write_sample(con, seed)[0], "Sampel")]

    first = drawn("2026-11-24")
    con.execute(
        "create or replace table intermediate.int_child_links as from intermediate.int_child_links order by random()"
    )
    assert drawn("2026-11-24") == first
    assert drawn("2026-11-25") != first


def test_the_registrars_own_links_and_lone_writings_are_not_judged(con: duckdb.DuckDBPyConnection) -> None:
    add_links(con, {50: 3, None: 2})
    add_links(con, {70: 4}, rule="registrar")
    con.execute("insert into intermediate.int_child_links values ('dinkes', 'x', 'c', 'alone', null, null, null, null)")
    con.execute(
        "insert into intermediate.int_child_links values ('dinkes', 'y', 'c', 'match', 50, 'dinkes', 'y', null)"
    )
    path, quotas = write_sample(con, "2026-11-24")
    assert quotas == {"tanpa skor": 2, "50 - 60": 3}
    assert {row["Aturan"] for row in read_sheet(path, "Sampel")} == {"match"}


def test_without_links_there_is_no_sample(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(SampleProblem, match="no link yet"):
        write_sample(con, "2026-11-24")


def test_a_judged_sample_is_not_overwritten(con: duckdb.DuckDBPyConnection) -> None:
    add_links(con, {50: 3})
    path, _ = write_sample(con, "2026-11-24")
    write_sample(con, "2026-11-24")
    fill(path, path.with_name("judged.xlsx"), {"B2": "ya"})
    path.with_name("judged.xlsx").replace(path)
    with pytest.raises(SampleProblem, match="holds judgements"):
        write_sample(con, "2026-11-25")


@pytest.mark.parametrize("sizes", [{"a": 1, "b": 300_000}, {"a": 50, "b": 60}, {"a": 150, "b": 150, "c": 3}, {}])
def test_each_band_gets_at_least_one_and_at_most_all(sizes: dict[str, int]) -> None:
    quotas = share_out(sizes, 200)
    assert sum(quotas.values()) == min(200, sum(sizes.values()))
    assert all(1 <= quotas[band] <= size for band, size in sizes.items())


# --- what the judged sample says -------------------------------------------------------------------------------------


def judged_sample(con: duckdb.DuckDBPyConnection, *verdicts: str) -> Path:
    add_links(con, {50: len(verdicts)})
    path, _ = write_sample(con, "2026-11-24")
    judged = path.with_name("judged.xlsx")
    fill(path, judged, {f"B{row}": verdict for row, verdict in enumerate(verdicts, start=2) if verdict})
    return judged


def test_a_judged_sample_is_read_back(con: duckdb.DuckDBPyConnection) -> None:
    [band] = read_judged(judged_sample(con, "ya", "Ya ", "tidak", "ragu", ""))
    assert band == Band("50 - 60", 5, right=2, wrong=1, doubtful=1, not_judged=1)


def test_the_bands_are_told_from_the_lowest_up(con: duckdb.DuckDBPyConnection) -> None:
    add_links(con, {95: 2, 40: 2, None: 2, 150: 2})
    path, _ = write_sample(con, "2026-11-24")
    assert [band.name for band in read_judged(path)] == ["tanpa skor", "40 - 50", "80 - 120", "120 ke atas"]


def test_a_word_that_is_no_verdict_is_named(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(SampleProblem, match="No 2 says 'mungkin'"):
        read_judged(judged_sample(con, "ya", "mungkin"))


def test_a_sample_that_lost_a_band_is_refused(data: Path) -> None:
    rows = [{"No": 1, "Benar?": "ya", "Golongan Skor": "50 - 60", "Tautan dalam Golongan": 7, "Semua Tautan": 9}]
    write_pair_book(data / "lost.xlsx", ["Petunjuk"], "Sampel", sample.COLUMNS, rows, {})
    with pytest.raises(SampleProblem, match="all rows of a band are gone"):
        read_judged(data / "lost.xlsx")


def test_a_file_that_is_no_sample_is_refused(con: duckdb.DuckDBPyConnection, data: Path) -> None:
    add_pair(con, 1, 31)
    write_review(con)
    (data / "text.xlsx").write_text("text")
    for path in (review_file(), data / "text.xlsx", data / "absent.xlsx"):
        with pytest.raises(SampleProblem, match="the sheet Sampel cannot be read"):
            read_judged(path)


def test_one_band_gives_the_interval_of_wilson() -> None:
    # E. B. Wilson's interval for 81 of 263, a worked example of Newcombe (1998), table I
    found = estimate([Band("all", 263, right=81, wrong=182)], doubtful_is_wrong=False)
    assert found
    assert (round(found.share, 4), round(found.low, 4), round(found.high, 4)) == (0.3080, 0.2553, 0.3662)


def test_without_an_error_the_interval_still_has_a_width() -> None:
    found = estimate([Band("all", 1000, right=20)], doubtful_is_wrong=False)
    assert found
    assert (found.share, round(found.low, 4), found.high) == (1.0, 0.8389, 1.0)


def test_a_band_counts_by_its_links_not_by_its_sample() -> None:
    bands = [Band("low", 100, right=50, wrong=50), Band("high", 9_900, right=100)]
    found = estimate(bands, doubtful_is_wrong=False)
    assert found
    assert found.share == pytest.approx(0.995)
    assert 0.94 < found.low < 0.97


def test_doubtful_ones_are_left_out_or_wrong() -> None:
    bands = [Band("all", 100, right=90, doubtful=10)]
    shares = [found.share for wrong in (False, True) if (found := estimate(bands, doubtful_is_wrong=wrong))]
    assert shares == [1.0, 0.9]


def test_a_band_that_nobody_judged_leaves_the_precision_unknown() -> None:
    assert estimate([Band("low", 10, not_judged=5), Band("high", 90, right=9)], doubtful_is_wrong=False) is None


def test_the_verb_prints_seed_precision_and_what_it_cannot_say(
    con: duckdb.DuckDBPyConnection, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SampleProblem, match="no release yet"):
        sample.main([])
    judged = judged_sample(con, *["ya"] * 9, "tidak")
    assert sample.main(["--judge", str(judged)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for words in ("90.0%", "59.6% to 98.2%", "What this cannot say: recall"):
        assert words in said
    _keep(con, data)
    assert sample.main([]) == 0
    assert "10 links, seed 2026-11-24" in " ".join(capsys.readouterr().out.split())


def _keep(con: duckdb.DuckDBPyConnection, data: Path) -> None:
    """Put the tables into the working database, and a release beside it."""
    warehouse.attach(con, alias="kept", read_only=False)
    con.execute("copy from database memory to kept")
    con.execute("detach kept")
    (settings.RELEASES / "2026-11-24T085934.151013Z").mkdir(parents=True)
    settings.CURRENT.symlink_to(settings.RELEASES / "2026-11-24T085934.151013Z")


def test_a_value_longer_than_a_cell_is_cut_and_not_lost(data: Path) -> None:
    row: dict[str, Any] = {"No": 1, "Catatan": "x" * 40_000}
    write_pair_book(data / "long.xlsx", ["Petunjuk"], "Tinjauan", {"No": 5, "Catatan": 9}, [row], {})
    assert read_sheet(data / "long.xlsx", "Tinjauan") == [{"No": "1", "Catatan": "x" * 32_767}]
