"""The battery of kills and faults, two nights at a time; `run` returns its counts."""

import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rich.progress import Progress
from rich.table import Table

from include.console import CONSOLE
from tests.ordeal.airflow import KILLS as AIRFLOW_KILLS
from tests.ordeal.airflow import kill_real_night
from tests.ordeal.damage import DATABASE_FAULTS
from tests.ordeal.kills import Tally, kill_at, kill_in_a_row, side_by_side
from tests.ordeal.memory import cap_memory
from tests.ordeal.night import PHASES
from tests.ordeal.points import NAMED
from tests.ordeal.regency import Regency, prepare
from tests.ordeal.stage import Place
from tests.ordeal.trouble import TROUBLES

AT_ONCE = 2
FAULTS = [*TROUBLES, *DATABASE_FAULTS]
ROWS_OF_KILLS = 34  # of three random kills each


def run(progress: Progress) -> dict[str, Any]:
    """Kill at every named point and at random moments, bring about every other fault, and judge each."""
    with tempfile.TemporaryDirectory(prefix="ordeal_") as folder:
        places = [Place(Path(folder) / f"place{number}") for number in range(AT_ONCE)]
        try:
            bar = progress.add_task("faults: two undisturbed nights", total=None)
            regency = prepare(Path(folder) / "regency", places)
            progress.remove_task(bar)
            kills = _kills(progress, regency, places)
            faults = _faults(progress, regency, places)
        finally:
            for place in places:
                place.close()
    caps = cap_memory(progress) if "TEGAK_LARGE_NIGHT" in os.environ else []
    _show(kills, faults, caps)
    tallies = [*kills, *faults, *caps]
    return {
        "kills": sum(tally.struck for tally in kills),
        "faults": len(faults) + len(caps),
        "lost_rows": sum(tally.lost_rows for tally in tallies),
        "failures": [f"{tally.name}: {failure}" for tally in tallies for failure in tally.failures],
    }


def _kills(progress: Progress, regency: Regency, places: list[Place]) -> list[Tally]:
    work = [_alone(partial(kill_at, regency, point=point)) for point in NAMED]
    work += [partial(kill_in_a_row, regency, number=number) for number in range(ROWS_OF_KILLS)]
    work += [_alone(partial(kill_real_night, regency, line=line)) for line in AIRFLOW_KILLS]
    bar = progress.add_task("faults: kills", total=len(NAMED) + len(PHASES) * ROWS_OF_KILLS + len(AIRFLOW_KILLS))

    def told(tally: Tally) -> None:
        _tell(progress, bar, tally)

    return side_by_side(places, work, told)


def _faults(progress: Progress, regency: Regency, places: list[Place]) -> list[Tally]:
    bar = progress.add_task("faults: others", total=len(FAULTS))
    return side_by_side(
        places, [_alone(partial(fault, regency)) for fault in FAULTS], lambda tally: _tell(progress, bar, tally)
    )


def _alone(piece: Callable[[Place], Tally]) -> Callable[[Place], list[Tally]]:
    return lambda place: [piece(place)]


def _tell(progress: Progress, bar: Any, tally: Tally) -> None:
    progress.advance(bar)
    for failure in tally.failures:
        progress.console.print(f"[red]{tally.name}:[/] ", end="")
        progress.console.print(failure, markup=False)


def _show(kills: list[Tally], faults: list[Tally], caps: list[Tally]) -> None:
    table = Table("kill at", "times", "readers saw the old release", "the new one", "next night not as undisturbed")
    groups = [(tally.name, [tally]) for tally in kills if not tally.name.startswith("random")]
    groups += [
        (
            f"random, {part}",
            [t for n, t in enumerate(t for t in kills if t.name.startswith("random")) if n % len(PHASES) == place],
        )
        for place, part in enumerate(PHASES)
    ]
    for name, group in groups:
        struck = [tally for tally in group if tally.struck]
        old = sum(tally.release == "old" for tally in struck)
        bad = sum(bool(tally.failures) for tally in group)
        table.add_row(name, str(len(struck)), str(old), str(len(struck) - old), str(bad or ""))
    CONSOLE.print(table)
    table = Table("fault", "the night under it", "readers saw", "failures")
    for tally in [*faults, *caps]:
        table.add_row(tally.name, tally.note, tally.release, "; ".join(tally.failures))
    CONSOLE.print(table)
    if not caps:
        CONSOLE.print("memory caps: not run; TEGAK_LARGE_NIGHT=<a data folder after a regency's night> runs them")
    CONSOLE.print(
        "The next night is compared without dbt's tests (they query tables that are compared), without the columns of "
        "tests/ordeal/state.py VARIES (times, the release's name), and manifest and DuckDB files by their content."
    )
