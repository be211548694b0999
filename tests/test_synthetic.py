"""The invented regency: the same seed gives the same bytes, the truth is as the literature says, faults occur as planned."""

import csv
import hashlib
from pathlib import Path

import duckdb
import numpy as np
import pytest

from include.contract_reader import find_dataset
from include.headers import map_header
from include.synthetic.__main__ import invent, write_regency
from include.synthetic.deliveries import read_layouts
from include.synthetic.faults import NIK_KIND_NAMES, ROW_FAULT_NAMES
from include.synthetic.population import SIZES, Columns, read_regions

WEIGHING_LAYOUTS = {"eppgbm_2025", "eppgbm_2023", "older", "user_edited", "campaign"}
OPD_OF = {
    "stbm_desa": "dinkes",
    "rtlh_rumah": "perkim",
    "air_minum_desa": "pupr",
    "dtsen_keluarga": "dinsos",
    "dtsen_anggota": "dinsos",
    "bansos": "dinsos",
    "anak": "disdukcapil",
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
    with pytest.raises(SystemExit, match=r"other\.csv"):
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
