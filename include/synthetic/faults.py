"""The faults of the health register: how children are written down, and which rows and files go wrong."""

import numpy as np

from include.synthetic.population import Columns

# How the NIK of a child stands in the register. Domain 5.1 and 12.3 name the kinds; the shares are ours, set so that
# about three quarters can be matched by NIK alone.
NIK_KINDS = {
    "own": 0.75,
    "blank": 0.09,
    "mother": 0.04,
    "father": 0.01,
    "typo": 0.05,
    "dummy": 0.04,  # one place sets the 13th digit to 9 (domain 1.2)
    "short": 0.02,
}
SECOND_ENTRY_SHARE = 0.037  # duplicate children, 3-4 % (domain 12.3)
SECOND_WITH_OTHER_NIK = 0.72
NAMELESS_SHARE = 0.03
NEWBORN_UNNAMED_SHARE = 0.35  # listed as BY NY <mother> until some months old; the share is ours
NAME_VARIANT_SHARE = 0.14
SAME_DAY_SHARE = 0.002
# kinds of impossible rows, together about half a percent
ROW_FAULTS = {
    "height_mistyped_low": 0.001,
    "height_mistyped_high": 0.0012,
    "weight_mistyped": 0.0008,
    "future_date": 0.0008,
    "sex_unknown": 0.0006,
    "birth_date_missing": 0.0004,
    "position_unknown": 0.0006,
}
# What a fault of the whole file changes, chosen per row by its dice: 14 % of heights in millimetres, which is more than
# the gate lets pass; 5 % of weights too high by 0.3 to 1.5 kg; half of the dates with the month first.
FILE_FAULTS = {"held": "w.dice < 35", "redelivered": "w.dice < 13", "mixed_date_order": "w.dice % 2 = 0"}
ROW_FAULT_NAMES = ("", *ROW_FAULTS, "same_day")
NIK_KIND_NAMES = tuple(NIK_KINDS)


def register_entries(children: Columns, members: Columns, families: Columns, rng: np.random.Generator) -> Columns:
    """Draw how the posyandu wrote each resident child down: one entry, for 3.7 % a second one that nobody merged.

    Returns:
        One row per entry: entry, child, is_second, nik_kind (index into NIK_KIND_NAMES), nik (0 when blank), name_variant
        (0 as in the registry, 1-8 a kind of spelling), name_kind (0 own name, 1 nameless, 2 BY NY until named_from_days),
        filler and parents_form for the cell of the parents, recorded birth date, sex and birth size, and more.
    """
    resident = np.flatnonzero(~children["is_away"])
    second = resident[rng.random(resident.size) < SECOND_ENTRY_SHARE]
    child = np.r_[resident, second]
    is_second = np.r_[np.zeros(resident.size, bool), np.ones(second.size, bool)]
    n = child.size

    kind = rng.choice(len(NIK_KINDS), n, p=list(NIK_KINDS.values()))
    # a second entry has another NIK in 72 % of cases, else the one of the first entry
    position = np.full(children["child"].size, -1)
    position[resident] = np.arange(resident.size)
    repeats = is_second & (rng.random(n) >= SECOND_WITH_OTHER_NIK)
    differs = is_second & ~repeats
    kind[differs] = rng.choice([1, 2, 4, 5], int(differs.sum()), p=[0.35, 0.15, 0.3, 0.2])
    nik = _typed_nik(kind, child, children, members, rng)
    nik[repeats] = nik[position[child[repeats]]]
    kind[repeats] = kind[position[child[repeats]]]

    variant = np.where(rng.random(n) < NAME_VARIANT_SHARE, rng.integers(1, 9, n), 0)
    variant = np.where(is_second & (rng.random(n) < 0.6), rng.integers(1, 9, n), variant)
    unnamed = rng.random(n)
    name_kind = np.where(unnamed < NAMELESS_SHARE, 1, np.where(unnamed < NAMELESS_SHARE + NEWBORN_UNNAMED_SHARE, 2, 0))
    born_on = children["born_on"][child]
    wrong_date = rng.random(n)
    recorded = np.where(wrong_date < 0.012, born_on + rng.choice([-1, 1, 30, -31, 365], n), born_on)
    recorded = np.minimum(recorded, born_on + 400).astype(np.int32)
    wrong_sex = rng.random(n) < 0.003
    weight = children["birth_weight_kg"][child]
    return {
        "entry": np.arange(n),
        "child": child,
        "is_second": is_second,
        "nik_kind": kind.astype(np.int8),
        "nik": nik,
        "name_variant": variant.astype(np.int8),
        "name_kind": name_kind.astype(np.int8),
        "named_from_days": rng.integers(60, 200, n).astype(np.int16),
        "caller": rng.integers(0, 5, n).astype(np.int8),
        "filler": np.where(rng.random(n) < 0.04, rng.integers(1, 5, n), 0).astype(np.int8),
        "parents_form": rng.integers(0, 256, n).astype(np.int16),
        "born_on": recorded,
        "is_male": children["is_male"][child] ^ wrong_sex,
        "birth_weight_kg": np.where(rng.random(n) < 0.12, np.nan, weight),
        "birth_length_cm": np.where(rng.random(n) < 0.15, np.nan, children["birth_length_cm"][child]),
        "has_no_kk": rng.random(n) < 0.82,
        "has_parent_nik": rng.random(n) < 0.75,
        "uses_alias": rng.random(n) < 0.5,
        "is_wrong_date": recorded != born_on,
        "is_wrong_sex": wrong_sex,
    }


def _typed_nik(
    kind: np.ndarray, child: np.ndarray, children: Columns, members: Columns, rng: np.random.Generator
) -> np.ndarray:
    """The NIK as typed, 0 when blank; a typo changes one of the last ten digits, a short one lacks the last."""
    own = children["nik"][child]
    name = np.array(NIK_KIND_NAMES, object)[kind]
    mother = members["nik"][children["mother"][child]]
    father = np.where(children["father"][child] >= 0, members["nik"][children["father"][child]], 0)
    place = 10 ** rng.integers(0, 10, own.size)
    digit = own // place % 10
    typo = own + ((digit + rng.integers(1, 10, own.size)) % 10 - digit) * place
    dummy = own // 10_000 * 10_000 + 9_000 + rng.integers(1, 999, own.size)
    choices = {
        "own": own,
        "blank": np.zeros_like(own),
        "mother": mother,
        "father": father,
        "typo": typo,
        "dummy": dummy,
        "short": own // 10,
    }
    return np.select([name == label for label in choices], list(choices.values()))


def assign_entries(weighings: Columns, entries: Columns, rng: np.random.Generator) -> Columns:
    """Give every weighing to an entry of its child, add rows of the same child and day, and draw impossible rows.

    A child with two entries is weighed under either by chance, in a tenth of the months under both (some days apart).
    """
    first = np.full(int(max(entries["child"].max(), weighings["child"].max())) + 1, -1)
    second = first.copy()
    first[entries["child"][~entries["is_second"]]] = entries["entry"][~entries["is_second"]]
    second[entries["child"][entries["is_second"]]] = entries["entry"][entries["is_second"]]
    child = weighings["child"]
    n = child.size
    has_second = second[child] >= 0
    uses_second = has_second & (rng.random(n) < 0.5)
    rows = {**weighings, "entry": np.where(uses_second, second[child], first[child])}

    both = np.flatnonzero(has_second & (rng.random(n) < 0.1))
    again = np.flatnonzero(rng.random(n) < SAME_DAY_SHARE)
    twice = {name: values[both] for name, values in rows.items()}
    twice["entry"] = np.where(uses_second[both], first[child[both]], second[child[both]])
    day_in_month = twice["day"].astype("datetime64[D]")
    room = (day_in_month.astype("datetime64[M]") + 1).astype("datetime64[D]").astype(int) - 1 - twice["day"]
    twice["day"] = (twice["day"] + np.minimum(rng.integers(0, 4, both.size), room)).astype(np.int32)
    repeated = {name: values[again] for name, values in rows.items()}
    repeated["typed_weight_kg"] = np.round(repeated["typed_weight_kg"] + 0.1, 1)

    fault = rng.choice(len(ROW_FAULTS) + 1, n, p=[1 - sum(ROW_FAULTS.values()), *ROW_FAULTS.values()])
    same_day = ROW_FAULT_NAMES.index("same_day")
    rows = {name: np.concatenate([values, twice[name], repeated[name]]) for name, values in rows.items()}
    rows["row_fault"] = np.concatenate([fault, np.zeros(both.size, int), np.full(again.size, same_day)]).astype(np.int8)
    height, weight = rows["typed_height_cm"], rows["typed_weight_kg"]
    # what was not measured cannot be mistyped
    is_height = np.isin(rows["row_fault"], [ROW_FAULT_NAMES.index(f"height_mistyped_{way}") for way in ("low", "high")])
    is_weight = rows["row_fault"] == ROW_FAULT_NAMES.index("weight_mistyped")
    rows["row_fault"][(is_height & np.isnan(height)) | (is_weight & np.isnan(weight))] = 0
    named = np.array(ROW_FAULT_NAMES, object)[rows["row_fault"]]
    height = np.where(named == "height_mistyped_low", np.round(height / 10, 1), height)
    height = np.where(named == "height_mistyped_high", height * 10, height)
    weight = np.where(named == "weight_mistyped", weight * 10, weight)
    rows["typed_height_cm"], rows["typed_weight_kg"] = height, weight
    return rows
