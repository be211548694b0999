"""A small part of the bench: its arithmetic, its last line, and that the naive design accepts the same rows as ours."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import duckdb
import pytest

from include import settings, vault, warehouse
from include.archive import deliveries
from include.contract_reader import find_dataset
from tests.bench import report
from tests.bench.__main__ import SECTIONS
from tests.bench.lines import line
from tests.bench.measure import Run, Side, SideFailed, Spread, alternate, ratio, run_side
from tests.bench.naive.__main__ import group_models
from tests.bench.naive.intake import take_in
from tests.bench.night import reckoned
from tests.bench.side import computing

DATASETS = ("dinkes/penimbangan", "dinkes/stbm_desa", "dkbp3a/catin", "dpmd/dana_desa", "kemenag/bimwin")


def sleeper(seconds: float) -> Callable[[], dict[str, str]]:
    """A side of a comparison: what it does before it returns its work is not timed."""
    import time

    time.sleep(0.3)

    def work() -> dict[str, str]:
        time.sleep(seconds)
        return {"said": "done"}

    return work


def finder() -> Callable[[], dict[str, str]]:
    """A side that needs a package of its own, which comes with an old module of a name that the standard library has."""
    import typing

    import only_this_side

    return lambda: {"found": only_this_side.NAME, "typing": typing.__file__}


def breaker() -> Callable[[], None]:
    raise ValueError("no such file")


def test_a_ratio_is_taken_turn_by_turn():
    ours = [_run(2), _run(40), _run(3)]
    theirs = [_run(1), _run(10), _run(1)]
    assert ratio(ours, theirs) == Spread(median=3, least=2, most=4)


def test_sides_run_in_turns_and_only_their_work_is_timed():
    order: list[str] = []
    sides = {
        "a": Side("tests.test_bench:sleeper", {"seconds": 0.1}),
        "b": Side("tests.test_bench:sleeper", {"seconds": 0}),
    }
    runs = alternate(sides, dict(os.environ), 2, order.append)
    assert order == ["a", "b", "a", "b"]
    assert all(run.seconds >= 0.1 and run.peak_mb > 5 and run.told == {"said": "done"} for run in runs["a"])
    assert all(run.seconds < 0.3 for run in runs["b"])  # what it took to prepare


def test_computing_counts_a_child_that_lives_on():
    before = computing()
    busy = "sum(range(30_000_000)); print('ready', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", busy], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        assert computing() - before >= 0.1
        child.communicate(b"\n")


def test_a_sides_own_packages_hide_nothing_of_the_others(tmp_path: Path):
    (tmp_path / "only_this_side.py").write_text("NAME = 'it'\n", encoding="utf-8")
    (tmp_path / "typing.py").write_text("raise AttributeError('too old')\n", encoding="utf-8")
    told = run_side(Side("tests.test_bench:finder", path=str(tmp_path)), dict(os.environ)).told
    assert told["found"] == "it"
    assert not told["typing"].startswith(str(tmp_path))


def test_a_side_that_fails_says_why():
    with pytest.raises(SideFailed, match="no such file"):
        run_side(Side("tests.test_bench:breaker"), dict(os.environ))


def test_a_goal_is_a_most_or_a_least():
    slow = line("ours", [_run(10)], "theirs", [_run(2)], 4.0)
    assert slow.is_missed
    assert not line("ours", [_run(8)], "theirs", [_run(2)], 4.0).is_missed
    assert not line("ours", [_run(9)]).is_missed
    faster = line("night", [_run(10), _run(10)], "naive", [_run(40), _run(100)]).slower(5.0, "naive_x")
    assert faster.ratio == Spread(median=1 / 0.175, least=4, most=10)
    assert not faster.is_missed
    assert line("night", [_run(10)], "naive", [_run(40)]).slower(5.0, "naive_x").is_missed


def test_every_section_is_there():
    assert all(callable(import_module(f"tests.bench.{name}").run) for name in SECTIONS)


def test_the_last_line_has_every_figure_and_a_dash_for_what_was_not_measured():
    lines = [line("csv", [_run(3)], "duckdb", [_run(2)], 3.0, "csv_x"), line("other", [_run(9)], "x", [_run(1)])]
    assert report.last_line(lines, None) == "bench night_s=- peak_mb=- csv_x=1.50 gate_x=- zscore_x=- naive_x=-"
    lines += [line("n", [_run(10)], "naive", [_run(80)]).slower(5.0, "naive_x")]
    assert report.last_line(lines, _run(123.44)).startswith("bench night_s=123.4 peak_mb=700 csv_x=1.50 gate_x=- ")
    assert report.last_line(lines, None).endswith(" naive_x=8.00")


def test_a_table_tells_the_spread_the_goal_and_what_was_missed():
    lines = [line("csv", [_run(8), _run(9)], "duckdb", [_run(2), _run(2)], 3.0, "csv_x", note="plain")]
    row = report.markdown(lines, {"cores": 2}, "2026-11-28").splitlines()[-1]
    assert (
        row
        == "| csv | 8.50 (8.00-9.00) | 8.50 | 700 | duckdb (plain) | 2.00 | 2.00 | 700 | 4.25 (4.00-4.50) | most 3, missed |"
    )


def test_models_that_were_not_alone_are_reckoned():
    steps = [_step("parse", 5), _step("run a", 4), _step("run b c d", 6), _step("snapshot e", 2)]
    run, note = reckoned(_run(30), steps)
    assert (run.seconds, run.cpu_seconds) == (30 - 12 + 5 * 3, 30 - 6 + 5 * 1.5)
    assert note == "5 models at 3.0 s a task, reckoned from 2"
    alone, note = reckoned(_run(30), [_step("run a", 4), _step("run b", 6)])
    assert (alone.seconds, note) == (30, "2 models at 5.0 s a task")


@pytest.mark.parametrize(("every", "tasks"), [(1, 7), (3, 5)])
def test_the_naive_design_builds_each_model_once_after_those_it_reads(every, tasks):
    names = "abcdefg"
    nodes = {
        f"model.{name}": {
            "name": name,
            "resource_type": "model",
            "depends_on": {"nodes": [f"model.{names[number - 1]}"] if number else ["source.x"]},
        }
        for number, name in enumerate(names)
    }
    groups = group_models({"nodes": nodes | {"test.t": {"resource_type": "test"}}}, every)
    assert [name for group in groups for name in group.models] == list(names)
    assert len(groups) == tasks
    assert groups[1].parents[0] == "a"


def test_the_naive_design_accepts_the_same_rows(night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Else the two would not be compared on the same work."""
    monkeypatch.setattr(settings, "DATA", night.data)
    monkeypatch.setattr(settings, "ARCHIVE", night.data / "archive")
    datasets = [find_dataset(*name.split("/")) for name in DATASETS]
    with duckdb.connect(str(tmp_path / "naive.duckdb")) as con:
        warehouse.prepare(con)
        for dataset in datasets:
            for number, delivery in enumerate(deliveries(dataset)):
                file = tmp_path / "landing" / dataset.agency / dataset.name / str(delivery.period) / delivery.file_name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(vault.read_sealed(delivery.file))
                os.utime(file, (number, number))  # in the order in which they came
            take_in(con, dataset, tmp_path / "landing")
    with night.warehouse() as con:
        con.execute(f"attach '{tmp_path / 'naive.duckdb'}' as naive (read_only)")
        for dataset in datasets:
            columns = ", ".join(column.name for column in dataset.columns)
            ours, naive = (
                f"select {columns}, _period from {place}.{dataset.table} where _status = 'accepted'"
                for place in ("warehouse", "naive")
            )
            assert con.execute(f"select count(*) > 0 from ({ours})").fetchall() == [(True,)], dataset.table
            assert con.execute(f"{ours} except all {naive}").fetchall() == [], dataset.table
            assert con.execute(f"{naive} except all {ours}").fetchall() == [], dataset.table


def _run(seconds: float) -> Run:
    return Run(seconds, seconds, 700)


def _step(name: str, seconds: float) -> dict[str, object]:
    return {"step": name, "seconds": seconds, "cpu_seconds": seconds / 2}
