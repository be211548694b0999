"""The invented regency: the same seed gives the same bytes, the truth is as the literature says, faults occur as planned."""

import csv
import hashlib
import sys
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest

from include.contract_reader import find_dataset
from include.headers import map_header
from include.problem import Problem
from include.synthetic.__main__ import invent, main, write_regency
from include.synthetic.deliveries import read_layouts
from include.synthetic.faults import LEVELS, NIK_KIND_NAMES, ROW_FAULT_NAMES, swap_day_and_month
from include.synthetic.names import NAMES
from include.synthetic.population import SIZES, Columns, read_regions
from include.synthetic.spelling import office, slip
from include.synthetic.store import store
from tests.conftest import Desk

WEIGHING_LAYOUTS = {"eppgbm_2025", "eppgbm_2023", "older", "user_edited", "campaign"}
OPD_OF = {
    "stbm_desa": "dinkes",
    "ibu_hamil": "dinkes",
    "imunisasi": "dinkes",
    "rtlh_rumah": "perkim",
    "air_minum_desa": "pupr",
    "dtsen_keluarga": "dinsos",
    "dtsen_anggota": "dinsos",
    "bansos": "dinsos",
    "anak": "disdukcapil",
    "krs_keluarga": "dkbp3a",
    "catin": "dkbp3a",
    "bkb_desa": "dkbp3a",
    "ehdw_desa": "dpmd",
    "dana_desa": "dpmd",
    "paud_desa": "dindik",
    "fsva_desa": "ketahanan_pangan",
    "bimwin": "kemenag",
    "anggaran": "bappeda",
    "survei": "bappeda",
}
LAYOUTS = read_layouts()[0]


def _write(folder: Path, workers: int) -> Path:
    write_regency(SIZES["tiny"], folder / "landing", folder / "truth", 3604, workers, lambda *_: lambda: None)
    return folder


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(tmp_path_factory.mktemp("tiny"), workers=1)


@pytest.fixture(scope="module")
def deliveries(tiny: Path) -> list[dict[str, str]]:
    with (tiny / "truth" / "files.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def small() -> dict[str, Columns]:
    size = SIZES["small"]
    return invent(size, read_regions(size), 3604)


@pytest.fixture(scope="module")
def levels(small: dict[str, Columns]) -> dict[str, dict[str, Columns]]:
    size = SIZES["small"]
    others = {name: invent(size, read_regions(size), 3604, LEVELS[name]) for name in ("mild", "harsh")}
    return {"base": small, **others}


@pytest.fixture(scope="module")
def small_other() -> dict[str, Columns]:
    """Other names, misspelled by slips on the keyboard."""
    size = SIZES["small"]
    return invent(size, read_regions(size), 3604, words=NAMES["other"], errors="keyboard")


@pytest.fixture(scope="module")
def stunted(small: dict[str, Columns]) -> tuple[np.ndarray, np.ndarray]:
    """Child and stunting of all resident child-months under five years."""
    growth, children = small["growth"], small["child"]
    counted = (growth["age_days"] < 1826) & ~children["is_away"][growth["child"]]
    return growth["child"][counted], growth["haz"][counted] < -2


def test_same_seed_gives_same_bytes_with_any_number_of_workers(tiny: Path, tmp_path: Path) -> None:
    assert _hashes(tiny) == _hashes(_write(tmp_path, workers=2))


def test_landing_holds_the_planned_files_and_no_truth(tiny: Path, deliveries: list[dict[str, str]]) -> None:
    assert set(_hashes(tiny / "landing")) == {delivery["path"] for delivery in deliveries}
    assert not any(path.suffix == ".parquet" for path in (tiny / "landing").rglob("*"))


def test_strange_files_in_the_landing_folder_stop_the_run(tmp_path: Path) -> None:
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "other.csv").write_text("x\n", encoding="utf-8")
    with pytest.raises(Problem, match=r"other\.csv"):
        _write(tmp_path, workers=1)


@pytest.mark.parametrize("layout", sorted(set(LAYOUTS) - {"hidden"}))
def test_every_header_is_known_to_the_contract(layout: str) -> None:
    name = "penimbangan" if layout in WEIGHING_LAYOUTS else layout.removesuffix("_first")
    _, unknown = map_header(LAYOUTS[layout], find_dataset(OPD_OF.get(name, "dinkes"), name))
    assert unknown == []


def test_hidden_sheet_holds_columns_of_the_campaign() -> None:
    assert set(LAYOUTS["hidden"]) <= {"No", *LAYOUTS["campaign"]}


def test_layouts_have_the_published_number_of_columns() -> None:
    assert {name: len(LAYOUTS[name]) for name in ("eppgbm_2025", "campaign", "anak")} == {
        "eppgbm_2025": 36,
        "campaign": 47,
        "anak": 14,
    }


def test_corrections_arrive_after_what_they_correct(tiny: Path, deliveries: list[dict[str, str]]) -> None:
    for later in deliveries:
        if "_of_" not in later["fault"]:
            continue
        [earlier] = [
            delivery
            for delivery in deliveries
            if delivery["file_no"] == later["file_no"] and delivery["fault"] == later["fault"].partition("_of_")[2]
        ]
        arrivals = [(tiny / "landing" / delivery["path"]).stat().st_mtime for delivery in (earlier, later)]
        assert arrivals[0] < arrivals[1]


def test_every_fault_of_a_file_occurs(tiny: Path, deliveries: list[dict[str, str]]) -> None:
    faults = {delivery["fault"]: tiny / "landing" / delivery["path"] for delivery in deliveries}
    assert set(faults) >= {"mixed_date_order", "wrong_header", "resent", "redelivered", "held"}
    assert faults["resent"].read_bytes() == faults["copy_of_resent"].read_bytes()
    assert "Tingi" in faults["wrong_header"].read_text(encoding="utf-8")
    assert faults["redelivered"].read_bytes() != faults["correction_of_redelivered"].read_bytes()


def test_truth_counts_the_rows_of_a_list(tiny: Path, deliveries: list[dict[str, str]]) -> None:
    [delivery] = [delivery for delivery in deliveries if delivery["fault"] == "correction_of_wrong_header"]
    lines = (tiny / "landing" / delivery["path"]).read_text(encoding="utf-8").count("\n")
    query = f"select count(*), max(row_no) from '{tiny / 'truth' / 'penimbangan_rows.parquet'}' where file_no = ?"
    assert duckdb.execute(query, [int(delivery["file_no"])]).fetchall() == [(lines - 1, lines - 1)]


def test_true_prevalence_lies_between_23_and_25_percent(stunted: tuple[np.ndarray, np.ndarray]) -> None:
    assert 0.23 < stunted[1].mean() < 0.25


def test_wasting_and_spread_are_plausible(small: dict[str, Columns]) -> None:
    growth = small["growth"]
    assert 0.05 < (growth["whz"] < -2).mean() < 0.09
    assert 1.08 < growth["haz"].std() < 1.22


@pytest.mark.parametrize(
    ("factor", "low", "high"),
    [
        # the confidence intervals of the sources, widened for 6,000 children
        ("is_low_birth_weight", 1.7, 3.4),
        ("has_bad_latrine_and_water", 1.7, 4.5),
        ("is_male", 1.1, 1.6),
        ("has_little_educated_mother", 1.2, 2.3),
        ("is_poor", 1.1, 2.2),
    ],
)
def test_odds_ratios_resemble_the_literature(
    small: dict[str, Columns], stunted: tuple[np.ndarray, np.ndarray], factor: str, low: float, high: float
) -> None:
    child, is_stunted = stunted
    exposed = small["child"][factor][child]
    odds = [share / (1 - share) for share in (is_stunted[exposed].mean(), is_stunted[~exposed].mean())]
    assert low < odds[0] / odds[1] < high


def test_nobody_shrinks(small: dict[str, Columns]) -> None:
    growth = small["growth"]
    lying = growth["height_cm"] + 0.7 * (growth["age_days"] >= 731)
    same_child = np.diff(growth["child"]) == 0
    assert np.diff(lying)[same_child].min() > -1e-4


def test_nik_are_unique_and_hold_birth_date_and_sex(small: dict[str, Columns]) -> None:
    persons = small["person"]
    nik = persons["nik"]
    assert np.unique(nik).size == nik.size
    assert ((nik >= 10**15) & (nik < 10**16)).all()
    assert ((nik // 10**8 % 100 > 40) == ~persons["is_male"]).all()
    year = (persons["born_on"].astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970) % 100
    assert (nik // 10**4 % 100 == year).mean() > 0.99


def test_names_and_birth_dates_are_nearly_unique_in_a_desa(small: dict[str, Columns]) -> None:
    children, desa = small["child"], small["family"]["desa"]
    keys = set(zip(children["name"], children["born_on"], desa[children["family"]], strict=True))
    assert len(keys) > 0.999 * children["name"].size


def test_register_faults_occur_at_their_rates(small: dict[str, Columns]) -> None:
    entries, rows, children = small["entry"], small["weighing"], small["child"]
    second = entries["is_second"]
    assert 0.03 < second.sum() / (~second).sum() < 0.045
    first_nik = dict(zip(entries["child"][~second], entries["nik"][~second], strict=True))
    differs = [
        first_nik[child] != nik for child, nik in zip(entries["child"][second], entries["nik"][second], strict=True)
    ]
    assert 0.62 < np.mean(differs) < 0.82
    assert 0.02 < (entries["name_kind"] == 1).mean() < 0.04
    assert 0.02 < (entries["nik_kind"] == NIK_KIND_NAMES.index("mother")).mean() < 0.07
    assert 0.001 < (rows["row_fault"] == ROW_FAULT_NAMES.index("same_day")).mean() < 0.003
    impossible = (rows["row_fault"] > 0) & (rows["row_fault"] < ROW_FAULT_NAMES.index("same_day"))
    assert 0.003 < impossible.mean() < 0.008
    resident = ~children["is_away"]
    assert 0.11 < (~children["is_in_capil"][resident]).mean() < 0.17


def test_coverage_of_weighings_is_85_to_90_percent(small: dict[str, Columns]) -> None:
    growth, children, rows = small["growth"], small["child"], small["weighing"]
    listed = ~children["is_away"][growth["child"]] & (growth["age_days"] > 240) & (growth["age_days"] < 1826)
    weighed = set(zip(rows["child"], rows["month"], strict=True))
    share = np.mean([key in weighed for key in zip(growth["child"][listed], growth["month"][listed], strict=True)])
    assert 0.85 < share < 0.9


def test_every_list_has_a_day_past_the_twelfth(small: dict[str, Columns]) -> None:
    rows = small["weighing"]
    day = rows["day"].astype("datetime64[D]")
    day_of_month = (day - day.astype("datetime64[M]").astype("datetime64[D]")).astype(int) + 1
    latest = np.zeros(rows["file_no"].max() + 1, int)
    np.maximum.at(latest, rows["file_no"], day_of_month)
    assert (latest > 12).all()


def _misspelled(tables: dict[str, Columns]) -> dict[str, float]:
    """The share of names of each kind that are not written as they are."""
    entries, children, persons = (tables[name] for name in ("entry", "child", "person"))
    mother, father = (children[parent][entries["child"]] for parent in ("mother", "father"))
    known = father >= 0
    return {
        "child": float(entries["is_misspelled"].mean()),
        "mother": float(np.mean(entries["mother_name"] != persons["name"][mother])),
        "father": float(np.mean(entries["father_name"][known] != persons["name"][father[known]])),
        "dtsen": float(np.mean(persons["dtsen_name"] != persons["name"])),
        "civil": float(np.mean(persons["capil_name"] != persons["name"])),
    }


def _shares(tables: dict[str, Columns]) -> dict[str, tuple[float, int]]:
    """The share of each fault in the tables, and of how many."""
    entries, children, families, persons = (tables[name] for name in ("entry", "child", "family", "person"))
    resident = ~children["is_away"]
    first = ~entries["is_second"]
    own_date = children["born_on"][entries["child"]]
    found = {
        "second_entry": np.isin(entries["child"][first], entries["child"][~first]),
        "nameless": entries["name_kind"] == 1,
        "newborn_unnamed": entries["name_kind"] == 2,
        "wrong_date": entries["born_on"] != own_date,
        "wrong_sex": entries["is_male"] != children["is_male"][entries["child"]],
        "no_parents": entries["filler"] > 0,
        "capil_missing": ~children["is_in_capil"][resident],
        "dtsen_no_nik": persons["dtsen_nik"] == 0,
        "dtsen_older_card": families["dtsen_no_kk"] != families["no_kk"],
        "no_kk_typo": entries["no_kk"] != families["no_kk"][children["family"][entries["child"]]],
        "parent_nik_typo": entries["parent_nik"] != persons["nik"][children["mother"][entries["child"]]],
        "dtsen_wrong_date": persons["dtsen_born_on"] != persons["born_on"],
        "moved": families["registered_desa"] != families["desa"],
    }
    for kind in NIK_KIND_NAMES[1:]:
        found[f"{kind}_nik"] = entries["nik_kind"][first] == NIK_KIND_NAMES.index(kind)
    return {name: (float(values.mean()), values.size) for name, values in found.items()}


@pytest.mark.parametrize("level", sorted(LEVELS))
def test_faults_occur_at_the_shares_of_their_level(levels: dict[str, dict[str, Columns]], level: str) -> None:
    for fault, (share, count) in _shares(levels[level]).items():
        planned = getattr(LEVELS[level], fault)
        assert abs(share - planned) < 4 * (planned * (1 - planned) / count) ** 0.5, fault


def test_every_fault_is_rarer_in_mild_and_more_frequent_in_harsh(levels: dict[str, dict[str, Columns]]) -> None:
    mild, base, harsh = (vars(LEVELS[level]) for level in ("mild", "base", "harsh"))
    assert [fault for fault in base if not mild[fault] < base[fault] < harsh[fault]] == []
    misspelled = [_misspelled(levels[level]) for level in ("mild", "base", "harsh")]
    for few, some, many in zip(*(shares.values() for shares in misspelled), strict=True):
        assert 0.4 < few / some < 0.6
        assert 1.7 < many / some < 2.3


def test_the_people_are_the_same_at_every_level(levels: dict[str, dict[str, Columns]]) -> None:
    for table, columns in {"person": ("name", "nik", "born_on"), "family": ("no_kk", "desa")}.items():
        for column in columns:
            assert (levels["mild"][table][column] == levels["harsh"][table][column]).all()


def test_some_wrong_dates_are_day_and_month_swapped(small: dict[str, Columns]) -> None:
    entries, born_on = small["entry"], small["child"]["born_on"][small["entry"]["child"]]
    wrong = entries["born_on"] != born_on
    swapped = entries["born_on"][wrong] == swap_day_and_month(born_on)[wrong]
    assert 0.08 < swapped.mean() < 0.35


@pytest.mark.parametrize(
    ("day", "swapped"),
    [
        ("2024-03-05", "2024-05-03"),
        ("2024-12-01", "2024-01-12"),
        ("2024-02-13", "2024-02-13"),
        ("2024-07-07", "2024-07-07"),
    ],
)
def test_day_and_month_are_swapped_where_the_day_can_be_a_month(day: str, swapped: str) -> None:
    found = swap_day_and_month(np.array([np.datetime64(day).astype(int)]))
    assert date.fromordinal(date(1970, 1, 1).toordinal() + int(found[0])).isoformat() == swapped


@pytest.mark.parametrize(
    ("level", "parent", "civil"), [("mild", 0.03, 0.005), ("base", 0.06, 0.01), ("harsh", 0.12, 0.02)]
)
def test_less_than_the_planned_share_of_parents_and_civil_names_differs(
    levels: dict[str, dict[str, Columns]], level: str, parent: float, civil: float
) -> None:
    """Some spellings leave a name as it is."""
    found = _misspelled(levels[level])
    for kind, planned in (("mother", parent), ("father", parent), ("civil", civil)):
        assert 0.25 < found[kind] / planned < 0.45, kind


def test_typos_change_one_digit_of_the_last_ten(levels: dict[str, dict[str, Columns]]) -> None:
    entries, children, persons = (levels["harsh"][name] for name in ("entry", "child", "person"))
    own = persons["nik"][children["mother"][entries["child"]]]
    typos = [(f"{a}", f"{b}") for a, b in zip(own, entries["parent_nik"], strict=True) if a != b]
    assert len(typos) > 50
    assert {a[:6] == b[:6] and sum(x != y for x, y in zip(a, b, strict=True)) for a, b in typos} == {1}


def test_no_date_of_the_social_register_is_still_to_come(levels: dict[str, dict[str, Columns]]) -> None:
    persons = levels["harsh"]["person"]
    assert (persons["dtsen_born_on"] - persons["born_on"]).max() < 60


def test_the_health_register_holds_parents_and_numbers_as_written(tmp_path: Path) -> None:
    size = SIZES["tiny"]
    regions = read_regions(size)
    store(tmp_path / "db", invent(size, regions, 3604, LEVELS["harsh"]), regions)
    with duckdb.connect(str(tmp_path / "db")) as con:
        found = con.execute(
            """
            select
                count(*) filter (r.no_kk <> e.no_kk::varchar or r.parent_nik <> e.parent_nik::varchar),
                count(*) filter (e.filler = 0 and not contains(lower(r.parents), lower(e.mother_name))),
                count(*) filter (contains(r.parents, '/') and not contains(lower(r.parents), lower(e.father_name))),
                count(*) filter (e.name_kind = 2 and not contains(lower(r.early_name), lower(e.mother_name))),
                count(r.no_kk) > 100 and count(r.parent_nik) > 100
            from register as r inner join entry as e using (entry)
            """
        ).fetchall()
    assert found == [(0, 0, 0, 0, True)]


@pytest.mark.parametrize(
    ("file", "nik", "written", "truth"),
    [
        ("disdukcapil/anak/2026-Q3/anak_2026_Q3.csv", "NIK", '"NAMA LENGKAP"', "upper(p.capil_name)"),
        (
            "dinsos/dtsen_anggota/2026-Q3/dtsen_anggota_2026_Q3.csv",
            "nomor_induk_kependudukan",
            "nama",
            "upper(p.dtsen_name)",
        ),
        (
            "dinsos/dtsen_anggota/2026-Q3/dtsen_anggota_2026_Q3.csv",
            "nomor_induk_kependudukan",
            "tanggal_lahir",
            "p.dtsen_born_on::varchar",
        ),
    ],
)
def test_lists_hold_names_and_dates_as_their_register_has_them(
    tiny: Path, file: str, nik: str, written: str, truth: str
) -> None:
    [(rows, unequal)] = duckdb.execute(
        f"""
        select count(*), count(*) filter (l.{written} <> {truth})
        from read_csv('{tiny / "landing" / file}', all_varchar = true) as l
        inner join '{tiny / "truth" / "persons.parquet"}' as p on l."{nik}" = p.nik::varchar
        """
    ).fetchall()
    assert rows > 200
    assert unequal == 0


def _words(names: str) -> set[str]:
    lists = [words for key, words in NAMES[names].items() if key.endswith(("_first", "_second"))]
    titles = [title for title, _ in NAMES[names]["before"].values()]
    return {word.casefold() for words in [*lists, titles] for word in words}


def test_other_names_share_no_word_with_the_common_ones(small_other: dict[str, Columns]) -> None:
    assert _words("common") & _words("other") == set()
    drawn = {word.casefold() for name in small_other["person"]["name"] for word in name.split()}
    assert drawn <= _words("other")


def test_popular_ones_among_other_names_collide(small: dict[str, Columns], small_other: dict[str, Columns]) -> None:
    shared = [np.unique(tables["child"]["name"]).size / tables["child"]["name"].size for tables in (small, small_other)]
    assert shared[1] < shared[0] < 0.99


@pytest.mark.parametrize(
    ("kind", "name", "spelled"),
    [
        (1, "Muhammad Farhan Akbar", "Muh. Farhan Akbar"),
        (1, "Siti Nurjanah", "Siti"),
        (2, "Siti Nurjanah", "Siti Nurjana"),
        (4, "Farhan Akbar", "Parhan Akbar"),
        (5, "Aisyah Aini", "Aisiah Aini"),
        (6, "Annisa Hasanah", "Anisa Hasanah"),
        (7, "Zaki Azhari", "Jaki Ajhari"),
        (8, "Laila Hidayah", "Lala Hidayah"),
        (9, "Aisyah Yani", "Aisia Iani"),
        (5, "Dimas Akbar", "Dimas Akbar"),
    ],
)
def test_offices_spell_by_habit(kind: int, name: str, spelled: str) -> None:
    assert office(name, kind) == spelled


def test_a_slip_changes_every_name_a_little() -> None:
    rng = np.random.default_rng(1)
    for name in ("Siti Nur’aini", "Muhammad Al-Fatih Akbar", "Aan"):
        typed = {slip(name, rng) for _ in range(300)}
        assert name not in typed
        assert len(typed) >= 8


def test_slips_are_as_frequent_as_the_spellings_of_an_office(
    small: dict[str, Columns], small_other: dict[str, Columns]
) -> None:
    by_office, by_slips = _misspelled(small), _misspelled(small_other)
    ratios = {kind: by_slips[kind] / share for kind, share in by_office.items()}
    assert {kind: ratio for kind, ratio in ratios.items() if not 0.8 < ratio < 1.2} == {}


def test_the_command_line_passes_every_choice_on(tmp_path: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    chosen = {"faults": "harsh", "names": "other", "errors": "keyboard"}
    write_regency(SIZES["tiny"], there / "landing", there / "truth", 7, **chosen)
    options = {
        "size": "tiny",
        "seed": "7",
        "workers": "1",
        "landing": str(here / "landing"),
        "truth": str(here / "truth"),
    }
    arguments = [f"--{name}={value}" for name, value in (options | chosen).items()]
    monkeypatch.setattr(sys, "argv", ["synthetic", *arguments])
    main()
    assert _hashes(here) == _hashes(there)
    assert _hashes(here)["truth/persons.parquet"] != _hashes(tiny)["truth/persons.parquet"]


@pytest.mark.parametrize("choice", [{"faults": "mild"}, {"names": "other"}, {"errors": "keyboard"}])
def test_each_choice_changes_what_is_written(tmp_path: Path, tiny: Path, choice: dict[str, str]) -> None:
    write_regency(SIZES["tiny"], tmp_path / "landing", tmp_path / "truth", **choice)
    for file in ("truth/register_entries.parquet", "landing/dinsos/dtsen_anggota/2026-Q3/dtsen_anggota_2026_Q3.csv"):
        assert _hashes(tmp_path)[file] != _hashes(tiny)[file]


@pytest.mark.parametrize(
    ("file", "nik", "desa"),
    [
        ("disdukcapil/anak/2026-Q3/anak_2026_Q3.csv", "NIK", "NAMA KELURAHAN"),
        (
            "dinsos/dtsen_anggota/2026-Q3/dtsen_anggota_2026_Q3.csv",
            "nomor_induk_kependudukan",
            "kode_kelurahan_desa_ktp",
        ),
    ],
)
def test_registers_hold_a_moved_family_in_the_desa_it_left(tiny: Path, file: str, nik: str, desa: str) -> None:
    [(moved, registered, names)] = duckdb.execute(
        f"""
        select
            count(distinct f.family) filter (f.desa <> f.registered_desa),
            count(distinct f.registered_desa),
            count(distinct (f.registered_desa, l."{desa}"))
        from read_csv('{tiny / "landing" / file}', all_varchar = true) as l
        inner join '{tiny / "truth" / "persons.parquet"}' as p on l."{nik}" = p.nik::varchar
        inner join '{tiny / "truth" / "families.parquet"}' as f using (family)
        """
    ).fetchall()
    assert moved > 2
    assert names == registered > 1


@pytest.mark.parametrize(
    ("agency", "name", "nik", "known", "right", "right_dates"),
    [
        ("disdukcapil", "anak", "nik", 1, 0.999, 0.999),
        ("dinsos", "dtsen_anggota", "nik", 0.97, 0.999, 0.99),
        ("dinkes", "penimbangan", "child_nik", 0.3, 0.7, 0.96),
        ("dinkes", "imunisasi", "child_nik", 0.7, 0.9, 0.96),
    ],
)
def test_truth_knows_the_person_of_every_row_as_loaded(
    desk: Desk,
    tiny: Path,
    deliveries: list[dict[str, str]],
    agency: str,
    name: str,
    nik: str,
    known: float,
    right: float,
    right_dates: float,
) -> None:
    """By the number that the loader gives a row. Rows without faults hold the true NIK and birth date."""
    dataset = find_dataset(agency, name)
    files = [delivery["path"] for delivery in deliveries if delivery["path"].startswith(f"{agency}/{name}/")]
    refused = set()
    for path in files:
        period, file_name = path.split("/")[2:]
        if desk.read(dataset, (tiny / "landing" / path).read_bytes(), file_name, period):
            refused.add(path)
    assert len(refused) < len(files) / 2
    [(rows, missing, *shares)] = desk.con.execute(
        f"""
        with truth as (
            select t.path, t.row_no, p.nik::varchar as nik, p.born_on
            from '{tiny / "truth" / "agency_rows.parquet"}' as t
            inner join '{tiny / "truth" / "persons.parquet"}' as p using (person)
            where t.path in (select unnest($loaded))
        ),
        loaded as (
            select d.agency || '/' || d.dataset || '/' || d.period || '/' || d.file_name as path, r.*
            from {dataset.table} as r
            inner join audit.deliveries as d on r._delivery_id = d.delivery_id
        )
        select
            count(*),
            count(*) filter (l.path is null or t.path is null),
            count(l.{nik}) / count(*),
            avg((l.{nik} = t.nik)::int),
            avg((l.born_on = t.born_on)::int)
        from truth as t
        full outer join loaded as l on t.path = l.path and t.row_no = l._row
        """,
        {"loaded": sorted(set(files) - refused)},
    ).fetchall()
    assert rows > 150
    assert missing == 0
    assert [share >= low for share, low in zip(shares, (known, right, right_dates), strict=True)] == [True] * 3, shares


def test_truth_of_children_and_families_holds_what_a_link_is_judged_by(tiny: Path) -> None:
    truth = tiny / "truth"
    [unequal] = duckdb.execute(
        f"""
        select count(*) filter (
            p.nik <> c.nik or p.child <> c.child or p.family <> c.family or m.family <> c.family or m.is_male
            or c.is_twin is null or f.no_kk is null or f.dtsen_no_kk is null
        ) from '{truth / "children.parquet"}' as c
        left join '{truth / "persons.parquet"}' as p using (person)
        left join '{truth / "persons.parquet"}' as m on c.mother = m.person
        left join '{truth / "families.parquet"}' as f on c.family = f.family
        """
    ).fetchone()
    assert unequal == 0
