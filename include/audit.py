"""Audits what the night built before anything is published: accounting, and bounds against the last release."""

import duckdb

from include import warehouse
from include.archive import deliveries
from include.contract_reader import read_agencies
from include.release import current_database

# 2026-11: one month of weighings moves the regency's prevalence by some tenths of a point, a lost file by more.
MAX_SHIFT_POINTS = 3.0
# 2026-11: the lists of a month come over weeks, and while they do its figure moves by who is in it; with a tenth more heights
# or less it is the same month. Of fewer than a thousand heights three points are chance.
MAX_NEW_HEIGHTS, MIN_HEIGHTS = 0.10, 1000
# 2026-11: a mart that keeps its history only grows by a period; a fall by a tenth in the periods that were published means
# that input was lost. What tells of the newest period alone (lists, the score's calibration) may shrink.
MAX_ROWS_LOST = 0.10
PERIODS = ("month", "quarter", "semester", "period")


class AuditFailed(Exception):
    """The build must not be published; the message has one line per finding and says what to do."""


def audit_build() -> None:
    """Raise `AuditFailed` with all findings; the release that readers see then stays in place."""
    with warehouse.connect() as con:
        findings = [*_empty(con), *_not_loaded_again(con), *_unbalanced(con), *_against_last_release(con)]
    if findings:
        raise AuditFailed("\n".join(findings))


def _empty(con: duckdb.DuckDBPyConnection) -> list[str]:
    """On a new installation the mart's first run can come before the first delivery is through its gate."""
    [(accepted,)] = con.execute("select coalesce(sum(rows_accepted), 0) from audit.deliveries").fetchall()
    return [] if accepted else ["no agency's row has been accepted yet: there is nothing to publish."]


def _not_loaded_again(con: duckdb.DuckDBPyConnection) -> list[str]:
    """A database that broke, or a changed contract, is loaded again from the archive: nothing comes out before all is in."""
    loaded = {
        (agency, dataset): (due, count)
        for agency, dataset, due, count in con.execute(
            """
            select c.agency, c.dataset, c.deliveries_due, count(d.delivery_id)
            from audit.contracts as c
            left join audit.deliveries as d using (agency, dataset)
            group by all
            """
        ).fetchall()
    }
    findings = []
    for dataset in [dataset for agency in read_agencies() for dataset in agency.datasets]:
        due, count = loaded.get((dataset.agency, dataset.name), (len(deliveries(dataset)), 0))
        if count < due:
            findings.append(
                f"{dataset.agency}/{dataset.name}: {count} of {due} deliveries are loaded again from the archive; "
                "let its DAG run to the end."
            )
    return findings


def _unbalanced(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Each judged row has one status: rows read = accepted + quarantined + duplicate + superseded.

    Deliveries whose gate is still to come are not judged yet, and staging does not read them.
    """
    findings = []
    for dataset in [dataset for agency in read_agencies() for dataset in agency.datasets]:
        if not con.execute(
            "select 1 from duckdb_tables() where database_name = current_database() and schema_name = ? and table_name = ?",
            [dataset.agency, dataset.name],
        ).fetchall():
            continue
        for file_name, read, counted in con.execute(
            f"""
            select d.file_name, d.rows_read,
                count(t._row) filter (t._status in ('accepted', 'quarantined', 'duplicate', 'superseded')) as counted
            from audit.deliveries as d
            left join {dataset.table} as t on d.delivery_id = t._delivery_id
            where d.agency = ? and d.dataset = ? and d.status in ('loaded', 'held')
            group by d.delivery_id, d.file_name, d.rows_read
            having d.rows_read <> counted
            """,
            [dataset.agency, dataset.name],
        ).fetchall():
            findings.append(
                f"{dataset.agency}/{dataset.name}/{file_name}: {read} rows read, {counted} accounted for; "
                "delete the working database, the next night loads all again from the archive."
            )
    return findings


def _against_last_release(con: duckdb.DuckDBPyConnection) -> list[str]:
    last = current_database()
    if not last.exists():
        return []
    con.execute(f"attach '{last}' as last (read_only)")
    findings = []
    for mart, period in con.execute(
        """
        select now.table_name, arg_min(now.column_name, list_position($periods, now.column_name))
        from duckdb_columns() as now
        inner join duckdb_columns() as before using (table_name, column_name)
        where now.database_name = current_database() and now.schema_name = 'marts' and before.database_name = 'last'
            and list_contains($periods, now.column_name)
        group by 1
        order by 1
        """,
        {"periods": list(PERIODS)},
    ).fetchall():
        [(before, periods, now)] = con.execute(
            f"""
            select count({period}), count(distinct {period}),
                (select count(*) from marts.{mart} where {period} in (select {period} from last.{mart}))
            from last.{mart}
            """
        ).fetchall()
        if periods > 1 and now < (1 - MAX_ROWS_LOST) * before:
            findings.append(
                f"{mart}: {before} rows in the last release, {now} now; see which delivery is missing or held."
            )
    for month, pct_before, pct_now, before, now in con.execute(
        """
        select month, last.stunted_pct, now.stunted_pct, last.height_valid, coalesce(now.height_valid, 0)
        from last.stunting_by_kabupaten as last
        left join marts.stunting_by_kabupaten as now using (month)
        where last.height_valid >= ?
            -- a month may go with its files when their time of keeping is over
            and strftime(month, '%Y-%m') not in (
                select period from audit.deliveries where status = 'removed' and period is not null
            )
        order by month
        """,
        [MIN_HEIGHTS],
    ).fetchall():
        if now < (1 - MAX_ROWS_LOST) * before:
            findings.append(
                f"heights in {month:%Y-%m}: {before} in the last release, {now} now; see which delivery is missing or held."
            )
        elif now <= (1 + MAX_NEW_HEIGHTS) * before and abs(pct_now - pct_before) > MAX_SHIFT_POINTS:
            findings.append(
                f"stunting in {month:%Y-%m}: {pct_before:.1f} % in the last release, {pct_now:.1f} % now; "
                "compare the deliveries of that month."
            )
    con.execute("detach last")
    return findings
