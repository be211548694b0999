"""Compares what a struck night left with what may be left, and the next night with the undisturbed one."""

from typing import Any

from tests.ordeal.regency import Regency
from tests.ordeal.state import DAMAGED

State = dict[str, Any]

# What a gate saw when it last judged: after the database was made anew all deliveries at once, not the newest.
OF_ONE_GATE = {"audit.contracts", "audit.expectation_results"}


def after_the_strike(regency: Regency, state: State, partly: bool = False, moved: bool = False) -> list[str]:
    """The release is exactly the old or the new one, all rows there are accounted for, every file is somewhere.

    `partly`: the night lived on after one dataset failed, so its release is whole but may hold the others' news
    alone. `moved`: the fault itself took a file away.
    """
    found = [f"release: {fault}" for fault in state["release"]["faults"]]
    if not partly and state["release"]["files"] != regency.old["release"]["files"]:
        found += _unlike_new(regency, state)
    found += [f"accounting: {line}" for line in state["unbalanced"]]
    if not moved:
        found += [f"lost: {name}" for name in lost_files(regency, state)]
    return found


def _unlike_new(regency: Regency, state: State, with_public: bool = True) -> list[str]:
    wanted, there = regency.new["release"], state["release"]
    if not with_public:
        wanted, there = _without_public(wanted), _without_public(there)
    found = [
        f"release: {name} is neither the old nor the new one"
        for name in sorted(set(wanted["alike"]) | set(there["alike"]))
        if wanted["alike"].get(name) != there["alike"].get(name)
    ]
    found += _unequal("release table", wanted["tables"], there["tables"])
    return found


def _without_public(release: State) -> State:
    """Leave out the public zone and the exact counts behind it, of which some may be those of the release before."""
    return release | {
        what: {
            name: value
            for name, value in release[what].items()
            if not name.startswith(("public/", "task_force/behind_public"))
        }
        for what in ("alike", "tables")
    }


def lost_files(regency: Regency, state: State) -> list[str]:
    """Files of the second evening that lie neither in the landing folder nor whole in the archive."""
    kept = {receipt["delivery_id"][:64] for receipt in state["archive"].values() if receipt["is_whole"]}
    kept |= set(state["landing"].values())
    return [name for name, digest in regency.delivered.items() if digest not in kept]


def lost_rows(regency: Regency, state: State) -> int:
    """Rows that the undisturbed night read and this one did not."""
    there = {key: delivery["rows_read"] for key, delivery in state["deliveries"].items()}
    return sum(max(0, d["rows_read"] - there.get(key, 0)) for key, d in regency.new["deliveries"].items())


def after_the_next_night(
    regency: Regency, state: State, with_public: bool = True, made_anew: bool = False
) -> list[str]:
    """All is as after the night that nobody disturbed, and nothing is left behind.

    Without `with_public` where the fault took the last release away: what is suppressed in public depends on it.
    `made_anew` where it took the working database away.
    """
    found = [f"release: {fault}" for fault in state["release"]["faults"]]
    found += _unlike_new(regency, state, with_public)
    found += [f"accounting: {line}" for line in state["unbalanced"]]
    if state["unreadable"]:
        found.append(f"working database: {state['unreadable']}")
    # a damaged block of cells that no step has read yet is seen, and all made again, when one does
    asleep = {name for name, value in state["tables"].items() if value == DAMAGED and name.startswith("raw.")}
    left_out = asleep | (OF_ONE_GATE if made_anew else set())
    wanted, there = (
        {name: value for name, value in tables.items() if name not in left_out}
        for tables in (regency.new["tables"], state["tables"])
    )
    found += _unequal("table", wanted, there)
    for what in ("archive", "landing", "deliveries"):
        found += _unequal(what, regency.new[what], state[what])
    if state["returns"] != regency.new["returns"]:
        found.append(f"returns: {sorted(set(state['returns']) ^ set(regency.new['returns']))}")
    found += [f"left behind: {path}" for path in state["left_behind"]]
    return found


def _unequal(what: str, wanted: State, there: State) -> list[str]:
    return [f"{what} {key} differs" for key in sorted(set(wanted) | set(there)) if wanted.get(key) != there.get(key)]
