"""What Bappeda collects: budget lines tagged to indicators, and the surveys' figures."""

from pathlib import Path

import numpy as np
import yaml

from include.synthetic.faults import plant
from include.synthetic.growth import PREVALENCE
from include.synthetic.population import Columns, Regions, Size

LINES = yaml.safe_load(Path(__file__).with_name("budgets.yml").read_text(encoding="utf-8"))["lines"]
WHOLE_REGENCY_FAMILIES = 450_000
SPENT_BY_QUARTER = (0.36, 0.62)
SURVEY_YEARS = (2023, 2024, 2025)
YEARLY_FALL_PCT = 1.2
# area, points above the regency's figure, children measured; all invented
SURVEY_AREAS = (("Kabupaten {name}", 0.0, 740), ("Banten", -3.4, 9_200), ("Indonesia", -4.1, 290_000))
DESIGN_EFFECT = 1.6


def build_budgets(size: Size, rng: np.random.Generator) -> Columns:
    """The budget lines of both quarters, with what had been spent in the year; money by the number of families."""
    indicator, agency, code, name, millions = (np.array(column, object) for column in zip(*LINES, strict=True))
    n = len(LINES)
    scale = size.families / WHOLE_REGENCY_FAMILIES
    budget = np.maximum(np.round(millions.astype(float) * scale * rng.uniform(0.8, 1.2, n) * 10) * 100_000, 1_000_000)
    pace = np.clip(rng.normal(1, 0.25, n), 0.3, 1.45)
    quarter = np.repeat([0, 1], n)
    spent = np.round(np.tile(budget, 2) * np.minimum(np.array(SPENT_BY_QUARTER)[quarter] * np.tile(pace, 2), 1))
    rows = {
        "row": np.arange(2 * n),
        "quarter": quarter.astype(np.int8),
        "indicator_id": np.tile(indicator, 2),
        "sub_activity_code": np.tile(code, 2),
        "sub_activity": np.tile(name, 2),
        "agency": np.tile(agency, 2),
        "budget_rp": np.tile(budget, 2).astype(np.int64),
        "spent_rp": spent.astype(np.int64),
        "fault": np.full(2 * n, "", object),
    }
    is_second = rows["quarter"] == 1
    negative = plant(rows["fault"], "negative_budget", 0, is_second, rng)
    rows["budget_rp"][negative] *= -1
    unknown = plant(rows["fault"], "unknown_indicator", 0, is_second, rng)
    rows["indicator_id"][unknown] = "bumil_ttd_90"
    above = plant(rows["fault"], "spent_rp_above_budget_rp", 0, ~is_second, rng)
    rows["spent_rp"][above] = rows["budget_rp"][above] + 2_500_000
    first = plant(rows["fault"], "quarter_twice", 0, ~is_second, rng)
    repeated = {column: values[first] for column, values in rows.items()}
    repeated["spent_rp"] = repeated["spent_rp"] * 4 // 5
    rows = {column: np.concatenate([rows[column], repeated[column]]) for column in rows}
    order = np.lexsort((rows["row"], rows["quarter"]))
    rows = {column: values[order] for column, values in rows.items()}
    return {**rows, "row": np.arange(order.size)}


def build_surveys(regions: Regions, rng: np.random.Generator) -> Columns:
    """Yearly figures with 95 % intervals, drawn around the world's own prevalence plus a fall of each year."""
    rows = [
        (year, area.format(name=regions.name), 100 * PREVALENCE + points + YEARLY_FALL_PCT * (2026 - year), sample)
        for year in SURVEY_YEARS
        for area, points, sample in SURVEY_AREAS
    ]
    year, area, expected, sample = (np.array(column) for column in zip(*rows, strict=True))
    error = np.sqrt(DESIGN_EFFECT * expected * (100 - expected) / sample)
    estimate = np.round(expected + error * rng.normal(0, 1, year.size), 1)
    return {
        "row": np.arange(year.size),
        "year": year,
        "area": area.astype(object),
        "estimate_pct": estimate,
        "low_pct": np.round(estimate - 1.96 * error, 1),
        "high_pct": np.round(estimate + 1.96 * error, 1),
        "sample": sample,
    }
