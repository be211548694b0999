"""How `make deployment` reads docker-compose.yml; the nights themselves take minutes and are run by hand."""

import re
from pathlib import Path

import pytest
import yaml

from include.keys import make_env_file
from include.settings import ROOT
from tests.deployment import arrival
from tests.deployment.services import COMPOSE, NOWHERE, PORTS, Service, read_services


@pytest.fixture
def described() -> dict:
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    make_env_file(tmp_path / ".env")
    lines = (tmp_path / ".env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def services(tmp_path: Path, keys: dict[str, str]) -> dict[str, Service]:
    return read_services(keys, tmp_path, {name: port + 10000 for name, port in PORTS.items()})


def test_each_replica_is_a_process_with_a_name_of_its_own(services: dict[str, Service], described: dict) -> None:
    workers = [name for name in services if name.startswith("worker")]
    assert len(workers) == described["worker"]["deploy"]["replicas"] == 2
    for name in workers:
        assert services[name].command == [*described["worker"]["command"], "--celery-hostname", name]
        assert services[name].environment["HOSTNAME"] == name


def test_commands_are_the_file_s_own(services: dict[str, Service], described: dict) -> None:
    for name in ("init", "api-server", "dag-processor", "scheduler"):
        assert services[name].command == described[name]["command"]


def test_hosts_and_ports_are_those_of_loopback(services: dict[str, Service], keys: dict[str, str]) -> None:
    environment = services["scheduler"].environment
    password = keys["POSTGRES_PASSWORD"]
    assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].endswith(f"airflow:{password}@127.0.0.1:15432/airflow")
    assert environment["AIRFLOW__CELERY__BROKER_URL"] == f"redis://:{keys['REDIS_PASSWORD']}@127.0.0.1:16379/0"
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:18080/execution/"
    assert services["api-server"].environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert "http://127.0.0.1:18080/api/v2/monitor/health" in services["api-server"].check[2]
    assert "http://127.0.0.1:18974/health" in services["scheduler"].check[2]
    assert services["redis"].check[:3] == ["redis-cli", "-p", "16379"]
    assert "redis-server - --port 16379 " in services["redis"].command[2]


def test_no_word_of_the_file_is_left_unfilled(services: dict[str, Service]) -> None:
    for service in services.values():
        for text in [*service.command, *service.check, *service.environment.values()]:
            assert "${" not in text, service.name
            assert "$$" not in text, service.name


def test_a_missing_key_stops_it(tmp_path: Path, keys: dict[str, str]) -> None:
    del keys["REDIS_PASSWORD"]
    with pytest.raises(KeyError, match="REDIS_PASSWORD"):
        read_services(keys, tmp_path, PORTS)


def test_who_mounts_no_data_can_write_none(services: dict[str, Service], tmp_path: Path) -> None:
    data = {name: service.environment.get("TEGAK_DATA") for name, service in services.items()}
    assert {name for name, place in data.items() if place == str(tmp_path / "data")} == {"worker-1", "worker-2"}
    for name in ("api-server", "dag-processor", "scheduler", "init"):
        assert data[name] == NOWHERE
        with pytest.raises(NotADirectoryError):
            Path(NOWHERE).mkdir(parents=True, exist_ok=True)
        assert "TEGAK_PRIVATE_KEY" not in services[name].environment


def test_containers_share_the_volumes_and_no_other_folder(services: dict[str, Service]) -> None:
    airflow = [service.environment for name, service in services.items() if name not in ("postgres", "redis")]
    assert len({environment["AIRFLOW__LOGGING__BASE_LOG_FOLDER"] for environment in airflow}) == 1
    assert len({environment["AIRFLOW_HOME"] for environment in airflow}) == len(airflow)
    assert len({environment["HOME"] for environment in airflow}) == len(airflow)


def test_the_values_for_kubernetes_say_what_compose_says(described: dict) -> None:
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    values = yaml.safe_load(re.findall(r"(?s)```yaml\n(.*?)```", text)[0])
    worker = described["worker"]
    said = {one["name"]: one["value"] for one in values["env"]}
    assert said == {name: worker["environment"][name] for name in said}
    own = {one["name"]: one.get("value") for one in values["workers"]["env"]}
    assert worker["environment"]["TEGAK_MEMORY"] == f"${{TEGAK_MEMORY:-{own.pop('TEGAK_MEMORY')}}}"
    assert own == dict.fromkeys(("TEGAK_PRIVATE_KEY", "TEGAK_PSEUDONYM_KEY"))  # of the cluster's secret
    assert values["workers"]["resources"]["limits"]["memory"] == f"{worker['deploy']['resources']['limits']['memory']}i"
    assert f"apache-airflow=={values['airflowVersion']} " in (ROOT / "requirements.in").read_text(encoding="utf-8")


def test_a_later_night_keeps_the_order_in_which_an_earlier_one_received(tmp_path: Path, monkeypatch) -> None:
    names = ("b.csv", "c.csv", "a.csv")
    order = [
        f"{place}/{name}" for name in names for place in ("dinkes/penimbangan/2026-01", "dkbp3a/krs_keluarga/2026-Q1")
    ]
    for path in order:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path, encoding="utf-8")
    for setting in ("LANDING", "ARCHIVE"):
        monkeypatch.setattr(f"include.settings.{setting}", tmp_path / "data" / setting)
    arrival.keep(order, tmp_path)
    assert arrival.tell() == order
