"""The growth scores against the answers of WHO's own program, through the mart's SQL."""

import csv
import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from include.score import COLUMNS, InputError, score

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "tests" / "fixtures" / "who" / "reference_zscores.csv"
SURVEYS = Path(os.environ.get("TEGAK_WHO_SURVEYS") or ROOT.parent / "shared" / "data" / "who" / "real_surveys.csv.gz")

INDICATORS = ("len", "wei", "wfl", "bmi", "ac", "hc")
NO_SCORE = (None, "")
INPUT = ("id", *(column.name for column in COLUMNS))

# A boy whom every indicator can score, and whose every score is unflagged.
BOY = {
    "sex": "1",
    "age_days": "400",
    "weight_kg": "9",
    "lenhei_cm": "75",
    "muac_cm": "14",
    "headc_cm": "46",
}

Row = dict[str, str]
Answer = tuple[float | None, str]


def read_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def answer(row: Row, indicator: str) -> Answer:
    """The score as a number, None if there is none, and its flag."""
    text = row[f"z{indicator}"]
    return (float(text) if text else None), row[f"f{indicator}"]


def score_file(source: Path) -> list[Row]:
    target = source.with_name("scores.csv")
    score(source, target)
    return read_rows(target)


def score_rows(folder: Path, *children: Row) -> list[Row]:
    source = folder / "children.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, INPUT)
        writer.writeheader()
        writer.writerows({"id": str(n), **child} for n, child in enumerate(children))
    return score_file(source)


def differences(theirs: list[Row], ours: list[Row]) -> list[str]:
    """One line for every score or flag that is not exactly WHO's."""
    return [
        f"{row['block']} row {row['id']} {indicator}: WHO {answer(row, indicator)}, Tegak {answer(mine, indicator)}"
        for row, mine in zip(theirs, ours, strict=True)
        for indicator in INDICATORS
        if answer(row, indicator) != answer(mine, indicator)
    ]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Row, Row]]:
    """Each reference row with our own answer to it."""
    source = tmp_path_factory.mktemp("who") / REFERENCE.name
    shutil.copy(REFERENCE, source)
    return list(zip(read_rows(source), score_file(source), strict=True))


def test_every_reference_score_and_flag_equals_the_who_program(reference):
    judged = [pair for pair in reference if pair[0]["block"] not in ("tie", "quirk")]
    theirs, ours = map(list, zip(*judged, strict=True))

    assert len(judged) == 1973
    assert differences(theirs, ours) == []


def test_corrected_length_equals_the_who_program(reference):
    # WHO's program printed 15 digits, hence the tolerance
    theirs = [float(row["clenhei"] or "nan") for row, _ in reference]
    ours = [float(mine["clenhei"] or "nan") for _, mine in reference]

    assert ours == pytest.approx(theirs, abs=1e-9, nan_ok=True)


def test_exact_rounding_ties_are_at_most_a_hundredth_off(reference):
    ties = [pair for pair in reference if pair[0]["block"] == "tie"]

    assert len(ties) == 12
    for row, mine in ties:
        assert answer(mine, "len")[0] == pytest.approx(float(row["zlen"]), abs=0.0101)
        assert [answer(mine, i) for i in INDICATORS[1:]] == [answer(row, i) for i in INDICATORS[1:]]


def test_odd_answers_to_impossible_measures_are_missing_here(reference):
    quirks = [pair for pair in reference if pair[0]["block"] == "quirk"]
    unequal = [
        (row["id"], indicator)
        for row, mine in quirks
        for indicator in INDICATORS
        if answer(mine, indicator) != answer(row, indicator)
    ]

    assert len(quirks) == 15
    # a weight of 0 with a weight-for-length, a length of 0 or -1 with a BMI score
    assert unequal == [
        ("141", "bmi"),
        ("252", "wfl"),
        ("435", "bmi"),
        ("459", "wfl"),
        ("557", "wfl"),
        ("1847", "wfl"),
    ]
    answers = {row["id"]: mine for row, mine in quirks}
    assert {answer(answers[id_], indicator) for id_, indicator in unequal} == {NO_SCORE}


def test_every_score_of_the_real_surveys_equals_the_who_program(tmp_path):
    if not SURVEYS.is_file():
        pytest.skip("the real surveys may not be shipped with Tegak, and TEGAK_WHO_SURVEYS names no file")
    source = tmp_path / "surveys.csv"
    with gzip.open(SURVEYS) as packed, source.open("wb") as plain:
        shutil.copyfileobj(packed, plain)

    assert differences(read_rows(source), score_file(source)) == []


@pytest.mark.parametrize(
    ("age_days", "measure", "corrected"),
    [
        ("273", "h", 75.0),
        ("273.9", "h", 75.0),  # day 274, yet still under nine months
        ("274", "h", 75.7),
        ("730", "h", 75.7),
        ("730.4", "l", 75.0),
        ("730.5", "l", 74.3),  # 24 months of 30.4375 days are day 731
        ("731", "l", 74.3),
        ("731", "h", 75.0),
        ("731", "", 75.0),
        ("", "h", 75.0),
        ("", "l", 75.0),
    ],
)
def test_seven_millimetres_by_age_and_position(tmp_path, age_days, measure, corrected):
    (row,) = score_rows(tmp_path, {**BOY, "age_days": age_days, "measure": measure})

    assert float(row["clenhei"]) == corrected


@pytest.mark.parametrize("age_days", ["1826.25", "1827", "1856"])
def test_from_60_months_there_is_no_score(tmp_path, age_days):
    tall = {**BOY, "lenhei_cm": "105", "weight_kg": "17"}
    last, after = score_rows(tmp_path, {**tall, "age_days": "1826.2"}, {**tall, "age_days": age_days})

    assert all(answer(last, indicator)[0] is not None for indicator in INDICATORS)
    assert [answer(after, indicator) for indicator in INDICATORS] == [NO_SCORE] * 6


def test_muac_is_scored_from_day_91(tmp_path):
    before, first = score_rows(
        tmp_path,
        {**BOY, "age_days": "90", "lenhei_cm": "60"},
        {**BOY, "age_days": "91", "lenhei_cm": "60"},
    )

    assert answer(before, "ac") == NO_SCORE
    assert answer(first, "ac")[0] is not None


def test_unknown_age_leaves_weight_for_length_by_position(tmp_path):
    lying, standing, known_standing = score_rows(
        tmp_path,
        {**BOY, "age_days": "", "measure": "l"},
        {**BOY, "age_days": "", "measure": "h"},
        {**BOY, "age_days": "731", "measure": "h"},
    )

    assert answer(standing, "wfl") == answer(known_standing, "wfl")
    assert answer(lying, "wfl") == (-0.66, "0")
    assert answer(standing, "wfl") != answer(lying, "wfl")
    assert [answer(standing, i) for i in INDICATORS if i != "wfl"] == [NO_SCORE] * 5


@pytest.mark.parametrize(
    ("age_days", "lenhei_cm", "has_score"),
    [
        ("730", "110", True),
        ("730", "110.1", False),
        ("731", "110.1", True),
        ("730", "64.9", True),
        ("731", "64.9", False),
        ("731", "65", True),
        ("731", "120", True),
        ("731", "120.1", False),
        ("30", "45", True),
        ("30", "44.9", False),
    ],
)
def test_a_length_outside_its_table_never_borrows_the_other(tmp_path, age_days, lenhei_cm, has_score):
    (row,) = score_rows(tmp_path, {**BOY, "age_days": age_days, "lenhei_cm": lenhei_cm})

    assert (answer(row, "wfl") != NO_SCORE) == has_score
    assert answer(row, "len") != NO_SCORE


def test_the_noise_of_0_7_moves_no_row_of_the_table(tmp_path):
    # 103.1 - 0.7 is 102.39999999999999 in binary; WHO's program answers for 102.5 cm here
    lying, standing, half_a_centimetre = score_rows(
        tmp_path,
        {**BOY, "age_days": "1400", "weight_kg": "24", "lenhei_cm": "103.1", "measure": "l"},
        {**BOY, "age_days": "1400", "weight_kg": "24", "lenhei_cm": "102.4", "measure": "h"},
        {**BOY, "age_days": "1400", "weight_kg": "24", "lenhei_cm": "102.5", "measure": "h"},
    )

    assert lying["clenhei"] == "102.4"
    assert answer(lying, "wfl") == answer(standing, "wfl") != answer(half_a_centimetre, "wfl")


@pytest.mark.parametrize("code", ["y", "Y", "1"])
def test_oedema_leaves_only_height_muac_and_head(tmp_path, code):
    swollen, healthy = score_rows(tmp_path, {**BOY, "oedema": code}, {**BOY, "oedema": "n"})

    for indicator in ("wei", "wfl", "bmi"):
        assert answer(swollen, indicator) == NO_SCORE != answer(healthy, indicator)
    for indicator in ("len", "ac", "hc"):
        assert answer(swollen, indicator) == answer(healthy, indicator) != NO_SCORE


def test_sex_is_needed_for_every_score(tmp_path):
    unknown, *boys_and_girls = score_rows(
        tmp_path, *({**BOY, "sex": code} for code in ("", "1", "m", "M", "l", "L", "2", "f", "F", "p", "P"))
    )
    answers = [[answer(row, indicator) for indicator in INDICATORS] for row in boys_and_girls]

    assert [answer(unknown, indicator) for indicator in INDICATORS] == [NO_SCORE] * 6
    boys, girls = answers[:5], answers[5:]
    assert boys == [boys[0]] * 5
    assert girls == [girls[0]] * 5
    assert boys[0] != girls[0]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("sex", "3"),
        ("sex", "boy"),
        ("age_days", "-0.1"),
        ("age_days", "13 months"),
        ("weight_kg", "9,5"),
        ("weight_kg", "1_0"),
        ("lenhei_cm", "nan"),
        ("measure", "s"),
        ("oedema", "0"),
        ("muac_cm", "inf"),
        ("headc_cm", "?"),
    ],
)
def test_a_row_with_a_bad_cell_is_rejected_alone(tmp_path, column, value):
    source = tmp_path / "children.csv"
    before, rejected, after = score_rows(tmp_path, BOY, {**BOY, column: value}, BOY)
    summary = score(source, tmp_path / "again.csv")

    assert set(rejected.values()) == {"1", ""}
    assert list(before.values())[1:] == list(after.values())[1:]
    assert answer(after, "len") == (-0.86, "0")
    assert [(fault.row, fault.column.name, fault.value) for fault in summary.faults] == [(3, column, value)]


def test_rows_keep_their_order_and_other_columns_are_ignored(tmp_path):
    source = tmp_path / "children.csv"
    source.write_text(
        'note,lenhei_cm,id,weight_kg,age_days,sex\n"a, b",75,z,9,400,1\n,,,,,\nlast,75,a,9,400,1\n',
        encoding="utf-8-sig",
    )

    assert [(row["id"], row["zlen"]) for row in score_file(source)] == [
        ("z", "-0.86"),
        ("", ""),
        ("a", "-0.86"),
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("id,age_days,weight_kg,lenhei_cm\n", "the column sex is missing"),
        ("id;sex;age_days;weight_kg;lenhei_cm\n", "the columns id, sex, age_days, weight_kg, lenhei_cm are missing"),
        ("id,sex\n", "the columns age_days, weight_kg, lenhei_cm are missing"),
        ("id,sex,age_days,weight_kg,lenhei_cm,sex\n", "the column sex is there twice"),
        ("id,sex,age_days,weight_kg,lenhei_cm\n1,1,400\n", "line 2 cannot be read: it has 3"),
        ("", "the columns id, sex, age_days, weight_kg, lenhei_cm are missing"),
    ],
)
def test_a_file_that_cannot_be_scored_is_named_with_the_reason(tmp_path, text, complaint):
    source = tmp_path / "children.csv"
    source.write_text(text, encoding="utf-8")

    with pytest.raises(InputError, match=f"children.csv: {complaint}"):
        score(source, tmp_path / "scores.csv")


def test_the_command_counts_rejected_rows_and_lists_the_first_20(tmp_path):
    score_rows(tmp_path, *[{**BOY, "sex": "3"}] * 25, BOY, {**BOY, "sex": ""}, {**BOY, "age_days": "1830"})
    run = subprocess.run(
        [sys.executable, "-m", "include.score", tmp_path / "children.csv", tmp_path / "out.csv"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "28 rows, 1 with a score, 2 without a score (no sex, over 1,826 days, " in run.stdout
    assert "), 25 rejected" in run.stdout
    assert len(run.stdout.splitlines()) == 1
    assert run.stderr.count("'3' is not a code for sex; write 1, m or L for a boy") == 20
    assert "children.csv: row 2, column sex" in run.stderr


def test_a_name_with_a_star_is_one_file(tmp_path):
    score_rows(tmp_path, BOY)
    text = (tmp_path / "children.csv").read_text(encoding="utf-8")
    for name in ("in*.csv", "in1.csv", "in[1].csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    for name in ("in*.csv", "in[1].csv"):
        assert score(tmp_path / name, tmp_path / "scores.csv").row_count == 1


def test_who_length_velocity_is_whos_own_to_the_printed_decimal():
    """The power, median and variation of each row give the -2 SD that WHO prints beside them."""
    with (ROOT / "dbt_project" / "seeds" / "who" / "who2009_length_velocity.csv").open(
        newline="", encoding="utf-8"
    ) as file:
        rows = [{name: float(cell) for name, cell in row.items()} for row in csv.DictReader(file)]
    assert len(rows) == 170
    for row in rows:
        at_minus_2 = row["m"] * (1 - 2 * row["l"] * row["s"]) ** (1 / row["l"])
        assert at_minus_2 == pytest.approx(row["minus_2_sd_cm"], abs=0.0501), row
    gains = {(row["sex"], row["from_age_months"], row["interval_months"]): row["minus_2_sd_cm"] for row in rows}
    for (sex, age, months), gain in gains.items():
        assert gain > gains.get((sex, age, months - 1), 0)
