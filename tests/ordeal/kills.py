"""SIGKILL of a whole night, at every named point and at random moments; then the next night, by itself."""

import queue
import random
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.ordeal import judge
from tests.ordeal.night import PHASES
from tests.ordeal.points import Point
from tests.ordeal.regency import Regency
from tests.ordeal.stage import Outcome, Place, after_step

SEED = 6


@dataclass
class Tally:
    """What came of a strike: name, whether it took place, rows lost, what was wrong."""

    name: str
    struck: bool = True
    lost_rows: int = 0
    failures: list[str] = field(default_factory=list)
    release: str = ""
    note: str = ""
    seconds: float = 0.0


def kill_at(regency: Regency, place: Place, point: Point) -> Tally:
    """Kill a night at the point and judge what is left, then the next night."""
    phases = regency.put_before(phase_of(point.name), place)
    return strike(
        regency,
        place,
        point.name,
        lambda: place.night(point.watch(), seams=[point.seam] if point.seam else [], phases=phases),
    )


def kill_at_random(regency: Regency, place: Place, number: int) -> Tally:
    """Kill a night at a moment that the number decides: a step and a share of its usual time.

    A third of the moments falls into each phase: by time alone nearly all would fall into dbt.
    """
    chance = random.Random(f"{SEED} {number}")
    phase = PHASES[number % len(PHASES)]
    steps = [step for step in regency.steps if phase_of(step) == phase]
    step = chance.choices(steps, [regency.steps[step] for step in steps])[0]
    share = chance.random() * 0.95
    name = f"random {number}: {step}, {share:.0%}"

    def kill() -> Outcome:
        done = place.night(after_step(step, share * regency.steps[step]), phases=phases)
        if not done.killed:  # a quiet machine is faster than the undisturbed night was: strike earlier
            regency.put_before(phase, place)
            done = place.night(after_step(step, share / 2 * regency.steps[step]), phases=phases)
        return done

    phases = regency.put_before(phase, place)

    return strike(regency, place, name, kill)


def strike(
    regency: Regency,
    place: Place,
    name: str,
    kill: Callable[[], Outcome],
    next_night: Callable[[], Outcome] | None = None,
) -> Tally:
    """Kill the second night of a prepared place, judge what readers see, and let the next night heal it."""
    tally = Tally(name)
    struck = kill()
    tally.seconds += struck.seconds
    if not struck.killed:
        tally.struck = False
        tally.failures.append(f"the night was not killed but ended with {struck.code}: {struck.why()}")
    state = place.look()
    tally.release = "old" if state["release"]["files"] == regency.old["release"]["files"] else "new"
    tally.failures += judge.after_the_strike(regency, state)
    heal(regency, place, tally, next_night=next_night)
    return tally


def heal(
    regency: Regency,
    place: Place,
    tally: Tally,
    with_public: bool = True,
    next_night: Callable[[], Outcome] | None = None,
) -> None:
    """Run the next night and compare all with the undisturbed one."""
    healed = next_night() if next_night else place.night(quick=True)
    tally.seconds += healed.seconds
    if healed.code:
        tally.failures.append(f"the next night ended with {healed.code}: {healed.why()}")
    state = place.look(tables=True)
    tally.lost_rows = judge.lost_rows(regency, state)
    tally.failures += judge.after_the_next_night(regency, state, with_public)


def phase_of(step: str) -> str:
    """Return the phase of a step or of a point of the same first word."""
    return {"build": "build", "dbt": "build", "audit": "publish", "publish": "publish"}.get(
        re.split(r"\W", step)[0], "intake"
    )


def side_by_side(
    places: list[Place], work: list[Callable[[Place], Tally]], done: Callable[[Tally], None]
) -> list[Tally]:
    """Do all work, one piece at a time in each place; `done` is told of each."""
    free: queue.Queue[Place] = queue.Queue()
    for place in places:
        free.put(place)

    def one(piece: Callable[[Place], Tally]) -> Tally:
        place = free.get()
        try:
            result = piece(place)
        finally:
            free.put(place)
        done(result)
        return result

    with ThreadPoolExecutor(len(places)) as pool:
        return list(pool.map(one, work))


def summary(tallies: list[Tally]) -> Counter[str]:
    """Count strikes by the release that readers saw afterwards."""
    return Counter(tally.release for tally in tallies if tally.struck)
