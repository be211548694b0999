"""Command line: python -m include.synthetic --size small --landing DIR --truth DIR."""

import argparse
import csv
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from include import settings
from include.problem import Problem, run
from include.synthetic.budgets import build_budgets, build_surveys
from include.synthetic.couples import build_couples
from include.synthetic.deliveries import Delivery, plan, planned_faults, send, who_is_who
from include.synthetic.families_at_risk import build_families_at_risk, build_family_codes, list_families_at_risk
from include.synthetic.faults import (
    LEVELS,
    Faults,
    add_civil_names_and_dtsen_dates,
    add_parents_as_written,
    add_register_faults,
    assign_entries,
    register_entries,
)
from include.synthetic.growth import grow
from include.synthetic.immunisations import build_immunisations, list_immunisations
from include.synthetic.names import NAMES, WORDS, Words
from include.synthetic.population import (
    SIZES,
    Columns,
    Regions,
    Size,
    add_agency_chances,
    add_household_risks,
    build_children,
    build_families,
    build_members,
    read_regions,
)
from include.synthetic.pregnancies import build_pregnancies, list_pregnancies
from include.synthetic.programmes import build_programmes
from include.synthetic.spelling import ERRORS
from include.synthetic.store import TRUTH, store
from include.synthetic.weighings import POSYANDU_PER_DESA, draw_habits, posyandu_days, weigh

SEED = 3604
Report = Callable[[str, int], Callable[[], None]]


def invent(
    size: Size,
    regions: Regions,
    seed: int,
    faults: Faults = LEVELS["base"],
    words: Words = WORDS,
    errors: str = "office",
) -> dict[str, Columns]:
    """Draw the whole regency; every step has its own stream of chance, so that one step's change moves no other."""
    streams = (np.random.default_rng([seed, step]) for step in range(100))
    families = build_families(size, regions, next(streams))
    children = build_children(size, families, words, faults.capil_missing, next(streams))
    members = build_members(families, children, regions, words, next(streams))
    add_household_risks(families, children, members)
    add_agency_chances(families, members, faults.dtsen_older_card, next(streams))

    desa = families["desa"][children["family"]]
    puskesmas = regions.desa["puskesmas"][desa]
    children["posyandu"] = desa * POSYANDU_PER_DESA + next(streams).integers(0, POSYANDU_PER_DESA, desa.size)
    days = posyandu_days(size.month_starts, children["posyandu"], next(streams))
    growth = grow(children, days, desa, next(streams))
    habits = draw_habits(regions.puskesmas["puskesmas"].size, next(streams))
    weighings = weigh(growth, children, puskesmas, habits, next(streams))
    entries = register_entries(children, members, faults, errors, next(streams))
    rows = assign_entries(weighings, entries, next(streams))
    add_register_faults(families, members, regions.desa["desa"].size, faults, errors, next(streams))
    add_parents_as_written(entries, families, children, members, faults, errors, next(streams))
    add_civil_names_and_dtsen_dates(members, faults, errors, next(streams))
    return {
        "family": families,
        "child": children,
        "person": members,
        "growth": growth,
        "entry": entries,
        "habit": habits,
        "weighing": _lists(rows, children["posyandu"], regions.puskesmas["puskesmas"].size),
        **_invent_services(size, regions, families, children, members, faults, words, errors, streams),
    }


def _invent_services(
    size: Size,
    regions: Regions,
    families: Columns,
    children: Columns,
    members: Columns,
    faults: Faults,
    words: Words,
    errors: str,
    streams: Iterator[np.random.Generator],
) -> dict[str, Columns]:
    """What agencies do for these people, and how their lists write it down; a list's table is called as the list."""
    pregnancies = build_pregnancies(families, children, members, regions, next(streams))
    pregnancy_rows = list_pregnancies(pregnancies, members, faults, errors, next(streams))
    doses = build_immunisations(families, children, regions, next(streams))
    dose_rows = list_immunisations(doses, families, children, members, regions, faults, errors, next(streams))
    family_codes = build_family_codes(families, members, faults, errors, next(streams))
    at_risk = build_families_at_risk(families, children, members, pregnancies, regions, next(streams))
    at_risk_rows = list_families_at_risk(at_risk, next(streams))
    couples = build_couples(size, families, regions, words, next(streams))
    return {
        "pregnancy": pregnancies,
        "ibu_hamil": pregnancy_rows,
        "immunisation": doses,
        "imunisasi": dose_rows,
        "family_code": family_codes,
        "at_risk": at_risk,
        "krs_keluarga": at_risk_rows,
        "couple": couples,
        **build_programmes(families, members, at_risk, couples, regions, next(streams)),
        "anggaran": build_budgets(size, next(streams)),
        "survei": build_surveys(regions, next(streams)),
    }


def _lists(rows: Columns, posyandu: np.ndarray, puskesmas_count: int) -> Columns:
    """Order weighings as the lists of a month and puskesmas show them, and number the lists and their rows."""
    file_no = rows["month"].astype(int) * puskesmas_count + rows["puskesmas"]
    order = np.lexsort((np.arange(file_no.size), rows["entry"], posyandu[rows["child"]], file_no))
    file_no = file_no[order]
    is_first = np.r_[True, np.diff(file_no) != 0]
    place = np.arange(order.size)
    row_no = place - np.maximum.accumulate(np.where(is_first, place, 0)) + 1
    ordered = {name: values[order] for name, values in rows.items()}
    return {"file_no": file_no.astype(np.int32), "row_no": row_no.astype(np.int32), **ordered}


def write_files_list(deliveries: list[Delivery], truth: Path) -> None:
    """Write truth/files.csv: every delivery in order of arrival, with its fault."""
    with (truth / "files.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("path", "arrived_at", "file_no", "layout", "fault"))
        for delivery in deliveries:
            number = "" if delivery.file_no is None else delivery.file_no
            layout = delivery.form.layout or delivery.path.parts[1]
            writer.writerow((delivery.path, delivery.arrived_at.isoformat(), number, layout, delivery.fault))


def write_regency(
    size: Size,
    landing: Path,
    truth: Path,
    seed: int = SEED,
    workers: int = 1,
    report: Report = lambda label, total: lambda: None,
    *,
    faults: str = "base",
    names: str = "common",
    errors: str = "office",
) -> int:
    """Invent a regency and write its deliveries and its truth.

    Args:
        size: a value of SIZES.
        landing: folder of the deliveries; it must hold nothing of another run.
        truth: folder for what only tests and measurements may read.
        seed: of all chance; the same arguments give the same bytes.
        workers: number of processes.
        report: called once with a label and the number of steps, returns what is called after each step.
        faults: a key of LEVELS.
        names: a key of NAMES.
        errors: one of ERRORS, how names come to be misspelled.

    Returns:
        The number of delivered files.
    """
    for folder in (landing, truth):
        folder.mkdir(parents=True, exist_ok=True)
    regions = read_regions(size)
    deliveries = plan(size, regions)
    planned = {landing / delivery.path for delivery in deliveries}
    if strange := sorted(path for path in landing.rglob("*.*") if path.is_file() and path not in planned):
        raise Problem(f"{landing} holds files of another run or source, for example {strange[0]}; empty it first.")
    truths = TRUTH | {"agency_rows": who_is_who(deliveries), "planned_faults": planned_faults(deliveries)}
    done = report("people and growth", len(deliveries) + len(truths) + 1)
    tables = invent(size, regions, seed, LEVELS[faults], NAMES[names], errors)
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "regency.duckdb"
        store(database, tables, regions)
        del tables
        done()
        send(deliveries, truths, database, landing, truth, workers, done)
    write_files_list(deliveries, truth)
    return len(deliveries)


def main() -> None:
    """Parse the command line and write a regency, with a progress bar on stderr."""
    parser = argparse.ArgumentParser(prog="python -m include.synthetic", description=__doc__)
    parser.add_argument("--size", choices=list(SIZES), default="small")
    code = int(settings.REGENCY.code.replace(".", ""))  # so that no two regencies have the same people
    parser.add_argument("--seed", type=int, default=code, help="of all chance; the regency's code by itself")
    parser.add_argument("--faults", choices=list(LEVELS), default="base", help="how often registers err")
    parser.add_argument("--names", choices=list(NAMES), default="common", help="the list of given names")
    parser.add_argument("--errors", choices=ERRORS, default="office", help="how names come to be misspelled")
    parser.add_argument("--landing", type=Path, required=True, help="folder that receives the deliveries")
    parser.add_argument("--truth", type=Path, required=True, help="folder for what only tests may read")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:

        def report(label: str, total: int) -> Callable[[], None]:
            task = progress.add_task(label, total=total)

            def done() -> None:
                progress.update(task, advance=1, description="deliveries")

            return done

        count = write_regency(
            SIZES[options.size],
            options.landing,
            options.truth,
            options.seed,
            options.workers,
            report,
            faults=options.faults,
            names=options.names,
            errors=options.errors,
        )
    print(f"{count} files in {options.landing}")


if __name__ == "__main__":
    run(main)
