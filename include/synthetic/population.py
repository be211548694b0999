"""The invented people: desa, families with their houses, members and children, as dictionaries of numpy columns."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from include import settings
from include.synthetic.names import Words, draw_names

Columns = dict[str, np.ndarray]

LAST_MONTH = np.datetime64("2026-10")
QUARTER_ENDS = np.array(["2026-06-30", "2026-09-30"], "datetime64[D]")  # of the quarters that agencies report
OVERAGE_MONTHS = 6  # how long a child may stay on a list after 60 months
AWAY_SHARE = (
    0.23  # children of the civil registry whom no posyandu ever sees: 4,551 of 14,935 in one regency (domain 1.3)
)
TWIN_BIRTH_SHARE = 0.006  # about 1 % of children are twins
BIRTHS_PER_FAMILY = (0.70, 0.265, 0.035)  # one, two, three births in the window of some six years
CITY_PREFIXES = (360401, 360402, 360403, 360404, 360410, 360421)  # kecamatan that left for Kota Serang (domain 5.1)


@dataclass(frozen=True)
class Size:
    """How large a regency to invent; kecamatan None means all, and of a regency that has not these as many others."""

    kecamatan: tuple[str, ...] | None
    families: int
    under_fives: int
    months: int

    @property
    def month_starts(self) -> np.ndarray:
        """First days of the months with weighings, oldest first."""
        return LAST_MONTH - np.arange(self.months)[::-1]


SIZES = {
    "tiny": Size(("36.04.11",), families=1_000, under_fives=300, months=3),
    "small": Size(("36.04.05", "36.04.11", "36.04.29"), families=20_000, under_fives=6_000, months=6),
    "regency": Size(None, families=450_000, under_fives=136_000, months=12),
}


@dataclass(frozen=True)
class Regions:
    """The real regions of a size: the regency, columns per desa and per puskesmas, and the aliases of desa."""

    code: str
    name: str
    desa: Columns
    puskesmas: Columns
    aliases: dict[str, str]


def read_regions(size: Size, folder: Path | None = None) -> Regions:
    """Read desa, puskesmas and aliases of the kecamatan of a size from the regency's seeds."""
    folder = folder or settings.REGENCY_SEEDS

    def rows(name: str) -> list[dict[str, str]]:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    there = rows("ref_kecamatan")
    if size.kecamatan is not None:
        named = [row for row in there if row["kecamatan_code"] in size.kecamatan]
        there = named or there[: len(size.kecamatan)]
    kecamatan = {row["kecamatan_code"]: row for row in there}
    puskesmas = [row for row in rows("ref_puskesmas") if row["kecamatan_code"] in kecamatan]
    number_of = {row["puskesmas_code"]: number for number, row in enumerate(puskesmas)}
    puskesmas_of = {row["desa_code"]: row["puskesmas_code"] for row in rows("ref_puskesmas_desa")}
    desa = [row for row in rows("ref_desa") if row["kecamatan_code"] in kecamatan]
    desa.sort(key=lambda row: (number_of[puskesmas_of[row["desa_code"]]], row["desa_code"]))

    def text(values: list[str]) -> np.ndarray:
        return np.array(values, object)

    [regency] = rows("ref_kabupaten")
    return Regions(
        code=regency["kabupaten_code"],
        name=regency["kabupaten_name"],
        desa={
            "desa": np.arange(len(desa)),
            "desa_code": text([row["desa_code"] for row in desa]),
            "desa_name": text([row["desa_name"] for row in desa]),
            "bps_code": text([row["bps_code"] for row in desa]),
            "kecamatan_code": text([row["kecamatan_code"] for row in desa]),
            "kecamatan_name": text([kecamatan[row["kecamatan_code"]]["kecamatan_name"] for row in desa]),
            "kecamatan_bps_code": text([kecamatan[row["kecamatan_code"]]["bps_code"] for row in desa]),
            "puskesmas": np.array([number_of[puskesmas_of[row["desa_code"]]] for row in desa]),
        },
        puskesmas={
            "puskesmas": np.arange(len(puskesmas)),
            "puskesmas_name": text([row["puskesmas_name"] for row in puskesmas]),
        },
        aliases={row["desa_code"]: row["alias"] for row in rows("ref_desa_aliases")},
    )


def build_families(size: Size, regions: Regions, rng: np.random.Generator) -> Columns:
    """Draw the families with their welfare and their house.

    Welfare is a latent normal with a gradient between kecamatan and desa; the decile is its rank. Poor families have
    unfit water and a bad latrine more often: about 30 % against 8 % bad latrines, 15 % unfit water overall (domain 8.2).
    Latrine triples and water sources are DTSEN codes (domain 3.1).
    """
    desa_count = regions.desa["desa"].size
    weights = np.exp(rng.normal(0, 0.35, desa_count))
    desa = np.sort(rng.choice(desa_count, size.families, p=weights / weights.sum()))
    kecamatan = np.unique(regions.desa["kecamatan_code"], return_inverse=True)[1]
    poverty = rng.normal(0, 0.35, kecamatan.max() + 1)[kecamatan] + rng.normal(0, 0.35, desa_count)
    welfare = rng.normal(0, 1, size.families) - poverty[desa]
    decile = _deciles(welfare)
    moved_welfare = welfare + rng.normal(0, 0.12, size.families) * (rng.random(size.families) < 0.2)
    has_bad_latrine = rng.random(size.families) < _logistic(-1.75 - 0.75 * welfare)
    has_unfit_water = rng.random(size.families) < _logistic(-2.05 - 0.45 * welfare + 0.5 * has_bad_latrine)
    latrine = _latrine_triples(has_bad_latrine, rng)
    return {
        "family": np.arange(size.families),
        "desa": desa,
        "welfare": welfare.astype(np.float32),
        "decile": decile,
        "decile_before": _deciles(moved_welfare),
        "has_bad_latrine": has_bad_latrine,
        "has_unfit_water": has_unfit_water,
        "latrine_access": latrine[:, 0],
        "closet_type": latrine[:, 1],
        "disposal": latrine[:, 2],
        "water_source": np.where(
            has_unfit_water,
            rng.choice([6, 8, 9, 10, 11], size.families, p=[0.6, 0.12, 0.1, 0.13, 0.05]),
            rng.choice([1, 2, 3, 4, 5, 7], size.families, p=[0.05, 0.33, 0.1, 0.35, 0.14, 0.03]),
        ).astype(np.int8),
        "is_away": rng.random(size.families) < AWAY_SHARE,
        "rt": rng.integers(1, 9, size.families).astype(np.int8),
        "rw": rng.integers(1, 6, size.families).astype(np.int8),
        "kampung": rng.integers(0, 20, size.families).astype(np.int8),
        "no_kk": serial_numbers(
            region_prefix(regions, desa),
            _days(rng, "2008-01-01", "2024-12-31", size.families),
            np.zeros(size.families, bool),
        ),
    }


def build_children(
    size: Size, families: Columns, words: Words, capil_missing: float, rng: np.random.Generator
) -> Columns:
    """Draw the children born in the window that the weighings of a size can see, some months before five years ago.

    Spacing within a family is at least 330 days; twins share a birth. Birth weight is normal with mean 3.1 kg, lower in
    poor families, so that 6-8 % weigh less than 2.5 kg (6 % in domain 8.2). The civil registry lacks the share
    capil_missing of the resident ones.
    """
    start = (size.month_starts[0] - 60 - OVERAGE_MONTHS).astype("datetime64[D]").astype(int)
    end = (LAST_MONTH + 1).astype("datetime64[D]").astype(int)
    window = end - start
    births = size.under_fives / (1 - AWAY_SHARE) * window / (60 * 30.44)
    mean_births = np.dot(BIRTHS_PER_FAMILY, (1, 2, 3)) * (1 + TWIN_BIRTH_SHARE)
    family_count = min(round(births / mean_births), families["family"].size)
    # a random order that leans towards poor families
    leaning = rng.random(families["family"].size) + 0.08 * families["welfare"]
    young = np.sort(np.argsort(leaning, kind="stable")[:family_count])

    count = rng.choice((1, 2, 3), family_count, p=BIRTHS_PER_FAMILY)
    gap = 330
    ordered = np.sort(np.where(np.arange(3) < count[:, None], rng.random((family_count, 3)), 2.0), axis=1)
    born = start + ordered * (window - (count[:, None] - 1) * gap) + np.arange(3) * gap
    is_birth = np.arange(3) < count[:, None]
    family = np.repeat(young, count)
    born_on = born[is_birth].astype(np.int32)

    copies = 1 + (rng.random(family.size) < TWIN_BIRTH_SHARE)
    is_twin = np.repeat(copies == 2, copies)
    family, born_on = np.repeat(family, copies), np.repeat(born_on, copies)
    n = family.size
    is_male = rng.random(n) < 0.51
    welfare = families["welfare"][family]
    weight = rng.normal(3.1, 0.42, n) + 0.03 * welfare - 0.6 * is_twin
    names = draw_names(rng, is_male, np.ones(n, bool), words)
    for second in np.flatnonzero(is_twin[1:] & (family[1:] == family[:-1]) & (born_on[1:] == born_on[:-1])) + 1:
        # twins share all but the first word, unless that would make one name of two
        alike = " ".join([names[second].split()[0], *names[second - 1].split()[1:]])
        names[second] = alike if alike != names[second - 1] else names[second]
    return {
        "child": np.arange(n),
        "family": family,
        "born_on": born_on,
        "is_male": is_male,
        "is_twin": is_twin,
        "name": names,
        "birth_weight_kg": np.round(np.clip(weight, 1.2, 5.0), 1),
        "birth_length_cm": np.round(np.clip(rng.normal(48.8, 1.6, n) + 1.8 * (weight - 3.1), 40, 56)),
        "gestation_weeks": np.clip(np.round(38.8 + 1.3 * (weight - 3.1) + rng.normal(0, 1.1, n)), 28, 42).astype(
            np.int8
        ),
        "is_away": families["is_away"][family],
        "is_in_capil": families["is_away"][family] | (rng.random(n) < 1 - capil_missing),
        "capil_on": born_on + np.minimum(rng.exponential(25, n), 300).astype(np.int32),
    }


def build_members(
    families: Columns, children: Columns, regions: Regions, words: Words, rng: np.random.Generator
) -> Columns:
    """Draw head, spouse, older children and elders of all families, and list the young children among them.

    About 3.1 persons per family. Mother with primary school or less: about a third, more among the poor. Relations and
    education are DTSEN codes. Every person gets a NIK built as real ones are: prefix of the kecamatan of first
    registration, birth date (+40 on the day for women), serial (domain 5.1); 12 % of adults carry another prefix.
    """
    n = families["family"].size
    last_birth = np.full(n, -1, np.int64)
    np.maximum.at(last_birth, children["family"], children["born_on"])
    is_young = last_birth >= 0
    reference = np.where(is_young, last_birth, np.datetime64("2022-01-01").astype(int))
    mother_age = np.where(
        is_young, np.clip(rng.gamma(9, 1.35, n) + 16, 16.5, 46), np.clip(rng.normal(51, 13, n), 22, 88)
    )
    mother_born = (reference - mother_age * 365.25).astype(np.int64)
    father_born = (mother_born - np.clip(rng.normal(3.5, 3, n), -4, 18) * 365.25).astype(np.int64)
    chance = rng.random(n)
    has_father = np.where(is_young, chance < 0.965, chance < 0.80)
    has_mother = is_young | (rng.random(n) < 0.93) | ~has_father

    older = np.where(is_young, rng.poisson(0.6, n), rng.poisson(0.95, n))
    elders = (rng.random(n) < np.where(is_young, 0.2, 0.08)).astype(int)
    older_family = np.repeat(np.arange(n), older)
    first_birth = np.where(is_young, np.datetime64("2020-01-01").astype(int), np.datetime64("2021-03-01").astype(int))
    child_years = rng.uniform(1.0, 14.0, older_family.size)
    older_born = np.maximum(first_birth[older_family] - child_years * 365.25, mother_born[older_family] + 15 * 365)
    older_born = np.minimum(older_born, first_birth[older_family] - 30)
    elder_family = np.flatnonzero(elders)
    elder_born = mother_born[elder_family] - rng.uniform(19, 33, elder_family.size) * 365.25

    father_family, mother_family = np.flatnonzero(has_father), np.flatnonzero(has_mother)
    parts = (
        # family, relation, male, born, is a child by name
        (father_family, 1, np.ones(father_family.size, bool), father_born[father_family], False),
        (
            mother_family,
            np.where(has_father[mother_family], 2, 1),
            np.zeros(mother_family.size, bool),
            mother_born[mother_family],
            False,
        ),
        (older_family, 3, rng.random(older_family.size) < 0.51, older_born, True),
        (elder_family, 4, rng.random(elder_family.size) < 0.35, elder_born, False),
        (children["family"], 3, children["is_male"], children["born_on"], True),
    )
    family = np.concatenate([part[0] for part in parts])
    relation = np.concatenate([np.broadcast_to(part[1], part[0].shape) for part in parts]).astype(np.int8)
    is_male = np.concatenate([part[2] for part in parts])
    born_on = np.concatenate([part[3] for part in parts]).astype(np.int32)
    is_child = np.concatenate([np.full(part[0].size, part[4]) for part in parts])
    child = np.full(family.size, -1, np.int64)
    child[family.size - children["family"].size :] = children["child"]
    is_small = child >= 0

    name = draw_names(rng, is_male, is_child, words)
    name[is_small] = children["name"]
    prefix = region_prefix(regions, families["desa"][family])
    elsewhere = ~is_small & (rng.random(family.size) < 0.12)
    prefix[elsewhere] = rng.choice((*CITY_PREFIXES, 367301, 360206, 360114, 367205, 321507), int(elsewhere.sum()))
    # the date inside a NIK stays when a birth date is corrected later
    nik_date = born_on + np.where(rng.random(family.size) < 0.008, rng.integers(-40, 40, family.size), 0)
    order = np.lexsort((born_on, relation, family))
    members = {
        "family": family,
        "relation": relation,
        "is_male": is_male,
        "born_on": born_on,
        "name": name,
        "child": child,
        "education": _education(families["welfare"][family], is_small, born_on, rng),
        "nik": serial_numbers(prefix, nik_date, ~is_male),
        "is_mother": ~is_male & (relation <= 2),
        "is_father": is_male & (relation == 1),
    }
    members = {column: values[order] for column, values in members.items()}
    return {"person": np.arange(order.size), **members}


def add_household_risks(families: Columns, children: Columns, members: Columns) -> None:
    """Add to the children their person, mother, father, NIK and the risk factors of their family (in place)."""
    n = families["family"].size
    for column in ("mother", "father"):
        person = np.full(n, -1, np.int64)
        who = np.flatnonzero(members[f"is_{column}"])
        person[members["family"][who]] = who
        children[column] = person[children["family"]]
    own = np.flatnonzero(members["child"] >= 0)
    for column, values in (("person", own), ("nik", members["nik"][own])):
        children[column] = np.empty(children["child"].size, np.int64)
        children[column][members["child"][own]] = values

    family = children["family"]
    is_under_five = children["born_on"] >= (LAST_MONTH - 59).astype("datetime64[D]").astype(int)
    under_fives = np.bincount(family, weights=is_under_five, minlength=n)
    children["is_low_birth_weight"] = children["birth_weight_kg"] < 2.5
    children["has_bad_latrine_and_water"] = (families["has_bad_latrine"] & families["has_unfit_water"])[family]
    children["has_bad_latrine_only"] = (families["has_bad_latrine"] & ~families["has_unfit_water"])[family]
    children["is_poor"] = families["decile"][family] <= 4
    children["has_little_educated_mother"] = members["education"][children["mother"]] <= 1
    children["has_three_under_fives"] = under_fives[family] >= 3


def add_agency_chances(families: Columns, members: Columns, older_card: float, rng: np.random.Generator) -> None:
    """Add to families and members the draws by which agencies list them or leave them out (in place).

    95 % of families are in DTSEN, some of those under an older family card; 3 % of houses are surveyed, the worse ones.
    """
    n = families["family"].size
    families["members"] = np.bincount(members["family"], minlength=n).astype(np.int16)
    families["is_in_dtsen"] = rng.random(n) < 0.95
    has_older_card = rng.random(n) < older_card
    families["dtsen_no_kk"] = np.where(has_older_card, families["no_kk"] - 50_000_000, families["no_kk"])
    badness = rng.normal(0, 1, n) + 2 * families["has_bad_latrine"] - families["welfare"]
    families["is_surveyed"] = badness > np.quantile(badness, 0.97)
    for column, top in (("chance_kk", 1000), ("chance_decile", 1000), ("chance_aid", 200), ("chance_house", 200)):
        families[column] = rng.integers(0, top, n).astype(np.int16)
    members["chance"] = rng.integers(0, 256, members["family"].size).astype(np.int16)
    members["chance_sex"] = rng.integers(0, 2000, members["family"].size).astype(np.int16)


def _deciles(welfare: np.ndarray) -> np.ndarray:
    rank = np.empty(welfare.size)
    rank[np.argsort(welfare, kind="stable")] = np.arange(welfare.size)
    return (rank * 10 // welfare.size + 1).astype(np.int8)


def _logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _latrine_triples(has_bad_latrine: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    good = np.array([(1, 1, 1), (1, 1, 2), (2, 1, 1), (3, 1, 1)], np.int8)
    bad = np.array([(1, 1, 3), (1, 1, 4), (1, 2, 3), (1, 3, 4), (1, 4, 4), (2, 1, 4), (5, 0, 0), (6, 0, 0)], np.int8)
    n = has_bad_latrine.size
    from_good = good[rng.choice(len(good), n, p=[0.88, 0.03, 0.06, 0.03])]
    from_bad = bad[rng.choice(len(bad), n, p=[0.18, 0.2, 0.06, 0.06, 0.12, 0.06, 0.02, 0.3])]
    return np.where(has_bad_latrine[:, None], from_bad, from_good)


def _education(welfare: np.ndarray, is_small: np.ndarray, born_on: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """DTSEN codes 0 none to 4 higher; the young have more, small children none."""
    year = 1970 + born_on / 365.25
    score = rng.normal(0, 1, welfare.size) + 0.45 * welfare + np.clip((year - 1992) * 0.03, -1.2, 0.4)
    level = np.searchsorted((-1.9, -0.45, 0.25, 1.45), score)
    level = np.where(year > 2014, np.minimum(level, 0), level)
    level = np.where((year > 2011) & (year <= 2014), np.minimum(level, 1), level)
    return np.where(is_small, 0, level).astype(np.int8)


def region_prefix(regions: Regions, desa: np.ndarray) -> np.ndarray:
    codes = np.array([int(code.replace(".", "")) for code in regions.desa["kecamatan_code"]])
    return codes[desa]


def _days(rng: np.random.Generator, first: str, last: str, count: int) -> np.ndarray:
    return rng.integers(np.datetime64(first).astype(int), np.datetime64(last).astype(int), count)


def serial_numbers(prefix: np.ndarray, day: np.ndarray, is_female: np.ndarray) -> np.ndarray:
    """16-digit numbers: 6 digits of a region, DDMMYY (+40 on the day when female), 4-digit serial from 0001."""
    date = day.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    year = date.astype("datetime64[Y]").astype(int) + 1970
    day_of_month = (date - month.astype("datetime64[D]")).astype(int) + 1 + 40 * is_female
    head = prefix * 1_000_000 + day_of_month * 10_000 + (month.astype(int) % 12 + 1) * 100 + year % 100
    order = np.argsort(head, kind="stable")
    is_first = np.r_[True, np.diff(head[order]) != 0]
    position = np.arange(head.size)
    serial = np.empty(head.size, np.int64)
    serial[order] = position - np.maximum.accumulate(np.where(is_first, position, 0)) + 1
    return head * 10_000 + serial
