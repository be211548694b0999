"""The site's other pages: a desa, the quality of the data, dictionary, downloads, glossary, dbt's documentation."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from include import settings
from include.contract_reader import read_agencies
from include.indonesian import number, percent
from include.settle import judgements
from include.site import build, dbt_docs, desa, path, quality, reference
from include.site.build import write_site
from include.site.dbt_docs import write_dbt_docs
from include.site.english import TEXTS, translate
from include.site.page import Zone
from include.site.path import wilson
from include.words import WORDS
from tests.night import Night
from tests.test_site import EVIL, MOST_BYTES, Read, assert_whole
from tests.zones import AS_OF, RELEASE, make_zone, rows

OWN = ("desa.html", "mutu.html", "kamus.html", "unduhan.html", "istilah.html")
CODE = "36.04.05.2001"
# What the landing page's zones do not need: figures of each desa from every mart that its page reads.
REACHED = """
    insert into opd_progress by name
    select indicator_id, name_indonesian, agency, 'desa' as area_level, desa_code as area_code, desa_name as area_name,
        date '2026-07-01' as quarter, unit, 100 + hash(desa_code) % 300 as numerator, 400 as denominator,
        (100 + hash(desa_code) % 300) / 4 as coverage_pct, 90.0 as target_pct, false as is_target_verified,
        cast('2026-09-30' as date) as source_as_of {more}
    from (select distinct indicator_id, name_indonesian, agency, unit from indicator_catalogue),
        (select distinct desa_code, desa_name from stunting_by_desa)
"""
OF_DESA = (
    REACHED.format(more=", 'belum tercapai, target belum terverifikasi' as status"),
    """
    insert into convergence by name
    select 'desa' as area_level, desa_code as area_code, desa_name as area_name, date '2026-07-01' as quarter,
        80 as households, 20 as all_services, 10 as not_known, 25.0 as converged_low_pct, 37.5 as converged_high_pct,
        'pendampingan keluarga berisiko stunting' as most_lacking_service, 'dkbp3a' as most_lacking_agency
    from (select distinct desa_code, desa_name from stunting_by_desa)
    """,
    """
    insert into krs_by_desa by name
    select desa_code, desa_name, date '2026-07-01' as quarter, date '2026-09-30' as round_as_of, 79 as given_at_risk,
        159 as given_known, 68 as accompanied, 79 as accompanied_known
    from (select distinct desa_code, desa_name from stunting_by_desa)
    """,
    """
    insert into desa_priority by name
    select desa_code, desa_name, month, 'prioritas 2' as priority_group, 'prioritas 1' as possible_group,
        'kelas ketahanan pangan 3 dari 6; paling sedikit 27,7 % anak berisiko tinggi menurut skor; jumlah anak stunting 2,2 kali '
        || 'rata-rata desa; paling banyak 31,7 % rumah tangga 1000 HPK mendapat layanan lengkap' as reasons,
        4 as criteria_met, 9 as criteria_known
    from (select distinct desa_code, desa_name, max(month) over () as month from stunting_by_desa)
    """,
    """
    insert into desa_criteria by name
    select desa_code, month, 'c' || n as criterion, 'kriteria nomor ' || n as label, 'holds' as state,
        n || ',' || (hash(desa_code) % 10) || ' % keluarga sasaran berisiko' as reason
    from (select distinct desa_code, max(month) over () as month from stunting_by_desa), range(9) as r(n)
    """,
    """
    insert into visit_list by name
    select desa_code, category, visit_week from (select distinct desa_code from stunting_by_desa),
        (select unnest(['cegah', 'rujuk', 'rujuk', 'temukan']) as category, unnest([1, 1, 2, null]) as visit_week)
    """,
)
OF_QUALITY = (
    """
    insert into data_quality by name
    select * from (values
        ('a', 'dinkes', 'penimbangan', '2026-09', 'lama.csv', 'loaded', null, 100, 80, 5, 10, 5, date '2026-10-20', 20),
        ('b', 'dinkes', 'penimbangan', '2026-10', 'baru.csv', 'loaded', null, 1200, 1190, 10, 0, 0, date '2026-11-20', 20),
        ('c', 'dinkes', 'penimbangan', '2026-10', 'x.csv', 'held', '278 of 1,845 rows are bad, the limit is 5%; '
            || 'over 50 % of the NIK are masked or cut: 91.0 %', 50, 0, 50, 0, 0,
            date '2026-11-21', 21),
        ('d', 'perkim', 'rtlh_rumah', '2026', 'y.xlsx', 'refused', 'tidak terbaca', 0, 0, 0, 0, 0, date '2026-11-01', null)
    ) as d(delivery_id, agency, dataset, period, file_name, status, reason, rows_read, rows_accepted, rows_quarantined,
        rows_duplicate, rows_superseded, received_on, days_after_period)
    """,
    """
    insert into data_quality_rules by name
    select 'dinkes' as agency, 'penimbangan' as dataset, month, column_name, rule, 'quarantined' as effect,
        1 as deliveries, 650 as rows_checked, failed as rows_failed, 0 as rows_overruled
    from (values ('born_on', 'not_null', date '2026-09-01', 3), ('born_on', 'not_null', date '2026-10-01', 4),
        ('sex', 'accepted_values', date '2026-10-01', 0)) as r(column_name, rule, month, failed)
    """,
    """
    insert into data_quality_judgements by name
    select 'dinkes' as agency, 'penimbangan' as dataset, month, judgement, reason, 'told' as effect, 1 + failed as deliveries,
        failed as deliveries_failed, found as newest_found
    from (values ('a', 'over 60 % of the heights are whole centimetres', date '2026-09-01', 1, '66 %'),
        ('a', 'over 60 % of the heights are whole centimetres', date '2026-10-01', 1, '71.5 %'),
        ('b', 'over 50 % of the NIK are masked or cut', date '2026-10-01', 0, null))
        as r(judgement, reason, month, failed, found)
    """,
    """
    insert into returns_progress by name
    select 'dinkes' as agency, 'penimbangan' as dataset, date '2026-10-01' as month, 15 as quarantined, 4 as fixed,
        0 as accepted_as_is, 1 as deleted, 10 as open, 7 as oldest_open_days
    """,
    """
    insert into data_quality_puskesmas by name
    select 'PKM-1' as puskesmas_code, 'Kragilan' as puskesmas_name, date '2026-10-01' as month, 90 as due, 60 as measured,
        66.7 as coverage_pct, 0 as whole_cm_pct, 1.154 as haz_sd
    """,
)


def data_of(folder: Path) -> dict[str, Any]:
    page = Read((folder / "site" / "desa.html").read_text(encoding="utf-8"))
    return page.data["data"]


def villages_of(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return per code what the page's script makes of the numbers."""
    found = {}
    for code, name, kecamatan, series, reached, convergence, families, priority, criteria, visits, week in data["desa"]:
        found[code] = dict(zip(desa.SERIES, series, strict=True)) | {
            "name": name,
            "kecamatan": data["kecamatan"][kecamatan],
            "reached": reached,
            "convergence": convergence,
            "families": families,
            "priority": priority,
            "criteria": criteria,
            "visits": visits,
            "week": week,
        }
    return found


def read(folder: Path, name: str) -> Read:
    return Read((folder / "site" / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module", autouse=True)
def these_pages() -> Iterator[None]:
    """Leave the pages of `test_site.py` out: their charts cost seconds a site."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "PARTS", (desa.pages, quality.pages, reference.pages))
        yield


@pytest.fixture(scope="module")
def task_force(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_zone(tmp_path_factory.mktemp("release"), "task_force", after=(*OF_DESA, *OF_QUALITY))
    (folder / "agencies.parquet").write_bytes(b"x" * 2500)
    (folder / "behind_public.parquet").write_bytes(b"x")
    (folder / "print").mkdir()
    (folder / "print" / "laporan_semester.pdf").write_bytes(b"x")
    (folder.parent / "dictionary.csv").write_text("mart,column\n")
    write_site(folder, RELEASE, AS_OF)
    return folder


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    after = (
        REACHED.format(more=", '' as suppressed"),
        f"update stunting_by_desa set stunted = null, stunted_pct = null, suppressed = 'stunted' where desa_code = '{CODE}'",
        "update stunting_by_desa set stunted = null, stunted_pct = null, suppressed = '' where desa_code = '36.04.05.2002'",
        "update stunting_by_desa set stunted = 0, stunted_pct = 0, suppressed = '' where desa_code = '36.04.05.2003'",
        """
        update stunting_by_desa set stunted = 5, height_valid = 15, stunted_pct = null, suppressed = ''
        where desa_code = '36.04.05.2004'
        """,
    )
    folder = make_zone(tmp_path_factory.mktemp("release"), "public", after=after)
    write_site(folder, RELEASE, AS_OF)
    return folder


def test_a_desas_figures_are_the_marts(task_force: Path) -> None:
    data = data_of(task_force)
    found = villages_of(data)
    told = rows(
        task_force,
        """
        select d.desa_code, strftime(d.month, '%Y-%m'), d.due, d.measured, d.height_valid, d.stunted, d.coverage_pct,
            d.stunted_pct, e.estimate_pct, e.low_pct, e.high_pct
        from stunting_by_desa as d
        inner join area_estimates as e on e.area_level = 'desa' and d.desa_code = e.area_code and d.month = e.month
        """,
    )
    assert len(told) == 6 * len(found) > 200
    for code, month, *figures in told:
        place = data["months"].index(month)
        wanted = [*figures[:4], *(int(f"{share:.1f}".replace(".", "")) for share in figures[4:])]
        assert [found[code][column][place] for column in desa.SERIES] == wanted
    one = found[CODE]
    assert one["reached"][0][2] == 400
    assert [*one["convergence"][:3], one["convergence"][4]] == [80, 250, 375, "DKBP3A"]
    assert one["families"] == [79, 159, 68, 79]
    words = data["words"]
    assert words[one["convergence"][3]][1] == "accompanying of families at risk of stunting"
    assert words[one["priority"][0]] == ["prioritas 2", "priority 2"]
    assert len(one["criteria"]) == 9
    assert data["visits"] == [["rujuk", "to refer"], ["temukan", "to find"], ["cegah", "to prevent"]]
    assert (one["visits"], one["week"]) == ([2, 1, 1], 2)
    assert data["quarter"] == ["Triwulan\u00a0III\u00a02026", "Quarter\u00a0III\u00a02026"]


def test_desa_of_the_first_priority_stand_first(tmp_path: Path) -> None:
    groups = {"36.04.06.2003": "prioritas 1", "36.04.05.2004": "data belum cukup"}
    after = (
        *OF_DESA,
        *(
            f"update desa_priority set priority_group = '{group}' where desa_code = '{code}'"
            for code, group in groups.items()
        ),
        "update desa_priority set priority_group = 'prioritas 3' where desa_code = '36.04.05.2001'",
        "delete from desa_priority where desa_code = '36.04.05.2002'",
    )
    folder = make_zone(tmp_path, "task_force", kecamatan=2, after=after)
    write_site(folder, RELEASE, AS_OF)
    source = (folder / "site" / "desa.html").read_text(encoding="utf-8")
    lines = re.findall(
        r'<tr id="([\d.]+)">.*?<td data-sort="(\d?)">(.*?)</td><td class="num" data-sort="4">4</td>', source
    )
    assert (lines[0][:2], lines[-3][:2]) == (("36.04.06.2003", "1"), ("36.04.05.2001", "3"))
    assert {code for code, rank, _ in lines if not rank} == {"36.04.05.2002", "36.04.05.2004"}
    words = {code: words for code, _, words in lines}
    assert "data belum cukup" in words["36.04.05.2004"]
    assert "tidak diketahui" in words["36.04.05.2002"]
    with duckdb.connect(str(folder / "tegak.duckdb"), read_only=True) as con:
        [page] = path.pages(Zone(con, "task_force", RELEASE, AS_OF, folder))
    assert page.shows["first_desa"] == 1


def test_the_public_has_no_priorities(public: Path) -> None:
    assert "Prioritas" not in read(public, "desa.html").text
    assert path.pages(_zone(public))[0].shows["first_desa"] == 0


def test_suppressed_unknown_few_and_zero_differ_on_a_desas_page(public: Path) -> None:
    found = villages_of(data_of(public))
    codes = [f"36.04.05.200{number}" for number in (1, 2, 3, 4)]
    assert [found[code]["stunted_pct"][-1:] for code in codes] == [[desa.HIDDEN], [], [0], [desa.TOO_FEW]]
    assert [found[code]["stunted"][-1:] for code in codes] == [[desa.HIDDEN], [], [0], [5]]
    source = (public / "site" / "desa.html").read_text(encoding="utf-8")
    cells = [
        re.findall(r"<td.*?</td>", line)[1] for code in codes for line in source.splitlines() if f'id="{code}"' in line
    ]
    words = ("disembunyikan", "tidak diketahui", "0,0", "terlalu sedikit")
    assert [[word in cell for word in words] for cell in cells] == [[a == b for b in words] for a in words]


def test_the_publics_interval_is_wilsons_of_the_published_counts(public: Path) -> None:
    found = villages_of(data_of(public))
    [(stunted, valid)] = rows(
        public,
        "select stunted, height_valid from stunting_by_desa where desa_code = '36.04.05.2006' and month = '2026-10-01'",
    )
    ends = [desa.tenths(end) for end in wilson(stunted, valid)]
    assert [found["36.04.05.2006"][column][-1] for column in ("low_pct", "high_pct")] == ends
    assert set(found[CODE]["low_pct"]) == {desa.HIDDEN}  # of a suppressed count there is none to tell
    assert "(Wilson)" in read(public, "desa.html").text


def test_tenths_round_as_the_site_writes() -> None:
    for value in (0.0, 12.25, 12.35, 24.957555, 100.0, 0.04):
        assert percent(desa.tenths(value) / 10) == percent(value)


def test_the_page_of_quality_says_what_the_marts_say(task_force: Path) -> None:
    page = read(task_force, "mutu.html")
    for told in (
        "1.270 dari 1.350 baris diterima. ",
        "2 berkas tidak dipakai.",
        "10 / 15 baris yang dikembalikan",
        "50 baris menunggu",
        "1 / 2 aturan tidak dilanggar",
        "ditahan held dinkes/penimbangan, Oktober 2026 October 2026 : x.csv 278 dari 1.845 baris salah, batasnya 5 %; lebih dari 50 % NIK disamarkan atau terpotong: 91,0 %",
        "7 1.300",
        "lebih dari 60 % tinggi badan bulat sentimeter over 60 % of the heights are whole centimetres 2 4 71,5 %",
        "1 dari 2 penilaian menemukan sesuatu",
        "1,15",
    ):
        assert told in page.text
    [source, other] = quality.read_sources(_zone(task_force))
    assert (source.read, source.accepted + source.quarantined + source.duplicate + source.superseded) == (1350, 1350)
    assert (source.newest_period, source.rows_held, source.held, other.refused) == ("2026-10", 50, 1, 1)
    assert source.periods == {"2026-09": (95, 5), "2026-10": (1190, 60)}
    [rule] = [rule for rule in quality.read_rules(_zone(task_force)) if rule.failed]
    assert (rule.column, rule.failed, rule.checked) == ("born_on", 7, 1300)


def _zone(folder: Path) -> Zone:
    return Zone(duckdb.connect(str(folder / "tegak.duckdb"), read_only=True), folder.name, RELEASE, AS_OF, folder)


def test_the_public_is_told_what_it_cannot_see(public: Path) -> None:
    page = read(public, "mutu.html")
    assert "hanya ada pada zona satuan tugas" in page.text
    assert "Aturan yang dilanggar" not in page.text
    for dataset in AS_OF:
        assert dataset in page.text


def test_each_rule_of_a_contract_has_words() -> None:
    assert quality.RULES.keys() == {*WORDS, "readable", "whole_row"}


SAID_IN_INDONESIAN = {
    "ref_priority_criteria": ("label_indonesian", "reason_indonesian"),
    "ref_priority_groups": ("priority_group",),
    "ref_services": ("service_indonesian",),
    "ref_visit_rules": ("category",),
    "ref_quality_indicators": ("name_indonesian",),
    "ref_agencies": ("agency_name",),
    "indicators": ("numerator_definition", "denominator_definition"),
    "indicator_targets": ("note",),
}


@pytest.mark.parametrize("seed", SAID_IN_INDONESIAN)
def test_what_a_seed_says_in_indonesian_alone_has_english(seed: str) -> None:
    [file] = settings.SEEDS.rglob(f"{seed}.csv")
    with file.open(encoding="utf-8", newline="") as stream:
        found = [row[column] for row in csv.DictReader(stream) for column in SAID_IN_INDONESIAN[seed]]
    texts = {text.replace("{nilai}", "12,5") for text in found if text}
    assert {text for text in texts if translate(text)[0] != text or translate(text)[1] == text} - {"KPM"} == set()


def test_figures_of_a_gate_are_written_as_in_indonesia() -> None:
    for text, told in (
        ("278 of 1,845 rows, the limit is 5%.", "278 of 1.845 rows, the limit is 5\u00a0%."),
        ("1,234,567.5 -> 91.0 %, 3.5", "1.234.567,5 -> 91,0\u00a0%, 3,5"),
        ("36.04.05.2001 in 2026-10, x1.csv", "36.04.05.2001 in 2026-10, x1.csv"),
    ):
        assert quality.in_indonesian(text) == told


def test_what_a_judgement_says_has_indonesian() -> None:
    reasons = {one.reason for agency in read_agencies() for dataset in agency.datasets for one in judgements(dataset)}
    assert len(reasons) > 5
    assert {reason for reason in reasons if translate(reason)[0] == reason} == set()


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        (
            "2 of 6 rows are bad, the limit is 5%",
            ("2 dari 6 baris salah, batasnya 5%", "2 of 6 rows are bad, the limit is 5%"),
        ),
        (
            "50 % keluarga tanpa air minum layak; kelas ketahanan pangan 1 dari 6",
            (
                "50 % keluarga tanpa air minum layak; kelas ketahanan pangan 1 dari 6",
                "50 % of families without proper drinking water; food security class 1 of 6",
            ),
        ),
        (
            "a {1}.csv: 'Tinggi' is missing, nearest is '{2}'.",
            (
                "a {1}.csv: 'Tinggi' tidak ada, yang terdekat '{2}'.",
                "a {1}.csv: 'Tinggi' is missing, nearest is '{2}'.",
            ),
        ),
        (
            "turun 1,2 poin per tahun; peluang di bawah 1 %",
            ("turun 1,2 poin per tahun; peluang di bawah 1 %", "falling by 1,2 points a year; chance under 1 %"),
        ),
        ("nobody said this: 5", ("nobody said this: 5", "nobody said this: 5")),
    ],
)
def test_texts_are_carried_over_with_what_stands_in_them(text: str, pair: tuple[str, str]) -> None:
    assert translate(text) == pair


SAID_BY_A_NIGHT = {
    "stunting_path": "words_indonesian",
    "opd_progress": "status",
    "budget_progress": "finding",
    "desa_priority": "reasons",
    "desa_criteria": "label",
    "convergence": "most_lacking_service",
    "visit_list": "category",
    "measurement_index": "name_indonesian",
    "data_quality_judgements": "reason",
}


def test_what_a_night_says_has_both_languages(night: Night) -> None:
    with duckdb.connect(str(night.release() / "task_force" / "tegak.duckdb"), read_only=True) as con:
        for mart, column in SAID_BY_A_NIGHT.items():
            found = con.execute(f"select distinct {column} from {mart} where {column} is not null").fetchall()
            assert found, mart
            parts = {part for (text,) in found for part in text.split("; ")}
            assert {part for part in parts if len(set(translate(part))) == 1} == set(), mart


def test_places_of_a_text_stand_in_the_same_order_in_both_languages() -> None:
    with TEXTS.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            places = [re.findall(r"\{\d\}", text) for text in (row["indonesian"], row["english"])]
            assert places[0] == places[1] == sorted(places[0]), row


def test_the_dictionary_has_every_column(task_force: Path, public: Path) -> None:
    for folder in (task_force, public):
        source = (folder / "site" / "kamus.html").read_text(encoding="utf-8")
        names = rows(
            folder,
            "select table_name, column_name from duckdb_columns() where not internal and table_name <> 'release_info'",
        )
        assert names
        assert sorted(re.findall(r"<tr data-text=\"(\w+) (\w+) ", source)) == sorted(names)
    assert 'id="visit_list"' not in source


def test_downloads_are_what_lies_there(task_force: Path) -> None:
    page = read(task_force, "unduhan.html")
    links = {link for link in page.attributes("href") if link.startswith("../")}
    assert links == {
        "../tegak.duckdb",
        "../../dictionary.csv",
        "../print/laporan_semester.pdf",
        "../agencies.parquet",
        "../behind_public.parquet",
    }
    for link in links:
        assert (task_force / "site" / link).is_file()
    assert "agencies.parquet kamus dictionary 11 2 KB" in page.text.replace("\u00a0", " ")
    assert all(name in reference.FILES for name in ("tegak.xlsx", "dictionary.csv", "dbt.html"))


def test_sizes() -> None:
    assert [reference.size(count).replace("\u00a0", " ") for count in (1, 999_499, 1_000_000, 11_534_336)] == [
        "1 KB",
        "999 KB",
        "1,0 MB",
        "11,5 MB",
    ]


def test_the_glossary_has_each_indicator_once_with_its_basis(task_force: Path) -> None:
    page = read(task_force, "istilah.html")
    told = rows(task_force, "select distinct indicator_id, name_english from indicator_catalogue")
    assert len(told) > 25
    for indicator, english in told:
        assert page.text.count(f"· {indicator} ") == 1
        assert english in page.text


@pytest.mark.parametrize("zone", ["task_force", "public"])
def test_an_empty_release_says_so_on_each_page(tmp_path: Path, zone: str) -> None:
    folder = make_zone(tmp_path, zone, months=0)
    write_site(folder, RELEASE, {})
    says = {
        "desa.html": "belum memuat satu desa pun",
        "mutu.html": "Belum ada kiriman yang diterima" if zone == "public" else "belum memuat satu kiriman pun",
        "kamus.html": "0 baris",
        "unduhan.html": "tegak.duckdb",
        "istilah.html": "Katalog indikator kosong",
    }
    for name, words in says.items():
        page = read(folder, name)
        assert_whole(name, page)
        assert words in page.text
        assert "None" not in page.text


def test_one_month_and_desa_without_a_measurement(tmp_path: Path) -> None:
    nobody = "measured = 0, coverage_pct = 0, height_valid = 0, stunted = 0, stunted_pct = null"
    after = (
        f"update stunting_by_desa set {nobody} where desa_code = '{CODE}'",
        f"update area_estimates set estimate_pct = null, low_pct = null, high_pct = null where area_code = '{CODE}'",
        REACHED.format(more=", 'tercapai' as status"),
        "delete from stunting_by_desa where desa_code = '36.04.05.2002'",
        "update stunting_by_desa set desa_code = 'unknown' where desa_code = '36.04.05.2003'",
    )
    folder = make_zone(tmp_path, "task_force", months=1, kecamatan=1, after=after)
    write_site(folder, RELEASE, AS_OF)
    page = read(folder, "desa.html")
    assert_whole("desa.html", page)
    found = villages_of(page.data["data"])
    assert (found[CODE]["measured"], found[CODE]["stunted_pct"], found[CODE]["low_pct"]) == ([0], [], [])
    # no posyandu counts it, but other agencies reached it
    assert found["36.04.05.2002"]["due"] == []
    assert found["36.04.05.2002"]["reached"]
    assert "unknown" not in found
    assert "belum diketahui desanya" in page.text
    assert 'data-sort="None"' not in (folder / "site" / "desa.html").read_text(encoding="utf-8")


def test_a_month_that_nobody_delivered_keeps_its_place(tmp_path: Path) -> None:
    folder = make_zone(
        tmp_path, "task_force", 4, 1, ("delete from stunting_by_desa where month = '2026-08-01'", *OF_DESA)
    )
    write_site(folder, RELEASE, {"dinsos/dtsen_keluarga": "2026-Q3"})
    data = data_of(folder)
    assert data["months"] == ["2026-07", "2026-08", "2026-09", "2026-10"]
    assert [known is None for known in villages_of(data)[CODE]["measured"]] == [False, True, False, False]
    assert "Data posyandu sampai Posyandu data up to – tidak diketahui unknown ." in read(folder, "desa.html").text


def test_names_stay_names(tmp_path: Path) -> None:
    evil = EVIL.replace("'", "''")
    after = (
        f"update stunting_by_desa set desa_name = '{evil}', kecamatan_name = '{evil}'",
        *OF_DESA,
        *OF_QUALITY,
        f"update data_quality set file_name = '{evil}', reason = '{evil}', agency = '{evil}'",
        f"update data_quality_rules set column_name = '{evil}', rule = '{evil}'",
        f"update data_quality_puskesmas set puskesmas_name = '{evil}'",
        f"update indicator_catalogue set name_indonesian = '{evil}', legal_basis = '{evil}', source = '{evil}'",
        f"update desa_priority set reasons = '{evil}'",
        f"comment on column agencies.can_do is '{evil}'",
    )
    folder = make_zone(tmp_path, "task_force", months=2, kecamatan=1, after=after)
    write_site(folder, RELEASE, AS_OF)
    for name in OWN:
        source = (folder / "site" / name).read_text(encoding="utf-8")
        page = Read(source)
        assert_whole(name, page)
        assert len(page.scripts) == (2 if name == "desa.html" else 1)
        assert "<b>x" not in source
        assert name == "unduhan.html" or "alert(1)" in page.text
    village = villages_of(data_of(folder))[CODE]
    [[number]] = village["priority"][2]
    assert (village["name"], data_of(folder)["words"][number]) == (EVIL, [EVIL, EVIL])


def test_a_regency_of_three_years_stays_under_a_megabyte(tmp_path: Path) -> None:
    folder = make_zone(tmp_path, "task_force", months=36, kecamatan=29, after=OF_DESA)
    write_site(folder, RELEASE, AS_OF)
    assert len(data_of(folder)["desa"]) == 326
    for name in OWN:
        assert (folder / "site" / name).stat().st_size < MOST_BYTES, name


def test_the_same_tables_give_the_same_pages(task_force: Path) -> None:
    first = {name: (task_force / "site" / name).read_bytes() for name in OWN}
    write_site(task_force, RELEASE, AS_OF)
    assert {name: (task_force / "site" / name).read_bytes() for name in OWN} == first


# ---- dbt's documentation -------------------------------------------------------------------------------------------


def manifest() -> dict[str, Any]:
    """A manifest of one model, one source, two tests, with what must not come out: a path, a moment, a person."""
    of_all = {"package_name": "tegak", "original_file_path": "m.sql", "description": "", "created_at": 1.5}
    column = {"name": "desa_code", "description": "Kode </script><script>alert(1)</script>", "data_type": "varchar"}
    model = of_all | {
        "unique_id": "model.tegak.m",
        "name": "m",
        "resource_type": "model",
        "schema": "marts",
        "alias": "m",
        "columns": {"desa_code": column},
        "config": {"materialized": "table"},
        "raw_code": "select 1",
        "compiled_code": "select 1",
        "build_path": "/rumah/mesin/m.sql",
        "depends_on": {"macros": ["macro.dbt.x", "macro.tegak.y"], "nodes": ["source.tegak.s"]},
    }
    source = of_all | {
        "unique_id": "source.tegak.s",
        "name": "s",
        "source_name": "dinkes",
        "resource_type": "source",
        "schema": "raw",
        "identifier": "s",
        "columns": {},
        "config": {},
    }
    generic = of_all | {
        "unique_id": "test.tegak.t",
        "name": "t",
        "resource_type": "test",
        "test_metadata": {"name": "unique", "kwargs": {"column_name": "desa_code"}},
        "compiled_code": "select 'not shown'",
        "depends_on": {"macros": [], "nodes": ["model.tegak.m"]},
    }
    macro = {"name": "y", "package_name": "tegak", "unique_id": "macro.tegak.y", "macro_sql": "", "depends_on": {}}
    return {
        "metadata": {"generated_at": "2026-11-24T00:00:00Z", "send_anonymous_usage_stats": True},
        "nodes": {"model.tegak.m": model, "test.tegak.t": generic},
        "sources": {"source.tegak.s": source},
        "exposures": {},
        "macros": {"macro.tegak.y": macro, "macro.dbt.x": macro | {"package_name": "dbt", "unique_id": "macro.dbt.x"}},
        "parent_map": {"model.tegak.m": ["source.tegak.s"], "test.tegak.t": ["model.tegak.m"], "source.tegak.s": []},
        "unit_tests": {"unit_test.tegak.u": {"given": [{"rows": [{"person_name": "Aminah"}]}]}},
    }


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "WAREHOUSE", tmp_path / "none.duckdb")
    folder = tmp_path / "dbt"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(manifest()))
    return folder


def test_dbts_page_holds_the_project_and_nobody(target: Path) -> None:
    write_dbt_docs(target, target / "site" / "dbt.html")
    page = (target / "site" / "dbt.html").read_text(encoding="utf-8")
    inlined = re.search(r"manifest:(\{.*?\}),catalog:(\{.*?\})\},r=", page, re.DOTALL)
    assert inlined
    slim = json.loads(inlined[1])
    assert slim["nodes"]["model.tegak.m"]["raw_code"] == "select 1"
    assert slim["nodes"]["model.tegak.m"]["depends_on"]["macros"] == ["macro.tegak.y"]
    assert slim["nodes"]["test.tegak.t"]["test_metadata"]["name"] == "unique"
    assert slim["parent_map"] == {"model.tegak.m": ["source.tegak.s"], "source.tegak.s": []}
    assert slim["metadata"]["send_anonymous_usage_stats"] is False
    for told in ("Aminah", "/rumah/mesin", 'generated_at":"2026', "not shown", "macro.dbt.x"):
        assert told not in page
    assert "Kode <\\/script>" in page


def test_dbts_page_asks_nobody_for_anything(target: Path) -> None:
    assert re.findall(r'\s(?:xlink:href|href|src)="\{\{', dbt_docs.template()) == []
    write_dbt_docs(target, target / "dbt.html")
    page = (target / "dbt.html").read_text(encoding="utf-8")
    head = page[: page.index("<script")]
    assert "default-src 'none'" in head
    assert not re.search(r"<(link|img|iframe|script src)", head)
    assert "connect-src" not in head  # so default-src holds
    for tracker in ("cloudfront", "sinter-collect", "fuzzed.getdbt", "track&&"):
        assert tracker not in page


def test_dbts_page_is_kept_for_the_next_release(target: Path) -> None:
    write_dbt_docs(target, target / "a.html")
    first = (target / "docs.html").stat().st_ino
    changed = manifest() | {"metadata": {"generated_at": "2026-11-25T00:00:00Z"}}
    (target / "manifest.json").write_text(json.dumps(changed))  # a night later, nothing of the project changed
    write_dbt_docs(target, target / "b.html")
    assert {(target / name).stat().st_ino for name in ("a.html", "b.html", "docs.html")} == {first}
    changed["nodes"]["model.tegak.m"]["raw_code"] = "select 2"
    (target / "manifest.json").write_text(json.dumps(changed))
    write_dbt_docs(target, target / "c.html")
    assert "select 2" in (target / "c.html").read_text(encoding="utf-8")
    assert "select 2" not in (target / "a.html").read_text(encoding="utf-8")  # a release never changes


def test_the_catalog_has_the_databases_own_columns() -> None:
    slim = dbt_docs.slim(manifest())
    columns = [("marts", "m", "desa_code", "VARCHAR"), ("marts", "m", "due", "BIGINT"), ("raw", "s", "nik", "VARCHAR")]
    catalog = dbt_docs.catalog(slim, columns)
    assert [(c["name"], c["type"], c["index"]) for c in catalog["nodes"]["model.tegak.m"]["columns"].values()] == [
        ("desa_code", "VARCHAR", 1),
        ("due", "BIGINT", 2),
    ]
    assert list(catalog["sources"]["source.tegak.s"]["columns"]) == ["nik"]


def test_a_new_template_of_dbts_is_not_taken_unseen(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = dbt_docs.template()
    monkeypatch.setattr(dbt_docs, "template", lambda: page.replace("MANIFEST.JSON INLINE DATA", "elsewhere"))
    with pytest.raises(dbt_docs.DocsTemplateChanged):
        write_dbt_docs(target, target / "dbt.html")


def test_the_menu_leads_to_dbts_page_where_it_lies(tmp_path: Path) -> None:
    folder = make_zone(tmp_path, "public", months=1, kecamatan=1)
    write_site(folder, RELEASE, AS_OF)
    assert "dbt.html" not in read(folder, "istilah.html").attributes("href")
    (folder / "site" / "dbt.html").write_text("x" * 1500)
    write_site(folder, RELEASE, AS_OF)
    assert "dbt.html" in read(folder, "istilah.html").attributes("href")
    assert number(2) + "\u00a0KB" in (folder / "site" / "unduhan.html").read_text(encoding="utf-8")
