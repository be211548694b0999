"""How long it takes to find out who is who, on the records of the measured night."""

import json
import shutil
from collections.abc import Callable
from typing import Any

from tests.bench.lines import Line, line
from tests.bench.measure import Side, alternate
from tests.bench.place import Bench

ROUNDS = 3


def run(bench: Bench) -> list[Line]:
    bench.night()
    environment = bench.environment("linkage")
    sides = {"linkage": Side(f"{__name__}:link", {"night": str(bench.data())})}
    runs = alternate(sides, environment, ROUNDS, lambda side: bench.step(side))["linkage"]
    told = runs[0].told
    seconds = sorted(one.told["model_seconds"] for one in runs)[len(runs) // 2]
    note = f"{seconds:.1f} s in the models: {told['records'] / seconds:,.0f} records a second"
    what = f"linkage of {told['records']:,} records, {told['pairs']:,} pairs, with dbt's start"
    return [line(what, runs, note=note)]


def link(night: str) -> Callable[[], dict[str, Any]]:
    """Build the models of linkage again over a night's database."""
    from include import build, settings, warehouse

    shutil.rmtree(settings.DATA, ignore_errors=True)
    settings.DATA.mkdir(parents=True)
    for name in ("warehouse.duckdb", "keyring.json"):
        shutil.copy(f"{night}/{name}", settings.DATA)
    shutil.copytree(f"{night}/dbt", build.TARGET)

    def work() -> dict[str, Any]:
        assert build.run_dbt("run", "--select", "intermediate.linkage") == 0
        results = json.loads((build.TARGET / "run_results.json").read_text(encoding="utf-8"))["results"]
        with warehouse.connect(read_only=True) as con:
            [(records,)] = con.execute("select count(*) from intermediate.int_linkage_records").fetchall()
            [(pairs,)] = con.execute("select count(*) from intermediate.int_linkage_pairs").fetchall()
        return {"model_seconds": sum(one["execution_time"] for one in results), "records": records, "pairs": pairs}

    return work
