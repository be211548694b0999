"""The keyring of one data folder: the keys that encrypt its files, themselves encrypted by `TEGAK_PRIVATE_KEY`.

`keyring.json` holds one wrap of the same keys per private key that opens it: one, and two while the private key
is being replaced, so that a kill between two files never leaves a keyring that the key in `.env` cannot open.
"""

import hashlib
import json
import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from include.keys import PRIVATE_KEY, KeyProblem, check_private, derive, private_key
from include.private import sync_folder, write_private

FILE = "keyring.json"
MAGIC = b"TEGAKSEALED1"  # the first bytes of every sealed file


@dataclass(frozen=True)
class Keyring:
    """Data keys by id, oldest first: the newest encrypts, all decrypt. `lasting` outlives every rotation."""

    data_keys: dict[str, bytes]
    lasting: bytes

    @property
    def newest(self) -> str:
        return list(self.data_keys)[-1]

    def with_new_key(self) -> "Keyring":
        return replace(self, data_keys=self.data_keys | _new_key())

    def only_newest(self) -> "Keyring":
        return replace(self, data_keys={self.newest: self.data_keys[self.newest]})


def load(folder: Path, key: bytes | None = None) -> Keyring:
    """Return the keyring of a data folder; `key` is the private key of its regency, by default that of this process's.

    Raises `KeyProblem` when it is missing, can be read by others, or is not opened by the private key.
    """
    path = folder / FILE
    key = key or private_key()
    if not path.exists():
        raise KeyProblem(f"There is no {FILE} in the data folder; run make nightly, or put back your copy of it.")
    check_private(path)
    try:
        wraps = json.loads(path.read_text(encoding="utf-8"))["wraps"]
        wrap = wraps.get(_id(key))
        if wrap is None:
            raise KeyProblem(f"{PRIVATE_KEY} does not open {FILE}: it is another installation's key, or an old one.")
        nonce, sealed = bytes.fromhex(wrap["nonce"]), bytes.fromhex(wrap["sealed"])
        keys = json.loads(AESGCM(derive(key, "keyring")).decrypt(nonce, sealed, None))
        return Keyring({i: bytes.fromhex(k) for i, k in keys["data_keys"].items()}, bytes.fromhex(keys["lasting"]))
    except (ValueError, KeyError, TypeError, AttributeError, InvalidTag):
        raise KeyProblem(f"{FILE} is damaged; put back your copy of it.") from None


def load_or_make(folder: Path) -> Keyring:
    """Return the keyring, made new only where nothing lies yet that another keyring has encrypted."""
    if not (folder / FILE).exists():
        key = private_key()
        if leftover := _sealed_without_keyring(folder):
            raise KeyProblem(f"{FILE} is missing, and {leftover} is encrypted with its keys; put back your copy of it.")
        part = folder / f".{FILE}.{os.getpid()}"
        save(part, Keyring(_new_key(), secrets.token_bytes(32)), [key])
        try:
            os.link(part, folder / FILE)
        except FileExistsError:
            pass  # another process was first, its keyring holds
        finally:
            part.unlink()
        sync_folder(folder)
    return load(folder)


def save(path: Path, ring: Keyring, private_keys: list[bytes]) -> None:
    """Write the keyring, opened by each of the private keys, in one step."""
    plain = {"data_keys": {i: k.hex() for i, k in ring.data_keys.items()}, "lasting": ring.lasting.hex()}
    wraps = {}
    for key in private_keys:
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(derive(key, "keyring")).encrypt(nonce, json.dumps(plain).encode(), None)
        wraps[_id(key)] = {"nonce": nonce.hex(), "sealed": sealed.hex()}
    write_private(path, json.dumps({"wraps": wraps}, indent=1).encode())


def _new_key() -> dict[str, bytes]:
    return {secrets.token_hex(4): secrets.token_bytes(32)}


def _id(key: bytes) -> str:
    return hashlib.sha256(derive(key, "id")).hexdigest()[:16]


def _sealed_without_keyring(folder: Path) -> str | None:
    """Return the first file that only a lost keyring opens. A plain one is of a version that did not encrypt."""
    warehouse = folder / "warehouse.duckdb"
    if warehouse.exists() and is_encrypted_database(warehouse):
        return warehouse.name
    for path in [*sorted((folder / "linkage").glob("*.sealed")), *sorted((folder / "archive").rglob("*"))]:
        if path.is_file():
            with path.open("rb") as stream:
                if stream.read(len(MAGIC)) == MAGIC:
                    return str(path.relative_to(folder))
    return None


def is_encrypted_database(path: Path) -> bool:
    """Say whether a DuckDB file is encrypted: the lowest bit of the flags after magic and storage version."""
    with path.open("rb") as stream:
        header = stream.read(28)
    return header[8:12] == b"DUCK" and len(header) == 28 and bool(header[20] & 1)
