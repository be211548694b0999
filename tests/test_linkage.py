"""Record linkage on a tiny invented regency, night after night, and on files that say nothing of who is who."""

import csv
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from include import build, ingest, settings, warehouse
from include.contract_reader import read_agencies
from include.linkage import chart, measure, published
from include.linkage.measure import FAMILIES, OVERALL, PREGNANCIES, Counts
from include.synthetic.__main__ import write_regency
from include.synthetic.population import SIZES
from tests.labelled import TABLES

PLACES = {
    "DATA": "",
    "LANDING": "landing",
    "ARCHIVE": "archive",
    "LINKAGE": "linkage",
    "WAREHOUSE": "warehouse.duckdb",
    "RETURNS": "returns",
}
MODELS = (
    "+int_linkage_reviews +int_child_cards_by_mother +int_child_link_waterfalls +child_changes "
    "+int_bkkbn_family_cards +int_pregnancy_cards"
)
NO_TESTS = ("--exclude-resource-type", "unit_test", "test")
HEADERS = ["Keputusan", "Diputuskan Oleh", "Tanggal Keputusan", "OPD A", "Kunci A", "OPD B", "Kunci B"]

Writing = tuple[str, str]


@dataclass
class Regency:
    """A regency of which nights are run up to the links, without Airflow, gate engine and marts."""

    truth: Path

    def night(self) -> dict[Writing, str]:
        """Load what lies in landing, link it, return the child of each writing."""
        for dataset in [dataset for agency in read_agencies() for dataset in agency.datasets]:
            for receipts in ingest.receive(dataset):
                ingest.load(dataset, receipts)
            ingest.gate(dataset)
        assert build.run_dbt("build", "--quiet", "--select", MODELS, *NO_TESTS) == 0
        return self.links()

    def links(self) -> dict[Writing, str]:
        rows = self.rows("select agency, identity_key, child_id from intermediate.int_child_links")
        return {(agency, identity): child for agency, identity, child in rows}

    def rows(self, query: str) -> list[tuple]:
        with warehouse.connect(read_only=True) as con:
            return con.execute(query).fetchall()


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Regency, dict[Writing, str]]]:
    """The first night of a tiny regency; the last month of weighings has not come yet."""
    home = tmp_path_factory.mktemp("linkage")
    with pytest.MonkeyPatch.context() as patch:
        for name, place in PLACES.items():
            patch.setattr(settings, name, home / place)
        patch.setattr(build, "TARGET", home / "dbt")
        write_regency(SIZES["tiny"], settings.LANDING, home / "truth", 11)
        months = settings.LANDING / "dinkes" / "penimbangan"
        shutil.move(months / "2026-10", home / "late")
        regency = Regency(home / "truth")
        yield regency, regency.night()


def test_links_are_right(first: tuple[Regency, dict[Writing, str]]) -> None:
    """A tripwire; the figures themselves are those of `make linkage`."""
    regency, _ = first
    found = measure.evaluate(settings.WAREHOUSE, regency.truth)
    counts = Counts(*found["tiers"][OVERALL])
    assert counts.right > 500
    assert counts.precision >= 0.995
    assert counts.recall >= 0.97
    assert found["twins"] == 0
    assert found["review"] <= 0.015
    for tier, recall in ((FAMILIES, 0.92), (PREGNANCIES, 0.95)):
        counts = Counts(*found["tiers"][tier])
        assert counts.right > 50, tier
        assert counts.precision >= 0.99, tier
        assert counts.recall >= recall, tier


def test_every_link_tells_its_points(first: tuple[Regency, dict[Writing, str]]) -> None:
    """A waterfall adds up to the points of its link."""
    regency, _ = first
    links = regency.rows("select points, waterfall from intermediate.int_child_link_waterfalls")
    assert len(links) > 500
    for points, waterfall in links:
        assert points == sum(int(part.split()[-1]) for part in waterfall.split(", ") if part[-1].isdigit()), waterfall


def test_a_child_keeps_its_key(first: tuple[Regency, dict[Writing, str]]) -> None:
    """The same files again, and with one more month; after the database was lost, the test of the registrar's word says."""
    regency, links = first
    assert regency.night() == links

    months = settings.LANDING / "dinkes" / "penimbangan"
    shutil.copytree(settings.DATA / "late", months / "2026-10", dirs_exist_ok=True)
    later = regency.night()
    assert len(later) > len(links)
    assert links.keys() <= later.keys()
    moved = {(links[writing], later[writing]) for writing in links if later[writing] != links[writing]}
    assert len(moved) < 0.01 * len(set(links.values()))
    told = set(regency.rows("select old_child_id, child_id from marts.child_changes"))
    assert told == moved


def test_the_registrars_word_goes_before_the_score(first: tuple[Regency, dict[Writing, str]]) -> None:
    """'sama' joins, 'beda' parts, in the next night and after the database was lost."""
    regency, _ = first
    before = regency.links()
    matched = regency.rows(
        """
        select agency, identity_key, anchor_agency, anchor_identity
        from intermediate.int_child_links where rule = 'match' and agency = 'dinkes' order by all limit 5
        """
    )
    alone = regency.rows(
        """
        with alone as (
            select agency, min(identity_key) as identity_key
            from intermediate.int_child_links group by child_id, agency
            having count(*) = 1 and bool_and(rule = 'alone')
        ),
        single as (
            select links.agency, links.identity_key
            from intermediate.int_child_links as links
            inner join alone using (agency, identity_key)
            where links.child_id in (
                select child_id from intermediate.int_child_links group by child_id having count(*) = 1
            )
        )
        select 'dinkes', a.identity_key, b.agency, b.identity_key
        from (select *, row_number() over (order by identity_key) as n from single where agency = 'dinkes') as a
        inner join (select *, row_number() over (order by identity_key) as n from single where agency <> 'dinkes') as b
            using (n)
        order by n limit 5
        """
    )
    assert matched
    assert alone
    folder = settings.LANDING / "disdukcapil" / "keputusan_tautan" / "2026-10"
    folder.mkdir(parents=True)
    with (folder / "tinjauan.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows(["sama", "petugas", "2026-10-20", *pair] for pair in alone)
        writer.writerows(["beda", "petugas", "2026-10-20", *pair] for pair in matched)

    after = regency.night()
    for agency_a, identity_a, agency_b, identity_b in alone:
        assert after[agency_a, identity_a] == after[agency_b, identity_b]
    for agency_a, identity_a, agency_b, identity_b in matched:
        assert before[agency_a, identity_a] == before[agency_b, identity_b]
        assert after[agency_a, identity_a] != after[agency_b, identity_b]
    kinds = dict(
        regency.rows("select kind, count(*) from marts.child_changes where link_rule = 'registrar' group by 1")
    )
    assert kinds.get("merged"), kinds
    settings.WAREHOUSE.unlink()
    assert regency.night() == after


DESA, DAY, ONE_DAY = "'36.04.05.2001'", "date '2021-11-01' + (n * 7919 % 1800)::integer", "date '2024-03-01'"
LETTERS = "translate(md5(n::varchar), '0123456789', 'GHIJKLMNOP')"
CARD = "lpad((hash(n) % 10000000000000000)::varchar, 16, '0')"
# family card, name, birth date, parent, desa
NOTHING = {
    "nothing but a birth date": f"null, null, {ONE_DAY}, null, null",
    "one name for everybody": f"null, 'SITI AISYAH', {DAY}, {LETTERS}, {DESA}",
    "one name and a card": f"{CARD}, 'SITI AISYAH', {DAY}, null, {DESA}",
    "one birth date for everybody": f"null, {LETTERS}, {ONE_DAY}, {LETTERS}, {DESA}",
}
# a million takes 80 s: linear
ROWS = {"one birth date for everybody": 200_000}
SECONDS = 60


@pytest.mark.parametrize("case", NOTHING)
def test_empty_words_neither_explode_nor_merge(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row is another person, in one of two registers that each may list a person twice."""
    monkeypatch.setattr(build, "TARGET", tmp_path / "dbt")
    monkeypatch.setattr(settings, "DATA", tmp_path)
    path, rows = tmp_path / "scratch.duckdb", ROWS.get(case, 20_000)
    with warehouse.connect(path) as con:
        con.execute(TABLES)
        for column in ("received_at timestamp", "delivery_row integer"):
            con.execute(f"alter table staging.stg_disdukcapil__link_decisions add column if not exists {column}")
        con.execute(
            f"""
            insert into intermediate.int_child_records
                (identity_key, agency, authority, is_one_row_each, sex, no_kk, child_name, born_on, parent_names,
                desa_code, first_as_of, last_as_of, first_received_at)
            select n::varchar, case when n % 2 = 0 then 'a' else 'b' end, n % 2 + 1, false,
                case when n % 3 = 0 then 'L' else 'P' end, {NOTHING[case]}, date '2026-10-01', date '2026-10-01',
                timestamp '2026-10-02'
            from range({rows}) as r(n)
            """
        )
    start = time.monotonic()
    models = (
        "linkage_points linkage_thresholds int_linkage_names int_linkage_members int_linkage_records int_linkage_blocks "
        "int_linkage_writings int_linkage_pairs_blocked int_linkage_pairs int_linkage_pairs_decided int_linkage_entities int_linkage_candidates int_linkage_matches "
        "int_linkage_children int_linkage_reviews int_child_links"
    )
    assert build.run_dbt("build", "--quiet", "--select", models, *NO_TESTS, warehouse=path) == 0
    seconds = time.monotonic() - start
    with warehouse.connect(path, read_only=True) as con:
        [(children,)] = con.execute("select count(distinct child_id) from intermediate.int_child_links").fetchall()
        [(pairs,)] = con.execute("select count(*) from intermediate.int_linkage_pairs").fetchall()
        [(capped, most)] = con.execute(
            "select count(distinct (kind, block)), max(members) from intermediate.int_linkage_blocks where members > "
            "(select points from seeds.linkage_thresholds where name = 'max_block')"
        ).fetchall()
    print(f"{case}: {rows} rows, {children} children, {pairs} pairs, {capped} blocks of up to {most}, {seconds:.0f} s")
    assert children == rows
    assert pairs < 200 * rows
    if case in ROWS:
        assert capped == 2
        assert most > rows / 2
    assert seconds < SECONDS


def test_the_picture_has_a_line_for_each_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart, "PICTURE", tmp_path / "docs" / "picture.svg")
    run = [*((points, True) for points in range(90, 60, -3)), (60, False), (50, True)]
    assert chart.trade_off([run])[-1] == (50, 1.0, 11 / 12)
    chart.draw_trade_off({"mild": [run], "base & co": [run, run]})
    picture = chart.PICTURE.read_text(encoding="utf-8")
    assert picture.count("<polyline") == picture.count("<circle") == 2
    assert "base &amp; co" in picture
    assert "href" not in picture


def test_the_published_table_has_a_row_for_each_tier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "QUALITY", tmp_path / "quality.csv")
    runs = [
        {"tiers": {OVERALL: [90, 0, 10], "rule match": [90, 0, 10]}, "review": 0.01},
        {"tiers": {OVERALL: [80, 0, 20], "inside dinkes": [3, 0, 0]}, "review": 0.02},
    ]
    published.write_quality({"base": runs})
    with published.QUALITY.open(encoding="utf-8", newline="") as file:
        rows = {row["tier"]: row for row in csv.DictReader(file)}
    assert list(rows) == [OVERALL, "inside dinkes"]
    assert (rows[OVERALL]["links"], rows[OVERALL]["recall"], rows[OVERALL]["precision_low"]) == (
        "170",
        "0.8500",
        "1.0000",
    )
    assert (rows[OVERALL]["review_share"], rows["inside dinkes"]["review_share"]) == ("0.0150", "")
