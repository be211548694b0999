"""Families at risk of stunting (KRS): the true state of every target family at each round, and the list of the round."""

import numpy as np

from include.synthetic.faults import PARENT_SPELLINGS_CHANGING, Faults, one_digit_wrong, plant
from include.synthetic.places import reach
from include.synthetic.population import QUARTER_ENDS, Columns, Regions
from include.synthetic.spelling import misspell

# Domain 4.1: a wife under 20 or of 35-40 years, the youngest two births less than two years apart, more than 3 children.
TOO_YOUNG_BELOW, TOO_OLD, TOO_CLOSE_DAYS, TOO_MANY_ABOVE = 20, (35, 40), 730, 3
WIFE_YEARS = (15, 49)
KNOWN_PREGNANT_DAYS = 35
SAME_BIRTH_DAYS = 30
ACCOMPANIED = 0.92  # the target is 90 % (domain 4.1)
LISTED = 0.94
FLAGS = ("too_young", "too_old", "too_close", "too_many")
PLANNED_SHARES = {"status_contradicts": 0.03, "code_unknown": 0.003, "unknown_desa": 0.002}
TWICE_SHARE = 0.003


def build_family_codes(
    families: Columns, members: Columns, faults: Faults, errors: str, rng: np.random.Generator
) -> Columns:
    """Draw BKKBN's own number of each family, unrelated to the family card, and how the form writes card and wife.

    The family card is filled in 40 % of the forms, the wife's NIK in half of them.
    """
    n = families["family"].size
    wife, has_wife = _person(members["is_mother"], members, n)
    names = np.full(n, None, object)
    names[has_wife] = members["name"][wife[has_wife]]
    variant = np.where(has_wife & (rng.random(n) < faults.parent_misspelled), rng.integers(1, 9, n), 0)
    nik = np.where(has_wife, members["nik"][wife], 0)
    nik = np.where(has_wife & (rng.random(n) < faults.parent_nik_typo), one_digit_wrong(nik, rng), nik)
    no_kk = families["no_kk"]
    no_kk = np.where(rng.random(n) < faults.no_kk_typo, one_digit_wrong(no_kk, rng), no_kk)
    return {
        "family": np.arange(n),
        "family_code": 3604_1000_0000 + 37 * rng.permutation(n),
        "wife_name": misspell(names, variant, PARENT_SPELLINGS_CHANGING, errors, rng),
        "wife_nik": np.where(rng.random(n) < 0.5, nik, 0),
        "no_kk": np.where(rng.random(n) < 0.4, no_kk, 0),
        "has_husband_name": rng.random(n) < 0.95,
        "welfare_shift": np.where(rng.random(n) < 0.08, rng.choice([-1, 1], n), 0).astype(np.int8),
    }


def build_families_at_risk(
    families: Columns,
    children: Columns,
    members: Columns,
    pregnancies: Columns,
    regions: Regions,
    rng: np.random.Generator,
) -> Columns:
    """The target families that live where they are registered, at the last day of both quarters.

    A target family has a couple with a wife of 15 to 49, a pregnancy, or a child under five. It is at risk with unfit
    water, an unfit latrine, or one of the four flags of age, spacing and number, which only a couple can have.

    Returns:
        One row per round and target family: quarter, family, what makes it a target, its risks, is_at_risk, whether the
        round found it (is_listed) and a team accompanies it (is_accompanied).
    """
    n = families["family"].size
    wife, has_wife = _person(members["is_mother"], members, n)
    _, has_husband = _person(members["is_father"], members, n)
    accompanied = rng.random(n) < reach(regions, ACCOMPANIED, rng, 0.3, 0.4)[families["desa"]]
    without_risk = rng.random(n) < 0.08
    rounds = []
    for quarter, day in enumerate(QUARTER_ENDS.astype(int)):
        years = np.where(has_wife, _completed_years(members["born_on"][wife], day), -1)
        has_couple = has_wife & has_husband & (years >= WIFE_YEARS[0]) & (years <= WIFE_YEARS[1])
        youngest, before, count = _births(members, n, day)
        is_open = (pregnancies["lmp_on"] + KNOWN_PREGNANT_DAYS <= day) & (pregnancies["ends_on"] > day)
        columns = {
            "has_couple": has_couple,
            "is_pregnant": _any(pregnancies["family"][is_open], n),
            "has_under_two": _any(children["family"][_is_aged(children, day, 0, 24)], n),
            "has_two_to_five": _any(children["family"][_is_aged(children, day, 24, 60)], n),
            "has_unfit_water": families["has_unfit_water"],
            "has_bad_latrine": families["has_bad_latrine"],
            "too_young": has_couple & (years < TOO_YOUNG_BELOW),
            "too_old": has_couple & (years >= TOO_OLD[0]) & (years <= TOO_OLD[1]),
            "too_close": has_couple & (before > 0) & (youngest - before < TOO_CLOSE_DAYS),
            "too_many": has_couple & (count > TOO_MANY_ABOVE),
        }
        is_target = has_couple | columns["is_pregnant"] | columns["has_under_two"] | columns["has_two_to_five"]
        is_at_risk = columns["has_unfit_water"] | columns["has_bad_latrine"]
        for flag in FLAGS:
            is_at_risk = is_at_risk | columns[flag]
        family = np.flatnonzero(is_target & ~families["is_away"])
        rounds.append(
            {
                "quarter": np.full(family.size, quarter, np.int8),
                "family": family,
                **{name: values[family] for name, values in columns.items()},
                "is_at_risk": is_at_risk[family],
                "is_accompanied": np.where(is_at_risk, accompanied, without_risk)[family],
                "is_listed": rng.random(family.size) < LISTED,
            }
        )
    rows = {name: np.concatenate([part[name] for part in rounds]) for name in rounds[0]}
    return {"round": np.arange(rows["family"].size), **rows}


def list_families_at_risk(at_risk: Columns, rng: np.random.Generator) -> Columns:
    """Draw the rows of both rounds: the listed families, some twice, with the planned faults."""
    place = np.flatnonzero(at_risk["is_listed"])
    quarter, fault = at_risk["quarter"][place], np.full(place.size, "", object)
    for name, share in PLANNED_SHARES.items():
        plant(fault, name, share, np.ones(place.size, bool), rng)
    again = plant(fault.copy(), "family_twice", TWICE_SHARE, np.ones(place.size, bool), rng)
    place, quarter = np.r_[place, place[again]], np.r_[quarter, quarter[again]]
    fault = np.r_[fault, np.full(again.size, "family_twice", object)]
    order = np.lexsort((fault == "family_twice", place))
    return {
        "row": np.arange(order.size),
        "quarter": quarter[order],
        "round": place[order],
        "fault": fault[order],
        "uses_alias": rng.random(order.size) < 0.5,
    }


def _person(who: np.ndarray, members: Columns, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The person of a kind in each family (0 if there is none), and whether there is one."""
    place = np.flatnonzero(who)
    person, found = np.zeros(n, int), np.zeros(n, bool)
    person[members["family"][place]] = place
    found[members["family"][place]] = True
    return person, found


def _any(family: np.ndarray, n: int) -> np.ndarray:
    found = np.zeros(n, bool)
    found[family] = True
    return found


def _completed_years(born_on: np.ndarray, day: int) -> np.ndarray:
    """Years of age on a day that is the last of its month: all birthdays of that month have passed."""

    def month(days: np.ndarray) -> np.ndarray:
        return days.astype("datetime64[D]").astype("datetime64[M]").astype(int)

    return (month(np.array(day)) - month(born_on)) // 12


def _is_aged(children: Columns, day: int, months_from: int, months_below: int) -> np.ndarray:
    """Whether children have completed so many months on a day that is the last of its month."""
    end = np.datetime64(int(day), "D") + 1
    first, after = (
        (end.astype("datetime64[M]") - months).astype("datetime64[D]").astype(int)
        for months in (months_below, months_from)
    )
    return (children["born_on"] >= first) & (children["born_on"] < after)


def _births(members: Columns, n: int, day: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days of the youngest and the second youngest birth in each family (0 if there is none), and the number of children."""
    child = np.flatnonzero((members["relation"] == 3) & (members["born_on"] <= day))
    family, born_on = members["family"][child], members["born_on"][child]
    count = np.bincount(family, minlength=n)
    order = np.lexsort((-born_on, family))
    family, born_on = family[order], born_on[order]
    is_same = np.r_[False, (np.diff(family) == 0) & (-np.diff(born_on) < SAME_BIRTH_DAYS)]  # twins
    family, born_on = family[~is_same], born_on[~is_same]
    is_first = np.r_[True, np.diff(family) != 0]
    is_second = ~is_first & np.r_[False, is_first[:-1]]
    youngest, before = np.zeros(n, int), np.zeros(n, int)
    youngest[family[is_first]] = born_on[is_first]
    before[family[is_second]] = born_on[is_second]
    return youngest, before, count
