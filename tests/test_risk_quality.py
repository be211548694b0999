"""The figures of risk_quality against pairwise counting, and the tripwire against a score that knows the height."""

from collections.abc import Iterator

import duckdb
import jinja2
import numpy as np
import pytest

from include.settings import DBT_PROJECT, SEEDS

MODELS = {
    "int_risk_points_counted": "models/intermediate/risk_quality",
    "int_risk_points_ranked": "models/intermediate/risk_quality",
    "risk_quality": "models/marts",
}
TRIPWIRE = DBT_PROJECT / "tests" / "assert_score_does_not_know_stunting.sql"
DESIGNS = [("incident", "before"), ("incident", "now"), ("prevalent", "before"), ("prevalent", "now")]


def render(path: str) -> str:
    """The plain SQL of a model or test, its refs as tables of one schema."""
    dbt = jinja2.Environment(undefined=jinja2.StrictUndefined)
    dbt.globals["ref"] = lambda name: name
    for file in ("validation.sql", "exact.sql"):
        macros = dbt.from_string((DBT_PROJECT / "macros" / file).read_text(encoding="utf-8")).module
        dbt.globals.update({name: macro for name, macro in vars(macros).items() if not name.startswith("_")})
    return dbt.from_string((DBT_PROJECT / path).read_text(encoding="utf-8")).render()


def validate(con: duckdb.DuckDBPyConnection) -> None:
    """Run the models from the outcomes to risk_quality."""
    for name, folder in MODELS.items():
        con.execute(f"create or replace table {name} as {render(f'{folder}/{name}.sql')}")


def tripped(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str, str]]:
    """Score, design and group of each figure at which the build would stop."""
    return {row[:3] for row in con.execute(render(f"tests/{TRIPWIRE.name}")).fetchall()}


def count_pairs(points: np.ndarray, is_case: np.ndarray) -> tuple[float, float]:
    """AUC and its standard error by DeLong from every pair of a case and another child."""
    cases, others = points[is_case][:, None], points[~is_case][None, :]
    wins = (cases > others) + 0.5 * (cases == others)
    error = np.sqrt(wins.mean(axis=1).var(ddof=1) / len(cases) + wins.mean(axis=0).var(ddof=1) / others.size)
    return float(wins.mean()), float(error)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two thousand children of each window, stunted by chance, by points and by family; no score sees the outcome."""
    rng = np.random.default_rng(5)
    with duckdb.connect() as con:
        con.execute(
            "create table ref_risk_validation as select * from read_csv(?)",
            [str(SEEDS / "rules" / "ref_risk_validation.csv")],
        )
        parts = []
        for design, period in DESIGNS:
            n = 2000
            family = rng.poisson(1.5, n)
            points = family + 3 * (rng.random(n) < 0.2) + (rng.random(n) < 0.5)
            chance = 1 / (1 + np.exp(1.8 - 0.2 * points))
            parts.append(
                {
                    "design": np.full(n, design, object),
                    "period": np.full(n, period, object),
                    "sex": rng.choice(["L", "P"], n).astype(object),
                    "age_group": rng.choice(["0-23 bulan", "24-59 bulan"], n).astype(object),
                    "welfare_group": rng.choice(["desil 1-4", "desil 5-10"], n).astype(object),
                    "kecamatan_name": rng.choice(["Kopo", "Jawilan"], n).astype(object),
                    "risk_points": points.astype(np.int32),
                    "family_points": family.astype(np.int32),
                    "completeness": np.full(n, 0.9),
                    "is_case": rng.random(n) < chance,
                }
            )
        columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        con.register("columns", columns)
        con.execute(
            "create table int_risk_outcomes as select *, date '2026-07-01' as score_month, date '2026-10-01' as outcome_month"
            " from columns"
        )
        con.execute(
            "create table int_months_dated as select date '2026-07-01' as month, date '2026-06-30' as oldest_input_as_of"
        )
        con.execute(
            "create table stunting_risk as select risk_points, family_points, is_case as is_stunted from columns"
        )
        yield con


def outcomes(con: duckdb.DuckDBPyConnection, score: str, where: str) -> tuple[np.ndarray, np.ndarray]:
    found = con.execute(f"select {score}, is_case from int_risk_outcomes where {where}").fetchnumpy()
    return np.asarray(found[score]), np.asarray(found["is_case"])


@pytest.mark.parametrize("score", ["risk_points", "family_points"])
@pytest.mark.parametrize(
    ("group", "where"), [("semua", "true"), ("L", "sex = 'L'"), ("desil 1-4", "welfare_group = 'desil 1-4'")]
)
def test_auc_and_its_interval_are_those_of_all_pairs(con, score, group, where):
    validate(con)
    expected, error = count_pairs(*outcomes(con, score, f"design = 'incident' and period = 'now' and {where}"))
    [found] = con.execute(
        "select auc, auc_low, auc_high from risk_quality where design = 'incident' and score = ? and group_name = ?",
        [score, group],
    ).fetchall()
    assert found == pytest.approx((expected, expected - 1.96 * error, expected + 1.96 * error), abs=6e-5)


def test_visits_go_down_one_list_of_all_children(con):
    """Equal points are visited in part; what the groups find adds up to what all find."""
    validate(con)
    points, is_case = outcomes(con, "risk_points", "design = 'incident' and period = 'now'")
    # the capacity is a fifth of 2,000
    cut = np.sort(points)[::-1][399]
    above = points > cut
    part = (400 - above.sum()) / (points == cut).sum()
    found = (is_case & above).sum() + part * (is_case & (points == cut)).sum()
    query = "select children, cases, visited_pct, cases_found_pct, lift from risk_quality where design = 'incident' and score = 'risk_points' and group_kind = ?"
    [(_, cases, visited_pct, found_pct, lift)] = con.execute(query, ["all"]).fetchall()
    assert (visited_pct, found_pct) == pytest.approx((20, 100 * found / cases), abs=0.01)
    assert lift == pytest.approx(found / cases / 0.2, abs=0.001)
    by_sex = con.execute(query, ["sex"]).fetchall()
    assert sum(row[0] * row[2] for row in by_sex) / 100 == pytest.approx(400, abs=0.2)
    assert sum(row[1] * row[3] for row in by_sex) / 100 == pytest.approx(found, abs=0.2)


def test_a_world_that_goes_on_is_calibrated_and_one_with_more_cases_is_not(con):
    validate(con)
    query = "select observed_to_expected, calibration_slope from risk_quality where design = 'incident' and score = 'risk_points' and group_kind = 'all'"
    [(ratio, slope)] = con.execute(query).fetchall()
    assert ratio == pytest.approx(1, abs=0.1)
    assert slope == pytest.approx(1, abs=0.25)
    con.execute("update int_risk_outcomes set is_case = is_case and risk_points % 2 = 0 where period = 'before'")
    validate(con)
    [(ratio, slope)] = con.execute(query).fetchall()
    assert ratio > 1.5
    assert slope > 1.25


def test_a_small_group_has_counts_and_no_figures(con):
    con.execute("update int_risk_outcomes set kecamatan_name = 'Ciomas' where rowid % 50 = 0")
    validate(con)
    [row] = con.execute(
        "select children > 0, cases > 0, auc, auc_low, auc_high, lift, calibration_slope from risk_quality"
        " where design = 'incident' and score = 'risk_points' and group_name = 'Ciomas'"
    ).fetchall()
    assert row == (True, True, None, None, None, None, None)


def test_the_tripwire_lets_an_honest_score_pass(con):
    validate(con)
    assert tripped(con) == set()


def test_the_tripwire_stops_a_score_that_knows_the_later_height(con):
    """A leak in the time split alone: the score of before says who is stunted after."""
    con.execute("update int_risk_outcomes set risk_points = risk_points + 6 where design = 'incident' and is_case")
    validate(con)
    assert ("risk_points", "incident", "semua") in tripped(con)
    assert {score for score, *_ in tripped(con)} == {"risk_points"}


def test_the_tripwire_stops_a_family_score_that_knows_the_height(con):
    con.execute("update stunting_risk set family_points = family_points + 6 where is_stunted")
    validate(con)
    assert tripped(con) == {("family_points", "all months", "semua")}


def test_the_tripwire_sees_a_leak_in_one_kecamatan(con):
    con.execute(
        "update int_risk_outcomes set risk_points = risk_points + 6"
        " where design = 'prevalent' and is_case and kecamatan_name = 'Kopo' and rowid % 5 < 3"
    )
    con.execute(
        "update int_risk_outcomes set kecamatan_name = 'Jawilan' where kecamatan_name = 'Kopo' and rowid % 5 >= 3"
    )
    validate(con)
    assert ("risk_points", "prevalent", "Kopo") in tripped(con)
    assert ("risk_points", "prevalent", "semua") not in tripped(con)
