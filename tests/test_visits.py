"""The visit list over two builds: what nothing came for keeps its order."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from include import warehouse
from include.build import dbt_environment
from include.settings import DBT_PROJECT, SEEDS
from tests.night import Night

KRAGILAN, PEMATANG = "PKM-3604-11", "PKM-3604-11B"


def test_a_wasted_child_comes_before_one_who_is_stunted_alone() -> None:
    with (SEEDS / "visits" / "ref_visit_rules.csv").open(encoding="utf-8", newline="") as stream:
        first = {row["sign"]: int(row["priority"]) for row in csv.DictReader(stream)}
    assert first["severe_wasting"] < first["wasting"] < min(first["severe_stunting"], first["stunting"])


def build_list(database: Path) -> None:
    """Build what the visit list rests on anew, without tests."""
    scratch = str(database.parent / "dbt")
    project = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--log-path", scratch]
    command = [sys.executable, "-m", "dbt.cli.main", "run", "--select", "+visit_list", *project]
    environment = dbt_environment(database, database.parent / "dbt")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def deliver_november(database: Path, puskesmas: str) -> None:
    """Accept the October weighings of one puskesmas once more, as if made in November."""
    with warehouse.connect(database) as con:
        con.execute(
            """
            insert into dinkes.penimbangan by name
            select sent.* replace (
                date '2026-11-05' as measured_on, '2026-11' as _period, 'november' as _delivery_id,
                sent._received_at + interval 1 month as _received_at
            )
            from dinkes.penimbangan as sent
            inner join intermediate.int_puskesmas_names as names using (puskesmas_name)
            where sent._status = 'accepted' and sent._period = '2026-10' and names.puskesmas_code = ?
            """,
            [puskesmas],
        )


def lists(database: Path) -> list[tuple[Any, ...]]:
    with warehouse.connect(database, read_only=True) as con:
        return con.execute("select * from marts.visit_list order by desa_code, visit_rank").fetchall()


def test_a_months_first_delivery_reshuffles_no_other_desa(night: Night, tmp_path: Path) -> None:
    """Kragilan is the first to send November; the desa of Pematang stand in October still, child by child."""
    database = tmp_path / "warehouse.duckdb"
    for name in (database.name, "keyring.json"):
        shutil.copy(night.data / name, tmp_path)
    before = lists(database)
    with warehouse.connect(database, read_only=True) as con:
        puskesmas = con.execute("select desa_code, list(distinct puskesmas_code) from marts.visit_list group by all")
        untouched = {desa for desa, codes in puskesmas.fetchall() if codes == [PEMATANG]}
        [place] = [n for n, column in enumerate(con.table("marts.visit_list").columns) if column == "desa_code"]
    deliver_november(database, KRAGILAN)
    build_list(database)
    after = lists(database)
    with warehouse.connect(database, read_only=True) as con:
        months = con.execute(
            "select distinct puskesmas_code, strftime(month, '%Y-%m') from marts.visit_list"
        ).fetchall()
    assert set(months) >= {(KRAGILAN, "2026-11"), (PEMATANG, "2026-10")}
    kept = [row for row in before if row[place] in untouched]
    assert len(kept) > 20
    assert [row for row in after if row[place] in untouched] == kept
