"""How long the things take that people look at: site, prints, workbook and dbt's documentation of both zones."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.bench.lines import Line, line
from tests.bench.measure import Side, alternate
from tests.bench.place import Bench

ROUNDS = 3
WHAT = {"site": "site", "prints": "prints (PDF)", "workbook": "workbook", "docs": "dbt's documentation"}


def run(bench: Bench) -> list[Line]:
    bench.night()
    release, folder = str((bench.data() / "current").resolve()), str(bench.folder / "products")
    sides = {name: Side(f"{__name__}:write", {"what": name, "release": release, "folder": folder}) for name in WHAT}
    runs = alternate(
        sides, bench.environment(f"night_{bench.size}"), ROUNDS, lambda side: bench.step(f"products: {side}")
    )
    return [line(f"{what} of a release, both zones", runs[name]) for name, what in WHAT.items()]


def write(what: str, release: str, folder: str) -> Callable[[], None]:
    """Write one product of both zones into a copy of the release."""
    from include.build import TARGET
    from include.prints.build import write_prints
    from include.release import SITE, ZONES
    from include.site.build import write_site
    from include.site.dbt_docs import write_dbt_docs
    from include.star import write_workbook

    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(release, folder, ignore=shutil.ignore_patterns(SITE, "print", "*.xlsx"))
    manifest = json.loads((Path(release) / "manifest.json").read_text(encoding="utf-8"))
    told = manifest["release"], manifest["as_of"]

    (TARGET / "docs.html").unlink(missing_ok=True)  # else the night's would only be linked

    def work() -> None:
        for zone in (Path(folder) / name for name in ZONES):
            (zone / SITE).mkdir()
            if what == "docs":
                write_dbt_docs(TARGET, zone / SITE / "dbt.html")
            else:
                {"site": write_site, "prints": write_prints, "workbook": write_workbook}[what](zone, *told)

    return work
