"""What agencies count per desa or kecamatan: parenting classes, cadres, village funds, early education, food security."""

import numpy as np

from include.synthetic.faults import plant
from include.synthetic.places import effects, reach
from include.synthetic.population import QUARTER_ENDS, Columns, Regions

# Shares of families, cadres, children and teachers; the world's mean, around which desa differ.
ATTENDING_CLASS, ACTIVE_CADRES, CONVERGED, ATTENDING_SCHOOL, TRAINED = 0.58, 0.86, 0.47, 0.66, 0.55
SPENT_BY_QUARTER = (0.38, 0.66)  # of the year's money
SCHOOL_DAYS = np.array(["2025-07-15", "2026-07-15"], "datetime64[D]").astype(int)
PRIORITY_SHARES = (0.03, 0.08, 0.15, 0.22, 0.26, 0.26)  # of desa in class 1, most prone to food insecurity, to 6


def build_programmes(
    families: Columns,
    members: Columns,
    at_risk: Columns,
    couples: Columns,
    regions: Regions,
    rng: np.random.Generator,
) -> dict[str, Columns]:
    """Draw the counting lists, a table per list with a row per place and period, in order of the list.

    Denominators are the world's own counts. Each list has its planned faults in every size, and a file so few of them that
    the gate need not hold it even in the smallest regency.
    """
    streams = iter(rng.spawn(6))
    return {
        "bkb_desa": _parenting_classes(families, at_risk, regions, next(streams)),
        "ehdw_desa": _scorecards(families, at_risk, regions, next(streams)),
        "dana_desa": _village_funds(families, regions, next(streams)),
        "paud_desa": _early_education(families, members, regions, next(streams)),
        "fsva_desa": _food_security(families, regions, next(streams)),
        "bimwin": _marriage_counselling(couples, regions, next(streams)),
    }


def _parenting_classes(families: Columns, at_risk: Columns, regions: Regions, rng: np.random.Generator) -> Columns:
    rows = _two_periods(regions)
    has_child = at_risk["has_under_two"] | at_risk["has_two_to_five"]
    rows["target_families"] = _count(families, at_risk, has_child, regions, rows)
    share = reach(regions, ATTENDING_CLASS, rng)[rows["desa"]] + rng.normal(0, 0.04, rows["desa"].size)
    rows["groups"] = np.maximum(1, rows["target_families"] // 45)
    rows["attending_families"] = _part(rows["target_families"], share)
    plant(rows["fault"], "unknown_desa", 0.01, rows["period"] == 0, rng)
    _exceed(rows, "attending_families", "target_families", 1, rng)
    return rows


def _scorecards(families: Columns, at_risk: Columns, regions: Regions, rng: np.random.Generator) -> Columns:
    rows = _two_periods(regions)
    is_early = at_risk["is_pregnant"] | at_risk["has_under_two"]
    rows["thousand_day_households"] = _count(families, at_risk, is_early, regions, rows)
    share = reach(regions, CONVERGED, rng)[rows["desa"]] + rng.normal(0, 0.05, rows["desa"].size)
    rows["converged_households"] = _part(rows["thousand_day_households"], share)
    rows["cadres"] = 1 + rng.poisson(1.2, regions.desa["desa"].size)[rows["desa"]]
    rows["active_cadres"] = rng.binomial(rows["cadres"], ACTIVE_CADRES)
    plant(rows["fault"], "unknown_desa", 0.01, rows["period"] == 0, rng)
    _exceed(rows, "converged_households", "thousand_day_households", 1, rng)
    return rows


def _village_funds(families: Columns, regions: Regions, rng: np.random.Generator) -> Columns:
    """Millions of rupiah by size of the desa; one desa in ten has set nothing aside for stunting."""
    rows = _two_periods(regions)
    n = regions.desa["desa"].size
    size = np.bincount(families["desa"], minlength=n) / (families["desa"].size / n)
    fund = np.round((700 + 350 * size) * np.exp(rng.normal(0, 0.12, n))) * 1_000_000
    share = np.where(rng.random(n) < 0.1, 0, np.clip(rng.normal(0.11, 0.04, n), 0.02, 0.25))
    budget = np.round(fund * share / 500_000) * 500_000
    pace = reach(regions, 0.6, rng, 0.2, 0.5)
    rows["village_fund_rp"] = fund[rows["desa"]].astype(np.int64)
    rows["stunting_budget_rp"] = budget[rows["desa"]].astype(np.int64)
    spent = np.array(SPENT_BY_QUARTER)[rows["period"]] * (0.6 + pace[rows["desa"]] / 1.5)
    rows["stunting_spent_rp"] = np.round(rows["stunting_budget_rp"] * np.minimum(spent, 1) / 1000).astype(int) * 1000
    has_money = rows["stunting_budget_rp"] > 0
    negative = plant(rows["fault"], "negative_budget", 0.005, has_money & (rows["period"] == 1), rng)
    rows["stunting_budget_rp"][negative] *= -1
    is_coded = (regions.desa["bps_code"] != "")[rows["desa"]]
    plant(rows["fault"], "bps_code", 0.01, is_coded & (rows["period"] == 1), rng)
    return _twice(rows, "stunting_spent_rp", 0, rng)


def _early_education(families: Columns, members: Columns, regions: Regions, rng: np.random.Generator) -> Columns:
    """Children of two to six years who live where they are registered, and how many of them go to a class."""
    rows = _two_periods(regions)
    n = regions.desa["desa"].size
    desa = np.where(families["is_away"], n, families["desa"])[members["family"]]
    ages = [(day - members["born_on"]) / 365.25 for day in SCHOOL_DAYS]
    counts = [np.bincount(desa[(years >= 2) & (years < 7)], minlength=n + 1)[:n] for years in ages]
    rows["children_2_6"] = np.maximum(np.stack(counts)[rows["period"], rows["desa"]], 1)
    share = reach(regions, ATTENDING_SCHOOL, rng)[rows["desa"]] - 0.03 * (rows["period"] == 0)
    rows["children_attending"] = _part(rows["children_2_6"], share)
    rows["teachers"] = np.maximum(1, rows["children_attending"] // 14)
    rows["trained_teachers"] = _part(rows["teachers"], reach(regions, TRAINED, rng)[rows["desa"]])
    plant(rows["fault"], "unknown_desa", 0.01, rows["period"] == 0, rng)
    _exceed(rows, "children_attending", "children_2_6", 1, rng)
    return rows


def _food_security(families: Columns, regions: Regions, rng: np.random.Generator) -> Columns:
    """Six indicators of each desa, and its class by them: poverty and water are the world's own, the others drawn."""
    n = regions.desa["desa"].size
    count = np.maximum(np.bincount(families["desa"], minlength=n), 1)
    poor, dry = (
        100 * np.bincount(families["desa"], weights=has_it, minlength=n) / count
        for has_it in (families["decile"] <= 2, families["has_unfit_water"])
    )
    prone = _standard(poor) + 0.6 * _standard(dry) + effects(regions, rng, 0.3, 0.6)
    rank = np.argsort(np.argsort(-prone)) / n
    rows: Columns = {
        "row": np.arange(n),
        "desa": np.arange(n),
        "period": np.ones(n, np.int8),
        "fault": np.full(n, "", object),
        "priority": 1 + np.searchsorted(np.cumsum(PRIORITY_SHARES)[:-1], rank, side="right"),
        "land_ratio": np.round(np.clip(rng.gamma(2, 0.05, n), 0.005, 0.6), 3),
        "food_supply_ratio": np.round(np.clip(rng.gamma(3, 0.004, n), 0.001, 0.06), 3),
        "poor_pct": np.round(poor, 2),
        "is_cut_off": (rng.random(n) < 0.05).astype(int),
        "dry_pct": np.round(dry, 2),
        "health_worker_ratio": np.round(rng.gamma(3, 0.8, n), 2),
    }
    plant(rows["fault"], "bps_code", 0.006, regions.desa["bps_code"] != "", rng)
    return rows


def _marriage_counselling(couples: Columns, regions: Regions, rng: np.random.Generator) -> Columns:
    """The weddings of each kecamatan; one office reports for a kecamatan that is no longer the regency's."""
    names, kecamatan = np.unique(regions.desa["kecamatan_name"].astype(str), return_inverse=True)
    place = couples["quarter"].astype(int) * names.size + kecamatan[couples["desa"]]
    marriages = np.bincount(place, minlength=2 * names.size)
    counselled = np.bincount(place, weights=couples["is_counselled_by_kua"], minlength=2 * names.size).astype(int)
    period = np.repeat([0, 1], names.size).astype(np.int8)
    rows: Columns = {
        "row": np.arange(2 * names.size),
        "period": period,
        "kecamatan_name": np.tile(names, 2).astype(object),
        "marriages": marriages,
        "counselled_couples": counselled,
        "fault": np.full(2 * names.size, "", object),
    }
    _exceed(rows, "counselled_couples", "marriages", 0, rng)
    last = int(np.flatnonzero(period == 0)[-1])
    stranger = {column: values[[last]] for column, values in rows.items()}
    stranger |= {"marriages": np.array([17]), "counselled_couples": np.array([11])}
    stranger["kecamatan_name"] = np.array(["Cipocok Jaya"], object)
    stranger["fault"] = np.array(["unknown_kecamatan"], object)
    return _renumbered({column: np.concatenate([rows[column], stranger[column]]) for column in rows})


def _two_periods(regions: Regions) -> Columns:
    n = regions.desa["desa"].size
    return {
        "row": np.arange(2 * n),
        "desa": np.tile(np.arange(n), 2),
        "period": np.repeat([0, 1], n).astype(np.int8),
        "fault": np.full(2 * n, "", object),
    }


def _count(families: Columns, at_risk: Columns, counted: np.ndarray, regions: Regions, rows: Columns) -> np.ndarray:
    """Families of each desa that a condition holds for at the end of the row's quarter, at least one."""
    n = regions.desa["desa"].size
    place = at_risk["quarter"][counted].astype(int) * n + families["desa"][at_risk["family"][counted]]
    return np.maximum(
        np.bincount(place, minlength=len(QUARTER_ENDS) * n)[rows["period"].astype(int) * n + rows["desa"]], 1
    )


def _part(whole: np.ndarray, share: np.ndarray) -> np.ndarray:
    return np.floor(whole * np.clip(share, 0, 1)).astype(int)


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / max(values.std(), 1e-9)


def _exceed(rows: Columns, numerator: str, denominator: str, period: int, rng: np.random.Generator) -> None:
    """Plant the fault that a numerator is above its denominator."""
    above = plant(rows["fault"], f"{numerator}_above_{denominator}", 0.006, rows["period"] == period, rng)
    rows[numerator][above] = rows[denominator][above] + np.maximum(1, rows[denominator][above] // 8)


def _twice(rows: Columns, column: str, period: int, rng: np.random.Generator) -> Columns:
    """Plant the fault that a place reports the quarter twice, with different figures: both rows have it."""
    first = plant(rows["fault"], "quarter_twice", 0.004, (rows["period"] == period) & (rows[column] > 0), rng)
    repeated = {name: values[first] for name, values in rows.items()}
    repeated[column] = repeated[column] - np.maximum(1, repeated[column] // 10)
    return _renumbered({name: np.concatenate([rows[name], repeated[name]]) for name in rows})


def _renumbered(rows: Columns) -> Columns:
    """The rows in order of their period and place, numbered anew."""
    order = np.lexsort((rows["row"], rows["period"]))
    ordered = {name: values[order] for name, values in rows.items()}
    return {**ordered, "row": np.arange(order.size)}
