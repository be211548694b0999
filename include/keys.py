"""Makes the secrets of one installation on its first run: `.env`, readable by its owner only.

`make` and docker-compose read the same file. The pseudonym key decides every child's published pseudonym: keep
a copy in a safe place, a new key makes new pseudonyms.
"""

import base64
import os
import secrets
from pathlib import Path

from include.settings import ROOT

ENV_FILE = ROOT / ".env"
PSEUDONYM_KEY = "TEGAK_PSEUDONYM_KEY"


class KeyProblem(Exception):
    """A key is missing or its file can be read by others; the message says what to do."""


def make_env_file(path: Path = ENV_FILE) -> None:
    """Write the secrets unless they are there; raise `KeyProblem` when others can read the file."""
    if path.exists():
        check_private(path)
        return
    secrets_made = {
        PSEUDONYM_KEY: secrets.token_hex(32),
        "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "POSTGRES_PASSWORD": secrets.token_hex(16),
    }
    body = "".join(f"{name}={value}\n" for name, value in secrets_made.items())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(body)


def check_private(path: Path) -> None:
    """Raise `KeyProblem` when anybody but the owner may read the file."""
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise KeyProblem(f"{path.name} has mode {mode:o}, others can read the keys in it; run chmod 600 {path.name}.")


def pseudonym_key() -> bytes:
    """Return the key of the published pseudonyms; raise `KeyProblem` when it is missing or too short."""
    key = os.environ.get(PSEUDONYM_KEY, "")
    if len(key) < 32:
        raise KeyProblem(f"{PSEUDONYM_KEY} is not set or shorter than 32 characters; `make` takes it from .env.")
    return key.encode()


if __name__ == "__main__":
    make_env_file()
