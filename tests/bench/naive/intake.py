"""One dataset from its files to rows with a status: read all, write all, judge all, settle all, in memory."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd

from include.contract import Dataset
from include.load import SQL_TYPE
from include.settle import judgements
from include.words import all_rules, reason
from tests.bench.naive.reading import Unreadable, read
from tests.bench.naive.rules import validate


def take_in(con: duckdb.DuckDBPyConnection, dataset: Dataset, landing: Path) -> None:
    """Fill the dataset's table and its part of the audit tables from its files."""
    rows, deliveries = _read_all(dataset, landing)
    _write_rows(con, dataset, rows)
    if rows.empty:
        return
    broken = validate(rows, dataset)
    rows["_is_bad"] = rows.index.isin(
        [i for r in all_rules(dataset) if r.severity == "error" for i in broken.get(r.name, [])]
    )
    held = _held(con, dataset, rows)
    rows["_status"] = _status(dataset, rows, held)
    _write_rows(con, dataset, rows)
    _write_audit(con, dataset, rows, deliveries, broken, held)


def _read_all(dataset: Dataset, landing: Path) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    files = [path for path in (landing / dataset.agency / dataset.name).rglob("*") if path.is_file()]
    frames, deliveries, seen = [], [], set()
    for number, file in enumerate(sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name))):
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        if sha256 in seen:  # sent twice
            continue
        seen.add(sha256)
        received_at = datetime.now(UTC).replace(tzinfo=None)
        delivery = {
            "delivery_id": sha256,
            "agency": dataset.agency,
            "dataset": dataset.name,
            "period": file.parent.name,
            "file_name": file.name,
            "bytes": file.stat().st_size,
            "received_at": received_at,
            "status": "loaded",
            "rows_read": 0,
        }
        deliveries.append(delivery)
        try:
            frame = read(file, dataset)
        except Unreadable as why:
            delivery |= {"status": "refused", "reason": str(why)}
            continue
        delivery["rows_read"] = len(frame)
        frames.append(
            frame.assign(
                _delivery_id=sha256, _period=file.parent.name, _received_at=received_at, _number=number, _status=None
            )
        )
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(), deliveries


def _write_rows(con: duckdb.DuckDBPyConnection, dataset: Dataset, rows: pd.DataFrame) -> None:
    types = {column.name: SQL_TYPE.get(column.data_type, column.data_type) for column in dataset.columns}
    types |= {
        "_delivery_id": "varchar",
        "_row": "bigint",
        "_period": "varchar",
        "_received_at": "timestamp",
        "_status": "varchar",
    }
    values = [f"{'null' if rows.empty else name}::{type_name} as {name}" for name, type_name in types.items()]
    names = "null::varchar[]" if rows.empty else "string_split(trim({}), ' ')[:len({}) - len(replace({}, ' ', ''))]"
    values += [f"{names.replace('{}', name)} as {name}" for name in ("_unreadable", "_lost")]
    others = (
        "null::varchar as _line, null::varchar as _ticket, null::varchar as _decision, null::varchar as _decided_by"
    )
    times = "_received_at as _known_from, null::timestamp as _known_to"
    source = "limit 0" if rows.empty else "from rows"
    con.execute(f"create schema if not exists {dataset.agency}")
    con.execute(
        f"create or replace table {dataset.table} as select *, {others}, {times} from (select {', '.join(values)} {source})"
    )


def _held(con: duckdb.DuckDBPyConnection, dataset: Dataset, rows: pd.DataFrame) -> set[str]:
    """Return the deliveries with too many bad rows, and those that a critical judgement of `expectations/` holds."""
    shares = rows.groupby("_delivery_id")["_is_bad"].mean()
    held = set(shares[shares > dataset.max_bad_share].index)
    for judgement in judgements(dataset):
        if judgement.severity == "critical":
            for delivery, _, *cleared in con.execute(judgement.query.format(batch=dataset.table)).fetchall():
                if not cleared or cleared[0] is None:
                    held.add(delivery)
    return held


def _status(dataset: Dataset, rows: pd.DataFrame, held: set[str]) -> pd.Series:
    """The last word of a key is accepted, what says the same again is a duplicate, the others are superseded."""
    status = pd.Series("quarantined", index=rows.index)
    good = rows[~rows["_is_bad"] & ~rows["_delivery_id"].isin(held)].sort_values(["_number", "_row"])
    key = [good[name] for name in dataset.key]
    content = pd.util.hash_pandas_object(good[[column.name for column in dataset.columns]], index=False)
    is_repeated = content == content.groupby(key, dropna=False, sort=False).shift()
    words = good[~is_repeated]
    is_last = ~words.duplicated(list(dataset.key), keep="last")
    status[good.index[is_repeated]] = "duplicate"
    status[words.index] = is_last.map({True: "accepted", False: "superseded"})
    return status


def _write_audit(
    con: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    rows: pd.DataFrame,
    deliveries: list[dict[str, object]],
    broken: dict[str, list[int]],
    held: set[str],
) -> None:
    told = pd.DataFrame(deliveries)
    told["status"] = told["status"].mask(told["delivery_id"].isin(held), "held")
    told["reason"] = told.get("reason")
    for fate in ("accepted", "quarantined", "duplicate", "superseded"):
        counts = rows[rows["_status"] == fate].groupby("_delivery_id").size()
        told[f"rows_{fate}"] = told["delivery_id"].map(counts).fillna(0).astype(int)
    con.execute("insert into audit.deliveries by name select * from told")
    for rule in all_rules(dataset):
        bad = rows.loc[broken.get(rule.name, []), ["_delivery_id", "_row"]]
        con.execute(
            "insert into audit.quarantine select _delivery_id, ?, ?, _row, ?, null, ?, ?, ? from bad",
            [dataset.agency, dataset.name, rule.column, rule.word, rule.severity, reason(rule)],
        )
        con.execute(
            "insert into audit.expectation_results values (?, ?, ?, ?, ?, ?, ?, ?, now()::timestamp)",
            [dataset.agency, dataset.name, rule.name, rule.column]
            + [{"error": "critical"}.get(rule.severity, "warning"), bad.empty, len(rows), len(bad)],
        )
