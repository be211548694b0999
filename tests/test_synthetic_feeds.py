"""The invented feeds of services: one world behind them, and exactly the planned faults in the files."""

import csv
import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import python_calamine

from include.synthetic.__main__ import invent, write_regency
from include.synthetic.budgets import LINES
from include.synthetic.deliveries import read_layouts
from include.synthetic.population import SIZES, Columns, read_regions

LAYOUTS = read_layouts()[0]
TODAY = dt.date(2026, 11, 20)
Row = dict[str, Any]


@dataclass
class World:
    """A regency on disk."""

    landing: Path
    truth: Path
    places: set[tuple[str, str]]  # kecamatan and desa, or alias, in lower case

    def rows(self, dataset: str, period: str) -> dict[int, Row]:
        """The rows of a delivered list by their number in a spreadsheet."""
        [path] = self.landing.glob(f"*/{dataset}/{period}/*")
        return read_rows(path)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Query the truth; {name} stands for a parquet file."""
        files = {file.stem: f"'{file}'" for file in self.truth.glob("*.parquet")}
        return duckdb.execute(query.format(**files)).fetchall()

    def planned(self, dataset: str, period: str) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for fault, row in self.ask(
            f"select fault, row_no from {{planned_faults}} where path like '%/{dataset}/{period}/%'"
        ):
            found.setdefault(fault, set()).add(row)
        return found


def read_rows(path: Path) -> dict[int, Row]:
    if path.suffix == ".csv":
        content = path.read_bytes()
        encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
        for encoding in encodings:
            try:
                text = content.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
        delimiter = max(",;\t", key=text.split("\n")[0].count)
        table: list[list[Any]] = list(csv.reader(text.splitlines(), delimiter=delimiter))
    else:
        table = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    head = next(number for number, cells in enumerate(table) if sum(cell != "" for cell in cells) > 1)
    return {number + 1: dict(zip(table[head], table[number], strict=True)) for number in range(head + 1, len(table))}


def number(cell: Any) -> float:
    if isinstance(cell, float | int):
        return float(cell)
    text = cell.removeprefix("Rp ")
    return float(text.replace(".", "").replace(",", ".")) if "," in text else float(text)


def day(cell: Any) -> dt.date | None:
    if isinstance(cell, dt.date):
        return cell
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"):
        try:
            return dt.datetime.strptime(cell, form).date()
        except ValueError:
            continue
    return None


@pytest.fixture(scope="module", params=["tiny", "small"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp(request.param)
    size = SIZES[request.param]
    write_regency(size, folder / "landing", folder / "truth", 3604, workers=2)
    desa = read_regions(size).desa
    aliases = read_regions(size).aliases
    kecamatan = dict(zip(desa["desa_code"], desa["kecamatan_name"], strict=True))
    named = [*zip(desa["kecamatan_name"], desa["desa_name"], strict=True)]
    named += [(kecamatan[code], alias) for code, alias in aliases.items() if code in kecamatan]
    return World(folder / "landing", folder / "truth", {(a.casefold(), b.casefold()) for a, b in named})


@pytest.fixture(scope="module")
def small() -> dict[str, Columns]:
    return invent(SIZES["small"], read_regions(SIZES["small"]), 3604)


# The rows of a list that a reader of the file alone would find wrong, by the fault that was planned.
Rule = Callable[[World, Row], bool]


def _unknown_desa(kecamatan: str, desa: str) -> Rule:
    return lambda world, row: (row[kecamatan].casefold(), row[desa].casefold()) not in world.places


def _above(numerator: str, denominator: str) -> Rule:
    # a negative denominator is another fault
    return lambda _, row: number(row[numerator]) > abs(number(row[denominator]))


def _beyond(header: str, limit: float) -> Rule:
    return lambda _, row: row[header] not in ("", "-") and number(row[header]) > limit


def _to_come(header: str) -> Rule:
    return lambda _, row: (day(row[header]) or TODAY) > TODAY


def _is(header: str, value: str) -> Rule:
    return lambda _, row: row[header] == value


def _negative(header: str) -> Rule:
    return lambda _, row: number(row[header]) < 0


def _bps_code(_: World, row: Row) -> bool:
    return "." not in row["Kode Desa"]


def _contradicts(_: World, row: Row) -> bool:
    flags = (row[f"terlalu_{flag}"] for flag in ("muda", "tua", "dekat", "banyak"))
    conditions = [row["kondisi_sumber_air_minum"], row["kondisi_fasilitas_bab"]]
    has_risk = "2" in (*flags, *conditions)
    return "9" not in conditions and (row["status_krs"] == "1") != has_risk


RULES: dict[str, dict[str, Rule]] = {
    "ibu_hamil": {
        "unknown_desa": _unknown_desa("Kecamatan", "Desa/Kel"),
        "muac_in_mm": _beyond("LiLA", 100),
        "lmp_in_future": _to_come("HPHT"),
    },
    "imunisasi": {
        "unknown_desa": _unknown_desa("Kecamatan", "Desa/Kel"),
        "sex_unknown": _is("JK", "X"),
        "dose_in_future": _to_come("BCG"),
    },
    "krs_keluarga": {
        "unknown_desa": _unknown_desa("nama_kecamatan", "nama_kelurahan"),
        "code_unknown": _is("kondisi_sumber_air_minum", "9"),
        "status_contradicts": _contradicts,
    },
    "catin": {
        "unknown_desa": _unknown_desa("Kecamatan", "Desa/Kelurahan"),
        "muac_in_mm": _beyond("LiLA", 100),
        "haemoglobin_times_ten": _beyond("Kadar Hb", 50),
    },
    "bkb_desa": {
        "unknown_desa": _unknown_desa("Kecamatan", "Desa"),
        "attending_families_above_target_families": _above("Keluarga Hadir BKB", "Keluarga Sasaran BKB"),
    },
    "ehdw_desa": {
        "unknown_desa": _unknown_desa("Kecamatan", "Desa"),
        "converged_households_above_thousand_day_households": _above("1000 HPK Layanan Lengkap", "Sasaran 1000 HPK"),
    },
    "dana_desa": {
        "bps_code": _bps_code,
        "negative_budget": _negative("Anggaran Stunting"),
    },
    "paud_desa": {
        "unknown_desa": _unknown_desa("Kecamatan", "Desa"),
        "children_attending_above_children_2_6": _above("Anak Ikut PAUD", "Anak 2-6 Tahun"),
    },
    "fsva_desa": {"bps_code": _bps_code},
    "bimwin": {
        "unknown_kecamatan": lambda world, row: (
            row["KUA Kecamatan"].casefold() not in {kecamatan for kecamatan, _ in world.places}
        ),
        "counselled_couples_above_marriages": _above("Pasangan Mengikuti Bimwin", "Peristiwa Nikah"),
    },
    "anggaran": {
        "negative_budget": _negative("Pagu"),
        "spent_rp_above_budget_rp": _above("Realisasi", "Pagu"),
        "unknown_indicator": lambda _, row: row["Kode Indikator"] not in {line[0] for line in LINES},
    },
}
# rows of one delivery that name the same thing and differ: the columns that name it, and whether both rows are faulty
REPEATED = {
    "ibu_hamil": ("woman_twice", ("Nama Ibu", "Tgl Lahir Ibu", "HPHT", "Desa/Kel"), False),
    "krs_keluarga": ("family_twice", ("kode_keluarga",), False),
    "dana_desa": ("quarter_twice", ("Kode Desa",), True),
    "anggaran": ("quarter_twice", ("Kode Indikator", "Kode Sub Kegiatan"), True),
}
PERIODS = {"paud_desa": ("2025", "2026"), "fsva_desa": ("2026",)}


@pytest.mark.parametrize("dataset", sorted(RULES))
def test_exactly_the_planned_rows_are_faulty(world: World, dataset: str) -> None:
    found: Counter[str] = Counter()
    for period in PERIODS.get(dataset, ("2026-Q2", "2026-Q3")):
        rows, planned = world.rows(dataset, period), world.planned(dataset, period)
        for fault, rule in RULES[dataset].items():
            faulty = {row_no for row_no, row in rows.items() if rule(world, row)}
            assert faulty == planned.pop(fault, set()), (period, fault)
            found[fault] += len(faulty)
        fault, columns, both = REPEATED.get(dataset, ("", (), True))
        if fault:
            seen: dict[tuple, int] = {}
            again = set()
            for row_no, row in rows.items():
                name = tuple(row[column] for column in columns)
                if name in seen:
                    assert row != rows[seen[name]]
                    again |= {row_no, seen[name]} if both else {row_no}
                seen[name] = row_no
            assert again == planned.pop(fault, set()), period
            found[fault] += len(again)
        assert set(planned) <= {"woman_twice_respelled"}
    assert min(found.values()) > 0, found


def test_a_woman_listed_twice_under_another_spelling_is_the_same_woman(world: World) -> None:
    count = 0
    for period in ("2026-Q2", "2026-Q3"):
        rows = world.rows("ibu_hamil", period)
        for row_no in world.planned("ibu_hamil", period).get("woman_twice_respelled", ()):
            first, second = rows[row_no - 1], rows[row_no]
            assert first["Nama Ibu"] != second["Nama Ibu"]
            assert [first[column] == second[column] for column in ("Tgl Lahir Ibu", "HPHT", "Desa/Kel")] == [True] * 3
            count += 1
    assert count > 0


@pytest.mark.parametrize("world", ["small"], indirect=True)
@pytest.mark.parametrize(
    ("dataset", "header"), [("ehdw_desa", "Desa"), ("imunisasi", "Desa/Kel"), ("krs_keluarga", "nama_kelurahan")]
)
def test_known_aliases_are_used_and_no_fault(world: World, dataset: str, header: str) -> None:
    written = {row_no for row_no, row in world.rows(dataset, "2026-Q3").items() if row[header].upper() == "KELUMPANG"}
    assert written
    assert not written & world.planned(dataset, "2026-Q3").get("unknown_desa", set())


@pytest.mark.parametrize(
    ("dataset", "part", "whole"),
    [
        ("ehdw_desa", "KPM Aktif", "Jumlah KPM"),
        ("dana_desa", "Realisasi Stunting", "Anggaran Stunting"),
        ("dana_desa", "Anggaran Stunting", "Pagu Dana Desa"),
        ("paud_desa", "Guru Terlatih", "Guru PAUD"),
        ("fsva_desa", "Prioritas", 6),
    ],
)
def test_no_other_part_is_above_its_whole(world: World, dataset: str, part: str, whole: str | int) -> None:
    for period in PERIODS.get(dataset, ("2026-Q2", "2026-Q3")):
        for row in world.rows(dataset, period).values():
            assert 0 <= abs(number(row[part])) <= abs(number(row[whole]) if isinstance(whole, str) else whole)


@pytest.mark.parametrize("dataset", sorted({*RULES, "survei"}))
def test_lists_hold_the_columns_of_their_layout(world: World, dataset: str) -> None:
    periods = PERIODS.get(dataset, ("2026",) if dataset == "survei" else ("2026-Q2", "2026-Q3"))
    for turn, period in enumerate(periods):
        layout = f"{dataset}_first" if turn == 0 and f"{dataset}_first" in LAYOUTS else dataset
        rows = world.rows(dataset, period)
        assert list(next(iter(rows.values()))) == LAYOUTS[layout]


# -- pregnancies --


def test_each_birth_of_the_window_ends_one_pregnancy_of_the_mother(world: World) -> None:
    [(births, pregnancies, wrong)] = world.ask(
        """
        select
            count(distinct (c.family, c.born_on)),
            count(p.pregnancy),
            count(*) filter (p.mother <> c.mother or p.lmp_on <> c.born_on - 7 * c.gestation_weeks::int)
        from (
            select distinct family, born_on, mother, arg_min(gestation_weeks, child) as gestation_weeks
            from {children} where born_on >= '2026-04-01' group by family, born_on, mother
        ) as c
        left join {pregnancies} as p on c.family = p.family and c.born_on = p.ends_on
        """
    )
    assert births == pregnancies > 20
    assert wrong == 0


def test_no_woman_carries_two_pregnancies_at_once(world: World) -> None:
    overlaps = world.ask(
        "select a.pregnancy from {pregnancies} as a inner join {pregnancies} as b"
        " on a.mother = b.mother and a.pregnancy < b.pregnancy and a.lmp_on < b.ends_on and b.lmp_on < a.ends_on"
    )
    assert overlaps == []


def test_open_pregnancies_continue_the_births(small: dict[str, Columns]) -> None:
    """As many births a month are due as there were, and the mothers are of age."""
    pregnancies, members = small["pregnancy"], small["person"]
    month = pregnancies["ends_on"].astype("datetime64[D]").astype("datetime64[M]")
    born = [np.sum(month == np.datetime64(f"2026-{number:02}")) for number in range(4, 11)]
    due = [np.sum(month == m) for m in np.arange(np.datetime64("2026-11"), np.datetime64("2027-06"))]
    assert 0.85 < np.mean(due) / np.mean(born) < 1.1
    assert min(due) > 0.7 * np.mean(born)
    is_open = pregnancies["child"] < 0
    years = (pregnancies["lmp_on"] - members["born_on"][pregnancies["mother"]])[is_open] / 365.25
    assert years.min() >= 16
    assert years.max() < 46


def test_a_sixth_of_pregnant_women_are_thin_and_services_miss_some_of_them(small: dict[str, Columns]) -> None:
    pregnancies, rows = small["pregnancy"], small["ibu_hamil"]
    thin = pregnancies["muac_cm"] < 23.5
    assert 0.15 < thin.mean() < 0.19
    assert not pregnancies["gets_extra_food"][~thin].any()
    assert 0.88 < pregnancies["gets_extra_food"][thin].mean() < 0.97
    assert 0.68 < pregnancies["uses_contraception"].mean() < 0.79
    delivered = rows["delivered_on"] > 0
    assert 0.55 < (rows["iron_tablets"][delivered] >= 90).mean() < 0.8
    assert 0.6 < (rows["antenatal_visits"][delivered] >= 6).mean() < 0.9


def test_visits_and_tablets_only_grow_from_quarter_to_quarter(world: World) -> None:
    def known(period: str) -> dict[tuple, tuple[float, float]]:
        wrong = set().union(*world.planned("ibu_hamil", period).values())
        return {
            (row["Nama Ibu"], day(row["Tgl Lahir Ibu"]), day(row["HPHT"])): (
                number(row["Kunjungan ANC"]),
                number(row["Jumlah TTD"]),
            )
            for row_no, row in world.rows("ibu_hamil", period).items()
            if row_no not in wrong
        }

    before, after = known("2026-Q2"), known("2026-Q3")
    both = before.keys() & after.keys()
    assert len(both) > 15
    assert [name for name in both if before[name][0] > after[name][0] or before[name][1] > after[name][1]] == []
    assert any(before[name][0] < after[name][0] for name in both)


def test_only_pregnancies_open_in_the_quarter_are_listed(world: World) -> None:
    for period, first, last in (
        ("2026-Q2", dt.date(2026, 4, 1), dt.date(2026, 6, 30)),
        ("2026-Q3", dt.date(2026, 7, 1), dt.date(2026, 9, 30)),
    ):
        future = world.planned("ibu_hamil", period).get("lmp_in_future", set())
        for row_no, row in world.rows("ibu_hamil", period).items():
            delivered = day(row["Tgl Persalinan"])
            assert delivered is None or first <= delivered <= last
            assert row_no in future or day(row["HPHT"]) <= last
            assert (row["KB Pasca Salin"] in ("Ya", "Tidak")) == (delivered is not None)


# -- immunisations --


def test_doses_follow_the_age_and_many_children_miss_one(world: World) -> None:
    [shares] = world.ask(
        """
        select
            count(*) filter (hb0_on - born_on not between 0 and 1),
            count(*) filter (bcg_on - born_on not between 15 and 60),
            count(*) filter (least(polio4_on, dpt3_on, ipv_on) - born_on not between 110 and 300),
            count(*) filter (mr1_on - born_on not between 270 and 500),
            count(*) filter (hb0_entered_on < hb0_on or mr1_entered_on < mr1_on),
            avg((dpt3_entered_on >= dpt3_on + 30)::int),
            avg((len(list_filter([hb0_on, bcg_on, polio4_on, dpt3_on, ipv_on, mr1_on], d -> d is null)) = 0)::int)
                filter (born_on < '2025-10-01')
        from {immunisations} inner join {children} using (child)
        """.replace("            avg((hb0_on + bcg_on + 0 is null)::int) is null,\n", "")
    )
    *impossible, late, complete = shares
    assert impossible == [0] * 5
    assert 0.17 < late < 0.33
    assert 0.7 < complete < 0.9


@pytest.mark.parametrize("world", ["small"], indirect=True)
def test_a_dose_entered_late_stands_only_in_the_later_list(world: World) -> None:
    [(late, held)] = world.ask(
        "select count(*), count(*) filter (mr1_entered_on <= '2026-09-30') from {immunisations}"
        " where mr1_on <= '2026-06-30' and mr1_entered_on > '2026-06-30'"
    )
    assert 0 < held <= late
    first, second = (
        {
            (row["Nama Anak"], day(row["Tgl Lahir"]), row["Nama Ibu"]): day(row["Campak-Rubela 1"])
            for row in world.rows("imunisasi", period).values()
        }
        for period in ("2026-Q2", "2026-Q3")
    )
    entered_later = [
        name for name, given in second.items() if given and given <= dt.date(2026, 6, 30) and first.get(name, 0) is None
    ]
    assert 0 < len(entered_later) <= held


def test_immunisations_are_of_children_under_two_who_live_here(world: World) -> None:
    for period, oldest, last in (("2026-Q2", "2024-07-01", "2026-06-30"), ("2026-Q3", "2024-10-01", "2026-09-30")):
        [(rows, strange, residents)] = world.ask(
            f"""
            select
                count(*),
                count(*) filter (c.is_away or c.born_on not between '{oldest}' and '{last}'),
                (select count(*) from {{children}} where not is_away and born_on between '{oldest}' and '{last}')
            from {{agency_rows}} as r inner join {{children}} as c using (child)
            where r.path like 'dinkes/imunisasi/{period}/%'
            """
        )
        assert strange == 0
        assert 0.8 < rows / residents < 0.98
        assert rows == len(world.rows("imunisasi", period))


# -- families at risk --


def test_flags_of_families_follow_from_people_and_houses(world: World) -> None:
    """Counted anew from persons and families, by another way than the generator's."""
    [(rows, *wrong)] = world.ask(
        """
        with rounds as (
            select *, if(quarter = 0, date '2026-06-30', date '2026-09-30') as on_day from {krs_families}
        ),
        births as (
            select r.round, list(distinct p.born_on order by p.born_on desc) as days, count(*) as children,
                count(*) filter (date_part('year', age(r.on_day, p.born_on)) < 2 and p.child >= 0) as under_two
            from rounds as r inner join {persons} as p on p.family = r.family and p.relation = 3 and p.born_on <= r.on_day
            group by r.round
        ),
        wives as (
            select r.round, date_part('year', age(r.on_day, m.born_on)) as years, f.person is not null as has_husband
            from rounds as r
            inner join {persons} as m on m.family = r.family and m.is_mother
            left join {persons} as f on f.family = r.family and f.is_father
        )
        select
            count(*),
            count(*) filter (r.has_couple <> (w.has_husband and w.years between 15 and 49)),
            count(*) filter (r.too_old <> (r.has_couple and w.years between 35 and 40)),
            count(*) filter (r.too_young <> (r.has_couple and w.years < 20)),
            count(*) filter (r.too_many <> (r.has_couple and coalesce(b.children, 0) > 3)),
            count(*) filter (r.has_under_two <> (coalesce(b.under_two, 0) > 0)),
            count(*) filter (
                r.too_close and not (r.has_couple and b.days[1] - list_filter(b.days, d -> b.days[1] - d >= 30)[1] < 730)
            ),
            count(*) filter (
                not r.too_close and r.has_couple
                and b.days[1] - list_filter(b.days, d -> b.days[1] - d >= 30)[1] < 730
            ),
            count(*) filter (
                r.is_at_risk <> (f.has_unfit_water or f.has_bad_latrine or r.too_young or r.too_old or r.too_close or r.too_many)
            ),
            count(*) filter (f.is_away or not (r.has_couple or r.is_pregnant or r.has_under_two or r.has_two_to_five)),
            count(*) filter (r.is_pregnant <> exists (
                select 1 from {pregnancies} as p
                where p.family = r.family and p.lmp_on + 35 <= r.on_day and p.ends_on > r.on_day
            ))
        from rounds as r
        inner join {families} as f on r.family = f.family
        inner join wives as w on r.round = w.round
        left join births as b on r.round = b.round
        """
    )
    assert rows > 500
    assert wrong == [0] * len(wrong)


def test_lists_of_families_hold_the_true_flags(world: World) -> None:
    """Code 9 and a contradicting status apart; the codes are 1 yes and 2 no, but 2 yes in the four flags."""
    truth = {
        (code, quarter): flags
        for code, quarter, *flags in world.ask(
            "select family_code::varchar, quarter, has_couple, is_pregnant, has_under_two, has_two_to_five,"
            " has_unfit_water, has_bad_latrine, too_young, too_old, too_close, too_many from {krs_families}"
        )
    }
    asked = ("punya_pus", "pus_hamil", "punya_baduta", "punya_balita")
    unfit = ("kondisi_sumber_air_minum", "kondisi_fasilitas_bab")
    four = ("terlalu_muda", "terlalu_tua", "terlalu_dekat", "terlalu_banyak")
    for quarter, period in enumerate(("2026-Q2", "2026-Q3")):
        for row in world.rows("krs_keluarga", period).values():
            flags = truth[row["kode_keluarga"], quarter]
            written = [row[header] == "1" for header in asked]
            written += [row[header] == "2" for header in (*unfit, *four)]
            if row["kondisi_sumber_air_minum"] == "9":
                written[4] = flags[4]
            assert written == flags
            assert {row[header] for header in four} <= {"1", "2"} or not flags[0]


def test_three_in_a_hundred_rows_contradict_themselves(world: World) -> None:
    contradicting = len(world.planned("krs_keluarga", "2026-Q2")["status_contradicts"])
    assert 0.018 < contradicting / len(world.rows("krs_keluarga", "2026-Q2")) < 0.045


def test_the_family_code_says_nothing_of_the_family_card(small: dict[str, Columns]) -> None:
    code, no_kk = small["family_code"]["family_code"], small["family"]["no_kk"]
    assert np.unique(code).size == code.size
    assert not np.isin(code, no_kk).any()
    assert abs(np.corrcoef(code, np.arange(code.size))[0, 1]) < 0.05


def test_half_of_the_forms_name_the_wife_by_number_and_four_in_ten_the_card(world: World) -> None:
    rows = world.rows("krs_keluarga", "2026-Q3").values()
    assert 0.4 < np.mean([row["nik_istri"] != "" for row in rows]) < 0.6
    assert 0.32 < np.mean([row["no_kk"] != "" for row in rows]) < 0.48


# -- couples --


def test_couples_are_nobody_else(small: dict[str, Columns]) -> None:
    couples = small["couple"]
    numbers = np.concatenate([couples["bride_nik"][couples["bride_nik"] > 0], couples["groom_nik"]])
    assert np.unique(numbers).size == numbers.size
    assert not np.isin(numbers, small["person"]["nik"]).any()
    assert ((couples["bride_nik"] == 0) | (couples["bride_nik"] // 10**8 % 100 > 40)).all()


def test_couples_marry_in_the_quarter_of_their_list(world: World) -> None:
    for period, first, last in (("2026-Q2", 4, 6), ("2026-Q3", 7, 9)):
        for row in world.rows("catin", period).values():
            wedding, examined = day(row["Tanggal Pernikahan"]), day(row["Tanggal Periksa"])
            assert first <= wedding.month <= last
            assert examined is None or examined < wedding
            assert (examined is None) == (row["LiLA"] in ("", "-"))


# -- figures per place --


def test_denominators_are_the_worlds_own_counts(world: World) -> None:
    """Of places whose row has no planned fault."""
    truth = dict(
        world.ask(
            "select f.desa, count(*) filter (has_under_two or has_two_to_five) from {krs_families} as r"
            " inner join {families} as f using (family) where r.quarter = 1 group by f.desa"
        )
    )
    rows = list(world.rows("bkb_desa", "2026-Q3").items())
    assert len(rows) > 10
    for place, (_, row) in enumerate(rows):
        assert number(row["Keluarga Sasaran BKB"]) == truth[place]


def test_weddings_of_the_offices_are_the_couples(world: World) -> None:
    listed = len(world.rows("catin", "2026-Q3"))
    weddings = sum(number(row["Peristiwa Nikah"]) for row in world.rows("bimwin", "2026-Q3").values())
    assert 0.5 < listed / weddings <= 1


def test_reach_differs_between_places(small: dict[str, Columns]) -> None:
    """More than chance alone would make it, and half of the targets are out of reach of many places."""
    rows = small["bkb_desa"]
    share = rows["attending_families"] / rows["target_families"]
    expected = (share.mean() * (1 - share.mean()) / rows["target_families"]).mean() ** 0.5
    assert share.std() > 1.5 * expected
    at_risk = small["at_risk"]
    desa = small["family"]["desa"][at_risk["family"]][at_risk["is_at_risk"]]
    by_desa = np.bincount(desa, weights=at_risk["is_accompanied"][at_risk["is_at_risk"]]) / np.bincount(desa)
    assert 0.2 < (by_desa >= 0.9).mean() < 0.95


def test_money_is_spent_over_the_year(world: World) -> None:
    for dataset, columns, spent in (
        ("dana_desa", ("Kode Desa",), "Realisasi Stunting"),
        ("anggaran", ("Kode Indikator", "Kode Sub Kegiatan"), "Realisasi"),
    ):
        sums = []
        for period in ("2026-Q2", "2026-Q3"):
            wrong = set().union(*world.planned(dataset, period).values())
            rows = {no: row for no, row in world.rows(dataset, period).items() if no not in wrong}
            sums.append({tuple(row[c] for c in columns): number(row[spent]) for row in rows.values()})
        both = sums[0].keys() & sums[1].keys()
        assert len(both) > 5
        assert [name for name in both if sums[0][name] > sums[1][name]] == []


def test_some_money_goes_where_the_target_is_met_and_none_to_others() -> None:
    paid = {line[0] for line in LINES}
    assert {"krs_didampingi", "kb_pasca_salin", "bumil_kek_pmt"} <= paid
    assert {"catin_diperiksa", "paud_2_6", "bimwin"} & paid == set()
    assert len(paid) >= 20


def test_surveys_fall_and_say_that_they_are_invented(world: World) -> None:
    [path] = world.landing.glob("bappeda/survei/2026/*")
    title = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[0][0]
    assert "DATA SINTETIS" in title
    rows = [row for row in read_rows(path).values() if row["Wilayah"] == "Kabupaten Serang"]
    assert [row["Tahun"] for row in rows] == [2023, 2024, 2025]
    for row in rows:
        assert row["Batas Bawah"] < row["Prevalensi"] < row["Batas Atas"]
    assert 21 < rows[-1]["Prevalensi"] < 29
