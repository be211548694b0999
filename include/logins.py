"""`make logins`: the passwords with which people open Airflow's page on a server, `logins.json`, mode 0600.

Who they are is `TEGAK_LOGINS` in `.env`, name:role with comma between, roles viewer, user, op, admin. Airflow would make
the passwords itself and print them into its log; here they stand in the file only, and the server starts only when each
name has one. Airflow keeps them as plain text: the file is a secret as `.env` is.
"""

import json
import os
import secrets
import sys
from pathlib import Path

from include.keys import KeyProblem, check_private
from include.problem import run
from include.settings import ROOT

USERS = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"
FILE = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"
ROLES = {"viewer", "user", "op", "admin"}
# the same who can look, who can run and stop a night, who can do all
DEFAULT = "admin:admin,operator:op,pembaca:viewer"


def names(users: str) -> list[str]:
    """Return the names of name:role pairs; raise `KeyProblem` for what Airflow would not understand."""
    pairs = [pair.strip().split(":") for pair in users.split(",")]
    if wrong := [":".join(pair) for pair in pairs if len(pair) != 2 or not pair[0] or pair[1] not in ROLES]:
        raise KeyProblem(f"TEGAK_LOGINS: {wrong[0]!r} is not name:role with a role of {', '.join(sorted(ROLES))}.")
    found = [name for name, _ in pairs]
    if twice := [name for name in found if found.count(name) > 1]:
        raise KeyProblem(f"TEGAK_LOGINS: {twice[0]} stands twice.")
    return found


def write_logins(users: str, path: Path) -> None:
    """Give each name a password, keep those there are, forget who is no longer named."""
    known = _read(path) if path.exists() else {}
    logins = {name: known.get(name) or secrets.token_urlsafe(12) for name in names(users)}
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(json.dumps(logins, indent=1) + "\n")
    part.replace(path)


def check_logins(users: str, path: Path) -> None:
    """Raise `KeyProblem` when a name has no password yet: Airflow would make one and print it."""
    known = _read(path) if path.exists() else {}
    if missing := [name for name in names(users) if not known.get(name)]:
        raise KeyProblem(f"{', '.join(missing)} in TEGAK_LOGINS: no password in {path.name} yet; run make logins.")


def _read(path: Path) -> dict[str, str]:
    check_private(path)
    return json.loads(path.read_text(encoding="utf-8") or "{}")


def main() -> int:
    """Write the file, or with `check` only look whether it is complete; raise `KeyProblem` when not."""
    if sys.argv[1:] == ["check"]:
        check_logins(os.environ[USERS], Path(os.environ[FILE]))
    else:
        write_logins(os.environ.get("TEGAK_LOGINS") or DEFAULT, ROOT / "logins.json")
        print("logins.json has the passwords; give each person their own.")
    return 0


if __name__ == "__main__":
    run(main)
