"""Airflow's page on a server: names and passwords of its own, a role each, the configuration hidden."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from include.keys import KeyProblem
from include.logins import DEFAULT, FILE, USERS, check_logins, names, write_logins
from include.settings import ROOT
from tests.night import Night

# The api-server's own application, asked without a socket: it prints the status of each request.
_ASK = """
import json, sys
from airflow.api_fastapi.app import create_app
from fastapi.testclient import TestClient

with TestClient(create_app(apps="all"), base_url="http://127.0.0.1:8080") as client:
    def statuses(headers):
        dag = "/api/v2/dags/stunting_mart"
        return {
            "dags": client.get("/api/v2/dags", headers=headers).status_code,
            "pause": client.patch(dag, headers=headers, json={"is_paused": True}).status_code,
            "connections": client.get("/api/v2/connections", headers=headers).status_code,
            "config": client.get("/api/v2/config", headers=headers).status_code,
        }

    found = {"nobody": statuses({})}
    for name, password in [*json.load(open(sys.argv[1])).items(), ("admin", "guessed")]:
        answer = client.post("/auth/token", json={"username": name, "password": password})
        token = answer.json().get("access_token")
        found[f"{name} {password}" if token is None else name] = (
            statuses({"Authorization": f"Bearer {token}"}) if token else answer.status_code
        )
print("ANSWERS " + json.dumps(found))
"""


@pytest.fixture(scope="module")
def answers(night: Night, tmp_path_factory: pytest.TempPathFactory) -> dict:
    home = tmp_path_factory.mktemp("server")
    shutil.copy(night.home / "airflow" / "airflow.db", home)
    write_logins(DEFAULT, home / "logins.json")
    lines = (ROOT / "airflow.env").read_text(encoding="utf-8").splitlines()
    plain = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    environment = os.environ | plain | {"AIRFLOW_HOME": str(home), USERS: DEFAULT, FILE: str(home / "logins.json")}
    done = subprocess.run(
        [sys.executable, "-c", _ASK, str(home / "logins.json")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    passwords = json.loads((home / "logins.json").read_text(encoding="utf-8")).values()
    assert not [password for password in passwords if password in done.stdout + done.stderr]
    [line] = [line for line in done.stdout.splitlines() if line.startswith("ANSWERS ")] or pytest.fail(done.stderr)
    return json.loads(line.removeprefix("ANSWERS "))


def test_nobody_gets_in_without_a_password(answers):
    assert answers["nobody"] == dict.fromkeys(("dags", "pause", "connections", "config"), 401)
    assert answers["admin guessed"] == 401


def test_a_role_bounds_what_one_may_do(answers):
    assert answers["admin"] == {"dags": 200, "pause": 200, "connections": 200, "config": 403}
    assert answers["operator"] == {"dags": 200, "pause": 200, "connections": 200, "config": 403}
    assert answers["pembaca"] == {"dags": 200, "pause": 403, "connections": 403, "config": 403}


def test_passwords_stay_and_who_is_no_longer_named_loses_his(tmp_path: Path):
    path = tmp_path / "logins.json"
    write_logins("ani:admin,budi:viewer", path)
    first = json.loads(path.read_text(encoding="utf-8"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert min(len(password) for password in first.values()) >= 16
    write_logins("ani:admin, citra:op", path)
    second = json.loads(path.read_text(encoding="utf-8"))
    assert second.keys() == {"ani", "citra"}
    assert second["ani"] == first["ani"]


def test_a_server_does_not_start_before_each_name_has_a_password(tmp_path: Path):
    path = tmp_path / "logins.json"
    with pytest.raises(KeyProblem, match="ani in TEGAK_LOGINS: no password in logins.json yet; run make logins"):
        check_logins("ani:admin", path)
    write_logins("ani:admin", path)
    check_logins("ani:admin", path)
    path.chmod(0o644)
    with pytest.raises(KeyProblem, match="others can read"):
        check_logins("ani:admin", path)


@pytest.mark.parametrize(
    ("users", "problem"), [("ani", "not name:role"), ("ani:king", "not name:role"), ("ani:op,ani:op", "stands twice")]
)
def test_a_wrong_name_is_said(users, problem):
    with pytest.raises(KeyProblem, match=problem):
        names(users)


def test_all_are_administrators_on_this_machine_only():
    """The word stands in one line of the Makefile, which binds the page to 127.0.0.1; a server's files lack it."""
    word = "SIMPLE_AUTH_MANAGER_ALL_ADMINS"
    files = [ROOT / name for name in ("Makefile", "airflow.env", "docker-compose.yml", "Dockerfile")]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines() if word in line]
    assert len(lines) == 1
    assert "AIRFLOW__API__HOST=127.0.0.1" in lines[0]
    assert "airflow api-server" in lines[0]


def test_compose_asks_for_names_and_checks_them_first():
    server = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]["api-server"]
    assert server["environment"][USERS] == f"${{TEGAK_LOGINS:-{DEFAULT}}}"
    [mount] = [mount for mount in server["volumes"] if isinstance(mount, dict)]
    assert (mount["source"], mount["target"]) == ("./logins.json", server["environment"][FILE])
    assert server["command"][2].startswith("python -m include.logins check && ")
