"""Makes the secrets of one installation on its first run: `.env`, readable by its owner only.

`make` and docker-compose read the same file. The pseudonym key decides every child's published pseudonym, the
private key opens the keyring of everything that lies encrypted: keep a copy of both in a safe place. A new
pseudonym key makes new pseudonyms; without the private key the archive cannot be read again.
"""

import base64
import os
import re
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from include import settings
from include.problem import Problem, run
from include.regencies import Regency

ENV_FILE = settings.ROOT / ".env"
PSEUDONYM_KEY = "TEGAK_PSEUDONYM_KEY"
PRIVATE_KEY = "TEGAK_PRIVATE_KEY"
REDIS = "REDIS_PASSWORD"  # pragma: allowlist secret
SUPERSET = ("TEGAK_SUPERSET_KEY", "TEGAK_SUPERSET_PASSWORD")  # pragma: allowlist secret


class KeyProblem(Problem):
    """A key is missing or wrong, or its file can be read by others; the message is one sentence and holds no key."""


def make_env_file(path: Path = ENV_FILE) -> None:
    """Write the secrets that are not there yet; raise `KeyProblem` when others can read the file."""
    there = _read(path) if path.exists() else {}
    made = {
        PSEUDONYM_KEY: secrets.token_hex(32),
        PRIVATE_KEY: secrets.token_hex(32),
        "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "POSTGRES_PASSWORD": secrets.token_hex(16),
        REDIS: secrets.token_hex(16),
        **{name: secrets.token_hex(16) for name in SUPERSET},
    }
    missing = {name: value for name, value in made.items() if name not in there}
    if there.keys() & {PSEUDONYM_KEY, PRIVATE_KEY}:  # an installation, perhaps from before there were these
        missing = {name: value for name, value in missing.items() if name in (PRIVATE_KEY, REDIS, *SUPERSET)}
    if missing:
        _write(path, missing, path.read_text(encoding="utf-8") if path.exists() else "")


def check_holds_private_key(key: bytes, path: Path = ENV_FILE) -> None:
    """Raise `KeyProblem` when the key in use is not the file's: nobody would find the new one."""
    if not path.exists() or _read(path).get(PRIVATE_KEY) != key.hex():
        raise KeyProblem(f"{PRIVATE_KEY} does not come from {path.name}: rotate it where that file lies.")


def replace_private_key(new: bytes, path: Path = ENV_FILE) -> None:
    """Put a new private key into the file in one step."""
    text = re.sub(rf"^{PRIVATE_KEY}=.*\n?", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    _write(path, {PRIVATE_KEY: new.hex()}, text)


def check_private(path: Path) -> None:
    """Raise `KeyProblem` when anybody but the owner may read the file."""
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise KeyProblem(f"{path.name} has mode {mode:o}, others can read the keys in it; run chmod 600 {path.name}.")


def derive(key: bytes, purpose: str, salt: bytes | None = None) -> bytes:
    """Return a key of 32 bytes for one purpose."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=f"tegak {purpose}".encode()).derive(key)


def pseudonym_key() -> bytes:
    """Return the key of the regency's published pseudonyms; raise `KeyProblem` when it is missing or too short.

    Where there are several regencies each has its own, so one NIK has a pseudonym in each.
    """
    key = os.environ.get(PSEUDONYM_KEY, "")
    if len(key) < 32:
        raise KeyProblem(f"{PSEUDONYM_KEY} is not set or shorter than 32 characters; `make` takes it from .env.")
    return pseudonym_key_of(settings.REGENCY, key)


def pseudonym_key_of(regency: Regency, key: str) -> bytes:
    """Return a regency's own pseudonym key: that of the installation when it is alone."""
    return key.encode() if regency.is_alone else derive(key.encode(), f"pseudonyms {regency.code}").hex().encode()


def private_key() -> bytes:
    """Return the 32 bytes that open the regency's keyring; raise `KeyProblem` as `installation_key` does."""
    return private_key_of(settings.REGENCY, installation_key())


def private_key_of(regency: Regency, key: bytes) -> bytes:
    """Return a regency's own private key: that of the installation when it is alone, else one that opens no other's."""
    return key if regency.is_alone else derive(key, f"private {regency.code}")


def installation_key() -> bytes:
    """Return the 32 bytes of the private key in `.env`; raise `KeyProblem` when they are missing or their file is open."""
    if ENV_FILE.exists():
        check_private(ENV_FILE)
    text = os.environ.get(PRIVATE_KEY, "")
    if not text:
        raise KeyProblem(f"{PRIVATE_KEY} is not set; `make` takes it from .env.")
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise KeyProblem(f"{PRIVATE_KEY} is not 64 hexadecimal digits; take it from your copy of .env.")
    return bytes.fromhex(text)


def _read(path: Path) -> dict[str, str]:
    check_private(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _write(path: Path, added: dict[str, str], text: str) -> None:
    if text and not text.endswith("\n"):
        text += "\n"
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text + "".join(f"{name}={value}\n" for name, value in added.items()))
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


if __name__ == "__main__":
    run(make_env_file)
