"""Immunisations: when each dose was given, when it was entered, and how the immunisation register writes the child."""

import numpy as np

from include.synthetic.faults import (
    PARENT_SPELLINGS_CHANGING,
    SPELLINGS_CHANGING,
    Faults,
    one_digit_wrong,
    plant,
    swap_day_and_month,
)
from include.synthetic.places import effects, reach
from include.synthetic.population import LAST_MONTH, QUARTER_ENDS, Columns, Regions
from include.synthetic.spelling import misspell

LAST_DAY = (LAST_MONTH + 1).astype("datetime64[D]").astype(int) - 1
FIRST_BIRTH = (QUARTER_ENDS[0].astype("datetime64[M]") - 23).astype("datetime64[D]").astype(int)
# Threshold of a normal chance below which a dose is given at all: 95, 97, 94, 93, 92 and 91 % of children.
DOSES = {"hb0": 1.65, "bcg": 1.88, "polio4": 1.56, "dpt3": 1.48, "ipv": 1.41, "mr1": 1.34}
LATE_SHARE = 0.25  # of doses, entered a month or more after; ASIK has more of them (domain 12.2: 86 %)
PLANNED_SHARES = {"dose_in_future": 0.003, "sex_unknown": 0.002, "unknown_desa": 0.003}


def build_immunisations(families: Columns, children: Columns, regions: Regions, rng: np.random.Generator) -> Columns:
    """Draw the doses of the children under two years of the quarters, until the last day of the window.

    HB0 at birth, BCG at one month, Polio 4, DPT-HB-Hib 3 and IPV at four, measles-rubella at nine. Whether a dose is given
    at all hangs on the desa and on the child, so that one child misses several.

    Returns:
        One row per child, ordered by desa; <dose>_on and <dose>_entered_on in days since 1970, 0 when not given.
    """
    child = np.flatnonzero((children["born_on"] >= FIRST_BIRTH) & (children["born_on"] <= QUARTER_ENDS[-1].astype(int)))
    desa = families["desa"][children["family"][child]]
    order = np.argsort(desa, kind="stable")
    child, desa = child[order], desa[order]
    n = child.size
    born_on = children["born_on"][child].astype(int)
    third = 118 + np.round(rng.gamma(2, 9, n)).astype(int)
    ages = {
        "hb0": rng.integers(0, 2, n),
        "bcg": rng.integers(18, 50, n),
        "polio4": third,
        "dpt3": third,
        "ipv": third + 28 * (rng.random(n) < 0.2),
        "mr1": 273 + np.round(rng.gamma(2, 12, n)).astype(int),
    }
    habit = rng.normal(0, 1, n) - effects(regions, rng, 0.2, 0.25)[desa]
    rows = {"immunisation": np.arange(n), "child": child}
    for dose, threshold in DOSES.items():
        is_given = 0.8 * habit + 0.6 * rng.normal(0, 1, n) < threshold
        given_on = born_on + ages[dose]
        is_given &= given_on <= LAST_DAY
        delay = np.where(rng.random(n) < LATE_SHARE, 30 + rng.exponential(70, n), rng.uniform(0, 8, n)).astype(int)
        rows[f"{dose}_on"] = np.where(is_given, given_on, 0).astype(np.int32)
        rows[f"{dose}_entered_on"] = np.where(is_given, given_on + delay, 0).astype(np.int32)
    return rows


def list_immunisations(
    immunisations: Columns,
    families: Columns,
    children: Columns,
    members: Columns,
    regions: Regions,
    faults: Faults,
    errors: str,
    rng: np.random.Generator,
) -> Columns:
    """Draw which resident children the register knows (nine in ten, by desa), and how it writes them, as every quarter.

    NIK: those of the health register's shares that are blank, the mother's or mistyped; 12 % more are masked in part.
    """
    child = immunisations["child"]
    desa = families["desa"][children["family"][child]]
    known = rng.random(child.size) < reach(regions, 0.91, rng, 0.2, 0.3)[desa]
    place = np.flatnonzero(known & ~children["is_away"][child])
    child = child[place]
    n = child.size
    mother = children["mother"][child]
    nik = children["nik"][child]
    kind = rng.random(n)
    limits = np.cumsum([faults.blank_nik, faults.mother_nik, faults.typo_nik])
    nik = np.select(
        [kind < limit for limit in limits], [np.zeros_like(nik), members["nik"][mother], one_digit_wrong(nik, rng)], nik
    )
    born_on = children["born_on"][child]
    wrong = rng.random(n) < faults.wrong_date
    mistaken = np.where(swap_day_and_month(born_on) != born_on, swap_day_and_month(born_on), born_on - 1)
    mistaken = np.where(mistaken > QUARTER_ENDS[0].astype(int), born_on - 1, mistaken)
    variant = np.where(rng.random(n) < faults.name_variant, rng.integers(1, 9, n), 0)
    parent = np.where(rng.random(n) < faults.parent_misspelled, rng.integers(1, 9, n), 0)
    rows = {
        "row": np.arange(n),
        "immunisation": place,
        "nik": nik,
        "is_nik_masked": rng.random(n) < 0.12,
        "name": misspell(children["name"][child], variant, SPELLINGS_CHANGING, errors, rng),
        "mother_name": misspell(members["name"][mother], parent, PARENT_SPELLINGS_CHANGING, errors, rng),
        "named_from_days": np.where(rng.random(n) < faults.newborn_unnamed, rng.integers(60, 200, n), 0).astype(
            np.int16
        ),
        "born_on": np.where(wrong, mistaken, born_on).astype(np.int32),
        "is_male": children["is_male"][child] ^ (rng.random(n) < faults.wrong_sex),
        "uses_alias": rng.random(n) < 0.5,
        "fault": np.full(n, "", object),
    }
    # a fault stays in both quarters' lists; only who is on the second one can have it
    is_on_second = children["born_on"][child] >= FIRST_BIRTH + 92
    has_bcg = is_on_second & (immunisations["bcg_entered_on"][place] > 0)
    has_bcg &= immunisations["bcg_entered_on"][place] <= QUARTER_ENDS[-1].astype(int)
    for name, share in PLANNED_SHARES.items():
        plant(rows["fault"], name, share, has_bcg, rng)
    return rows
