"""Audits what the night built before anything is published: accounting, and bounds against the last release."""

import duckdb

from include import warehouse
from include.archive import deliveries
from include.contract_reader import read_agencies
from include.release import current_database

# 2026-11: one month of weighings moves the regency's prevalence by some tenths of a point, a lost file by more.
MAX_SHIFT_POINTS = 3.0
# 2026-11: a mart only grows by a month; a fall by a tenth means that input was lost.
MAX_ROWS_LOST = 0.10
# Lists of the newest month: they shrink when children are found, and may.
LISTS = ("visit_list", "audit_candidates")


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
    for (mart,) in con.execute(
        "select table_name from duckdb_tables() "
        "where database_name = current_database() and schema_name = 'marts' order by 1"
    ).fetchall():
        if not con.execute(
            "select 1 from duckdb_tables() where database_name = 'last' and table_name = ?", [mart]
        ).fetchall():
            continue
        [(before, now)] = con.execute(
            f"select (select count(*) from last.{mart}), (select count(*) from marts.{mart})"
        ).fetchall()
        if mart not in LISTS and now < (1 - MAX_ROWS_LOST) * before:
            findings.append(
                f"{mart}: {before} rows in the last release, {now} now; see which delivery is missing or held."
            )
    for month, before, now in con.execute(
        """
        select b.month, l.stunted_pct, b.stunted_pct
        from marts.stunting_by_kabupaten as b
        inner join last.stunting_by_kabupaten as l using (month)
        where abs(b.stunted_pct - l.stunted_pct) > ?
        """,
        [MAX_SHIFT_POINTS],
    ).fetchall():
        findings.append(
            f"stunting in {month:%Y-%m}: {before} % in the last release, {now} % now; compare the deliveries of that month."
        )
    con.execute("detach last")
    return findings
