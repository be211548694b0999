"""Caps on the memory of a whole night at regency size: it ends well or says why, and loses nothing either way.

Takes a prepared data folder (`TEGAK_LARGE_NIGHT`: after a night of the regency, under the caller's keys); half an hour of one
machine, so no part of the ordinary battery.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from rich.progress import Progress

from tests.ordeal.kills import Tally
from tests.ordeal.stage import KEYS, Place

CAPS = (1, 2, 4)  # GB
_GROUP = Path("/sys/fs/cgroup/memory/tegak_ordeal")


def cap_memory(progress: Progress) -> list[Tally]:
    """Run one night under each cap on the regency's folder, from its files; return what came of each."""
    source = Path(os.environ["TEGAK_LARGE_NIGHT"])
    keys = {name: os.environ[name] for name in KEYS}  # those that the folder was made with
    bar = progress.add_task("faults: memory caps", total=len(CAPS))
    tallies = []
    with tempfile.TemporaryDirectory(prefix="ordeal_", dir=source.parent) as folder:
        for cap in CAPS:
            place = Place(Path(folder) / f"cap{cap}", keys)
            try:
                tallies.append(_night(source, place, cap))
            finally:
                place.close()
            progress.advance(bar)
    return tallies


def _night(source: Path, place: Place, cap: int) -> Tally:
    """A night under the cap that loads, builds and publishes all again; DuckDB may take half of it.

    After one that failed the next runs without a cap: rows are lost only if that one lacks them.
    """
    shutil.copytree(source, place.data, symlinks=True)
    before = place.look(tables=False)
    for path in place.data.glob("warehouse.duckdb*"):
        path.unlink()  # so that all is loaded again too
    how, limits = _limit(cap)
    tally = Tally(f"memory cap {cap} GB at regency size ({how})")
    done = place.night(
        limits=limits, env={"TEGAK_MEMORY": f"{cap * 512}MB"}, group=str(_GROUP) if how == "cgroup" else ""
    )
    state = place.look()
    tally.seconds, tally.note = (
        done.seconds,
        f"ended with {done.code} after {done.seconds:.0f} s" + (f": {done.why()}" if done.code else ""),
    )
    tally.failures += state["release"]["faults"] + [f"accounting: {line}" for line in state["unbalanced"]]
    tally.release = "old" if before["release"]["name"] == state["release"]["name"] else "new"
    if done.code:
        healed = place.night(quick=True)
        tally.note += f"; the next night ended with {healed.code}" + (f": {healed.why()}" if healed.code else "")
        state = place.look()
        tally.failures += state["release"]["faults"] + [f"accounting: {line}" for line in state["unbalanced"]]
    if _parquet(before) != _parquet(state):
        tally.failures.append("the release has other rows than the one before")
    tally.lost_rows = sum(
        max(0, d["rows_read"] - state["deliveries"].get(key, {"rows_read": 0})["rows_read"])
        for key, d in before["deliveries"].items()
    )
    return tally


def _parquet(state: dict[str, Any]) -> dict[str, str]:
    return {name: digest for name, digest in state["release"]["files"].items() if name.endswith(".parquet")}


def _limit(cap: int) -> tuple[str, dict[str, int]]:
    """Cap the resident memory of all processes of the night by a control group, or each one's data without root."""
    try:
        _GROUP.mkdir(exist_ok=True)
        (_GROUP / "memory.limit_in_bytes").write_text(str(cap * 2**30))
    except OSError:
        return "RLIMIT_DATA", {"RLIMIT_DATA": cap * 2**30}
    return "cgroup", {}
