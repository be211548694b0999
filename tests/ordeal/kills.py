"""SIGKILL of a whole night, at every named point and at random moments; then the next night, by itself."""

import queue
import random
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

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


def kill_in_a_row(regency: Regency, place: Place, number: int) -> list[Tally]:
    """Kill three nights that follow each other, then let the fourth heal all that the three left.

    Each is killed in another phase, at a moment that the number decides: a step and a share of its usual time. By time
    alone nearly all would fall into dbt. Only the last tally tells of the healing night.
    """
    chance = random.Random(f"{SEED} {number}")
    tallies = []
    regency.put_evening(place)
    for phase in PHASES:
        steps = [step for step in regency.steps if phase_of(step) == phase]
        step = chance.choices(steps, [regency.steps[step] for step in steps])[0]
        share = chance.random() * 0.95
        kill = partial(_kill_after, regency, place, step, share)
        tallies.append(struck(regency, place, f"random {number}: {step}, {share:.0%}", kill))
    heal(regency, place, tallies[-1])
    return tallies


def _kill_after(regency: Regency, place: Place, step: str, share: float) -> Outcome:
    quick = phase_of(step) == PHASES[-1]  # dbt's tests change nothing that its release could differ by
    done = place.night(after_step(step, share * regency.steps[step]), quick=quick)
    if not done.killed:  # a quiet machine is faster than the undisturbed night was: strike earlier
        phases = regency.put_before(phase_of(step), place)
        done = place.night(after_step(step, share / 2 * regency.steps[step]), phases=phases)
    return done


def strike(
    regency: Regency,
    place: Place,
    name: str,
    kill: Callable[[], Outcome],
    next_night: Callable[[], Outcome] | None = None,
) -> Tally:
    """Kill the second night of a prepared place, judge what readers see, and let the next night heal it."""
    tally = struck(regency, place, name, kill)
    heal(regency, place, tally, next_night=next_night)
    return tally


def struck(regency: Regency, place: Place, name: str, kill: Callable[[], Outcome]) -> Tally:
    """Kill a night and judge what readers see of it."""
    tally = Tally(name)
    done = kill()
    tally.seconds += done.seconds
    if not done.killed:
        tally.struck = False
        tally.failures.append(f"the night was not killed but ended with {done.code}: {done.why()}")
    state = place.look()
    tally.release = "old" if state["release"]["files"] == regency.old["release"]["files"] else "new"
    tally.failures += judge.after_the_strike(regency, state)
    return tally


def heal(
    regency: Regency,
    place: Place,
    tally: Tally,
    with_public: bool = True,
    made_anew: bool = False,
    next_night: Callable[[], Outcome] | None = None,
) -> None:
    """Run the next night and compare all with the undisturbed one."""
    healed = next_night() if next_night else place.night(quick=True)
    tally.seconds += healed.seconds
    if healed.code:
        tally.failures.append(f"the next night ended with {healed.code}: {healed.why()}")
    state = place.look(tables=True)
    tally.lost_rows = judge.lost_rows(regency, state)
    tally.failures += judge.after_the_next_night(regency, state, with_public, made_anew)


def phase_of(step: str) -> str:
    """Return the phase of a step or of a point of the same first word."""
    return {"build": "build", "dbt": "build", "audit": "publish", "publish": "publish"}.get(
        re.split(r"\W", step)[0], "intake"
    )


def side_by_side(
    places: list[Place], work: list[Callable[[Place], list[Tally]]], done: Callable[[Tally], None]
) -> list[Tally]:
    """Do all work, one piece at a time in each place; `done` is told of each tally."""
    free: queue.Queue[Place] = queue.Queue()
    for place in places:
        free.put(place)

    def one(piece: Callable[[Place], list[Tally]]) -> list[Tally]:
        place = free.get()
        try:
            tallies = piece(place)
        except Exception as error:  # noqa: BLE001 one that breaks is told and keeps no other from its turn
            tallies = [Tally("a strike that broke", struck=False, failures=[f"{type(error).__name__}: {error}"])]
        finally:
            free.put(place)
        for tally in tallies:
            done(tally)
        return tallies

    with ThreadPoolExecutor(len(places)) as pool:
        return [tally for tallies in pool.map(one, work) for tally in tallies]
