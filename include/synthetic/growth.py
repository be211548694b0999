"""True growth: height-for-age and weight-for-height of every child in every month, by the WHO tables."""

import csv
from pathlib import Path

import numpy as np

from include.settings import SEEDS
from include.synthetic.population import Columns

PREVALENCE = 0.24  # stunted child-months; the surveys of Kabupaten Serang gave 27.2, 26.4 and about 23 % (domain 7.2)
# With SD 1.15 the log odds of falling below -2 move by phi(-0.706) / (0.24 * 0.76) / 1.15 for each z of shift.
LOG_ODDS_PER_Z = 1.48
# Odds ratios of domain 8.1. For bad latrine and unfit water: between the lower bound 1.73 and the estimate 3.47, because
# the source of water stands in for its treatment.
ODDS_RATIOS = {
    "is_low_birth_weight": 2.5,
    "has_bad_latrine_and_water": 2.5,
    "has_bad_latrine_only": 1.27,
    "is_poor": 1.3,
    "is_male": 1.33,
    "has_little_educated_mother": 1.5,
    "has_three_under_fives": 1.33,
}
# age 12-23 months against 0-11 months: odds ratio 1.89 is a difference of 0.43 z
AGE_PATTERN_MONTHS = (0, 6, 12, 18, 24, 36, 48, 66)
AGE_PATTERN_Z = (0.42, 0.26, 0.0, -0.22, -0.22, -0.12, -0.06, 0.0)
LYING_ABOVE_STANDING_CM = 0.7
STANDING_FROM_DAYS = 731
LAST_TABLE_DAY = 1826  # older children are measured against the last row


def read_lms(name: str, folder: Path = SEEDS / "who") -> np.ndarray:
    """Read a WHO table as an array of l, m, s, shape (sex 0 boys / 1 girls, step, 3), and its first step in [0, 0, 0].

    Steps are days or millimetres; rows before the table's first step are NaN.
    """
    with (folder / f"who2006_{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = [[float(cell) for cell in row] for row in list(csv.reader(file))[1:]]
    table = np.full((2, int(max(row[1] for row in rows)) + 1, 3), np.nan)
    for sex, step, *lms in rows:
        table[int(sex) - 1, int(step)] = lms
    return table


def grow(
    children: Columns, session_days: np.ndarray, desa: np.ndarray, rng: np.random.Generator, random_sd: float = 1.0
) -> Columns:
    """Draw the true size of every child on its day of weighing in every month.

    HAZ = child's own level + age pattern + risk factors + desa effect + slow drift (AR 0.985 a month). The level of all is
    set so that exactly PREVALENCE of resident child-months under five years lie below -2 before heights are kept from
    shrinking. WHZ has its own child effect and drift (AR 0.7), so that 5-9 % are wasted.

    Args:
        children: columns of build_children and add_household_risks, n rows.
        session_days: day of weighing (days since 1970) per child and month, shape (n, months).
        desa: desa per child, shape (n,).
        rng: source of chance.
        random_sd: SD of the child's own level, z.

    Returns:
        One row per child and month in which the child was 0 to 65 completed months old: child, month, day, age_days, haz,
        height_cm (lying before 731 days, standing after), whz, weight_kg, waz.
    """
    n, months = session_days.shape
    age = session_days - children["born_on"][:, None]
    shift = np.zeros(n)
    for factor, odds in ODDS_RATIOS.items():
        shift -= np.log(odds) / LOG_ODDS_PER_Z * children[factor]
    desa_effect = rng.normal(0, 0.13, desa.max() + 1)[desa]
    level = rng.normal(0, random_sd, n) + shift + desa_effect
    haz = level[:, None] + np.interp(age / 30.4375, AGE_PATTERN_MONTHS, AGE_PATTERN_Z)
    haz += _drift(n, months, 0.985, 0.4, rng)
    counted = (age >= 0) & (age < 1826) & ~children["is_away"][:, None]
    haz += -2.0 - np.quantile(haz[counted], PREVALENCE)

    sex = np.where(children["is_male"], 0, 1)[:, None]
    table = read_lms("lhfa")
    lms = table[sex, np.clip(age, 0, LAST_TABLE_DAY)]
    lying = lms[..., 1] * (1 + lms[..., 2] * haz) + LYING_ABOVE_STANDING_CM * (age >= STANDING_FROM_DAYS)
    # nobody shrinks: a drift downwards can at most stop growth
    lying = np.maximum.accumulate(np.where(age >= 0, lying, 0), axis=1)
    height = lying - LYING_ABOVE_STANDING_CM * (age >= STANDING_FROM_DAYS)
    haz = (height / lms[..., 1] - 1) / lms[..., 2]

    poor = 0.12 * children["is_poor"][:, None]
    whz = -0.40 - poor + rng.normal(0, 0.85, (n, 1)) + _drift(n, months, 0.7, 0.5, rng)
    millimetres = np.round(height * 10).astype(int)
    for_length = read_lms("wfl")[sex, np.clip(millimetres, 450, 1100)]
    for_height = read_lms("wfh")[sex, np.clip(millimetres, 650, 1200)]
    weight = value_at_z(np.where((age < STANDING_FROM_DAYS)[..., None], for_length, for_height), whz)

    seen = (age >= 0) & (age < 66 * 30.4375)
    child, month = np.nonzero(seen)
    for_age = read_lms("wfa")[sex[child, 0], np.clip(age[seen], 0, LAST_TABLE_DAY)]
    return {
        "child": child,
        "month": month.astype(np.int8),
        "day": session_days[seen].astype(np.int32),
        "age_days": age[seen].astype(np.int16),
        "haz": haz[seen].astype(np.float32),
        "height_cm": height[seen].astype(np.float32),
        "whz": whz[seen].astype(np.float32),
        "weight_kg": weight[seen].astype(np.float32),
        "waz": z_of_value(for_age, weight[seen]).astype(np.float32),
    }


def value_at_z(lms: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The measure at a z-score; lms has a last axis of l, m, s."""
    l, m, s = lms[..., 0], lms[..., 1], lms[..., 2]
    return m * np.maximum(1 + l * s * z, 0.05) ** (1 / l)


def z_of_value(lms: np.ndarray, value: np.ndarray) -> np.ndarray:
    """The plain LMS z-score of a measure (without WHO's adjustment beyond 3 SD, which exports do not make)."""
    l, m, s = lms[..., 0], lms[..., 1], lms[..., 2]
    return ((value / m) ** l - 1) / (l * s)


def _drift(n: int, months: int, keep: float, sd: float, rng: np.random.Generator) -> np.ndarray:
    drift = np.empty((n, months))
    drift[:, 0] = rng.normal(0, sd, n)
    for month in range(1, months):
        drift[:, month] = keep * drift[:, month - 1] + np.sqrt(1 - keep**2) * sd * rng.normal(0, 1, n)
    return drift
