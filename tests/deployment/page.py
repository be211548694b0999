"""Airflow's REST API as the person who runs nights uses it: log in, start DAGs, see what runs, read a log."""

import json
import urllib.error
import urllib.request
from typing import Any


class Page:
    """The api-server, with the token of one login."""

    def __init__(self, port: int, name: str, password: str) -> None:
        self._base, self._token = f"http://127.0.0.1:{port}", ""
        self._token = self._ask("POST", "/auth/token", {"username": name, "password": password})["access_token"]

    def unpause(self, dag: str) -> None:
        self._ask("PATCH", f"/api/v2/dags/{dag}", {"is_paused": False})

    def trigger(self, dag: str) -> None:
        self._ask("POST", f"/api/v2/dags/{dag}/dagRuns", {"logical_date": None})

    def dags(self) -> set[str]:
        return {dag["dag_id"] for dag in self._ask("GET", "/api/v2/dags?limit=100")["dags"]}

    def runs(self) -> list[dict[str, Any]]:
        """Return all runs, oldest first."""
        runs: list[dict[str, Any]] = self._ask("GET", "/api/v2/dags/~/dagRuns?limit=100&order_by=start_date")[
            "dag_runs"
        ]
        return runs

    def events_wait(self, dag: str) -> bool:
        """Say whether an asset has changed for which the DAG has not been started yet."""
        try:
            return bool(self._ask("GET", f"/api/v2/dags/{dag}/assets/queuedEvents")["total_entries"])
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return False
            raise

    def tasks(self, state: str) -> list[dict[str, Any]]:
        """Return the newest try of every task in that state."""
        query = f"/api/v2/dags/~/dagRuns/~/taskInstances?state={state}&limit=1000"
        tasks: list[dict[str, Any]] = self._ask("GET", query)["task_instances"]
        return tasks

    def log(self, task: dict[str, Any], attempt: int) -> str:
        """Return what the page shows as the log of one try."""
        place = f"/api/v2/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
        content = self._ask("GET", f"{place}/logs/{attempt}?map_index={task['map_index']}&full_content=true")["content"]
        return "\n".join(line if isinstance(line, str) else line["event"] for line in content)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(self._base + path, method=method)
        request.add_header("Accept", "application/json")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, data, timeout=60) as answer:
            said: dict[str, Any] = json.load(answer)
        return said
