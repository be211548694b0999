"""What happens at the posyandu: which child comes, what the scale shows, what the cadre writes."""

import numpy as np

from include.synthetic.population import Columns

HEIGHT_ERROR_CM = 0.4
WEIGHT_ERROR_KG = 0.1
WRONG_POSITION_SHARE = 0.2  # in some puskesmas (domain 12.3)
TRUNCATED_SHARE = 0.2  # heights cut to whole cm, in some puskesmas (domain 12.3)
POSYANDU_PER_DESA = 5


def posyandu_days(size_months: np.ndarray, posyandu: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Day of weighing per child and month: each posyandu keeps one day of the month, one child in ten comes on another.

    Args:
        size_months: first days of the months, datetime64[M], shape (m,).
        posyandu: number of the posyandu per child, shape (n,).
        rng: source of chance.

    Returns:
        Days since 1970, shape (n, m); always the 2nd to the 27th of the month.
    """
    kept = rng.integers(1, 26, posyandu.max() + 1)[posyandu][:, None]
    shape = (posyandu.size, size_months.size)
    other = rng.integers(1, 26, shape)
    offset = np.where(rng.random(shape) < 0.1, other, kept)
    return size_months.astype("datetime64[D]").astype(int) + offset


def draw_habits(puskesmas_count: int, rng: np.random.Generator) -> Columns:
    """Measuring habits per puskesmas: a third mismatch the position, a third cut heights (at least one of each)."""
    number = np.arange(puskesmas_count)
    return {
        "puskesmas": number,
        "mismatches_position": number % 3 == 1 if puskesmas_count > 1 else np.array([True]),
        "truncates_height": number % 3 == (0 if puskesmas_count > 2 else 1),
        "attendance": rng.normal(0.895, 0.02, puskesmas_count),
    }


def weigh(
    growth: Columns,
    children: Columns,
    puskesmas: np.ndarray,
    habits: Columns,
    rng: np.random.Generator,
) -> Columns:
    """Draw the weighings of resident children who are on a list.

    85-90 % of listed children come in a month (a child's own habit varies), three in ten of those past 60 months. About
    half of the infants under six months are on no list yet. Errors are normal with SD 0.4 cm and 0.1 kg; 5 % of heights and
    0.5 % of weights are missing; a quarter have a MUAC.

    Returns:
        One row per weighing, ordered as growth: the columns of growth, and typed weight, height, position (1 lying,
        2 standing), muac_cm, gain ('N', 'T', 'O', 'B') and dice (0-255, for choices made later per row).
    """
    child, month = growth["child"], growth["month"]
    n = child.size
    own_habit = rng.normal(0, 0.08, children["child"].size)
    propensity = np.clip(habits["attendance"][puskesmas] + own_habit, 0.3, 0.99)[child]
    age = growth["age_days"]
    listed_from = np.where(
        rng.random(children["child"].size) < 0.4,
        rng.integers(10, 40, children["child"].size),
        rng.integers(40, 240, children["child"].size),
    )
    propensity = np.where(age >= 60 * 30.4375, 0.3, propensity)
    is_seen = ~children["is_away"][child] & (age >= listed_from[child]) & (rng.random(n) < propensity)
    rows = {name: values[is_seen] for name, values in growth.items()}
    child, month, age = rows["child"], rows["month"], rows["age_days"]
    n = child.size

    should_lie = age < 731
    mismatch = habits["mismatches_position"][puskesmas[child]] & (rng.random(n) < WRONG_POSITION_SHARE)
    lies = should_lie ^ mismatch
    height = rows["height_cm"] + np.where(lies & ~should_lie, 0.7, 0) - np.where(~lies & should_lie, 0.7, 0)
    height = np.round(height + rng.normal(0, HEIGHT_ERROR_CM, n), 1)
    truncated = habits["truncates_height"][puskesmas[child]] & (rng.random(n) < TRUNCATED_SHARE)
    height = np.where(truncated, np.floor(height), height)
    weight = np.round(np.maximum(rows["weight_kg"] + rng.normal(0, WEIGHT_ERROR_KG, n), 1.0), 1)

    before = np.r_[-1, child[:-1]] == child
    month_before = np.where(before, np.r_[-1, month[:-1]], -2)
    gained = weight - np.r_[0, weight[:-1]] >= 0.2
    gain = np.where(~before, 3, np.where(month - month_before > 1, 2, np.where(gained, 0, 1)))
    muac = np.clip(np.round(14.3 + 0.9 * rows["whz"] + 0.018 * (age / 30.4) + rng.normal(0, 0.4, n), 1), 9.0, 22.0)
    return {
        **rows,
        "puskesmas": puskesmas[child].astype(np.int16),
        "typed_weight_kg": np.where(rng.random(n) < 0.005, np.nan, weight),
        "typed_height_cm": np.where(rng.random(n) < 0.05, np.nan, height),
        "position": np.where(lies, 1, 2).astype(np.int8),
        "is_mismatched": mismatch,
        "is_truncated": truncated,
        "muac_cm": np.where((rng.random(n) < 0.25) & (age > 180), muac, np.nan),
        "gain": np.array(["N", "T", "O", "B"], object)[gain],
        "dice": rng.integers(0, 256, n).astype(np.int16),
        "shift": rng.integers(0, 256, n).astype(np.int16),
    }
