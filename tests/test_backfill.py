"""What a backfill is asked for: one sentence for what cannot be, the right deliveries for what can; and one real run."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dags import backfill as dag
from include import audit, backfill, build, ingest, release, settings
from include.contract_reader import find_dataset
from include.problem import Problem
from tests.night import Night, run_backfill

ASKED = {"agency": "dinkes", "dataset": "stbm_desa", "first_month": "2026-03", "last_month": "2026-06"}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"agency": ""}, "Say which agency; known: bappeda, "),
        ({"agency": "dinkess"}, "There is no agency 'dinkess'; nearest: dinkes, "),
        ({"dataset": "timbang"}, "dinkes has no dataset 'timbang'; nearest: penimbangan."),
        ({"first_month": "2026-13"}, "'2026-13' is no month; write one as 2026-03."),
        ({"last_month": ""}, "'' is no month; write one as 2026-03."),
        ({"first_month": "2026-07"}, "first_month 2026-07 is after last_month 2026-06."),
        ({}, "Nothing of dinkes/stbm_desa was delivered for 2026-03 to 2026-06."),
        ({"dataset": ""}, "Nothing of dinkes was delivered for 2026-03 to 2026-06."),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(data: Path, changed: dict[str, str], sentence: str) -> None:
    with pytest.raises(Problem) as refused:
        backfill.read_request(ASKED | changed)
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)


def test_a_quarter_or_year_that_shares_a_month_is_read_again(data: Path, put: Callable[..., Path]) -> None:
    desa, houses = find_dataset("dinkes", "stbm_desa"), find_dataset("perkim", "rtlh_rumah")
    for number, period in enumerate(["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]):
        put(desa, period, "a.csv", number, period)
    put(houses, "x", "a.csv", 0, "2026")
    for dataset in (desa, houses):
        ingest.receive(dataset)
    [(_, chosen)] = backfill.read_request(ASKED).chosen
    assert [delivery.period for delivery in chosen] == ["2026-Q1", "2026-Q2"]
    [(dataset, _)] = backfill.read_request(ASKED | {"agency": "perkim", "dataset": ""}).chosen
    assert dataset == houses


def test_there_is_no_preview_before_the_first_release(data: Path, put: Callable[..., Path]) -> None:
    dataset = find_dataset("dinkes", "stbm_desa")
    put(dataset, "x", "a.csv", 0, "2026-Q2")
    ingest.receive(dataset)
    with pytest.raises(
        backfill.BackfillRefused, match=r"^There is no release yet to compare with; run make nightly\.$"
    ):
        backfill.preview(ASKED, "run")
    assert not (data / "previews").exists()


MONTH = {"agency": "dinkes", "dataset": "penimbangan", "first_month": "2026-10", "last_month": "2026-10"}


@pytest.fixture
def other(night: Night, tmp_path: Path) -> Callable[[float], Night]:
    """A copy of a night whose release has another prevalence in October, as if made under another rule."""

    def make(points: float) -> Night:
        shutil.copytree(night.home, tmp_path / "home", symlinks=True)
        made = Night(tmp_path / "home", 0, "")
        with duckdb.connect(str(made.task_force() / "tegak.duckdb")) as con:
            con.execute(
                "update stunting_by_kabupaten set stunted_pct = stunted_pct + ? where month = '2026-10-01'", [points]
            )
        return made

    return make


def test_a_published_backfill_shows_what_changes_then_switches_to_what_a_night_makes(
    night: Night, other: Callable[[float], Night]
) -> None:
    made = other(1.0)
    before = made.release()
    done = run_backfill(made.home, MONTH | {"publish": True})
    assert done.code == 0, done.output[-3000:]
    assert made.release() != before
    with next((made.data / "previews").iterdir()).open(encoding="utf-8") as stream:
        [change] = csv.DictReader(stream)
    assert (change["mart"], change["period"], change["rows_changed"]) == ("stunting_by_kabupaten", "2026-10-01", "1")
    assert float(change["stunted_pct_before"]) == pytest.approx(float(change["stunted_pct_after"]) + 1)
    files = sorted(path.relative_to(night.release()) for path in night.release().rglob("*.parquet"))
    assert [
        name for name in files if (made.release() / name).read_bytes() != (night.release() / name).read_bytes()
    ] == []
    assert [path.name for path in made.data.iterdir() if path.name.startswith("backfill")] == []


def test_a_backfill_that_the_audit_refuses_is_not_published(
    other: Callable[[float], Night], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MIN_HEIGHTS", 1)  # the tiny regency has some sixty
    made = other(4.0)
    done = []
    for name, place in {"WAREHOUSE": "warehouse.duckdb", "ARCHIVE": "archive", "CURRENT": "current"}.items():
        monkeypatch.setattr(settings, name, made.data / place)
    monkeypatch.setattr(backfill, "read_again", lambda request: done.append([d.period for d in request.chosen[0][1]]))
    monkeypatch.setattr(build, "build_models", lambda: done.append("build"))
    monkeypatch.setattr(release, "publish_release", lambda: done.append("publish"))
    with pytest.raises(audit.AuditFailed, match=r"^stunting in 2026-10: [\d.]+ % in the last release, [\d.]+ % now;"):
        dag.publish.function(params=MONTH)
    assert {*done[0]} == {"2026-10"}
    assert done[1:] == ["build"]
