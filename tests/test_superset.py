"""Superset, in its own environment, on a night's release: it starts, shows the dashboard, and reads no file of the server.

Runs where `make .venv-superset` was made and Debian's chromium is there; the files of the dashboard are checked everywhere.
"""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from include.settings import ROOT
from tests.night import Night

FOLDER = ROOT / "include" / "superset"
ASSETS = FOLDER / "assets"
PYTHON = Path(os.environ.get("TEGAK_SUPERSET_VENV") or ROOT / ".venv-superset") / "bin" / "python"
CHROMIUM = shutil.which("chromium")
SECONDS = 600
ACCOUNT = "tegak"

installed = pytest.mark.skipif(
    not (PYTHON.exists() and CHROMIUM), reason="needs .venv-superset (make superset) and Debian's chromium"
)


def assets(kind: str) -> list[dict[str, Any]]:
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((ASSETS / kind).glob("*.yaml"))]


def test_the_queries_of_the_dashboard_run_on_a_release(night: Night):
    """With the columns and metrics that the charts name."""
    with duckdb.connect(str(night.release() / "public" / "tegak.duckdb"), read_only=True) as con:
        for dataset in assets("datasets"):
            columns = {column["column_name"] for column in dataset["columns"]}
            found = con.execute(f"from ({dataset['sql']}) limit 0").description
            assert columns <= {name for name, *_ in found}, dataset["table_name"]
            for metric in dataset["metrics"]:
                con.execute(f"select {metric['expression']} from ({dataset['sql']})")


@pytest.mark.parametrize(
    ("name", "area"), [("desa", "desa_label"), ("kecamatan", "kecamatan_name"), ("kabupaten", "1")]
)
def test_a_metric_is_a_figure_of_the_release_and_never_a_sum(night: Night, name: str, area: str):
    """What is suppressed would be missing in a sum of areas, and a sum of months counts each child again."""
    [dataset] = [one for one in assets("datasets") if one["table_name"] == name]
    rows = f"({dataset['sql']})"
    with duckdb.connect(str(night.release() / "public" / "tegak.duckdb"), read_only=True) as con:
        for metric in dataset["metrics"]:
            [column] = re.findall(r"max\((\w+)\)", metric["expression"])
            shown = con.sql(f"select {area}, month, {metric['expression']} from {rows} group by all")
            told = con.sql(f"select {area}, month, {column} from {rows}")
            assert sorted(shown.fetchall(), key=str) == sorted(told.fetchall(), key=str)
            assert con.execute(f"select {metric['expression']} from {rows}").fetchall() == [(None,)]


def test_charts_name_what_their_datasets_have():
    datasets = {dataset["uuid"]: dataset for dataset in assets("datasets")}
    for chart in assets("charts"):
        dataset = datasets[chart["dataset_uuid"]]
        params = chart["params"]
        columns = {column["column_name"] for column in dataset["columns"]}
        metrics = {metric["metric_name"] for metric in dataset["metrics"]}
        named = {params.get("x_axis"), params.get("groupby") or None} if params.get("x_axis") else set()
        named |= set(params.get("all_columns", []))
        assert named - {None} <= columns, chart["slice_name"]
        used = {params.get("metric")} | set(params.get("metrics", [])) | set(params.get("metrics_b", []))
        assert used - {None} <= metrics, chart["slice_name"]


def test_every_chart_is_on_the_dashboard():
    [dashboard] = assets("dashboards")
    items = [item for item in dashboard["position"].values() if isinstance(item, dict)]  # one is the form's version
    shown = {item["meta"]["uuid"] for item in items if item["type"] == "CHART"}
    assert shown == {chart["uuid"] for chart in assets("charts")}


def test_a_password_is_never_made_up(tmp_path: Path):
    """Without both secrets it does not start; none stands in a file."""
    environment = {"PATH": os.environ["PATH"], "TEGAK_DATA": str(tmp_path), "TEGAK_SUPERSET_KEY": "x" * 32}
    command = ["python3", str(FOLDER / "start.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.split()[0]) == (2, "TEGAK_SUPERSET_KEY")
    assert list(tmp_path.iterdir()) == []


@dataclass
class Server:
    address: str
    password: str
    data: Path


@pytest.fixture(scope="module")
def server(night: Night, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Superset as `make superset` starts it, on a copy of the public zone."""
    data = tmp_path_factory.mktemp("superset")
    shutil.copytree(night.release() / "public", data / "releases" / "one" / "public")
    (data / "current").symlink_to("releases/one")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{free.getsockname()[1]}"
    password = secrets.token_hex(12)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(data),
        "TEGAK_DATA": str(data),
        "TEGAK_SUPERSET_KEY": secrets.token_hex(32),
        "TEGAK_SUPERSET_PASSWORD": password,
        "TEGAK_SUPERSET_BIND": bind,
    }
    with (data / "log").open("w") as log:
        process = subprocess.Popen([PYTHON, FOLDER / "start.py"], env=environment, stdout=log, stderr=log)
    try:
        yield Server(_healthy(f"http://{bind}", process, data / "log"), password, data)
    finally:
        process.terminate()
        process.wait(30)


def _healthy(address: str, process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:
                if answer.read() == b"OK":
                    return address
        except OSError:
            time.sleep(1)
    raise AssertionError(log.read_text()[-3000:])


@pytest.fixture(scope="module")
def page(server: Server) -> Iterator[Any]:
    """A page of chromium with somebody logged in; `page.asked` has each address that it asked for."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 2760}, locale="id-ID")
        page.asked, page.refused = set(), set()
        page.on("request", lambda request: page.asked.add(request.url))
        # Superset's counter of visits, which the policy of superset_config.py keeps the page from fetching
        page.on("requestfailed", lambda request: page.refused.add((request.url, request.failure)))
        page.set_default_timeout(SECONDS * 1000)
        page.goto(f"{server.address}/login/")
        page.locator("#username").fill(ACCOUNT)
        page.locator("#password").fill(server.password)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("welcome|dashboard"))
        yield page
        browser.close()


@installed
def test_the_dashboard_shows_the_release(server: Server, page: Any):
    """Every chart is drawn, with the figures of the release; TEGAK_SCREENSHOT keeps the picture."""
    page.goto(f"{server.address}/superset/dashboard/tegak/")
    for chart in assets("charts"):
        page.get_by_text(chart["slice_name"], exact=True).first.wait_for()
    until = time.monotonic() + SECONDS
    # no wait_for_function: it evaluates text, which the policy of the page forbids
    while page.locator("[data-test=loading-indicator], .loading").count() and time.monotonic() < until:
        page.wait_for_timeout(500)
    page.wait_for_timeout(3000)  # charts are drawn with a movement
    picture = server.data / "dashboard.png"
    page.screenshot(path=picture)
    if kept := os.environ.get("TEGAK_SCREENSHOT"):
        shutil.copy(picture, kept)
    text = page.inner_text("body")
    assert "error" not in text.lower()
    assert page.locator("canvas").count() >= 2
    with duckdb.connect(str(server.data / "current" / "public" / "tegak.duckdb"), read_only=True) as con:
        [(release, due, desa)] = con.execute(
            "select (select release from release_info), max(due), (select max_by(desa_label, stunted_pct) from fact_stunting "
            "join dim_desa using (desa_code) join dim_month using (month) where is_newest_month) "
            "from stunting_by_kecamatan join dim_month using (month) where is_newest_month"
        ).fetchall()
    for figure in (release, due and f"{due:,}".replace(",", "."), desa):
        assert figure is None or figure in text
    assert picture.stat().st_size > 100_000  # charts were drawn, not only their frames


@installed
def test_no_request_leaves_the_server(server: Server, page: Any):
    elsewhere = {url for url in page.asked if not url.startswith((server.address, "data:", "blob:"))}
    assert len(page.asked) > 20
    assert elsewhere == {url for url, why in page.refused if why == "csp"}


@installed
@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("select count(*) as desa from dim_desa", '"desa"'),
        ("select * from read_text('/etc/passwd')", "disabled"),
        ("select * from '/etc/passwd'", "disabled|does not exist"),
        ("set enable_external_access = true", "locked|only .*select|not allowed|DML"),
        ("attach '/etc/passwd' as x", "disabled|only .*select|not allowed|DML"),
    ],
)
def test_sql_lab_reads_the_release_and_no_file(server: Server, page: Any, statement: str, answer: str):
    told = page.evaluate(
        """async (sql) => {
            const token = (await (await fetch('/api/v1/security/csrf_token/')).json()).result;
            const databases = (await (await fetch('/api/v1/database/')).json()).result;
            const asked = {database_id: databases[0].id, sql, client_id: Math.random().toString(36).slice(2, 12),
                runAsync: false, schema: 'main'};
            const answer = await fetch('/api/v1/sqllab/execute/', {method: 'POST', body: JSON.stringify(asked),
                headers: {'Content-Type': 'application/json', 'X-CSRFToken': token}});
            return [answer.status, await answer.text()];
        }""",
        statement,
    )
    assert (told[0] == 200) == ("desa" in answer), told
    assert re.search(answer, told[1], re.IGNORECASE), told
    assert "root:" not in json.dumps(told)
