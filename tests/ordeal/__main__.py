"""`make ordeal`: the whole battery, or `make ordeal PART=<section>`; its last line holds all counts."""

import argparse
import sys
import time
from importlib import import_module
from typing import Any

from rich.progress import Progress
from rich.table import Table

from include.console import CONSOLE, bars

SECTIONS = ("hierarchies", "hostile", "fuzz", "sequences", "canary", "faults")
COUNTS = ("kills", "faults", "files", "fuzzed", "lost_rows", "canary_hits", "narrowed_cells")


def main() -> int:
    """Return 0 when no section found anything wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", choices=[*SECTIONS, ""], help="one section alone")
    part = parser.parse_args().part
    counts = dict.fromkeys(COUNTS, 0)
    failures: list[str] = []
    times = Table("section", "figures", "seconds")
    with bars() as progress:
        for name in [part] if part else SECTIONS:
            started = time.monotonic()
            found = _section(name, progress)
            failures += [f"{name}: {failure}" for failure in found.pop("failures", [])]
            for key, value in found.items():
                if key in counts:
                    counts[key] += value
            times.add_row(
                name, ", ".join(f"{key} {value}" for key, value in found.items()), f"{time.monotonic() - started:.0f}"
            )
    CONSOLE.print(times)
    for failure in failures:
        CONSOLE.print(failure, markup=False)
    print("ordeal " + " ".join(f"{name}={counts[name]}" for name in COUNTS))
    return 1 if failures or counts["lost_rows"] or counts["canary_hits"] or counts["narrowed_cells"] else 0


def _section(name: str, progress: Progress) -> dict[str, Any]:
    """Run one section; one that breaks is a failure and keeps no other from running."""
    try:
        found: dict[str, Any] = import_module(f"tests.ordeal.{name}").run(progress)
    except Exception as error:  # noqa: BLE001 it is told below
        return {"failures": [f"{type(error).__name__}: {error}"]}
    return found


if __name__ == "__main__":
    sys.exit(main())
