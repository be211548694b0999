"""The faults of a register, each planted with a known effect: does the reconciliation find them?

The models' own SQL runs over invented heights. What is compared with is the same children without the fault.
"""

from dataclasses import dataclass, replace

import duckdb
import jinja2
import numpy as np
import pytest

from include.score import build_scores
from include.settings import DBT_PROJECT
from include.synthetic.growth import read_lms

MODELS = DBT_PROJECT / "models" / "intermediate" / "reconciliation"
IN_ORDER = (
    "int_register_heights",
    "int_register_heights_varied",
    "int_height_cutting",
    "int_register_variants_counted",
    "int_register_rows_counted",
    "int_children_missed",
    "int_reviews_measured",
    "int_faults_corrected",
    "int_faults_left",
)
MACROS = ("keys.sql", "who_growth_standard.sql", "dates.sql", "exact.sql")
CHILDREN, MONTHS = 12_000, 6
FIRST_MONTH = np.datetime64("2026-05-01")
Array = np.ndarray


@dataclass(frozen=True)
class Faults:
    """What goes wrong at the posyandu; places are three puskesmas, of which only the first errs with heights."""

    height_error_cm: float = 0.0
    habit: str = ""  # cut or rounded: what the first puskesmas does to every second height
    wrong_position: float = 0.0
    position_unwritten: bool = False
    infants_come: float = 1.0  # of those due below six months
    others_come: float = 1.0


@dataclass(frozen=True)
class World:
    """Children by rows and months by columns: age, true haz and true height as the standard wants it."""

    age_days: Array
    is_boy: Array
    puskesmas: Array
    haz: Array
    height_cm: Array

    @property
    def is_due(self) -> Array:
        return (self.age_days >= 0) & (self.age_days < 1826)

    @property
    def true_pct(self) -> Array:
        """Stunted among all due, per month, by scores of two decimals."""
        stunted = (np.round(self.haz, 2) < -2) & self.is_due
        return 100 * stunted.sum(axis=0) / self.is_due.sum(axis=0)


def invent(seed: int) -> World:
    """Draw children whose haz falls in the first two years, as everywhere, and drifts a little from month to month."""
    rng = np.random.default_rng(seed)
    age = rng.integers(-150, 1826, CHILDREN)[:, None] + 30 * np.arange(MONTHS)
    haz = rng.normal(-1.15, 1.05, CHILDREN)[:, None] + np.cumsum(rng.normal(0, 0.05, age.shape), axis=1)
    haz += np.interp(age, (0, 730), (0.5, -0.2))
    is_boy = rng.random(CHILDREN) < 0.5
    lms = read_lms("lhfa")[np.where(is_boy, 0, 1)[:, None], np.clip(age, 0, 1826)]
    return World(age, is_boy, rng.integers(0, 3, CHILDREN), haz, lms[..., 1] * (1 + lms[..., 2] * haz))


def measure(world: World, faults: Faults, seed: int = 1) -> dict[str, Array]:
    """Weigh everybody who comes; one row per weighing."""
    rng = np.random.default_rng(seed)
    shape = world.age_days.shape
    should_lie = world.age_days < 731
    # whoever is under nine months is believed to lie, whatever is written
    is_wrong = (rng.random(shape) < faults.wrong_position) & (world.age_days > 280)
    lies = should_lie ^ is_wrong
    height = world.height_cm + 0.7 * (lies & ~should_lie) - 0.7 * (~lies & should_lie)
    height = np.round(height + rng.normal(0, 1, shape) * faults.height_error_cm, 1)
    has_habit = (world.puskesmas == 0)[:, None] & (rng.random(shape) < 0.5)
    if faults.habit:
        height = np.where(has_habit, {"cut": np.floor, "rounded": np.round}[faults.habit](height), height)
    comes = np.where(world.age_days < 183, faults.infants_come, faults.others_come)
    child, month = np.nonzero(world.is_due & (rng.random(shape) < comes))
    written = np.where(lies, "lying", "standing").astype(object)
    return {
        "child": child,
        "month": month,
        "age_days": world.age_days[child, month].astype(float),
        "height_cm": height[child, month],
        "position": np.full(child.size, "", object) if faults.position_unwritten else written[child, month],
        "is_boy": world.is_boy[child],
        "puskesmas": world.puskesmas[child],
    }


def reconcile(world: World, faults: Faults) -> dict[str, dict[str, Array]]:
    """Run the models over the weighings; per component, its columns by month."""
    rows, due = measure(world, faults), np.nonzero(world.is_due)
    dues = {"child": due[0], "month": due[1], "age_days": world.age_days[due], "puskesmas": world.puskesmas[due[0]]}
    with duckdb.connect() as con:
        con.register("rows", rows)
        con.register("dues", dues)
        # include.score takes its children from here
        con.execute(
            """
            create table children as
            select
                if(is_boy, 'L', 'P') as sex, age_days, cast(null as double) as weight_kg, height_cm as lenhei_cm,
                nullif(position, '') as measure, false as oedema, cast(null as double) as muac_cm,
                cast(null as double) as headc_cm, false as is_rejected, child, month, puskesmas
            from rows
            """
        )
        build_scores(con)
        con.execute("drop view int_measurements")
        con.execute(
            f"""
            create table int_measurements as
            select
                rowid as measurement_id, cast(child as varchar) as child_id, sex, age_days, lenhei_cm as height_cm,
                measure as position, cast(puskesmas as varchar) as puskesmas_code,
                cast(date '{FIRST_MONTH}' + to_months(cast(month as integer)) as date) + 14 as measured_on
            from children;
            create view int_measurements_linked as from int_measurements;
            create table int_child_months as
            select
                cast(child as varchar) as child_id, 'D' as desa_code,
                cast(date '{FIRST_MONTH}' + to_months(cast(month as integer)) as date) as month,
                cast(floor(age_days / 30.4375) as integer) as age_months
            from dues;
            create table int_child_months_measured as
            select child_id, cast(date_trunc('month', measured_on) as date) as month, haz < -2 as is_stunted
            from int_measurements inner join int_measurements_scored using (measurement_id)
            where not is_haz_flagged;
            create table int_area_months_counted as select month, count(*) as due from int_child_months group by month;
            create table ref_desa as select 'D' as desa_code, 'K' as kecamatan_code;
            create table int_linkage_reviews (agency_a text, identity_a text, agency_b text, identity_b text);
            create table int_child_links (agency text, identity_key text, child_id text);
            """
        )
        for name, query in rendered():
            con.execute(f"create table {name} as {query}")
        found = {
            component: con.execute(
                """
                select effect_points, low_points, high_points, children
                from int_faults_left where component = ? order by month
                """,
                [component],
            ).fetchnumpy()
            for component in ("heights_cut", "position_unknown", "not_measured", "out_of_register")
        }
        for component in ("completed_months", "position_converted"):
            query = "select effect_points, children from int_faults_corrected where component = ? order by month"
            found[component] = con.execute(query, [component]).fetchnumpy()
        found["register"] = con.execute(
            "select 100 * stunted / height_valid as pct from int_register_variants_counted order by month"
        ).fetchnumpy()
        found["cutting"] = con.execute("select * from int_height_cutting").fetchnumpy()
        return found


def rendered() -> list[tuple[str, str]]:
    """Each model as plain SQL, over tables of the same names."""
    dbt = jinja2.Environment(undefined=jinja2.StrictUndefined)
    dbt.globals["ref"] = lambda name: name
    for file in MACROS:
        dbt.globals.update(vars(dbt.from_string((DBT_PROJECT / "macros" / file).read_text(encoding="utf-8")).module))
    texts = {name: (MODELS / f"{name}.sql").read_text(encoding="utf-8") for name in IN_ORDER}
    return [(name, dbt.from_string(text).render()) for name, text in texts.items()]


@pytest.fixture(scope="module")
def world() -> World:
    return invent(3)


def test_heights_that_were_cut_get_back_what_they_lost(world: World) -> None:
    found = reconcile(world, Faults(habit="cut"))
    planted = found["register"]["pct"] - reconcile(world, Faults())["register"]["pct"]
    effect = found["heights_cut"]["effect_points"]
    print(
        f"\ncut, points by month: planted {planted.round(2)}, found {effect.round(2)}, {found['cutting']['cut_part']}"
    )
    assert planted.mean() > 0.5
    assert effect == pytest.approx(planted, abs=0.25)
    assert effect.mean() == pytest.approx(planted.mean(), abs=0.1)


def test_heights_that_were_rounded_are_left_alone(world: World) -> None:
    """The digits are as bad as when they were cut; the children are not shorter."""
    found = reconcile(world, Faults(habit="rounded"))
    print(f"\nrounded: part cut {found['cutting']['cut_part']} {found['cutting']['cut_part_high']}")
    assert found["heights_cut"]["effect_points"] == pytest.approx(0, abs=0.1)
    assert found["cutting"]["cut_part_high"][0] < 0.15


def test_completed_months_hide_stunting(world: World) -> None:
    """Domain 1.2 measured -3.7 points on a register of another spread; ours is known child by child."""
    found = reconcile(world, Faults())
    assert found["completed_months"]["effect_points"] == pytest.approx(-3.4, abs=0.7)


def test_position_is_put_right_when_written_and_guessed_when_not(world: World) -> None:
    clean = reconcile(world, Faults())["register"]["pct"]
    written = reconcile(world, Faults(wrong_position=0.2))
    assert written["register"]["pct"] == pytest.approx(clean, abs=0.1)
    unwritten = reconcile(world, Faults(wrong_position=0.2, position_unwritten=True))
    planted = unwritten["register"]["pct"] - clean
    # what correcting changes where it is written is what is missing where it is not
    assert written["position_converted"]["effect_points"] == pytest.approx(planted, abs=0.1)
    low, high = unwritten["position_unknown"]["low_points"], unwritten["position_unknown"]["high_points"]
    assert ((low <= planted + 0.2) & (planted - 0.2 <= high)).all()


def test_children_who_do_not_come_are_told_by_their_age(world: World) -> None:
    found = reconcile(world, Faults(infants_come=0.3, others_come=0.8))
    planted = found["register"]["pct"] - world.true_pct
    missed = [found["not_measured"], found["out_of_register"]]
    effect = sum(part["effect_points"] for part in missed)
    low, high = (sum(part[end] for part in missed) for end in ("low_points", "high_points"))
    print(f"\nmissed, points by month: planted {planted.round(2)}, found {effect.round(2)}")
    assert planted.mean() > 0.5
    assert effect == pytest.approx(planted, abs=0.5)
    assert ((low < planted) & (planted < high)).all()


def test_all_faults_together_explain_register_against_truth() -> None:
    """What is left is the random error of measuring, some tenths of a point (domain 1.2)."""
    faults = Faults(height_error_cm=0.4, habit="cut", wrong_position=0.2, infants_come=0.4, others_come=0.85)
    print(f"\n{'seed':>4} {'truth':>6} {'register':>9} {'difference':>11} {'explained':>10} {'left over':>10}")
    for seed in (7, 8, 9):
        world = invent(seed)
        found = reconcile(world, faults)
        effects = [found[c]["effect_points"] for c in ("heights_cut", "not_measured", "out_of_register")]
        difference = (found["register"]["pct"] - world.true_pct).mean()
        explained = sum(effects).mean()
        left_over = difference - explained
        print(
            f"{seed:4} {world.true_pct.mean():6.2f} {found['register']['pct'].mean():9.2f} {difference:11.2f}"
            f" {explained:10.2f} {left_over:10.2f}"
        )
        assert difference > 1
        assert 0 < left_over < 0.4
        without_error = reconcile(world, replace(faults, height_error_cm=0.0))
        assert without_error["register"]["pct"].mean() < found["register"]["pct"].mean()
