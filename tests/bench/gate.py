"""How long the gate takes over a regency's weighings, beside one plain SQL pass over the same rows and rules.

Great Expectations is measured alone, as each gate calls it; the whole gate also writes each bad row's reasons and settles
what is believed of every key. Great Expectations on pandas judges a sample, its seconds are reckoned up to all rows.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.intake import CSV_ROWS, DATASET, PLAIN
from tests.bench.lines import Line, line
from tests.bench.measure import Side, alternate, run_side
from tests.bench.place import Bench

ROUNDS = 3
DELIVERIES = 5  # of CSV_ROWS rows: 1.5 million, as a regency weighs in a year
SAMPLE_ROWS = 100_000
Work = Callable[[], dict[str, Any] | None]


def run(bench: Bench) -> list[Line]:
    environment, waiting = bench.environment("gate"), str(bench.folder / "waiting")
    bench.step("gate: loading what is to be judged")
    run_side(_side("fill", file=str(bench.files() / PLAIN), waiting=waiting), environment)
    sides = {
        name: _side(name, waiting=waiting)
        for name in ("sql_pass", "expectations", "sql_written", "whole_gate", "pandas")
    }
    runs = alternate(sides, environment, ROUNDS, lambda side: bench.step(f"gate: {side}"))
    what, factor = f"{DELIVERIES * CSV_ROWS:,} weighings", DELIVERIES * CSV_ROWS / SAMPLE_ROWS
    scaled = [one.scaled(factor) for one in runs["pandas"]]
    return [
        line(
            f"Great Expectations on DuckDB, {what}",
            runs["expectations"],
            "one SQL pass",
            runs["sql_pass"],
            4.0,
            "gate_x",
        ),
        line(f"the whole gate, {what}", runs["whole_gate"], "one SQL pass that writes verdicts", runs["sql_written"]),
        line(
            f"Great Expectations on DuckDB, {what}",
            runs["expectations"],
            "Great Expectations on pandas",
            scaled,
            note=f"pandas on {SAMPLE_ROWS:,} rows, times {factor:.0f}; its memory is that of the sample",
        ),
    ]


def _side(function: str, **arguments: str) -> Side:
    return Side(f"{__name__}:{function}", arguments)


def fill(file: str, waiting: str) -> Work:
    """Load deliveries that differ in their NIK alone, and leave them waiting for their gate in a folder of data."""
    from include import settings, warehouse
    from include.archive import describe
    from include.contract_reader import find_dataset
    from include.load import forget_changed_contract, load_delivery

    dataset = find_dataset(*DATASET)

    def work() -> None:
        shutil.rmtree(settings.DATA, ignore_errors=True)
        folder = settings.LANDING.joinpath(*DATASET, "2026-05")
        folder.mkdir(parents=True)
        text, known = Path(file).read_text(encoding="utf-8"), []
        with warehouse.connect() as con:
            forget_changed_contract(con, dataset)
            for number in range(DELIVERIES):
                path = folder / f"{number}.csv"
                path.write_text(text.replace(",3600000000", f",360{number}000000"), encoding="utf-8")
                known.append(describe(path, dataset, known))
                refusal = load_delivery(con, dataset, known[-1], path)
                assert refusal is None, refusal
                path.unlink()
        shutil.rmtree(waiting, ignore_errors=True)
        shutil.copytree(settings.DATA, waiting)

    return work


def _waiting(waiting: str) -> tuple[Any, list[str]]:
    """Put the loaded deliveries where they wait for their gate again; return the dataset and their ids."""
    from include import settings, warehouse
    from include.contract_reader import find_dataset

    shutil.rmtree(settings.DATA, ignore_errors=True)
    shutil.copytree(waiting, settings.DATA)
    with warehouse.connect() as con:
        return find_dataset(*DATASET), [
            row[0] for row in con.execute("select delivery_id from audit.deliveries").fetchall()
        ]


def sql_pass(waiting: str) -> Work:
    """Every rule in one query, counted; no row is named."""
    from include import warehouse
    from include.settle import batch
    from include.words import all_rules, fails

    dataset, deliveries = _waiting(waiting)
    counts = ", ".join(f"count(*) filter ({fails(rule, dataset)})" for rule in all_rules(dataset))

    def work() -> dict[str, Any]:
        con = warehouse.open_to_read()
        [row] = con.execute(f"select {counts} from ({batch(dataset, deliveries)})").fetchall()
        con.close()
        return {"bad": sum(row)}

    return work


def sql_written(waiting: str) -> Work:
    """Every rule in one query that writes each row with a verdict: no reason, no key, no time of belief."""
    from include import warehouse
    from include.settle import batch
    from include.words import all_rules, fails

    dataset, deliveries = _waiting(waiting)
    bad = " or ".join(f"({fails(rule, dataset)})" for rule in all_rules(dataset) if rule.severity == "error")

    def work() -> None:
        with warehouse.connect() as con:
            con.execute(
                f"create table judged as select *, coalesce({bad}, false) as is_bad from ({batch(dataset, deliveries)})"
            )

    return work


def expectations(waiting: str) -> Work:
    import great_expectations  # noqa: F401  a process that judges has it loaded

    from include.settle import batch, judgements
    from include.validate import validate

    dataset, deliveries = _waiting(waiting)

    def work() -> dict[str, Any]:
        results = validate(dataset, judgements(dataset), batch(dataset, deliveries))
        assert not any(result.has_raised for result in results)
        return {"bad": sum(result.unexpected_count for result in results if "." in result.rule)}

    return work


def whole_gate(waiting: str) -> Work:
    import great_expectations  # noqa: F401  as above

    from include.gate import pass_gate

    dataset, _ = _waiting(waiting)

    def work() -> None:
        assert not pass_gate(dataset).held  # of a held delivery no row is settled

    return work


def pandas(waiting: str) -> Work:
    import great_expectations  # noqa: F401  as above

    from include import warehouse
    from tests.bench.naive.rules import validate

    dataset, _ = _waiting(waiting)
    names = "array_to_string(_unreadable, ' ') as _unreadable"
    with warehouse.connect() as con:
        frame = con.execute(f"select * replace ({names}) from {dataset.table} limit {SAMPLE_ROWS}").df()

    def work() -> dict[str, Any]:
        return {"bad": sum(map(len, validate(frame, dataset).values()))}

    return work
