"""Disclosure control: cases made by hand, each named by the rule it proves, and random hierarchies attacked anew."""

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy.optimize import OptimizeResult

from include.disclosure import LEAST_DENOMINATOR, ROUNDING, windows
from include.disclosure.attack import Attack
from include.disclosure.cells import SUPPRESSED, CellProblem, Cells, read_cells
from include.disclosure.hold import hold, protect_cells
from include.disclosure.registry import Column, PublicMart, read_public_marts
from include.disclosure.suppress import protect
from include.disclosure.system import Ints, System, primary, rounded
from include.disclosure.tables import read_behind, write_behind
from include.disclosure.unknowns import Last, make_unknowns
from tests.night import Night
from tests.ordeal import hierarchies

WORLDS = 20


def tree(*parts: int) -> System:
    """A kecamatan and its desa: the sum is count 0, the parts follow."""
    return System(np.array([sum(parts), *parts]), sums=[(0, list(range(1, len(parts) + 1)))])


def test_zero_is_published_and_one_to_four_are_not() -> None:
    hidden = protect(tree(0, 1, 4, 5, 30)).suppressed
    assert hidden[1:].tolist() == [False, True, True, False, False]


def test_counts_are_rounded_to_the_nearest_five_and_never_up_from_nothing() -> None:
    assert rounded(np.array([0, 5, 7, 8, 12, 13])).tolist() == [0, 5, 5, 10, 10, 15]


def test_a_single_hidden_desa_cannot_be_subtracted_from_its_kecamatan() -> None:
    """12 is published as 10, 10 as 10: without further suppression the hidden 2 could be -2 to 4, so 1 to 4: safe.

    With 17 in the kecamatan (15) and desa of 8 and 7 (10 and 5) beside it as well.
    """
    for system in (tree(2, 10), tree(2, 8, 7)):
        assert Attack(system).narrowed(protect(system).suppressed) == []


def test_conspiring_roundings_narrow_a_count_and_are_caught() -> None:
    """13 is at least 13 and the desa of 12 is at most 12; then the hidden one is 1 or more, and no more than 7 - 0.

    Of two kecamatan, 5 + 2 = 7: published 5 (5 to 7) and 5 (5 to 7), so the hidden 2 is 2 at most.
    """
    system = tree(5, 2)
    only_primary = primary(system.truth)
    assert Attack(system).narrowed(only_primary) == [2]
    protection = protect(system)
    assert protection.narrowed == []
    assert protection.suppressed.sum() > only_primary.sum()


def test_all_hidden_ones_of_a_small_sum_are_not_given_away_by_it() -> None:
    """Seven desa of one each: the kecamatan's 7 would say that none of them has more than one."""
    system = tree(1, 1, 1, 1, 1, 1, 1)
    assert Attack(system).narrowed(primary(system.truth)) != []
    assert protect(system).suppressed[0]


def test_a_puskesmas_that_crosses_kecamatan_gives_nothing_away() -> None:
    """Desa 3 to 6 in kecamatan 1 (3, 4) and 2 (5, 6), and in puskesmas 7 (3, 5) and 8 (4, 6); 0 is the kabupaten."""
    desa = [2, 9, 6, 8]
    truth = [25, 11, 14, *desa, 8, 17]
    system = System(
        np.array(truth), sums=[(0, [1, 2]), (0, [7, 8]), (1, [3, 4]), (2, [5, 6]), (7, [3, 5]), (8, [4, 6])]
    )
    protection = protect(system)
    assert protection.narrowed == []
    assert Attack(system).narrowed(protection.suppressed) == []


def test_that_all_of_a_group_are_stunted_is_not_certain() -> None:
    """6 measured, 6 stunted, and the kecamatan's 6 and 6: each is 5 to 7, and one may be less than the other."""
    system = System(np.array([6, 6, 6, 6]), sums=[(0, [1]), (2, [3])], subsets=[(0, 2), (1, 3)])
    protection = protect(system)
    assert protection.narrowed == []
    tried = Attack(system)
    tried.narrowed(protection.suppressed)
    assert not tried.sure


def test_a_small_count_among_hundreds_of_desa_takes_few_others_with_it() -> None:
    """A program that moved only the nearest 150 once found none of them safe and suppressed half of the regency."""
    rng = np.random.default_rng(6)
    desa = rng.integers(5, 60, (29, 11))
    desa[:, 0] = 3
    kecamatan = desa.sum(axis=1)
    numbers = np.arange(30, 30 + desa.size).reshape(desa.shape)
    sums = [(0, list(range(1, 30))), (0, numbers.ravel().tolist())]
    sums += [(1 + at, parts.tolist()) for at, parts in enumerate(numbers)]
    system = System(np.array([desa.sum(), *kecamatan, *desa.ravel()]), sums=sums)
    protection = protect(system)
    assert protection.narrowed == []
    assert protection.suppressed.sum() - primary(system.truth).sum() <= 29


def test_what_one_kecamatan_cannot_lose_a_few_others_gain_without_a_look_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """1,042 in 40 kecamatan are published as 1,040 (to 1,042), so no kecamatan gains any unless another loses some.

    The first, of 30 (28 to 32), has two desa of 2 and 28: the 28 are published as 30 and no fewer than 28, so the 2 are
    4 only if the kecamatan has 32. The others have room to lose.
    """
    monkeypatch.setattr(windows, "_BUNCH", 9)
    desa = np.array([[2, 28], [10, 14], *[[10, 16]] * 38])
    kecamatan = desa.sum(axis=1)
    sums = [(0, list(range(1, 41))), *[(1 + at, [41 + 2 * at, 42 + 2 * at]) for at in range(40)]]
    system = System(np.array([kecamatan.sum(), *kecamatan, *desa.ravel()]), sums=sums)
    tried = Attack(system)
    solved = list[int]()
    program = Attack._linprog

    def counted(self: Attack, free: Ints, *rest: Any) -> OptimizeResult:
        solved.append(len(free))
        return program(self, free, *rest)

    monkeypatch.setattr(Attack, "_linprog", counted)
    assert not tried.narrowed(primary(system.truth))
    assert 4 < max(solved) < 20
    assert len(tried.windows.around(0, "all")) == len(system.truth)


def test_a_bunch_holds_whole_neighbourhoods_of_counts_that_hang_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "_BUNCH", 3)
    near = np.array([5, 0, 5, 1, 0, 2, 5, 3, 4])
    joined = np.array([9, 9, 9, 9, 9, 9, 9, 8, 8])
    found = windows.bunches(near, joined)
    members = {tuple(np.flatnonzero(found == bunch).tolist()) for bunch in found}
    assert members == {(1, 3, 4), (0, 2, 5, 6), (7, 8)}


def test_all_that_a_count_is_part_of_moves_with_it_or_it_does_not_move() -> None:
    """Desa 2 and its twin 5 in the kecamatan 1 and 4: known, of those due. 2 cannot rise alone, all five can."""
    system = System(np.array([8, 8, 3, 5, 8, 3, 5]), sums=[(1, [2, 3]), (4, [5, 6])], subsets=[(1, 4), (2, 5), (3, 6)])
    tried = Attack(system)
    tried.begin(np.array([False, True, True, False, True, True, False]))
    assert tried.highest[[1, 2, 4, 5]].tolist() == [9, 4, 9, 4]
    assert tried.highest[3] >= 5


MART = PublicMart("m", [Column("n", "cell", "", measure="n")], level="level", area="area", period="month")
AREAS = {("desa", "kecamatan"): {"a": "k", "b": "k", "c": "k"}}


def cells_of(counts: dict[str, int]) -> Cells:
    """Cells of desa a, b, c and what they add up to."""
    series = ("n", "", "2026-10-01")
    return Cells(
        {
            **{(series, "desa", desa): count for desa, count in counts.items()},
            (series, "kecamatan", "k"): sum(counts.values()),
        }
    )


def shown(cells: Cells, last: Last | None = None) -> dict[str, int]:
    protected = protect_cells(cells, [MART], AREAS, last)
    hidden, truth = protected.protection.suppressed, protected.unknowns.system.truth
    assert protected.protection.narrowed == []
    return {
        cell[2]: SUPPRESSED if hidden[at] else int(rounded(truth[at : at + 1])[0])
        for cell, at in protected.unknowns.index.items()
    }


def as_last(cells: Cells, told: dict[str, int]) -> Last:
    return Last(cells, Cells({cell: told[cell[2]] for cell in cells.counts}))


def test_what_yesterday_suppressed_stays_so_while_it_is_not_zero() -> None:
    before = cells_of({"a": 4, "b": 20, "c": 33})
    told = shown(before)
    assert told["a"] == SUPPRESSED
    assert shown(cells_of({"a": 6, "b": 20, "c": 33}), as_last(before, told))["a"] == SUPPRESSED
    assert shown(cells_of({"a": 0, "b": 22, "c": 33}), as_last(before, told))["a"] == 0


def test_a_night_without_change_publishes_the_same() -> None:
    cells = cells_of({"a": 1, "b": 6, "c": 0})
    told = shown(cells)
    assert shown(cells, as_last(cells, told)) == told


def test_one_up_and_one_down_in_the_same_night_is_held_back() -> None:
    """a falls to zero, b takes its one, the rest stays: yesterday's figures stand."""
    before = cells_of({"a": 1, "b": 1, "c": 30})
    told = shown(before)
    assert shown(cells_of({"a": 0, "b": 2, "c": 30}), as_last(before, told)) == told


def test_the_night_after_compares_with_what_stood_behind_the_held_figures(tmp_path: Path) -> None:
    """Not with the exact counts of the night that held them back: then nothing could be published any more."""
    before, after = cells_of({"a": 1, "b": 1, "c": 30}), cells_of({"a": 0, "b": 2, "c": 30})
    told = shown(before)
    held = protect_cells(after, [MART], AREAS, as_last(before, told)).cells
    with duckdb.connect() as con:
        write_behind(con, held, tmp_path / "behind.parquet")
        behind = read_behind(con, tmp_path / "behind.parquet")
    assert behind.counts == held.counts == before.counts
    assert shown(after, as_last(behind, told)) == told


def test_a_held_series_that_was_suppressed_whole_stays_suppressed_and_a_new_area_is_not_there() -> None:
    """Suppressed whole: the last release has it hidden, and kept no count behind it."""
    now = cells_of({"a": 3, "b": 2, "c": 30})
    now.rows["m", "n"] = [*now.counts, None]
    hidden = {cell: SUPPRESSED for cell in now.counts if cell[2] != "c"}
    held = hold(now, Last(Cells(), Cells(hidden)), {("n", "", "2026-10-01")})
    assert held.counts == {}
    assert held.rows["m", "n"] == [cell if cell in hidden else None for cell in now.rows["m", "n"]]


NESTED = PublicMart(
    "nested",
    [
        Column("stunted", "cell", "", measure="stunted", within="measured"),
        Column("measured", "cell", "", measure="measured", within="due"),
        Column("due", "cell", "", measure="due"),
    ],
)


def nested(due: int) -> Cells:
    """2 stunted in 2 measured: one each in two desa, told for the kecamatan alone how many are measured and due.

    Nothing protects these: one desa's 1 cannot be 4, for then the kecamatan's 5 stunted were more than its 1 to 4 measured.
    """
    counts = {("stunted", "desa", "a"): 1, ("stunted", "desa", "b"): 1, ("stunted", "kecamatan", "k"): 2}
    counts |= {("measured", "kecamatan", "k"): 2, ("due", "kecamatan", "k"): due}
    return Cells({((name, "", "2026-10-01"), level, area): count for (name, level, area), count in counts.items()})


def test_a_series_suppressed_whole_holds_nothing_back_the_night_after() -> None:
    first = protect_cells(nested(40), [NESTED], AREAS, None)
    assert {cell[0][0] for cell in first.cells.counts} == {"due"}
    told = {cell: first.cells.counts.get(cell, SUPPRESSED) for cell in nested(40).counts}
    for due in (40, 60):
        again = protect_cells(nested(due), [NESTED], AREAS, Last(first.cells, Cells(told)))
        assert again.held == set()
        assert again.protection.narrowed == []
        assert {cell[0][0]: count for cell, count in again.cells.counts.items()} == {"due": due}


def test_series_that_differ_in_zeros_alone_are_one() -> None:
    """All that are known were reached, and where nobody is known nobody was asked: then nothing stands, not 0."""
    due = dict(zip("abcd", (9, 12, 7, 0), strict=True))
    counts = {(("known", "", "2026-10-01"), "desa", area): count for area, count in due.items()}
    counts |= {(("asked", "", "2026-10-01"), "desa", area): count for area, count in due.items() if count}
    index = make_unknowns(Cells(counts), [], AREAS).index
    assert [len({at for cell, at in index.items() if cell[2] == area}) for area in "abcd"] == [1, 1, 1, 1]


# equal in most desa though nobody is counted there because he is counted here
BY_CHANCE = {("weight_height_valid", "height_valid")}  # a height outside WHO's range may have its weight


def test_whoever_is_counted_within_others_is_declared_to_be(night: Night) -> None:
    """What a reader can tell from the columns' definitions the attack must know: a count that is nowhere above another."""
    nodes = (night.data / "dbt" / "manifest.json").read_text(encoding="utf-8")
    marts = read_public_marts(json.loads(nodes)["nodes"])
    within = {column.measure: column.within for mart in marts for column in mart.cells}
    with duckdb.connect() as con:
        behind = night.public().parent / "task_force" / "behind_public.parquet"
        pairs = con.execute(
            """
            select distinct part.measure, whole.measure
            from $1 as part, $1 as whole
            where part.item = whole.item and part.period = whole.period and part.level = whole.level
                and part.area = whole.area and part.measure <> whole.measure
            group by part.measure, whole.measure, part.item
            having max(part.count - whole.count) = 0 and min(part.count - whole.count) < 0
                and count(*) filter (where part.count > 0) >= 20
                and count(*) filter (where part.count = whole.count and part.count > 0)
                    >= 0.5 * count(*) filter (where part.count > 0)
            """.replace("$1", f"'{behind}'")
        ).fetchall()

    def holding(measure: str) -> set[str]:
        whole = within.get(measure)
        return {whole} | holding(whole) if whole else set()

    assert pairs
    assert {(part, whole) for part, whole in pairs if whole not in holding(part)} <= BY_CHANCE


def test_reports_are_no_persons_though_the_rows_count_persons() -> None:
    """29 reports of 29: neither small nor a secret; the persons beside them are."""
    columns = [Column("n", "cell", "", measure="n"), Column("reports", "cell", "", measure="reports", persons="false")]
    mart = PublicMart("m", columns, level="level", area="area", period="month")
    with duckdb.connect() as con:
        con.execute(
            "create table m as select 'desa' as level, 'a' as area, '2026-10-01' as month, 7 as n, 1 as reports"
        )
        assert {cell[0][0] for cell in read_cells(con, [mart], "main").counts} == {"n"}


def test_one_figure_with_two_values_is_refused() -> None:
    with duckdb.connect() as con:
        con.execute("create table m as select 'desa' as level, 'a' as area, '2026-10-01' as month, 7 as n")
        con.execute("insert into m values ('desa', 'a', '2026-10-01', 8)")
        with pytest.raises(CellProblem, match=r"m\.n of a in 2026-10-01 is 8, elsewhere 7"):
            read_cells(con, [MART], "main")


@pytest.mark.parametrize("many", [2, windows._MANY])
def test_random_hierarchies_withstand_an_independent_attack(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each sum taken for one of very many, too: then all is moved in small windows first, and in bunches of few."""
    monkeypatch.setattr(windows, "_MANY", many)
    monkeypatch.setattr(windows, "_BUNCH", 4 * many)
    figures, failures = hierarchies.attack_worlds(WORLDS)
    assert failures == []
    assert figures["narrowed_cells"] == 0


def test_looking_near_first_finds_the_same_counts_narrowed(monkeypatch: pytest.MonkeyPatch) -> None:
    wider = 0
    monkeypatch.setattr(windows, "_BUNCH", 8)
    for seed in range(WORLDS):
        world = hierarchies.make_world(seed)
        system = make_unknowns(Cells(world.releases[0]), [hierarchies.MART], world.areas).system
        found = []
        for many in (2, 1000):
            monkeypatch.setattr(windows, "_MANY", many)
            tried = Attack(system)
            found.append(tried.narrowed(primary(system.truth)))
            wider += sum(
                len(tried.windows.wider_and_wider(count)) == 3 for count in np.flatnonzero(system.truth).tolist()
            )
        assert found[0] == found[1], f"world {seed}"
    assert wider > 0


def test_the_independent_attack_finds_what_primary_suppression_alone_gives_away() -> None:
    narrowed = 0
    for seed in range(3):
        world = hierarchies.make_world(seed)
        narrowed += len(hierarchies.Attacker(world, hierarchies.publish(world, complementary=False)).narrowed())
    assert narrowed > 0


def test_the_public_zone_of_a_night_holds_no_small_and_no_exact_count(night: Night) -> None:
    """Each published count of persons is zero or a multiple of five, what is missing is named, percentages have 20."""
    nodes = (night.data / "dbt" / "manifest.json").read_text(encoding="utf-8")
    marts = read_public_marts(json.loads(nodes)["nodes"])
    public: Path = night.public() / "tegak.duckdb"
    shares = 0
    with duckdb.connect(str(public), read_only=True) as con:
        tables = {name for (name,) in con.execute("show tables").fetchall()}
        assert tables == {mart.name for mart in marts} | {"release_info"}
        for mart in marts:
            for column in mart.cells:
                bad = con.execute(
                    f"""
                    select count(*) from {mart.name}
                    where {column.persons} and (
                        {column.name} % {ROUNDING} <> 0
                        or ({column.name} is not null and list_contains(string_split(suppressed, ', '), '{column.name}'))
                    )
                    """
                ).fetchall()
                assert bad == [(0,)], (mart.name, column.name)
            for column in mart.columns:
                for denominator, of_persons in re.findall(
                    r"^share\([^,]+, (\w+)(?:, (.+))?\)(?: / 100)?$", column.formula
                ):
                    of_few = f"{of_persons or column.persons} and {column.name} is not null and {denominator} < {LEAST_DENOMINATOR}"
                    found = con.execute(f"select count(*) from {mart.name} where {of_few}").fetchall()
                    assert found == [(0,)], (mart.name, column.name)
                    shares += 1
        assert shares > 10
        [(hidden,)] = con.execute("select count(*) from stunting_by_desa where suppressed <> ''").fetchall()
        assert hidden > 0
