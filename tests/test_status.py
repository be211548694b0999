"""What `make status`, `make quarantine` and `make backfill` say, and that no cell is in it."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from include import (
    alerts,
    backfill,
    compare,
    console,
    dismiss,
    ingest,
    progress,
    quarantine,
    room,
    settings,
    status,
    unchanged,
    warehouse,
)
from include.alerts import Alert
from include.compare import Change
from include.contract import Agency, Dataset
from include.gate import judge_without_gx
from include.ledger import user
from include.manifest import write_manifests
from include.problem import Problem, exit_code
from include.settings import ROOT
from include.standing import STANDING

HEADER = "NIK;Nama;Tgl Lahir;Berat (kg);Jumlah"
GOOD, BAD = "360405050221{:04};SITI AMINAH;2021-02-05;9,5;1\n", "360405050221{:04};;2021-02-05;9,5;1\n"


@pytest.fixture(scope="module")
def a_night(timbang: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder after a night of one agency: one delivery accepted but for a row, one held, one refused."""
    folder = tmp_path_factory.mktemp("night")
    files = {"a.csv": GOOD.format(1) + GOOD.format(2) + BAD.format(3), "b.csv": BAD.format(4)}
    waiting = folder / "landing" / "uji" / "timbang" / "2026-10"
    waiting.mkdir(parents=True)
    for name, rows in files.items():
        (waiting / name).write_text(f"{HEADER}\n{rows}", encoding="utf-8")
    (waiting / "c.csv").write_text("no;header\n", encoding="utf-8")
    for file in waiting.iterdir():
        os.utime(file, (1.79e9, 1.79e9))  # at rest
    with pytest.MonkeyPatch.context() as patch:
        move(patch, folder)
        for receipts in ingest.receive(timbang):
            ingest.load(timbang, receipts)
        with warehouse.connect() as con:
            judge_without_gx(con, timbang)
    return folder


def move(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.setattr(settings, "DATA", folder)
    for name in ("landing", "archive", "returns", "releases", "current"):
        patch.setattr(settings, name.upper(), folder / name)
    patch.setattr(settings, "WAREHOUSE", folder / "warehouse.duckdb")


@pytest.fixture
def loaded(a_night: Path, timbang: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """A copy of the night with a release of now, and contracts of that agency alone."""
    move(monkeypatch, Path(shutil.copytree(a_night, tmp_path / "data")))
    agency = Agency("uji", "", "", "", "0 19 * * *", (timbang,))
    for module in ("status", "contract_reader", "retention", "standing"):
        monkeypatch.setattr(f"include.{module}.read_agencies", lambda: [agency])
    release(datetime.now(UTC))
    return timbang


def release(moment: datetime) -> None:
    folder = settings.RELEASES / f"{moment:%Y-%m-%dT%H%M%S.%fZ}"
    (folder / "task_force").mkdir(parents=True)
    files = {name: hashlib.sha256(b"1\n").hexdigest() for name in ("mart.csv", "task_force/mart.csv")}
    for name in files:
        (folder / name).write_bytes(b"1\n")
    write_manifests(folder, {"as_of": {"uji/timbang": "2026-10"}}, files)
    settings.CURRENT.unlink(missing_ok=True)
    settings.CURRENT.symlink_to(folder)


def test_nothing_yet_is_one_sentence(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(status.main) == 2
    assert capsys.readouterr().err == "There is no working database warehouse.duckdb yet; run make nightly.\n"


def test_a_database_of_another_version_is_one_sentence(loaded: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    with warehouse.connect() as con:
        con.execute("drop table audit.dismissed")
    assert exit_code(status.main) == 2
    assert capsys.readouterr().err == "The working database is of another version; the next night builds it anew.\n"


def test_a_busy_database_is_one_sentence(loaded: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    code = f"import sys, time; from pathlib import Path; from include import settings, warehouse; settings.DATA = Path({str(settings.DATA)!r})\n"
    code += f"with warehouse.connect(Path({str(settings.WAREHOUSE)!r})) as con:\n    print('open', flush=True); sys.stdin.read()"
    writer = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "open\n"
    try:
        assert exit_code(status.main) == 2
        assert capsys.readouterr().err.count("\n") == 1
    finally:
        writer.communicate("")


def test_status_says_what_needs_a_person(loaded: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    with warehouse.connect(read_only=True) as con:
        [(came,)] = con.execute("select max(received_at)::date::varchar from audit.deliveries").fetchall()
    assert status.main() == 1
    said = capsys.readouterr().out
    assert "3 files, 1 accepted with 2 rows, 1 held, 1 refused" in said
    assert "needs a person: uji/timbang: 1 deliveries refused" in said
    assert "needs a person: uji/timbang: 1 deliveries held" in said
    [row] = [line for line in said.splitlines() if line.startswith("│ uji/timbang")]
    assert [cell.strip() for cell in row.strip("│").split("│")][1:] == [
        "2026-10",
        came,
        "-",
        "1",
        "1",
        "2",
        "-",
    ]
    assert "AMINAH" not in said
    assert "3604050502" not in said


def test_what_will_never_come_mended_is_dismissed_for_good(
    loaded: Dataset, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dismiss, "find_dataset", lambda agency, name: loaded)
    refused = "uji/timbang/2026-10/c.csv"
    with pytest.raises(Problem, match="Say why the delivery is dismissed"):
        dismiss.main([refused])
    with pytest.raises(Problem, match=r"FILE=uji/timbang/2026-10/d\.csv; nearest: uji/timbang/2026-10/"):
        dismiss.main(["uji/timbang/2026-10/d.csv", "--why", "no data"])
    assert status.main() == 1
    assert "refused since 20" in (said := capsys.readouterr().out)
    assert f": {refused}\n    c.csv: " in said
    assert 'make dismiss FILE=<as named here> WHY="..."' in said
    assert dismiss.main([refused, "--why", "a list without data"]) == 0
    [receipt] = [
        json.loads(path.read_text()) for path in settings.ARCHIVE.glob("*/*/*.json") if "c.csv" in path.read_text()
    ]
    assert (receipt["dismissed_by"], receipt["dismissed_because"]) == (user(), "a list without data")
    settings.WAREHOUSE.unlink()
    for receipts in ingest.receive(loaded):
        ingest.load(loaded, receipts)
    with warehouse.connect() as con:
        judge_without_gx(con, loaded)
        assert con.execute(f"select status, file_name from ({STANDING})").fetchall() == [("held", "b.csv")]
    capsys.readouterr()
    status.main()
    assert "c.csv" not in capsys.readouterr().out


def test_status_is_content_when_all_is_well(loaded: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    with warehouse.connect() as con:
        con.execute("update audit.deliveries set status = 'loaded'")
    assert status.main() == 0
    assert "Nothing needs a person." in capsys.readouterr().out


@pytest.mark.parametrize("code", [1, 2])
def test_the_line_for_a_monitor_keeps_the_code(loaded: Dataset, code: int) -> None:
    """As docs/operating.md has it, with the keys of this test in the place of .env."""
    told = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    [line] = re.findall(r"^    (set -a; .* -m include\.status)$", told, re.MULTILINE)
    line = line.replace(" . ./.env;", "").replace(".venv/bin/python", sys.executable)
    if code == 2:
        settings.WAREHOUSE.unlink()
    environment = os.environ | {"TEGAK_DATA": str(settings.DATA)}
    done = subprocess.run(["sh", "-c", line], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("needs a person" in done.stdout) == (code == 1)


def test_an_old_release_and_a_failed_step_need_a_person(loaded: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    release(datetime.now(UTC) - timedelta(days=3))
    alerts.tell([Alert(alerts.FAILED, "stunting_mart.audit", "lost rows")], {})
    assert status.main() == 1
    said = capsys.readouterr().out
    assert "the release is 3 days old" in said
    assert "stunting_mart.audit failed: lost rows" in said


@pytest.fixture
def built(loaded: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The marts were built of what there is and went out three days ago; the code is this one file."""
    assert unchanged._CODE == ("dbt_project", "expectations", "include", "requirements.txt")
    code, seeds, shapes = tmp_path / "model.sql", tmp_path / "regencies" / "36.04", tmp_path / "boundaries"
    code.write_text("select 1")
    for folder in (seeds, shapes):
        folder.mkdir(parents=True)
        (folder / "one.csv").write_text("1")
    monkeypatch.setattr(unchanged, "_CODE", (code, seeds.parent))
    monkeypatch.setattr(settings, "REGENCY_SEEDS", seeds)
    monkeypatch.setenv("TEGAK_BOUNDARIES", str(shapes))
    release(datetime.now(UTC) - timedelta(days=3))
    with warehouse.connect() as con:
        con.execute(
            "insert into audit.built values (?, ?, null)", [unchanged.made_of(con), settings.CURRENT.resolve().name]
        )
    return code


def test_an_old_release_that_a_night_let_stand_needs_nobody(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert unchanged.confirm() == settings.CURRENT.resolve().name
    status.main()
    said = capsys.readouterr().out
    assert "3 days old, stands since nothing is new, 0 hours ago" in said
    assert "see the last run of stunting_mart" not in said


@pytest.mark.parametrize(
    "news",
    [
        *(
            "delivery",
            "returned row",
            "code",
            "regencies/36.04/one.csv",
            "boundaries/one.csv",
            "key",
            "other release",
            "no release",
        ),
        *("damage", "task_force/damage", "manifest.json", "task_force/manifest.json", "build"),
    ],
)
def test_whatever_changes_a_release_is_news(built: Path, monkeypatch: pytest.MonkeyPatch, news: str) -> None:
    assert unchanged.since_release()
    with warehouse.connect() as con:
        if news == "delivery":
            con.execute("update audit.deliveries set rows_accepted = rows_accepted - 1 where rows_accepted > 0")
        if news == "returned row":
            con.execute("update audit.items set state = 'fixed'")
        if news == "build":  # one that was begun and did not end
            con.execute("delete from audit.built")
    if news == "code":
        built.write_text("select 2")
    if news.endswith("one.csv"):
        (built.parent / news).write_text("2")
    if news.endswith("manifest.json"):
        (settings.CURRENT / news).write_bytes(bytes(20))
    if news == "key":
        monkeypatch.setenv("TEGAK_PSEUDONYM_KEY", "another key of thirty-two letters")
    if news == "other release":
        release(datetime.now(UTC))
    if news.endswith("damage"):
        (settings.CURRENT / news).with_name("mart.csv").write_bytes(b"2\n")
    if news == "no release":
        settings.CURRENT.unlink()
    assert not unchanged.since_release()
    assert unchanged.confirm() is None


def test_a_late_dataset_and_a_full_disk_need_a_person(
    loaded: Dataset, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with warehouse.connect() as con:
        con.execute("update audit.deliveries set status = 'loaded', received_at = received_at - interval 90 day")
    monkeypatch.setattr(room, "_SCRATCH", (2**60, 0))
    assert status.main() == 1
    said = capsys.readouterr().out
    assert "uji/timbang last brought accepted rows 90 days ago, it is due every 40" in said
    assert "GB are free" in said


def test_quarantine_counts_rows_by_rule_and_column(loaded: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    with warehouse.connect(read_only=True) as con:
        [(came,)] = con.execute("select min(received_at) from audit.items").fetchall()
        quarantine.show(con, [loaded], came.replace(tzinfo=UTC) + timedelta(days=9))
    said = capsys.readouterr().out
    [row] = [line for line in said.splitlines() if line.startswith("│ uji/timbang")]
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "uji/timbang",
        "2026-10",
        "nama",
        "not_null",
        "2",
        "9",
    ]
    assert "uji/timbang: 2 rows open, 2 deliveries refused or held" in said
    assert "AMINAH" not in said
    assert "3604050502" not in said


@pytest.mark.parametrize(
    ("agency", "dataset", "sentence"),
    [
        ("dinkess", "", "There is no agency 'dinkess'; nearest: dinkes, "),
        ("zzz", "", "There is no agency 'zzz'; known: bappeda, "),
        ("dinkes", "timbang", "dinkes has no dataset 'timbang'; nearest: penimbangan."),
        ("", "anggran", "No agency has a dataset 'anggran'; nearest: anggaran"),
    ],
)
def test_an_unknown_name_gets_the_nearest(
    agency: str, dataset: str, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["quarantine", "--agency", agency, "--dataset", dataset])
    assert exit_code(quarantine.main) == 2
    assert capsys.readouterr().err.startswith(sentence)


def test_a_backfill_is_refused_before_airflow_starts(data: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "include.read_again",
        "--agency",
        "dinkess",
        "--from",
        "2026-03",
        "--to",
        "2026-05",
    ]
    environment = os.environ | {"TEGAK_DATA": str(data), "AIRFLOW_HOME": str(data / "airflow"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("There is no agency 'dinkess'; nearest: dinkes, ")
    assert not (data / "airflow").exists()


def test_a_preview_is_read_as_it_was_written(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes = [
        Change("stunting_by_desa", "2026-03-01", 1200, 0, 3, None, None),
        Change("stunting_by_kabupaten", "2026-03-01", 0, 0, 1, 25.2, 25.1),
    ]
    file = backfill.preview_file("manual__2026-11-24T23:00:46+00:00")
    compare.write_changes(changes, file)
    assert file.name == "manual__2026-11-24T23_00_46_00_00.csv"
    assert compare.read_changes(file) == changes
    compare.show_changes(changes, file)
    said = capsys.readouterr().out
    assert "1,200" in said
    assert said.index("stunting_by_kabupaten") < said.index("stunting_by_desa")
    compare.show_changes([], file)
    assert "No published number changes" in capsys.readouterr().out


def test_a_dags_bar_is_full_when_it_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step = "2026-11-28T10:00:{:02}+00:00 x [DAG TEST] {} task_id={}\n"
    lines = ["[NIGHT] dag ingest_uji\n", step.format(0, "starting", "gate"), step.format(2, "end task", "gate")]
    lines += ["[NIGHT] dag mart\n", step.format(3, "starting", "build"), step.format(9, "end task", "build")]
    lines += [step.format(9, "starting", "publish"), step.format(10, "end task", "publish")]
    child = SimpleNamespace(stdout=lines, wait=lambda: 0)
    monkeypatch.setattr(progress.subprocess, "Popen", lambda *arguments, **settings: child)
    said = io.StringIO()
    monkeypatch.setattr(console, "CONSOLE", Console(file=said, width=120))
    outcome = progress.run_dags(tmp_path / "night.log")
    assert outcome.steps == {"ingest_uji gate": 2.0, "mart build": 6.0, "mart publish": 1.0}
    assert re.findall(r"\d+/\S+", said.getvalue()) == ["1/1", "1/1", "2/2"]
