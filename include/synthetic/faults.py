"""The faults of the registers: how persons are written down, and which rows and files go wrong."""

from dataclasses import dataclass

import numpy as np

from include.synthetic.population import Columns
from include.synthetic.spelling import misspell


@dataclass(frozen=True)
class Faults:
    """Shares of the faults that make two writings of one person differ. Where no source is named they are ours."""

    # The child's NIK in the health register. Domain 5.1 and 12.3 name the kinds; the shares are set so that about three
    # quarters can be matched by NIK alone. dummy: one place sets the 13th digit to 9 (domain 1.2).
    blank_nik: float = 0.09
    mother_nik: float = 0.04
    father_nik: float = 0.01
    typo_nik: float = 0.05
    dummy_nik: float = 0.04
    short_nik: float = 0.02
    second_entry: float = 0.037  # duplicate children, 3-4 % (domain 12.3)
    second_name_variant: float = 0.6
    nameless: float = 0.03
    newborn_unnamed: float = 0.35  # listed as BY NY <mother> until some months old
    name_variant: float = 0.14
    wrong_date: float = 0.012
    wrong_sex: float = 0.003
    no_parents: float = 0.04  # a filler in the cell of the parents
    capil_missing: float = 0.14  # of posyandu children: 1,459 of 10,384 (domain 1.3), some only because they are new
    dtsen_name_variant: float = 0.059
    dtsen_no_nik: float = 0.016
    dtsen_older_card: float = 0.04
    moved: float = 0.02  # families that the civil and the social register still hold in another desa
    parent_misspelled: float = (
        0.06  # in the health register, per parent and entry; the spelling may leave a name as it is
    )
    no_kk_typo: float = 0.01  # one digit, in the health register, as the next
    parent_nik_typo: float = 0.01
    civil_name_misspelled: float = 0.01  # per person, the parents of a child too
    dtsen_wrong_date: float = 0.004

    @property
    def nik_kinds(self) -> dict[str, float]:
        """The share of each kind of NIK; what no fault takes is the child's own."""
        faulty = {kind: float(getattr(self, f"{kind}_nik")) for kind in NIK_KIND_NAMES[1:]}
        return {"own": 1 - sum(faulty.values()), **faulty}


NIK_KIND_NAMES = ("own", "blank", "mother", "father", "typo", "dummy", "short")
LEVELS = {
    "mild": Faults(
        blank_nik=0.045,
        mother_nik=0.02,
        father_nik=0.005,
        typo_nik=0.025,
        dummy_nik=0.02,
        short_nik=0.01,
        second_entry=0.018,
        second_name_variant=0.3,
        nameless=0.015,
        newborn_unnamed=0.2,
        name_variant=0.07,
        wrong_date=0.006,
        wrong_sex=0.0015,
        no_parents=0.02,
        capil_missing=0.08,
        dtsen_name_variant=0.03,
        dtsen_no_nik=0.008,
        dtsen_older_card=0.02,
        moved=0.01,
        parent_misspelled=0.03,
        no_kk_typo=0.005,
        parent_nik_typo=0.005,
        civil_name_misspelled=0.005,
        dtsen_wrong_date=0.002,
    ),
    "base": Faults(),
    "harsh": Faults(
        blank_nik=0.17,
        mother_nik=0.08,
        father_nik=0.02,
        typo_nik=0.1,
        dummy_nik=0.07,
        short_nik=0.04,
        second_entry=0.07,
        second_name_variant=0.9,
        nameless=0.06,
        newborn_unnamed=0.5,
        name_variant=0.28,
        wrong_date=0.024,
        wrong_sex=0.006,
        no_parents=0.08,
        capil_missing=0.22,
        dtsen_name_variant=0.12,
        dtsen_no_nik=0.032,
        dtsen_older_card=0.08,
        moved=0.05,
        parent_misspelled=0.12,
        no_kk_typo=0.02,
        parent_nik_typo=0.02,
        civil_name_misspelled=0.02,
        dtsen_wrong_date=0.01,
    ),
}
SECOND_WITH_OTHER_NIK = 0.72
SWAPPED_DATE_SHARE = 0.5  # of wrong birth dates: day and month swapped, where the day can be a month
SPELLINGS_CHANGING = 0.47  # of the 8 spellings of the health register, the share that changes a common name
DTSEN_SPELLINGS, DTSEN_SPELLINGS_CHANGING = (9, 10), 0.69
PARENT_SPELLINGS_CHANGING, CIVIL_SPELLINGS_CHANGING = 0.31, 0.37  # the same 8, fewer long names among adults
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


def plant(fault: np.ndarray, name: str, share: float, among: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Name a planned fault in some rows that have none yet (in place): a share of the rows among, at least one.

    Returns:
        The places of these rows.
    """
    free = np.flatnonzero(among & (fault == ""))
    rows = rng.choice(free, max(1, round(share * among.sum())), replace=False)
    fault[rows] = name
    return rows


def register_entries(
    children: Columns, members: Columns, faults: Faults, errors: str, rng: np.random.Generator
) -> Columns:
    """Draw how the posyandu wrote each resident child down: one entry, for some a second one that nobody merged.

    Args:
        children: columns of build_children and add_household_risks.
        members: columns of build_members.
        faults: the shares of the faults.
        errors: how names are misspelled, office or keyboard.
        rng: source of chance.

    Returns:
        One row per entry: entry, child, is_second, nik_kind (index into NIK_KIND_NAMES), nik (0 when blank), spelled (the
        name) and is_misspelled, name_kind (0 own name, 1 nameless, 2 BY NY until named_from_days), filler and parents_form
        for the cell of the parents, recorded birth date, sex and birth size, and more.
    """
    resident = np.flatnonzero(~children["is_away"])
    second = resident[rng.random(resident.size) < faults.second_entry]
    child = np.r_[resident, second]
    is_second = np.r_[np.zeros(resident.size, bool), np.ones(second.size, bool)]
    n = child.size

    kind = rng.choice(len(NIK_KIND_NAMES), n, p=list(faults.nik_kinds.values()))
    # a second entry has another NIK in 72 % of cases, else the one of the first entry
    position = np.full(children["child"].size, -1)
    position[resident] = np.arange(resident.size)
    repeats = is_second & (rng.random(n) >= SECOND_WITH_OTHER_NIK)
    differs = is_second & ~repeats
    kind[differs] = rng.choice([1, 2, 4, 5], int(differs.sum()), p=[0.35, 0.15, 0.3, 0.2])
    nik = _typed_nik(kind, child, children, members, rng)
    nik[repeats] = nik[position[child[repeats]]]
    kind[repeats] = kind[position[child[repeats]]]

    variant = np.where(rng.random(n) < faults.name_variant, rng.integers(1, 9, n), 0)
    variant = np.where(is_second & (rng.random(n) < faults.second_name_variant), rng.integers(1, 9, n), variant)
    unnamed = rng.random(n)
    name_kind = np.select([unnamed < faults.nameless, unnamed < faults.nameless + faults.newborn_unnamed], [1, 2])
    born_on = children["born_on"][child]
    is_wrong_date = rng.random(n) < faults.wrong_date
    mistaken = born_on + rng.choice([-1, 1, 30, -31, 365], n)
    wrong_sex = rng.random(n) < faults.wrong_sex
    weight = children["birth_weight_kg"][child]
    entries = {
        "entry": np.arange(n),
        "child": child,
        "is_second": is_second,
        "nik_kind": kind.astype(np.int8),
        "nik": nik,
        "name_kind": name_kind.astype(np.int8),
        "named_from_days": rng.integers(60, 200, n).astype(np.int16),
        "caller": rng.integers(0, 5, n).astype(np.int8),
        "filler": np.where(rng.random(n) < faults.no_parents, rng.integers(1, 5, n), 0).astype(np.int8),
        "parents_form": rng.integers(0, 256, n).astype(np.int16),
        "is_male": children["is_male"][child] ^ wrong_sex,
        "birth_weight_kg": np.where(rng.random(n) < 0.12, np.nan, weight),
        "birth_length_cm": np.where(rng.random(n) < 0.15, np.nan, children["birth_length_cm"][child]),
        "has_no_kk": rng.random(n) < 0.82,
        "has_parent_nik": rng.random(n) < 0.75,
        "uses_alias": rng.random(n) < 0.5,
        "is_wrong_date": is_wrong_date,
        "is_wrong_sex": wrong_sex,
    }
    swapped = swap_day_and_month(born_on)
    swaps = (rng.random(n) < SWAPPED_DATE_SHARE) & (swapped != born_on)
    entries["born_on"] = np.where(is_wrong_date, np.where(swaps, swapped, mistaken), born_on).astype(np.int32)
    entries["spelled"] = misspell(children["name"][child], variant, SPELLINGS_CHANGING, errors, rng)
    entries["is_misspelled"] = entries["spelled"] != children["name"][child]
    return entries


def swap_day_and_month(day: np.ndarray) -> np.ndarray:
    """Days since 1970 with day and month changed about; unchanged where the day is no month."""
    date = day.astype("datetime64[D]")
    month_start = date.astype("datetime64[M]")
    year_start = date.astype("datetime64[Y]")
    day_no = (date - month_start.astype("datetime64[D]")).astype(int)
    month_no = (month_start - year_start.astype("datetime64[M]")).astype(int)
    # from 0: the 1st of a month is 0, January is 0
    swapped = (year_start.astype("datetime64[M]") + np.minimum(day_no, 11)).astype("datetime64[D]") + month_no
    return np.where(day_no < 12, swapped.astype(int), day)


def add_register_faults(
    families: Columns, members: Columns, desa_count: int, faults: Faults, errors: str, rng: np.random.Generator
) -> None:
    """Add to families and members how the civil and the social register hold them (in place).

    That is, the desa in both, and name and NIK (0 when missing) in the social register. A moved family lives where its posyandu is; the registers know the desa it left, any other one of the regency.
    """
    n = families["family"].size
    has_moved = rng.random(n) < faults.moved
    left = (families["desa"] + rng.integers(1, max(desa_count, 2), n)) % desa_count
    families["registered_desa"] = np.where(has_moved, left, families["desa"])
    n = members["person"].size
    variant = np.where(rng.random(n) < faults.dtsen_name_variant, rng.choice(DTSEN_SPELLINGS, n), 0)
    members["dtsen_nik"] = np.where(rng.random(n) < faults.dtsen_no_nik, 0, members["nik"])
    members["dtsen_name"] = misspell(members["name"], variant, DTSEN_SPELLINGS_CHANGING, errors, rng)


def _typed_nik(
    kind: np.ndarray, child: np.ndarray, children: Columns, members: Columns, rng: np.random.Generator
) -> np.ndarray:
    """The NIK as typed, 0 when blank; a typo changes one of the last ten digits, a short one lacks the last."""
    own = children["nik"][child]
    name = np.array(NIK_KIND_NAMES, object)[kind]
    mother = members["nik"][children["mother"][child]]
    father = np.where(children["father"][child] >= 0, members["nik"][children["father"][child]], 0)
    typo = one_digit_wrong(own, rng)
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


def one_digit_wrong(number: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another digit for one of the last ten."""
    place = 10 ** rng.integers(0, 10, number.size)
    digit = number // place % 10
    return number + ((digit + rng.integers(1, 10, number.size)) % 10 - digit) * place


def add_parents_as_written(
    entries: Columns,
    families: Columns,
    children: Columns,
    members: Columns,
    faults: Faults,
    errors: str,
    rng: np.random.Generator,
) -> None:
    """Add to the entries (in place) how the posyandu wrote No KK, the mother's NIK and the names of both parents.

    A father nobody knows has no name. An unnamed newborn goes by the mother's name as it is written here.
    """
    n = entries["entry"].size
    child = entries["child"]
    mother, father = children["mother"][child], children["father"][child]
    for column, number, share in (
        ("no_kk", families["no_kk"][children["family"][child]], faults.no_kk_typo),
        ("parent_nik", members["nik"][mother], faults.parent_nik_typo),
    ):
        entries[column] = np.where(rng.random(n) < share, one_digit_wrong(number, rng), number)
    variant = np.where(rng.random((2, n)) < faults.parent_misspelled, rng.integers(1, 9, (2, n)), 0)
    variant[1, father < 0] = 0
    names = np.concatenate(
        [members["name"][mother], np.where(father >= 0, members["name"][father], np.array(None, object))]
    )
    written = misspell(names, variant.ravel(), PARENT_SPELLINGS_CHANGING, errors, rng)
    entries["mother_name"], entries["father_name"] = written[:n], written[n:]


def add_civil_names_and_dtsen_dates(members: Columns, faults: Faults, errors: str, rng: np.random.Generator) -> None:
    """Add to the members (in place) the name in the civil and the birth date in the social register."""
    n = members["person"].size
    born_on = members["born_on"]
    swapped = swap_day_and_month(born_on)
    # the register, which lists whoever is 60 days old, takes no birth date that is still to come
    swaps = (rng.random(n) < SWAPPED_DATE_SHARE) & (swapped != born_on) & (swapped < born_on + 60)
    wrong = np.where(swaps, swapped, born_on + rng.choice([-365, -31, -1, 1, 30], n))
    members["dtsen_born_on"] = np.where(rng.random(n) < faults.dtsen_wrong_date, wrong, born_on).astype(np.int32)
    variant = np.where(rng.random(n) < faults.civil_name_misspelled, rng.integers(1, 9, n), 0)
    members["capil_name"] = misspell(members["name"], variant, CIVIL_SPELLINGS_CHANGING, errors, rng)


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
