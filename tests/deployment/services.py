"""docker-compose.yml as processes of this machine: commands, environment and health checks are the file's own words.

Only what an engine gives each container is put in its place: a host's name and port become a port of loopback, a folder
of the image one below `folder`, and data that a service does not mount a place where nothing can be written.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from include.settings import ROOT

COMPOSE = ROOT / "docker-compose.yml"
MIRRORED = ("postgres", "redis", "init", "api-server", "dag-processor", "scheduler", "worker")
PORTS = {"postgres": 5432, "redis": 6379, "api-server": 8080, "scheduler": 8974}
NOWHERE = "/dev/null/not_mounted"
# where the service itself is told its port: the file leaves it to the program
PORT_SETTINGS = {
    "postgres": "PGPORT",
    "api-server": "AIRFLOW__API__PORT",
    "scheduler": "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT",
}
_VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}")


@dataclass(frozen=True)
class Service:
    """One container as a process: its command, the whole of its environment, and how it is asked for its health."""

    name: str
    command: list[str]
    environment: dict[str, str]
    check: list[str]


def read_services(keys: dict[str, str], folder: Path, ports: dict[str, int]) -> dict[str, Service]:
    """Return the mirrored services by name, one for each replica (`worker-1`, `worker-2`).

    `keys` is what `.env` holds, `ports` the port of loopback of each name in `PORTS`.
    """
    described = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    found = {}
    for name in MIRRORED:
        replicas = described[name].get("deploy", {}).get("replicas", 1)
        for service in [name] if replicas == 1 else [f"{name}-{number}" for number in range(1, replicas + 1)]:
            found[service] = _read(name, service, described[name], keys, folder, ports)
    return found


def _read(
    name: str, service: str, described: dict[str, Any], keys: dict[str, str], folder: Path, ports: dict[str, int]
) -> Service:
    places = _places(service, described, folder)

    def here(text: str) -> str:
        return _filled(_moved(text, name, places, ports), keys)

    environment = {"HOSTNAME": service, "LANG": "C.UTF-8"}
    if "build" in described:
        environment |= {key: here(value) for key, value in image_environment().items()}
    for file in described.get("env_file", []):
        lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
        environment |= dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    environment |= {key: here(value) for key, value in described.get("environment", {}).items()}
    environment |= {PORT_SETTINGS[name]: str(ports[name])} if name in PORT_SETTINGS else {}
    environment.setdefault("PATH", "/usr/bin:/bin")
    command = [here(part) for part in described.get("command", [])]
    if service != name:  # two containers have two host names
        command += ["--celery-hostname", service]
    check = [here(part) for part in described.get("healthcheck", {}).get("test", ["CMD"])[1:]]
    if name == "redis":  # it and its client are told their port by an argument alone
        command = [part.replace("redis-server -", f"redis-server - --port {ports[name]}") for part in command]
        check[1:1] = ["-p", str(ports[name])]
    return Service(service, command, environment, check)


def image_environment() -> dict[str, str]:
    """Return the variables that the Dockerfile's last stage sets."""
    last = (ROOT / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    [block] = re.findall(r"(?m)^ENV ((?:.*\\\n)*.*)$", last)
    return dict(pair.split("=", 1) for pair in block.replace("\\\n", " ").split())


def _places(service: str, described: dict[str, Any], folder: Path) -> dict[str, str]:
    """Return where each folder of the container lies here."""
    places = {"/opt/tegak": str(ROOT), "/opt/venv": str(ROOT / ".venv"), "/data": NOWHERE, "/var/log/airflow": NOWHERE}
    for mount in described.get("tmpfs", []):
        target = mount.partition(":")[0]
        places[target] = str(folder / "containers" / service / target.strip("/").replace("/", "_"))
    for mount in described.get("volumes", []):
        if isinstance(mount, str):
            volume, target = mount.split(":")
            places[target] = str(folder / "volumes" / volume)
        else:
            places[mount["target"]] = str(folder / mount["source"])
    return places


def _moved(text: str, name: str, places: dict[str, str], ports: dict[str, int]) -> str:
    """Put what is here into the place of a container's folders, hosts and ports."""
    known = "|".join(re.escape(place) for place in sorted(places, key=len, reverse=True))
    text = re.sub(rf"(?<![\w/.])(?:{known})(?![\w-])", lambda found: places[found[0]], text)
    for host, port in PORTS.items():
        text = re.sub(rf"\b{host}:{port}\b", f"127.0.0.1:{ports[host]}", text)
        text = text.replace(f"@{host}/", f"@127.0.0.1:{ports[host]}/")
        if host == name:  # asks itself for its health
            text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{ports[host]}")
    return "127.0.0.1" if text == "0.0.0.0" else text.replace("$PATH", "/usr/bin:/bin")


def _filled(text: str, keys: dict[str, str]) -> str:
    """Put the values of `.env` in, as docker-compose does; raise `KeyError` for a missing one that must be there."""

    def value(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        if found[2] == "-":
            return keys.get(found[1]) or found[3]
        return keys[found[1]]

    return _VARIABLE.sub(value, text)
