"""The prints: one page a desa whatever its names, no name becomes code, hidden is not unknown is not zero, equal bytes."""

import io
import json
import stat
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pypdf import PdfReader

from include import settings
from include.indonesian import percent
from include.prints import profiles
from include.prints.build import REPORTS, Press, write_prints, write_profiles
from include.prints.profile import MOST_ACTIONS, Profiles
from include.prints.reports import achievements, ranking, semester
from include.prints.zone import Zone, as_of_words, count, read_zone, share
from include.problem import exit_code
from tests.zones import AS_OF, RELEASE, make_zone

DESA = "36.04.05.2003"
HOSTILE = r"""O'Brien "#panic("x")" $x^2$ [b] @ref <tag> \u{41} #read("/etc/passwd") */ // _i_ *b* `r` • {{7*7}} """
PLACES = "(select distinct desa_code, desa_name, kecamatan_name from stunting_by_desa)"
# what the invented zones lack of what the prints show, in columns that both zones have
EVERYWHERE = (
    f"""
    insert into opd_progress by name
    select p.* replace ('desa' as area_level, d.desa_code as area_code, d.desa_name as area_name)
    from opd_progress as p, {PLACES} as d
    """,
    f"""
    insert into convergence by name
    select 'desa' as area_level, desa_code as area_code, date '2026-07-01' as quarter, 123 as households,
        24 as all_services, 19.5 as converged_low_pct, 31.7 as converged_high_pct
    from {PLACES}
    """,
    f"""
    insert into krs_by_desa by name
    select *, date '2026-07-01' as quarter, 245 as given_known, 128 as given_at_risk, 52.2 as given_at_risk_pct from {PLACES}
    """,
    """
    insert into semester_report by name
    select indicator_id, name_indonesian, agency, unit, numerator, denominator, coverage_pct, target_pct, is_target_verified,
        source_as_of, date '2026-07-01' as semester, case when agency = 'dinkes' then 'A' else 'B' end as appendix,
        row_number() over (order by indicator_id) as line_no, 1 as quarters_used
    from opd_progress where area_level = 'kabupaten' and quarter = '2026-07-01'
    """,
)
TASK_FORCE = (
    *EVERYWHERE,
    "update semester_report set status = 'belum tercapai'",
    "update convergence set most_lacking_service = 'TTD', most_lacking_agency = 'dinkes', most_lacking_households = 35",
    "update area_estimates set rank_low = 1, rank_high = 3, areas_ranked = 3 where area_level = 'kecamatan'",
    f"""
    insert into desa_priority by name
    select *, 'prioritas 2' as priority_group, 'prioritas 1' as possible_group, 5.4 as open_defecation_pct,
        'prevalensi stunting paling sedikit 25,4 %; kelas ketahanan pangan 1 dari 6; paling sedikit 28,3 % anak berisiko tinggi menurut skor; '
        || 'jumlah anak stunting 2,2 kali rata-rata desa; 22,3 % keluarga tanpa air minum layak; '
        || 'paling banyak 31,7 % rumah tangga 1000 HPK mendapat layanan lengkap' as reasons,
        'layanan lengkap 1000 HPK' as undecided, 'air minum layak' as unknowns
    from {PLACES}
    """,
    f"""
    insert into visit_list by name
    select hash(desa_code, n, category) as child_id, desa_code, category, n // 6 as visit_week, 'dinkes' as agency,
        'rujuk ke puskesmas, periksa penyakit penyerta dan pola makan, lalu dampingi keluarganya ' || n % 2 as action
    from {PLACES}, range(1, 25) as r(n), unnest(['rujuk', 'temukan', 'cegah']) as c(category)
    """,
)


def zone_of(folder: Path, zone: str = "task_force", *after: str, **size: int) -> Path:
    size = {"kecamatan": 1} | size
    return make_zone(folder, zone, after=(*(EVERYWHERE if zone == "public" else TASK_FORCE), *after), **size)


def profile_of(folder: Path, into: Path, desa: str = DESA) -> tuple[int, str]:
    """Return how many pages the profile of a desa has, and its text on one line."""
    [file] = write_profiles(folder, RELEASE, AS_OF, into, desa)
    return read(file.read_bytes())


def read(pdf: bytes) -> tuple[int, str]:
    reader = PdfReader(io.BytesIO(pdf))
    text = " ".join(page.extract_text() for page in reader.pages)
    return len(reader.pages), " ".join(text.split())


@pytest.fixture(scope="module")
def task_force(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return zone_of(tmp_path_factory.mktemp("release"), kecamatan=3)


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return zone_of(tmp_path_factory.mktemp("release"), "public", kecamatan=3)


@pytest.mark.parametrize("zone", ["task_force", "public"])
def test_a_profile_is_one_page_and_says_what_it_must(zone: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    pages, text = profile_of(request.getfixturevalue(zone), tmp_path)
    assert pages == 1
    with duckdb.connect(str(request.getfixturevalue(zone) / "tegak.duckdb"), read_only=True) as con:
        [(measured, due)] = con.execute(
            "select measured, due from stunting_by_desa where desa_code = ? and month = '2026-10-01'", [DESA]
        ).fetchall()
    wanted = ["Pejaten", "Kecamatan Kramatwatu, Kabupaten Serang", f"{measured} / {due}", "Oktober 2026", RELEASE]
    wanted += ["bukan survei", "Keadaan data.", "tidak diketahui; 0 nol", "19,5 % sampai 31,7 % dari 123", "128 / 245"]
    wanted += ["Langkah berikut", "Sanitasi dan air"]
    of_task_force = [
        " %, selang 95 % ",
        "(tidak dapat dibedakan).",
        "Prioritas 2",
        "paling sedikit 28,3 % anak berisiko tinggi",
        "Rujuk 24 anak, 6 di antaranya pekan pertama",
    ]
    of_public = ["Selang tidak dimuat dalam zona ini", "hanya dimuat dalam zona satgas", "disembunyikan (1–4"]
    assert [words for words in wanted if words not in text] == []
    assert [words for words in of_task_force if words in text] == (of_task_force if zone == "task_force" else [])
    assert [words for words in of_public if words in text] == (of_public if zone == "public" else [])


@pytest.mark.parametrize("zone", ["task_force", "public"])
def test_the_longest_names_and_reasons_stay_on_one_page_for_30_months(zone: str, tmp_path: Path) -> None:
    longest = "Panyaungan Jaya Selatan di Lereng Gunung Karang Timur"
    rename = [
        f"update stunting_by_desa set desa_name = '{longest}', kecamatan_name = '{longest}'",
        "update opd_progress set name_indonesian = name_indonesian || ' menurut catatan kader di setiap posyandu desa'",
    ]
    if zone == "task_force":
        rename.append("update desa_priority set reasons = reasons || '; ' || reasons || '; ' || reasons")
    pages, text = profile_of(zone_of(tmp_path, zone, *rename, months=30), tmp_path)
    assert (pages, text.count(longest) >= 2, RELEASE in text) == (1, True, True)


def test_no_name_becomes_code(tmp_path: Path) -> None:
    given = HOSTILE.replace("'", "''")
    renamed = (
        f"update stunting_by_desa set desa_name = '{given}', kecamatan_name = '{given}'",
        f"update stunting_by_kecamatan set kecamatan_name = '{given}'",
        f"update opd_progress set name_indonesian = '{given}'",
        f"update semester_report set name_indonesian = '{given}'",
        f"update agencies set short_name = '{given}', agency_name = '{given}'",
        f"update desa_priority set reasons = '{given}'",
    )
    zone = zone_of(tmp_path, "task_force", *renamed, months=2)
    write_prints(zone, HOSTILE, {HOSTILE: HOSTILE})
    texts = [read((zone / "print" / f"{name}.pdf").read_bytes())[1] for name in REPORTS]
    pages, text = profile_of(zone, tmp_path)
    assert pages == 1
    for shown in (*texts, text):
        assert "".join(HOSTILE.split()) in "".join(shown.split())


def test_a_desa_without_measurement_is_unknown_and_not_zero(tmp_path: Path) -> None:
    none = "measured = 0, coverage_pct = 0, height_valid = 0, stunted = 0, stunted_pct = null, severely_stunted = 0"
    zone = zone_of(
        tmp_path,
        "task_force",
        f"update stunting_by_desa set {none} where desa_code = '{DESA}'",
        f"delete from area_estimates where area_code = '{DESA}'",
    )
    pages, text = profile_of(zone, tmp_path)
    assert pages == 1
    assert "tidak ada balita dengan tinggi badan yang sah: prevalensinya tidak diketahui, bukan nol" in text
    assert "Belum ada bulan dengan prevalensi yang diketahui" in text
    assert "Stunting menurut register e-PPGBM – " in text
    assert "0,0 % sangat pendek 0" in text
    assert "Taksiran –, selang 95 % – " in text


def test_the_most_urgent_action_leads_and_the_numbers_add_up(tmp_path: Path) -> None:
    # the lower the turn, the fewer children: what is most frequent is not what is most urgent
    children = f"""
        insert into visit_list by name
        select '{DESA}' as desa_code, 'rujuk' as category, 'tindakan ' || (10 - n) as action, 'dinkes' as agency,
            cast(10 * n + k as integer) as visit_rank, n as visit_week
        from range(1, {{most}} + 1) as r(n), range(n) as s(k)
    """
    for most, rest in ((MOST_ACTIONS, ""), (MOST_ACTIONS + 2, "; dan 15 anak dengan tindakan lain")):
        zone = zone_of(
            tmp_path / str(most), "task_force", "delete from visit_list", children.format(most=most), months=1
        )
        pages, text = profile_of(zone, tmp_path)
        told = "; ".join(f"tindakan {10 - n} ({n})" for n in range(1, MOST_ACTIONS + 1))
        total = most * (most + 1) // 2
        assert (pages, f"Rujuk {total} anak, 1 di antaranya pekan pertama: {told}{rest}." in text) == (1, True)


def test_one_month_is_no_direction_and_no_release_is_no_figure(tmp_path: Path) -> None:
    pages, text = profile_of(zone_of(tmp_path / "one", months=1), tmp_path)
    assert (pages, "Baru satu bulan yang diketahui" in text) == (1, True)
    for zone in ("task_force", "public"):
        empty = zone_of(tmp_path / "none", zone, months=0)
        write_prints(empty, RELEASE, {})
        texts = [read((empty / "print" / f"{name}.pdf").read_bytes()) for name in REPORTS]
        assert [(pages, "belum memuat satu" in text, RELEASE in text) for pages, text in texts] == [(1, True, True)] * 3
        assert write_profiles(empty, RELEASE, {}, tmp_path) == []


ROW: dict[str, Any] = {"cases": None, "of": 40, "pct": None}


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        (ROW | {"cases": 0, "pct": 0.0}, ("0", "0,0\u00a0%")),
        (ROW | {"cases": 1240, "of": 4960, "pct": 25.0}, ("1.240", "25,0\u00a0%")),
        (ROW, ("–", "–")),
        (ROW | {"suppressed": ""}, ("–", "–")),
        (ROW | {"suppressed": "cases"}, ("•", "•")),
        (ROW | {"suppressed": "other, cases"}, ("•", "•")),
        (ROW | {"cases": 10, "of": None, "suppressed": "of"}, ("10", "•")),
        (ROW | {"cases": 5, "of": 10, "suppressed": ""}, ("5", "n < 20")),
        (ROW | {"cases": 0, "of": 0, "suppressed": ""}, ("0", "–")),
        (ROW | {"suppressed": "bycases"}, ("–", "–")),
        (None, ("–", "–")),
    ],
)
def test_hidden_unknown_and_zero_have_signs_of_their_own(row: dict[str, Any] | None, wanted: tuple[str, str]) -> None:
    assert (count(row, "cases"), share(row, "pct", "cases", "of")) == wanted


def test_a_share_of_three_counts_is_hidden_with_any_of_them() -> None:
    row = {"pct": None, "some": 35, "rest": None, "all": 60, "suppressed": "rest"}
    assert [share(row, "pct", *counts) for counts in (("some", "all"), ("some", "rest", "all"))] == ["–", "•"]


def test_a_month_that_nobody_delivered_keeps_its_place() -> None:
    months = [{"month": date(2026, month, 1), "stunted_pct": 25.0} for month in (6, 8)]
    tables = {"stunting_by_kabupaten": [{"kabupaten_name": "Serang", **month} for month in months]}
    points = Profiles(Zone(RELEASE, {}, False, tables))._chart([], "d")["points"]
    assert [(point["name"][:3], point["kabupaten"]) for point in points] == [
        ("Jun", 25.0),
        ("Jul", None),
        ("Agu", 25.0),
    ]


def test_a_suppressed_count_is_hidden_in_the_page(tmp_path: Path) -> None:
    hide = "stunted = null, stunted_pct = null, suppressed = 'stunted'"
    zone = zone_of(tmp_path, "public", f"update stunting_by_desa set {hide} where desa_code = '{DESA}'")
    _, text = profile_of(zone, tmp_path)
    assert "Stunting menurut register e-PPGBM • " in text
    assert "stunting dari yang tingginya sah • / " in text
    assert "bukan nol" not in text


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (30.0, 40.0, "Lebih tinggi daripada Kecamatan A (29,0 %) dan Kabupaten Serang (25,0 %)."),
        (
            26.0,
            40.0,
            "Tidak dapat dibedakan dari Kecamatan A (29,0 %); lebih tinggi daripada Kabupaten Serang (25,0 %).",
        ),
        (5.0, 24.0, "Lebih rendah daripada Kecamatan A (29,0 %) dan Kabupaten Serang (25,0 %)."),
    ],
)
def test_a_desa_is_told_apart_only_by_its_whole_interval(low: float, high: float, words: str) -> None:
    month = date(2026, 10, 1)
    counted = {"month": month, "stunted_pct": 27.0, "height_valid": 90, "stunted": 24, "severely_stunted": 1}
    counted |= {"measured": 90, "due": 100, "coverage_pct": 90.0, "underweight": 3, "wasted": 2}
    place = {"kecamatan_code": "k", "kecamatan_name": "A", "desa_code": "d", "desa_name": "D"}
    estimate = {"area_level": "desa", "area_code": "d", "month": month, "low_pct": low, "high_pct": high}
    estimate |= {"estimate_pct": (low + high) / 2}
    tables = {
        "stunting_by_desa": [counted | place],
        "stunting_by_kecamatan": [place | {"month": month, "stunted_pct": 29.0}],
        "stunting_by_kabupaten": [{"kabupaten_name": "Serang", "month": month, "stunted_pct": 25.0}],
        "area_estimates": [estimate | {"severity_indonesian": "tinggi"}],
    }
    page = Profiles(Zone(RELEASE, {}, False, tables)).page("d")
    assert page["headline"]["words"].replace("\u00a0", " ").startswith(words)
    assert page["headline"]["estimate"] == percent((low + high) / 2)
    assert page["headline"]["words"].endswith("Kelas menurut de Onis: tinggi seluruhnya.")
    tables["area_estimates"][0]["severity_indonesian"] = "tidak dapat dibedakan: tinggi atau sangat tinggi"
    page = Profiles(Zone(RELEASE, {}, False, tables)).page("d")
    assert page["headline"]["words"].endswith(
        "Kelas menurut de Onis: tinggi atau sangat tinggi (tidak dapat dibedakan)."
    )
    tables["area_estimates"][0]["severity_indonesian"] = "terlalu sedikit diukur"
    page = Profiles(Zone(RELEASE, {}, False, tables)).page("d")
    assert page["headline"]["words"].startswith("Terlalu sedikit balita diukur")


def test_small_differences_do_not_rank(task_force: Path, public: Path) -> None:
    page = ranking(read_zone(task_force, RELEASE, AS_OF))
    assert "Beda kecil tidak membuat peringkat" in page["words"]
    assert {line["rank"] for line in page["lines"]} == {"1–3"}
    assert all(line["low"] < line["estimate"] < line["high"] for line in page["lines"])
    page = ranking(read_zone(public, RELEASE, AS_OF))
    assert "bukan peringkat" in page["words"]
    names = [line["name"] for line in page["lines"]]
    assert (names, page["has_interval"]) == (sorted(names), False)


def test_equal_tables_give_equal_bytes_whatever_was_printed_before(task_force: Path, tmp_path: Path) -> None:
    zone = read_zone(task_force, RELEASE, AS_OF)
    used = Press()
    pages = Profiles(zone)
    first = [used.one_page("profil", pages.page(code)) for code in pages.codes()[:2]]
    assert Press().one_page("profil", pages.page(pages.codes()[1])) == first[1]
    for name, report in REPORTS.items():
        pdf = used.pages(name, report(zone))
        assert pdf == Press().pages(name, report(zone))
        text = read(pdf)[1]
        assert [words for words in (RELEASE, "bukan survei", "halaman 1 dari", "0 nol") if words not in text] == []


def test_the_state_of_the_data_is_told_by_period_and_agency() -> None:
    tables = {"agencies": [{"agency": "a", "short_name": "Dinas A"}]}
    as_of = {"a/x_y": "2026-10", "b/z": "2026-10", "a/krs_keluarga": "2026-10", "c/q": "2026-Q3", "d/r": "2026"}
    told = as_of_words(Zone(RELEASE, as_of, False, tables)).replace("\u00a0", " ")
    assert told == "Triwulan III 2026: c (q); Oktober 2026: b (z), Dinas A (KRS keluarga, x y); 2026: d (r)"


QUARTER = date(2026, 7, 1)


def progress_of(
    indicator: str, agency: str, pct: float | None, target: float | None = None, **other: Any
) -> dict[str, Any]:
    row = {"indicator_id": indicator, "name_indonesian": indicator, "agency": agency, "area_level": "kabupaten"}
    row |= {"quarter": QUARTER, "unit": "anak", "numerator": pct, "denominator": None if pct is None else 100}
    row |= {"coverage_pct": pct, "target_pct": target, "target_year": 2024, "is_target_verified": True}
    return row | {"source_as_of": date(2026, 9, 30)} | other


def zone_with(progress: list[dict[str, Any]], **tables: list[dict[str, Any]]) -> Zone:
    catalogue = [{"indicator_id": row["indicator_id"], "direction": "up"} for row in progress]
    return Zone(RELEASE, {}, False, {"opd_progress": progress, "indicator_catalogue": catalogue} | tables)


def test_the_agency_with_most_targets_missed_comes_first() -> None:
    progress = [
        progress_of("reached", "a", 90.0, 80.0),
        progress_of("no figure", "a", None, 80.0),
        progress_of("no target", "a", 10.0),
        progress_of("missed", "b", 70.0, 80.0),
        progress_of("missed too", "c", 70.0, 80.0),
        progress_of("too many", "c", 20.0, 15.5),
        progress_of("few enough", "b", 15.0, 15.5, is_target_verified=False),
    ]
    catalogue = [
        {
            "indicator_id": row["indicator_id"],
            "direction": "down" if row["indicator_id"] in ("too many", "few enough") else "up",
        }
        for row in progress
    ]
    page = achievements(zone_with(progress, indicator_catalogue=catalogue))
    assert [group["agency"] for group in page["groups"]] == ["c", "b", "a"]
    assert (
        page["words"]
        == "2 dari 5 target tercapai; paling banyak belum: c (2), b (1). 1 target lain tidak ada angkanya."
    )
    lines = {line["name"]: line for group in page["groups"] for line in group["lines"]}
    assert [name for name, line in lines.items() if line["is_down"]] == ["too many", "few enough"]
    told = {name: line["target"].replace("\u00a0", " ") for name, line in lines.items()}
    assert (told["missed"], told["few enough"], told["no target"]) == ("80 % (2024)", "15,5 %* (2024)", "–")
    text = read(Press().pages("capaian_opd", page))[1]
    assert text.count("makin rendah makin baik") == 3  # both, and what "kurang" means of them


def test_a_suppressed_figure_is_not_said_to_be_none() -> None:
    few = {"numerator": 5, "denominator": 15}
    progress = [
        progress_of("few", "a", None, 80.0, suppressed="", **few),
        progress_of("hidden", "a", None, 80.0, suppressed="numerator", numerator=None, denominator=40),
        progress_of("nobody knows", "a", None, 80.0, suppressed=""),
    ]
    words = achievements(zone_with(progress))["words"]
    assert words == (
        "0 dari 0 target tercapai. 2 target lain angkanya tidak diterbitkan. 1 target lain tidak ada angkanya."
    )


def test_the_semesters_lead_counts_what_has_a_target_and_nobody_due() -> None:
    lines = [
        progress_of("reached", "a", 90.0, 80.0, status="tercapai"),
        progress_of("free", "a", 90.0, status="tanpa target"),
        progress_of("nobody", "a", None, 90.0, status="belum ada data", numerator=0, denominator=0),
    ]
    more = {"semester": QUARTER, "appendix": "A", "line_no": 1, "quarters_used": 1, "gap_points": None}
    words = semester(zone_with([], semester_report=[line | more for line in lines]))["words"]
    assert words.startswith(
        "3 baris, 3 dengan data, 0 belum ada data. 1 tercapai, 0 belum tercapai, 1 tanpa target, 1 tanpa sasaran. "
    )


def test_a_budget_that_nobody_knows_is_printed_as_unknown() -> None:
    money = [
        {"indicator_id": name, "name_indonesian": name, "agency": "a", "quarter": QUARTER, "budget_rp": budget}
        | {"spent_rp": budget, "spent_pct": None}
        for name, budget in (("unknown", None), ("none", 0), ("some", 5_000_000))
    ]
    page = achievements(zone_with([progress_of("unknown", "a", 90.0)], budget_progress=money))
    told = [(line["name"], line["budget"].replace("\u00a0", " "), line["told"]) for line in page["money"]]
    assert told == [("some", "Rp5,0 juta", "–"), ("none", "Rp0", "–"), ("unknown", "–", "–")]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 9, 30), "30 Sep 2026"),
        (date(2025, 12, 31), "31 Des 2025"),
        (date(2026, 10, 1), "tahun 2026"),  # of a quarter's own figures none is younger than the quarter
        (None, "–"),
    ],
)
def test_a_yearly_figure_does_not_show_the_day_it_came(day: date | None, words: str) -> None:
    page = achievements(zone_with([progress_of("yearly", "a", 90.0, source_as_of=day)]))
    assert page["groups"][0]["lines"][0]["as_of"].replace("\u00a0", " ") == words


@pytest.mark.parametrize(("second", "is_half"), [(None, True), (70.0, False)])
def test_half_a_semester_says_that_it_is_provisional(second: float | None, is_half: bool) -> None:
    progress = [
        progress_of("line", "a", 70.0),
        progress_of("line", "a", second, quarter=date(2026, 10, 1)),
        progress_of("in no appendix", "a", 70.0, quarter=date(2026, 10, 1)),
    ]
    report = progress_of("line", "a", 70.0, 80.0, status="belum tercapai", gap_points=10.0)
    report |= {"semester": QUARTER, "appendix": "A", "line_no": 1, "quarters_used": 1}
    page = semester(zone_with(progress, semester_report=[report]))
    title = page["title"].replace("\u00a0", " ")
    assert title.startswith("Laporan Semester II 2026 (Juli–Desember)")
    assert title.endswith(" – SEMENTARA: baru Triwulan III 2026") == is_half
    text = read(Press().pages("laporan_semester", page))[1]
    assert [words in text for words in ("kurang (poin)", "selisih", "80 % (2024)")] == [True, False, True]


def test_make_print_writes_closed_files_or_one_sentence(
    data: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        code = exit_code(lambda: profiles.main(list(arguments)))
        return code, " ".join("".join(capsys.readouterr()).split())

    assert run() == (2, "There is no release yet; run make nightly.")
    release = settings.RELEASES / RELEASE
    zone_of(release, months=2)
    (release / "manifest.json").write_text(json.dumps({"release": RELEASE, "as_of": AS_OF}), encoding="utf-8")
    settings.CURRENT.symlink_to(release)
    code, said = run("36.04.99.2001")
    assert (code, "this one has none" in said, (data / "print").exists()) == (2, True, False)
    code, said = run(DESA)
    assert (code, said.startswith("1 profiles of one page in ")) == (0, True)
    [file] = (data / "print" / RELEASE / "task_force").iterdir()
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == (f"{DESA}.pdf", 0o600)


@pytest.mark.parametrize("is_invented", [True, False])
def test_each_page_of_a_print_of_an_invented_regency_says_so(tmp_path: Path, is_invented: bool) -> None:
    zone = make_zone(
        tmp_path, "task_force", after=(*TASK_FORCE, f"update release_info set is_invented = {is_invented}")
    )
    write_prints(zone, RELEASE, AS_OF)
    write_profiles(zone, RELEASE, AS_OF, zone / "print", DESA)
    prints = list((zone / "print").glob("*.pdf"))
    assert len(prints) == len(REPORTS) + 1
    texts = [page.extract_text() for path in prints for page in PdfReader(path).pages]
    assert {"Data rekaan: bukan anak yang sebenarnya" in text for text in texts} == {is_invented}
