"""docker-compose.yml, read as text: a container cannot be started in a test, but all it names can be checked."""

import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from airflow.providers.celery.get_provider_info import get_provider_info

from include.keys import SUPERSET, make_env_file
from include.pages import INDEX
from include.regencies import read_regencies
from include.settings import ROOT
from include.site_app import BESIDE

COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILES = [ROOT / "Dockerfile", ROOT / "include" / "superset" / "Dockerfile"]
LONG_RUNNING = {"postgres", "redis", "api-server", "dag-processor", "scheduler", "worker", "site", "superset"}
INTERPOLATED = re.compile(r"\$\{(\w+)(:[-?])?([^}]*)\}")
SECRET_NAME = re.compile(r"PASSWORD(?!S_FILE)|SECRET|KEY|CONN|CLI_AUTH|BROKER_URL")
SETTINGS = {
    "TEGAK_UID",
    "TEGAK_LOGINS",
    "TEGAK_SMTP_URL",
    "TEGAK_ALERT_TO",
    "TEGAK_ALERT_URL",
    "TEGAK_BOUNDARIES",
    "TEGAK_LANDING",
    "TEGAK_RELEASES",
    "TEGAK_RELEASES_TASK_FORCE",
    "TEGAK_MEMORY",
    "TEGAK_REGENCIES",
    "TEGAK_SUPERSET_REGENCY",
}  # of .env too, but optional

_PARSE = """
import json, sys
from airflow.cli.cli_parser import get_parser

for command in json.load(sys.stdin):
    get_parser().parse_args(command)

from airflow.executors.executor_loader import ExecutorLoader

ExecutorLoader.import_default_executor_cls()  # its packages fit each other
"""


@pytest.fixture(scope="module")
def services() -> dict:
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]


@pytest.fixture(scope="module")
def made_by_keys(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    path = tmp_path_factory.mktemp("keys") / ".env"
    make_env_file(path)
    return {line.partition("=")[0] for line in path.read_text(encoding="utf-8").splitlines()}


def airflow_commands(services: dict) -> list[list[str]]:
    """Return each `airflow ...` that a service or its health check runs, without the word airflow."""
    lines = [service["command"] for service in services.values() if "command" in service]
    lines += [service["healthcheck"]["test"][1:] for service in services.values() if "healthcheck" in service]
    commands = []
    for line in lines:
        parts = [shlex.split(part) for part in re.split(r"&&|\|", line[2])] if line[:2] == ["bash", "-c"] else [line]
        plain = [part[1:] if part[0] == "exec" else part for part in parts]
        commands += [part[1:] for part in plain if part[0] == "airflow"]
    return commands


def environments(services: dict) -> list[tuple[str, str]]:
    """Return every variable that the compose file, airflow.env or the Dockerfile sets."""
    pairs = [pair for service in services.values() for pair in service.get("environment", {}).items()]
    lines = (ROOT / "airflow.env").read_text(encoding="utf-8") + (ROOT / "Dockerfile").read_text(encoding="utf-8")
    return pairs + re.findall(r"(?m)^\s*(?:ENV )?(AIRFLOW__\w+)=(\S+)", lines)


def test_it_follows_the_compose_specification():
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_variable_of_airflow_is_a_setting_of_this_airflow(services):
    package = importlib.util.find_spec("airflow").submodule_search_locations[0]
    described = yaml.safe_load((Path(package) / "config_templates" / "config.yml").read_text(encoding="utf-8"))
    known = {
        f"AIRFLOW__{section}__{option}".upper(): settings
        for section, content in [*described.items(), *get_provider_info()["config"].items()]
        for option, settings in content["options"].items()
    }
    used = {name for name, _ in environments(services) if name.startswith("AIRFLOW__")}
    assert {"AIRFLOW__CORE__EXECUTOR", "AIRFLOW__API__HOST", "AIRFLOW__CORE__DAGS_FOLDER"} <= used
    assert used - known.keys() == set()
    assert [name for name in used if known[name].get("version_deprecated")] == []


def test_every_command_is_one_of_airflow(services, tmp_path):
    commands = airflow_commands(services)
    assert {command[0] for command in commands} == {
        "db",
        "pools",
        "api-server",
        "dag-processor",
        "scheduler",
        "celery",
        "jobs",
    }
    environment = os.environ | {"AIRFLOW_HOME": str(tmp_path)}
    environment["AIRFLOW__CORE__EXECUTOR"] = services["scheduler"]["environment"]["AIRFLOW__CORE__EXECUTOR"]
    subprocess.run([sys.executable, "-c", _PARSE], input=json.dumps(commands), env=environment, text=True, check=True)


@pytest.mark.parametrize("codes", ["", "36.04 99.01"], ids=["one regency", "two"])
def test_the_pools_are_those_of_the_dags(services, codes, monkeypatch):
    """`init` hands to Airflow what `include.regencies` prints; the DAGs' own tests say which pool their tasks have."""
    assert "python -m include.regencies pools | airflow pools import /dev/stdin" in services["init"]["command"][2]
    monkeypatch.setenv("TEGAK_REGENCIES", codes)
    command = [sys.executable, "-m", "include.regencies", "pools"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    pools = json.loads(printed.stdout)
    assert list(pools) == [regency.for_tasks["pool"] for regency in read_regencies()]
    assert {pool["slots"] for pool in pools.values()} == {1}


def test_secrets_come_from_the_file_that_make_writes(services, made_by_keys):
    text = COMPOSE.read_text(encoding="utf-8")
    required = {name for name, kind, _ in INTERPOLATED.findall(text) if kind == ":?"}
    assert required == made_by_keys
    assert {name for name, kind, _ in INTERPOLATED.findall(text) if kind != ":?"} == SETTINGS


def test_no_secret_stands_in_a_file(services):
    for name, value in environments(services):
        if SECRET_NAME.search(name):
            assert ":?run make .env first}" in value, name
            rest = INTERPOLATED.sub("", value)
            assert rest in ("", "postgresql+psycopg2://airflow:@postgres/airflow", "redis://:@redis:6379/0"), name


def test_only_the_workers_see_the_data_and_the_keys_to_it(services):
    for key in ("TEGAK_PSEUDONYM_KEY", "TEGAK_PRIVATE_KEY"):
        assert {name for name, service in services.items() if key in service.get("environment", {})} == {"worker"}
    binds = {
        (name, mount["source"])
        for name, service in services.items()
        for mount in service.get("volumes", [])
        if "bind" in mount
    }
    assert binds == {
        ("worker", "./data"),
        ("superset", "./data"),
        ("site", "./data"),
        ("api-server", "./logins.json"),
    }
    assert {file for service in services.values() for file in service.get("env_file", [])} == {"airflow.env"}


def test_superset_sees_of_the_data_what_everybody_sees(services):
    """It runs as nobody, whom the modes of a release let into the public zone alone, cannot write, and is asked for."""
    superset = services["superset"]
    [bound] = [mount for mount in superset["volumes"] if "bind" in mount]
    assert bound["read_only"] is True
    assert superset["user"] == "65534:65534"
    assert superset["profiles"] == ["superset"]
    assert superset["networks"] == ["outside"]
    assert {name for name in superset["environment"] if SECRET_NAME.search(name)} == set(SUPERSET)


def test_what_it_names_exists(services):
    compose = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    image = dict(re.findall(r"(\w+)=(/\S+)", dockerfile))
    places = {("./data", image["TEGAK_DATA"]), ("./logins.json", "/run/logins.json")}
    for service in services.values():
        assert all((ROOT / file).is_file() for file in service.get("env_file", []))
        assert service.get("build", ".") in (".", {"context": ".", "dockerfile": "include/superset/Dockerfile"})
        for mount in service.get("volumes", []):
            if isinstance(mount, str):
                volume, target = mount.split(":")
                assert volume in compose["volumes"]
                assert target in (
                    image["AIRFLOW__LOGGING__BASE_LOG_FOLDER"],
                    "/var/lib/postgresql/data",
                    "/var/lib/superset",
                )
            else:
                assert (mount["source"], mount["target"]) in places
        assert set(service["networks"]) <= compose["networks"].keys()
        assert set(service.get("depends_on", {})) <= services.keys()
    for file in DOCKERFILES:
        copied = re.findall(r"(?m)^COPY (?!--)(.+) \S+$", file.read_text(encoding="utf-8"))
        assert copied
        assert all((ROOT / source).exists() for line in copied for source in line.split())


def test_the_build_sees_what_it_copies_and_nothing_else():
    dockerfiles = "".join(file.read_text(encoding="utf-8") for file in DOCKERFILES)
    copied = {name for line in re.findall(r"(?m)^COPY (?!--)(.+) \S+$", dockerfiles) for name in line.split()}
    copied.remove("include/superset")  # lies in include
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert next(line for line in ignore if not line.startswith("#")) == "*"
    assert {line[1:] for line in ignore if line.startswith("!")} == copied


def test_images_are_pinned_to_a_patch_release(services):
    dockerfiles = "".join(file.read_text(encoding="utf-8") for file in DOCKERFILES)
    images = set(re.findall(r"(?m)^FROM (\S+)", dockerfiles))
    images |= {services[name]["image"] for name in ("postgres", "redis", "site")}
    pinned = r"(python:3\.\d+|postgres:\d+|redis:7\.\d+|nginxinc/nginx-unprivileged:1\.\d+)\.\d+-[\w-]+"
    assert all(re.fullmatch(pinned, image) for image in images), images


def test_what_runs_for_long_is_watched_limited_and_without_rights(services):
    assert services.keys() - {"init"} == LONG_RUNNING
    for name, service in services.items():
        limits = service["deploy"]["resources"]["limits"]
        assert float(limits["cpus"]) > 0
        assert re.fullmatch(r"\d+[MG]", limits["memory"])
        assert service["user"] not in ("root", "0")
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}
        if name in LONG_RUNNING:
            assert service["restart"] == "unless-stopped"
            assert service["healthcheck"]["test"][0] == "CMD"
    assert services["init"]["restart"].startswith("on-failure")


def test_services_start_after_what_they_need(services):
    for name in ("api-server", "dag-processor", "scheduler", "worker"):
        assert services[name]["depends_on"]["init"] == {"condition": "service_completed_successfully"}
    for name in ("scheduler", "worker"):
        assert services[name]["depends_on"]["redis"] == {"condition": "service_healthy"}
    assert services["init"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_a_task_is_given_out_again_only_when_it_can_run_no_more(services):
    """Redis gives an unanswered message to another worker: before the longest task ends that would be a second writer."""
    seconds = services["worker"]["environment"]["AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT"]
    dags = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "dags").glob("*.py"))
    limits = [int(hours) for hours in re.findall(r'"execution_timeout": pendulum\.duration\(hours=(\d+)\)', dags)]
    assert len(limits) == 3
    assert int(seconds) > max(limits) * 3600


def test_two_workers_share_what_a_task_needs(services):
    worker = services["worker"]
    assert worker["deploy"]["replicas"] == 2
    assert worker["environment"]["AIRFLOW__CELERY__WORKER_CONCURRENCY"] == "1"
    assert worker["volumes"][0] in services["api-server"]["volumes"]  # the page reads their logs


def test_the_page_is_published_on_this_machine_only(services):
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {
        "api-server": ["127.0.0.1:8080:8080"],
        "site": ["127.0.0.1:8081:8080"],
        "superset": ["127.0.0.1:8088:8088"],
    }
    outside = {
        name: service["networks"] for name, service in services.items() if set(service["networks"]) != {"inside"}
    }
    assert outside == {"api-server": ["inside", "outside"], "site": ["site"], "superset": ["outside"]}
    assert yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["networks"]["inside"]["internal"] is True


def test_the_site_is_read_by_a_user_who_may_read_the_public_zone_only(services):
    """The modes of a release keep the rest from it (test_access.py); its id is neither root's nor a person's."""
    site = services["site"]
    assert site["user"] == "101:101"
    assert services["worker"]["user"] != site["user"]
    [mount] = site["volumes"]
    assert mount["read_only"] is True
    assert "environment" not in site
    assert "env_file" not in site


def test_both_servers_show_the_same_addresses(services):
    """nginx under docker-compose and the mount of `make up`: whoever links to one links to the other."""
    settings = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["configs"]["site"]["content"]
    shown = {place for place in re.findall(r"location =? ?(/\S*) \{ ", settings) if place not in ("/", "/health")}
    assert shown == {"/public/", *(f"/{name}" for name in BESIDE)}
    _, several = re.findall(r'location ~ "(.*)" \{', settings)
    for name in ("public/site/index.html", *BESIDE):
        found = re.fullmatch(several.replace("(?<", "(?P<").replace("$$", "$"), f"/36.04/{name}")
        assert found is not None, name
        assert found.groupdict() == {"regency": "36.04", "file": name}
    assert "alias /data/$$regency/current/$$file;" in settings
    assert f"return 302 /public/site/{INDEX};" in settings
    assert "root /data/current;" in settings
    for name in ("api-server", "worker"):
        assert (
            services[name]["environment"]["TEGAK_SITE_URL"]
            == f"http://{services['site']['ports'][0].rpartition(':')[0]}"
        )


def test_no_server_of_logs_listens(services):
    """Airflow starts one on all addresses for who runs tasks, unless it is told not to."""
    assert "--skip-serve-logs" in services["worker"]["command"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.findall(r"airflow (?:scheduler|celery worker|standalone)[^&;\n]*", makefile) == [
        "airflow scheduler --skip-serve-logs "
    ]
