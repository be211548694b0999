"""`make linkage`: how well records are linked, on invented regencies whose truth is known.

For each level of faults and seed one small regency is invented, loaded and linked by the same code as every night.
A writing of one register is right when it reaches its own child of the other register and no other child. Figures on
invented data are an upper bound: published registers reach 84-97 %.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.progress import Progress
from rich.table import Table

from include import settings, warehouse
from include.console import CONSOLE
from include.problem import run

SEEDS = (11, 12, 13, 14, 15)
T_95 = 2.776  # Student's t for five seeds
# what is measured: label, level of faults, list of names, way of erring
WORLDS = {
    "mild": ("mild", "common", "office"),
    "base": ("base", "common", "office"),
    "harsh": ("harsh", "common", "office"),
    "base, names and errors never seen": ("base", "other", "keyboard"),
}
OVERALL, WITHOUT_NIK = "health register to the others", "of these, without the child's NIK"
FAMILIES, PREGNANCIES = "family of BKKBN to its card", "pregnant woman to her card"

_TRUTH = """
create temp table truth as
select
    p.agency,
    p.identity_key,
    min(t.child) as child,
    count(distinct t.child) as children,
    bool_or(p.nik = lpad(c.nik::varchar, 16, '0')) is not true as is_without_nik
from intermediate.int_persons as p
inner join audit.deliveries as d using (delivery_id)
inner join '{truth}/agency_rows.parquet' as t
    on t.path = concat_ws('/', d.agency, d.dataset, d.period, d.file_name) and t.row_no = p.delivery_row
inner join '{truth}/children.parquet' as c on t.child = c.child
group by all;

create temp table linked as
select truth.*, links.child_id, links.rule, links.record_id
from truth
inner join intermediate.int_child_links as links using (agency, identity_key);
"""
# per pair of registers: right, wrong and missed writings
_REACHED = """
with reached as (
    select a.agency, a.identity_key, b.agency as other, bool_or(a.child = b.child) as is_right,
        bool_or(a.child <> b.child) as is_wrong
    from linked as a
    inner join linked as b on a.child_id = b.child_id and a.agency <> b.agency
    group by all
),
known as (select distinct agency, child from linked)
select l.agency || ' to ' || o.agency, l.is_without_nik, l.rule,
    count(*) filter (where r.is_right and not r.is_wrong),
    count(*) filter (where r.is_wrong),
    count(*) filter (where k.child is not null and r.is_right is not true)
from linked as l
inner join (select distinct agency from linked) as o on l.agency <> o.agency
left join known as k on k.agency = o.agency and k.child = l.child
left join reached as r on r.agency = l.agency and r.identity_key = l.identity_key and r.other = o.agency
group by all
"""
# pairs of writings inside one register: those of one child, and those linked that are not
_DUPLICATES = """
with pairs as (
    select agency, true as is_one_child, a.child_id = b.child_id as is_linked
    from linked as a inner join linked as b using (agency, child)
    where a.record_id < b.record_id
    union all
    select agency, false, true
    from linked as a inner join linked as b using (agency, child_id)
    where a.record_id < b.record_id and a.child <> b.child
)
select 'inside ' || agency, count(*) filter (is_one_child and is_linked), count(*) filter (not is_one_child),
    count(*) filter (not is_linked)
from pairs
group by all
"""
_TWINS = """
with twins as (
    select a.child, b.child as other
    from '{truth}/children.parquet' as a
    inner join '{truth}/children.parquet' as b
        on a.family = b.family and a.born_on = b.born_on and a.child < b.child
)
select count(distinct (twins.child, twins.other))
from twins
inner join linked as a on a.child = twins.child
inner join linked as b on b.child = twins.other and a.child_id = b.child_id
"""
# of the registers that may list a child twice, the one believed first
_HEALTH = "select arg_min(agency, authority) from intermediate.int_linkage_records where not is_one_row_each"
_REVIEW = f"""
select count(distinct linked.child) filter (where r.identity is not null) / count(distinct linked.child)
from linked
left join (
    select agency_a as agency, identity_a as identity from intermediate.int_linkage_reviews
    union all
    select agency_b, identity_b from intermediate.int_linkage_reviews
) as r on linked.agency = r.agency and linked.identity_key = r.identity
where linked.agency = ({_HEALTH})
"""
_MOTHERS = """
select count(*) filter (where c.no_kk in (f.no_kk::varchar, f.dtsen_no_kk::varchar)),
    count(*) filter (where c.no_kk not in (f.no_kk::varchar, f.dtsen_no_kk::varchar)), 0
from intermediate.int_child_cards_by_mother as c
inner join (select child_id, any_value(child) as child from linked group by child_id) using (child_id)
inner join '{truth}/children.parquet' as t using (child)
inner join '{truth}/families.parquet' as f on t.family = f.family
"""
# rows of a list of women: on a true card of the family, on another, on none although a register has one of them
_CARDS = """
with families as (
    select family, unnest([no_kk::varchar, dtsen_no_kk::varchar]) as no_kk from '{truth}/families.parquet'
),
carded as (select distinct family from families where no_kk in (select no_kk from intermediate.int_persons)),
told as ({told})
select count(*) filter (f.family is not null),
    count(*) filter (told.no_kk is not null and f.family is null),
    count(*) filter (told.no_kk is null and told.family in (select family from carded))
from told
left join (select distinct family, no_kk from families) as f on told.family = f.family and told.no_kk = f.no_kk
"""
_FAMILIES = """
select c.no_kk, t.family
from intermediate.int_bkkbn_family_cards as c
inner join (select distinct family, family_code::varchar as family_code from '{truth}/krs_families.parquet') as t
    using (family_code)
"""
# no two women of an invented regency share both dates, or neither is counted
_PREGNANCIES = """
select c.no_kk, t.family
from intermediate.int_pregnancy_cards as c
inner join staging.stg_dinkes__pregnancies as s using (pregnancy_key, as_of)
inner join (
    select p.lmp_on, m.born_on, any_value(p.family) as family
    from '{truth}/pregnancies.parquet' as p
    inner join '{truth}/persons.parquet' as m on p.mother = m.person
    group by all
    having count(distinct p.family) = 1
) as t on s.last_menstruation_on = t.lmp_on and s.mother_born_on = t.born_on
"""
_CURVE = """
select m.points, bool_and(l.child = r.child) as is_right
from intermediate.int_linkage_matches as m
inner join linked as l on m.record_l = l.record_id
inner join linked as r on m.record_r = r.record_id
where m.decision <> 'none'
group by m.entity_l, m.entity_r, m.points
"""


@dataclass(frozen=True)
class Counts:
    """Right, wrong and missed links of one tier."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.right + self.wrong + self.missed, 1)

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)


def evaluate(database: Path, truth: Path) -> dict[str, Any]:
    """Compare the links of a working database with the truth of its invented regency; counts per tier."""
    tiers: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])

    def add(tier: str, counts: Iterable[int]) -> None:
        tiers[tier] = [a + b for a, b in zip(tiers[tier], counts, strict=True)]

    with warehouse.open_to_read(database) as con:
        con.execute(_TRUTH.format(truth=truth))
        [(health,)] = con.execute(_HEALTH).fetchall()
        for tier, is_without_nik, rule, *counts in con.execute(_REACHED).fetchall():
            add(tier, counts)
            if tier.startswith(f"{health} "):
                add(OVERALL, counts)
                add(f"rule {rule}", counts)
                if is_without_nik:
                    add(WITHOUT_NIK, counts)
        for tier, *counts in con.execute(_DUPLICATES).fetchall():
            add(tier, counts)
        add("household through the mother", con.execute(_MOTHERS.format(truth=truth)).fetchall()[0])
        for tier, told in ((FAMILIES, _FAMILIES), (PREGNANCIES, _PREGNANCIES)):
            query = _CARDS.format(truth=truth, told=told.format(truth=truth))
            add(tier, con.execute(query).fetchall()[0])
        [(twins,)] = con.execute(_TWINS.format(truth=truth)).fetchall()
        [(review,)] = con.execute(_REVIEW).fetchall()
        curve = con.execute(_CURVE).fetchall()
    return {"tiers": tiers, "twins": twins, "review": review, "curve": curve}


def one() -> None:
    """Invent, load and link the regency of this process's own data folder, and print its counts as JSON."""
    from include import ingest
    from include.build import run_dbt
    from include.contract_reader import read_agencies
    from include.synthetic.__main__ import write_regency
    from include.synthetic.population import SIZES

    seed, faults, names, errors, size = sys.argv[2:]
    truth = settings.DATA / "truth"
    write_regency(SIZES[size], settings.LANDING, truth, int(seed), faults=faults, names=names, errors=errors)
    for dataset in [dataset for agency in read_agencies() for dataset in agency.datasets]:
        for receipts in ingest.receive(dataset):
            ingest.load(dataset, receipts)
        ingest.gate(dataset)
    models = "+int_linkage_reviews +int_child_cards_by_mother +int_bkkbn_family_cards +int_pregnancy_cards"
    if run_dbt("build", "--quiet", "--select", models, "--exclude-resource-type", "unit_test", "test"):
        raise SystemExit("dbt failed")
    print(json.dumps(evaluate(settings.WAREHOUSE, truth)))


def run_one(folder: Path, seed: int, world: str, size: str = "small") -> dict[str, Any]:
    """Measure one regency in a process and data folder of its own."""
    command = [sys.executable, "-m", "include.linkage.measure", "--one", str(seed), *WORLDS[world], size]
    environment = os.environ | {"TEGAK_DATA": str(folder / f"{world}-{seed}")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{world}, seed {seed}: {done.stderr[-2000:]}{done.stdout[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def interval(values: list[float]) -> str:
    """Mean with the 95 % interval over the seeds."""
    mean = statistics.mean(values)
    half = T_95 * statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return f"{mean:.4f} ({max(mean - half, 0):.4f}-{min(mean + half, 1):.4f})"


def main() -> None:
    """Measure all worlds and seeds, print the table, draw the trade-off, write the seed that releases carry."""
    if sys.argv[1:2] == ["--one"]:
        return one()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("tiny", "small"), default="small")
    parser.add_argument("--keep", type=Path, help="keep the regencies in this folder")
    options = parser.parse_args()
    jobs = [(world, seed) for world in WORLDS for seed in SEEDS]
    results: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with (
        tempfile.TemporaryDirectory() as scratch,
        Progress(console=CONSOLE) as progress,
        ThreadPoolExecutor(settings.THREADS) as pool,
    ):
        bar = progress.add_task("regencies", total=len(jobs))

        def measure(job: tuple[str, int]) -> dict[str, Any]:
            found = run_one(options.keep or Path(scratch), job[1], job[0], options.size)
            progress.advance(bar)
            return found

        for (world, _), found in zip(jobs, pool.map(measure, jobs), strict=True):
            results[world].append(found)
    from include.linkage.chart import draw_trade_off
    from include.linkage.published import write_quality

    for world, runs in results.items():
        show(world, runs)
    write_quality(results)
    draw_trade_off({world: [run["curve"] for run in runs] for world, runs in results.items()})
    CONSOLE.print(summary(results["base"]), soft_wrap=True, markup=False, highlight=False)
    return None


def show(world: str, runs: list[dict[str, Any]]) -> None:
    """Print precision, recall and F1 with intervals per tier."""
    table = Table("tier", "links", "precision", "recall", "F1", title=f"faults: {world}, {len(runs)} seeds")
    for tier in sorted(runs[0]["tiers"], key=lambda name: (name not in (OVERALL, WITHOUT_NIK), name)):
        counts = [Counts(*run["tiers"].get(tier, (0, 0, 0))) for run in runs]
        figures = (interval([getattr(count, name) for count in counts]) for name in ("precision", "recall", "f1"))
        table.add_row(tier, f"{sum(count.right + count.wrong for count in counts):,}", *figures)
    CONSOLE.print(table)
    review = statistics.mean(run["review"] for run in runs)
    CONSOLE.print(f"children in review: {review:.2%}; twins merged: {sum(run['twins'] for run in runs)}")


def summary(runs: list[dict[str, Any]]) -> str:
    """One line with the pooled figures at base faults."""
    pooled = [
        Counts(*map(sum, zip(*(run["tiers"][tier] for run in runs), strict=True))) for tier in (OVERALL, WITHOUT_NIK)
    ]
    review = statistics.mean(run["review"] for run in runs)
    return (
        f"linkage base precision={pooled[0].precision:.4f} recall={pooled[0].recall:.4f} "
        f"nonik_precision={pooled[1].precision:.4f} nonik_recall={pooled[1].recall:.4f} "
        f"review_share={review:.4f} twins_merged={sum(run['twins'] for run in runs)}"
    )


if __name__ == "__main__":
    run(main)
