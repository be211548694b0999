"""What is removed when the clock moves on, and what a rebuild then says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include import ingest, retention, settings, warehouse
from include.archive import deliveries, removed_under
from include.book import private_folder
from include.contract import Dataset
from include.contract_reader import find_dataset, read_agencies
from include.gate import judge_without_gx
from include.ledger import open_ledger
from tests.conftest import CONTRACTS
from tests.test_gate import weighings as list_of_weighings

Put = Callable[..., Path]
NOW = datetime.now(UTC)
HEADER = "NIK;Nama;Tgl Lahir;Berat (kg);Jumlah"


@pytest.fixture(autouse=True)
def only_the_tests_agency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "read_agencies", lambda: read_agencies(CONTRACTS)[-1:])


def in_days(days: int) -> datetime:
    return NOW + timedelta(days=days)


def test_each_rule_has_days_a_basis_and_says_whether_it_was_read() -> None:
    rules = retention.read_rules()
    assert sorted(rules) == [
        "airflow_records", "alerts", "believed", "by_name", "lineage", "monthly_releases", "previews", "prints", "raw_files", "releases", "returns",
    ]  # fmt: skip
    assert all(rule.keep_days > 0 and rule.basis for rule in rules.values())
    # a child in a raw file is over five before the file goes, and so is each month it was counted in
    assert rules["raw_files"].keep_days >= 2 * 1826


def test_releases_thin_out_to_one_a_month_and_the_current_one_stays(data: Path) -> None:
    days = ["2026-01-05", "2026-01-28", "2026-02-03", "2026-02-27", "2026-05-01", "2026-05-02"]
    for day in days:
        (settings.RELEASES / f"{day}T150000.000000Z").mkdir(parents=True)
    settings.CURRENT.symlink_to(settings.RELEASES / "2026-02-03T150000.000000Z")
    left = lambda: [path.name[:10] for path in sorted(settings.RELEASES.iterdir())]
    assert retention.remove_expired(datetime(2026, 6, 1, tzinfo=UTC)) == 1
    assert left() == days[1:]
    assert retention.remove_expired(datetime(2026, 9, 1, tzinfo=UTC)) == 1
    assert left() == ["2026-01-28", "2026-02-03", "2026-02-27", "2026-05-02"]
    assert retention.remove_expired(datetime(2036, 1, 1, tzinfo=UTC)) == 3
    assert left() == ["2026-02-03"]


def test_old_lists_previews_and_prints_go(data: Path) -> None:
    for folder in ("returns/uji", "previews", "print/a/public"):
        (data / folder).mkdir(parents=True)
        (data / folder / "a.csv").write_text("x", encoding="utf-8")
    assert retention.due(in_days(91)) == []
    assert retention.remove_expired(in_days(93)) == 3
    assert [path for path in data.rglob("*") if path.is_file()] == []


def test_lists_with_names_and_copies_of_the_database_go_and_the_ledger_stays(data: Path) -> None:
    ledger = private_folder(data / "by_name") / "ledger.jsonl"
    with open_ledger(ledger) as opened:
        opened.append({"file": "a.xlsx"})
    gone = [data / name for name in ("by_name/a.xlsx", "believed.duckdb", "believed.duckdb.wal")]
    for path in gone:
        path.write_bytes(b"names")
    stays = [ledger, data / "by_name.head", data / "keyring.json"]
    assert retention.due(in_days(91)) == []
    assert retention.remove_expired(in_days(93)) == 3
    assert [path for path in gone if path.exists()] == []
    assert [path for path in stays if not path.exists()] == []
    with open_ledger(ledger) as opened:  # a list removed is no line cut
        opened.append({"file": "b.xlsx"})


def test_a_raw_file_leaves_its_receipt_and_a_rebuild_balances(
    data: Path, put: Put, timbang: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(timbang, f"{HEADER}\n3604050502210001;LAMA;2021-02-05;9,5;1\n", "old.csv", 0, "2026-01")
    put(timbang, f"{HEADER}\n3604050502210001;LAMA;2021-02-05;9,6;1\n", "new.csv", 1, "2026-11")
    night(timbang)
    keep = retention.read_rules()["raw_files"].keep_days
    [old, new] = deliveries(timbang)
    a_day_later = datetime.fromisoformat(old.received_at) + timedelta(days=keep, seconds=1)
    assert retention.due(a_day_later - timedelta(seconds=2)) == []
    # both came at once; the second one's period ends later, so it stays
    monkeypatch.setattr(retention, "_ends", lambda d: NOW.date() if d == new else NOW.date() - timedelta(days=40))
    assert [one.delivery for one in retention.due(a_day_later)] == [old]
    assert retention.remove_expired(a_day_later) == 1
    assert not old.file.exists()
    assert new.file.exists()
    assert "UU 27/2022" in (removed_under(old) or "")
    account = rows()
    assert [(status, read, total) for status, _, read, total in account] == [("removed", 0, 0), ("loaded", 1, 1)]
    settings.WAREHOUSE.unlink()
    night(timbang)
    assert rows() == account
    assert retention.remove_expired(a_day_later) == 0


def test_the_double_of_a_removed_row_counts_from_then_on(data: Path, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a dataset with a judgement that holds whole deliveries."""
    weighings = find_dataset("dinkes", "penimbangan")
    monkeypatch.setattr(retention, "read_agencies", lambda: [a for a in read_agencies() if a.name == "dinkes"])
    text = list_of_weighings(40, 9)
    put(weighings, text, "old.csv", 0, "2026-09")
    put(weighings, f"{text}\n", "again.csv", 1, "2026-09")
    night(weighings)
    assert [account[3] for account in rows()] == [40, 40]
    [old, again] = deliveries(weighings)
    keep = retention.read_rules()["raw_files"].keep_days
    monkeypatch.setattr(retention, "_ends", lambda d: NOW.date() if d == again else NOW.date() - timedelta(days=40))
    assert retention.remove_expired(datetime.fromisoformat(old.received_at) + timedelta(days=keep, seconds=1)) == 1
    with warehouse.connect() as con:
        found = con.execute("select status, rows_accepted, rows_duplicate from audit.deliveries order by received_at")
        assert found.fetchall() == [("removed", 0, 0), ("loaded", 40, 0)]


def test_a_release_half_removed_goes_wholly(data: Path) -> None:
    left = settings.RELEASES / ".2026-01-05T150000.000000Z.gone"
    left.mkdir(parents=True)
    (left / "tegak.duckdb").write_bytes(b"x")
    retention.remove_expired(NOW)
    assert not left.exists()


def night(dataset: Dataset) -> None:
    for receipts in ingest.receive(dataset):
        assert ingest.load(dataset, receipts) == []
    with warehouse.connect() as con:
        judge_without_gx(con, dataset)


def rows() -> list[tuple[str, str | None, int, int]]:
    with warehouse.connect() as con:
        return con.execute(
            "select status, reason, rows_read, rows_accepted + rows_quarantined + rows_duplicate + rows_superseded "
            "from audit.deliveries order by received_at"
        ).fetchall()
