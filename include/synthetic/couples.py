"""Couples to be married in the two quarters: people of families not otherwise present."""

import numpy as np

from include.synthetic.faults import plant
from include.synthetic.names import Words, draw_names
from include.synthetic.places import reach
from include.synthetic.population import QUARTER_ENDS, Columns, Regions, Size, region_prefix, serial_numbers

MARRIAGES_PER_FAMILY = 0.012  # in both quarters together
EXAMINED, COUNSELLED, COUNSELLED_BY_KUA, LISTED = 0.72, 0.8, 0.78, 0.88
NEW_SERIAL = 5_000  # serials of NIK that no other person has
PLANNED_SHARES = {"muac_in_mm": 0.012, "haemoglobin_times_ten": 0.012, "unknown_desa": 0.008}


def build_couples(size: Size, families: Columns, regions: Regions, words: Words, rng: np.random.Generator) -> Columns:
    """Draw the weddings of both quarters with bride and groom, and what was done before each.

    Brides are 23 on average. Seven in ten are examined in the months before; LiLA and haemoglobin are known of those. NIK:
    8 % blank, 10 % masked in part.

    Returns:
        One row per couple, ordered by quarter and desa; is_listed when the agency's list has it.
    """
    n = round(size.families * MARRIAGES_PER_FAMILY)
    quarter = np.arange(n) * 2 // n
    desa = families["desa"][rng.integers(0, families["desa"].size, n)]
    order = np.lexsort((desa, quarter))
    quarter, desa = quarter[order], desa[order]
    starts = (QUARTER_ENDS.astype("datetime64[M]") - 2).astype("datetime64[D]").astype(int)[quarter]
    wedding_on = starts + rng.integers(0, 91, n)
    bride_years = np.clip(rng.gamma(6, 1.3, n) + 16, 16.5, 44)
    bride_born_on = (wedding_on - 365.25 * bride_years).astype(int)
    groom_born_on = (bride_born_on - 365.25 * np.clip(rng.normal(3, 2.5, n), -3, 12)).astype(int)
    nobody = np.zeros(n, bool)
    is_examined = rng.random(n) < reach(regions, EXAMINED, rng)[desa]
    is_listed = rng.random(n) < LISTED
    # so that each planned fault finds a row in the smallest regency
    sure = rng.choice(np.flatnonzero(quarter == 0), len(PLANNED_SHARES), replace=False)
    is_examined[sure] = is_listed[sure] = True
    bride_nik = serial_numbers(region_prefix(regions, desa), bride_born_on, ~nobody) + NEW_SERIAL
    rows: Columns = {
        "couple": np.arange(n),
        "quarter": quarter.astype(np.int8),
        "desa": desa,
        "wedding_on": wedding_on.astype(np.int32),
        "bride_name": draw_names(rng, nobody, nobody, words),
        "bride_born_on": bride_born_on.astype(np.int32),
        "bride_nik": np.where(rng.random(n) < 0.08, 0, bride_nik),
        "is_nik_masked": rng.random(n) < 0.1,
        "groom_name": draw_names(rng, ~nobody, nobody, words),
        "groom_nik": serial_numbers(region_prefix(regions, desa), groom_born_on, nobody) + NEW_SERIAL,
        "examined_on": np.where(is_examined, wedding_on - rng.integers(7, 120, n), 0).astype(np.int32),
        "muac_cm": np.round(np.clip(rng.normal(25.4, 2.4, n), 17.5, 40), 1),
        "haemoglobin": np.round(np.clip(rng.normal(12.1, 1.2, n), 7, 15.5), 1),
        "height_cm": np.round(np.clip(rng.normal(153.5, 5.4, n), 136, 176), 1),
        "weight_kg": np.round(np.clip(rng.normal(51, 8, n), 33, 95), 1),
        "has_tablets": is_examined & (rng.random(n) < 0.82),
        "is_counselled": rng.random(n) < reach(regions, COUNSELLED, rng)[desa],
        "is_accompanied": rng.random(n) < reach(regions, 0.75, rng)[desa],
        "is_smoking": rng.random(n) < 0.6,
        "is_counselled_by_kua": rng.random(n) < reach(regions, COUNSELLED_BY_KUA, rng, 0.5, 0.0)[desa],
        "is_listed": is_listed,
        "uses_alias": rng.random(n) < 0.5,
        "fault": np.full(n, "", object),
    }
    for name, share in PLANNED_SHARES.items():
        # all in the first quarter: only that list of the smallest regency will be held by the gate
        plant(rows["fault"], name, share, is_listed & is_examined & (quarter == 0), rng)
    return rows
