"""Sequences of deliveries, invented by Hypothesis: the SQL against plain Python, and any nights against one rebuild."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rich.table import Table

from expectations import dinkes__penimbangan
from include import settle, warehouse
from include.console import CONSOLE
from include.contract import Dataset
from include.contract_reader import find_dataset
from include.load import forget_changed_contract
from tests.naive_deliveries import BAD, DELETED, Row, Sent, believed_at, settle_naively

SEQUENCES = 400
START = datetime(2026, 1, 5, 12)
KEYS = [f"k{number}" for number in range(5)]
STATUSES = ("accepted", "quarantined", "duplicate", "superseded")


@cache
def dataset(is_whole: bool) -> Dataset:
    """A fixture's contract, once as it is and once with deliveries that are the whole of their period."""
    timbang = find_dataset("uji", "timbang", Path(__file__).parents[1] / "fixtures" / "contracts")
    return replace(timbang, is_whole=True, key=("nik", "_period")) if is_whole else replace(timbang, key=("nik",))


@contextmanager
def real_judgement() -> Iterator[None]:
    """Judge by the weighings' own query on exports cut short, from two rows on; `catatan` is the puskesmas."""
    [cut] = [j for j in dinkes__penimbangan.JUDGEMENTS if j.name == "row_volume_against_last_period"]
    query = cut.query.replace("dinkes.penimbangan", "uji.timbang").replace("puskesmas_name", "catatan")
    query = query.replace("child_name, born_on, desa_name, measured_on", "nik").replace("before >= 50", "before >= 2")
    before, settle.judgements = settle.judgements, lambda dataset: [replace(cut, query=query)]
    try:
        yield
    finally:
        settle.judgements = before


says = st.sampled_from(["1", "1", "2", DELETED, BAD])
some_rows = st.lists(st.builds(Row, st.sampled_from(KEYS), says), min_size=1, max_size=6).map(tuple)
# whole months and months cut short: a gate that holds and frees needs both
rows = st.tuples(st.sampled_from([1, 2, 4, 5]), st.sampled_from(["1", "2"])).map(
    lambda cut: tuple(Row(key, cut[1]) for key in KEYS[: cut[0]])
)
moments = st.integers(1, 40).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def sequences(draw: st.DrawFn) -> list[Sent]:
    """Deliveries in order of arrival: late months, corrections, deletions, parts, and old files put down again.

    Half of them open with a month cut short after a whole one: what is held and freed is else too rare.
    """
    sent: list[Sent] = []
    if draw(st.booleans()):
        cut = KEYS[: draw(st.integers(1, 3))]
        sent.append(Sent(START, "2026-01", "A", tuple(Row(key, "1") for key in KEYS)))
        sent.append(Sent(START + draw(moments), "2026-02", "A", tuple(Row(key, "2") for key in cut)))
    now = sent[-1].arrived if sent else START
    for _ in range(draw(st.integers(1, 6))):
        now += draw(moments)
        what = draw(st.sampled_from(["new", "new", "again", "mended"])) if sent else "new"
        if what == "new":
            month = draw(st.sampled_from(["2026-01", "2026-02", "2026-02"]))
            one = Sent(now, month, draw(st.sampled_from(["A", "A", "A", "B"])), draw(rows | some_rows))
        else:
            one = replace(draw(st.sampled_from(sent)), arrived=now)
            if what == "mended":
                one = replace(one, rows=tuple(Row(key, draw(st.sampled_from(["1", "2"]))) for key in KEYS))
        sent.append(one)
    return sent


class Gate:
    """The dataset in a database in memory, filled past files and loader: what is tested is what the gate settles."""

    def __init__(self, con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
        self.con, self.dataset = con, dataset
        for table in ("deliveries", "quarantine", "contracts"):
            con.execute(f"delete from audit.{table}")
        forget_changed_contract(con, dataset)

    def night(self, sent: list[Sent], first: int) -> None:
        """Load deliveries that are numbered from `first`, and settle."""
        records, typed, bad = [], [], []
        for number, one in enumerate(sent, first):
            records.append([f"d{number:02}", "uji", "timbang", one.period, one.arrived, "waiting", len(one.rows)])
            for place, row in enumerate(one.rows):
                value = float(row.says) if row.says.isdigit() else None
                decision = DELETED if row.says == DELETED else None
                typed.append(
                    [row.key, "X", value, one.puskesmas, f"d{number:02}", place, one.period, one.arrived, decision]
                )
                if row.says == BAD:
                    bad.append([f"d{number:02}", "uji", "timbang", place, "error"])
        self._insert(
            "audit.deliveries", "delivery_id, agency, dataset, period, received_at, status, rows_read", records
        )
        columns = "nik, nama, berat, catatan, _delivery_id, _row, _period, _received_at, _decision"
        self._insert(self.dataset.table, columns, typed)
        self._insert("audit.quarantine", "delivery_id, agency, dataset, delivery_row, severity", bad)
        open_ones = self.con.execute("select delivery_id from audit.deliveries where status in ('waiting', 'held')")
        settle.settle(self.con, self.dataset, [delivery for (delivery,) in open_ones.fetchall()])

    def _insert(self, table: str, columns: str, values: list[list[Any]]) -> None:
        if values:
            marks = ", ".join(["(" + ", ".join("?" * len(values[0])) + ")"] * len(values))
            self.con.execute(f"insert into {table} ({columns}) values {marks}", [v for row in values for v in row])

    def fates(self) -> list[tuple[Any, ...]]:
        query = f"select _delivery_id, _row, _status, _known_from, _known_to from {self.dataset.table} order by all"
        return self.con.execute(query).fetchall()

    def deliveries(self) -> list[tuple[Any, ...]]:
        counts = ", ".join(f"rows_{status}" for status in STATUSES)
        query = f"select delivery_id, counts_from, rows_read, {counts} from audit.deliveries order by all"
        return self.con.execute(query).fetchall()

    def believed(self, moment: datetime | None) -> set[tuple[str, str, str]]:
        """The one query of the README, or what is believed now."""
        believed = "_known_from <= $at and (_known_to is null or _known_to > $at)" if moment else "_status = 'accepted'"
        query = f"select _period, nik, berat::integer::varchar from {self.dataset.table} where {believed}"
        return set(self.con.execute(query, {"at": moment} if moment else {}).fetchall())


def check(
    con: duckdb.DuckDBPyConnection, sent: list[Sent], cuts: list[int], is_whole: bool, ago: float
) -> Counter[str]:
    """Compare both implementations and both ways of cutting the nights; return how many rows had which fate."""
    account = settle_naively(sent, is_whole)
    gate = Gate(con, dataset(is_whole))
    for first, last in zip([0, *cuts], [*cuts, len(sent)], strict=True):
        gate.night(sent[first:last], first)
    nights = (gate.fates(), gate.deliveries())
    assert nights[0] == [
        (f"d{number:02}", place, fate.status, fate.known_from, fate.known_to)
        for number, fates in enumerate(account.fates)
        for place, fate in enumerate(fates)
    ]
    for number, (_, counts_from, read, *counts) in enumerate(nights[1]):
        assert counts_from == account.counts_from[number]
        assert counts == [account.counts(number).get(status, 0) for status in STATUSES]
        assert read == sum(counts) == len(sent[number].rows)
    assert gate.believed(None) == believed_at(sent, account, datetime.max)
    moment = START + ago * (sent[-1].arrived - START)
    past = [one for one in sent if one.arrived <= moment]
    then = believed_at(past, settle_naively(past, is_whole), datetime.max)
    assert gate.believed(moment) == believed_at(sent, account, moment) == then
    rebuilt = Gate(con, dataset(is_whole))
    rebuilt.night(sent, 0)
    assert (rebuilt.fates(), rebuilt.deliveries()) == nights
    return Counter(fate.status for fates in account.fates for fate in fates)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Sent], list[int], bool, float]:
    sent = draw(sequences())
    cuts = sorted(draw(st.sets(st.integers(1, len(sent) - 1)))) if len(sent) > 1 else []
    return sent, cuts, draw(st.booleans()), draw(st.floats(0, 1))


def run_cases(number: int, told: Callable[[Counter[str]], None]) -> None:
    """Invent and check this many sequences, the same ones each time; `told` hears of each."""
    with duckdb.connect(config=warehouse.config() | {"threads": 1}) as con, real_judgement():
        warehouse.prepare(con)

        @settings(
            max_examples=number,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )
        @given(cases())
        def one_case(case: tuple[list[Sent], list[int], bool, float]) -> None:
            told(check(con, *case))

        one_case()


def run(progress: Any) -> dict[str, Any]:
    """The battery's section: hundreds of sequences; prints a table of the fates met and returns the figures."""
    task = progress.add_task("sequences of deliveries", total=SEQUENCES)
    fates: Counter[str] = Counter()
    checked = 0

    def told(found: Counter[str]) -> None:
        nonlocal checked
        checked += 1
        fates.update(found)
        progress.advance(task)

    failures = []
    try:
        run_cases(SEQUENCES, told)
    except AssertionError as error:
        failures.append(f"sequences: the SQL and the plain rule differ. {error}")
    table = Table("sequences", *STATUSES, "rows lost")
    table.add_row(str(checked), *(str(fates[status]) for status in STATUSES), "see below" if failures else "0")
    CONSOLE.print(table)
    return {"sequences": checked, "lost_rows": len(failures), "failures": failures}
