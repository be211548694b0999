"""Pregnancies: those that ended in the births of the window, those still open, and how the puskesmas lists them."""

import numpy as np

from include.synthetic.faults import PARENT_SPELLINGS_CHANGING, Faults, one_digit_wrong, plant
from include.synthetic.places import effects, reach
from include.synthetic.population import LAST_MONTH, QUARTER_ENDS, Columns, Regions
from include.synthetic.spelling import misspell, slip

FIRST_DAY = (QUARTER_ENDS[0].astype("datetime64[M]") - 2).astype("datetime64[D]").astype(int)
LAST_DAYS = QUARTER_ENDS.astype(int)
WINDOW_END = (LAST_MONTH + 1).astype("datetime64[D]").astype(int)  # children are born before
LONGEST_DAYS = 42 * 7
MOTHER_YEARS = (16, 45)
# Thin women (KEK) are those below 23.5 cm, 17 % of all; mean and SD are set to that.
THIN_BELOW_CM = 23.5
MUAC_CM = (26.08, 2.6)
# Shares that get a service; the targets of Perpres 72/2021 are 90, 80 and 70 % (domain 7.1).
EXTRA_FOOD, TABLETS_PER_VISIT, CONTRACEPTION = 0.92, 0.6, 0.73
PLANNED_SHARES = {"muac_in_mm": 0.004, "lmp_in_future": 0.003, "unknown_desa": 0.003}
TWICE_SHARES = {"woman_twice": 0.004, "woman_twice_respelled": 0.004}


def build_pregnancies(
    families: Columns, children: Columns, members: Columns, regions: Regions, rng: np.random.Generator
) -> Columns:
    """Draw the pregnancies that were open on a day of the two quarters.

    A birth of the window was a pregnancy of the child's mother for its weeks of gestation. Later births are not known as
    children: their pregnancies are drawn at the rate of the births of the last two years, in families with a couple whose
    wife is 16 to 45 and has no infant.

    Returns:
        One row per pregnancy, ordered by desa: mother (person), family, first child (-1 while open), lmp_on and ends_on
        (birth or due date), size of the mother, and what the health service does during it.
    """
    parts = [_ended_in_birth(children), _still_open(families, children, members, rng)]
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    desa = families["desa"][rows["family"]]
    order = np.lexsort((rows["lmp_on"], desa))
    rows, desa = {name: values[order] for name, values in rows.items()}, desa[order]
    n = order.size

    muac = rng.normal(*MUAC_CM, n) + effects(regions, rng, 0.3, 0.4)[desa] + 0.3 * families["welfare"][rows["family"]]
    muac = np.round(np.clip(muac, 17, 42), 1)
    lateness = np.exp(effects(regions, rng, 0.09, 0.12))[desa]
    return {
        "pregnancy": np.arange(n),
        **rows,
        "is_away": families["is_away"][rows["family"]],
        "muac_cm": muac,
        "height_cm": np.round(np.clip(rng.normal(152.4, 5.4, n), 134, 176), 1),
        "haemoglobin": np.round(np.clip(rng.normal(11.5, 1.2, n), 6.5, 15.5), 1),
        "first_visit_week": np.clip(np.round(rng.normal(9.5, 3.2, n) * lateness), 5, 32).astype(np.int8),
        "visit_gap_weeks": np.clip(rng.lognormal(np.log(5.0), 0.22, n) * lateness, 2.5, 15),
        "tablets_per_visit": np.clip(
            reach(regions, TABLETS_PER_VISIT, rng, 0.3, 0.35)[desa] + rng.normal(0, 0.2, n), 0, 1
        ),
        "gets_extra_food": (rng.random(n) < reach(regions, EXTRA_FOOD, rng)[desa]) & (muac < THIN_BELOW_CM),
        "uses_contraception": rng.random(n) < reach(regions, CONTRACEPTION, rng)[desa],
    }


def _ended_in_birth(children: Columns) -> Columns:
    """The pregnancies of the children; twins share one."""
    family, born_on = children["family"], children["born_on"]
    is_first = np.r_[True, (np.diff(family) != 0) | (np.diff(born_on) != 0)]
    lmp_on = born_on - 7 * children["gestation_weeks"].astype(int)
    child = np.flatnonzero(is_first & (born_on >= FIRST_DAY) & (lmp_on <= LAST_DAYS[-1]))
    return {
        "family": family[child],
        "mother": children["mother"][child],
        "child": child,
        "lmp_on": lmp_on[child].astype(np.int32),
        "ends_on": born_on[child].astype(np.int32),
    }


def _still_open(families: Columns, children: Columns, members: Columns, rng: np.random.Generator) -> Columns:
    n = families["family"].size
    two_years = children["born_on"] >= WINDOW_END - 730
    births = np.unique(children["family"][two_years].astype(np.int64) * 100_000 + children["born_on"][two_years]).size
    wives = np.flatnonzero(members["is_mother"] & (members["relation"] == 2))
    wife = np.full(n, -1)
    wife[members["family"][wives]] = wives
    years = (LAST_DAYS[-1] - members["born_on"][wife]) / 365.25
    last_birth = np.full(n, -1, np.int64)
    np.maximum.at(last_birth, children["family"], children["born_on"])
    has_infant = last_birth >= LAST_DAYS[-1] - 14 * 30
    family = np.flatnonzero((wife >= 0) & ~has_infant & (years >= MOTHER_YEARS[0] + 1) & (years < MOTHER_YEARS[1] + 1))
    days = LAST_DAYS[-1] + LONGEST_DAYS - WINDOW_END
    count = min(round(births / 730 * days), family.size)
    # the rarer the older the wife is
    fertility = np.interp(years[family], (17, 22, 32, 40, 46), (0.5, 1.0, 0.9, 0.3, 0.05))
    family = rng.choice(family, count, replace=False, p=fertility / fertility.sum())
    ends_on = WINDOW_END + rng.integers(0, days, count)
    lmp_on = ends_on - 7 * np.clip(np.round(rng.normal(38.8, 1.2, count)), 28, 42).astype(int)
    begun = lmp_on <= LAST_DAYS[-1]
    family = family[begun]
    return {
        "family": family,
        "mother": wife[family],
        "child": np.full(family.size, -1),
        "lmp_on": lmp_on[begun].astype(np.int32),
        "ends_on": ends_on[begun].astype(np.int32),
    }


def list_pregnancies(
    pregnancies: Columns, members: Columns, faults: Faults, errors: str, rng: np.random.Generator
) -> Columns:
    """Draw the list of each quarter: what had been done by its last day, and how the puskesmas wrote it down.

    A pregnancy is listed from its first visit on; 4 % of residents never are. NIK: 10 % blank, 15 % masked in part.
    """
    n = pregnancies["pregnancy"].size
    mother = pregnancies["mother"]
    names = misspell(
        members["name"][mother],
        np.where(rng.random(n) < faults.parent_misspelled, rng.integers(1, 9, n), 0),
        PARENT_SPELLINGS_CHANGING,
        errors,
        rng,
    )
    nik = members["nik"][mother]
    nik = np.where(rng.random(n) < faults.parent_nik_typo, one_digit_wrong(nik, rng), nik)
    nik = np.where(rng.random(n) < 0.1, 0, nik)
    is_listed = ~pregnancies["is_away"] & (rng.random(n) < 0.96)
    first_visit = pregnancies["lmp_on"] + 7 * pregnancies["first_visit_week"].astype(int)

    parts = []
    for quarter, last_day in enumerate(LAST_DAYS):
        quarter_start = (QUARTER_ENDS[quarter].astype("datetime64[M]") - 2).astype("datetime64[D]").astype(int)
        listed = np.flatnonzero(is_listed & (first_visit <= last_day) & (pregnancies["ends_on"] >= quarter_start))
        parts.append({"quarter": np.full(listed.size, quarter, np.int8), "pregnancy": listed})
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    of = rows["pregnancy"]
    n = of.size
    until = np.minimum(LAST_DAYS[rows["quarter"]], pregnancies["ends_on"][of])
    weeks = (until - pregnancies["lmp_on"][of]) / 7
    visits = (weeks - pregnancies["first_visit_week"][of]) // pregnancies["visit_gap_weeks"][of] + 1
    visits = np.clip(visits, 1, 12).astype(int)
    is_delivered = pregnancies["ends_on"][of] <= LAST_DAYS[rows["quarter"]]
    rows |= {
        "antenatal_visits": visits.astype(np.int8),
        "iron_tablets": (30 * np.floor(visits * pregnancies["tablets_per_visit"][of])).astype(np.int16),
        "delivered_on": np.where(is_delivered & (rng.random(n) > 0.03), pregnancies["ends_on"][of], 0).astype(np.int32),
        "has_muac": rng.random(n) < 0.95,
        "has_haemoglobin": rng.random(n) < 0.75,
        "has_husband": rng.random(n) < 0.95,
        "has_no_kk": rng.random(n) < 0.7,
        "has_extra_food": rng.random(n) < 0.94,
        "is_nik_masked": rng.random(n) < 0.15,
        "uses_alias": rng.random(n) < 0.5,
        "nik": nik[of],
        "mother_name": names[of],
        "fault": np.full(n, "", object),
    }
    for name, share in PLANNED_SHARES.items():
        plant(rows["fault"], name, share, rows["has_muac"], rng)
    for name, share in TWICE_SHARES.items():
        again = plant(rows["fault"].copy(), name, share, rows["antenatal_visits"] > 1, rng)
        repeated = {column: values[again] for column, values in rows.items()}
        repeated["antenatal_visits"] = repeated["antenatal_visits"] - 1
        repeated["fault"] = np.full(again.size, name, object)
        if name == "woman_twice_respelled":
            repeated["mother_name"] = np.array([slip(text, rng) for text in repeated["mother_name"]], object)
            repeated["nik"] = np.zeros_like(repeated["nik"])
        rows = {column: np.concatenate([values, repeated[column]]) for column, values in rows.items()}
    order = np.lexsort((rows["pregnancy"], rows["quarter"]))
    return {"row": np.arange(order.size), **{name: values[order] for name, values in rows.items()}}
