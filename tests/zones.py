"""Invented zones of a release, as large as a test wants: the columns of the marts' YAML, rows made by arithmetic.

No night is needed for them. The figures are plausible and the same each time; nobody is in them.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from include import settings
from include.places import seed_file
from include.warehouse import literal

RELEASE = "2026-11-24T223734.740215Z"
AS_OF = {"dinkes/penimbangan": "2026-10", "bappeda/survei": "2026", "bappeda/anggaran": "2026-Q3"}
FIRST_MONTH = date(2023, 11, 1)
MOST_MONTHS = 36


def make_zone(folder: Path, zone: str, months: int = 6, kecamatan: int = 3, after: tuple[str, ...] = ()) -> Path:
    """Write `folder/zone/tegak.duckdb` for the first kecamatan and the last months up to October 2026; return its folder.

    `months=0` gives tables without rows. `after` are statements that change what was written.
    """
    path = folder / zone
    path.mkdir(parents=True)
    with duckdb.connect(str(path / "tegak.duckdb")) as con:
        for mart, columns in _marts(zone == "public").items():
            con.execute(f"create table {mart} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        con.execute("create table release_info as select ? as release, false as is_invented", [RELEASE])
        if months:
            _fill(con, months, kecamatan, zone == "public")
        for statement in after:
            con.execute(statement)
    return path


@cache
def _marts(is_public: bool) -> dict[str, dict[str, str]]:
    """Return the columns of each mart of a zone with their types, as the YAML declares them."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted((settings.DBT_PROJECT / "models" / "marts").glob("_*__models.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            meta = model["config"]["meta"]
            if is_public and meta["audience"] != "public":
                continue
            columns = [c for c in model["columns"] if not is_public or c["config"]["meta"].get("public") != "withheld"]
            found[model["name"]] = {column["name"]: column["data_type"] for column in columns}
            if is_public and "cells" in meta:
                found[model["name"]]["suppressed"] = "varchar"
    return found


def _seed(name: str) -> str:
    return f"read_csv({literal(str(seed_file(name)))}, all_varchar = true)"


def _fill(con: duckdb.DuckDBPyConnection, months: int, kecamatan: int, is_public: bool) -> None:
    con.execute(
        f"""
        create temp table counted as
        with
            places as (
                select desa_code, desa_name, kecamatan_code, kecamatan_name, (hash(desa_code) % 1000) / 1000 as u
                from {_seed("ref_desa")}
                inner join (from {_seed("ref_kecamatan")} order by kecamatan_code limit {kecamatan}) using (kecamatan_code)
            ),
            times as (
                select cast(date '{FIRST_MONTH}' + to_months(n) as date) as month, n
                from range({MOST_MONTHS - months}, {MOST_MONTHS}) as r(n)
            ),
            due as (
                select *, cast(30 + 180 * u as bigint) as due, (hash(desa_code, n) % 1000) / 1000 as v from places, times
            ),
            measured as (select *, cast(due * (0.55 + 0.35 * v) as bigint) as measured from due),
            valid as (select *, measured - cast(5 * v as bigint) as height_valid from measured)
        select *, cast(height_valid * (0.12 + 0.2 * ((u * 7) % 1) + 0.06 * v - 0.0015 * n) as bigint) as stunted
        from valid
        """
    )
    con.execute(f"create temp table levels as {' union all '.join(_level(*level) for level in LEVELS)}")
    for level in ("desa", "kecamatan", "kabupaten"):
        named = "area_code as kecamatan_code, area_name as kecamatan_name, " if level == "kecamatan" else ""
        named = "kecamatan_code, kecamatan_name, " if level == "desa" else named
        public = ", case when stunted between 1 and 4 then 'stunted' else '' end as suppressed" if is_public else ""
        con.execute(
            f"""
            insert into stunting_by_{level} by name
            select {f"area_code as {level}_code, area_name as {level}_name," if level != "kecamatan" else ""} {named} month,
                {", ".join(_cell(column, is_public) for column in ("due", "measured", "height_valid", "stunted"))},
                round(100.0 * measured / due, 1) as coverage_pct,
                case when not ({is_public} and stunted between 1 and 4) then round(100.0 * stunted / nullif(height_valid, 0), 1) end
                    as stunted_pct,
                cast(month + interval 1 month - interval 1 day as date) as oldest_input_as_of {public}
            from levels where area_level = '{level}' order by all
            """
        )
    _fill_progress(con, is_public)
    con.execute(f"insert into agencies by name from {_seed('ref_agencies')}")
    con.execute(f"insert into indicator_catalogue by name select * from ({_catalogue()})")
    if not is_public:
        _fill_estimates(con)
    con.execute("drop table counted")
    con.execute("drop table levels")


LEVELS = (
    ("desa", "desa_code", "desa_name"),
    ("kecamatan", "kecamatan_code", "kecamatan_name"),
    ("kabupaten", "'36.04'", "'Serang'"),
)


def _level(level: str, code: str, name: str) -> str:
    return f"""
        select '{level}' as area_level, {code} as area_code, {name} as area_name, month, any_value(kecamatan_code) as
            kecamatan_code, any_value(kecamatan_name) as kecamatan_name, cast(sum(due) as bigint) as due,
            cast(sum(measured) as bigint) as measured, cast(sum(height_valid) as bigint) as height_valid,
            cast(sum(stunted) as bigint) as stunted
        from counted group by 1, 2, 3, 4
    """


def _cell(column: str, is_public: bool) -> str:
    if not is_public:
        return column
    return f"case when {column} not between 1 and 4 then cast(5 * round({column} / 5.0) as bigint) end as {column}"


def _fill_estimates(con: duckdb.DuckDBPyConnection) -> None:
    interval = "1.96 * sqrt(0.2 * 0.8 / greatest(height_valid, 1)) * 100"
    con.execute(
        f"""
        insert into area_estimates by name
        select area_level, area_code, area_name, kecamatan_code, kecamatan_name, month, height_valid, stunted,
            100.0 * stunted / nullif(height_valid, 0) as stunted_pct, round(stunted_pct, 2) as estimate_pct,
            greatest(0, stunted_pct - {interval}) as low_pct, stunted_pct + {interval} as high_pct,
            'tidak dapat dibedakan: tinggi atau sangat tinggi' as severity_indonesian,
            cast(month as date) as oldest_input_as_of
        from levels where area_level <> 'kabupaten'
        """
    )
    con.execute(
        f"""
        insert into stunting_path by name
        select area_level, area_code, area_name, 'register' as source, month as observed_on,
            row_number() over (partition by area_code order by month) as figures,
            100.0 * stunted / height_valid as observed_pct, observed_pct - {interval} as low_pct,
            observed_pct + {interval} as high_pct, -1.2 as speed_points, -2.0 as speed_low_points, -0.4 as speed_high_points,
            14.0 as target_pct, 2029 as target_year, false as is_target_verified, -2.4 as needed_speed_points,
            case when figures > 3 then 12.0 end as chance_pct,
            'turun 1,2 poin per tahun; perlu turun 2,4 poin per tahun untuk mencapai 14,0 % pada 2029; peluang 12 %'
                as words_indonesian
        from levels where area_level <> 'desa'
        """
    )
    for year, pct in ((2023, 28.0), (2024, 25.6), (2025, 25.1)):
        con.execute(
            """
            insert into stunting_path by name
            select 'kabupaten' as area_level, '36.04' as area_code, 'Serang' as area_name, 'survey' as source,
                make_date(?, 7, 1) as observed_on, ? - 2022 as figures, ? as observed_pct, ? - 4.1 as low_pct, ? + 4.1 as high_pct,
                14.0 as target_pct, 2029 as target_year, false as is_target_verified, -2.1 as needed_speed_points,
                'baru sedikit angka' as words_indonesian
            """,
            [year, year, pct, pct, pct],
        )


def _catalogue() -> str:
    return f"""
        select indicator_id, name_indonesian, name_english, agency, unit, direction,
            cast(target_pct as double) as target_pct, cast(year as integer) as target_year
        from {_seed("indicators")} left join
            (from {_seed("indicator_targets")} qualify year = max(year) over (partition by indicator_id))
        using (indicator_id)
    """


def _fill_progress(con: duckdb.DuckDBPyConnection, is_public: bool) -> None:
    task_force = """,
        greatest(0, target_pct - coverage_pct) as gap_points,
        cast(ceil(denominator * greatest(0, target_pct - coverage_pct) / 100) as bigint) as gap_count,
        coverage_pct - 1.5 as previous_coverage_pct, 1.5 as trend_points,
        case when coverage_pct is null then 'belum ada data' when target_pct is null then 'tanpa target'
            when coverage_pct >= target_pct then 'tercapai' else 'belum tercapai' end as status
    """
    con.execute(
        f"""
        insert into opd_progress by name
        with catalogue as ({_catalogue()}), figures as (
            select *, quarter, 100 + hash(indicator_id) % 900 as denominator, (hash(indicator_id, 1) % 1000) / 10 as pct
            from catalogue, (select unnest([date '2026-04-01', date '2026-07-01']) as quarter)
        )
        select indicator_id, name_indonesian, agency, 'kabupaten' as area_level, '36.04' as area_code, 'Serang' as area_name,
            quarter, unit, case when pct > 20 then cast(5 * round(denominator * pct / 500) as bigint) end as numerator,
            case when pct > 20 then cast(5 * round(denominator / 5) as bigint) end as denominator,
            case when pct > 20 then round(pct, 1) end as coverage_pct, target_pct,
            target_year, indicator_id < 'k' as is_target_verified,
            indicator_id < 'p' as is_definition_verified, case when pct > 20 then 0.5 + pct / 200 end as completeness,
            quarter + 91 as source_as_of {", '' as suppressed" if is_public else task_force}
        from figures
        """
    )
    need = "" if is_public else ", 'uang dan kebutuhan' as finding, 'belum tercapai' as status, 120 as lacking"
    con.execute(
        f"""
        insert into budget_progress by name
        select indicator_id, name_indonesian, agency, quarter, 1000000 * (hash(indicator_id) % 2000) as budget_rp,
            cast(budget_rp * 0.4 as bigint) as spent_rp, 40.0 as spent_pct, 1 as sub_activities, unit {need}
        from opd_progress
        """
    )


def rows(path: Path, sql: str) -> list[Any]:
    """Return the rows of a query on a zone that was made."""
    with duckdb.connect(str(path / "tegak.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()
