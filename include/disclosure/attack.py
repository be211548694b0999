"""Attacks a release as a reader would who knows all its tables and all sums between them.

For each suppressed count this looks for what the attacker cannot rule out: whole numbers for all counts, within
their intervals (`system.intervals`), in which every sum and every subset holds. A count is safe when such
assignments give it

* the values 1 and THRESHOLD - 1, when it is a small one (the whole range it could have had), or
* two values at least THRESHOLD - 2 apart, when it is complementary, or a small sum of suppressed counts: there
  the parts, each at least 1, bound it from below whatever is done.

Nor may he be sure that all of a group are counted: of a subset as large as its whole there must be an assignment
in which it is smaller. A verdict of safe rests on assignments found, never on a bound: these are the attacker's
subproblems of Fischetti and Salazar (2000, JASA 95:916-928) with whole numbers in place of their relaxation, and
the sliding protection level of tau-argus and sdcTable. Many counts need no program: what one gains, a count beside
it in the same sums can lose, or all that it is a part of moves with it. For the others HiGHS (scipy.optimize.linprog)
moves the counts of wider and wider windows around them (`windows`): first with many pushed at once, some up and some
down, as each assignment shows many of them safe, then one by one. What is not shown to be safe counts as narrowed; a
count that the relations of a narrow window bind, whatever all others may be, needs no wider one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

import numpy as np
from scipy.optimize import OptimizeResult, linprog
from scipy.sparse import csr_array, vstack

from include.disclosure import THRESHOLD
from include.disclosure.system import UNBOUNDED, Flags, Ints, System, intervals, primary, whole_of_suppressed
from include.disclosure.windows import WIDTHS, Windows

# How often many counts are pushed at once without any gain before they are pushed one by one.
_VAIN_ROUNDS = 3
# How far a program moves a count; of many that are pushed at once each only as far as it needs, so that more can move.
_REACH, _STEP = 4 * THRESHOLD, THRESHOLD
_SECONDS = 20.0

# a suppressed count: is it safe? or a subset and its whole: is it smaller?
Question = tuple[int, ...]
# rows of counts, and between what each must lie
Relations = tuple[csr_array, np.ndarray, np.ndarray]


class Attack:
    """Attacks one system again and again while more of it is suppressed.

    Suppressing more only widens what is possible, so what was once found to be possible stays so.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.matrix = system.matrix()
        self.columns = self.matrix.tocsc()
        self.lowest, self.highest = system.truth.copy(), system.truth.copy()
        self.above: dict[int, list[int]] = defaultdict(list)
        self.below: dict[int, list[int]] = defaultdict(list)
        for part, whole in system.subsets:
            self.above[part].append(whole)
            self.below[whole].append(part)
        part_of: dict[int, list[int]] = defaultdict(list)
        for row, (_, parts) in enumerate(system.sums):
            for part in parts:
                part_of[part].append(row)
        self.sums_of: dict[int, list[int]] = defaultdict(list)
        for row, (whole, _) in enumerate(system.sums):
            self.sums_of[whole].append(row)
        self.part_of = {part: tuple(rows) for part, rows in part_of.items()}
        self.beside: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for part, key in self.part_of.items():
            if part not in self.sums_of and system.truth[part] > 0:
                self.beside[key].append(part)
        self.windows = Windows(system, self.matrix)
        equal = [(part, whole) for part, whole in system.subsets if 0 < system.truth[part] == system.truth[whole]]
        self.sure = set(equal)
        # of a narrowed count: the published ones that bind it, those that bind most first
        self.binding: dict[int, list[int]] = {}

    def narrowed(self, suppressed: Flags) -> list[int]:
        """Return the counts that are not shown to be safe, a group's whole for a subset that is all of it."""
        self.begin(suppressed)
        found = [count for count in np.flatnonzero(suppressed).tolist() if self.is_narrowed(count)]
        return found + [whole for part, whole in sorted(self.sure) if self.is_all(part, whole)]

    def begin(self, suppressed: Flags) -> None:
        """Take these counts for suppressed and all others for published."""
        self.low, self.high = intervals(self.system, suppressed)
        self.hidden = suppressed.copy()
        self.ends = primary(self.system.truth) & ~whole_of_suppressed(self.system, suppressed)
        hidden = np.flatnonzero(suppressed).tolist()
        for count in hidden:
            if not self._is_safe(count):
                self._exchange(count)
            if not self._is_safe(count):
                self._climb(count)
        for part, whole in sorted(self.sure):
            if not self._exchange_one(part, whole):
                self._move_with_all(part, -1)
                self._move_with_all(whole, 1)
        bound = set[Question]()
        for width in WIDTHS:
            tried = set[Question]()
            for question in [*((count,) for count in hidden), *sorted(self.sure)]:
                if self._is_open(question) and question not in bound and question not in tried:
                    tried.update(self._push_around(self.windows.around(question[-1], width), bound))
            if width != WIDTHS[-1]:
                bound.update(
                    q for q in tried if self._is_open(q) and self._is_bound(q, self.windows.around(q[-1], width))
                )

    def _push_around(self, free: Ints, bound: set[Question]) -> list[Question]:
        """Push all open questions of a window but the bound ones, by chance up or down, until it gains nothing.

        Returns those it could not help.
        """
        chance = np.random.default_rng(0)
        place = {int(count): at for at, count in enumerate(free)}
        vain = 0
        while True:
            unsafe = [count for count in free[self._are_unsafe(free)].tolist() if (count,) not in bound]
            pairs = ((part, whole) for whole in place for part in self.below.get(whole, ()) if part in place)
            sure = [pair for pair in pairs if pair in self.sure and pair not in bound]
            if vain == _VAIN_ROUNDS or not unsafe and not sure:
                return [*((count,) for count in unsafe), *sure]
            aim = np.zeros(len(free))
            for pushed, direction in zip(unsafe, chance.choice([-1.0, 1.0], len(unsafe)), strict=True):
                is_up_done, is_down_done = (self.ends[pushed] and self._has_reached(pushed, way) for way in (-1.0, 1.0))
                aim[place[pushed]] += 1.0 if is_up_done else -1.0 if is_down_done else direction
            for part, whole in sure:
                aim[place[part]] += 1.0
                aim[place[whole]] -= 1.0
            self._solve(free, aim, np.where(aim != 0, _STEP, UNBOUNDED))
            left = sum(not self._is_safe(count) for count in unsafe) + sum(pair in self.sure for pair in sure)
            vain = vain + 1 if left == len(unsafe) + len(sure) else 0

    def _is_open(self, question: Question) -> bool:
        """Say whether nothing has shown a suppressed count to be safe, or a subset to be smaller than its whole, as yet."""
        return question in self.sure if len(question) == 2 else not self._is_safe(question[0])

    def suppress(self, count: int) -> None:
        """Take one more count for suppressed, which is no small one: `begin` has those."""
        self.hidden[count] = True
        self.low[count], self.high[count] = max(THRESHOLD, self.system.low[count]), self.system.high[count]
        for row in self.part_of.get(count, ()):
            whole = self.system.sums[row][0]
            self.ends[whole] = False
            if self.hidden[whole]:
                self.high[whole] = self.system.high[whole]

    def is_narrowed(self, count: int) -> bool:
        """Say whether a suppressed count is not shown to be safe."""
        if not self._is_safe(count):
            self._climb(count)
        if self._is_safe(count):
            return False
        for free in self.windows.wider_and_wider(count):
            if self._is_shown_safe(count, free):
                return False
            if self._is_bound((count,), free):
                break
        return True

    def is_all(self, part: int, whole: int) -> bool:
        """Say whether nothing shows that a subset may be smaller than its whole."""
        if (part, whole) not in self.sure or self._exchange_one(part, whole):
            return False
        for free in self.windows.wider_and_wider(whole):
            self._solve(free, np.where(free == whole, -1.0, np.where(free == part, 1.0, 0.0)))
            if (part, whole) not in self.sure:
                return False
            if self._is_bound((part, whole), free):
                break
        return True

    def _are_unsafe(self, counts: Ints) -> Flags:
        """Return which counts are suppressed and not yet shown to be safe."""
        low, high = self.lowest[counts], self.highest[counts]
        safe = np.where(self.ends[counts], (low <= 1) & (high >= THRESHOLD - 1), high - low >= THRESHOLD - 2)
        return self.hidden[counts] & ~safe

    def _is_safe(self, count: int) -> bool:
        """Return whether the values found for a suppressed count are far enough apart."""
        if self.ends[count]:
            return bool(self.lowest[count] <= 1 and self.highest[count] >= THRESHOLD - 1)
        return bool(self.highest[count] - self.lowest[count] >= THRESHOLD - 2)

    def _has_reached(self, count: int, direction: float) -> bool:
        """Return whether a small count has reached the end of its range upwards (-1: the aim falls) or downwards."""
        return bool(self.highest[count] >= THRESHOLD - 1 if direction < 0 else self.lowest[count] <= 1)

    def _exchange(self, count: int) -> tuple[int, int]:
        """Let the counts beside it, parts of the very same sums, gain what it loses and lose what it gains.

        Returns what it can lose and gain so, alone of its own area.
        """
        if count in self.sums_of:
            return 0, 0
        rows = self.part_of.get(count, ())
        others = [other for other in self.beside.get(rows, ()) if other != count]
        gain, loss = self._room_above(count), self._room_below(count)
        if rows:
            gain = min(gain, sum(self._room_below(other) for other in others))
            loss = min(loss, sum(self._room_above(other) for other in others))
        self.highest[count] = max(self.highest[count], self.system.truth[count] + gain)
        self.lowest[count] = min(self.lowest[count], self.system.truth[count] - loss)
        return loss, gain

    def _exchange_one(self, part: int, whole: int) -> bool:
        """Say whether a subset can lose one, or its whole gain one, in exchange with the counts beside it."""
        is_apart = bool(self._exchange(part)[0] or self._exchange(whole)[1])
        if is_apart:
            self.sure.discard((part, whole))
        return is_apart

    def _climb(self, count: int) -> None:
        """Move a count as far as it needs, with all that it is a part of."""
        truth = int(self.system.truth[count])
        for by in (1 - truth, THRESHOLD - 1 - truth) if self.ends[count] else (THRESHOLD - 2, 2 - THRESHOLD):
            if by:
                self._move_with_all(count, by)

    def _move_with_all(self, start: int, by: int) -> None:
        """Move a count with each sum it is a part of and each subset it must not pass; keep it if all relations hold."""
        truth, moved, waiting = self.system.truth, set[int](), [start]
        parts_moved: Counter[int] = Counter()
        while waiting:
            count = waiting.pop()
            if count in moved:
                continue
            value = truth[count] + by
            if not self.low[count] <= value <= self.high[count]:
                return
            moved.add(count)
            parts_moved.update(self.part_of.get(count, ()))
            waiting += [self.system.sums[row][0] for row in self.part_of.get(count, ())]
            waiting += [part for part in self.below.get(count, ()) if truth[part] > value]
            waiting += [whole for whole in self.above.get(count, ()) if truth[whole] < value]
        if any(
            parts_moved[row] != 1
            for count in moved
            for row in (*self.part_of.get(count, ()), *self.sums_of.get(count, ()))
        ):
            return
        for count in moved:
            self.lowest[count] = min(self.lowest[count], truth[count] + by)
            self.highest[count] = max(self.highest[count], truth[count] + by)
        if by < 0:
            self.sure -= {(part, whole) for part in moved for whole in self.above.get(part, ()) if whole not in moved}
        else:
            self.sure -= {(part, whole) for whole in moved for part in self.below.get(whole, ()) if part not in moved}

    def _room_above(self, count: int) -> int:
        truth = self.system.truth
        most = min([int(self.high[count]), *(int(truth[whole]) for whole in self.above.get(count, ()))])
        return max(0, most - int(truth[count]))

    def _room_below(self, count: int) -> int:
        truth = self.system.truth
        least = max([int(self.low[count]), *(int(truth[part]) for part in self.below.get(count, ()))])
        return max(0, int(truth[count]) - least)

    def _is_shown_safe(self, count: int, free: Ints) -> bool:
        """Push a count up and down among the free ones."""
        unsafe = self._are_unsafe(free)
        for direction in (-1.0, 1.0):
            if self._is_safe(count) or self.ends[count] and self._has_reached(count, direction):
                continue
            # those that need it too are pushed along, but never at this one's cost
            aim = np.where(unsafe, direction / (1 + len(free)) / _REACH, 0.0)
            aim[free == count] = direction
            self._solve(free, aim)
        return self._is_safe(count)

    def _is_bound(self, question: Question, free: Ints) -> bool:
        """Say whether a count is narrowed, or a subset all of its whole, whatever all but the free counts are.

        Keeps the published counts that bind it.
        """
        count = question[-1]
        if len(question) == 2:
            apart, self.binding[count] = self._farthest(free, {count: -1.0, question[0]: 1.0})
            return apart < 1
        truth = int(self.system.truth[count])
        up, binding_up = self._farthest(free, {count: -1.0})
        down, binding_down = self._farthest(free, {count: 1.0})
        if self.ends[count]:
            is_up_bound = truth + up < THRESHOLD - 1
            self.binding[count] = binding_up if is_up_bound else binding_down
            return is_up_bound or truth - down > 1
        self.binding[count] = binding_up
        return up + down < THRESHOLD - 2

    def _solve(self, free: Ints, aim: np.ndarray, reach: Ints | int = _REACH) -> None:
        """Find whole numbers for the free counts that minimise the aim, and keep what each of them reached."""
        fixed = self._relations(free, self.system.truth, self.system.truth)
        solution = self._linprog(free, aim, 0, reach, fixed)
        if solution.x is not None and np.abs(solution.x - np.rint(solution.x)).max() > 1e-6:
            # the corner of these programs is mostly whole; where not, branching is needed
            solution = self._linprog(free, aim, 1, reach, fixed)
        if solution.x is None:
            return
        values = np.rint(solution.x).astype(np.int64)
        part, least, most = fixed
        if (part @ values < least).any() or (part @ values > most).any():
            return
        if (values < self.low[free]).any() or (values > self.high[free]).any():
            return
        self.lowest[free] = np.minimum(self.lowest[free], values)
        self.highest[free] = np.maximum(self.highest[free], values)
        assigned = dict(zip(free.tolist(), values.tolist(), strict=True))
        self.sure -= {
            (small, large)
            for small in assigned
            for large in self.above.get(small, ())
            if large in assigned and assigned[small] < assigned[large]
        }

    def _farthest(self, free: Ints, aims: dict[int, float]) -> tuple[int, list[int]]:
        """Return how far the aim can fall, whatever all but the free counts may be, and what binds it.

        What binds are the published counts whose interval has a price: the duals of the relaxed program.
        """
        aim = np.zeros(len(free))
        for count, weight in aims.items():
            aim[free == count] = weight
        solution = self._linprog(free, aim, 0, _REACH, self._relations(free, self.low, self.high))
        if solution.x is None:
            return _REACH, []
        price = np.abs(solution.upper.marginals) + np.abs(solution.lower.marginals)
        price[self.hidden[free] | self.system.told[free]] = 0
        order = np.lexsort((free, self.system.truth[free], -np.round(price, 6)))
        fallen = aim @ self.system.truth[free] - solution.fun
        return int(np.floor(fallen + 1e-6)), [int(free[at]) for at in order if price[at] > 1e-6]

    def _linprog(
        self, free: Ints, aim: np.ndarray, integrality: int, reach: Ints | int, relations: Relations
    ) -> OptimizeResult:
        """Minimise the aim over the free counts."""
        part, least, most = relations
        truth = self.system.truth[free]
        equal = least == most
        above, below = ~equal & (most < np.inf), ~equal & (least > -np.inf)
        return linprog(
            aim,
            A_eq=part[equal] if equal.any() else None,
            b_eq=least[equal] if equal.any() else None,
            A_ub=vstack([part[above], -part[below]]) if (above | below).any() else None,
            b_ub=np.concatenate([most[above], -least[below]]) if (above | below).any() else None,
            bounds=np.column_stack(
                [np.maximum(self.low[free], truth - reach), np.minimum(self.high[free], truth + reach)]
            ),
            integrality=integrality,
            method="highs",
            options={"time_limit": _SECONDS},
        )

    def _relations(self, free: Ints, low: Ints, high: Ints) -> Relations:
        """Return the relations that touch free counts, and between what each holds for those: all others lie in low to high."""
        touched = np.unique(self.columns[:, free].indices)
        rows = self.matrix[touched]
        is_free = np.zeros(len(self.system.truth), bool)
        is_free[free] = True
        counts, sign = rows.indices, np.where(is_free[rows.indices], 0, rows.data)
        first = rows.indptr[:-1]
        least_others = np.add.reduceat(sign * np.where(sign > 0, low[counts], high[counts]), first)
        most_others = np.add.reduceat(sign * np.where(sign > 0, high[counts], low[counts]), first)
        unbounded = UNBOUNDED // 2
        most = np.where(least_others < -unbounded, np.inf, -least_others)
        is_sum = touched < len(self.system.sums)
        least = np.where(is_sum & (most_others < unbounded), -most_others, -np.inf)
        return self.columns[:, free].tocsr()[touched], least, most

    def around(self, start: Iterable[int]) -> Iterable[int]:
        """Yield counts by their distance, nearest first; what is zero is known and leads nowhere."""
        seen, rows_seen = set(start), set[int]()
        shell = list(seen)
        while shell:
            yield from shell
            following = []
            for count in shell:
                for row in self._rows(count):
                    if row in rows_seen:
                        continue
                    rows_seen.add(row)
                    for other in self.matrix.indices[self.matrix.indptr[row] : self.matrix.indptr[row + 1]].tolist():
                        if other not in seen and self.system.truth[other] > 0:
                            seen.add(other)
                            following.append(other)
            shell = sorted(following, key=lambda other: (int(self.system.truth[other]), other))

    def _rows(self, count: int) -> list[int]:
        return self.columns.indices[self.columns.indptr[count] : self.columns.indptr[count + 1]].tolist()
