"""What Airflow's page shows of Tegak: the public zone under /tegak, three entries of the menu, a button on two tasks."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from starlette.testclient import TestClient

from include import ingest, pages, settings, warehouse
from include.contract import Dataset
from include.gate import judge_without_gx
from include.links import QualityLink, SiteLink
from include.regencies import Regency
from include.release import switch_current
from include.settings import ROOT
from include.settle import Verdict
from include.site_app import make_app

PLUGIN = ROOT / "include" / "airflow_plugin" / "tegak.py"


def release(folder: Path, name: str) -> Path:
    """Make the files that a release would have, each with its own name in it."""
    for file in (
        "public/site/index.html",
        "public/site/style.css",
        "public/stunting_by_desa.parquet",
        "task_force/site/index.html",
        "task_force/tegak.duckdb",
        "manifest.json",
        "dictionary.csv",
    ):
        (folder / name / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / name / file).write_text(f"{name} {file}", encoding="utf-8")
    return folder / name


@pytest.fixture
def page(tmp_path: Path) -> Iterator[TestClient]:
    (tmp_path / "warehouse.duckdb").write_text("private", encoding="utf-8")
    switch_current(release(tmp_path / "releases", "first"), tmp_path / "current")
    with TestClient(make_app(tmp_path / "current"), follow_redirects=False) as client:
        yield client


def test_the_public_zone_is_shown_as_it_lies_in_the_release(page: TestClient) -> None:
    assert page.get("/").headers["location"] == "/public/site/index.html"
    for path in ("public/site/index.html", "public/stunting_by_desa.parquet", "manifest.json", "dictionary.csv"):
        assert page.get(f"/{path}").text == f"first {path}"
    assert page.get("/public/site/").text == "first public/site/index.html"
    assert "default-src 'self'" in page.get("/public/site/").headers["content-security-policy"]


def test_it_follows_the_switch(page: TestClient, tmp_path: Path) -> None:
    switch_current(release(tmp_path / "releases", "second"), tmp_path / "current")
    assert page.get("/public/site/index.html").text == "second public/site/index.html"
    assert page.get("/manifest.json").text == "second manifest.json"


@pytest.mark.parametrize(
    "path",
    [
        "/task_force/tegak.duckdb",
        "/public/../task_force/tegak.duckdb",
        "/public/%2e%2e/task_force/tegak.duckdb",
        "/public/..%2ftask_force/tegak.duckdb",
        "/public/..%2f..%2f..%2fwarehouse.duckdb",
        "/public//etc/passwd",
        "/public/site/link",
        "/..%2f..%2fwarehouse.duckdb",
        "/current",
    ],
)
def test_nothing_else_is_shown(page: TestClient, tmp_path: Path, path: str) -> None:
    (tmp_path / "current" / "public" / "site" / "link").symlink_to(tmp_path / "warehouse.duckdb")
    answer = page.get(path)
    assert answer.status_code == 404
    assert "private" not in answer.text
    assert "tegak.duckdb" not in answer.text


def test_what_is_not_there_yet_is_said_in_a_sentence(tmp_path: Path) -> None:
    with TestClient(make_app(tmp_path / "current")) as client:  # no release at all
        for path in ("/", "/public/site/mutu.html", "/manifest.json"):
            answer = client.get(path)
            assert answer.status_code == 404
            assert "belum ada di rilis terakhir" in answer.text
            assert "does not have this page yet" in answer.text


def test_nothing_is_written_by_the_page(page: TestClient) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert page.request(method, "/public/site/index.html").status_code == 405


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> ModuleType:
    """The plugin as Airflow loads it, with or without a server of the site elsewhere, for one regency or two."""
    site, regencies = request.param
    monkeypatch.setenv("TEGAK_SITE_URL", site)
    monkeypatch.setenv("TEGAK_REGENCIES", regencies)
    spec = importlib.util.spec_from_file_location("tegak_plugin", PLUGIN)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "plugin", [("", ""), ("http://127.0.0.1:8081/", "")], indirect=True, ids=["make up", "compose"]
)
def test_the_menu_leads_to_the_site(plugin: ModuleType, request: pytest.FixtureRequest) -> None:
    views = plugin.TegakPlugin.external_views
    elsewhere = "compose" in request.node.name
    base = "http://127.0.0.1:8081" if elsewhere else pages.MOUNT
    assert [view["href"] for view in views] == [
        f"{base}/public/site/{page}" for page in ("index.html", "mutu.html", "dbt.html")
    ]
    assert [app["url_prefix"] for app in plugin.TegakPlugin.fastapi_apps] == ([] if elsewhere else ["/tegak"])


@pytest.mark.parametrize("plugin", [("", "36.04 99.01")], indirect=True)
def test_each_of_several_regencies_has_a_page_of_its_own(
    plugin: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "INSTALLATION", tmp_path)
    hrefs = {view["name"]: view["href"] for view in plugin.TegakPlugin.external_views}
    assert len(hrefs) == 6
    assert hrefs["Mutu data 99.01"] == "/tegak/99.01/public/site/mutu.html"
    apps = {app["url_prefix"]: app["app"] for app in plugin.TegakPlugin.fastapi_apps}
    assert list(apps) == ["/tegak/36.04", "/tegak/99.01"]
    for code in ("36.04", "99.01"):
        switch_current(release(tmp_path / code / "releases", f"of {code}"), tmp_path / code / "current")
    for prefix, app in apps.items():
        code = prefix.rpartition("/")[2]
        with TestClient(app) as client:
            assert client.get("/manifest.json").text == f"of {code} manifest.json"


_LOAD = """
import importlib.util, sys
import airflow.plugins_manager

known = set(sys.modules)
spec = importlib.util.spec_from_file_location("tegak_plugin", sys.argv[1])
spec.loader.exec_module(importlib.util.module_from_spec(spec))
print(sorted({name.split(".")[0] for name in set(sys.modules) - known} & {"starlette", "fastapi", "duckdb"}))
"""


def test_tasks_that_load_the_plugin_load_no_web_server(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "AIRFLOW_HOME": str(tmp_path)}
    command = [sys.executable, "-c", _LOAD, str(PLUGIN)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_gate_and_publish_have_a_button(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEGAK_SITE_URL", raising=False)
    alone, beside = Regency("36.04", True), Regency("36.04", False)
    assert QualityLink(alone).get_link(None, ti_key=None) == "/tegak/public/site/mutu.html"
    assert SiteLink(alone).get_link(None, ti_key=None) == "/tegak/public/site/index.html"
    assert SiteLink(beside).get_link(None, ti_key=None) == "/tegak/36.04/public/site/index.html"


def judged_by_sql(dataset: Dataset) -> Verdict:
    with warehouse.connect() as con:
        return judge_without_gx(con, dataset)


def test_a_gate_tells_the_rows_of_each_delivery(
    data: Path, put: Callable[..., Path], timbang: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "pass_gate", judged_by_sql)
    header = "NIK;Nama;Tgl Lahir;Berat (kg);Jumlah"
    put(timbang, f"{header}\n3604050502210001;SITI;2021-02-05;9,5;1\n", "a\nb.csv", 0)
    for receipts in ingest.receive(timbang):
        assert ingest.load(timbang, receipts) == []
    told = ingest.gate(timbang)
    counts = {"read": 1, "accepted": 1, "quarantined": 0, "duplicate": 0, "superseded": 0}
    assert told["rows"] == counts
    assert told["deliveries"] == [{"period": "2026-10", "file": r"a\nb.csv", "status": "loaded", **counts}]
    assert "SITI" not in str(told)
